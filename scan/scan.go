// Package scan reads a workspace and says of every place that names or runs the program what it is and what has to be done with it.
package scan

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"runtime"
	"slices"
	"sort"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// MaxFile is the size in bytes beyond which a file is skipped.
const MaxFile = 16 << 20

// MaxMentions is how often a file may hold the word; one that holds it more often is skipped. Each mention is a row of the report.
const MaxMentions = 50_000

// Root is one repository of the workspace.
type Root struct {
	Key    string        // how reports name it; unique in the workspace
	Dir    string        // its directory, absolute, links resolved
	Role   string        // "grove", "template", "cluster" or "other"
	Config *rules.Config // what its grove-migrate.yaml says; never nil
	Tree   Tree
}

// Tree is the content of a root. A planned state is scanned by giving another Read.
type Tree struct {
	walk.Listing
	Read func(path string) ([]byte, error)      // the bytes of a file of the listing; errors say why in a few words
	Mode func(path string) (fs.FileMode, error) // its permission bits, with those of set-user-id, set-group-id and sticky

	// ReadInto is Read with memory that it may use for the bytes; nil where there is only Read. Who gives another Read has
	// to replace it too.
	ReadInto func(path string, memory []byte) ([]byte, error)
}

// Workspace is everything that is scanned together.
type Workspace struct {
	Pack  *rules.Pack
	Roots []*Root

	order []instanceSource // the resolution order of a test; nil for the one that holds
}

// Report is what a scan found. Files are sorted by root, as given, then path; occurrences by position.
type Report struct {
	Roots   []*Root
	Files   []*File
	Skipped []Skip
	Unused  []Unused
	Read    int   // files that were looked at
	Bytes   int64 // and their size
}

// File is a file that holds occurrences.
type File struct {
	Root        *Root
	Path        string
	Src         []byte // as it was read
	Decoded     bool   // Src is the text of a file in another encoding: no fix can be made in it
	Lines       source.Lines
	Occurrences []site.Occurrence
	Callers     func(source.Span) []flowPlace // calls of the function at a span; nil for files without functions
	Stale       []Stale                       // ignore comments that keep nothing
}

// Skip is a path that was not looked at, or not fully.
type Skip struct {
	Root *Root
	walk.Skip
}

// Stale is an ignore comment that no longer keeps a site.
type Stale struct {
	source.Span        // of the comment
	Text        string // the reason that it gives
}

// Unused is a decision of a root's configuration that settled no site.
type Unused struct {
	Root     *Root
	Decision rules.Decision
}

// Sites are the places of a report that run or look for the program, with the file of each.
func (r *Report) Sites() iter.Seq2[*File, *site.Occurrence] {
	return func(yield func(*File, *site.Occurrence) bool) {
		for _, f := range r.Files {
			for i := range f.Occurrences {
				if f.Occurrences[i].Class.Site() && !yield(f, &f.Occurrences[i]) {
					return
				}
			}
		}
	}
}

// Only is the report on those paths of the roots that are wanted. Decisions are about whole roots, and are left out.
func (r *Report) Only(wanted func(root *Root, path string) bool) *Report {
	out := &Report{Roots: r.Roots, Read: r.Read, Bytes: r.Bytes}
	for _, f := range r.Files {
		if wanted(f.Root, f.Path) {
			out.Files = append(out.Files, f)
		}
	}
	for _, s := range r.Skipped {
		if wanted(s.Root, s.Path) {
			out.Skipped = append(out.Skipped, s)
		}
	}
	return out
}

// Incomplete reports whether something was skipped that could hold a call.
func (r *Report) Incomplete() bool {
	for _, s := range r.Skipped {
		if !s.Minor {
			return true
		}
	}
	return false
}

// scanner is the state of one scan of one root.
type scanner struct {
	ctx   context.Context
	ws    Workspace
	pack  *rules.Pack
	root  *Root
	links map[string][]string // names of the links in the workspace that point to a file of this root, by path

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
	callers  func(source.Span) []flowPlace
	make     []makeDefinition // what makeDefinitions found; nil before
	decoded  bool             // src is the text of a file in another encoding
}

// Scan reads all roots. It errs only when the context ends; what cannot be read is in Report.Skipped.
func Scan(ctx context.Context, ws Workspace) (*Report, error) {
	report := &Report{Roots: ws.Roots}
	links := linksInto(ws)
	for _, root := range ws.Roots {
		s := &scanner{
			ctx: ctx, ws: ws, pack: withConfig(ws.Pack, root.Config), root: root, links: links[root],
			used: map[int]bool{}, ignores: map[string]ignores{}, names: map[string]func(source.Span) ([]site.Name, string, source.Span){}, byPath: map[string]*text{}, known: map[string]bool{},
		}
		if err := s.run(); err != nil {
			return nil, err
		}
		report.Files = append(report.Files, s.files()...)
		s.accept()
		report.Unused = append(report.Unused, s.unused()...)
		slices.SortFunc(s.skipped, func(a, b Skip) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason)) })
		report.Skipped = append(report.Skipped, slices.Compact(s.skipped)...)
		report.Read += s.read
		report.Bytes += s.bytes
	}
	return report, nil
}

