package ruby

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// literal is what the tokens of a string-like literal say about its content.
type literal struct {
	quoting
	kind    string
	whole   source.Span
	content source.Span
	holes   []syntax.Node // interpolations in the content
}

// read finds out how the literal at n is written. The grammar calls most of them "string", whatever their delimiters.
func (l *lowering) read(n syntax.Node) literal {
	at := n.Span()
	text := string(l.src[at.Start:at.End])
	lit := literal{whole: at, quoting: quoting{escapes: true}, kind: "\""}
	skip := 1
	switch {
	case strings.HasPrefix(text, ":\""), strings.HasPrefix(text, ":'"):
		skip, lit.kind = 2, "symbol"
	case strings.HasPrefix(text, "%"):
		skip = 2
		if len(text) > 1 && letter(text[1]) {
			skip = 3
		}
		lit.kind = text[:min(skip-1, len(text))]
	case text != "":
		lit.kind = text[:1]
	}
	if skip <= len(text) {
		lit.open = text[skip-1]
	}
	lit.close = closing(lit.open)
	switch lit.kind {
	case "'", "%q", "%w", "%i", "%s":
		lit.escapes = false
	}
	if lit.kind == "symbol" && lit.open == '\'' {
		lit.escapes = false
	}
	lit.words = strings.HasPrefix(lit.kind, "%w") || strings.HasPrefix(lit.kind, "%W") || strings.EqualFold(lit.kind, "%i")
	lit.content = source.Span{Start: min(at.Start+skip, at.End), End: at.End}
	if n := lit.content; n.Len() > 0 && l.src[n.End-1] == lit.close {
		lit.content.End--
	}
	lit.holes = interpolations(n)
	return lit
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func closing(open byte) byte {
	switch open {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '<':
		return '>'
	}
	return open
}

// interpolations are those of one literal, in order; those of literals inside them are not.
func interpolations(n syntax.Node) []syntax.Node {
	var out []syntax.Node
	for c := n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "interpolation":
			out = append(out, c)
		case "bare_string", "bare_symbol":
			out = append(out, interpolations(c)...)
		}
	}
	return out
}

// builder collects the parts of one string.
type builder struct {
	l     *lowering
	lit   literal
	parts []flow.Expr
	piece piece
}

func (b *builder) flush() {
	if len(b.piece.text) == 0 { // only bytes that mean nothing
		b.piece = piece{}
		return
	}
	segments := b.piece.m.Segments
	for segments[0].Len == 0 {
		segments = segments[1:]
	}
	first, last := segments[0], segments[len(segments)-1]
	at := source.Span{Start: first.Host, End: last.Host + last.HostLen}
	b.parts = append(b.parts, &flow.Lit{Pos: flow.Pos{Span: at}, Text: string(b.piece.text), Map: b.piece.m, Literal: b.lit.whole, Kind: b.lit.kind})
	b.piece = piece{}
}

// hole adds the value of an interpolation, and returns the offset after it.
func (b *builder) hole(n syntax.Node) int {
	b.flush()
	b.parts = append(b.parts, b.l.interpolated(n))
	return n.End()
}

// missed adds an interpolation that the grammar did not see, up to its closing brace, and returns the offset after it.
func (b *builder) missed(at, end int) int {
	depth, stop := 0, at+1
	for ; stop < end; stop++ {
		if b.l.src[stop] == '{' {
			depth++
		} else if b.l.src[stop] == '}' {
			if depth--; depth == 0 {
				stop++
				break
			}
		}
	}
	b.flush()
	b.parts = append(b.parts, &flow.Opaque{Pos: flow.Pos{Span: source.Span{Start: at, End: stop}}})
	return stop
}

