package transaction

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository creates a real work tree with one commit.
func repository(t *testing.T, dir string) {
	t.Helper()
	plant(t, dir, "file", "x", 0o644)
	plant(t, dir, "sub/file", "x", 0o644)
	plant(t, dir, ".gitignore", "*.ignored\n/secret/\n", 0o644)
	runGit(t, dir, "init", "-q", "-b", "main")
	runGit(t, dir, "add", "-A")
	runGit(t, dir, "commit", "-q", "-m", "first")
}

// The journal is where git says it is, and git never shows it, in a plain work
// tree, a linked one, a submodule, and a root that is only a part of one.
func TestJournalIsHidden(t *testing.T) {
	dir := memory(t)
	main, linked := filepath.Join(dir, "main"), filepath.Join(dir, "linked")
	repository(t, main)
	repository(t, filepath.Join(dir, "other"))
	runGit(t, main, "worktree", "add", "-q", linked)
	runGit(t, main, "submodule", "--quiet", "add", filepath.Join(dir, "other"), "grove")
	runGit(t, main, "commit", "-q", "-m", "submodule")
	var ops []Op
	roots := []string{main, linked, filepath.Join(main, "grove"), filepath.Join(main, "sub")}
	for _, root := range roots {
		ops = append(ops, Op{Root: root, Path: "file", Before: Take([]byte("x"), 0o644), After: State{Exists: true, Content: []byte("y")}})
		place, err := Dir(root)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.TrimSpace(runGit(t, root, "rev-parse", "--git-path", "grove-migrate"))
		if !filepath.IsAbs(said) {
			said = filepath.Join(root, said)
		}
		if place != said {
			t.Errorf("%s: the journal is in %s, and git says %s", root, place, said)
		}
		if !InGit(root) {
			t.Errorf("%s is not in git", root)
		}
	}
	// Interrupted in the middle: journal, pointers, locks and all.
	stop := errors.New("stop")
	broken := false
	o := Options{disk: disk{trap: func(call, name string, after bool) error {
		if broken = broken || (call == "exchange" || call == "rename") && name == "file" && after; broken {
			return stop
		}
		return nil
	}}}
	if _, err := Apply(t.Context(), ops, o); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	for _, root := range roots {
		status := runGit(t, root, "status", "--porcelain", "--untracked-files=all", "--", ".")
		for line := range strings.Lines(status) {
			if strings.Contains(line, "journal") || strings.Contains(line, "lock") || strings.Contains(line, "pointer") {
				t.Errorf("%s: %s", root, line)
			}
		}
		if all, err := Pending(t.Context(), []string{root}); err != nil || len(all) != 1 || all[0].Phase != Committing {
			t.Errorf("%s: %v, %v", root, all, err)
		}
	}
	if _, err := Rollback(t.Context(), roots[3:], Options{}); err != nil {
		t.Fatal(err)
	}
	for _, root := range roots {
		if status := runGit(t, root, "status", "--porcelain", "--ignored"); status != "" {
			t.Errorf("%s after rollback: %s", root, status)
		}
	}
}

// Outside git the journal's directory ignores itself, should it get into one.
func TestJournalIgnoresItself(t *testing.T) {
	plain := memory(t)
	plant(t, plain, "file", "x", 0o644)
	if _, err := Apply(t.Context(), []Op{{Root: plain, Path: "new", After: State{Exists: true}}}, Options{}); err != nil {
		t.Fatal(err)
	}
	if InGit(plain) {
		t.Error("a plain directory counts as git's")
	}
	runGit(t, plain, "init", "-q")
	if diff := cmp.Diff("?? file\n?? new\n", runGit(t, plain, "status", "--porcelain", "--untracked-files=all")); diff != "" {
		t.Error(diff)
	}
}

func TestDirty(t *testing.T) {
	dir := memory(t)
	top := filepath.Join(dir, "top")
	repository(t, top)
	repository(t, filepath.Join(dir, "other"))
	runGit(t, top, "submodule", "--quiet", "add", filepath.Join(dir, "other"), "grove")
	for _, f := range []string{"clean", "changed", "staged", "deleted", "renamed", "chmod", "odd \"dir\xff/\nä b", "*", "touched"} {
		plant(t, top, f, "content of "+f, 0o644)
	}
	plant(t, top, "grove/changed", "x", 0o644)
	for _, dir := range []string{filepath.Join(top, "grove"), top} {
		runGit(t, dir, "add", "-A")
		runGit(t, dir, "commit", "-q", "-m", "all")
	}
	plant(t, top, "changed", "y", 0o644)
	plant(t, top, "touched", "content of touched", 0o644)
	plant(t, top, "odd \"dir\xff/\nä b", "y", 0o644)
	plant(t, top, "staged", "y", 0o644)
	runGit(t, top, "add", "staged")
	runGit(t, top, "mv", "renamed", "renamed2")
	plant(t, top, "untracked", "y", 0o644)
	plant(t, top, "newdir/untracked", "y", 0o644)
	plant(t, top, "a.ignored", "y", 0o644)
	plant(t, top, "secret/key", "y", 0o644)
	plant(t, top, "grove/changed", "y", 0o644)
	plant(t, top, "grove/untracked", "y", 0o644)
	if err := errors.Join(os.Remove(filepath.Join(top, "deleted")), os.Chmod(filepath.Join(top, "chmod"), 0o755)); err != nil {
		t.Fatal(err)
	}
	dirty := []string{"a.ignored", "changed", "chmod", "deleted", "grove/changed", "grove/untracked", "newdir/untracked", "odd \"dir\xff/\nä b", "renamed2", "secret/key", "staged", "untracked"}
	fine := []string{"clean", "touched", "*", "file", "sub/file", "grove/file", "nowhere", "no/where", "secret2"}
	got, err := Dirty(t.Context(), top, append(fine, dirty...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dirty, got); diff != "" {
		t.Error(diff)
	}
	if got, err := Dirty(t.Context(), filepath.Join(top, "newdir"), []string{"untracked", "nothing"}); err != nil || cmp.Diff([]string{"untracked"}, got) != "" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Dirty(t.Context(), top, nil); err != nil || len(got) > 0 {
		t.Errorf("%v, %v", got, err)
	}
	var many []string
	for range 20000 {
		many = append(many, "file", "changed")
	}
	if got, err := Dirty(t.Context(), top, many); err != nil || len(got) == 0 || got[0] != "changed" {
		t.Errorf("%v, %v", got, err)
	}
	plain := memory(t)
	if _, err := Dirty(t.Context(), plain, []string{"x"}); !errors.Is(err, ErrNoGit) {
		t.Errorf("outside git: %v", err)
	}
	if _, err := Dirty(t.Context(), top, []string{"../x"}); err == nil {
		t.Error("a path outside was asked about")
	}
}
