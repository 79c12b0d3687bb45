package host

import (
	"errors"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

const maxBlocks = 100 // blocks and lists inside one another

// hcl reads Terraform's and Packer's language by its blocks and attributes.
type hcl struct {
	*settings
	pos   int
	depth int
}

func (r *reader) hcl() {
	r.Mark(0, len(r.src), site.Data, "value", "a value that nothing known runs")
	h := &hcl{settings: r.settings()}
	for h.pos < len(h.src) {
		h.body(nil)
		if h.pos < len(h.src) { // a bracket too many
			h.pos++
		}
	}
	h.environments()
}

// space passes blanks, comments and newlines.
func (h *hcl) space() {
	for h.pos < len(h.src) {
		rest := h.src[h.pos:]
		switch {
		case strings.IndexByte(space, rest[0]) >= 0 || rest[0] == ',' || rest[0] == ';':
			h.pos++
		case rest[0] == '#' || strings.HasPrefix(rest, "//"):
			l := lineAt(h.src, h.pos)
			h.Mentions(h.pos, l.end, site.Comment, "comment", "a comment")
			h.pos = l.end
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest, "*/")
			if n < 0 {
				n = len(rest) - 2
			}
			h.Mentions(h.pos, h.pos+n, site.Comment, "comment", "a comment")
			h.pos += n + 2
		default:
			return
		}
	}
}

// body reads attributes and blocks up to a closing bracket.
func (h *hcl) body(path []string) {
	if h.depth++; h.depth > maxBlocks {
		h.Problem(h.pos, len(h.src), "nested too deeply")
		h.Mark(h.pos, len(h.src), site.Unexplained, "unread", "the file is nested too deeply")
		h.pos = len(h.src)
	}
	defer func() { h.depth-- }()
	for {
		h.space()
		if h.pos >= len(h.src) || h.src[h.pos] == '}' {
			return
		}
		start := h.pos
		name := h.label()
		if name == "" {
			if h.pos == start {
				h.pos++
			}
			continue
		}
		labels := extend(path, name)
		for {
			h.inline()
			if h.pos >= len(h.src) {
				return
			}
			if c := h.src[h.pos]; c == '=' || c == ':' {
				h.Mentions(start, h.pos, site.Identifier, "key", "a key")
				h.pos++
				h.value(labels, source.Span{Start: start, End: h.pos})
				break
			} else if c == '{' {
				h.Mentions(start, h.pos, site.Identifier, "key", "the name of a block")
				h.pos++
				h.body(labels)
				h.close('}')
				h.settle(strings.Join(labels, "."))
				break
			}
			label := h.label()
			if label == "" {
				break
			}
			labels = append(labels, label)
		}
	}
}

// close passes the bracket that ends a body.
func (h *hcl) close(bracket byte) {
	if h.pos < len(h.src) && h.src[h.pos] == bracket {
		h.pos++
	}
}

// inline passes blanks in a line.
func (h *hcl) inline() {
	for h.pos < len(h.src) && (h.src[h.pos] == ' ' || h.src[h.pos] == '\t') {
		h.pos++
	}
}

var hclName = lazyregexp.New(`^[\pL_][\pL\d_.-]*`)

// label reads a name, or a quoted label.
func (h *hcl) label() string {
	if h.src[h.pos] == '"' {
		l, ok := h.quoted()
		if !ok {
			return ""
		}
		return l.text.text
	}
	if h.src[h.pos] == '(' {
		h.skipTo(')')
		return "*"
	}
	name := hclName.FindString(h.src[h.pos:min(len(h.src), h.pos+200)])
	h.pos += len(name)
	return name
}

// value reads what follows a key: up to the line's end outside brackets.
func (h *hcl) value(path []string, key source.Span) {
	h.inline()
	if h.pos >= len(h.src) {
		return
	}
	l, ok := h.item(path)
	if ok {
		l.path, l.key = path, key
		h.leaf(l)
	}
	h.rest(path)
}

