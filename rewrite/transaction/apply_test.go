package transaction

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApplyAndRollback(t *testing.T) {
	ctx := t.Context()
	w := build(t, memory(t))
	old := snapshot(t, w.dir)
	out, err := Apply(ctx, w.ops, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if out.New != len(w.ops) {
		t.Errorf("%d files are new, not %d", out.New, len(w.ops))
	}
	same(t, "after apply", w.wanted(t, old), snapshot(t, w.dir))
	for _, root := range w.roots() {
		all, err := Pending(ctx, []string{root})
		if err != nil || len(all) != 1 || all[0].Phase != Done || all[0].Running || all[0].PID != os.Getpid() || len(all[0].Files) != len(w.ops) {
			t.Errorf("%s: %+v, %v", root, all, err)
		}
	}
	// Any one of the roots leads to the journal.
	out, err = Rollback(ctx, w.roots()[2:], Options{})
	if err != nil || len(out.Refused) > 0 || out.Old != len(w.ops) {
		t.Fatalf("%+v, %v", out, err)
	}
	same(t, "after rollback", old, snapshot(t, w.dir))
	empty(t, w)
	if _, err := Rollback(ctx, w.roots(), Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("a second rollback: %v", err)
	}
}

func TestApplyTwiceIsRefused(t *testing.T) {
	w := build(t, memory(t))
	old := snapshot(t, w.dir)
	if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
		t.Fatal(err)
	}
	after := snapshot(t, w.dir)
	var refused *RefusedError
	if _, err := Apply(t.Context(), w.ops, Options{}); !errors.As(err, &refused) || len(refused.Files) != len(w.ops) {
		t.Fatal(err)
	}
	same(t, "after a refusal", after, snapshot(t, w.dir))
	if _, err := Rollback(t.Context(), w.roots(), Options{}); err != nil {
		t.Fatalf("a refused apply took the journal of the one before: %v", err)
	}
	same(t, "after rollback", old, snapshot(t, w.dir))
}

func TestNothingToDo(t *testing.T) {
	w := build(t, memory(t))
	for _, ops := range [][]Op{nil, {{Root: w.roots()[0], Path: "nothing"}}, {{
		Root: w.roots()[2], Path: "chmod",
		Before: Take([]byte("x"), 0o644), After: State{Exists: true, Content: []byte("x")},
	}}} {
		if out, err := Apply(t.Context(), ops, Options{}); err != nil || out.New != 0 {
			t.Errorf("%v, %v", out, err)
		}
	}
	empty(t, w)
}

// one returns an operation that changes a file of the plain root, and the path
// of that file.
func one(w world, path string) (Op, string) {
	for _, op := range w.ops {
		if op.Root == w.roots()[2] && op.Path == path {
			return op, filepath.Join(op.Root, path)
		}
	}
	panic("no such operation")
}

// must is for what cannot fail in a test.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

type spoilt struct {
	name, path, why string
	spoil           func(w world, full string)
}

