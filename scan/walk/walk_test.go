package walk_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func list(t *testing.T, dir string) *walk.Listing {
	t.Helper()
	l, err := walk.List(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var tree = map[string]string{
	".gitignore": "*.log\n/build/\n!keep.log\ndoc/**/x\n\\#odd\nnames with spaces\n",
	"a.sh":       "", "b.log": "", "keep.log": "", "build/out.sh": "", "sub/build/in.sh": "",
	"sub/.gitignore": "!b.log\nlocal\n", "sub/b.log": "", "sub/local": "", "sub/deep/local": "",
	"doc/a/b/x": "", "doc/x": "", "doc/y": "", "#odd": "", "names with spaces": "", "ü/ñ.sh": "",
	".hidden/ci.yml": "", ".gitlab/x.yml": "", "quo\"te": "", "tab\tname": "",
	".grove-migrate-1-temp": "left behind",
}

// TestIgnored holds what counts outside of git to what git says of the same files in a checkout.
func TestIgnored(t *testing.T) {
	outside, checkout := t.TempDir(), t.TempDir()
	put(t, outside, tree)
	put(t, checkout, tree)
	if out, err := exec.Command("git", "-C", checkout, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("git: %v\n%s", err, out)
	}
	a, b := list(t, outside), list(t, checkout)
	if !slices.Equal(a.Files, b.Files) {
		t.Errorf("outside of git %q\nin a checkout  %q", a.Files, b.Files)
	}
	if a.Git || !b.Git {
		t.Errorf("in git: %v and %v, want false and true", a.Git, b.Git)
	}
	for _, name := range []string{"build/out.sh", "b.log", "sub/local", "doc/a/b/x", ".grove-migrate-1-temp"} {
		if slices.Contains(a.Files, name) {
			t.Errorf("%s counts", name)
		}
	}
	for _, name := range []string{"keep.log", "sub/b.log", "sub/build/in.sh", ".hidden/ci.yml", "ü/ñ.sh", "quo\"te", "tab\tname"} {
		if !slices.Contains(a.Files, name) {
			t.Errorf("%s does not count", name)
		}
	}
	if !slices.IsSorted(a.Files) {
		t.Error("the files are not sorted")
	}
}

func TestTrackedFilesCountAlthoughIgnored(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{".gitignore": "*.sh\n", "kept.sh": "", "gone.sh": "", "new.sh": ""})
	for _, args := range [][]string{{"init", "-q"}, {"add", "-f", "kept.sh", "gone.sh"}} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git: %v\n%s", err, out)
		}
	}
	if err := os.Remove(filepath.Join(dir, "gone.sh")); err != nil {
		t.Fatal(err)
	}
	if got := list(t, dir).Files; !slices.Equal(got, []string{".gitignore", "kept.sh"}) {
		t.Errorf("files %q", got)
	}
}

// TestAnotherOwner holds that git's refusal is told, as it hides tracked files, which a file in no repository does not.
func TestAnotherOwner(t *testing.T) {
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1") // git's own way to test this
	outside, checkout := t.TempDir(), t.TempDir()
	put(t, outside, tree)
	put(t, checkout, tree)
	if out, err := exec.Command("git", "-C", checkout, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("git: %v\n%s", err, out)
	}
	if got := list(t, outside).Skipped; len(got) != 0 {
		t.Errorf("outside of git: skipped %v", got)
	}
	got := list(t, checkout)
	if got.Git || len(got.Skipped) != 1 || got.Skipped[0].Minor || !strings.Contains(got.Skipped[0].Reason, "safe.directory") {
		t.Errorf("in git: %v, skipped %v", got.Git, got.Skipped)
	}
	if !slices.Contains(got.Files, "keep.log") || slices.Contains(got.Files, "b.log") {
		t.Errorf("files %q", got.Files)
	}
}

func TestLinksAndOtherThings(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"a/x.sh": "", "module/.git": "gitdir: elsewhere\n"})
	for name, target := range map[string]string{"to-file": "a/x.sh", "to-dir": "a", "round": "round", "nowhere": "gone", "a/up": ".."} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	l := list(t, dir)
	targets := map[string]string{}
	for _, link := range l.Links {
		targets[link.Path] = link.Target
	}
	if len(targets) != 5 || !strings.HasSuffix(targets["to-file"], "/a/x.sh") || targets["round"] != "" || targets["nowhere"] != "" {
		t.Errorf("links %q", targets)
	}
	for _, f := range l.Files {
		if strings.HasPrefix(f, "to-dir/") || strings.HasPrefix(f, "a/up/") {
			t.Errorf("%s was reached through a link", f)
		}
	}
}

func TestListRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	put(t, filepath.Dir(file), map[string]string{"file": ""})
	for path, want := range map[string]string{"/nonexistent/grove": "there is no such directory", file: "is a file"} {
		if _, err := walk.List(context.Background(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
