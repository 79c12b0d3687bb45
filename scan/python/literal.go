package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

func identity(n syntax.Node) source.Map { return source.Identity(n.Start(), n.End()-n.Start()) }

// adjacent lowers string literals that stand side by side, which are one string.
func (l *lowerer) adjacent(n syntax.Node) flow.Expr {
	join := &flow.Join{Pos: pos(n)}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() != "string" {
			continue
		}
		x := l.str(c)
		if inner, ok := x.(*flow.Join); ok {
			join.Parts = append(join.Parts, inner.Parts...)
			continue
		}
		join.Parts = append(join.Parts, x)
	}
	return join
}

// str lowers a string token: a Lit, or a Join where something in it is not known.
func (l *lowerer) str(n syntax.Node) flow.Expr {
	q := readQuote(l.tree.Src, n)
	var parts []flow.Expr
	at := q.body.Start
	piece := func(end int) {
		if end > at {
			parts = append(parts, l.pieces(n, q, source.Span{Start: at, End: end})...)
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() != "interpolation" || !q.body.Covers(c.Span()) {
			continue
		}
		piece(c.Start())
		parts = append(parts, l.interpolation(c)...)
		at = c.End()
	}
	piece(q.body.End)
	if len(parts) == 0 {
		return &flow.Lit{Pos: flow.Pos{Span: q.body}, Literal: n.Span(), Kind: q.kind}
	}
	if lit, ok := parts[0].(*flow.Lit); ok && len(parts) == 1 {
		return lit
	}
	return &flow.Join{Pos: pos(n), Parts: parts}
}

// quote is how a string token is written.
type quote struct {
	kind                  string      // "", "f", "r", "b", "rb", "rf": the prefix, in one form
	raw, bytes, formatted bool        //
	body                  source.Span // between the quotes, in bytes of the file
	delimiter             string      // ", ', """ or '''
}

func readQuote(src []byte, n syntax.Node) quote {
	at := n.Start()
	var q quote
	for ; at < n.End() && src[at] != '"' && src[at] != '\''; at++ {
		switch src[at] | 0x20 {
		case 'r':
			q.raw = true
		case 'b':
			q.bytes = true
		case 'f', 't':
			q.formatted = true
		}
	}
	width := 0
	for width < 3 && at+width < n.End() && src[at+width] == src[min(at, len(src)-1)] {
		width++
	}
	if width == 2 {
		width = 1 // the empty string
	}
	q.delimiter = string(src[at : at+width])
	q.body = source.Span{Start: at + width, End: max(at+width, n.End()-width)}
	if last := lastChild(n); width > 0 && (last.Kind() != "string_end" || last.End()-last.Start() == 0) {
		q.body.End = max(q.body.Start, n.End()) // never closed
	}
	if q.raw {
		q.kind = "r"
	}
	switch {
	case q.bytes:
		q.kind += "b"
	case q.formatted:
		q.kind += "f"
	}
	return q
}

func lastChild(n syntax.Node) syntax.Node {
	var last syntax.Node
	for c := n.First(); c.OK(); c = c.Next() {
		last = c
	}
	return last
}

// pieces decodes a run of a literal's own text. A character that is given by its name is not known.
func (l *lowerer) pieces(n syntax.Node, q quote, s source.Span) []flow.Expr {
	var out []flow.Expr
	d := decoder{src: l.tree.Src, quote: q}
	for at := s.Start; at < s.End; {
		start := at
		at = d.run(at, s.End)
		if at > start {
			out = append(out, &flow.Lit{
				Pos: flow.Pos{Span: source.Span{Start: start, End: at}}, Text: d.text.String(), Map: d.m,
				Literal: n.Span(), Kind: q.kind,
			})
		}
		if at >= s.End {
			break
		}
		end := at + strings.IndexByte(string(l.tree.Src[at:s.End]), '}') + 1
		out = append(out, &flow.Opaque{Pos: flow.Pos{Span: source.Span{Start: at, End: end}}})
		at = end
		d.reset()
	}
	return out
}

// interpolation lowers what stands in braces. A conversion or format other than that of str gives text that is not known.
func (l *lowerer) interpolation(n syntax.Node) []flow.Expr {
	x := n.Field("expression")
	if !x.OK() {
		return []flow.Expr{l.opaque(n)}
	}
	plain := true
	var out []flow.Expr
	var parts []flow.Expr
	for c := n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "=":
			plain = false
			shown := source.Span{Start: n.Start() + 1, End: c.End()}
			text := string(l.tree.Src[shown.Start:shown.End])
			out = append(out, &flow.Lit{Pos: flow.Pos{Span: shown}, Text: text, Map: source.Identity(shown.Start, len(text)), Literal: n.Span(), Kind: "="})
		case "type_conversion":
			plain = plain && c.Text() == "!s"
		case "format_specifier":
			plain = plain && (c.Text() == ":" || c.Text() == ":s")
			parts = append(parts, l.opaque(c))
		}
	}
	value := l.expr(x)
	if plain {
		return append(out, value)
	}
	return append(out, &flow.Opaque{Pos: pos(x), Parts: append([]flow.Expr{value}, parts...)})
}
