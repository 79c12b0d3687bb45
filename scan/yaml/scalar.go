package yaml

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// lexer reads scalars out of a text. Offsets are bytes of it.
type lexer struct {
	src string
	// base is where the first line begins: behind a byte order mark.
	base int
	// absent maps the beginning of lines that hold nothing but control blocks of a template to where they end. Such
	// lines are read as if they were not there.
	absent map[int]int
	// control are the offsets where control blocks of a template begin, of which spaces are left.
	control map[int]bool
}

// builder collects a scalar's text and its map. The methods of a nil builder do nothing, so that a scalar can be passed over.
type builder struct {
	text []byte
	m    source.Map
}

func (b *builder) copy(src string, start, end int) {
	if b == nil || end <= start {
		return
	}
	b.text = append(b.text, src[start:end]...)
	b.m.Append(source.Segment{Len: end - start, Host: start, HostLen: end - start})
}

// atom adds text that the host bytes from start to end write as a whole.
func (b *builder) atom(text string, start, end int) {
	if b == nil {
		return
	}
	b.text = append(b.text, text...)
	b.m.Append(source.Segment{Len: len(text), Host: start, HostLen: end - start, Atomic: true})
}

// skip passes over host bytes that mean nothing.
func (b *builder) skip(start, end int) {
	if b != nil && end > start {
		b.m.Append(source.Segment{Host: start, HostLen: end - start})
	}
}

// breakLen is the number of bytes of the line break at i, or 0. YAML 1.1 counts the breaks of Unicode too.
func (l *lexer) breakLen(i int) int {
	if i >= len(l.src) {
		return 0
	}
	switch l.src[i] {
	case '\n':
		return 1
	case '\r':
		if i+1 < len(l.src) && l.src[i+1] == '\n' {
			return 2
		}
		return 1
	case 0xC2:
		if i+1 < len(l.src) && l.src[i+1] == 0x85 {
			return 2
		}
	case 0xE2:
		if i+2 < len(l.src) && l.src[i+1] == 0x80 && (l.src[i+2] == 0xA8 || l.src[i+2] == 0xA9) {
			return 3
		}
	}
	return 0
}

// breakText is what the break of n bytes at i means in a scalar.
func (l *lexer) breakText(i, n int) string {
	if n == 3 {
		return l.src[i : i+3]
	}
	return "\n"
}

func (l *lexer) blank(i int) bool {
	return i < len(l.src) && (l.src[i] == ' ' || l.src[i] == '\t')
}

// ends reports whether the text ends at i, or white space stands there.
func (l *lexer) ends(i int) bool {
	return i >= len(l.src) || l.src[i] == ' ' || l.src[i] == '\t' || l.breakLen(i) > 0
}

// marker reports whether --- or ... stands at i, the beginning of a line.
func (l *lexer) marker(i int) bool {
	return (strings.HasPrefix(l.src[i:], "---") || strings.HasPrefix(l.src[i:], "...")) && l.ends(i+3)
}

// lineEnd is the end of the line that i is in, without its break.
func (l *lexer) lineEnd(i int) int {
	for i < len(l.src) {
		n := strings.IndexAny(l.src[i:], "\n\r\u0085\u2028\u2029")
		if n < 0 {
			return len(l.src)
		}
		i += n
		if l.breakLen(i) > 0 {
			return i
		}
		i++
	}
	return len(l.src)
}

// flowEnd reports whether the byte at i ends a plain scalar inside brackets.
func (l *lexer) flowEnd(i int) bool {
	switch l.src[i] {
	case ',', '[', ']', '{', '}':
		return true
	case ':':
		return i+1 < len(l.src) && strings.IndexByte(",]}", l.src[i+1]) >= 0
	}
	return false
}

// plain reads the plain scalar at i and gives its end. Floor is the indentation of what holds it, in bytes, -1 for a
// document; a line that is not indented deeper ends the scalar. In a flow the indentation does not count.
func (l *lexer) plain(i, floor int, flow bool, b *builder) int {
	end := i
	for start := i; ; {
		word := l.plainWord(start, flow)
		if word > start {
			l.fold(end, start, b)
			b.copy(l.src, start, word)
			end = word
		}
		if word >= len(l.src) || !l.ends(word) {
			return end
		}
		next, line := l.gap(word)
		if next >= len(l.src) || l.src[next] == '#' {
			return end
		}
		if line >= 0 && (l.marker(line) && next == line || !flow && (next-line <= floor || l.keyAhead(next))) {
			return end
		}
		start = next
	}
}

// plainWord is the end of the run of bytes of a plain scalar that begins at i, without white space.
func (l *lexer) plainWord(i int, flow bool) int {
	for i < len(l.src) {
		switch c := l.src[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			return i
		case c == ':' && l.ends(i+1), flow && l.flowEnd(i):
			return i
		case c >= 0xC2 && l.breakLen(i) > 0:
			return i
		}
		i++
	}
	return i
}

// gap passes over white space and line breaks from i on; line is the beginning of the last line reached, -1 if the line
// is still that of i.
func (l *lexer) gap(i int) (next, line int) {
	line = -1
	for i < len(l.src) {
		if l.blank(i) {
			i++
		} else if n := l.breakLen(i); n > 0 {
			i = l.present(i + n)
			line = i
		} else {
			break
		}
	}
	return i, line
}

