package syntax

import (
	"sort"

	sitter "github.com/smacker/go-tree-sitter"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Tree is a parsed text. It holds plain Go memory only and may be shared between goroutines.
type Tree struct {
	Src   []byte
	nodes []record
}

type record struct {
	kind, field                    string
	start, end                     int32
	parent, first, next            int32
	named, broken, missing, failed bool
}

// Node is one node of a tree. The zero Node is no node: its methods answer with zero values.
type Node struct {
	tree *Tree
	id   int32
}

const none = int32(-1)

// builder copies the parser's tree, because every question to the binding costs a call out of Go: what a symbol is called
// is asked once, and mistakes are looked for only below a node that has one.
type builder struct {
	tree   *Tree
	cursor *sitter.TreeCursor
	kinds  map[sitter.Symbol]kind
	fields map[string]string
}

type kind struct {
	name  string
	named bool
}

// build errs when the tree is nested deeper than MaxDepth or has more than maxNodes nodes.
func build(src []byte, root *sitter.Node, maxNodes int) (*Tree, error) {
	b := &builder{
		tree:   &Tree{Src: src, nodes: make([]record, 0, len(src)/4+8)},
		cursor: sitter.NewTreeCursor(root),
		kinds:  map[sitter.Symbol]kind{}, fields: map[string]string{},
	}
	defer b.cursor.Close()
	at, depth := b.add(none), 0
	for {
		if b.cursor.GoToFirstChild() {
			if depth++; depth > MaxDepth {
				return nil, ErrTooDeep
			}
			if len(b.tree.nodes) >= maxNodes {
				return nil, ErrTooMany
			}
			child := b.add(at)
			b.tree.nodes[at].first = child
			at = child
			continue
		}
		for !b.cursor.GoToNextSibling() {
			if !b.cursor.GoToParent() {
				return b.tree, nil
			}
			at, depth = b.tree.nodes[at].parent, depth-1
		}
		if len(b.tree.nodes) >= maxNodes {
			return nil, ErrTooMany
		}
		sibling := b.add(b.tree.nodes[at].parent)
		b.tree.nodes[at].next = sibling
		at = sibling
	}
}

// add copies the node at the cursor and returns its number.
func (b *builder) add(parent int32) int32 {
	n := b.cursor.CurrentNode()
	symbol := n.Symbol()
	k, ok := b.kinds[symbol]
	if !ok {
		k = kind{n.Type(), n.IsNamed()}
		b.kinds[symbol] = k
	}
	r := record{
		kind: k.name, named: k.named, field: b.field(),
		start: int32(n.StartByte()), end: int32(n.EndByte()),
		parent: parent, first: none, next: none,
	}
	if parent == none || b.tree.nodes[parent].broken {
		if r.broken = n.HasError(); r.broken {
			r.missing, r.failed = n.IsMissing(), n.IsError()
		}
	}
	b.tree.nodes = append(b.tree.nodes, r)
	return int32(len(b.tree.nodes) - 1)
}

func (b *builder) field() string {
	name := b.cursor.CurrentFieldName()
	if f, ok := b.fields[name]; ok {
		return f
	}
	b.fields[name] = name
	return name
}

// Root is the node that covers the whole text.
func (t *Tree) Root() Node { return Node{t, 0} }

// Broken reports whether the text has a mistake that the parser noticed.
func (t *Tree) Broken() bool { return t.nodes[0].broken }

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

// Kind is the grammar's name for the node.
func (n Node) Kind() string { return n.rec().kind }

// Is reports whether the node is of one of the kinds.
func (n Node) Is(kinds ...string) bool {
	for _, k := range kinds {
		if n.OK() && n.rec().kind == k {
			return true
		}
	}
	return false
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
func (n Node) Named() bool { return n.rec().named }

// Broken reports whether the node holds a mistake.
func (n Node) Broken() bool { return n.rec().broken }

// Failed reports whether the node is itself what the parser could not read, or a token that it made up.
func (n Node) Failed() bool { return n.rec().failed || n.rec().missing }

// FieldName is the name under which the parent holds the node, or empty.
func (n Node) FieldName() string { return n.rec().field }

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
		if c.rec().field == name {
			return c
		}
	}
	return Node{}
}

// Fields are all children that the grammar holds under name.
func (n Node) Fields(name string) []Node {
	var out []Node
	for c := n.First(); c.OK(); c = c.Next() {
		if c.rec().field == name {
			out = append(out, c)
		}
	}
	return out
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
