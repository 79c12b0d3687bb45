package host

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

const maxHosts = 8 // hosts inside hosts

// nest reads a piece as a file of its own of the given kind. What is found there leads back to this file. For the kinds
// that other packages read, and for shell, the piece becomes an embedded script.
func (r *reader) nest(kind Kind, p piece, g source.Script) {
	switch kind {
	case Shell, Python, Ruby, Go, YAML:
		g.Text, g.Map, g.Language = p.text, p.m, string(kind)
		r.embedded(&g)
		return
	}
	if r.depth >= maxHosts {
		s := p.span()
		r.Mark(s.Start, s.End, site.Unexplained, "unread", "too many files inside one another")
		return
	}
	in := r.in
	in.Src, in.Path = []byte(p.text), ""
	sub := newReader(kind, in)
	sub.depth = r.depth + 1
	sub.read()
	r.take(sub.Classify(sub.occurrence), p, g)
}

// take adopts what was read in the text of p.
func (r *reader) take(got reading.Result, p piece, g source.Script) {
	for _, inner := range got.Scripts {
		inner.Map = inner.Map.Through(p.m)
		inner.Host, inner.Document = string(r.kind), inner.Document || g.Document
		if g.Where != "" {
			inner.Where = g.Where + ": " + inner.Where
		}
		inner.Render, inner.Quote = renderThrough(inner.Render, g.Render), nil
		for _, v := range inner.Env {
			v.Value.Map = v.Value.Map.Through(p.m)
			v.Value.Render = renderThrough(v.Value.Render, g.Render)
		}
		r.embedded(inner)
	}
	for _, o := range got.Occurrences {
		at, ok := p.m.Host(o.Span)
		if !ok {
			at = p.m.At(o.Start)
		}
		if g.Document && o.Class == site.Unexplained && (o.Kind == "unread" || o.Kind == "unfollowed") {
			continue // an excerpt: what is left out of it is no fault
		}
		r.Add(reading.Mark{Span: at.Span, Class: o.Class, Shape: o.Kind, Reason: o.Reason, Language: o.Language})
	}
	for _, q := range got.Problems {
		if g.Document {
			break
		}
		at := p.m.At(q.Start)
		r.Problem(at.Start, p.span().End, q.Text)
	}
}

// renderThrough writes in the inner text first and then in the outer one.
func renderThrough(inner, outer renderer) renderer {
	if outer == nil {
		return inner
	}
	return func(at source.Span, text string) (string, error) {
		if inner != nil {
			var err error
			if text, err = inner(at, text); err != nil {
				return "", err
			}
		}
		return outer(at, text)
	}
}