// present is the beginning of the first line at or after the line that begins at i which is not absent.
func (l *lexer) present(i int) int {
	for l.absent != nil {
		next, ok := l.absent[i]
		if !ok {
			break
		}
		i = next
	}
	return i
}

// keyAhead reports whether a later line of a plain scalar, which begins at i, holds a colon that makes it a key. It is
// no part of the scalar then: the file is at fault, and more of it can be read so.
func (l *lexer) keyAhead(i int) bool {
	for i < len(l.src) {
		word := l.plainWord(i, false)
		if word < len(l.src) && l.src[word] == ':' && !l.blank(word) {
			return true
		}
		if word >= len(l.src) || l.breakLen(word) > 0 {
			return false
		}
		for i = word; l.blank(i); i++ {
		}
		if i < len(l.src) && (l.src[i] == '#' || l.breakLen(i) > 0) {
			return false
		}
	}
	return false
}

// fold writes the white space from start to end, inside a plain or quoted scalar: as it stands, or, when it holds line
// breaks, as the first one being a space unless others follow.
func (l *lexer) fold(start, end int, b *builder) {
	if b == nil || start >= end {
		return
	}
	first, rest := "", ""
	for i := start; i < end; {
		n := l.breakLen(i)
		if n == 0 {
			i++
			continue
		}
		if first == "" {
			first = l.breakText(i, n)
		} else {
			rest += l.breakText(i, n)
		}
		i = l.present(i + n)
	}
	switch {
	case first == "":
		b.copy(l.src, start, end)
	case first != "\n":
		b.atom(first+rest, start, end)
	case rest == "":
		b.atom(" ", start, end)
	default:
		b.atom(rest, start, end)
	}
}

// single reads the single-quoted scalar at i and gives its end; false when it never closes.
func (l *lexer) single(i int, b *builder) (int, bool) {
	i++
	for start := i; i < len(l.src); {
		c := l.src[i]
		switch {
		case c == '\'' && i+1 < len(l.src) && l.src[i+1] == '\'':
			b.copy(l.src, start, i)
			b.atom("'", i, i+2)
			i += 2
			start = i
		case c == '\'':
			b.copy(l.src, start, i)
			return i + 1, true
		case c == ' ' || c == '\t' || l.breakLen(i) > 0:
			b.copy(l.src, start, i)
			next, line := l.gap(i)
			if line >= 0 && next == line && l.marker(line) {
				return i, false
			}
			l.fold(i, next, b)
			i, start = next, next
		default:
			i++
		}
	}
	return i, false
}

// double reads the double-quoted scalar at i and gives its end; false when it never closes or an escape is none.
func (l *lexer) double(i int, b *builder) (int, bool) {
	i++
	for start := i; i < len(l.src); {
		c := l.src[i]
		switch {
		case c == '"':
			b.copy(l.src, start, i)
			return i + 1, true
		case c == '\\' && l.breakLen(i+1) > 0:
			b.copy(l.src, start, i)
			n := l.present(i + 1 + l.breakLen(i+1))
			next, line := l.gap(n)
			if line < 0 {
				line = n
			}
			if next == line && next < len(l.src) && l.marker(line) {
				return i, false
			}
			l.joined(i, n, next, b)
			i, start = next, next
		case c == '\\':
			text, n := escape(l.src[i:])
			if n == 0 {
				return i, false
			}
			b.copy(l.src, start, i)
			b.atom(text, i, i+n)
			i += n
			start = i
		case c == ' ' || c == '\t' || l.breakLen(i) > 0:
			b.copy(l.src, start, i)
			next, line := l.gap(i)
			if line >= 0 && next == line && next < len(l.src) && l.marker(line) {
				return i, false
			}
			l.fold(i, next, b)
			i, start = next, next
		default:
			i++
		}
	}
	return i, false
}

// joined writes what follows an escaped line break: nothing, or the further breaks.
func (l *lexer) joined(start, after, next int, b *builder) {
	if b == nil {
		return
	}
	text := ""
	for i := after; i < next; {
		if n := l.breakLen(i); n > 0 {
			text += l.breakText(i, n)
			i = l.present(i + n)
		} else {
			i++
		}
	}
	if text == "" {
		b.skip(start, next)
	} else {
		b.atom(text, start, next)
	}
}

// escape decodes the escape at the beginning of s, and says how many bytes it takes; 0 when it is none.
func escape(s string) (string, int) {
	if len(s) < 2 {
		return "", 0
	}
	digits := 0
	switch s[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case 'N':
		return "\u0085", 2
	case '_':
		return "\u00a0", 2
	case 'L':
		return "\u2028", 2
	case 'P':
		return "\u2029", 2
	default:
		const names, values = "0abt\tnvfre \"/\\", "\x00\a\b\t\t\n\v\f\r\x1b \"/\\"
		if i := strings.IndexByte(names, s[1]); i >= 0 {
			return values[i : i+1], 2
		}
		return "", 0
	}
	if len(s) < 2+digits {
		return "", 0
	}
	value := 0
	for _, c := range []byte(s[2 : 2+digits]) {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if c < '0' || d < 0 {
			return "", 0
		}
		if value = value<<4 | d; value > 0x10FFFF {
			return "", 0
		}
	}
	if value >= 0xD800 && value <= 0xDFFF {
		return "", 0
	}
	return string(rune(value)), 2 + digits
}
