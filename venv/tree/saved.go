package tree

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Tree is what a directory held when it was read.
type Tree struct {
	Digest string
	Began  time.Time // when the reading began
	list   []byte    // a record for each name, in the order of reading
	newest int64     // when one of the directories changed last
}

// The kinds of a record, which is ended by a NUL: a directory is entered, with
// the time of its last change, a file has a size, a directory is left.
const (
	entered = 'd'
	sized   = 'f'
	left    = 'u'
)

// rest is how long a directory has to be unchanged for its time to tell of the
// next change: some file systems count in whole seconds.
const rest = 2 * time.Second

// note adds a record to the list.
func (t *Tree) note(kind byte, number int64, name string) {
	t.list = strconv.AppendInt(append(t.list, kind), number, 10)
	t.list = append(append(append(t.list, ' '), name...), 0)
}

// Saved is what [Unchanged] is given later; nothing when a directory changed
// just now, or nothing was read.
func (t Tree) Saved() []byte {
	if t.list == nil || t.Began.Before(time.Unix(0, t.newest).Add(rest)) {
		return nil
	}
	return append([]byte(t.Digest+"\x00"), t.list...)
}

// Unchanged tells whether dir still has the tree of a digest, by what was saved
// when it had. In a directory that did not change since, no name is another,
// and only sizes are left to look at. False means that only reading tells.
func Unchanged(dir string, saved []byte, digest string) bool {
	list, ok := strings.CutPrefix(string(saved), digest+"\x00")
	c := &comparer{}
	defer func() {
		for _, fd := range c.open {
			unix.Close(fd)
		}
	}()
	same := ok && c.enter(unix.AT_FDCWD, list, dir)
	for same && len(c.open) > 0 {
		same = c.record()
	}
	return same && c.rest == ""
}

// comparer compares a list with what is there.
type comparer struct {
	open []int  // the directories from the top to the one that is looked at
	rest string // of the list
	stat unix.Stat_t
}

// next takes a record off the list.
func (c *comparer) next(list string) (kind byte, number, name string) {
	record, rest, _ := strings.Cut(list, "\x00")
	c.rest = rest
	number, name, ok := strings.Cut(record, " ")
	if !ok || number == "" {
		return 0, "", "" // The list was cut short.
	}
	return number[0], number[1:], name
}

// record compares the next name in the directory that is open.
func (c *comparer) record() bool {
	in, list := c.open[len(c.open)-1], c.rest
	switch kind, number, name := c.next(list); kind {
	case entered:
		return c.enter(in, list, name)
	case sized:
		return unix.Fstatat(in, name, &c.stat, unix.AT_SYMLINK_NOFOLLOW) == nil && strconv.FormatInt(c.stat.Size, 10) == number
	case left:
		c.open = c.open[:len(c.open)-1]
		return unix.Close(in) == nil
	}
	return false
}

// enter opens the directory that the list goes on with.
func (c *comparer) enter(in int, list, path string) bool {
	kind, number, _ := c.next(list)
	fd, err := unix.Openat(in, path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	c.open = append(c.open, fd)
	return kind == entered && unix.Fstat(fd, &c.stat) == nil && strconv.FormatInt(c.stat.Ctim.Nano(), 10) == number
}
