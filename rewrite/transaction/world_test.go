package transaction

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// A world is a workspace of three roots: two git repositories and a directory
// outside git, with files of all kinds and the operations that change them.
type world struct {
	dir string
	ops []Op
}

// roots returns the directories, in the order of the operations.
func (w world) roots() []string {
	return []string{filepath.Join(w.dir, "grove"), filepath.Join(w.dir, "cluster"), filepath.Join(w.dir, "plain")}
}

// node is a file as it has to be: "-rw-r--r-- content", or "dir".
type tree map[string]string

// memory returns a new directory, in memory where there is such a file system:
// these tests sync thousands of times, which a disk takes minutes for.
func memory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "transaction")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// build creates a workspace in dir, which is the same each time.
func build(t testing.TB, dir string) world {
	t.Helper()
	return populate(t, dir, func(int, string) bool { return true })
}

// sample is build with each kind of operation only once, for tests that run it
// a thousand times.
func sample(t testing.TB, dir string) world {
	t.Helper()
	kinds := []string{"gone chmod instances/a/b/grove-requirements.txt", "bin/run", "new"}
	return populate(t, dir, func(root int, path string) bool { return slices.Contains(strings.Fields(kinds[root]), path) })
}

// populate creates the files of all roots, and the operations that are wanted.
func populate(t testing.TB, dir string, wanted func(root int, path string) bool) world {
	t.Helper()
	w := world{dir: dir}
	for i, root := range w.roots() {
		plant(t, root, "change", "old "+filepath.Base(root)+"\n", 0o644)
		plant(t, root, "bin/run", "#!/bin/sh\ntutor\n", 0o755)
		plant(t, root, "gone", "tutor==14\r\n", 0o600)
		plant(t, root, "chmod", "x", 0o644)
		plant(t, root, "odd \"dir\xff/n\nä", "\x00\xff", 0o640)
		plant(t, root, "kept", "nobody touches this", 0o644)
		if i < 2 {
			fakeGit(t, root)
		}
		op := func(path string, after State) {
			if !wanted(i, path) {
				return
			}
			before := Fingerprint{}
			if content, err := os.ReadFile(filepath.Join(root, path)); err == nil {
				info, err := os.Stat(filepath.Join(root, path))
				if err != nil {
					t.Fatal(err)
				}
				before = Take(content, info.Mode())
			}
			w.ops = append(w.ops, Op{Root: root, Path: path, Before: before, After: after})
		}
		op("change", State{Exists: true, Content: []byte("new " + filepath.Base(root) + "\n")})
		op("bin/run", State{Exists: true, Content: []byte("#!/bin/sh\n.venv/bin/tutor\n")})
		op("gone", State{})
		op("chmod", State{Exists: true, Content: []byte("x"), Mode: 0o755})
		op("odd \"dir\xff/n\nä", State{Exists: true})
		op("instances/a/b/grove-requirements.txt", State{Exists: true, Content: []byte("tutor==14\n")})
		op("instances/a/c/d", State{Exists: true, Content: []byte("x"), Mode: 0o700})
		op("new", State{Exists: true})
	}
	return w
}

// fakeGit makes root look like a work tree, much faster than git does.
func fakeGit(t testing.TB, root string) {
	t.Helper()
	plant(t, root, ".git/HEAD", "ref: refs/heads/main\n", 0o644)
}

func plant(t testing.TB, root, path, content string, mode fs.FileMode) {
	t.Helper()
	full := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(full, mode); err != nil {
		t.Fatal(err)
	}
}

// snapshot returns all files and directories, without the places of journals.
func snapshot(t testing.TB, dir string) tree {
	t.Helper()
	out := tree{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if d.IsDir() && (d.Name() == dotted || d.Name() == "grove-migrate") {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			out[rel] = "dir"
		case info.Mode()&fs.ModeSymlink != 0:
			to, _ := os.Readlink(path)
			out[rel] = "-> " + to
		default:
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out[rel] = fmt.Sprintf("%v %s", info.Mode(), content)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wanted returns what a tree has to be after the operations, made without the
// package under test.
func (w world) wanted(t testing.TB, before tree) tree {
	t.Helper()
	out := tree{}
	for k, v := range before {
		out[k] = v
	}
	for _, op := range w.ops {
		rel, err := filepath.Rel(w.dir, filepath.Join(op.Root, op.Path))
		if err != nil {
			t.Fatal(err)
		}
		if !op.After.Exists {
			delete(out, rel)
			continue
		}
		mode := op.After.Mode
		if mode == 0 {
			mode = 0o644
			if op.Before.Exists {
				mode = op.Before.Mode
			}
		}
		out[rel] = fmt.Sprintf("%v %s", mode, op.After.Content)
		for dir := filepath.Dir(rel); dir != "."; dir = filepath.Dir(dir) {
			out[dir] = "dir"
		}
	}
	return out
}

// mixed fails the test if a file is neither old nor new. Temporary files and
// new directories may be there.
func mixed(t testing.TB, now, old, new tree) {
	t.Helper()
	for path, state := range now {
		temporary := strings.HasPrefix(filepath.Base(path), dotted+"-")
		if state != old[path] && state != new[path] && !temporary {
			t.Errorf("%s is %q, neither old (%q) nor new (%q)", path, state, old[path], new[path])
		}
	}
	for path := range old {
		if _, ok := now[path]; !ok && new[path] != "" {
			t.Errorf("%s is lost", path)
		}
	}
}

func same(t testing.TB, what string, want, got tree) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got): %s", what, diff)
	}
}

// empty fails the test if a journal or a lock is left anywhere.
func empty(t testing.TB, w world) {
	t.Helper()
	for _, root := range w.roots() {
		dir, err := Dir(root)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(dir); err == nil {
			t.Errorf("%s is left over", dir)
		}
	}
}

// git runs the real git, and skips the test where there is none.
func runGit(t testing.TB, dir string, args ...string) string {
	t.Helper()
	program.Find(t, "git")
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}
