package plan

import (
	"errors"
	"io/fs"
	"sync"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// contents are the workspace's files as the scan read them, each read once.
type contents struct {
	roots map[string]*scan.Root
	known map[edit.File]bool
	mu    sync.Mutex // the planned state is scanned by several workers
	cache map[edit.File]content
}

type content struct {
	src  []byte
	mode fs.FileMode
	err  error
}

func newContents(ws scan.Workspace) *contents {
	c := &contents{roots: map[string]*scan.Root{}, known: map[edit.File]bool{}, cache: map[edit.File]content{}}
	for _, r := range ws.Roots {
		c.roots[r.Key] = r
		for _, p := range r.Tree.Files {
			c.known[edit.File{Root: r.Key, Path: p}] = true
		}
	}
	return c
}

func (c *contents) root(f edit.File) *scan.Root { return c.roots[f.Root] }

// seen keeps the bytes that the scan has read of a file: every edit is computed against those.
func (c *contents) seen(f edit.File, src []byte) {
	mode, err := c.roots[f.Root].Tree.Mode(f.Path)
	c.cache[f] = content{src, mode, err}
}

func (c *contents) read(f edit.File) ([]byte, fs.FileMode, error) {
	c.mu.Lock()
	got, ok := c.cache[f]
	c.mu.Unlock()
	if ok {
		return got.src, got.mode, got.err
	}
	root := c.roots[f.Root]
	if root == nil || !c.known[f] {
		return nil, 0, errors.New("is no file of the workspace")
	}
	if got.src, got.err = root.Tree.Read(f.Path); got.err == nil {
		got.mode, got.err = root.Tree.Mode(f.Path)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cache[f] = got
	return got.src, got.mode, got.err
}

// size is the length of a file's content, as edit.Merge asks for it.
func (c *contents) size(f edit.File) (int, bool) {
	src, _, err := c.read(f)
	return len(src), err == nil
}
