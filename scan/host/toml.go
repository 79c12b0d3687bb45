package host

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// toml reads a TOML file by its tables and keys.
type toml struct {
	*settings
	pos int
}

func (r *reader) toml() {
	r.Mark(0, len(r.src), site.Data, "value", "a value that nothing known runs")
	t := &toml{settings: r.settings()}
	if strings.HasPrefix(r.src, "\xef\xbb\xbf") {
		t.pos = 3
	}
	defer t.environments()
	var table []string
	for {
		t.space(true)
		if t.pos >= len(r.src) {
			return
		}
		start := t.pos
		if r.src[t.pos] == '[' {
			table = t.header()
			continue
		}
		if !t.pair(table, 0) {
			l := lineAt(r.src, start)
			r.Problem(start, l.end, "no key and value")
			r.Mentions(start, l.end, site.Unexplained, "unread", "the line is no key and value")
			t.pos = l.next
		}
	}
}

// space passes blanks and comments, and newlines where they mean nothing.
func (t *toml) space(newlines bool) {
	for t.pos < len(t.src) {
		switch c := t.src[t.pos]; {
		case c == ' ' || c == '\t' || newlines && (c == '\n' || c == '\r'):
			t.pos++
		case c == '#':
			l := lineAt(t.src, t.pos)
			t.Mentions(t.pos, l.end, site.Comment, "comment", "a comment")
			t.pos = l.end
		default:
			return
		}
	}
}

// header reads [table] or [[table]].
func (t *toml) header() []string {
	l := lineAt(t.src, t.pos)
	t.Mentions(l.start, l.end, site.Identifier, "key", "the name of a table")
	for t.pos < l.end && t.src[t.pos] == '[' {
		t.pos++
	}
	keys, _ := t.keys()
	t.pos = lineAt(t.src, t.pos).end
	return keys
}

// keys reads a dotted key.
func (t *toml) keys() ([]string, bool) {
	var out []string
	for {
		t.space(false)
		start := t.pos
		if t.pos < len(t.src) && (t.src[t.pos] == '"' || t.src[t.pos] == '\'') {
			v, ok := t.string()
			if !ok {
				return out, false
			}
			out = append(out, v.text.text)
		} else {
			for t.pos < len(t.src) && strings.IndexByte(" \t\r\n=.[]{},#\"'", t.src[t.pos]) < 0 {
				t.pos++
			}
			if t.pos == start {
				return out, false
			}
			out = append(out, t.src[start:t.pos])
		}
		t.space(false)
		if t.pos >= len(t.src) || t.src[t.pos] != '.' {
			return out, true
		}
		t.pos++
	}
}

// pair reads key = value.
func (t *toml) pair(table []string, depth int) bool {
	start := t.pos
	keys, ok := t.keys()
	key := source.Span{Start: start, End: t.pos}
	if !ok || t.pos >= len(t.src) || t.src[t.pos] != '=' {
		return false
	}
	t.pos++
	t.Mark(key.Start, key.End, site.Identifier, "key", "a key")
	path := append(table[:len(table):len(table)], keys...)
	l, ok := t.value(path, depth)
	if !ok {
		return false
	}
	l.path, l.key = path, key
	t.leaf(l)
	return true
}

// value reads one value. The values inside a table or a list that no rule takes are handled on the way.
func (t *toml) value(path []string, depth int) (leaf, bool) {
	t.space(false)
	if t.pos >= len(t.src) || depth > maxNesting {
		return leaf{}, false
	}
	start := t.pos
	switch t.src[t.pos] {
	case '"', '\'':
		return t.string()
	case '[':
		return t.list(path, depth)
	case '{':
		t.pos++
		for {
			t.space(true)
			if t.pos < len(t.src) && t.src[t.pos] == '}' {
				t.pos++
				return leaf{span: source.Span{Start: start, End: t.pos}}, true
			}
			if t.pos < len(t.src) && t.src[t.pos] == ',' {
				t.pos++
				continue
			}
			if !t.pair(path, depth+1) {
				return leaf{}, false
			}
		}
	}
	for t.pos < len(t.src) && strings.IndexByte(" \t\r\n,]}#", t.src[t.pos]) < 0 {
		t.pos++
	}
	return leaf{span: source.Span{Start: start, End: t.pos}}, t.pos > start
}

