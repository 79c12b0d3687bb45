package transaction

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A faulty disk fails at its nth call, before or after the call has its
// effect, and from then on as often as lasting says.
type faulty struct {
	n, lasting int
	after      bool
	err        error
	calls      int
	hit        string // the call that failed first
}

func (f *faulty) disk() disk {
	return disk{trap: func(call, name string, after bool) error {
		if after != f.after {
			return nil
		}
		f.calls++
		if f.calls < f.n || f.calls >= f.n+f.lasting {
			return nil
		}
		if f.hit == "" {
			f.hit = call + " " + name
		}
		return f.err
	}}
}

// faults calls test with a disk that fails at each call that work makes, once
// for each error, before and after its effect
func faults(t *testing.T, lasting int, test func(t *testing.T, f *faulty) (over bool), errs ...error) {
	for _, err := range errs {
		for _, after := range []bool{false, true} {
			if after && err != syscall.EIO || !after && lasting > 1 {
				// What has had its effect has it whatever the error. And
				// a disk that stays broken is the same after one call as
				// before the next.
				continue
			}
			t.Run(fmt.Sprintf("%v/after=%v", err, after), func(t *testing.T) {
				t.Parallel()
				for n := 1; ; n++ {
					f := &faulty{n: n, lasting: lasting, after: after, err: err}
					if test(t, f) {
						if n < 50 {
							t.Errorf("only %d calls", n)
						}
						return
					}
					if t.Failed() {
						t.Fatalf("call %d: %s", n, f.hit)
					}
				}
			})
		}
	}
}

// settle recovers all that is pending, with a disk that works, and returns
// whether there was something.
func settle(t *testing.T, w world, finish bool) bool {
	t.Helper()
	all, err := Pending(t.Context(), w.roots())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, tr := range all {
		if tr.Phase == Done {
			continue
		}
		found = true
		if tr.Running {
			t.Errorf("%s counts as running", tr.Journal)
		}
		out, err := Recover(t.Context(), tr, finish && tr.Phase == Committing, Options{})
		if err != nil || len(out.Refused) > 0 {
			t.Fatalf("recovering: %+v, %v", out, err)
		}
	}
	return found
}

// clean fails the test if a temporary file is left.
func clean(t *testing.T, now tree) {
	t.Helper()
	for path := range now {
		if strings.Contains(path, dotted+"-") {
			t.Errorf("%s is left", path)
		}
	}
}

// Whatever call of an apply fails, every file is old afterwards or every file
// is new, and the error says which.
func TestApplyFaults(t *testing.T) {
	faults(t, 1, func(t *testing.T, f *faulty) bool {
		w := sample(t, memory(t))
		old := snapshot(t, w.dir)
		new := w.wanted(t, old)
		_, err := Apply(t.Context(), w.ops, Options{disk: f.disk()})
		now := snapshot(t, w.dir)
		mixed(t, now, old, new)
		clean(t, now)
		if f.hit == "" {
			same(t, "no fault", new, now)
			return true
		}
		if err == nil {
			same(t, "the fault did not matter", new, now)
		} else {
			same(t, "the fault was reported", old, now)
			if !errors.Is(err, f.err) && !strings.Contains(err.Error(), f.err.Error()) {
				t.Errorf("%v does not say %v", err, f.err)
			}
		}
		settle(t, w, false)
		if err == nil {
			if out, err := Rollback(t.Context(), w.roots(), Options{}); err != nil || len(out.Refused) > 0 {
				t.Fatalf("%+v, %v", out, err)
			}
		}
		same(t, "in the end", old, snapshot(t, w.dir))
		if f.n%5 != 0 {
			return false
		}
		if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
			t.Errorf("the next apply: %v", err)
		}
		same(t, "after the next apply", new, snapshot(t, w.dir))
		return false
	}, syscall.ENOSPC, syscall.EACCES, syscall.EIO)
}

