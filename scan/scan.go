// Package scan reads a workspace and says of every place that names or runs the program what it is and what has to be done with it.
package scan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// Scan reads all roots. It errs only when the context ends; what cannot be read is in Report.Skipped.
func Scan(ctx context.Context, ws Workspace) (*Report, error) {
	report := &Report{Roots: ws.Roots}
	links := linksInto(ws)
	for _, root := range ws.Roots {
		s := &scanner{
			ctx: ctx, ws: ws, pack: withConfig(ws.Pack, root.Config), root: root, links: links[root],
			used: map[int]bool{}, ignores: map[string]ignores{}, names: map[string]func(source.Span) ([]site.Name, string, source.Span){}, byPath: map[string]*text{}, known: map[string]bool{},
		}
		s.readCode = s.readEmbedded
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

func (s *scanner) unused() []Unused {
	var out []Unused
	for i, d := range s.root.Config.Decisions {
		if !s.used[i] && d.Note == "" { // what a plan says is not known here
			out = append(out, Unused{s.root, d})
		}
	}
	return out
}
