package python

import (
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// decoder decodes the text between the quotes of a literal, as the language reference says under "String and Bytes
// literals", and maps each byte of the result to the bytes that write it.
type decoder struct {
	src   []byte
	quote quote
	text  strings.Builder
	m     source.Map
}

func (d *decoder) reset() {
	d.text.Reset()
	d.m = source.Map{}
}

// copied adds n bytes as they stand.
func (d *decoder) copied(at, n int) int {
	d.text.Write(d.src[at : at+n])
	d.m.Append(source.Segment{Len: n, Host: at, HostLen: n})
	return at + n
}

// written adds text that n bytes write as a whole.
func (d *decoder) rendered(text string, at, n int) int {
	d.text.WriteString(text)
	d.m.Append(source.Segment{Len: len(text), Host: at, HostLen: n, Atomic: true})
	return at + n
}

// run decodes from at on. It ends at end, or before a character that is given by its name, which it cannot know.
func (d *decoder) run(at, end int) int {
	for at < end {
		c := d.src[at]
		next := byte(0)
		if at+1 < end {
			next = d.src[at+1]
		}
		switch {
		case c == '\r' && next == '\n':
			at = d.rendered("\n", at, 2)
		case c == '\r':
			at = d.rendered("\n", at, 1)
		case d.quote.formatted && (c == '{' || c == '}') && next == c:
			at = d.rendered(string(c), at, 2)
		case c != '\\' || next == 0 && at+1 >= end:
			at = d.copied(at, 1)
		case d.quote.raw:
			at = d.copied(at, 1)
			if next == '\\' || next == '"' || next == '\'' {
				at = d.copied(at, 1)
			}
		case next == 'N' && !d.quote.bytes && named(d.src[at:end]):
			return at
		default:
			at = d.escape(at, end)
		}
	}
	return at
}

// named reports whether b begins with \N{NAME}.
func named(b []byte) bool {
	if len(b) < 4 || b[2] != '{' {
		return false
	}
	for i, c := range b[3:] {
		if c == '}' {
			return i > 0
		}
		if c == '\n' || c == '{' {
			return false
		}
	}
	return false
}

// escape decodes the backslash sequence at at. One that the language does not know stands for itself.
func (d *decoder) escape(at, end int) int {
	switch c := d.src[at+1]; c {
	case '\n':
		return d.rendered("", at, 2)
	case '\r':
		if at+2 < end && d.src[at+2] == '\n' {
			return d.rendered("", at, 3)
		}
		return d.rendered("", at, 2)
	case '\\', '\'', '"':
		return d.rendered(string(c), at, 2)
	case 'x':
		return d.number(at, 2, 2, end, 16)
	case 'u', 'U':
		if d.quote.bytes {
			return d.copied(at, 2)
		}
		return d.number(at, 2, map[byte]int{'u': 4, 'U': 8}[c], end, 16)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n := 1
		for n < 3 && at+1+n < end && '0' <= d.src[at+1+n] && d.src[at+1+n] <= '7' {
			n++
		}
		return d.number(at, 1, n, end, 8)
	default:
		if i := strings.IndexByte("abfnrtv", c); i >= 0 {
			return d.rendered("\a\b\f\n\r\t\v"[i:i+1], at, 2)
		}
	}
	return d.copied(at, 1)
}

// number decodes digits that follow skip bytes of the escape at at.
func (d *decoder) number(at, skip, digits, end, base int) int {
	from := at + skip
	if from+digits > end {
		return d.copied(at, 1)
	}
	v := 0
	for _, c := range d.src[from : from+digits] {
		n := digit(c)
		if n < 0 || n >= base {
			return d.copied(at, 1)
		}
		v = v*base + n
	}
	if d.quote.bytes {
		return d.rendered(string([]byte{byte(v)}), at, skip+digits)
	}
	if v > utf8.MaxRune {
		return d.copied(at, 1)
	}
	return d.rendered(encode(v), at, skip+digits)
}

func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// encode is a code point in UTF-8. A lone surrogate, which Python allows, is encoded as if it were a character.
func encode(v int) string {
	if 0xd800 <= v && v <= 0xdfff {
		return string([]byte{0xe0 | byte(v>>12), 0x80 | byte(v>>6&0x3f), 0x80 | byte(v&0x3f)})
	}
	return string(rune(v))
}