// text decodes from start to end; the literal's holes that begin there are consumed.
func (b *builder) text(start, end int) {
	for at := start; at < end; {
		for len(b.lit.holes) > 0 && b.lit.holes[0].Start() < at {
			b.lit.holes = b.lit.holes[1:]
		}
		stop := end
		if len(b.lit.holes) > 0 && b.lit.holes[0].Start() < end {
			stop = b.lit.holes[0].Start()
		}
		if at == stop && stop < end {
			at = b.hole(b.lit.holes[0])
			continue
		}
		if b.lit.escapes && strings.HasPrefix(string(b.l.src[at:min(at+2, stop)]), "#{") {
			at = b.missed(at, stop)
			continue
		}
		at = b.piece.step(b.l.src, at, stop, b.lit.quoting)
	}
}

// value is what was collected: a Lit, a Join, or an empty Lit at the start of the content.
func (b *builder) value(at source.Span) flow.Expr {
	b.flush()
	switch {
	case len(b.parts) == 0:
		empty := source.Span{Start: b.lit.content.Start, End: b.lit.content.Start}
		return &flow.Lit{Pos: flow.Pos{Span: empty}, Literal: b.lit.whole, Kind: b.lit.kind}
	case len(b.parts) == 1:
		if _, ok := b.parts[0].(*flow.Lit); ok {
			return b.parts[0]
		}
	}
	return &flow.Join{Pos: flow.Pos{Span: at}, Parts: b.parts}
}

// str is the value of a string, symbol or backtick literal.
func (l *lowering) str(n syntax.Node) flow.Expr {
	if doc, ok := l.docs.at(n.Start()); ok {
		return l.heredoc(doc)
	}
	b := builder{l: l, lit: l.read(n)}
	b.text(b.lit.content.Start, b.lit.content.End)
	return b.value(n.Span())
}

// wordList is the list of a %w or %i literal.
func (l *lowering) wordList(n syntax.Node) flow.Expr {
	lit := l.read(n)
	list := &flow.List{Pos: flow.Pos{Span: n.Span()}}
	holes := lit.holes
	for at := lit.content.Start; at < lit.content.End; {
		if white(l.src[at]) {
			at++
			continue
		}
		start := at
		for at < lit.content.End && !white(l.src[at]) {
			for len(holes) > 0 && holes[0].Start() < at {
				holes = holes[1:]
			}
			switch {
			case len(holes) > 0 && holes[0].Start() == at:
				at = holes[0].End()
			case l.src[at] == '\\' && at+1 < lit.content.End:
				at += 2
				if l.src[at-1] == '\r' && at < lit.content.End && l.src[at] == '\n' {
					at++
				}
			default:
				at++
			}
		}
		b := builder{l: l, lit: lit}
		b.lit.content.Start = start
		b.text(start, min(at, lit.content.End))
		list.Elems = append(list.Elems, b.value(source.Span{Start: start, End: at}))
	}
	return list
}

// heredoc is the text of a here-document. Its Literal is the body with the line of its terminator.
func (l *lowering) heredoc(doc heredoc) flow.Expr {
	lit := literal{kind: doc.kind(), content: doc.body, whole: source.Span{Start: doc.body.Start, End: doc.after}}
	lit.quoting = quoting{escapes: !doc.raw, verbatim: doc.raw}
	if !doc.raw {
		lit.holes = l.docs.within(doc.body)
	}
	b := builder{l: l, lit: lit}
	columns := 0
	if doc.squiggly {
		columns = l.docs.indent(doc)
	}
	lines := l.docs.lines(doc)
	for i, line := range lines {
		at := line.Start
		if n := l.docs.margin(at, columns); n > 0 {
			b.unseen(at, at+n)
			at += n
		}
		b.text(at, line.End)
		if i+1 < len(lines) {
			b.unseen(line.End, lines[i+1].Start)
		}
	}
	value := b.value(lit.whole)
	if doc.shell {
		return &flow.Run{Pos: flow.Pos{Span: doc.opening}, Text: value, Sink: "backtick"}
	}
	return value
}

// unseen passes over bytes that mean nothing in the string.
func (b *builder) unseen(start, end int) {
	if start < end {
		b.piece.m.Append(source.Segment{Host: start, HostLen: end - start, Atomic: true})
	}
}
