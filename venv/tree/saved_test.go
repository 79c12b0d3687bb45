package tree

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// rested reads a directory as if it had rested for long, once the clock of the file system has moved on: a change from now
// on has another time.
func rested(t *testing.T, dir string) Tree {
	t.Helper()
	got, err := Read(dir, func(in, name string, dir bool) bool { return in == "" && name == "state" && !dir })
	if err != nil {
		t.Fatal(err)
	}
	got.Began = got.Began.Add(2 * rest)
	clock := filepath.Join(t.TempDir(), "clock")
	for now := int64(0); now <= got.newest; {
		if err := os.WriteFile(clock, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
		var stat unix.Stat_t
		if err := unix.Stat(clock, &stat); err != nil {
			t.Fatal(err)
		}
		now = stat.Ctim.Nano()
	}
	return got
}

// What changed just now may change again at the same time of its clock.
func TestSavedOnlyAtRest(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"p/m.py": "x"})
	got := rested(t, dir)
	got.Began = time.Unix(0, got.newest).Add(rest)
	if got.Saved() == nil {
		t.Error("nothing is saved of what rested")
	}
	got.Began = got.Began.Add(-1)
	if got.Saved() != nil || (Tree{}).Saved() != nil {
		t.Error("what changed just now is saved, or nothing is")
	}
}

// A list that is no list, or a part of one, tells nothing.
func TestUnchangedNeedsTheWholeList(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"p/q/m.py": "x", "p/z": "12", "a b\nc": ""})
	got := rested(t, dir)
	saved := got.Saved()
	if !Unchanged(dir, saved, got.Digest) {
		t.Fatal("the whole list does not fit")
	}
	for n := range saved {
		if n < len(saved)-1 && Unchanged(dir, saved[:n], got.Digest) {
			t.Errorf("the first %d bytes of %q fit", n, saved)
		}
	}
	for name, other := range map[string][]byte{
		"more":          append(bytes.Clone(saved), "f1 z\x00"...),
		"another kind":  bytes.Replace(saved, []byte("\x00f2 z"), []byte("\x00x2 z"), 1),
		"another size":  bytes.Replace(saved, []byte("\x00f2 z"), []byte("\x00f3 z"), 1),
		"no directory":  bytes.Replace(saved, []byte("\x00d"), []byte("\x00f"), 1),
		"nothing known": nil,
	} {
		if Unchanged(dir, other, got.Digest) {
			t.Errorf("%s: fits", name)
		}
	}
	if Unchanged(dir, saved, "sha256:0") {
		t.Error("it fits another digest")
	}
	if Unchanged(filepath.Join(dir, "p"), saved, got.Digest) {
		t.Error("it fits another directory")
	}
}
