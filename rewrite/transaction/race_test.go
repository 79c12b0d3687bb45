package transaction

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// meddlers change a file in some way between two of our calls.
func meddlers() map[string]func(full string) error {
	return map[string]func(full string) error{
		"written to": func(f string) error { return os.WriteFile(f, []byte("mine"), 0o644) },
		"replaced": func(f string) error {
			return errors.Join(os.WriteFile(f+"~", []byte("mine"), 0o644), os.Rename(f+"~", f))
		},
		"mode changed":     func(f string) error { return os.Chmod(f, 0o600) },
		"deleted":          os.Remove,
		"made a directory": func(f string) error { return errors.Join(os.RemoveAll(f), os.Mkdir(f, 0o755)) },
		"a full directory": func(f string) error { return errors.Join(os.RemoveAll(f), os.MkdirAll(f+"/x", 0o755)) },
		"made a link":      func(f string) error { return errors.Join(os.RemoveAll(f), os.Symlink("kept", f)) },
		"made a pipe":      func(f string) error { return errors.Join(os.RemoveAll(f), syscall.Mkfifo(f, 0o644)) },
		"directory replaced": func(f string) error {
			d := filepath.Dir(f)
			return errors.Join(os.Rename(d, d+"~"), os.Mkdir(d, 0o755))
		},
		"directory a link": func(f string) error {
			d := filepath.Dir(f)
			return errors.Join(os.Rename(d, d+"~"), os.Symlink(filepath.Base(d)+"~", d))
		},
	}
}

// Somebody changes a file before any call of an apply. Their change is
// never lost, and every other file is old or new.
func TestChangedDuringApply(t *testing.T) {
	for name, meddle := range meddlers() {
		for _, path := range []string{"bin/run", "bin/gone", "bin/new"} {
			t.Run(name+"/"+path, func(t *testing.T) {
				t.Parallel()
				for n := 1; meddleAt(t, n, path, meddle); n++ {
				}
			})
		}
	}
}

// meddleAt is false if the apply makes fewer than n calls.
func meddleAt(t *testing.T, n int, path string, meddle func(string) error) bool {
	dir := memory(t)
	var ops []Op
	for _, p := range []string{"bin/run", "bin/gone", "bin/new", "other"} {
		op := Op{Root: dir, Path: p, After: State{Exists: true, Content: []byte("new " + p)}}
		if p != "bin/new" {
			plant(t, dir, p, "old "+p, 0o644)
			op.Before = Take([]byte("old "+p), 0o644)
		}
		if p == "bin/gone" {
			op.After = State{}
		}
		ops = append(ops, op)
	}
	plant(t, dir, "bin/kept", "x", 0o644)
	full := filepath.Join(dir, path)
	calls, before, mine := 0, "", ""
	o := Options{disk: disk{trap: func(call, _ string, after bool) error {
		if after || call == "lstat" { // it tells what the call behind it tells
			return nil
		}
		if calls++; calls == n {
			before = describe(full)
			if err := meddle(full); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			mine = describe(full)
		}
		return nil
	}}}
	_, err := Apply(t.Context(), ops, o)
	now := describe(full)
	old, new := "-rw-r--r-- old "+path, "-rw-r--r-- new "+path
	switch {
	case calls < n:
		return false
	case mine == before || mine == "nothing" || mine == old || mine == new:
		// Nothing came of it for this file, or nothing that could be told
		// from what we do ourselves: it must not be a mixture.
		if now != old && now != new && now != "nothing" && now != mine {
			t.Errorf("call %d: %s is %s: %v", n, path, now, err)
		}
	case now != mine:
		t.Errorf("call %d: the change was lost: %s is %s, not %s: %v", n, path, now, mine, err)
	case err != nil:
		var failed *FailedError
		var refused *RefusedError
		if errors.As(err, &failed) && failed.Undo != nil || !errors.As(err, &failed) && !errors.As(err, &refused) {
			t.Errorf("call %d: %v", n, err)
		}
	}
	if other := describe(filepath.Join(dir, "other")); err != nil && other != "-rw-r--r-- old other" || err == nil && other != "-rw-r--r-- new other" {
		t.Errorf("call %d: the other file is %s after %v", n, other, err)
	}
	return !t.Failed()
}

