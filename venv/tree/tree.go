// Package tree tells in one digest whether a directory still holds the same
// names with the same sizes.
package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Digest returns "sha256:" and the hex digest over one line for each regular
// file ("path NUL size LF") and link ("path NUL -> target LF") below dir,
// sorted by the bytes of the path. What Python writes by itself does not
// count: __pycache__ and *.pyc. skip, which may be nil, leaves out more: it is
// given the directory that an entry is in, relative to dir, with / and one at
// its end (so the empty text is dir itself), and the entry's name.
func Digest(dir string, skip func(in, name string, dir bool) bool) (string, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", &os.PathError{Op: "open", Path: dir, Err: err}
	}
	d := &digester{hash: sha256.New(), skip: skip, buf: make([]byte, listSize)}
	if err := d.directory(fd, ""); err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Clean(dir), err)
	}
	return "sha256:" + hex.EncodeToString(d.hash.Sum(nil)), nil
}

// entry is a name in a directory.
type entry struct {
	name string // with / after that of a directory: sorted, this gives the order of whole paths
	kind kind
}

// kind of an entry; only those that count are told apart.
type kind byte

const (
	unknown kind = iota // only looking tells
	file
	link
	directory
	other // a socket, a device: it does not count
)

// digester reads directories by descriptor, with no more calls to the system
// than it takes: with thousands of files in an environment they are what costs.
type digester struct {
	hash hash.Hash
	skip func(in, name string, dir bool) bool
	buf  []byte  // for what the system answers
	line []byte  // the last, reused
	open []entry // of the directories from the top to the one that is read
	stat unix.Stat_t
}

// listSize is how much of a directory is listed by one call, in bytes.
const listSize = 32 << 10

// directory writes the lines of what is below an open directory, and closes it.
// in is its path, with / at its end.
func (d *digester) directory(fd int, in string) error {
	defer unix.Close(fd)
	above := len(d.open)
	defer func() { d.open = d.open[:above] }()
	var err error
	if d.open, err = list(fd, d.buf, d.open); err != nil {
		return os.NewSyscallError("getdents", err)
	}
	entries := d.open[above:]
	for i := range entries {
		e := &entries[i]
		if e.kind == unknown && unix.Fstatat(fd, e.name, &d.stat, unix.AT_SYMLINK_NOFOLLOW) == nil {
			e.kind = kindOf(uint32(d.stat.Mode))
		}
		if e.name == "__pycache__" || strings.HasSuffix(e.name, ".pyc") || d.skip != nil && d.skip(in, e.name, e.kind == directory) {
			e.kind = other
		} else if e.kind == directory {
			e.name += "/"
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for _, e := range entries {
		// What went while we looked is not there.
		if err := d.entry(fd, in, e); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
	}
	return nil
}

// entry writes the line of an entry, or those below it.
func (d *digester) entry(fd int, in string, e entry) (err error) {
	d.line = append(append(append(d.line[:0], in...), e.name...), 0)
	switch e.kind {
	case file:
		err = unix.Fstatat(fd, e.name, &d.stat, unix.AT_SYMLINK_NOFOLLOW)
		d.line = strconv.AppendInt(d.line, d.stat.Size, 10)
	case link:
		var size int
		size, err = unix.Readlinkat(fd, e.name, d.buf)
		d.line = append(append(d.line, "-> "...), d.buf[:max(size, 0)]...)
	case directory:
		below, err := unix.Openat(fd, e.name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return &os.PathError{Op: "open", Path: in + e.name, Err: err}
		}
		return d.directory(below, in+e.name)
	default:
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "look at", Path: in + e.name, Err: err}
	}
	d.line = append(d.line, '\n')
	d.hash.Write(d.line)
	return nil
}

func kindOf(mode uint32) kind {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return file
	case unix.S_IFLNK:
		return link
	case unix.S_IFDIR:
		return directory
	}
	return other
}
