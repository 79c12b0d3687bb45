package scan

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// scanner is the state of one scan of one root.
type scanner struct {
	ctx   context.Context
	ws    Workspace
	pack  *rules.Pack
	root  *Root
	links map[string][]string // names of the links in the workspace that point to a file of this root, by path

	// readCode follows source code that stands inside another file.
	readCode func(parser *syntax.Parser, g *source.Script, t *text, out *reading.Result)

	names   map[string]func(source.Span) ([]site.Name, string, source.Span) // the names in scope at a place of a source file
	ignores map[string]ignores                                              // the comments that keep sites, by file, as far as they were asked for
	used    map[int]bool                                                    // decisions that settled a site, by index
	held    []*text                                                         // files with the word, or with a link to them, in order
	byPath  map[string]*text
	known   map[string]bool // every file of the listing
	skipped []Skip
	read    int
	bytes   int64
}

// text is one file while it is read.
type text struct {
	path     string
	src      []byte
	kind     host.Kind
	findings []site.Occurrence
	callers  func(source.Span) []flow.Place
	make     []makeDefinition // what makeDefinitions found; nil before
	decoded  bool             // src is the text of a file in another encoding
}

// instanceSource is a way to find the instance of a site. It writes what it finds into the occurrence.
type instanceSource struct {
	name  string
	holds func(s *scanner, f *File, occ *site.Occurrence) bool
	acts  bool // it gives the site its action too
}

// makeDefinition is a definition of a make variable.
type makeDefinition struct {
	name  string
	value string // what stands on its line
	gives bool   // it gives the variable a value, and adds or runs nothing
	at    int    // byte at which it begins
}

// withConfig is the pack with the names that a root's configuration adds.
func withConfig(pack *rules.Pack, c *rules.Config) *rules.Pack {
	if len(c.Instance.Names)+len(c.Instance.Environment) == 0 {
		return pack
	}
	own := *pack
	own.Instance.Names = append(own.Instance.Names[:len(own.Instance.Names):len(own.Instance.Names)], c.Instance.Names...)
	own.Instance.Environment = append(own.Instance.Environment[:len(own.Instance.Environment):len(own.Instance.Environment)], c.Instance.Environment...)
	return &own
}

// errTooLarge is what Tree.Read answers for a file beyond MaxFile.
var errTooLarge = errors.New("larger than 16 MiB")

// each does a piece of work for each number below n, on all cores. Begin prepares one core's share of it, and says what is
// done for a number and at the end.
func (s *scanner) each(begin func() (work func(i int), end func()), n int) error {
	var g errgroup.Group
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), n) {
		g.Go(func() error {
			work, end := begin()
			defer end()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if s.ctx.Err() != nil {
					return s.ctx.Err()
				}
				work(i)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("scan %s: %w", s.root.Key, err)
	}
	return nil
}

// readInto reads a file into memory that the next one will have, where the tree can do that.
func (s *scanner) readInto(path string, memory *[]byte) ([]byte, error) {
	if s.root.Tree.ReadInto == nil {
		return s.root.Tree.Read(path)
	}
	src, err := s.root.Tree.ReadInto(path, *memory)
	if cap(src) > cap(*memory) {
		*memory = src
	}
	return src, err
}
