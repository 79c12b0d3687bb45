package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// builder puts a command's pieces into an embedded script.
type builder struct {
	s      *solver
	sink   *rules.Sink
	call   Place
	root   *root
	text   strings.Builder
	render source.Map
	holes  []source.Hole
	from   []Origin
	argv   []source.Span
	id     strings.Builder
	after  bool // the last word was an option that takes the instance's directory
}

func newBuilder(s *solver, sk *rules.Sink, call Place, root *root) *builder {
	b := &builder{s: s, sink: sk, call: call, root: root}
	fmt.Fprintf(&b.id, "%s:%d:%d:", call.File, call.Start, call.End)
	return b
}

// gap stands between two words of a list.
func (b *builder) gap() {
	b.text.WriteByte(' ')
	b.render.Append(source.Segment{Len: 1})
}

// word adds one word, or a whole text.
func (b *builder) word(t *text) {
	hide := b.after && !t.tainted()
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
	via, taint, way := list[0].via, false, list[0].way
	for i := range list {
		taint = taint || list[i].taint
	}
	if via != nil && !taint && (len(list) == 1 && list[0].hole != nil || hide || b.assigned()) {
		b.hole(*via, way, madeBy(&text{list}))
		b.from[len(b.from)-1].Held = held(&text{list})
		return
	}
	for i := range list {
		p := &list[i]
		switch {
		case p.hole != nil && p.away && (hide || b.assigned()):
			b.hole(place{}, p.way, p.made) // a directory that cannot be written here
		case p.hole != nil:
			b.hole(*p.hole, p.way, p.made)
		default:
			b.known(p)
		}
	}
}

// assigned reports whether the text so far ends where a value is assigned, or where the program's root option takes it:
// the value's own expression is of more use there than what it is known to hold.
func (b *builder) assigned() bool {
	s := strings.TrimRight(b.text.String(), `"'`)
	return strings.HasSuffix(s, "=") || slices.ContainsFunc(b.s.in.Pack.Instance.RootOptions, func(o string) bool { return strings.HasSuffix(s, " "+o+" ") })
}

func (b *builder) known(p *piece) {
	from := b.text.Len()
	b.text.WriteString(p.text)
	if p.lit == nil && p.render.Len() == 0 {
		b.render.Append(source.Segment{Len: len(p.text)})
	}
	for _, seg := range p.render.Segments {
		seg.File = p.file
		b.render.Append(seg)
	}
	b.from = append(b.from, Origin{Span: source.Span{Start: from, End: b.text.Len()}, File: p.file, Own: p.own, Way: p.way, Literal: p.lit, Steps: p.trace.steps()})
	fmt.Fprintf(&b.id, "%q", p.text)
	if p.render.Len() > 0 {
		fmt.Fprintf(&b.id, "@%s:%d", p.file, p.render.Segments[0].Host)
	}
}

func (b *builder) hole(at place, way *Way, made string) {
	from := b.text.Len()
	fmt.Fprintf(&b.text, "__hole%d__", len(b.holes)+1)
	span := source.Span{Start: from, End: b.text.Len()}
	b.render.Append(source.Segment{Len: span.Len(), Host: at.span.Start, HostLen: at.span.Len(), Atomic: true, File: at.file})
	b.holes = append(b.holes, source.Hole{Span: span})
	b.from = append(b.from, Origin{Span: span, File: at.file, Way: way, Made: made})
	b.id.WriteByte('?')
}

func (b *builder) key() string { return b.id.String() }

// held is a text that is known, as it would be written; empty when it is not known.
func held(t *text) string {
	for i := range t.pieces {
		if t.pieces[i].lit == nil {
			return ""
		}
	}
	if s, _ := t.plain(); s != "" || len(t.pieces) == 0 {
		return s
	}
	return `""`
}

// held is the text of a root directory, where it is known.
func (r *root) held() string {
	if r == nil || r.text == nil {
		return ""
	}
	return held(r.text)
}

// agree forgets what an earlier command of the same key is known to hold, where this one holds something else.
func (b *builder) agree(old *Command) {
	if old.Held != b.root.held() {
		old.Held = ""
	}
	if b.root != nil {
		old.Dir = cmp.Or(old.Dir, b.root.dir)
	}
	for i := range min(len(old.From), len(b.from)) {
		if old.From[i].Held != b.from[i].Held {
			old.From[i].Held = ""
		}
	}
}

func (b *builder) command() *Command {
	cmd := &Command{Sink: b.sink, Call: b.call, From: b.from, Find: b.sink.Find}
	cmd.Script = &source.Script{Text: b.text.String(), Map: b.render, Language: "shell", Holes: b.holes, Argv: b.argv}
	if r := b.root; r != nil {
		cmd.Way, cmd.Dir, cmd.Own = r.way, r.dir, r.own
		if r.at != nil {
			cmd.Root, cmd.RootFile = source.Hole{Span: r.at.span}, r.at.file
		}
		if r.text != nil {
			cmd.Made, cmd.Held = madeBy(r.text), r.held()
			given := newBuilder(b.s, b.sink, b.call, nil)
			given.word(r.text)
			cmd.Given = given.command().Script
		}
	}
	return cmd
}
