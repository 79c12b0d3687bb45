// Package tree tells in one digest whether a directory still holds the same
// names with the same sizes.
package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Digest returns "sha256:" and the hex digest over one line for each regular
// file ("path NUL size LF") and link ("path NUL -> target LF") below dir,
// sorted by the bytes of the path. What Python writes by itself does not
// count: __pycache__ and *.pyc. skip, which may be nil, leaves out more; it is
// given paths relative to dir, with /.
func Digest(dir string, skip func(rel string, dir bool) bool) (string, error) {
	w := walk{skip: skip, buf: make([]byte, 64<<10)}
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", &os.PathError{Op: "open", Path: dir, Err: err}
	}
	if err := w.dir(fd, ""); err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Clean(dir), err)
	}
	sort.Strings(w.lines)
	h := sha256.New()
	for _, l := range w.lines {
		h.Write([]byte(l))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// walk reads directories by descriptor: with thousands of files in each of
// many environments, the paths' lookup is what costs.
type walk struct {
	skip  func(string, bool) bool
	buf   []byte
	lines []string
}

// dir takes the directory in and closes fd.
func (w *walk) dir(fd int, prefix string) error {
	defer unix.Close(fd)
	names, err := w.names(fd)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == "__pycache__" || strings.HasSuffix(name, ".pyc") {
			continue
		}
		rel := prefix + name
		var st unix.Stat_t
		if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			if err == unix.ENOENT {
				continue
			}
			return &os.PathError{Op: "stat", Path: rel, Err: err}
		}
		kind := uint32(st.Mode) & unix.S_IFMT
		if w.skip != nil && w.skip(rel, kind == unix.S_IFDIR) {
			continue
		}
		if err := w.entry(fd, name, rel, kind, st.Size); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entry(fd int, name, rel string, kind uint32, size int64) error {
	switch kind {
	case unix.S_IFREG:
		w.lines = append(w.lines, rel+"\x00"+strconv.FormatInt(size, 10)+"\n")
	case unix.S_IFLNK:
		target := make([]byte, 4096)
		n, err := unix.Readlinkat(fd, name, target)
		if err != nil {
			return &os.PathError{Op: "readlink", Path: rel, Err: err}
		}
		w.lines = append(w.lines, rel+"\x00-> "+string(target[:n])+"\n")
	case unix.S_IFDIR:
		sub, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return &os.PathError{Op: "open", Path: rel, Err: err}
		}
		return w.dir(sub, rel+"/")
	}
	return nil
}

func (w *walk) names(fd int) ([]string, error) {
	var names []string
	for {
		n, err := unix.ReadDirent(fd, w.buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("getdents", err)
		}
		if n <= 0 {
			return names, nil
		}
		_, _, names = unix.ParseDirent(w.buf[:n], -1, names)
	}
}
