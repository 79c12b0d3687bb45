// Package tree tells in one digest whether a directory still holds the same
// names with the same sizes.
package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Read reads a directory. Its digest is "sha256:" and the hex digest over one line for each regular
// file ("path NUL size LF") and link ("path NUL -> target LF") below dir,
// sorted by the bytes of the path. What Python writes by itself does not
// count: __pycache__ and *.pyc. skip, which may be nil, leaves out more: it is
// given the directory that an entry is in, relative to dir, with / and one at
// its end (so the empty text is dir itself), and the entry's name.
func Read(dir string, skip func(in, name string, dir bool) bool) (Tree, error) {
	d := &digester{hash: sha256.New(), skip: skip}
	d.tree.Began = time.Now()
	top, err := os.Open(dir)
	if err != nil {
		return Tree{}, err
	}
	if err := d.directory(top, "", ""); err != nil {
		return Tree{}, fmt.Errorf("%s: %w", filepath.Clean(dir), err)
	}
	d.tree.Digest = "sha256:" + hex.EncodeToString(d.hash.Sum(nil))
	return d.tree, nil
}

// digester reads directories one after the other.
type digester struct {
	hash hash.Hash
	tree Tree
	skip func(in, name string, dir bool) bool
	line []byte // the last, reused
	stat unix.Stat_t
}

// entry is a name in a directory.
type entry struct {
	name string // with / after that of a directory: sorted, this gives the order of whole paths
	mode fs.FileMode
}

// directory writes the lines of what is below an open directory, and closes it.
// in is its path, with / at its end.
func (d *digester) directory(dir *os.File, in, name string) error {
	defer dir.Close()
	fd := int(dir.Fd())
	if err := unix.Fstat(fd, &d.stat); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	d.tree.note(entered, d.stat.Ctim.Nano(), name)
	d.tree.newest = max(d.tree.newest, d.stat.Ctim.Nano())
	listed, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	entries := make([]entry, 0, len(listed))
	for _, e := range listed {
		name := e.Name()
		if name == "__pycache__" || strings.HasSuffix(name, ".pyc") || d.skip != nil && d.skip(in, name, e.IsDir()) {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		entries = append(entries, entry{name, e.Type()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for _, e := range entries {
		// What went while we looked is not there.
		if err := d.entry(fd, in, e); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
	}
	d.tree.note(left, 0, "")
	return nil
}

// entry writes the line of an entry, or those below it. A socket or a device does not count.
func (d *digester) entry(fd int, in string, e entry) (err error) {
	path := in + e.name
	d.line = append(append(d.line[:0], path...), 0)
	switch {
	case e.mode.IsRegular():
		if err = unix.Fstatat(fd, e.name, &d.stat, unix.AT_SYMLINK_NOFOLLOW); err == nil {
			d.line = strconv.AppendInt(d.line, d.stat.Size, 10)
			d.tree.note(sized, d.stat.Size, e.name)
		}
	case e.mode&fs.ModeSymlink != 0:
		var target [unix.PathMax]byte
		var size int
		size, err = unix.Readlinkat(fd, e.name, target[:])
		d.line = append(append(d.line, "-> "...), target[:max(size, 0)]...)
	case e.mode.IsDir():
		var below int
		if below, err = unix.Openat(fd, e.name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0); err == nil {
			return d.directory(os.NewFile(uintptr(below), path), path, e.name)
		}
	default:
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "look at", Path: path, Err: err}
	}
	d.hash.Write(append(d.line, '\n'))
	return nil
}
