package yaml

import (
	"errors"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// dollars turns an embedded script of a file in which `$name` and `${name}` are filled in before anything runs, and `$$` stands
// for a dollar, into what is run: each expression becomes a hole, and what is put into the script gets its dollars
// doubled.
func dollars(g *source.Script) {
	d := dollar{old: *g}
	for d.at < len(d.old.Text) {
		d.next()
	}
	g.Text = d.text.String()
	g.Map = d.m.Through(d.old.Map)
	g.Holes = d.holes
	for i, a := range g.Argv {
		g.Argv[i] = source.Span{Start: d.moved(a.Start), End: d.moved(a.End)}
	}
	inner, whole := d.m, d.old.Render
	g.Render = func(at source.Span, text string) (string, error) {
		p, ok := inner.Host(at)
		if !ok {
			return "", errors.New("the text cuts a variable that is filled in before the command runs")
		}
		return whole(p.Span, strings.ReplaceAll(text, "$", "$$"))
	}
	if quote := d.old.Quote; quote != nil {
		g.Quote = func(at source.Span, text string) (source.Quoted, bool) {
			p, ok := inner.Host(at)
			if !ok {
				return source.Quoted{}, false
			}
			return quote(p.Span, strings.ReplaceAll(text, "$", "$$"))
		}
	}
}

// dollar is one pass over a script's text.
type dollar struct {
	old    source.Script
	at     int // in the old text
	text   strings.Builder
	m      source.Map // from the new text to the old one
	holes  []source.Hole
	halved []int // where the dollars stood in the old text that are one now
}

// next passes over the text up to and with the next dollar.
func (d *dollar) next() {
	rest := d.old.Text[d.at:]
	n := strings.IndexByte(rest, '$')
	if n < 0 {
		n = len(rest)
	}
	if n > 0 {
		d.copyTo(d.at + n)
		return
	}
	switch name := expression(rest); {
	case strings.HasPrefix(rest, "$$"):
		d.text.WriteByte('$')
		d.m.Append(source.Segment{Len: 1, Host: d.at, HostLen: 2, Atomic: true})
		d.halved = append(d.halved, d.at)
		d.at += 2
	case name > 0:
		start := d.text.Len()
		expr := strings.Trim(rest[1:name], "{}")
		d.text.WriteString(placeholder(rest[:name]))
		d.m.Append(source.Segment{Len: name, Host: d.at, HostLen: name, Atomic: true})
		d.holes = append(d.holes, source.Hole{Span: source.Span{Start: start, End: start + name}, Expr: expr, Source: rest[:name]})
		d.at += name
	default:
		d.copyTo(d.at + 1)
	}
}

// placeholder is a word of the same length as an expression.
func placeholder(s string) string {
	out := []byte(s)
	for i, c := range out {
		if !isName("_" + string(rune(c))) {
			out[i] = '_'
		}
	}
	return string(out)
}

// copyTo takes the text over as it stands, with its holes.
func (d *dollar) copyTo(end int) {
	for _, h := range d.old.Holes {
		if h.Start >= d.at && h.End <= end {
			shift := d.text.Len() - d.at
			h.Start, h.End = h.Start+shift, h.End+shift
			d.holes = append(d.holes, h)
		}
	}
	d.text.WriteString(d.old.Text[d.at:end])
	d.m.Append(source.Segment{Len: end - d.at, Host: d.at, HostLen: end - d.at})
	d.at = end
}

// moved is where a byte of the old text stands in the new one.
func (d *dollar) moved(at int) int {
	n := 0
	for n < len(d.halved) && d.halved[n] < at {
		n++
	}
	return at - n
}

// expression is the length of the `$name` or `${name…}` at the beginning of s, or 0.
func expression(s string) int {
	if strings.HasPrefix(s, "${") {
		n := strings.IndexAny(s, "}\n")
		if n < 0 || s[n] == '\n' {
			return 0
		}
		return n + 1
	}
	n := 1
	for n < len(s) && isName(s[1:n+1]) {
		n++
	}
	if n == 1 {
		return 0
	}
	return n
}
