package host

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// reader collects what is found in one file.
type reader struct {
	kind    Kind
	in      Input
	pack    *rules.Pack
	src     string
	program string
	words   []source.Span // where the program's name stands

	scripts  []*source.Script
	marks    []mark
	problems []Problem
	depth    int  // of files inside files
	masked   bool // the template blocks are hidden already
}

// mark says what the mentions in a span are, unless a smaller mark or an embedded script says it.
type mark struct {
	source.Span
	class  site.Class
	shape  string // short term for reports; with the kind it makes the rule's name
	reason string

	kind Kind // of the text that the span is read as, when that is not the file's own
}

func newReader(kind Kind, in Input) *reader {
	r := &reader{kind: kind, in: in, pack: in.Pack, src: string(in.Src)}
	if in.Pack == nil {
		return r
	}
	r.program = strings.ToLower(in.Pack.Program.Name)
	r.words = site.Find(in.Src, r.program)
	return r
}

// mark classifies the mentions in the bytes from start to end.
func (r *reader) mark(start, end int, class site.Class, shape, reason string) {
	if end > start && r.has(start, end) {
		r.marks = append(r.marks, mark{Span: source.Span{Start: start, End: end}, class: class, shape: shape, reason: reason})
	}
}

// has reports whether the program's name stands in the bytes from start to end, in whole or in part.
func (r *reader) has(start, end int) bool {
	return len(r.within(start, end)) > 0
}

// mentions marks each mention by itself, so that it counts before the running text around it.
func (r *reader) mentions(start, end int, class site.Class, shape, reason string) {
	for _, w := range r.within(start, end) {
		r.mark(w.Start, w.End, class, shape, reason)
	}
}

// within are the mentions in the bytes from start to end, in whole or in part.
func (r *reader) within(start, end int) []source.Span {
	i := sort.Search(len(r.words), func(i int) bool { return r.words[i].End > start })
	j := i + sort.Search(len(r.words)-i, func(k int) bool { return r.words[i+k].Start >= end })
	return r.words[i:j]
}

func (r *reader) embedded(g *source.Script) {
	if g.Host == "" {
		g.Host = string(r.kind)
	}
	r.scripts = append(r.scripts, g)
}

func (r *reader) problem(start, end int, text string) {
	r.problems = append(r.problems, Problem{source.Span{Start: start, End: end}, text})
}

// whole makes the file itself an embedded script, for the package that reads its language.
func (r *reader) whole(language string) {
	r.embedded(&source.Script{Text: r.src, Map: source.Identity(0, len(r.src)), Language: language, Where: "the file"})
}

// account gives each mention that no script holds to the smallest mark around it.
func (r *reader) classify() Reading {
	held := r.held()
	slices.SortStableFunc(r.marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	sort.SliceStable(r.problems, func(i, j int) bool { return r.problems[i].Start < r.problems[j].Start })
	out := Reading{Scripts: r.scripts, Problems: r.problems}
	var open []mark
	next := 0
	for _, w := range r.words {
		for ; next < len(r.marks) && r.marks[next].Start <= w.Start; next++ {
			open = append(open, r.marks[next])
		}
		live := open[:0]
		for _, m := range open {
			if m.End > w.Start {
				live = append(live, m)
			}
		}
		open = live
		if overlaps(held, w) {
			continue
		}
		out.Occurrences = append(out.Occurrences, r.occurrence(w, smallest(open)))
	}
	return out
}

func smallest(open []mark) mark {
	var best mark
	for i, m := range open {
		if i == 0 || m.Len() <= best.Len() {
			best = m
		}
	}
	return best
}

func (r *reader) occurrence(at source.Span, m mark) site.Occurrence {
	if m.class == "" {
		m = mark{class: site.Unexplained, shape: "unread", reason: "this part of the file could not be read as " + string(r.kind)}
	}
	occ := site.Occurrence{Span: at, Language: string(r.kind), Class: m.class, Kind: m.shape, Reason: m.reason}
	if m.kind != "" && m.kind != r.kind {
		occ.Language, occ.Host = string(m.kind), string(r.kind)
	}
	if m.class.Site() {
		occ.Action = site.Review
	}
	occ.Rule = r.program + "/" + family(Kind(occ.Language)) + "-" + m.shape
	return occ
}

// family is the group of kinds whose rules are documented together.
func family(kind Kind) string {
	switch kind {
	case Dockerfile, Makefile:
		return string(kind)
	case Markdown, RST, Text, HTML, PO, Notebook:
		return "document"
	case INI, TOML, JSON, Systemd, HCL, Env, CSV, XML:
		return "data"
	case Crontab, Procfile, Justfile:
		return "job"
	case Jinja, ERB:
		return "template"
	case Requirements, Lock:
		return "package"
	}
	if _, ok := lexisOf(kind); ok {
		return "code"
	}
	return "file"
}

// held are the host bytes of the whole words in the embedded scripts' texts, in order. A word that a script's placeholder hides is
// not among them: the script's reader cannot see it.
func (r *reader) held() []source.Span {
	var out []source.Span
	for _, g := range r.scripts {
		for _, w := range site.Find([]byte(g.Text), r.program) {
			out = append(out, rendered(g.Map, w)...)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return merge(out)
}

// written are the bytes of this file that write the script byte in w.
func rendered(m source.Map, w source.Span) []source.Span {
	var out []source.Span
	i := sort.Search(len(m.Segments), func(i int) bool { return m.Segments[i].Script+m.Segments[i].Len > w.Start })
	for ; i < len(m.Segments) && m.Segments[i].Script < w.End; i++ {
		s := m.Segments[i]
		switch {
		case s.File != "" || s.HostLen == 0 || s.Len == 0:
		case s.Atomic || s.Len != s.HostLen:
			out = append(out, source.Span{Start: s.Host, End: s.Host + s.HostLen})
		default:
			lo, hi := max(s.Script, w.Start), min(s.Script+s.Len, w.End)
			out = append(out, source.Span{Start: s.Host + lo - s.Script, End: s.Host + hi - s.Script})
		}
	}
	return out
}

// merge joins spans, sorted by their start, that touch or overlap.
func merge(spans []source.Span) []source.Span {
	var out []source.Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// overlaps reports whether a span of the sorted, disjoint spans shares a byte with at.
func overlaps(spans []source.Span, at source.Span) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].End > at.Start })
	return i < len(spans) && spans[i].Start < at.End
}