// spoils are things that somebody does to a file after the plan was made.
func spoils() []spoilt {
	return []spoilt{
		{"content changed", "change", "was changed since it was read", func(_ world, f string) { must(os.WriteFile(f, []byte("mine"), 0o644)) }},
		{"mode changed", "change", "has the mode", func(_ world, f string) { must(os.Chmod(f, 0o600)) }},
		{"deleted", "change", "was deleted", func(_ world, f string) { must(os.Remove(f)) }},
		{"deleted, to be deleted", "gone", "was deleted", func(_ world, f string) { must(os.Remove(f)) }},
		{"appeared", "new", "exists already", func(_ world, f string) { must(os.WriteFile(f, nil, 0o644)) }},
		{"a directory", "change", "is a directory", func(_ world, f string) { must(os.Remove(f)); must(os.Mkdir(f, 0o755)) }},
		{"a new path that is a directory", "new", "is a directory", func(_ world, f string) { must(os.Mkdir(f, 0o755)) }},
		{"a pipe", "change", "not a regular file", func(_ world, f string) { must(os.Remove(f)); must(syscall.Mkfifo(f, 0o644)) }},
		{"a link to the same content", "change", "symbolic link", func(w world, f string) {
			must(os.Rename(f, f+"2"))
			must(os.Symlink(f+"2", f))
		}},
		{"a link out of the root", "change", "symbolic link", func(w world, f string) {
			must(os.Rename(f, filepath.Join(w.dir, "outside")))
			must(os.Symlink("../outside", f))
		}},
		{"a dangling link", "new", "symbolic link", func(_ world, f string) { must(os.Symlink("nowhere", f)) }},
		{"a directory that is a link", "bin/run", "symbolic link", func(w world, f string) {
			must(os.Rename(filepath.Dir(f), filepath.Join(w.dir, "bin")))
			must(os.Symlink("../bin", filepath.Dir(f)))
		}},
		{"a directory that is a link inside", "bin/run", "symbolic link", func(w world, f string) {
			must(os.Rename(filepath.Dir(f), filepath.Dir(f)+"2"))
			must(os.Symlink("bin2", filepath.Dir(f)))
		}},
		{"a new directory that is a link", "instances/a/c/d", "symbolic link", func(w world, f string) { must(os.Symlink("..", filepath.Join(w.roots()[2], "instances"))) }},
		{"a directory that is a file", "bin/run", "not a directory", func(w world, f string) {
			must(os.RemoveAll(filepath.Dir(f)))
			must(os.WriteFile(filepath.Dir(f), nil, 0o644))
		}},
		{"the directory is gone", "bin/run", "was deleted", func(w world, f string) { must(os.RemoveAll(filepath.Dir(f))) }},
	}
}

func TestRefused(t *testing.T) {
	for _, tc := range spoils() {
		t.Run(tc.name, func(t *testing.T) {
			w := build(t, memory(t))
			_, full := one(w, tc.path)
			tc.spoil(w, full)
			before := snapshot2(t, w)
			for name, err := range map[string]error{"Verify": Verify(t.Context(), w.ops), "Apply": second(Apply(t.Context(), w.ops, Options{}))} {
				var refused *RefusedError
				if !errors.As(err, &refused) {
					t.Fatalf("%s: %v", name, err)
				}
				if len(refused.Files) != 1 && !strings.HasPrefix(tc.path, "instances") || !strings.Contains(refused.Files[0].Reason, tc.why) || refused.Files[0].Path != full && len(refused.Files) == 1 {
					t.Errorf("%s: %v, want %s: %s", name, err, full, tc.why)
				}
			}
			same(t, "after a refusal", before, snapshot2(t, w))
			empty(t, w)
		})
	}
}

func second[A, B any](_ A, b B) B { return b }