// accept takes the skipped paths that a decision accepts out of what makes the coverage incomplete.
func (s *scanner) accept() {
	for i := range s.skipped {
		sk := &s.skipped[i]
		for j, d := range s.root.Config.Decisions {
			if !sk.Minor && d.Accepts(sk.Path) {
				sk.Minor, sk.Reason, s.used[j] = true, sk.Reason+"; accepted: "+d.Keep, true
			}
		}
	}
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

func (s *scanner) run() error {
	for _, sk := range s.root.Tree.Skipped {
		s.skipped = append(s.skipped, Skip{s.root, sk})
	}
	if err := s.gather(); err != nil {
		return err
	}
	if err := s.readTexts(); err != nil {
		return err
	}
	if err := s.readLanguages(); err != nil {
		return err
	}
	return s.ctx.Err()
}

// gather reads every file of the root and keeps those that hold the word, or that a link named like the program points to.
func (s *scanner) gather() error {
	files := s.root.Tree.Files
	kept := make([]*text, len(files))
	skips := make([]*walk.Skip, len(files))
	sizes := make([]int, len(files))
	for _, path := range files {
		s.known[path] = true
	}
	err := s.each(func() (func(int), func()) {
		var memory []byte // most files are passed over: their bytes all go to the same place
		return func(i int) {
			if !s.root.Config.Ignored(files[i]) {
				kept[i], sizes[i], skips[i] = s.open(files[i], &memory)
			}
		}, func() {}
	}, len(files))
	if err != nil {
		return err
	}
	for i, t := range kept {
		s.read++
		s.bytes += int64(sizes[i])
		if skips[i] != nil {
			s.skipped = append(s.skipped, Skip{s.root, *skips[i]})
		}
		if t != nil {
			s.held = append(s.held, t)
			s.byPath[t.path] = t
		}
	}
	return nil
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

// open reads one file and keeps it when it is of interest. Memory is for its bytes while that is not known.
func (s *scanner) open(path string, memory *[]byte) (*text, int, *walk.Skip) {
	src, err := s.readInto(path, memory)
	if err != nil {
		return nil, 0, &walk.Skip{Path: path, Reason: err.Error()}
	}
	if reason := unreadable(src); reason != "" {
		return nil, len(src), &walk.Skip{Path: path, Reason: reason}
	}
	size := len(src)
	decoded := fromUTF16(src)
	if decoded != nil {
		src = decoded
	}
	mentions := len(site.Find(src, s.pack.Program.Name))
	if mentions == 0 && len(s.links[path]) == 0 {
		return nil, size, nil
	}
	if mentions > MaxMentions {
		reason := fmt.Sprintf("holds the word %d times, more than the %d that are looked at in one file: it looks generated, so name it under ignore in grove-migrate.yaml if it runs nothing", mentions, MaxMentions)
		return nil, size, &walk.Skip{Path: path, Reason: reason}
	}
	if bytes.IndexByte(src[:min(len(src), 8000)], 0) >= 0 {
		return nil, size, &walk.Skip{Path: path, Reason: "a binary file that holds the word", Minor: true}
	}
	if s.root.Tree.ReadInto != nil && decoded == nil {
		src = bytes.Clone(src)
	}
	return &text{path: path, src: src, kind: host.Detect(path, src), decoded: decoded != nil}, size, nil
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

// readTexts reads what is no programming language of its own: shell scripts and the files that hold embedded scripts.
func (s *scanner) readTexts() error {
	results := make([]reading.Result, len(s.held))
	err := s.each(func() (func(int), func()) {
		r := newReader(s)
		return func(i int) {
			if t := s.held[i]; isLanguage(t.kind) {
				results[i] = r.directives(t)
			} else {
				results[i] = r.file(t)
			}
		}, r.close
	}, len(s.held))
	if err != nil {
		return err
	}
	for i, t := range s.held {
		s.take(t, results[i])
	}
	if err := s.followTemplateValues(); err != nil {
		return err
	}
	return s.followExports(results)
}

// take adds what a reader found in a file, and the definitions in other files that it runs.
func (s *scanner) take(t *text, r reading.Result) {
	t.findings = append(t.findings, r.Occurrences...)
	for _, f := range r.Foreign {
		if other := s.byPath[f.File]; other != nil {
			other.findings = append(other.findings, seenFrom(f.File, f.Occurrence))
		}
	}
	for _, p := range r.Problems {
		s.skipped = append(s.skipped, Skip{s.root, walk.Skip{Path: t.path, Reason: p.Text, Minor: !p.Total}})
	}
}

// files are the root's files with what was found in them, every occurrence classified.
func (s *scanner) files() []*File {
	byPath := map[string]*File{}
	for _, t := range s.held {
		f := &File{Root: s.root, Path: t.path, Src: t.src, Lines: source.NewLines(t.src), Callers: t.callers, Decoded: t.decoded}
		f.Occurrences = classify(s.pack, t)
		s.decide(f)
		byPath[t.path] = f
	}
	s.settleUses(byPath)
	var out []*File
	for _, f := range byPath {
		if len(f.Occurrences) > 0 {
			out = append(out, f)
		}
	}
	for _, f := range out {
		f.Stale = s.ignoresIn(f).stale()
		if f.Decoded {
			f.withoutFixes()
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out
}

// withoutFixes leaves the sites of a file that is not written as it was read to a person.
func (f *File) withoutFixes() {
	for i := range f.Occurrences {
		occ := &f.Occurrences[i]
		occ.Slot, occ.Takes, occ.Caller = nil, nil, nil
		if occ.Action == site.Rewrite {
			occ.Action, occ.Reason = site.Review, "the file is UTF-16, in which nothing is changed: convert it to UTF-8, or change the call by hand"
		}
	}
}

func (s *scanner) unused() []Unused {
	var out []Unused
	for i, d := range s.root.Config.Decisions {
		if !s.used[i] && d.Note == "" { // what a plan says is not known here
			out = append(out, Unused{s.root, d})
		}
	}
	return out
}
