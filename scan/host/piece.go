package host

import (
	"errors"
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// piece is a decoded text and the host place of its bytes.
type piece struct {
	text string
	m    source.Map
}

// raw is the piece of the file from start to end, as it stands.
func (r *reader) raw(start, end int) piece {
	return piece{r.src[start:end], source.Identity(start, end-start)}
}

// cut is the part of p from start to end, in bytes of its text.
func (p piece) cut(start, end int) piece {
	return piece{p.text[start:end], p.m.Slice(source.Span{Start: start, End: end})}
}

// trim is p without the white space around it.
func (p piece) trim() piece {
	start := len(p.text) - len(strings.TrimLeft(p.text, space))
	return p.cut(start, max(start, len(strings.TrimRight(p.text, space))))
}

const space = " \t\r\n\v\f"

// at is the host byte where the byte of p at off stands.
func (p piece) at(off int) int { return p.m.At(off).Start }

// span is the smallest host span around the bytes of p that stand in the file itself.
func (p piece) span() source.Span {
	var out source.Span
	for i, s := range p.m.Segments {
		if s.File != "" {
			continue
		}
		if i == 0 || s.Host < out.Start || out.End == 0 {
			out.Start = s.Host
		}
		out.End = max(out.End, s.Host+s.HostLen)
	}
	return out
}

// through is p, whose map leads into the text of outer, with a map that leads to outer's host.
func (p piece) through(outer piece) piece { return piece{p.text, p.m.Through(outer.m)} }

// builder decodes a text byte by byte.
type builder struct {
	text strings.Builder
	m    source.Map
}

// copy adds the host bytes from start to end as they stand.
func (b *builder) copy(src string, start, end int) {
	if end > start {
		b.text.WriteString(src[start:end])
		b.m.Append(source.Segment{Len: end - start, Host: start, HostLen: end - start})
	}
}

// atom adds text that the host bytes from start to end write as a whole.
func (b *builder) atom(text string, start, end int) {
	b.text.WriteString(text)
	b.m.Append(source.Segment{Len: len(text), Host: start, HostLen: end - start, Atomic: true})
}

// skip passes over host bytes that mean nothing.
func (b *builder) skip(start, end int) {
	if end > start {
		b.m.Append(source.Segment{Host: start, HostLen: end - start})
	}
}

// gap adds text that nothing in the host writes; at is where it would stand.
func (b *builder) gap(text string, at int) {
	b.text.WriteString(text)
	b.m.Append(source.Segment{Len: len(text), Host: at, Atomic: true})
}

// add appends a piece with its own map.
func (b *builder) add(p piece) {
	b.text.WriteString(p.text)
	for _, s := range p.m.Segments {
		b.m.Append(s)
	}
}

func (b *builder) len() int { return b.text.Len() }

func (b *builder) piece() piece { return piece{b.text.String(), b.m} }

// line is one line of the file: its content from start to end, and where the next one begins.
type line struct{ start, end, next int }

// lineAt is the line that begins at off; a final CR belongs to the line's end, not to its content.
func lineAt(src string, off int) line {
	n := strings.IndexByte(src[off:], '\n')
	if n < 0 {
		return line{off, len(src), len(src)}
	}
	l := line{off, off + n, off + n + 1}
	if n > 0 && src[l.end-1] == '\r' {
		l.end--
	}
	return l
}

// lines are all lines of src; a final newline does not begin another one.
func lines(src string) []line {
	var out []line
	for off := 0; off < len(src); {
		l := lineAt(src, off)
		out = append(out, l)
		off = l.next
	}
	return out
}

func (l line) text(src string) string { return src[l.start:l.end] }

var errNewline = errors.New("a newline cannot be written here")

// OneLine writes text as it is, where it has to stay on one line; see source.Script.
func OneLine(_ source.Span, text string) (string, error) {
	if strings.ContainsAny(text, "\r\n") {
		return "", errNewline
	}
	return text, nil
}

// refuse writes text as it is unless it holds one of chars.
func refuse(chars string) renderer {
	return func(_ source.Span, text string) (string, error) {
		if i := strings.IndexAny(text, chars); i >= 0 {
			return "", fmt.Errorf("%q cannot be written here", text[i])
		}
		return text, nil
	}
}
