// Package tree tells in one digest whether a directory still holds the same
// names with the same sizes.
package tree

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
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
// count: __pycache__ and *.pyc. skip, which may be nil, leaves out more: it is
// given the directory that an entry is in, relative to dir, with / and one at
// its end (so the empty text is dir itself), and the entry's name. It is
// called by several goroutines.
func Digest(dir string, skip func(in, name string, dir bool) bool) (string, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", &os.PathError{Op: "open", Path: dir, Err: err}
	}
	top := &node{fd: fd}
	w := newWalk(skip, top)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(w.work)
	}
	workers.Wait()
	if w.err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Clean(dir), w.err)
	}
	d := digester{hash: sha256.New()}
	d.write(top)
	return "sha256:" + hex.EncodeToString(d.hash.Sum(d.text[:0])), nil
}

// node is a directory, with what is in it once it was read.
type node struct {
	prefix  string // relative path, with / at its end; empty at the top
	fd      int    // open until it was read
	entries []entry
	targets map[string]string // of the links, which are few
}

// entry is a name in a directory.
type entry struct {
	name  string // with / after that of a directory: sorted, this gives the order of whole paths
	kind  kind
	size  int64 // bytes, of a file
	below *node // of a directory
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

// walk reads directories by descriptor, and as many of them at once as there
// are processors: with thousands of files in each of many environments, the
// calls to the system are what costs.
type walk struct {
	skip func(in, name string, dir bool) bool

	mu   sync.Mutex
	some sync.Cond // there is more to do, or nothing ever again
	open []*node   // to be read; the last is next, which bounds how many are open
	busy int       // directories that are being read
	err  error     // the first
}

func newWalk(skip func(in, name string, dir bool) bool, top *node) *walk {
	w := &walk{skip: skip, open: []*node{top}}
	w.some.L = &w.mu
	return w
}

// work reads directories until there are none.
func (w *walk) work() {
	r := reader{walk: w, buf: make([]byte, listSize)}
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.open) == 0 && w.busy > 0 {
			w.some.Wait()
		}
		if len(w.open) == 0 {
			w.some.Broadcast()
			return
		}
		n := w.open[len(w.open)-1]
		w.open = w.open[:len(w.open)-1]
		w.busy++
		failed := w.err != nil
		w.mu.Unlock()
		var found []*node
		var err error
		if !failed {
			found, err = r.read(n)
		}
		unix.Close(n.fd)
		w.mu.Lock()
		w.busy--
		w.err = cmp.Or(w.err, err)
		w.open = append(w.open, found...)
		if len(found) > 1 || w.busy == 0 {
			w.some.Broadcast()
		}
	}
}

// reader is what one worker reads with.
type reader struct {
	*walk
	buf     []byte  // for what the system answers
	entries []entry // of one directory, then reused
	stat    unix.Stat_t
}

// listSize is how much of a directory is listed by one call, in bytes.
const listSize = 32 << 10

// pathLimit is the longest target of a link, in bytes.
const pathLimit = 4096

// read fills a directory in, and returns those in it, open.
func (r *reader) read(n *node) (below []*node, err error) {
	if r.entries, err = list(n.fd, r.buf, r.entries[:0]); err != nil {
		return nil, os.NewSyscallError("getdents", err)
	}
	n.entries = slices.Clone(slices.DeleteFunc(r.entries, func(e entry) bool {
		return e.name == "__pycache__" || strings.HasSuffix(e.name, ".pyc")
	}))
	for i := range n.entries {
		e := &n.entries[i]
		if err := r.look(n, e); err == unix.ENOENT {
			e.kind = other // It went while we looked.
		} else if err != nil {
			return below, &os.PathError{Op: "look at", Path: n.prefix + e.name, Err: err}
		}
		if e.below != nil {
			below = append(below, e.below)
		}
	}
	slices.SortFunc(n.entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return below, nil
}

// look finds out what an entry's line says, with no more calls than it takes:
// most systems tell the kind with the name.
func (r *reader) look(n *node, e *entry) (err error) {
	stated := e.kind == unknown
	if stated {
		if err := unix.Fstatat(n.fd, e.name, &r.stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
		e.kind = kindOf(uint32(r.stat.Mode))
	}
	if r.skip != nil && r.skip(n.prefix, e.name, e.kind == directory) {
		e.kind = other
	}
	switch e.kind {
	case file:
		if !stated {
			err = unix.Fstatat(n.fd, e.name, &r.stat, unix.AT_SYMLINK_NOFOLLOW)
		}
		e.size = r.stat.Size
	case link:
		var size int
		if size, err = unix.Readlinkat(n.fd, e.name, r.buf[:pathLimit]); err == nil {
			if n.targets == nil {
				n.targets = map[string]string{}
			}
			n.targets[e.name] = string(r.buf[:size])
		}
	case directory:
		var fd int
		if fd, err = unix.Openat(n.fd, e.name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0); err == nil {
			e.name += "/"
			e.below = &node{prefix: n.prefix + e.name, fd: fd}
		}
	}
	return err
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

// digester writes lines into a hash.
type digester struct {
	hash hash.Hash
	text []byte // of one directory's own files, then reused
}

func (d *digester) write(n *node) {
	for _, e := range n.entries {
		switch e.kind {
		case file:
			d.text = append(append(append(d.text[:0], n.prefix...), e.name...), 0)
			d.text = append(strconv.AppendInt(d.text, e.size, 10), '\n')
			d.hash.Write(d.text)
		case link:
			d.text = append(append(append(d.text[:0], n.prefix...), e.name...), "\x00-> "...)
			d.text = append(append(d.text, n.targets[e.name]...), '\n')
			d.hash.Write(d.text)
		case directory:
			d.write(e.below)
		}
	}
}
