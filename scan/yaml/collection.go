package yaml

import "gitlab.com/opencraft/dev/grove-migrate/scan/source"

// sequence reads the items of a block sequence whose dashes stand in column.
func (r *reader) sequence(column int) *Node {
	n := &Node{Kind: Sequence, Span: source.Span{Start: r.pos}, floor: column}
	for {
		start := r.pos
		r.pos++
		n.Items = append(n.Items, r.node(column, false))
		r.skip()
		for !r.done() && r.column() > column {
			// Deeper than the dashes, and no part of the item: as a template may leave it.
			r.problem(r.pos, r.lineEnd(r.pos), "this is indented deeper than the list that it stands in")
			at := r.pos
			n.Items = append(n.Items, r.strays(column)...)
			r.skip()
			if r.pos == at {
				r.pos = r.lineEnd(r.pos)
				r.skip()
			}
		}
		n.Span.End = r.pos
		if r.done() || r.column() != column || !r.indicator('-') || r.pos == start {
			return n
		}
	}
}

// strays reads a node that stands deeper than its place; the items of a sequence are items of the one around it.
func (r *reader) strays(column int) []*Node {
	n := r.node(column, false)
	if n.Kind == Sequence && !n.flow {
		return n.Items
	}
	return []*Node{n}
}

// mapping reads a block mapping whose keys stand in column. First is its first key, when it is read already.
func (r *reader) mapping(column int, first *Node) *Node {
	n := &Node{Kind: Mapping, Span: source.Span{Start: r.pos}, floor: column}
	if first != nil {
		n.Span.Start = first.Span.Start
	}
	for {
		start := r.pos
		explicit := first == nil && r.indicator('?')
		if first == nil {
			first = r.key(column)
		}
		r.value(n, first, column, explicit)
		first = nil
		r.skip()
		for !r.done() && r.column() > column {
			r.problem(r.pos, r.lineEnd(r.pos), "this is indented deeper than the mapping that it stands in")
			at := r.pos
			n.add(nil, r.node(column, false))
			r.skip()
			if r.pos == at {
				r.pos = r.lineEnd(r.pos)
				r.skip()
			}
		}
		n.Span.End = r.pos
		if r.done() || r.column() != column || r.pos == start || r.indicator('-') {
			return n
		}
	}
}

func (n *Node) add(key, value *Node) {
	n.Keys = append(n.Keys, key)
	n.Items = append(n.Items, value)
}

// key reads a key, up to its colon.
func (r *reader) key(column int) *Node {
	if r.indicator('?') {
		r.pos++
		k := r.node(column, true)
		r.skip()
		return k
	}
	if r.indicator(':') {
		return r.null(column)
	}
	p := r.properties()
	if r.done() || r.column() < column {
		return p.onto(r, r.null(column))
	}
	return p.onto(r, r.atom(column))
}

// value reads the colon and the value that follow a key.
func (r *reader) value(n, key *Node, column int, explicit bool) {
	at := r.pos
	for r.blank(at) {
		at++
	}
	if at < len(r.src) && r.src[at] == ':' && r.ends(at+1) && (!explicit || r.column() == column) {
		r.pos = at + 1
		n.add(key, r.node(column, true))
		return
	}
	if !explicit {
		r.problem(key.Span.Start, key.Span.End, "expected a key and a value, got no value")
	}
	n.add(key, r.null(column))
}