func (t *toml) list(path []string, depth int) (leaf, bool) {
	l := leaf{multi: true, span: source.Span{Start: t.pos}}
	rule, taken := t.find(path)
	strings := true
	var items []leaf
	for t.pos++; ; {
		t.space(true)
		if t.pos >= len(t.src) {
			return leaf{}, false
		}
		if t.src[t.pos] == ']' {
			t.pos++
			break
		}
		if t.src[t.pos] == ',' {
			t.pos++
			continue
		}
		item, ok := t.value(extend(path, strconv.Itoa(len(items))), depth+1)
		if !ok {
			return leaf{}, false
		}
		strings = strings && item.render != nil
		item.path = extend(path, strconv.Itoa(len(items)))
		items = append(items, item)
	}
	l.span.End = t.pos
	if taken && (strings || rule.Takes == "requirement") {
		for _, item := range items {
			l.list = append(l.list, item.text)
			l.each = append(l.each, item.render)
		}
		return l, true
	}
	for _, item := range items {
		if item.render != nil {
			t.leaf(item)
		}
	}
	return leaf{span: l.span, multi: true}, true
}

// string reads a string in any of the four kinds of quotes.
func (t *toml) string() (leaf, bool) {
	start := t.pos
	quote := t.src[t.pos : t.pos+1]
	literal := quote == "'"
	if rest := t.src[t.pos:]; strings.HasPrefix(rest, `"""`) || strings.HasPrefix(rest, `'''`) {
		quote = rest[:3]
	}
	t.pos += len(quote)
	var b builder
	if len(quote) == 3 {
		for _, nl := range []string{"\r\n", "\n"} {
			if strings.HasPrefix(t.src[t.pos:], nl) {
				t.pos += len(nl)
				break
			}
		}
	}
	from := t.pos
	for t.pos < len(t.src) {
		rest := t.src[t.pos:]
		switch {
		case strings.HasPrefix(rest, quote):
			for len(quote) == 3 && strings.HasPrefix(rest[1:], quote) {
				t.pos, rest = t.pos+1, rest[1:]
			}
			b.copy(t.src, from, t.pos)
			t.pos += len(quote)
			return leaf{span: source.Span{Start: start, End: t.pos}, text: b.piece(), render: tomlRender(quote)}, true
		case rest[0] == '\n' && len(quote) == 1:
			return leaf{}, false
		case rest[0] == '\\' && !literal:
			b.copy(t.src, from, t.pos)
			text, n := tomlEscape(rest, len(quote) == 3)
			if n == 0 {
				return leaf{}, false
			}
			if text == "" {
				b.skip(t.pos, t.pos+n)
			} else {
				b.atom(text, t.pos, t.pos+n)
			}
			t.pos += n
			from = t.pos
		default:
			t.pos++
		}
	}
	return leaf{}, false
}

// tomlEscape decodes the escape at the beginning of s, and says how many bytes it takes; 0 when it is none.
func tomlEscape(s string, multi bool) (string, int) {
	if len(s) > 1 {
		switch s[1] {
		case 'e':
			return "\x1b", 2
		case 'U', 'x':
			n := map[byte]int{'U': 8, 'x': 2}[s[1]]
			if len(s) < 2+n {
				return "", 0
			}
			v, err := strconv.ParseUint(s[2:2+n], 16, 32)
			if err != nil || v > utf8.MaxRune {
				return "", 0
			}
			return string(rune(v)), 2 + n
		case 'u':
			if r, ok := hex4(s); ok {
				return string(r), 6
			}
			return "", 0
		case '/':
			return "", 0
		}
	}
	if multi {
		n := 1
		for n < len(s) && (s[n] == ' ' || s[n] == '\t' || s[n] == '\r') {
			n++
		}
		if n < len(s) && s[n] == '\n' {
			for n < len(s) && strings.IndexByte(space, s[n]) >= 0 {
				n++
			}
			return "", n
		}
	}
	return jsonEscape(s)
}

// tomlRender writes text inside a string with the given quotes.
func tomlRender(quote string) renderer {
	switch quote {
	case `'`:
		return refuse("'\r\n\x00")
	case `'''`:
		return refuse("'\r\x00")
	}
	return jsonRender
}
