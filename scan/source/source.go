// Package source maps the bytes of a text that stands inside a file to the bytes of that file.
package source

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Span is a half-open range of byte offsets, [Start, End).
type Span struct{ Start, End int }

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether the byte at off is in the span.
func (s Span) Contains(off int) bool { return s.Start <= off && off < s.End }

// Covers reports whether every byte of t is in s.
func (s Span) Covers(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// Segment maps one run of script byte to the host bytes that write it.
//
// When Len equals HostLen and Atomic is false, the run is a copy: script byte i stands at host byte Host+i.
// An atomic run is written as a whole (an escape such as \n or "" for "): only its two ends have a place in the host.
// Len is 0 for host bytes that mean nothing in the script (a line continuation with the indentation after it),
// HostLen is 0 for script byte that nothing writes (the newline between two list items that run as one script).
type Segment struct {
	Script, Len   int
	Host, HostLen int
	Atomic        bool
	File          string // key of the file that holds the host bytes; empty for the script's own host
}

// Map is the host place of every script byte: segments in script order, without gaps.
// The zero Map maps nothing.
type Map struct{ Segments []Segment }

// Identity maps a text of n bytes to the same bytes of its host, from host offset at on.
func Identity(at, n int) Map {
	return Map{Segments: []Segment{{Len: n, Host: at, HostLen: n}}}
}

// Append adds a segment to the end. The segment's Script offset is set to follow what is there.
func (m *Map) Append(s Segment) {
	s.Script = m.Len()
	if n := len(m.Segments); n > 0 && !s.Atomic {
		if p := &m.Segments[n-1]; !p.Atomic && p.File == s.File && p.Len == p.HostLen && s.Len == s.HostLen && p.Host+p.HostLen == s.Host {
			p.Len += s.Len
			p.HostLen += s.HostLen
			return
		}
	}
	m.Segments = append(m.Segments, s)
}

// Len is the number of script byte that the map covers.
func (m Map) Len() int {
	if len(m.Segments) == 0 {
		return 0
	}
	last := m.Segments[len(m.Segments)-1]
	return last.Script + last.Len
}

// Place is a span of one file.
type Place struct {
	File string // empty for the script's own host
	Span
}

// Host is the place in the host that writes the script span. The second result is false when the span is not
// written in one piece: it cuts an atomic run, reaches over two files, or holds bytes that nothing writes.
func (m Map) Host(s Span) (Place, bool) {
	i := m.find(s.Start)
	if i < 0 || s.End > m.Len() || s.End < s.Start {
		return Place{}, false
	}
	first := m.Segments[i]
	start, ok := first.hostOf(s.Start)
	if !ok {
		return Place{}, false
	}
	if s.Len() == 0 {
		return Place{first.File, Span{start, start}}, true
	}
	j := m.find(s.End - 1)
	last := m.Segments[j]
	end, ok := last.hostEnd(s.End)
	if !ok || last.File != first.File || end < start {
		return Place{}, false
	}
	for k := i; k <= j; k++ {
		if m.Segments[k].File != first.File || (m.Segments[k].HostLen == 0 && m.Segments[k].Len > 0) {
			return Place{}, false
		}
	}
	return Place{first.File, Span{start, end}}, true
}

// At is the host place of the script byte at off, or of the run that holds it. It is for messages: it always answers
// with the nearest place when the map is not empty.
func (m Map) At(off int) Place {
	i := m.find(off)
	if i < 0 {
		if len(m.Segments) == 0 {
			return Place{}
		}
		s := m.Segments[len(m.Segments)-1]
		return Place{s.File, Span{s.Host + s.HostLen, s.Host + s.HostLen}}
	}
	s := m.Segments[i]
	if s.Atomic || s.Len != s.HostLen {
		return Place{s.File, Span{s.Host, s.Host + s.HostLen}}
	}
	at := s.Host + off - s.Script
	return Place{s.File, Span{at, at + 1}}
}

// find is the index of the first segment with bytes that holds the script byte at off, or -1.
func (m Map) find(off int) int {
	i := sort.Search(len(m.Segments), func(i int) bool { return m.Segments[i].Script+m.Segments[i].Len > off })
	if i == len(m.Segments) || off < 0 {
		return -1
	}
	return i
}

func (s Segment) hostOf(off int) (int, bool) {
	if s.Atomic || s.Len != s.HostLen {
		return s.Host, off == s.Script
	}
	return s.Host + off - s.Script, true
}

func (s Segment) hostEnd(off int) (int, bool) {
	if s.Atomic || s.Len != s.HostLen {
		return s.Host + s.HostLen, off == s.Script+s.Len
	}
	return s.Host + off - s.Script, true
}

// Written are the bytes of the script's own host that write the script byte in s, whole runs where they are atomic.
func (m Map) Written(s Span) []Span {
	var out []Span
	i := sort.Search(len(m.Segments), func(i int) bool { return m.Segments[i].Script+m.Segments[i].Len > s.Start })
	for ; i < len(m.Segments) && m.Segments[i].Script < s.End; i++ {
		seg := m.Segments[i]
		switch {
		case seg.File != "" || seg.HostLen == 0 || seg.Len == 0:
		case seg.Atomic || seg.Len != seg.HostLen:
			out = append(out, Span{seg.Host, seg.Host + seg.HostLen})
		default:
			lo, hi := max(seg.Script, s.Start), min(seg.Script+seg.Len, s.End)
			out = append(out, Span{seg.Host + lo - seg.Script, seg.Host + hi - seg.Script})
		}
	}
	return out
}

// Slice is the map of the script byte in s, as an embedded script of its own. An atomic run that s cuts is kept whole in the
// host, so that an edit inside it is refused by Host.
func (m Map) Slice(s Span) Map {
	var out Map
	first := sort.Search(len(m.Segments), func(i int) bool { return m.Segments[i].Script+m.Segments[i].Len >= s.Start })
	for _, seg := range m.Segments[first:] {
		if seg.Script > s.End {
			break
		}
		lo, hi := max(seg.Script, s.Start), min(seg.Script+seg.Len, s.End)
		if hi < lo || (hi == lo && (seg.Len > 0 || seg.Script <= s.Start || seg.Script >= s.End)) {
			continue
		}
		part := seg
		part.Len = hi - lo
		if !seg.Atomic && seg.Len == seg.HostLen {
			part.Host, part.HostLen = seg.Host+lo-seg.Script, hi-lo
		} else if part.Len != seg.Len {
			part.Atomic = true
		}
		out.Append(part)
	}
	return out
}

// Through composes two maps: inner maps an embedded script to the text that outer maps to a host; the result maps the script to
// the host. Runs of inner that name a file of their own keep it.
func (inner Map) Through(outer Map) Map {
	var out Map
	for _, seg := range inner.Segments {
		if seg.File != "" {
			out.Append(seg)
			continue
		}
		if seg.Atomic || seg.Len != seg.HostLen {
			out.Append(outer.wrap(seg))
			continue
		}
		for _, part := range outer.Slice(Span{seg.Host, seg.Host + seg.HostLen}).Segments {
			out.Append(part)
		}
	}
	return out
}

// wrap is the segment seg of an inner map with its host bytes looked up in m.
func (m Map) wrap(seg Segment) Segment {
	p, ok := m.Host(Span{seg.Host, seg.Host + seg.HostLen})
	if !ok {
		p = m.At(seg.Host)
	}
	seg.File, seg.Host, seg.HostLen, seg.Atomic = p.File, p.Start, p.Len(), true
	return seg
}

// Hole is a part of a script's text whose value the script's language cannot know: a template expression, or an
// interpolation of the language that builds the text. The script holds a placeholder of word characters there.
type Hole struct {
	Span          // of the placeholder, in script byte
	Expr   string // the expression as its own language writes it, without delimiters: `instance_name`
	Source string // the whole text that the placeholder stands for, delimiters included: `{{ instance_name }}`
}

// Var is a variable that a host defines for an embedded script, as `variables:` does in a pipeline.
type Var struct {
	Name  string
	Value *Script
}

// Ref is a part of a script's text that the host took from a definition: `$(TUTOR)` of a makefile.
type Ref struct {
	Span         // of the value, in script byte
	At     Place // where the host refers to it
	Shared bool  // other definitions of the same name may give another value
}

// Script is a text in one language that stands inside a file of another.
type Script struct {
	Text     string
	Map      Map
	Language string // "shell", "python", …: what the text is written in
	Dialect  string // for shell: "sh", "bash", "zsh", "fish", or empty when unknown
	Host     string // what holds it: "yaml", "dockerfile", "makefile", "markdown", …
	Where    string // the place in words: `job "deploy": script`
	Holes    []Hole // in order, not overlapping
	Env      []Var  // variables that the host defines for it
	Argv     []Span // set for a command given as a list (exec form): the span of each word in Text; Text is then no shell
	Place    string // where the host runs it, when that is not here: "container", "machine", "pod", "service"
	Document bool   // shown to a reader who may type it (a code block), not run by a machine
	Refs     []Ref  // values that stand in Text in the place of the host's references to them

	// Render is how the host writes text when it replaces the script byte at. It errs when the host's kind of
	// literal cannot hold the text there. Nil means that the host writes the script as it is.
	Render func(at Span, text string) (string, error)

	// Quote is how the host writes text at the beginning of a value that only then has to be a quoted one, which takes
	// an edit at its end too. Nil, or false, when that is not so.
	Quote func(at Span, text string) (Quoted, bool)
}

// Quoted is the beginning of a value that becomes a quoted one, and what has to stand at its end, in the host.
type Quoted struct {
	Text  string
	End   int
	Close string
}

// Quoted is what Quote gives, with the bytes of the host that its text replaces.
func (g *Script) Quoted(s Span, text string) (Place, Quoted, bool) {
	p, ok := g.Map.Host(s)
	if !ok || g.Quote == nil || p.File != "" {
		return Place{}, Quoted{}, false
	}
	hide, show := g.tokens(text)
	if strings.HasPrefix(text, "{") { // the host has to see how the value begins
		hide = strings.NewReplacer()
	}
	q, ok := g.Quote(s, hide.Replace(text))
	q.Text = show.Replace(q.Text)
	return p, q, ok
}

// Replace is the edit of the host that replaces the script byte in s with text. Where text repeats the Source of a hole,
// as an expression of the host's template language, the host gets it as it is.
func (g *Script) Replace(s Span, text string) (Place, string, error) {
	p, ok := g.Map.Host(s)
	if !ok {
		return Place{}, "", fmt.Errorf("%s: the text is not written in one piece", g.Host)
	}
	if g.Render == nil {
		return p, text, nil
	}
	hide, show := g.tokens(text)
	out, err := g.Render(s, hide.Replace(text))
	return p, show.Replace(out), err
}

// tokens replaces the sources of holes in text by words without quotes, which no host has to escape, and back.
func (g *Script) tokens(text string) (hide, show *strings.Replacer) {
	var to, back []string
	for i, h := range g.filled() {
		token := fmt.Sprintf("zHOLE%dz", i)
		if strings.HasPrefix(h.Source, "{{") { // YAML has to see it
			token = "{{" + token + "}}"
		}
		if h.Source == "" || strings.Contains(text, token) {
			continue
		}
		to, back = append(to, h.Source, token), append(back, token, h.Source)
	}
	return strings.NewReplacer(to...), strings.NewReplacer(back...)
}

// filled are the host's expressions that the script or, for a list of words, one of its variables holds.
func (g *Script) filled() []Hole {
	all := slices.Clip(g.Holes)
	for _, v := range g.Env {
		if v.Value != nil && len(g.Argv) > 0 {
			all = append(all, v.Value.Holes...)
		}
	}
	return all
}

// Literal is text without the host's expressions in it.
func (g *Script) Literal(text string) string {
	for _, h := range g.filled() {
		text = strings.ReplaceAll(text, h.Source, "")
	}
	return text
}

// HoleAt is the hole that covers the script byte at off, if there is one.
func (g *Script) HoleAt(off int) (Hole, bool) {
	i := sort.Search(len(g.Holes), func(i int) bool { return g.Holes[i].End > off })
	if i < len(g.Holes) && g.Holes[i].Contains(off) {
		return g.Holes[i], true
	}
	return Hole{}, false
}

// Reveal is the script text in s with every placeholder replaced by the source that it stands for.
func (g *Script) Reveal(s Span) string {
	var b strings.Builder
	at := s.Start
	for _, h := range g.Holes {
		if h.Start < at || h.End > s.End {
			continue
		}
		b.WriteString(g.Text[at:h.Start])
		b.WriteString(h.Source)
		at = h.End
	}
	b.WriteString(g.Text[at:s.End])
	return b.String()
}

// Within is an embedded script of an embedded script, seen from the outer one's host: maps and form are composed.
func (g *Script) Within(outer *Script) *Script {
	in := *g
	in.Holes = slices.Clone(g.Holes)
	in.Pierce(outer.Holes)
	in.Map, in.Quote = g.Map.Through(outer.Map), nil
	in.Render = func(at Span, text string) (string, error) {
		if g.Render != nil {
			rendered, err := g.Render(at, text)
			if err != nil {
				return "", err
			}
			text = rendered
		}
		if outer.Render == nil {
			return text, nil
		}
		p, ok := g.Map.Host(at)
		if !ok {
			return "", fmt.Errorf("%s: the text is not written in one piece", g.Host)
		}
		return outer.Render(p.Span, text)
	}
	if g.Quote != nil && outer.Render == nil {
		in.Quote = func(at Span, text string) (Quoted, bool) {
			q, ok := g.Quote(at, text)
			end, whole := outer.Map.Host(Span{Start: q.End - 1, End: q.End})
			q.End = end.End
			return q, ok && whole && end.File == ""
		}
	}
	if in.Host == "" {
		in.Host = outer.Host
	}
	in.Document = g.Document || outer.Document
	in.Place = cmp.Or(g.Place, outer.Place)
	in.Refs = nil
	for _, ref := range g.Refs {
		if p, ok := outer.Map.Host(ref.At.Span); ok && ref.At.File == "" {
			in.Refs = append(in.Refs, Ref{ref.Span, p, ref.Shared})
		}
	}
	in.Env = make([]Var, len(g.Env))
	for i, v := range g.Env {
		in.Env[i] = Var{v.Name, v.Value.Within(outer)}
	}
	return &in
}
