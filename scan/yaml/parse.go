package yaml

import (
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// maxDepth bounds the nesting of collections. What is deeper is left unread, with a Problem.
const maxDepth = 512

// maxRetries bounds how often a bracket or quote that closes wrongly is read again as plain text.
const maxRetries = 256

// Parse reads src. It never fails: what is not YAML is a Problem, and reading goes on behind it.
func Parse(src string) *Tree { return parse(lexer{src: src}) }

func parse(l lexer) *Tree {
	src := l.src
	r := &reader{tree: &Tree{lexer: l}, anchors: make(map[string]*Node)}
	r.lexer = &r.tree.lexer
	if strings.HasPrefix(src, "\ufeff") {
		r.base, r.pos, r.line = 3, 3, 3
	}
	if strings.HasPrefix(src, "\xff\xfe") || strings.HasPrefix(src, "\xfe\xff") {
		r.problem(0, min(2, len(src)), "the file is not UTF-8 text")
		return r.tree
	}
	if !utf8.ValidString(src) {
		r.problem(0, 0, "the file holds bytes that are not UTF-8")
	}
	for r.document() {
	}
	return r.tree
}

// reader reads the structure of a file.
type reader struct {
	*lexer
	tree    *Tree
	pos     int // the next byte
	line    int // where the line of pos begins
	depth   int
	retries int
	anchors map[string]*Node
}

func (r *reader) problem(start, end int, text string) {
	r.tree.Problems = append(r.tree.Problems, reading.Problem{Span: source.Span{Start: start, End: end}, Text: text})
}

func (r *reader) eof() bool { return r.pos >= len(r.src) }

func (r *reader) column() int { return r.pos - r.line }

// indicator reports whether c stands at pos with white space behind it.
func (r *reader) indicator(c byte) bool {
	return !r.eof() && r.src[r.pos] == c && r.ends(r.pos+1)
}

// done reports whether the document ends at pos.
func (r *reader) done() bool { return r.eof() || r.pos == r.line && r.marker(r.pos) }

// skip passes over white space, line breaks and comments.
func (r *reader) skip() {
	for !r.eof() {
		if r.pos == r.line {
			r.pos = r.present(r.pos)
			r.line = r.pos
			if r.eof() {
				return
			}
		}
		if r.blank(r.pos) {
			r.pos++
		} else if n := r.breakLen(r.pos); n > 0 {
			r.pos += n
			r.line = r.pos
		} else if r.src[r.pos] == '#' && (r.pos == r.line || r.pos == r.base || r.blank(r.pos-1)) {
			end := r.lineEnd(r.pos)
			r.tree.Comments = append(r.tree.Comments, source.Span{Start: r.pos, End: end})
			r.pos = end
		} else {
			return
		}
	}
}

// moveTo goes to end, which may be on a later line.
func (r *reader) moveTo(end int) {
	for i := r.pos; i < end; {
		n := r.breakLen(i)
		if n > 0 {
			r.line = i + n
		}
		i += max(n, 1)
	}
	r.pos = end
}

// document reads one document; false at the end of the file.
func (r *reader) document() bool {
	r.skip()
	for !r.eof() && r.pos == r.line && (r.src[r.pos] == '%' || r.marker(r.pos)) {
		if r.src[r.pos] == '%' {
			r.pos = r.lineEnd(r.pos)
		} else {
			r.pos += 3
			clear(r.anchors)
		}
		r.skip()
	}
	if r.eof() {
		return false
	}
	start := r.pos
	if n := r.node(-1, false); n != nil {
		r.tree.Docs = append(r.tree.Docs, n)
	}
	r.skip()
	if !r.done() {
		r.stray(start)
	}
	return true
}

// stray notes that what stands at pos does not belong there, and passes over it unless reading has moved on since start.
func (r *reader) stray(start int) {
	end := r.lineEnd(r.pos)
	r.problem(r.pos, end, "this does not belong to what stands before it")
	if r.pos == start {
		r.pos = end
	}
}

// node reads the node at or after pos that what is indented by floor holds. A sequence as a mapping's value may be
// indented as the mapping is.
func (r *reader) node(floor int, value bool) *Node {
	r.skip()
	if !r.admits(floor, value) {
		return r.null(floor)
	}
	if r.depth++; r.depth > maxDepth {
		defer func() { r.depth-- }()
		return r.tooDeep(floor)
	}
	defer func() { r.depth-- }()
	start, line := r.pos, r.line
	p := r.properties()
	if p.any && r.line != line {
		// The properties stand on a line of their own, before the whole node.
		if !r.admits(floor, value) {
			return p.onto(r, r.null(floor))
		}
		start = r.pos
		n := r.content(floor, start, properties{})
		return p.onto(r, n)
	}
	return r.content(floor, start, p)
}

// admits reports whether what stands at pos is held by what is indented by floor.
func (r *reader) admits(floor int, value bool) bool {
	if r.done() {
		return false
	}
	return r.column() > floor || value && r.column() == floor && r.indicator('-')
}

func (r *reader) null(floor int) *Node {
	return &Node{Span: source.Span{Start: r.pos, End: r.pos}, floor: floor}
}

// tooDeep passes over what is nested too deeply, up to where the indentation is back at floor.
func (r *reader) tooDeep(floor int) *Node {
	start := r.pos
	for !r.done() && (r.pos == start || r.column() > floor) {
		r.pos = r.lineEnd(r.pos)
		r.skip()
	}
	r.problem(start, r.pos, "nested too deeply")
	return r.null(floor)
}

// content reads a node whose properties, on the same line, were p. Start is where they begin.
func (r *reader) content(floor, start int, p properties) *Node {
	column := start - r.line
	switch {
	case r.done():
		return p.onto(r, r.null(floor))
	case r.indicator('-'):
		return p.onto(r, r.sequence(r.column()))
	case r.indicator(':') && p.any:
		return r.mapping(column, p.onto(r, r.null(floor)))
	case r.indicator('?'), r.indicator(':'):
		return p.onto(r, r.mapping(column, nil))
	}
	line := r.line
	n := p.onto(r, r.atom(floor))
	if !r.keyEnd(line) {
		return n
	}
	return r.mapping(column, n)
}

// keyEnd reports whether the colon of a key that began on the given line follows.
func (r *reader) keyEnd(line int) bool {
	if r.line != line {
		return false
	}
	i := r.pos
	for r.blank(i) {
		i++
	}
	return i < len(r.src) && r.src[i] == ':' && r.ends(i+1)
}

// properties are the anchor and the tag before a node.
type properties struct {
	anchor, tag string
	any         bool
}

// properties reads the anchor and the tag at pos.
func (r *reader) properties() properties {
	var p properties
	for !r.eof() {
		start := r.pos
		c := r.src[r.pos]
		if c != '&' && c != '!' || c == '&' && p.anchor != "" || c == '!' && p.tag != "" {
			break
		}
		if c == '!' && strings.HasPrefix(r.src[start:], "!<") {
			if i := strings.IndexByte(r.src[start:r.lineEnd(start)], '>'); i >= 0 {
				r.pos += i
			}
		}
		for r.pos++; !r.ends(r.pos) && strings.IndexByte(",[]{}", r.src[r.pos]) < 0; r.pos++ {
		}
		if c == '&' {
			name := strings.TrimRight(r.src[start+1:r.pos], ":")
			r.pos = start + 1 + len(name)
			p.anchor = name
		} else {
			p.tag = r.src[start:r.pos]
		}
		p.any = true
		r.skip()
		if r.done() {
			break
		}
	}
	return p
}

// onto puts the properties on a node.
func (p properties) onto(r *reader, n *Node) *Node {
	if p.tag != "" {
		n.Tag = p.tag
	}
	if p.anchor != "" {
		n.Anchor = p.anchor
		// Named when it is complete, so that an alias inside it names no node that holds it.
		r.anchors[p.anchor] = n
	}
	return n
}

// atom reads a scalar, an alias or a flow collection.
func (r *reader) atom(floor int) *Node {
	n := &Node{Kind: Scalar, Span: source.Span{Start: r.pos}, floor: floor}
	switch r.src[r.pos] {
	case '*':
		return r.alias(floor)
	case '|', '>':
		if h := r.header(r.pos); h.ok {
			return r.blockScalar(n, h)
		}
	case '\'', '"':
		if r.quoted(n) {
			return n
		}
	case '[', '{':
		if c := r.collection(floor); c != nil {
			return c
		}
	}
	n.Style = Plain
	if strings.IndexByte("@`%,]}", r.src[r.pos]) >= 0 {
		r.problem(r.pos, r.pos+1, "a plain scalar cannot begin with this character")
	}
	end := r.plain(r.pos, floor, false, nil)
	n.Span.End = max(end, r.pos)
	if end == r.pos { // a lone colon or the like
		n.Span.End = r.pos + 1
	}
	r.moveTo(n.Span.End)
	return n
}

func (r *reader) blockScalar(n *Node, h header) *Node {
	n.Style = Literal
	if h.folded {
		n.Style = Folded
	}
	if i := strings.IndexByte(r.src[r.pos:min(h.end, len(r.src))], '#'); i >= 0 {
		r.tree.Comments = append(r.tree.Comments, source.Span{Start: r.pos + i, End: r.lineEnd(r.pos)})
	}
	n.Span.End, _ = r.block(r.pos, n.floor, nil)
	r.moveTo(n.Span.End)
	return n
}

// quoted reads a quoted scalar at pos into n. It leaves pos alone and answers false when the quote never closes, or
// something follows that shows it to be part of a plain text.
func (r *reader) quoted(n *Node) bool {
	n.Style = Double
	if r.src[r.pos] == '\'' {
		n.Style = Single
	}
	end, ok := 0, false
	if r.retries < maxRetries {
		end, ok = r.scalar(n, nil)
	}
	if ok && (n.flow || r.closes(end)) {
		n.Span.End = end
		r.moveTo(end)
		return true
	}
	r.retries++
	r.problem(r.pos, r.lineEnd(r.pos), "this quote does not end the value that it begins")
	return false
}

// closes reports whether what follows a quoted scalar or a flow collection in a block may follow it.
func (r *reader) closes(i int) bool {
	start := i
	for r.blank(i) {
		i++
	}
	return i >= len(r.src) || r.breakLen(i) > 0 || r.src[i] == '#' && i > start || r.src[i] == ':' && r.ends(i+1)
}

func (r *reader) alias(floor int) *Node {
	n := &Node{Kind: Alias, Span: source.Span{Start: r.pos}, floor: floor}
	for r.pos++; !r.ends(r.pos) && strings.IndexByte(",[]{}", r.src[r.pos]) < 0; r.pos++ {
	}
	name := strings.TrimRight(r.src[n.Span.Start+1:r.pos], ":")
	r.pos = n.Span.Start + 1 + len(name)
	n.Span.End = r.pos
	n.Target = r.anchors[name]
	if name == "" {
		n.Kind = Scalar
		n.Span.End = r.lineEnd(r.pos)
		r.pos = n.Span.End
	}
	if n.Target == nil {
		r.problem(n.Span.Start, n.Span.End, "this alias names no node that is complete")
	}
	return n
}
