package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func digest(t *testing.T, dir string) string {
	t.Helper()
	d, err := Read(dir, func(in, name string, dir bool) bool { return in == "" && name == "state" && !dir })
	if err != nil {
		t.Fatal(err)
	}
	return d.Digest
}

// The format is shared with another program, so the value itself is pinned.
func TestDigestFormat(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"b": "12", "a/x": "", "a.b": "1", "state": "x"})
	if err := os.Symlink("lib", filepath.Join(dir, "lib64")); err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256([]byte("a.b\x001\na/x\x000\nb\x002\nlib64\x00-> lib\n"))
	if got := digest(t, dir); got != "sha256:"+hex.EncodeToString(want[:]) {
		t.Errorf("got %s", got)
	}
}

func TestDigestSees(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(dir string) error
		seen   bool
	}{
		{"nothing", func(string) error { return nil }, false},
		{"bytecode", func(d string) error {
			if err := os.MkdirAll(d+"/p/__pycache__", 0o777); err != nil {
				return err
			}
			return os.WriteFile(d+"/p/__pycache__/m.pyc", []byte("x"), 0o666)
		}, false},
		{"the state", func(d string) error { return os.WriteFile(d+"/state", []byte("changed"), 0o666) }, false},
		{"an empty directory", func(d string) error { return os.Mkdir(d+"/empty", 0o777) }, false},
		{"a file gone", func(d string) error { return os.Remove(d + "/p/m.py") }, true},
		{"a file grown", func(d string) error { return os.WriteFile(d+"/p/m.py", []byte("longer text"), 0o666) }, true},
		{"a file added", func(d string) error { return os.WriteFile(d+"/p/n.py", nil, 0o666) }, true},
		{"a file renamed", func(d string) error { return os.Rename(d+"/p/m.py", d+"/p/o.py") }, true},
		{"a link turned", func(d string) error {
			if err := os.Remove(d + "/link"); err != nil {
				return err
			}
			return os.Symlink("q", d+"/link")
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"p/m.py": "x", "state": "s"})
			if err := os.Symlink("p", dir+"/link"); err != nil {
				t.Fatal(err)
			}
			before := rested(t, dir)
			if !Unchanged(dir, before.Saved(), before.Digest) {
				t.Fatal("a directory that nobody touched is changed")
			}
			if err := tt.change(dir); err != nil {
				t.Fatal(err)
			}
			if got := digest(t, dir) != before.Digest; got != tt.seen {
				t.Errorf("seen: %t, want %t", got, tt.seen)
			}
			if tt.seen && Unchanged(dir, before.Saved(), before.Digest) {
				t.Error("by its list it is unchanged")
			}
		})
	}
}

func TestDigestOfNothing(t *testing.T) {
	if _, err := Read(filepath.Join(t.TempDir(), "none"), nil); err == nil {
		t.Error("a missing directory has a digest")
	}
}

// plain is the digest computed one entry after the other.
func plain(t *testing.T, dir string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case d.Name() == "__pycache__":
			return fs.SkipDir
		case strings.HasSuffix(d.Name(), ".pyc"):
		case d.Type().IsRegular():
			info, err := d.Info()
			if err != nil {
				return err
			}
			lines = append(lines, fmt.Sprintf("%s\x00%d\n", rel, info.Size()))
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			lines = append(lines, fmt.Sprintf("%s\x00-> %s\n", rel, target))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Wide, deep, and with names that sort differently alone than in a path.
func TestDigestOfManyDirectories(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"p/__pycache__/m.pyc": "x", "p/m.pyc": "x", strings.Repeat("deep/", 60) + "end": "x"}
	for i := range 700 {
		files[fmt.Sprintf("wide/%s-%d", strings.Repeat("n", i%150), i)] = strings.Repeat("x", i)
		files[fmt.Sprintf("many/%d/a", i%90)] = ""
	}
	for i, name := range []string{"a", "a.b", "a-b", "a0", "ab", "a b", "a\nb", "\xff", "é"} {
		files["sorted/"+name+fmt.Sprintf("/%d", i)] = "x"
		files["sorted/"+name+"!"] = name
	}
	write(t, dir, files)
	for name, target := range map[string]string{"many/link": "../wide", "sorted/gone": "nowhere", "sorted/long": strings.Repeat("t/", 900)} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := Read(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := plain(t, dir); got.Digest != want {
		t.Errorf("got %s, want %s", got.Digest, want)
	}
}

// What was listed may be gone when it is looked at.
func TestEntry(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	d := &digester{hash: sha256.New()}
	for _, mode := range []fs.FileMode{0, fs.ModeSymlink, fs.ModeDir} {
		if err := d.entry(int(dir.Fd()), "", entry{"none", mode}); !errors.Is(err, unix.ENOENT) {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// What cannot be read is an error, and leaves nothing open.
func TestUnreadableDirectory(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	d := &digester{hash: sha256.New()}
	if err := d.directory(read, "a/", "a"); err == nil {
		t.Error("a pipe was read as a directory")
	}
	if err := read.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("left open: %v", err)
	}
}
