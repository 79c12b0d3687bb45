package syntax

import (
	"slices"
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Tree is a parsed text. It holds plain Go memory only and may be shared between goroutines.
type Tree struct {
	Src     []byte
	grammar *grammar
	nodes   []record
}

// record is one node. It holds no pointer, so that the garbage collector passes large trees over.
type record struct {
	start, end              int32
	parent, first, next     int32
	symbol, field           uint16
	broken, missing, failed bool
}

// Node is one node of a tree. The zero Node is no node: its methods answer with zero values.
type Node struct {
	tree *Tree
	id   int32
}

const none = int32(-1)

// Root is the node that covers the whole text.
func (t *Tree) Root() Node { return Node{t, 0} }

// Broken reports whether the text has a mistake that the parser noticed.
func (t *Tree) Broken() bool { return t.nodes[0].broken }

// Has reports whether a node of one of the kinds stands anywhere in the tree.
func (t *Tree) Has(kinds ...string) bool {
	for i := range t.nodes {
		if (Node{t, int32(i)}).Is(kinds...) {
			return true
		}
	}
	return false
}

// Errors are the spans, in bytes, of the places that the parser could not read, in order.
func (t *Tree) Errors() []source.Span {
	var out []source.Span
	for _, n := range t.nodes {
		if n.failed || n.missing {
			out = append(out, source.Span{Start: int(n.start), End: int(n.end)})
		}
	}
	return out
}

// At is the smallest node that covers the byte at off; the root when none does.
func (t *Tree) At(off int) Node {
	// Nodes are stored parent first, in the order of the text: what covers off is the last node that starts there or
	// before, or stands above it. Nodes without text may stand between.
	i := sort.Search(len(t.nodes), func(i int) bool { return int(t.nodes[i].start) > off }) - 1
	for ; i > 0; i = int(t.nodes[i].parent) {
		if off < int(t.nodes[i].end) {
			return Node{t, int32(i)}
		}
	}
	return t.Root()
}

func (n Node) rec() *record {
	if n.tree == nil {
		return &record{parent: none, first: none, next: none}
	}
	return &n.tree.nodes[n.id]
}

func (n Node) link(id int32) Node {
	if id == none {
		return Node{}
	}
	return Node{n.tree, id}
}

// OK reports whether n is a node.
func (n Node) OK() bool { return n.tree != nil }

func (n Node) kind() kind {
	if n.tree == nil {
		return kind{}
	}
	return n.tree.grammar.kind(n.tree.nodes[n.id].symbol)
}

// Kind is the grammar's name for the node.
func (n Node) Kind() string { return n.kind().name }

// Is reports whether the node is of one of the kinds.
func (n Node) Is(kinds ...string) bool {
	return n.OK() && slices.Contains(kinds, n.Kind())
}

// Span is the node's half-open range of bytes.
func (n Node) Span() source.Span {
	r := n.rec()
	return source.Span{Start: int(r.start), End: int(r.end)}
}

// Start is the offset of the node's first byte.
func (n Node) Start() int { return int(n.rec().start) }

// End is the offset after the node's last byte.
func (n Node) End() int { return int(n.rec().end) }

// Text is the node's own text.
func (n Node) Text() string {
	if !n.OK() {
		return ""
	}
	r := n.rec()
	return string(n.tree.Src[r.start:r.end])
}

// Named reports whether the node is a rule of the grammar, not a literal token.
func (n Node) Named() bool { return n.kind().named }

// Broken reports whether the node holds a mistake.
func (n Node) Broken() bool { return n.rec().broken }

// Failed reports whether the node is itself what the parser could not read, or a token that it made up.
func (n Node) Failed() bool { return n.rec().failed || n.rec().missing }

// FieldName is the name under which the parent holds the node, or empty.
func (n Node) FieldName() string {
	if n.tree == nil {
		return ""
	}
	return n.tree.grammar.fields[n.tree.nodes[n.id].field]
}

// Parent is the node that holds n.
func (n Node) Parent() Node { return n.link(n.rec().parent) }

// First is the first child, tokens included.
func (n Node) First() Node { return n.link(n.rec().first) }

// Next is the next sibling, tokens included.
func (n Node) Next() Node { return n.link(n.rec().next) }

// Children are all children, tokens included.
func (n Node) Children() []Node {
	var out []Node
	for c := n.First(); c.OK(); c = c.Next() {
		out = append(out, c)
	}
	return out
}

// Named children are those that are rules of the grammar; comments are left out.
func (n Node) NamedChildren() []Node {
	var out []Node
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Named() && c.Kind() != "comment" {
			out = append(out, c)
		}
	}
	return out
}

// Field is the first child that the grammar holds under name.
func (n Node) Field(name string) Node {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.FieldName() == name {
			return c
		}
	}
	return Node{}
}

// Fields are all children that the grammar holds under name.
func (n Node) Fields(name string) []Node {
	var out []Node
	for c := n.First(); c.OK(); c = c.Next() {
		if c.FieldName() == name {
			out = append(out, c)
		}
	}
	return out
}

// Exactly is the smallest node with exactly these bytes, no node where none has.
func (t *Tree) Exactly(s source.Span) Node {
	n := t.At(s.Start)
	for n.OK() && n.Span() != s {
		n = n.Parent()
	}
	return n
}

// Ancestor is the nearest node above n that is of one of the kinds.
func (n Node) Ancestor(kinds ...string) Node {
	for p := n.Parent(); p.OK(); p = p.Parent() {
		if p.Is(kinds...) {
			return p
		}
	}
	return Node{}
}