// snapshot2 is snapshot for trees that hold a pipe.
func snapshot2(t *testing.T, w world) tree {
	out := tree{}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		out[path] = info.Mode().String()
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			out[path] += " " + string(content)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRefusedPlans(t *testing.T) {
	write := State{Exists: true, Content: []byte("x")}
	for name, ops := range map[string][]Op{
		"outside":                  {{Path: "../x", After: write}},
		"absolute":                 {{Path: "/etc/x", After: write}},
		"the root":                 {{Path: ".", After: write}},
		"empty":                    {{Path: "", After: write}},
		"not clean":                {{Path: "a/../x", After: write}},
		"slash at the end":         {{Path: "x/", After: write}},
		"nul":                      {{Path: "a\x00b", After: write}},
		"git's own":                {{Path: ".git/hooks/x", After: write}},
		"git's own, other case":    {{Path: "a/.GIT/hooks/x", After: write}},
		"the journal":              {{Path: dotted + "/x", After: write}},
		"twice":                    {{Path: "x", After: write}, {Path: "x", After: write}},
		"twice but for case":       {{Path: "x", After: write}, {Path: "X", After: write}},
		"file and directory":       {{Path: "x", After: write}, {Path: "x/y", After: write}},
		"directory and file":       {{Path: "x/y/z", After: write}, {Path: "x/y", After: write}},
		"twice through two roots":  {{Path: "sub/x", After: write}, {Root: "sub", Path: "x", After: write}},
		"one of several is wrong":  {{Path: "a", After: write}, {Path: "../b", After: write}},
		"two names of one file":    {{Path: "one", Before: Take(nil, 0o644), After: write}, {Path: "two", Before: Take(nil, 0o644), After: write}},
		"through a link to itself": {{Path: "loop/x", After: write}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := memory(t)
			plant(t, dir, "sub/keep", "", 0o644)
			plant(t, dir, "one", "", 0o644)
			if err := errors.Join(os.Link(filepath.Join(dir, "one"), filepath.Join(dir, "two")), os.Symlink("loop", filepath.Join(dir, "loop"))); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, dir)
			for i := range ops {
				ops[i].Root = filepath.Join(dir, ops[i].Root)
			}
			var refused *RefusedError
			if _, err := Apply(t.Context(), ops, Options{}); !errors.As(err, &refused) {
				t.Errorf("%v", err)
			}
			same(t, "after a refusal", before, snapshot(t, dir))
			if _, err := os.Lstat(filepath.Join(dir, dotted)); err == nil {
				t.Error("a journal is left")
			}
		})
	}
}

func TestRollbackLeavesWhatWasEditedSince(t *testing.T) {
	for _, tc := range []struct {
		path, why string
		edit      func(full string) error
	}{
		{"change", "was changed since", func(f string) error { return os.WriteFile(f, []byte("mine"), 0o644) }},
		{"change", "was changed since", func(f string) error { return os.Chmod(f, 0o600) }},
		{"change", "was deleted since", os.Remove},
		{"gone", "was changed since", func(f string) error { return os.WriteFile(f, []byte("mine"), 0o644) }},
		{"new", "was changed since", func(f string) error { return os.WriteFile(f, []byte("mine"), 0o644) }},
		{"new", "symbolic link", func(f string) error { return errors.Join(os.Remove(f), os.Symlink("change", f)) }},
		{"new", "is a directory", func(f string) error { return errors.Join(os.Remove(f), os.Mkdir(f, 0o755)) }},
	} {
		t.Run(tc.path+" "+tc.why, func(t *testing.T) {
			w := build(t, memory(t))
			old := snapshot(t, w.dir)
			if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
				t.Fatal(err)
			}
			op, full := one(w, tc.path)
			if err := tc.edit(full); err != nil {
				t.Fatal(err)
			}
			rel, _ := filepath.Rel(w.dir, full)
			edited := snapshot(t, w.dir)[rel]
			out, err := Rollback(t.Context(), w.roots(), Options{})
			if err != nil || len(out.Refused) != 1 || out.Refused[0].Path != full || !strings.Contains(out.Refused[0].Reason, tc.why) {
				t.Fatalf("%+v, %v", out, err)
			}
			if op.Before.Exists {
				kept, err := os.ReadFile(out.Refused[0].Old)
				if err != nil || Take(kept, op.Before.Mode) != op.Before {
					t.Errorf("the old content is not kept: %q, %v", kept, err)
				}
			}
			want := tree{}
			for k, v := range old {
				want[k] = v
			}
			delete(want, rel)
			if edited != "" {
				want[rel] = edited
			}
			same(t, "after rollback", want, snapshot(t, w.dir))

			// Once the person has put the new content back, it is undone.
			if err := os.RemoveAll(full); err != nil {
				t.Fatal(err)
			}
			if op.After.Exists {
				plant(t, w.roots()[2], tc.path, string(op.After.Content), op.fingerprint().Mode)
			}
			if out, err := Rollback(t.Context(), w.roots(), Options{}); err != nil || len(out.Refused) > 0 {
				t.Fatalf("%+v, %v", out, err)
			}
			same(t, "after the second rollback", old, snapshot(t, w.dir))
			empty(t, w)
		})
	}
}

