package transaction

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// interrupt leaves an apply of w in the middle of its commit.
func interrupt(t *testing.T, w world) Transaction {
	t.Helper()
	broken := false
	o := Options{disk: disk{trap: func(call, name string, after bool) error {
		if broken = broken || (call == "exchange" || call == "rename") && filepath.Base(name) == "run" && after; broken {
			return syscall.EIO
		}
		return nil
	}}}
	var failed *FailedError
	if _, err := Apply(t.Context(), w.ops, o); !errors.As(err, &failed) || failed.Undo == nil {
		t.Fatal(err)
	}
	all, err := Pending(t.Context(), w.roots())
	if err != nil || len(all) != 1 || all[0].Phase != Committing {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0]
}

// A workspace that is moved, or mounted at another path, takes its journal with
// it.
func TestRecoverElsewhere(t *testing.T) {
	for _, finish := range []bool{false, true} {
		dir := memory(t)
		w := build(t, filepath.Join(dir, "here"))
		want := snapshot(t, w.dir)
		if finish {
			want = w.wanted(t, want)
		}
		interrupt(t, w)
		moved := world{dir: filepath.Join(dir, "there")}
		if err := os.Rename(w.dir, moved.dir); err != nil {
			t.Fatal(err)
		}
		for _, root := range moved.roots() {
			all, err := Pending(t.Context(), []string{root})
			if err != nil || len(all) != 1 || all[0].Roots[0] != moved.roots()[0] {
				t.Fatalf("%v, %v", all, err)
			}
		}
		all, _ := Pending(t.Context(), moved.roots()[2:])
		if _, err := Recover(t.Context(), all[0], finish, Options{}); err != nil {
			t.Fatal(err)
		}
		same(t, "recovered elsewhere", want, snapshot(t, moved.dir))
	}
}

// What someone does to the files before the recovery is not lost.
func TestRecoverAfterEdits(t *testing.T) {
	w := build(t, memory(t))
	old := snapshot(t, w.dir)
	tr := interrupt(t, w)
	plant(t, w.roots()[0], "change", "mine", 0o644)
	plant(t, w.roots()[2], "new", "mine", 0o644)
	if err := os.RemoveAll(filepath.Join(w.roots()[1], "instances")); err != nil { // with temporary files
		t.Fatal(err)
	}
	before := snapshot(t, w.dir)
	var refused *RefusedError
	if _, err := Recover(t.Context(), tr, true, Options{}); !errors.As(err, &refused) || len(refused.Files) != 4 {
		t.Fatal(err)
	}
	same(t, "after a refusal", before, snapshot(t, w.dir))
	out, err := Recover(t.Context(), tr, false, Options{})
	if err != nil || len(out.Refused) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	old["grove/change"], old["plain/new"] = "-rw-r--r-- mine", "-rw-r--r-- mine"
	same(t, "undone", old, snapshot(t, w.dir))
	if _, err := Apply(t.Context(), []Op{{Root: w.roots()[0], Path: "x", After: State{Exists: true}}}, Options{}); err != nil {
		t.Errorf("the files that were left alone stand in the way: %v", err)
	}
}

