package yaml

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Kind says what a node is.
type Kind uint8

// The kinds of nodes.
const (
	Null     Kind = iota // nothing stands there
	Scalar               // a text
	Mapping              // keys and values
	Sequence             // items
	Alias                // another name for an anchored node
)

// Style says how a scalar is written.
type Style uint8

// The styles of scalars.
const (
	Plain Style = iota
	Single
	Double
	Literal
	Folded
)

// String is the style's name, as messages use it.
func (s Style) String() string {
	return [...]string{"plain", "single-quoted", "double-quoted", "literal", "folded"}[s]
}

// Node is one node of a document.
type Node struct {
	Kind   Kind
	Style  Style       // of a scalar
	Span   source.Span // bytes of the file: the content without anchor and tag; a block scalar ends where the next line begins
	Anchor string      // without &
	Tag    string      // as it is written, "!reference"
	Items  []*Node     // of a sequence, or the values of a mapping
	Keys   []*Node     // of a mapping, one for each item; nil for a value that stands where no value is admitted
	Target *Node       // of an alias: the node it names, nil when there is none or it is still open (a cycle)

	floor int  // indentation of what holds the node, -1 for a document
	flow  bool // stands inside brackets
}

// Tree is a file that was read.
type Tree struct {
	// Docs are the roots of the documents. A file with mistakes can have more roots than documents.
	Docs     []*Node
	Comments []source.Span     // in order, from # to the end of the line, directives and markers not included
	Problems []reading.Problem // in order
	lexer    lexer
}

// Text is the text of a scalar, or the name of an alias. It is empty for other nodes.
func (t *Tree) Text(n *Node) string {
	if n == nil || n.Kind != Scalar && n.Kind != Alias {
		return ""
	}
	raw := t.lexer.src[n.Span.Start:n.Span.End]
	if n.Kind == Alias {
		return raw[1:]
	}
	if n.Style == Plain && !hasBreak(raw) {
		return raw
	}
	text, _ := t.Decode(n)
	return text
}

func hasBreak(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '\n' || c == '\r' || c >= 0x80 {
			return true
		}
	}
	return false
}

// Decode is the text of a scalar with the place of each of its bytes in the file.
func (t *Tree) Decode(n *Node) (string, source.Map) {
	if n == nil || n.Kind != Scalar {
		return "", source.Map{}
	}
	raw := t.lexer.src[n.Span.Start:n.Span.End]
	if n.Style == Plain && !hasBreak(raw) {
		return raw, source.Identity(n.Span.Start, len(raw))
	}
	b := builder{text: make([]byte, 0, len(raw))}
	b.m.Segments = make([]source.Segment, 0, 2*strings.Count(raw, "\n")+4)
	t.lexer.scalar(n, &b)
	return string(b.text), b.m
}

// scalar reads the scalar that n says to be there, and gives its end; false when it never closes.
func (l *lexer) scalar(n *Node, b *builder) (int, bool) {
	switch n.Style {
	case Single:
		return l.single(n.Span.Start, b)
	case Double:
		return l.double(n.Span.Start, b)
	case Literal, Folded:
		end, _ := l.block(n.Span.Start, n.floor, b)
		return end, true
	}
	return l.plain(n.Span.Start, n.floor, n.flow, b), true
}

// Get is the value of the mapping n at key, aliases and merge keys followed; nil when there is none. Of a key that
// stands twice, the last one counts.
func (t *Tree) Get(n *Node, key string) *Node { return t.get(n, key, maxFollow) }

// maxFollow bounds how many aliases and merge keys are followed in a row.
const maxFollow = 16

func (t *Tree) get(n *Node, key string, fuel int) *Node {
	n = t.Follow(n)
	if n == nil || n.Kind != Mapping || fuel == 0 {
		return nil
	}
	for i := len(n.Keys) - 1; i >= 0; i-- {
		if t.is(n.Keys[i], key) {
			return n.Items[i]
		}
	}
	for i, k := range n.Keys {
		if !t.is(k, "<<") {
			continue
		}
		for _, m := range t.merged(n.Items[i]) {
			if v := t.get(m, key, fuel-1); v != nil {
				return v
			}
		}
	}
	return nil
}

// is reports whether n is a scalar with this text.
func (t *Tree) is(n *Node, text string) bool {
	if n == nil || n.Kind != Scalar || text == "" {
		return false
	}
	if n.Style == Plain && t.lexer.src[n.Span.Start] != text[0] {
		return false // most keys are told apart so
	}
	return t.Text(n) == text
}

// merged are the mappings that the value of a merge key names.
func (t *Tree) merged(v *Node) []*Node {
	v = t.Follow(v)
	if v != nil && v.Kind == Sequence {
		return v.Items[:min(len(v.Items), maxFollow)]
	}
	return []*Node{v}
}

// Follow is the node that n stands for when it is an alias, else n. It is nil for an alias of nothing.
func (t *Tree) Follow(n *Node) *Node {
	for i := 0; n != nil && n.Kind == Alias; i++ {
		if i == maxFollow {
			return nil
		}
		n = n.Target
	}
	return n
}
