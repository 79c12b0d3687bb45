package transaction

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/diff"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// gamble fills dir with random files, and returns random changes of them in
// both forms: as the diff shows them and as the transaction makes them.
func gamble(t *testing.T, r *rand.Rand, dir string) (files []diff.File, ops []Op) {
	t.Helper()
	text := func(n int) string {
		var b strings.Builder
		for range r.IntN(n) {
			b.WriteString([]string{"tutor ", "x", "\t", "\n", "\r\n", "\xff", "é", "\x00"}[r.IntN(8)])
		}
		return b.String()
	}
	names := []string{"f%d", "a b/%d", "deep/er/%d", "q\"\t%d", "n\n%d", "ü%d", "\xfe%d"}
	modes := []fs.FileMode{0o644, 0o755}
	for i := range 1 + r.IntN(8) {
		path := fmt.Sprintf(names[r.IntN(len(names))], i)
		before, mode := text(50), modes[r.IntN(2)]
		c := edit.Change{File: edit.File{Path: path}}
		switch r.IntN(5) {
		case 0:
			c.Create = &edit.Creation{Content: before, Mode: mode}
		case 1:
			c.Delete = true
		default:
			c.Mode = []fs.FileMode{0, 0, 0o644, 0o755}[r.IntN(4)]
			for at := r.IntN(10); at < len(before); at += 1 + r.IntN(20) {
				end := min(len(before), at+r.IntN(5))
				c.Edits = append(c.Edits, edit.Edit{Start: at, End: end, New: text(4)})
				at = end
			}
		}
		f := diff.File{Path: path, Edits: c.Edits, NewMode: c.NewMode(mode)}
		op := Op{Root: dir, Path: path}
		if c.Create != nil {
			f = diff.Created(path, []byte(before), mode)
		} else {
			plant(t, dir, path, before, mode)
			f.Before, f.OldMode = []byte(before), mode
			op.Before = Take([]byte(before), mode)
		}
		content, exists, err := c.Result([]byte(before))
		if err != nil {
			t.Fatal(err)
		}
		op.After = State{Exists: exists, Content: content, Mode: c.NewMode(mode)}
		files, ops = append(files, f), append(ops, op)
	}
	return files, ops
}

// What is shown is what is done: git apply makes of the diff what the
// transaction makes of the plan. Doing it twice is refused, and the way back
// leads to where it began.
func TestDiffIsApplyIsUndone(t *testing.T) {
	program.Find(t, "git")
	r := rand.New(rand.NewPCG(11, 12))
	for round := range 60 {
		seed := r.Uint64()
		shown, done := memory(t), memory(t)
		files, ops := gamble(t, rand.New(rand.NewPCG(seed, 0)), done)
		gamble(t, rand.New(rand.NewPCG(seed, 0)), shown)
		old := snapshot(t, done)
		var patch bytes.Buffer
		if err := diff.Unified(&patch, files); err != nil {
			t.Fatal(err)
		}
		if patch.Len() > 0 {
			cmd := exec.Command("git", "apply", "--whitespace=nowarn")
			cmd.Dir, cmd.Stdin = shown, &patch
			cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(shown), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("round %d: %v: %s", round, err, out)
			}
		}
		out, err := Apply(t.Context(), ops, Options{})
		if err != nil {
			t.Fatal(err)
		}
		new := snapshot(t, done)
		same(t, "git apply and apply", blur(snapshot(t, shown)), blur(new))
		if out.New == 0 {
			continue
		}
		if err := Verify(t.Context(), ops); err == nil {
			t.Error("the same operations could be applied again")
		}
		if out, err := Rollback(t.Context(), []string{done}, Options{}); err != nil || len(out.Refused) > 0 {
			t.Fatalf("%+v, %v", out, err)
		}
		same(t, "apply and rollback", old, snapshot(t, done))
	}
}

// blur leaves of the modes what git knows, and of the directories none: git
// removes those that become empty.
func blur(tr tree) tree {
	out := tree{}
	for path, state := range tr {
		if state != "dir" {
			out[path] = state[3:4] + state[10:]
		}
	}
	return out
}