// item reads one string, list or object.
func (h *hcl) item(path []string) (leaf, bool) {
	switch rest := h.src[h.pos:]; {
	case rest[0] == '"':
		return h.quoted()
	case strings.HasPrefix(rest, "<<"):
		return h.heredoc()
	case rest[0] == '[':
		return h.list(path)
	case rest[0] == '{':
		h.pos++
		h.body(path)
		h.close('}')
	}
	return leaf{}, false
}

// rest reads the remainder of an expression: operators, calls, and the strings in them.
func (h *hcl) rest(path []string) {
	for h.pos < len(h.src) {
		switch c := h.src[h.pos]; c {
		case '\n', '}', ']', ',', ')':
			return
		case '"', '<', '[', '{':
			if c == '<' && !strings.HasPrefix(h.src[h.pos:], "<<") {
				h.pos++
				continue
			}
			before := h.pos
			if l, ok := h.item(extend(path, "()")); ok && !l.multi {
				h.Mentions(l.span.Start, l.span.End, site.Data, "value", "a text inside an expression")
			}
			if h.pos == before {
				h.pos++
			}
		case '(':
			h.pos++
			h.arguments(path)
		case '#':
			h.space()
			return
		default:
			h.pos++
		}
	}
}

// arguments reads a call's arguments up to the closing bracket.
func (h *hcl) arguments(path []string) {
	if h.depth++; h.depth > maxBlocks {
		h.pos = len(h.src)
	}
	defer func() { h.depth-- }()
	for {
		h.space()
		if h.pos >= len(h.src) {
			return
		}
		if h.src[h.pos] == ')' {
			h.pos++
			return
		}
		before := h.pos
		h.rest(path)
		if h.pos == before {
			h.pos++
		}
	}
}

func (h *hcl) list(path []string) (leaf, bool) {
	l := leaf{multi: true, span: source.Span{Start: h.pos}}
	plain := true
	var items []leaf
	if h.depth++; h.depth > maxBlocks {
		h.pos = len(h.src)
	}
	defer func() { h.depth-- }()
	for h.pos++; ; {
		h.space()
		if h.pos >= len(h.src) {
			break
		}
		if h.src[h.pos] == ']' {
			h.pos++
			break
		}
		before := h.pos
		item, ok := h.item(extend(path, strconv.Itoa(len(items))))
		at := h.pos
		h.rest(path)
		plain = plain && ok && !item.multi && strings.TrimSpace(h.src[at:h.pos]) == ""
		if ok {
			item.path = extend(path, strconv.Itoa(len(items)))
			items = append(items, item)
		}
		if h.pos == before {
			h.pos++
		}
	}
	l.span.End = min(h.pos, len(h.src))
	if _, taken := h.find(path); taken && plain {
		for _, item := range items {
			l.list = append(l.list, item.text)
			l.each = append(l.each, item.render)
		}
		return l, true
	}
	for _, item := range items {
		if !item.multi {
			h.leaf(item)
		}
	}
	return leaf{}, false
}

// quoted reads a quoted template; an interpolation in it is left as it stands, for settings to hide.
func (h *hcl) quoted() (leaf, bool) {
	start := h.pos
	var b builder
	h.pos++
	from := h.pos
	for h.pos < len(h.src) {
		rest := h.src[h.pos:]
		switch {
		case rest[0] == '"':
			b.copy(h.src, from, h.pos)
			h.pos++
			return leaf{span: source.Span{Start: start, End: h.pos}, text: b.piece(), render: hclRender}, true
		case strings.HasPrefix(rest, "$${") || strings.HasPrefix(rest, "%%{"):
			b.copy(h.src, from, h.pos)
			b.atom(rest[1:3], h.pos, h.pos+3)
			h.pos += 3
			from = h.pos
		case strings.HasPrefix(rest, "${") || strings.HasPrefix(rest, "%{"):
			h.pos++
			h.skipTo('}')
		case rest[0] == '\\':
			b.copy(h.src, from, h.pos)
			text, n := tomlEscape(rest, false)
			if n == 0 {
				text, n = rest[:1], 1
			}
			b.atom(text, h.pos, h.pos+n)
			h.pos += n
			from = h.pos
		case rest[0] == '\n':
			h.open(start)
			return leaf{}, false
		default:
			h.pos++
		}
	}
	h.open(start)
	return leaf{}, false
}