// A disk that fails and stays so cannot be undone at once; it is afterwards.
func TestApplyFaultsThatLast(t *testing.T) {
	for _, finish := range []bool{false, true} {
		t.Run(fmt.Sprintf("finish=%v", finish), func(t *testing.T) {
			faults(t, 1<<30, func(t *testing.T, f *faulty) bool {
				w := sample(t, memory(t))
				old := snapshot(t, w.dir)
				new := w.wanted(t, old)
				_, err := Apply(t.Context(), w.ops, Options{disk: f.disk()})
				now := snapshot(t, w.dir)
				mixed(t, now, old, new)
				if f.hit == "" {
					return true
				}
				all, perr := Pending(t.Context(), w.roots())
				if perr != nil {
					t.Fatal(perr)
				}
				want := old
				if len(all) > 0 && (all[0].Phase == Done || finish && all[0].Phase == Committing) {
					want = new
				}
				var unfinished *UnfinishedError
				if len(all) > 0 && all[0].Phase != Done {
					if _, err := Apply(t.Context(), w.ops, Options{}); !errors.As(err, &unfinished) {
						t.Errorf("an apply on top of an interrupted one: %v", err)
					}
				}
				if err == nil && (len(all) == 0 || all[0].Phase != Done) {
					t.Errorf("no error, but %v", all)
				}
				// Some calls come out again on the way back; finishing may
				// then be impossible, which is said.
				if finish && len(all) > 0 && all[0].Phase == Committing {
					if _, err := Recover(t.Context(), all[0], true, Options{}); err != nil {
						want = old
						var refused *RefusedError
						if !errors.As(err, &refused) {
							t.Errorf("finishing: %v", err)
						}
					}
				}
				settle(t, w, false)
				same(t, "recovered", want, snapshot(t, w.dir))
				return false
			}, syscall.EIO)
		})
	}
}

// Whatever call of a rollback fails, it can be finished.
func TestRollbackFaults(t *testing.T) {
	for _, lasting := range []int{1, 1 << 30} {
		t.Run(fmt.Sprint(lasting), func(t *testing.T) {
			faults(t, lasting, func(t *testing.T, f *faulty) bool {
				w := sample(t, memory(t))
				old := snapshot(t, w.dir)
				if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
					t.Fatal(err)
				}
				new := snapshot(t, w.dir)
				out, err := Rollback(t.Context(), w.roots(), Options{disk: f.disk()})
				now := snapshot(t, w.dir)
				mixed(t, now, old, new)
				if len(out.Refused) > 0 {
					t.Errorf("a fault is taken for an edit: %v", out.Refused)
				}
				if f.hit == "" || err == nil {
					same(t, "no fault, or one that does not matter", old, now)
					return f.hit == ""
				}
				// Either nothing happened and it can be done again, or it
				// is noticed by whoever comes next.
				if !settle(t, w, false) && len(snapshot(t, w.dir)) > 0 {
					if now := snapshot(t, w.dir); !equal(now, old) {
						if _, err := Rollback(t.Context(), w.roots(), Options{}); err != nil {
							t.Fatal(err)
						}
					}
				}
				same(t, "recovered", old, snapshot(t, w.dir))
				return false
			}, syscall.EIO)
		})
	}
}

func equal(a, b tree) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// What is promised for a power failure cannot be tried here, but the order of
// the calls that it rests on can: a content is synced before it gets its name,
// and all names are synced before the journal says so.
func TestOrderOfSyncs(t *testing.T) {
	w := build(t, memory(t))
	var log []string
	o := Options{disk: disk{trap: func(call, name string, after bool) error {
		if after {
			log = append(log, call+" "+name)
		}
		return nil
	}}}
	if _, err := Apply(t.Context(), w.ops, o); err != nil {
		t.Fatal(err)
	}
	synced := map[string]bool{}  // temporary files
	pending := map[string]bool{} // directories with new names
	phases := 0
	for _, line := range log {
		call, path, _ := strings.Cut(line, " ")
		inJournal := strings.Contains(path, journalName)
		switch {
		case call == "fsync":
			synced[path] = true
		case call == "write" && !strings.Contains(path, "/"):
		case call == "rename" && inJournal:
			phases++
			if phases > 1 && len(pending) > 0 {
				t.Errorf("the journal moves on before %v are synced", pending)
			}
		case call == "rename" || call == "exchange" || call == "link" || call == "create" || call == "remove":
			pending[dirOf(path)] = true
		case call == "syncdir":
			delete(pending, path)
		}
		if inJournal || strings.Contains(path, pointerName) || !strings.Contains(path, "/") && strings.HasPrefix(path, ".git") || path == lockName || path == holderName {
			delete(pending, dirOf(path))
		}
	}
	if phases != 3 {
		t.Errorf("the journal was written %d times", phases)
	}
	for _, op := range w.ops {
		if op.After.Exists && !slices.ContainsFunc(log, func(l string) bool {
			return strings.HasPrefix(l, "fsync ") && strings.HasPrefix(dirOf(l[6:]), dirOf(op.Path)) && strings.Contains(l, dotted+"-")
		}) {
			t.Errorf("the new content of %s was not synced", op.Path)
		}
	}
}

func dirOf(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return "."
}
