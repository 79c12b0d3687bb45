package yaml

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var errApart = errors.New("the text stands in two YAML values")

// write is how the scalar of p writes replacement in place of the bytes at of its text.
//
// The kind of scalar stays what it is, with one exception: a plain scalar that would have to begin with a quote, or with
// what else YAML takes for its own, becomes a quoted one when all of it is replaced, and a folded one in a block. What
// is answered is read again: if the scalar would not have exactly the text that is meant, and end where it ends now,
// there is an error instead.
func (f *file) render(p part, at source.Span, replacement string) (string, error) {
	if !utf8.ValidString(replacement) {
		return "", errors.New("YAML holds UTF-8 only")
	}
	place, ok := p.m.Host(at)
	if !ok {
		return "", fmt.Errorf("the %s YAML value does not hold this text in one piece", p.node.Style)
	}
	e := edit{file: f, part: p, at: at, place: place.Span, break_: f.lineBreak(p.node.Span.End)}
	e.want = p.text[:at.Start] + mask.Read(replacement).Text + p.text[at.End:]
	rendered := e.escape(replacement)
	if e.holds(rendered, p.node.Style) && !e.collects(rendered) {
		return rendered, nil
	}
	if p.node.Style == Plain && at.Start == 0 && at.End == len(p.text) {
		for _, style := range []Style{Single, Double} {
			if rendered := e.quoted(replacement, style); e.holds(rendered, style) {
				return rendered, nil
			}
		}
	}
	if p.node.Style == Plain && at.Start == 0 && !p.node.flow {
		if rendered := e.folded(replacement); e.holds(rendered, Folded) {
			return rendered, nil
		}
	}
	if strings.Contains(replacement, "\n") {
		return "", fmt.Errorf("a %s YAML value cannot hold a newline here", p.node.Style)
	}
	return "", fmt.Errorf("a %s YAML value cannot hold this text here; quote the value by hand", p.node.Style)
}

// collects reports whether YAML takes an expression of a template in a plain scalar for a collection: at its beginning, and
// anywhere inside brackets.
func (e *edit) collects(rendered string) bool {
	n := e.part.node
	return n.Style == Plain && (e.at.Start == 0 && strings.HasPrefix(rendered, "{") || n.flow && strings.ContainsAny(rendered, "{}[],"))
}

// quote is how a plain scalar on one line, whose beginning is replaced by what no plain scalar can begin with, becomes a
// quoted one. A part of it that has a quote of its own would need more edits.
func (f *file) quote(p part, at source.Span, replacement string) (source.Quoted, bool) {
	n := p.node
	place, ok := p.m.Host(at)
	if !ok || n.Style != Plain || at.Start != 0 || at.End == len(p.text) || !utf8.ValidString(replacement) || strings.ContainsAny(f.raw[n.Span.Start:n.Span.End], "\r\n'") {
		return source.Quoted{}, false
	}
	e := edit{file: f, part: p, at: at, place: place.Span}
	e.want = mask.Read(replacement).Text + p.text[at.End:]
	out := source.Quoted{Text: strings.TrimSuffix(e.quoted(replacement, Single), "'"), End: n.Span.End, Close: "'"}
	whole := out.Text + f.raw[place.End:n.Span.End] + out.Close
	if e.holds(replacement, Plain) && !e.collects(replacement) || strings.Contains(replacement, "\n") || !printable(whole) {
		return source.Quoted{}, false
	}
	m := mask.Read(whole)
	l := newLexer(whole, m)
	l.src = m.Text
	node := *n
	node.Span.Start, node.Style = 0, Single
	var b builder
	end, ok := l.scalar(&node, &b)
	return out, ok && end == len(m.Text) && string(b.text) == e.want
}

