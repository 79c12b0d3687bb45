package ruby

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Literal is how a string-like literal is written.
type Literal struct {
	source.Span             // the whole token; for a here-document its opening, <<~'A'
	Content     source.Span // what stands between the delimiters; for a here-document its body
	Open        string      // the opening delimiter: `'`, `%q(`, `%w[`, `<<~'A'`
	Raw         bool        // nothing is interpolated in it
	Words       bool        // a list of words
	Heredoc     bool
	Chained     bool // one of several literals side by side, which are one string
	Symbol      bool
}

// LiteralAt is the literal whose text holds the byte at off; false when none does.
func LiteralAt(tree *syntax.Tree, off int) (Literal, bool) {
	for n := tree.At(off); n.OK(); n = n.Parent() {
		switch n.Kind() {
		case "heredoc_body":
			doc, ok := bodyAt(tree, n, off)
			if !ok {
				return Literal{}, false
			}
			open := string(tree.Src[doc.opening.Start:doc.opening.End])
			return Literal{Span: doc.opening, Content: doc.body, Open: open, Raw: doc.raw, Heredoc: true}, true
		case "string", "subshell", "string_array", "symbol_array", "delimited_symbol", "simple_symbol":
			return literalOf(tree, n), true
		case "interpolation", "comment", "regex":
			return Literal{}, false
		}
	}
	return Literal{}, false
}

func literalOf(tree *syntax.Tree, n syntax.Node) Literal {
	l := &lowering{src: tree.Src}
	read := l.read(n)
	lit := Literal{
		Span: n.Span(), Content: read.content, Raw: !read.escapes, Words: read.words, Chained: n.Parent().Is("chained_string"),
		Symbol: n.Is("simple_symbol", "delimited_symbol", "symbol_array"),
	}
	if n.Is("simple_symbol") {
		lit.Content, lit.Raw = source.Span{Start: n.Start() + 1, End: n.End()}, true
	}
	lit.Open = string(tree.Src[lit.Start:lit.Content.Start])
	return lit
}