// A file in a new directory that someone else put there keeps the directory.
func TestRollbackKeepsDirectoriesInUse(t *testing.T) {
	w := build(t, memory(t))
	old := snapshot(t, w.dir)
	if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
		t.Fatal(err)
	}
	plant(t, w.roots()[0], "instances/a/mine", "x", 0o644)
	if out, err := Rollback(t.Context(), w.roots(), Options{}); err != nil || len(out.Refused) > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	old["grove/instances"], old["grove/instances/a"], old["grove/instances/a/mine"] = "dir", "dir", "-rw-r--r-- x"
	same(t, "after rollback", old, snapshot(t, w.dir))
}

// The last apply is the one that is undone, and only it.
func TestRollbackOfTheSecond(t *testing.T) {
	w := build(t, memory(t))
	if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
		t.Fatal(err)
	}
	first := snapshot(t, w.dir)
	var again []Op
	for _, root := range w.roots()[1:] {
		again = append(again, Op{Root: root, Path: "kept", Before: Take([]byte("nobody touches this"), 0o644), After: State{Exists: true, Content: []byte("but me")}})
	}
	if _, err := Apply(t.Context(), again, Options{}); err != nil {
		t.Fatal(err)
	}
	if out, err := Rollback(t.Context(), w.roots(), Options{}); err != nil || out.Old != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	same(t, "after rollback", first, snapshot(t, w.dir))
}

func TestOldContentsGoWithTheNextApply(t *testing.T) {
	w := build(t, memory(t))
	for range 3 {
		var ops []Op
		for _, root := range w.roots() {
			content, err := os.ReadFile(filepath.Join(root, "kept"))
			if err != nil {
				t.Fatal(err)
			}
			ops = append(ops, Op{Root: root, Path: "kept", Before: Take(content, 0o644), After: State{Exists: true, Content: append(content, '!')}})
		}
		if _, err := Apply(t.Context(), ops, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Pending(t.Context(), w.roots())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d transactions, %v", len(all), err)
	}
	for _, root := range w.roots() {
		dir, _ := Dir(root)
		entries, err := os.ReadDir(dir)
		dirs := 0
		for _, e := range entries {
			if e.IsDir() {
				dirs++
			}
		}
		if err != nil || dirs != 1 {
			t.Errorf("%s holds %v, %v", dir, entries, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	w := sample(t, memory(t))
	old := snapshot(t, w.dir)
	for n := 1; ; n++ {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		o := Options{disk: disk{trap: func(string, string, bool) error {
			if calls++; calls == n {
				cancel()
			}
			return nil
		}}}
		_, err := Apply(ctx, w.ops, o)
		cancel()
		if err == nil {
			if n < 100 {
				t.Errorf("only %d calls were made", n)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		same(t, "after an interruption", old, snapshot(t, w.dir))
		empty(t, w)
	}
	same(t, "uninterrupted", w.wanted(t, old), snapshot(t, w.dir))
}

func TestOperationsInJSON(t *testing.T) {
	ops := []Op{
		{Root: "r", Path: "p ä", Before: Take([]byte("x"), 0o755|fs.ModeSetgid), After: State{Exists: true, Content: []byte("ü\x00<\u2028"), Mode: 0o644}},
		{Root: ".", Path: "p", After: State{Exists: true, Content: []byte("\xff")}},
		{Root: "r\xff", Path: "\xfe/x", Before: Take(nil, 0)},
	}
	data, err := json.Marshal(ops)
	if err != nil {
		t.Fatal(err)
	}
	var back []Op
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ops, back); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{`{"path":1}`, `{"pth":"x"}`, `{"after":{"content":{"base64":"!"}}}`, `{"after":{"exist":true}}`, `{"path":{"base32":""}}`} {
		if err := json.Unmarshal([]byte(bad), new(Op)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}