// lineBreak is the kind of line break that the file uses around off.
func (f *file) lineBreak(off int) string {
	i := strings.LastIndexByte(f.raw[:off], '\n')
	if i < 0 {
		if i = strings.IndexByte(f.raw[off:], '\n'); i >= 0 {
			i += off
		}
	}
	if i > 0 && f.raw[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// edit is one replacement inside a scalar.
type edit struct {
	*file
	part   part
	at     source.Span // in the scalar's text
	place  source.Span // in the file
	want   string      // the scalar's text as it is meant to be
	break_ string
}

// escape writes text as the scalar's style does; template blocks are written as they stand, because the template is
// filled in before the file is read.
func (e *edit) escape(text string) string {
	switch e.part.node.Style {
	case Single:
		text = outside(text, func(s string) string { return strings.ReplaceAll(s, "'", "''") })
		return strings.ReplaceAll(text, "\n", e.break_+e.break_+e.indentation())
	case Double:
		return outside(text, escapeDouble)
	case Literal:
		return strings.ReplaceAll(text, "\n", e.break_+e.indentation())
	case Folded:
		return strings.ReplaceAll(text, "\n", e.break_+e.break_+e.indentation())
	}
	return text
}

// outside applies change to what is outside of the template blocks of text.
func outside(text string, change func(string) string) string {
	var b strings.Builder
	last := 0
	for _, block := range mask.Read(text).Blocks {
		b.WriteString(change(text[last:block.Start]))
		b.WriteString(text[block.Start:block.End])
		last = block.End
	}
	b.WriteString(change(text[last:]))
	return b.String()
}

func escapeDouble(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case 0x80 <= r && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xfffe && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// indentation is what the lines of the scalar begin with.
func (e *edit) indentation() string {
	n := e.part.node
	if n.Style == Literal || n.Style == Folded {
		_, indent := e.tree.lexer.block(n.Span.Start, n.floor, nil)
		return strings.Repeat(" ", indent)
	}
	return strings.Repeat(" ", max(n.floor, 0)+2)
}

// quoted writes the whole of a plain scalar as a quoted one.
func (e *edit) quoted(text string, style Style) string {
	if style == Single {
		return "'" + outside(text, func(s string) string { return strings.ReplaceAll(s, "'", "''") }) + "'"
	}
	return `"` + outside(text, escapeDouble) + `"`
}

// folded writes the beginning of a plain scalar as that of a folded one: header, line break, indentation, text. The
// lines that follow keep their own indentation, so the first one takes it too.
func (e *edit) folded(text string) string {
	n := e.part.node
	rest := e.raw[n.Span.Start:n.Span.End]
	indent := e.indentation()
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		line := strings.TrimLeft(rest[i+1:], "\r\n")
		indent = line[:len(line)-len(strings.TrimLeft(line, " "))]
	}
	return ">-" + e.break_ + indent + text
}

// holds reports whether the scalar, written so and read in the given style, has the text that is meant and ends where
// it is meant to end.
func (e *edit) holds(rendered string, style Style) bool {
	n := *e.part.node
	end := n.Span.End
	window := e.tree.lexer.lineEnd(end)
	if n.Style == Literal || n.Style == Folded {
		window = end
	}
	text := e.raw[n.Span.Start:e.place.Start] + rendered + e.raw[e.place.End:window]
	if !printable(text) || window == end && end < len(e.raw) && e.tree.lexer.breakLen(end-1) > 0 && !strings.HasSuffix(text, "\n") {
		return false
	}
	m := mask.Read(text)
	masked := m.Text
	end += len(rendered) - e.place.Len() - n.Span.Start
	l := newLexer(text, m)
	l.src = masked
	n.Span.Start, n.Style = 0, style
	if style == Plain && !plainStart(masked, n.flow) {
		return false
	}
	if style == Folded && e.part.node.Style == Plain {
		// Nothing but white space may follow: it would become part of the text.
		if strings.Trim(masked[end:], " \t") != "" {
			return false
		}
		end = len(masked)
		masked = strings.TrimRight(masked, " \t")
		if len(masked) != end {
			return false
		}
	}
	var b builder
	got, ok := l.scalar(&n, &b)
	return ok && got == end && string(b.text) == e.want
}

// plainStart reports whether a plain scalar can begin as s does.
func plainStart(s string, flow bool) bool {
	if s == "" {
		return false
	}
	switch c := s[0]; c {
	case '-', '?', ':':
		l := lexer{src: s}
		if flow && len(s) > 1 && strings.IndexByte(",[]{}", s[1]) >= 0 {
			return false
		}
		return !l.ends(1) && !l.marker(0)
	default:
		return strings.IndexByte(",[]{}#&*!|>'\"%@` \t\r\n", c) < 0
	}
}

// printable reports whether YAML admits every character of s outside of escapes.
func printable(s string) bool {
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || 0x7f <= r && r < 0xa0 && r != 0x85 || r == 0xfeff || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return true
}
