package scan

import (
	"io/fs"
	"iter"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
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
	Callers     func(source.Span) []flow.Place // calls of the function at a span; nil for files without functions
	Stale       []Stale                        // ignore comments that keep nothing
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

// The sources of the resolution order, as Occurrence.InstanceFrom names them.
const (
	FromDecision = "decision"
	FromRoot     = "root"
	FromName     = "name-in-scope"
	FromUses     = "name-at-uses"
	FromCaller   = "single-caller"
	FromPlace    = "place"
)

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

// line is the text of a line, counted from 1, without its end.
func (f *File) line(n int) []byte {
	end := len(f.Src)
	if n < len(f.Lines) {
		end = f.Lines[n] - 1
	}
	return f.Src[f.Lines[n-1]:end]
}
