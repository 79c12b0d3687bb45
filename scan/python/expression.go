package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// maybe lowers n; it is nil for no node.
func (l *lowerer) maybe(n syntax.Node) flow.Expr {
	if !n.OK() {
		return nil
	}
	return l.expr(n)
}

// expr lowers an expression. It is never nil.
func (l *lowerer) expr(n syntax.Node) flow.Expr {
	switch n.Kind() {
	case "identifier":
		return l.identifier(n)
	case "string":
		return l.str(n)
	case "concatenated_string":
		return l.adjacent(n)
	case "integer":
		return integer(n)
	case "true", "false":
		return &flow.Lit{Pos: pos(n), Text: n.Text(), Map: identity(n), Literal: n.Span(), Kind: "bool"}
	case "none":
		return name(n, n.Text())
	case "list", "tuple", "set", "expression_list", "pattern_list":
		return l.list(n)
	case "list_splat", "parenthesized_list_splat", "list_splat_pattern":
		return &flow.Splat{Pos: pos(n), X: l.only(n)}
	case "dictionary_splat", "dictionary_splat_pattern":
		return &flow.Splat{Pos: pos(n), X: l.only(n), Double: true}
	case "dictionary":
		return l.dictionary(n)
	case "attribute":
		return l.attribute(n)
	case "subscript":
		return l.subscript(n)
	case "call":
		return l.call(n)
	case "binary_operator", "boolean_operator":
		return l.operators(n)
	case "conditional_expression":
		return l.ternary(n)
	case "unary_operator":
		return l.negative(n)
	case "parenthesized_expression", "await", "type", "as_pattern_target", "keyword_argument":
		return l.only(n)
	case "lambda":
		return l.lambda(n)
	case "list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension":
		return l.comprehension(n)
	case "named_expression":
		return l.walrus(n)
	case "yield":
		l.pending = append(l.pending, l.yield(n))
	case "assignment", "augmented_assignment": // where the parser recovered from a mistake
		l.pending = append(l.pending, l.loose(n)...)
	}
	return l.opaque(n)
}

// only lowers the last named child: the one inside parentheses, after await or a star, or the value of an argument.
func (l *lowerer) only(n syntax.Node) flow.Expr {
	var inner syntax.Node
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Named() && c.Kind() != "comment" {
			inner = c
		}
	}
	if !inner.OK() {
		return &flow.Opaque{Pos: pos(n)}
	}
	return l.expr(inner)
}

func (l *lowerer) identifier(n syntax.Node) flow.Expr {
	ident := n.Text()
	if ident == l.receiver && ident != "" {
		ident = "self"
	}
	return name(n, ident)
}

func integer(n syntax.Node) flow.Expr {
	text := n.Text()
	if strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) || len(text) > 1 && text[0] == '0' {
		return &flow.Opaque{Pos: pos(n)} // another base, or digits in groups: str() of it is not its own text
	}
	return &flow.Lit{Pos: pos(n), Text: text, Map: identity(n), Literal: n.Span(), Kind: "int"}
}

// negative lowers a negative integer to one literal.
func (l *lowerer) negative(n syntax.Node) flow.Expr {
	arg := n.Field("argument")
	if lit, ok := l.maybe(arg).(*flow.Lit); ok && lit.Kind == "int" && n.Text() == "-"+arg.Text() {
		return &flow.Lit{Pos: pos(n), Text: n.Text(), Map: identity(n), Literal: n.Span(), Kind: "int"}
	}
	return l.opaque(n)
}

func (l *lowerer) list(n syntax.Node) flow.Expr {
	list := &flow.List{Pos: pos(n)}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Named() && c.Kind() != "comment" {
			list.Elems = append(list.Elems, l.expr(c))
		}
	}
	return list
}