// describe returns what stands at a name, whatever it is.
func describe(full string) string {
	info, err := os.Lstat(full)
	if err != nil {
		return "nothing"
	}
	if info.Mode().IsRegular() {
		content, err := os.ReadFile(full)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%v %s", info.Mode(), content)
	}
	return info.Mode().String()
}

// On a file system that knows neither exchange nor links everything works but
// for the last moment before a rename.
func TestPlainFileSystem(t *testing.T) {
	for _, err := range []error{errors.ErrUnsupported, syscall.EPERM} {
		o := Options{disk: disk{trap: func(call, _ string, after bool) error {
			switch {
			case call == "exchange":
				return errors.ErrUnsupported
			case call == "link":
				return err
			}
			return nil
		}}}
		w := build(t, memory(t))
		old := snapshot(t, w.dir)
		if _, err := Apply(t.Context(), w.ops, o); err != nil {
			t.Fatal(err)
		}
		same(t, "after apply", w.wanted(t, old), snapshot(t, w.dir))
		if out, err := Rollback(t.Context(), w.roots(), o); err != nil || len(out.Refused) > 0 {
			t.Fatalf("%+v, %v", out, err)
		}
		same(t, "after rollback", old, snapshot(t, w.dir))
		empty(t, w)
	}
}

// Somebody writes to a file in the last moment before it is changed, and the
// process is killed in the first moment after. Whoever recovers finds that
// change aside and puts it back.
func TestChangedThenKilled(t *testing.T) {
	for _, path := range []string{"edited", "deleted"} {
		for _, rolling := range []bool{false, true} {
			for _, finish := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/rollback=%v/finish=%v", path, rolling, finish), func(t *testing.T) {
					if rolling && (finish || path == "deleted") {
						return // a rollback cannot be finished forward, and what was deleted is not moved aside
					}
					changedThenKilled(t, path, rolling, finish)
				})
			}
		}
	}
}

func changedThenKilled(t *testing.T, path string, rolling, finish bool) {
	dir := memory(t)
	full := filepath.Join(dir, path)
	plant(t, dir, path, "old", 0o644)
	op := Op{Root: dir, Path: path, Before: Take([]byte("old"), 0o644), After: State{Exists: path == "edited", Content: []byte("new")}}
	dead := false
	fatal := Options{disk: disk{trap: func(call, name string, after bool) error {
		swap := call == "exchange" && name == path || call == "rename" && filepath.Base(name) != journalName && strings.HasPrefix(name, dotted+"-")
		if swap && !after {
			must(os.WriteFile(full, []byte("mine"), 0o644))
		}
		if dead = dead || swap && after; dead {
			return syscall.EIO
		}
		return nil
	}}}
	var err error
	if rolling {
		if _, err := Apply(t.Context(), []Op{op}, Options{}); err != nil {
			t.Fatal(err)
		}
		_, err = Rollback(t.Context(), []string{dir}, fatal)
	} else {
		_, err = Apply(t.Context(), []Op{op}, fatal)
	}
	if err == nil || !dead || describe(full) == "-rw-r--r-- mine" {
		t.Fatalf("%v, %s", err, describe(full))
	}
	all, err := Pending(t.Context(), []string{dir})
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	if finish {
		if _, err := Recover(t.Context(), all[0], true, Options{}); err == nil {
			t.Error("finished over somebody's change")
		}
	}
	out, err := Recover(t.Context(), all[0], false, Options{})
	if err != nil || len(out.Refused) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if now := describe(full); now != "-rw-r--r-- mine" {
		t.Errorf("the change was lost: %s", now)
	}
	clean(t, snapshot(t, dir))
}