func TestDamagedJournals(t *testing.T) {
	replace := func(old, new string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, old) {
				panic(old)
			}
			return strings.ReplaceAll(s, old, new)
		}
	}
	bare := func(s string) string {
		return regexp.MustCompile(`(?s)"roots": .*\}`).ReplaceAllString(s, `"roots": []}`)
	}
	for name, tc := range map[string]struct {
		spoil func(string) string
		want  string
	}{
		"not JSON":         {func(s string) string { return s[:len(s)/2] }, "damaged"},
		"empty":            {func(string) string { return "" }, "damaged"},
		"another version":  {replace(`"version": 1`, `"version": 2`), "version 2"},
		"another id":       {replace(`"id": "`, `"id": "x`), "transaction"},
		"unknown phase":    {replace(`"committing"`, `"resting"`), "resting"},
		"outside":          {replace(`"path": "change"`, `"path": "../change"`), "inside its root"},
		"git's":            {replace(`"path": "change"`, `"path": ".git/config"`), "nothing may be changed"},
		"no such root":     {replace(`"root": 2`, `"root": 3`), "root"},
		"no root at all":   {bare, "names no root"},
		"negative root":    {replace(`"root": 2`, `"root": -1`), "root"},
		"content anywhere": {replace(`"old": "old/0"`, `"old": "../../config"`), "old content"},
	} {
		t.Run(name, func(t *testing.T) {
			w := build(t, memory(t))
			tr := interrupt(t, w)
			file := filepath.Join(tr.Journal, journalName)
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(tc.spoil(string(content))), 0o644); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, w.dir)
			for what, err := range map[string]error{
				"Pending":  second(Pending(t.Context(), w.roots()[1:])),
				"Recover":  second(Recover(t.Context(), tr, false, Options{})),
				"Rollback": second(Rollback(t.Context(), w.roots(), Options{})),
				"Apply":    second(Apply(t.Context(), w.ops, Options{})),
			} {
				if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), file) {
					t.Errorf("%s: %v", what, err)
				}
			}
			same(t, "a damaged journal", before, snapshot(t, w.dir))
			// Once it is put right, everything is there still.
			if err := os.WriteFile(file, content, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Recover(t.Context(), tr, true, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// A journal that came with files from elsewhere leads to no other directory.
func TestForeignJournal(t *testing.T) {
	dir := memory(t)
	victim, planted := filepath.Join(dir, "victim"), filepath.Join(dir, "planted")
	plant(t, victim, "file", "precious", 0o644)
	plant(t, planted, "file", "precious", 0o644)
	op := Op{Root: planted, Path: "file", Before: Take([]byte("evil"), 0o644), After: State{Exists: true, Content: []byte("precious")}}
	plant(t, planted, "file", "evil", 0o644)
	out, err := Apply(t.Context(), []Op{op}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(out.Journal, journalName)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before := snapshot2(t, world{dir: victim})
	for _, roots := range []string{`"../../victim"`, `"..", "../../victim"`, `"../../victim", ".."`, `"` + victim + `"`, `"../.."`} {
		spoilt := strings.Replace(string(content), `".."`, roots, 1)
		spoilt = strings.Replace(spoilt, `"root": 0`, `"root": `+map[bool]string{true: "1", false: "0"}[strings.HasPrefix(roots, `"..",`)], 1)
		if err := os.WriteFile(file, []byte(spoilt), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Rollback(t.Context(), []string{planted}, Options{}); err == nil || !strings.Contains(err.Error(), "knows nothing of it") {
			t.Errorf("%s: %v", roots, err)
		}
		same(t, roots, before, snapshot2(t, world{dir: victim}))
	}
}

// FuzzJournal rolls back whatever a journal says: nothing outside changes.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"version":1,"id":"x","phase":"done","roots":[".."],"files":[{"root":0,"path":"f","before":{"exists":true,"mode":420,"sha256":"x"},"after":{"exists":true},"temp":"t","old":"old/0"}],"directories":[{"root":0,"path":"d"}]}`))
	f.Add([]byte(`{"version":1,"id":"x","phase":"committing","roots":["../.."],"files":[{"root":0,"path":"outside","before":{},"after":{"exists":true,"size":1},"temp":"t","old":"old/0"}]}`))
	f.Add([]byte(`{"version":1,"id":"x","phase":"committing","roots":[]}`))
	f.Fuzz(func(t *testing.T, journal []byte) {
		dir := memory(t)
		plant(t, dir, "outside", "x", 0o644)
		plant(t, dir, "root/.grove-migrate/x/journal.json", string(journal), 0o644)
		all, err := Pending(t.Context(), []string{filepath.Join(dir, "root")})
		if err == nil && len(all) > 0 {
			_, _ = Recover(t.Context(), all[0], true, Options{})
			_, _ = Rollback(t.Context(), []string{filepath.Join(dir, "root")}, Options{})
		}
		if now := describe(filepath.Join(dir, "outside")); now != "-rw-r--r-- x" {
			t.Fatalf("%s through %s", now, journal)
		}
	})
}

// Damaged or missing old contents are noticed before they are put back.
func TestDamagedOldContents(t *testing.T) {
	w := build(t, memory(t))
	out, err := Apply(t.Context(), w.ops, Options{})
	if err != nil {
		t.Fatal(err)
	}
	new := snapshot(t, w.dir)
	if err := errors.Join(os.WriteFile(filepath.Join(out.Journal, "old", "0"), []byte("bad"), 0o600), os.Remove(filepath.Join(out.Journal, "old", "1"))); err != nil {
		t.Fatal(err)
	}
	out, err = Rollback(t.Context(), w.roots(), Options{})
	if err != nil || len(out.Refused) != 2 || !strings.Contains(out.Refused[0].Reason, "damaged") {
		t.Fatalf("%+v, %v", out, err)
	}
	now := snapshot(t, w.dir)
	clean(t, now)
	if now["grove/change"] != new["grove/change"] || now["grove/bin/run"] != new["grove/bin/run"] {
		t.Errorf("a damaged content was put back")
	}
}

// The first root, with the journal, is not there: the others say so as long as
// the transaction was open, and forget it otherwise.
func TestJournalOutOfReach(t *testing.T) {
	w := build(t, memory(t))
	interrupt(t, w)
	if err := os.Rename(w.roots()[0], w.roots()[0]+"-away"); err != nil {
		t.Fatal(err)
	}
	_, err := Pending(t.Context(), w.roots()[1:])
	if err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Fatal(err)
	}
	if _, err2 := Apply(t.Context(), []Op{{Root: w.roots()[1], Path: "x", After: State{Exists: true}}}, Options{}); err2 == nil {
		t.Error("an apply on top of it")
	}
	if err := os.Rename(w.roots()[0]+"-away", w.roots()[0]); err != nil {
		t.Fatal(err)
	}
	all, err := Pending(t.Context(), w.roots()[1:])
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	if _, err := Recover(t.Context(), all[0], true, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(w.roots()[0]); err != nil {
		t.Fatal(err)
	}
	if all, err := Pending(t.Context(), w.roots()[1:]); err != nil || len(all) > 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// The owner of a file, and bits such as setgid, outlive its change and the way
// back; a deleted file comes back as its owner's.
func TestOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := memory(t)
	var ops []Op
	for _, path := range []string{"edited", "deleted"} {
		plant(t, dir, path, "x", 0o644)
		full := filepath.Join(dir, path)
		if err := errors.Join(os.Chown(full, 1234, 2345), os.Chmod(full, 0o755|os.ModeSetuid|os.ModeSetgid)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(full)
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, Op{Root: dir, Path: path, Before: Take([]byte("x"), info.Mode()), After: State{Exists: path == "edited", Content: []byte("y")}})
	}
	check := func(path string) {
		t.Helper()
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if o := ownerOf(info); *o != (owner{1234, 2345}) || info.Mode() != 0o755|os.ModeSetuid|os.ModeSetgid {
			t.Errorf("%s belongs to %v, with %v", path, *o, info.Mode())
		}
	}
	if _, err := Apply(t.Context(), ops, Options{}); err != nil {
		t.Fatal(err)
	}
	check("edited")
	if _, err := Rollback(t.Context(), []string{dir}, Options{}); err != nil {
		t.Fatal(err)
	}
	check("edited")
	check("deleted")
}

// Remains of an apply that was killed before it wrote its journal are nothing
// to report, and go with the next apply.
func TestRemains(t *testing.T) {
	w := build(t, memory(t))
	dir, _ := Dir(w.roots()[0])
	plant(t, dir, "20200101-000000-abc/old/0", "x", 0o600)
	if all, err := Pending(t.Context(), w.roots()); err != nil || len(all) > 0 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := Apply(t.Context(), w.ops, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Rollback(t.Context(), w.roots(), Options{}); err != nil {
		t.Fatal(err)
	}
	empty(t, w)
}
