package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
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
	d, err := Digest(dir, func(rel string, dir bool) bool { return rel == "state" && !dir })
	if err != nil {
		t.Fatal(err)
	}
	return d
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
			before := digest(t, dir)
			if err := tt.change(dir); err != nil {
				t.Fatal(err)
			}
			if got := digest(t, dir) != before; got != tt.seen {
				t.Errorf("seen: %t, want %t", got, tt.seen)
			}
		})
	}
}

func TestDigestOfNothing(t *testing.T) {
	if _, err := Digest(filepath.Join(t.TempDir(), "none"), nil); err == nil {
		t.Error("a missing directory has a digest")
	}
}
