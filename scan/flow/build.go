package flow

import (
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// builder puts a command's pieces into a guest.
type builder struct {
	s     *solver
	sink  *rules.Sink
	call  Place
	root  *place
	text  strings.Builder
	spell source.Map
	holes []source.Hole
	from  []Origin
	argv  []source.Span
	id    strings.Builder
	after bool // the last word was an option that takes the instance's directory
}

func newBuilder(s *solver, sk *rules.Sink, call Place, root *place) *builder {
	b := &builder{s: s, sink: sk, call: call, root: root}
	fmt.Fprintf(&b.id, "%s:%d:%d:", call.File, call.Start, call.End)
	return b
}

// gap stands between two words of a list.
func (b *builder) gap() {
	b.text.WriteByte(' ')
	b.spell.Append(source.Segment{Len: 1})
}

// word adds one word, or a whole text.
func (b *builder) word(t *text) {
	hide := b.after && !t.hot()
	b.after = false
	for rest := t.pieces; len(rest) > 0; {
		n := together(rest)
		b.pieces(rest[:n], hide)
		rest = rest[n:]
	}
	if s, ok := t.plain(); ok {
		for _, o := range b.s.in.Pack.Instance.RootOptions {
			b.after = b.after || s == o
		}
	}
}

// together is how many of the first pieces one expression gave.
func together(pieces []piece) int {
	n := 1
	for via := pieces[0].via; via != nil && n < len(pieces) && pieces[n].via != nil && *pieces[n].via == *via; {
		n++
	}
	return n
}

// pieces adds what one expression gave: the expression itself where it is not known, or of more use than what it holds.
func (b *builder) pieces(list []piece, hide bool) {
	via, live := list[0].via, false
	for i := range list {
		live = live || list[i].live
	}
	if via != nil && !live && (len(list) == 1 && list[0].hole != nil || hide || b.assigned()) {
		b.hole(*via)
		return
	}
	for i := range list {
		p := &list[i]
		switch {
		case p.hole != nil && p.away && (hide || b.assigned()):
			b.hole(place{}) // a directory that cannot be spelled here
		case p.hole != nil:
			b.hole(*p.hole)
		default:
			b.known(p)
		}
	}
}

// assigned reports whether the text so far ends where a value is assigned: the value's own expression is of more use
// there than what it is known to hold.
func (b *builder) assigned() bool {
	s := strings.TrimRight(b.text.String(), `"'`)
	return strings.HasSuffix(s, "=")
}

func (b *builder) known(p *piece) {
	from := b.text.Len()
	b.text.WriteString(p.text)
	if p.lit == nil && p.spell.Len() == 0 {
		b.spell.Append(source.Segment{Len: len(p.text)})
	}
	for _, seg := range p.spell.Segments {
		seg.File = p.file
		b.spell.Append(seg)
	}
	b.from = append(b.from, Origin{Span: source.Span{Start: from, End: b.text.Len()}, File: p.file, Own: p.own, Literal: p.lit, Steps: p.trail.steps()})
	fmt.Fprintf(&b.id, "%q", p.text)
	if p.spell.Len() > 0 {
		fmt.Fprintf(&b.id, "@%s:%d", p.file, p.spell.Segments[0].Host)
	}
}

func (b *builder) hole(at place) {
	from := b.text.Len()
	fmt.Fprintf(&b.text, "__hole%d__", len(b.holes)+1)
	span := source.Span{Start: from, End: b.text.Len()}
	b.spell.Append(source.Segment{Len: span.Len(), Host: at.span.Start, HostLen: at.span.Len(), Atomic: true, File: at.file})
	b.holes = append(b.holes, source.Hole{Span: span})
	b.from = append(b.from, Origin{Span: span, File: at.file})
	b.id.WriteByte('?')
}

func (b *builder) key() string { return b.id.String() }

func (b *builder) command() *Command {
	cmd := &Command{Sink: b.sink, Call: b.call, From: b.from, Find: b.sink.Find}
	cmd.Guest = &source.Guest{Text: b.text.String(), Map: b.spell, Language: "shell", Holes: b.holes, Argv: b.argv}
	if b.root != nil {
		cmd.Root = source.Hole{Span: b.root.span}
	}
	return cmd
}
