package transaction

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary runs itself as a process that can be killed. An order comes
// on its standard input.
const applierVariable = "TRANSACTION_TEST_APPLIER"

func TestMain(m *testing.M) {
	if os.Getenv(applierVariable) == "" {
		os.Exit(m.Run())
	}
	if err := applier(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// order is what the other process has to do.
type order struct {
	Do     string // apply, rollback, finish, undo
	Ops    []Op
	Roots  []string
	KillAt int // the call that changes something before which it kills itself; 0 for none
}

func applier(in io.Reader) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return err
	}
	calls := 0
	options := Options{Wait: true, disk: disk{trap: func(call, _ string, after bool) error {
		if after || call == "lstat" || call == "open" || call == "read" {
			return nil
		}
		if calls++; calls == o.KillAt {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}}}
	fmt.Println("ready")
	ctx := context.Background()
	switch o.Do {
	case "apply":
		_, err := Apply(ctx, o.Ops, options)
		return err
	case "rollback":
		_, err := Rollback(ctx, o.Roots, options)
		return err
	}
	all, err := Pending(ctx, o.Roots)
	if err != nil || len(all) != 1 {
		return fmt.Errorf("%d transactions, %w", len(all), err)
	}
	_, err = Recover(ctx, all[0], o.Do == "finish", options)
	return err
}

// run carries out an order in another process and returns whether it was
// killed. A delay of at least 0 is how long after its start it is killed.
func (o order) run(t *testing.T, delay time.Duration) (killed bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), applierVariable+"=1")
	cmd.Stdin = bytes.NewReader(input)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Errorf("no sign of the other process: %v", err)
	}
	if delay >= 0 {
		defer time.AfterFunc(delay, func() { cmd.Process.Kill() }).Stop()
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		return true
	}
	t.Fatalf("%s: %v: %s", o.Do, err, stderr.String())
	return false
}

// aftermath checks what a killed process left, and ends it in the given way.
func aftermath(t *testing.T, w world, old, new tree, end string) {
	t.Helper()
	mixed(t, snapshot(t, w.dir), old, new)
	all, err := Pending(t.Context(), w.roots())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		same(t, "without a journal", old, snapshot(t, w.dir))
		return
	}
	for _, root := range w.roots() {
		if found, err := Pending(t.Context(), []string{root}); err != nil || len(found) != 1 || found[0].ID != all[0].ID || found[0].Running {
			// A root whose pointer is gone is one that is old already: the
			// transaction is being forgotten.
			if err != nil || all[0].Phase != Undoing {
				t.Errorf("%s does not know of the transaction: %v, %v", root, found, err)
			}
		}
	}
	want := old
	switch {
	case all[0].Phase == Done:
		same(t, "done", new, snapshot(t, w.dir))
		end = "rollback"
	case end == "finish" && all[0].Phase != Committing:
		end = "undo"
	case end == "finish":
		want = new
	}
	switch end {
	case "rollback":
		_, err = Rollback(t.Context(), w.roots(), Options{})
	default:
		_, err = Recover(t.Context(), all[0], end == "finish", Options{})
	}
	var refused *RefusedError
	if end == "finish" && errors.As(err, &refused) && !all[0].Running {
		// Undoing it had begun: the new contents are gone.
		want = old
		_, err = Recover(t.Context(), all[0], false, Options{})
	}
	if err != nil {
		t.Fatalf("%s after %s: %v", end, all[0].Phase, err)
	}
	now := snapshot(t, w.dir)
	clean(t, now)
	same(t, end+" after "+string(all[0].Phase), want, now)
	if left, err := Pending(t.Context(), w.roots()); err != nil || len(left) > 0 && left[0].Phase != Done {
		t.Errorf("still pending: %v, %v", left, err)
	}
}

var endings = []string{"undo", "finish", "rollback"}

// An apply, a rollback and both kinds of recovery are killed before each call
// that changes something, and so in every state that they leave on the disk.
func TestKilledEverywhere(t *testing.T) {
	for _, do := range []string{"apply", "rollback", "undo", "finish"} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				w := sample(t, memory(t))
				old := snapshot(t, w.dir)
				switch do {
				case "rollback":
					if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
						t.Fatal(err)
					}
				case "undo", "finish":
					interrupt(t, w)
				}
				o := order{Do: do, Ops: w.ops, Roots: w.roots(), KillAt: n}
				if !o.run(t, -1) {
					if n < 15 {
						t.Errorf("only %d calls", n)
					}
					return
				}
				aftermath(t, w, old, w.wanted(t, old), endings[n%3])
				if t.Failed() {
					t.Fatalf("killed at call %d", n)
				}
			}
		})
	}
}

// An apply is killed at random moments, and so is each try to end it.
func TestKilledAnytime(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	w := build(t, memory(t))
	start := time.Now()
	order{Do: "apply", Ops: w.ops}.run(t, -1)
	whole := time.Since(start)
	kills := 0
	for round := 0; kills < 200; round++ {
		w := build(t, memory(t))
		old := snapshot(t, w.dir)
		new := w.wanted(t, old)
		moment := func() time.Duration { return time.Duration(r.Int64N(int64(whole) + 1)) }
		if !(order{Do: "apply", Ops: w.ops}).run(t, moment()) {
			same(t, "not killed", new, snapshot(t, w.dir))
		} else {
			kills++
		}
		for range 3 {
			all, err := Pending(t.Context(), w.roots())
			if err != nil {
				t.Fatal(err)
			}
			if len(all) == 0 {
				break
			}
			mixed(t, snapshot(t, w.dir), old, new)
			do := "undo"
			if all[0].Phase == Done {
				do = "rollback"
			}
			if (order{Do: do, Roots: w.roots()}).run(t, moment()) {
				kills++
			}
		}
		aftermath(t, w, old, new, endings[round%3])
		if t.Failed() {
			t.Fatalf("round %d of the seed %d", round, seed)
		}
	}
}
