package yaml

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// collection reads the flow collection at pos. When it never closes, or something follows that shows it to be part of a
// plain text, the answer is nil and pos is left alone.
func (r *reader) collection(floor int) *Node {
	if r.retries >= maxRetries {
		return nil
	}
	start, line, comments, problems := r.pos, r.line, len(r.tree.Comments), len(r.tree.Problems)
	n, ok := r.flow(floor)
	if ok && r.closes(r.pos) {
		return n
	}
	r.retries++
	r.pos, r.line = start, line
	r.tree.Comments, r.tree.Problems = r.tree.Comments[:comments], r.tree.Problems[:problems]
	r.problem(start, r.lineEnd(start), "this bracket does not end the value that it begins")
	return nil
}

// flow reads a flow collection; false when it never closes.
func (r *reader) flow(floor int) (*Node, bool) {
	n := &Node{Kind: Sequence, Span: source.Span{Start: r.pos}, floor: floor, flow: true}
	closing := byte(']')
	if r.src[r.pos] == '{' {
		n.Kind, closing = Mapping, '}'
	}
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return n, false
	}
	defer func() { r.depth-- }()
	r.pos++
	for {
		r.skip()
		if r.done() {
			return n, false
		}
		switch c := r.src[r.pos]; c {
		case closing:
			r.pos++
			n.Span.End = r.pos
			return n, true
		case ']', '}':
			return n, false
		case ',':
			r.pos++
			continue
		}
		start := r.pos
		if !r.entry(n) || r.pos == start {
			return n, false
		}
	}
}

// entry reads one entry of the flow collection n.
func (r *reader) entry(n *Node) bool {
	start := r.pos
	explicit := r.indicator('?')
	if explicit {
		r.pos++
		r.skip()
	}
	key, ok := r.flowNode(n.floor)
	if !ok {
		return false
	}
	end, line := r.pos, r.line
	r.skip()
	if !r.flowColon(n, key) {
		if n.Kind == Mapping {
			n.add(key, r.null(n.floor))
			return true
		}
		if explicit {
			key = pair(start, key, r.null(n.floor))
		}
		n.Items = append(n.Items, key)
		return true
	}
	if n.Kind == Sequence && line != r.line && !explicit {
		r.problem(key.Span.Start, end, "a key in a list has to stand on one line with its colon")
	}
	r.pos++
	r.skip()
	if r.done() {
		return false
	}
	value, ok := r.flowNode(n.floor)
	if n.Kind == Mapping {
		n.add(key, value)
	} else {
		n.Items = append(n.Items, pair(start, key, value))
	}
	return ok
}

// pair is the mapping of one key that stands in a flow sequence without braces.
func pair(start int, key, value *Node) *Node {
	return &Node{Kind: Mapping, Span: source.Span{Start: start, End: value.Span.End}, Keys: []*Node{key}, Items: []*Node{value}, floor: key.floor, flow: true}
}

// flowColon reports whether the colon of key stands at pos.
func (r *reader) flowColon(n, key *Node) bool {
	if r.eof() || r.src[r.pos] != ':' {
		return false
	}
	if r.ends(r.pos+1) || strings.IndexByte(",[]{}", r.src[r.pos+1]) >= 0 {
		return true
	}
	// As in JSON, no space is needed behind a key that closes by itself.
	return key.Kind == Mapping || key.Kind == Sequence || key.Style == Single || key.Style == Double
}

// flowNode reads one node inside brackets. Nothing at all is a null.
func (r *reader) flowNode(floor int) (*Node, bool) {
	p := r.properties()
	null := &Node{Span: source.Span{Start: r.pos, End: r.pos}, floor: floor, flow: true}
	if r.done() {
		return p.onto(r, null), false
	}
	n := &Node{Kind: Scalar, Span: source.Span{Start: r.pos}, floor: floor, flow: true}
	switch c := r.src[r.pos]; c {
	case ',', ']', '}':
		return p.onto(r, null), true
	case '[', '{':
		n, ok := r.flow(floor)
		return p.onto(r, n), ok
	case '*':
		n := r.alias(floor)
		n.flow = true
		return p.onto(r, n), true
	case '\'', '"':
		if !r.quoted(n) {
			return n, false
		}
		return p.onto(r, n), true
	case ':':
		if r.ends(r.pos+1) || strings.IndexByte(",[]{}", r.src[r.pos+1]) >= 0 {
			return p.onto(r, null), true
		}
	}
	n.Span.End = r.plain(r.pos, floor, true, nil)
	if n.Span.End == r.pos {
		return n, false
	}
	r.moveTo(n.Span.End)
	return p.onto(r, n), true
}
