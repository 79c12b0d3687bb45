// Package tree tells in one digest whether a directory still holds the same
// names with the same sizes.
package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Digest returns "sha256:" and the hex digest over one line for each regular
// file ("path NUL size LF") and link ("path NUL -> target LF") below dir,
// sorted by the bytes of the path. What Python writes by itself does not
// count: __pycache__ and *.pyc. skip, which may be nil, leaves out more; it is
// given paths relative to dir, with /.
func Digest(dir string, skip func(rel string, dir bool) bool) (string, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", &os.PathError{Op: "open", Path: dir, Err: err}
	}
	w := walk{skip: skip, free: make(chan struct{}, runtime.GOMAXPROCS(0)-1)}
	text, err := w.dir(fd, "")
	if err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Clean(dir), err)
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// walk reads directories by descriptor, and some of them at once: with
// thousands of files in each of many environments, looking up paths one after
// the other is what costs.
type walk struct {
	skip func(string, bool) bool
	free chan struct{} // holds one for each directory that is read aside
}

// pathLimit is the longest target of a link, in bytes.
const pathLimit = 4096

// entry is a name in a directory with the lines that it stands for.
type entry struct {
	key  string // the name, with / after that of a directory
	text []byte
	err  error
}

// dir returns the lines of everything below a directory, in order, and closes
// fd. Sorting each directory by [entry.key] gives the order of whole paths.
func (w *walk) dir(fd int, prefix string) ([]byte, error) {
	defer unix.Close(fd)
	names, err := names(fd)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(names))
	var aside sync.WaitGroup
	for _, name := range names {
		if name == "__pycache__" || strings.HasSuffix(name, ".pyc") {
			continue
		}
		entries = append(entries, entry{key: name})
		w.entry(fd, prefix, &entries[len(entries)-1], &aside)
	}
	aside.Wait()
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	size := 0
	for _, e := range entries {
		if e.err != nil {
			return nil, e.err
		}
		size += len(e.text)
	}
	out := make([]byte, 0, size)
	for _, e := range entries {
		out = append(out, e.text...)
	}
	return out, nil
}

// entry fills one entry in, at once or, for a directory, maybe aside.
func (w *walk) entry(fd int, prefix string, e *entry, aside *sync.WaitGroup) {
	var st unix.Stat_t
	if err := unix.Fstatat(fd, e.key, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		if err != unix.ENOENT {
			e.err = &os.PathError{Op: "stat", Path: prefix + e.key, Err: err}
		}
		return
	}
	kind := uint32(st.Mode) & unix.S_IFMT
	if w.skip != nil && w.skip(prefix+e.key, kind == unix.S_IFDIR) {
		return
	}
	switch kind {
	case unix.S_IFREG:
		text := make([]byte, 0, len(prefix)+len(e.key)+12)
		text = append(append(append(text, prefix...), e.key...), 0)
		e.text = append(strconv.AppendInt(text, st.Size, 10), '\n')
	case unix.S_IFLNK:
		target := make([]byte, pathLimit)
		n, err := unix.Readlinkat(fd, e.key, target)
		if err != nil {
			e.err = &os.PathError{Op: "readlink", Path: prefix + e.key, Err: err}
			return
		}
		e.text = []byte(prefix + e.key + "\x00-> " + string(target[:n]) + "\n")
	case unix.S_IFDIR:
		sub, err := unix.Openat(fd, e.key, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			e.err = &os.PathError{Op: "open", Path: prefix + e.key, Err: err}
			return
		}
		e.key += "/"
		below := prefix + e.key
		select {
		case w.free <- struct{}{}:
			aside.Go(func() {
				e.text, e.err = w.dir(sub, below)
				<-w.free
			})
		default:
			e.text, e.err = w.dir(sub, below)
		}
	}
}

// names lists a directory in no order.
func names(fd int) ([]string, error) {
	buf := make([]byte, 32<<10)
	var names []string
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("getdents", err)
		}
		if n <= 0 {
			return names, nil
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}