func (l *lowerer) dictionary(n syntax.Node) flow.Expr {
	d := &flow.Dict{Pos: pos(n)}
	for c := n.First(); c.OK(); c = c.Next() {
		switch {
		case c.Kind() == "pair" && c.Field("key").OK() && c.Field("value").OK():
			d.Keys = append(d.Keys, l.expr(c.Field("key")))
			d.Vals = append(d.Vals, l.expr(c.Field("value")))
		case c.Kind() == "dictionary_splat":
			d.Keys = append(d.Keys, nil)
			d.Vals = append(d.Vals, l.only(c))
		case c.Named() && c.Kind() != "comment":
			d.Keys = append(d.Keys, &flow.Opaque{Pos: pos(c)})
			d.Vals = append(d.Vals, l.opaque(c))
		}
	}
	return d
}

func (l *lowerer) attribute(n syntax.Node) flow.Expr {
	object, member := n.Field("object"), n.Field("attribute")
	if !object.OK() || !member.OK() {
		return l.opaque(n)
	}
	if text := n.Text(); len(l.dotted) > 0 && l.dotted[text] {
		return name(n, text)
	}
	if n.Text() == "sys.executable" {
		return interpreter(n)
	}
	// The value of an enumeration's member is what is assigned to the member.
	if member.Text() == "value" && object.Kind() == "attribute" && constant(object.Field("attribute").Text()) {
		return l.attribute(object)
	}
	return &flow.Attr{Pos: pos(n), X: l.expr(object), Name: member.Text()}
}

// interpreter is the program that sys.executable names: which Python it is matters to nobody here.
func interpreter(n syntax.Node) flow.Expr {
	lit := &flow.Lit{Pos: pos(n), Text: "python3", Literal: n.Span(), Kind: "name"}
	lit.Map.Append(source.Segment{Len: len(lit.Text), Host: n.Start(), HostLen: n.Span().Len(), Atomic: true})
	return lit
}

// constant reports whether a name is written as constants are.
func constant(s string) bool {
	return s != "" && strings.ToUpper(s) == s && strings.ToLower(s) != s
}

func (l *lowerer) subscript(n syntax.Node) flow.Expr {
	ix := &flow.Index{Pos: pos(n), X: l.maybe(n.Field("value"))}
	keys := n.Fields("subscript")
	switch {
	case ix.X == nil || len(keys) == 0:
		return l.opaque(n)
	case len(keys) > 1:
		list := &flow.List{Pos: flow.Pos{Span: keys[0].Span()}}
		list.End = keys[len(keys)-1].End()
		for _, k := range keys {
			list.Elems = append(list.Elems, l.expr(k))
		}
		ix.Key = list
	case keys[0].Kind() == "slice":
		return l.slice(n, ix, keys[0])
	default:
		ix.Key = l.expr(keys[0])
	}
	return ix
}

// slice lowers X[from:to]. One with a step takes elements that cannot be told.
func (l *lowerer) slice(n syntax.Node, ix *flow.Index, s syntax.Node) flow.Expr {
	colons := 0
	for c := s.First(); c.OK(); c = c.Next() {
		switch {
		case c.Kind() == ":":
			colons++
		case !c.Named() || c.Kind() == "comment":
		case colons == 0:
			ix.From = l.expr(c)
		case colons == 1:
			ix.To = l.expr(c)
		default:
			return &flow.Opaque{Pos: pos(n), Parts: []flow.Expr{ix.X, l.expr(c)}}
		}
	}
	return ix
}

func (l *lowerer) ternary(n syntax.Node) flow.Expr {
	parts := n.NamedChildren()
	if len(parts) != 3 {
		return l.opaque(n)
	}
	yes, test, no := l.expr(parts[0]), l.expr(parts[1]), l.expr(parts[2])
	return &flow.Alt{Pos: pos(n), Options: []flow.Expr{yes, no}, Test: test, Other: others([]syntax.Node{n.NamedChildren()[1]}, 2)}
}

// walrus binds a name where an expression stands. The binding is made before the statement that holds it.
func (l *lowerer) walrus(n syntax.Node) flow.Expr {
	target, value := n.Field("name"), n.Field("value")
	if !target.OK() || !value.OK() {
		return l.opaque(n)
	}
	st := &flow.Assign{Targets: []flow.Expr{l.expr(target)}, Value: l.expr(value)}
	l.pending = append(l.pending, st)
	return l.expr(target)
}
