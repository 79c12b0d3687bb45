package ruby

import (
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// piece is decoded text with its bytes in the file.
type piece struct {
	text []byte
	m    source.Map
}

// copied adds the byte at off as it stands.
func (p *piece) copied(src []byte, off int) {
	p.text = append(p.text, src[off])
	p.m.Append(source.Segment{Len: 1, Host: off, HostLen: 1})
}

// written adds text that the n bytes at off write as a whole.
func (p *piece) rendered(text string, off, n int) {
	p.text = append(p.text, text...)
	p.m.Append(source.Segment{Len: len(text), Host: off, HostLen: n, Atomic: true})
}

// rules of escaping in one kind of literal.
type quoting struct {
	escapes  bool // backslash sequences as in double quotes
	open     byte // delimiters that a backslash protects where escapes is false; 0 when nothing is protected
	close    byte
	verbatim bool // nothing is special: a raw here-document
	words    bool // a backslash protects white space
}

// step decodes what stands at off and returns the offset after it. The caller has excluded interpolations.
func (p *piece) step(src []byte, off, end int, q quoting) int {
	c := src[off]
	switch {
	case c == '\r' && off+1 < end && src[off+1] == '\n':
		p.rendered("\n", off, 2)
		return off + 2
	case c != '\\' || q.verbatim || off+1 >= end:
		p.copied(src, off)
		return off + 1
	}
	next := src[off+1]
	if q.words && white(next) {
		n := 2
		if next == '\r' && off+2 < end && src[off+2] == '\n' {
			next, n = '\n', 3
		}
		p.rendered(string(rune(next)), off, n)
		return off + n
	}
	if q.escapes {
		text, n := escape(src[off:end])
		p.rendered(text, off, n)
		return off + n
	}
	if next == '\\' || next == q.open || next == q.close {
		p.rendered(string(rune(next)), off, 2)
		return off + 2
	}
	p.copied(src, off)
	return off + 1
}

func white(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// escape decodes the backslash sequence that b begins with, and says how many bytes it has. The sequences are those
// of Ruby's double-quoted strings.
func escape(b []byte) (string, int) {
	if len(b) < 2 {
		return string(b), len(b)
	}
	switch c := b[1]; c {
	case '\n':
		return "", 2
	case '\r':
		if len(b) > 2 && b[2] == '\n' {
			return "", 3
		}
		return "\r", 2
	case 'u':
		return unicodeEscape(b)
	case 'x':
		v, n := number(b[2:], 16, 2)
		if n == 0 {
			return "x", 2
		}
		return string([]byte{byte(v)}), 2 + n
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := number(b[1:], 8, 3)
		return string([]byte{byte(v)}), 1 + n
	case 'c', 'C', 'M':
		if v, n := control(b); n > 0 {
			return string([]byte{v}), n
		}
		return string(rune(c)), 2
	default:
		if v, ok := simpleEscape(c); ok {
			return string([]byte{v}), 2
		}
		_, n := utf8.DecodeRune(b[1:])
		return string(b[1 : 1+n]), 1 + n
	}
}

func simpleEscape(c byte) (byte, bool) {
	switch c {
	case 'n':
		return '\n', true
	case 't':
		return '\t', true
	case 'r':
		return '\r', true
	case 's':
		return ' ', true
	case 'a':
		return 7, true
	case 'b':
		return 8, true
	case 'e':
		return 27, true
	case 'f':
		return 12, true
	case 'v':
		return 11, true
	}
	return 0, false
}

// control decodes \cx, \C-x, \M-x and what they are made of; n is 0 when b is none of them.
func control(b []byte) (v byte, n int) {
	mask := func(rest []byte, skip int, f func(byte) byte) (byte, int) {
		if len(rest) == 0 {
			return 0, 0
		}
		if rest[0] != '\\' {
			return f(rest[0]), skip + 1
		}
		if len(rest) > 1 && (rest[1] == 'c' || rest[1] == 'C' || rest[1] == 'M') {
			inner, n := control(rest)
			if n == 0 {
				return 0, 0
			}
			return f(inner), skip + n
		}
		text, n := escape(rest)
		if len(text) != 1 {
			return 0, 0
		}
		return f(text[0]), skip + n
	}
	ctrl := func(c byte) byte {
		if c == '?' {
			return 127
		}
		return c & 0x9f
	}
	switch {
	case len(b) > 1 && b[1] == 'c':
		return mask(b[2:], 2, ctrl)
	case len(b) > 2 && b[1] == 'C' && b[2] == '-':
		return mask(b[3:], 3, ctrl)
	case len(b) > 2 && b[1] == 'M' && b[2] == '-':
		return mask(b[3:], 3, func(c byte) byte { return c | 0x80 })
	}
	return 0, 0
}

func unicodeEscape(b []byte) (string, int) {
	if len(b) > 2 && b[2] == '{' {
		var out []rune
		i := 3
		for i < len(b) && b[i] != '}' {
			if white(b[i]) {
				i++
				continue
			}
			v, n := number(b[i:], 16, 6)
			if n == 0 {
				break
			}
			out, i = append(out, rune(v)), i+n
		}
		if i < len(b) && b[i] == '}' {
			return string(out), i + 1
		}
		return "u", 2
	}
	if v, n := number(b[2:], 16, 4); n == 4 {
		return string(rune(v)), 6
	}
	return "u", 2
}

// number reads up to limit digits of the base, and says how many there are.
func number(b []byte, base, limit int) (value, digits int) {
	for digits < limit && digits < len(b) {
		d := 99
		switch c := b[digits]; {
		case '0' <= c && c <= '9':
			d = int(c - '0')
		case 'a' <= c && c <= 'f':
			d = int(c-'a') + 10
		case 'A' <= c && c <= 'F':
			d = int(c-'A') + 10
		}
		if d >= base {
			break
		}
		value, digits = value*base+d, digits+1
	}
	return value, digits
}