// open notes a string that is never closed.
func (h *hcl) open(start int) {
	h.Problem(start, h.pos, "a string is never closed")
	h.Mark(start, h.pos, site.Unexplained, "unread", "a string that is never closed")
}

// skipTo passes a bracketed text, with the strings in it, that begins at the opening bracket.
func (h *hcl) skipTo(closing byte) {
	open, depth := h.src[h.pos], 0
	quote := false
	for ; h.pos < len(h.src); h.pos++ {
		switch c := h.src[h.pos]; {
		case c == '\\' && quote:
			h.pos++
		case c == '"':
			quote = !quote
		case quote && !strings.HasPrefix(h.src[h.pos:], "${"):
		case c == open:
			depth++
		case c == closing:
			if depth--; depth == 0 {
				h.pos++
				return
			}
		case c == '\n' && closing == '}':
			return
		}
	}
	h.pos = min(h.pos, len(h.src))
}

var heredocMark = lazyregexp.New(`^<<(-?)([\pL_][\pL\d_-]*)[ \t]*\r?\n`)

func (h *hcl) heredoc() (leaf, bool) {
	start := h.pos
	m := heredocMark.FindStringSubmatch(h.src[start:min(len(h.src), start+200)])
	if m == nil {
		h.pos += 2
		return leaf{}, false
	}
	h.pos += len(m[0])
	var body []line
	for h.pos < len(h.src) {
		l := lineAt(h.src, h.pos)
		if strings.TrimSpace(l.text(h.src)) == m[2] {
			h.pos = l.end
			return leaf{span: source.Span{Start: start, End: l.end}, text: h.unindent(body, m[1] == "-"), render: hclHeredocRender}, true
		}
		body = append(body, l)
		h.pos = l.next
	}
	h.Problem(start, len(h.src), "here-document "+clip(m[2])+" is never closed")
	h.Mark(start, len(h.src), site.Unexplained, "unread", "a here-document that is never closed")
	return leaf{span: source.Span{Start: start, End: len(h.src)}, text: h.unindent(body, m[1] == "-"), render: hclHeredocRender}, true
}

// unindent takes the common indentation off the lines of a here-document, and decodes what stands for ${ itself.
func (h *hcl) unindent(body []line, strip bool) piece {
	width := 0
	if strip {
		width = 1 << 30
		for _, l := range body {
			if text := l.text(h.src); !blankLine(text) {
				width = min(width, len(text)-len(strings.TrimLeft(text, " \t")))
			}
		}
	}
	var b builder
	for _, l := range body {
		at := l.start + min(width, len(l.text(h.src))-len(strings.TrimLeft(l.text(h.src), " \t")))
		b.skip(l.start, at)
		for at < l.end {
			n := strings.Index(h.src[at:l.end], "${")
			if p := strings.Index(h.src[at:l.end], "%{"); n < 0 || p >= 0 && p < n {
				n = p
			}
			if n > 0 && h.src[at+n-1] == h.src[at+n] {
				b.copy(h.src, at, at+n-1)
				b.atom(h.src[at+n:at+n+2], at+n-1, at+n+2)
				at += n + 2
				continue
			}
			if n < 0 {
				n = l.end - at - 2
			}
			b.copy(h.src, at, min(at+n+2, l.end))
			at = min(at+n+2, l.end)
		}
		if l.next > l.end+1 {
			b.atom("\n", l.end, l.next)
		} else {
			b.copy(h.src, l.end, l.next)
		}
	}
	return b.piece()
}

var hclEscape = strings.NewReplacer("${", "$${", "%{", "%%{")

func hclRender(at source.Span, text string) (string, error) {
	text, err := jsonRender(at, text)
	return hclEscape.Replace(text), err
}

func hclHeredocRender(_ source.Span, text string) (string, error) {
	if strings.ContainsAny(text, "\r\n") {
		return "", errors.New("a newline in a here-document would need its indentation")
	}
	return hclEscape.Replace(text), nil
}
