package flow

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

func sameText(a, b *text) bool {
	if len(a.pieces) != len(b.pieces) {
		return false
	}
	for i := range a.pieces {
		p, q := &a.pieces[i], &b.pieces[i]
		if p.text != q.text || p.lit != q.lit || p.file != q.file || (p.hole == nil) != (q.hole == nil) {
			return false
		}
		if p.hole != nil && *p.hole != *q.hole || p.lit != nil && p.render.Len() > 0 && p.render.Segments[0].Host != q.render.Segments[0].Host {
			return false
		}
	}
	return true
}

// plain is the whole text when every part of it is known.
func (t *text) plain() (string, bool) {
	var b strings.Builder
	for i := range t.pieces {
		if t.pieces[i].hole != nil {
			return "", false
		}
		b.WriteString(t.pieces[i].text)
	}
	return b.String(), true
}

// plainOf is the text of a value that is one known text.
func plainOf(v value) (string, bool) {
	if t, ok := v.(*text); ok {
		return t.plain()
	}
	return "", false
}

// slice is the part of a known piece between two of its bytes.
func (s *solver) slice(p piece, from, to int) piece {
	p.render = p.render.Slice(source.Span{Start: from, End: to})
	p.text = p.text[from:to]
	p.taint = s.names(p.text)
	return p
}

// joined puts values one after the other as one text. A value that is no text becomes a hole.
// The result is a choice when a part is one.
func (s *solver) joined(parts []part) value {
	texts := [][]piece{nil}
	for _, p := range parts {
		opts := s.factors(options(p.val), len(texts))
		if len(opts) == 1 {
			more := s.piecesOf(opts[0], p)
			for i := range texts {
				texts[i] = append(texts[i], s.fits(texts[i], more)...)
			}
			continue
		}
		var next [][]piece
		for _, head := range texts {
			for _, o := range opts {
				next = append(next, append(head[:len(head):len(head)], s.fits(head, s.piecesOf(o, p))...))
			}
		}
		texts = next
	}
	out := make([]value, len(texts))
	for i, pieces := range texts {
		s.work += len(pieces)
		out[i] = &text{pieces}
	}
	return eitherOf(maxTainted, out)
}

// factors are the alternatives that are put together with n others: few enough for the product to stay small. One that
// holds the program and has to be left out is out of sight.
func (s *solver) factors(opts []value, n int) []value {
	room := max(maxOptions/max(n, 1), 1)
	if n <= 1 {
		room = maxTainted
	}
	if len(opts) <= room {
		return opts
	}
	kept := trim(opts, room)
	for _, o := range opts {
		if o.tainted() && !slices.Contains(kept, o) {
			mark(s.escaped, o, 0)
		}
	}
	return kept
}

// fits is what of more pieces a text has package for.
func (s *solver) fits(head, more []piece) []piece {
	if len(head)+len(more) <= maxPieces {
		return more
	}
	s.bounded = true
	return more[:max(0, maxPieces-len(head))]
}

// part is one operand of a join: its value and, when it is not text that stands there itself, the expression.
type part struct {
	val value
	via *place
}

func (s *solver) piecesOf(v value, p part) []piece {
	t, ok := v.(*text)
	if !ok {
		at := p.via
		if u, isUnknown := v.(*unknown); isUnknown && at == nil {
			at = &u.at
		}
		if at == nil {
			at = &place{}
		}
		return []piece{{hole: at, via: p.via, made: madeBy(v)}}
	}
	if p.via == nil || t.tainted() { // what holds the program is written out, with the ways of its own parts
		return t.pieces
	}
	out := make([]piece, len(t.pieces))
	for i, q := range t.pieces {
		q.via = p.via
		out[i] = q
	}
	return out
}

// viaOf is the place of an expression that is not itself literal text, nil for one that is.
func (f *frame) viaOf(e Expr) *place {
	switch e.(type) {
	case *Lit, *Join, *Format, *Add:
		return nil
	}
	p := f.at(e)
	return &p
}

// evalThrough is the value of an expression, which remembers that it came through it.
func (f *frame) evalThrough(x Expr) value {
	v := f.eval(x)
	via := f.viaOf(x)
	if via == nil {
		return v
	}
	return f.s.through(f.used(v, x), via)
}

// through is a value whose texts remember the expression that they came through.
func (s *solver) through(v value, via *place) value {
	switch v := v.(type) {
	case *text:
		return &text{s.piecesOf(v, part{v, via})}
	case *bound:
		if via != nil {
			return &bound{recv: v.recv, name: v.name, at: v.at, expr: *via}
		}
	case *external:
		if via != nil {
			return &external{name: v.name, at: v.at, expr: *via}
		}
	case *choice:
		out := *v
		out.options = make([]value, len(v.options))
		for i, o := range v.options {
			out.options[i] = s.through(o, via)
		}
		return &out
	}
	return v
}
