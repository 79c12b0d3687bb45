package shell

import (
	"sort"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// text is one shell text while it is read: the script itself, shell text inside it, or a file that it sources.
type text struct {
	embedded *source.Script
	src      string        // the script's text with templates and the byte order mark hidden, byte for byte
	holes    []source.Hole // its unknown parts
	origin   source.Map    // from its bytes to those of the text that was asked for, or of a file or variable by key
	outer    *text         // the text that holds it; nil for the script itself and for files
	quote    byte          // how outer quotes it: '\'' when outer expands nothing in it, '"' when it does
	apart    bool          // another shell runs it, under a name of its own
	cleared  bool          // it gets none of the variables of the text around it
	place    string        // where it runs, when it is not here
	by       string        // what runs it
	within   source.Place  // the word of the outer text that holds it
	depth    int
	refs     []ref  // its parts that are values of the outer text's variables
	root     string // the root directory that the command around it sets, as outer writes it between double quotes
}

// ref is a part of a text that is the value of a variable, and the expansion that put it there.
type ref struct {
	source.Span
	by *rendered
}

// span is the bytes of a node.
func span(n syntax.Node) source.Span {
	return source.Span{Start: int(n.Pos().Offset()), End: int(n.End().Offset())}
}

// raw is the text of a node as it is written.
func (t *text) raw(s source.Span) string {
	if s.Start < 0 || s.End > len(t.src) || s.Start > s.End {
		return ""
	}
	return t.src[s.Start:s.End]
}

// reveal is the text of a node as the host writes it, template expressions included.
func (t *text) reveal(s source.Span) string {
	g := source.Script{Text: t.src, Holes: t.holes}
	if s.Start < 0 || s.End > len(t.src) || s.Start > s.End {
		return ""
	}
	return g.Reveal(s)
}

// field is one word after expansion, and where it stands.
type field struct {
	Word
	found bool        // a command that finds executables printed it
	self  bool        // the script's own name
	loose bool        // unknown and not quoted: it may be any number of words
	text  *text       // the text whose command holds it
	at    source.Span // the word of that text which became it
	word  *syntax.Word
	body  byte      // 'h' or 'H' for the body of a here-document that is expanded, or not
	first *rendered // where the word was written first, for an element of an array
	refs  []ref     // parts of Text that are values of variables, between double quotes
}

// written is a word of a text.
type rendered struct {
	text  *text
	at    source.Span
	word  *syntax.Word
	value bool // the word is a value that the shell splits where it is used
	order int  // of the last assignment before it
}

// add appends another field's text.
func (f *field) add(o field) {
	shift := len(f.Text)
	f.Text += o.Text
	for _, s := range o.Map.Segments {
		f.Map.Append(s)
	}
	for _, h := range o.Holes {
		h.Start, h.End = h.Start+shift, h.End+shift
		f.Holes = append(f.Holes, h)
	}
	for _, v := range o.refs {
		v.Start, v.End = v.Start+shift, v.End+shift
		f.refs = append(f.refs, v)
	}
	f.found = f.found || o.found
	f.self = f.self || o.self
}

// holesFrom are the holes, which are in order, that end behind the byte at off.
func holesFrom(holes []source.Hole, off int) []source.Hole {
	return holes[sort.Search(len(holes), func(i int) bool { return holes[i].End > off }):]
}

// cut is the part of the field's text in s.
func (f field) cut(s source.Span) field {
	out := f
	out.Text = f.Text[s.Start:s.End]
	out.Map = f.Map.Slice(s)
	out.Holes = nil
	for _, h := range holesFrom(f.Holes, s.Start) {
		if h.Start >= s.End {
			break
		}
		if s.Covers(h.Span) {
			h.Start, h.End = h.Start-s.Start, h.End-s.Start
			out.Holes = append(out.Holes, h)
		}
	}
	out.refs = nil
	for _, v := range f.refs {
		if s.Covers(v.Span) {
			v.Start, v.End = v.Start-s.Start, v.End-s.Start
			out.refs = append(out.refs, v)
		}
	}
	return out
}

// split cuts the field at blanks, as the shell does with an expansion that is not quoted.
func (f field) split() []field {
	var out []field
	start := -1
	for i := 0; i <= len(f.Text); i++ {
		blank := i == len(f.Text) || strings.IndexByte(" \t\n", f.Text[i]) >= 0
		switch {
		case blank && start >= 0:
			out = append(out, f.cut(source.Span{Start: start, End: i}))
			start = -1
		case !blank && start < 0:
			start = i
		}
	}
	return out
}

// lines are the lines of a text that has several; they are what a loop over it reads.
func (f field) lines() []field {
	if !strings.Contains(strings.TrimRight(f.Text, "\n"), "\n") {
		return nil
	}
	var out []field
	from := 0
	for i := 0; i <= len(f.Text) && len(out) < maxAlternatives; i++ {
		if i == len(f.Text) || f.Text[i] == '\n' {
			if i > from {
				out = append(out, f.cut(source.Span{Start: from, End: i}))
			}
			from = i + 1
		}
	}
	return out
}

// blank reports whether nothing is known of the field.
func (f field) blank() bool { return f.Many || len(f.Holes) > 0 && covered(f.Word) }

// piece is the literal bytes of the text in s.
func (t *text) piece(s source.Span) field {
	f := field{Word: Word{Text: t.src[s.Start:s.End], Map: t.origin.Slice(s)}}
	for _, h := range holesFrom(t.holes, s.Start) {
		if h.Start >= s.End {
			break
		}
		if h.Start >= s.Start && h.End <= s.End {
			h.Start, h.End = h.Start-s.Start, h.End-s.Start
			f.Holes = append(f.Holes, h)
		}
	}
	return f
}

// unescape is the literal bytes of the text in s, with a backslash taken off in front of the bytes in special ("" for
// all), and a backslash and newline taken out.
func (t *text) unescape(s source.Span, special string) field {
	if strings.IndexByte(t.src[s.Start:s.End], '\\') < 0 {
		return t.piece(s)
	}
	var f field
	var text strings.Builder // one piece after the other: a text may be all backslashes
	put := func(part field) {
		shift := text.Len()
		text.WriteString(part.Text)
		for _, seg := range part.Map.Segments {
			f.Map.Append(seg)
		}
		for _, h := range part.Holes {
			h.Start, h.End = h.Start+shift, h.End+shift
			f.Holes = append(f.Holes, h)
		}
	}
	from := s.Start
	for i := s.Start; i < s.End-1; i++ {
		if t.src[i] != '\\' {
			continue
		}
		c := t.src[i+1]
		crlf := c == '\r' && i+2 < s.End && t.src[i+2] == '\n'
		if c != '\n' && !crlf && special != "" && strings.IndexByte(special, c) < 0 {
			i++
			continue
		}
		put(t.piece(source.Span{Start: from, End: i}))
		from = i + 1
		switch {
		case crlf:
			from = i + 3
		case c == '\n':
			from = i + 2
		}
		i = max(i+1, from-1)
	}
	put(t.piece(source.Span{Start: from, End: s.End}))
	f.Text = text.String()
	return f
}

// placeholder is a text of n word characters that cannot be the program's name.
func placeholder(n int) string { return strings.Repeat("_", max(n, 1)) }

// hole is an unknown value that the expression in s stands for.
func (t *text) hole(s source.Span) field {
	p := placeholder(min(s.Len(), 8))
	f := field{Word: Word{Text: p}}
	expr := t.reveal(s)
	f.Holes = []source.Hole{{Span: source.Span{End: len(p)}, Expr: expr, Source: expr}}
	place := t.origin.At(s.Start)
	if host, ok := t.origin.Host(s); ok {
		place = host
	}
	f.Map.Append(source.Segment{Len: len(p), Host: place.Start, HostLen: place.Len(), Atomic: true, File: place.File})
	return f
}

// occurrences are the places in the field's text where the program's word stands.
func (r *reader) occurrences(f field) []source.Span { return f.find(r.program) }

// find is the places in the word where the program's name stands. What is not known ends a name, as it does in the
// text: the placeholder is no part of it.
func (w Word) find(program string) []source.Span {
	text := []byte(w.Text)
	for _, h := range w.Holes {
		for i := h.Start; i < h.End && i < len(text); i++ {
			text[i] = ' '
		}
	}
	return site.Find(text, program)
}
