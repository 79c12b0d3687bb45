package ruby

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// expr lowers one expression. What must run before it is emitted.
func (l *lowering) expr(n syntax.Node) flow.Expr {
	switch n.Kind() {
	case "string", "delimited_symbol", "subshell", "string_array", "symbol_array", "heredoc_beginning", "chained_string",
		"simple_symbol", "hash_key_symbol", "character", "bare_string", "bare_symbol":
		return l.literalValue(n)
	case "identifier", "constant", "global_variable", "instance_variable", "class_variable", "self", "nil", "true", "false",
		"integer", "scope_resolution":
		return l.nameValue(n)
	case "array", "right_assignment_list":
		return &flow.List{Pos: pos(n), Elems: l.elems(n.NamedChildren())}
	case "splat_argument":
		return &flow.List{Pos: pos(n), Elems: l.elems([]syntax.Node{n})}
	case "hash":
		return l.hash(n, n.NamedChildren())
	case "call":
		return l.call(n)
	case "element_reference":
		return l.index(n)
	case "binary":
		return l.binary(n)
	case "conditional", "if", "unless", "case", "case_match", "if_modifier", "unless_modifier", "rescue_modifier":
		return l.choice(n)
	case "parenthesized_statements", "begin", "then", "else":
		if v := l.value(n); v != nil {
			return v
		}
		return &flow.Opaque{Pos: pos(n)}
	case "assignment", "operator_assignment":
		l.assign(n)
		return l.again(n.Field("left"))
	case "lambda":
		return l.closure(n, n.Field("parameters"), n.Field("body"))
	case "method", "singleton_method":
		l.define(n)
		return &flow.Lit{Pos: pos(n.Field("name")), Text: n.Field("name").Text(), Map: source.Identity(n.Field("name").Start(), n.Field("name").Span().Len()), Literal: n.Field("name").Span(), Kind: "symbol"}
	case "super":
		return l.super(n, nil, nil)
	case "yield":
		return &flow.Call{Pos: pos(n), Fn: &flow.Name{Pos: pos(n), Ident: "&"}, Args: l.args(n)}
	case "return", "next", "break", "while", "until", "for", "class", "module", "while_modifier", "until_modifier", "singleton_class", "alias":
		l.stmt(n)
		return &flow.Opaque{Pos: pos(n)}
	case "unary":
		if op := n.Field("operator").Kind(); (op == "+" || op == "-") && n.Field("operand").Is("string", "heredoc_beginning") {
			return l.expr(n.Field("operand")) // a string that may, or may not, be changed
		}
		if n.Field("operator").Kind() == "-" && n.Field("operand").Is("integer") {
			return &flow.Lit{Pos: pos(n), Text: n.Text(), Map: source.Identity(n.Start(), n.Span().Len()), Literal: n.Span(), Kind: "int"}
		}
	}
	return l.opaque(n)
}

// opaque evaluates the parts of an expression whose value is not followed.
func (l *lowering) opaque(n syntax.Node) flow.Expr {
	out := &flow.Opaque{Pos: pos(n)}
	for _, c := range n.NamedChildren() {
		if !c.Is("string_content", "escape_sequence", "heredoc_body") {
			out.Parts = append(out.Parts, l.expr(c))
		}
	}
	return out
}

func (l *lowering) literalValue(n syntax.Node) flow.Expr {
	switch n.Kind() {
	case "subshell":
		return &flow.Run{Pos: pos(n), Text: l.str(n), Sink: "backtick"}
	case "string_array", "symbol_array":
		return l.wordList(n)
	case "heredoc_beginning":
		if doc, ok := l.docs.at(n.Start()); ok {
			return l.heredoc(doc)
		}
		return &flow.Opaque{Pos: pos(n)}
	case "chained_string":
		join := &flow.Join{Pos: pos(n)}
		for _, c := range n.NamedChildren() {
			join.Parts = append(join.Parts, l.expr(c))
		}
		return join
	case "simple_symbol", "hash_key_symbol":
		text := strings.TrimPrefix(n.Text(), ":")
		start := n.End() - len(text)
		return &flow.Lit{Pos: flow.Pos{Span: source.Span{Start: start, End: n.End()}}, Text: text, Map: source.Identity(start, len(text)), Literal: n.Span(), Kind: "symbol"}
	case "character":
		lit := literal{quoting: quoting{escapes: true}, kind: "?", whole: n.Span(), content: source.Span{Start: n.Start() + 1, End: n.End()}}
		b := builder{l: l, lit: lit}
		b.text(lit.content.Start, lit.content.End)
		return b.value(n.Span())
	case "bare_string", "bare_symbol":
		return l.opaque(n)
	}
	return l.str(n)
}

// interpolated is the value of an interpolation: of its last statement.
func (l *lowering) interpolated(n syntax.Node) flow.Expr {
	kids := n.NamedChildren()
	if len(kids) == 0 {
		return &flow.Lit{Pos: flow.Pos{Span: source.Span{Start: n.End(), End: n.End()}}, Kind: "\""}
	}
	for _, k := range kids[:len(kids)-1] {
		l.stmt(k)
	}
	return l.expr(kids[len(kids)-1])
}

func (l *lowering) nameValue(n syntax.Node) flow.Expr {
	text := n.Text()
	name := &flow.Name{Pos: pos(n), Ident: text}
	switch n.Kind() {
	case "instance_variable", "class_variable":
		if l.classes == 0 {
			return name
		}
		return &flow.Attr{Pos: pos(n), X: &flow.Name{Pos: pos(n), Ident: "self"}, Name: text}
	case "integer":
		return &flow.Lit{Pos: pos(n), Text: text, Map: source.Identity(n.Start(), len(text)), Literal: n.Span(), Kind: "int"}
	case "scope_resolution":
		scope, last := n.Field("scope"), n.Field("name")
		if !scope.OK() {
			return &flow.Name{Pos: pos(n), Ident: last.Text()}
		}
		return &flow.Attr{Pos: pos(n), X: l.expr(scope), Name: last.Text()}
	case "identifier":
		if text == "__FILE__" || l.local(text) {
			return name
		}
		return &flow.Call{Pos: pos(n), Fn: name}
	}
	return name
}

// elems are the elements of an array; pairs without braces make up one hash.
func (l *lowering) elems(nodes []syntax.Node) []flow.Expr {
	var out []flow.Expr
	var pairs []syntax.Node
	for _, n := range nodes {
		switch n.Kind() {
		case "pair", "hash_splat_argument":
			pairs = append(pairs, n)
		case "splat_argument":
			x := n.NamedChildren()
			if len(x) > 0 {
				out = append(out, &flow.Splat{Pos: pos(n), X: l.expr(x[0])})
			}
		case "heredoc_body":
		default:
			out = append(out, l.expr(n))
		}
	}
	if len(pairs) > 0 {
		out = append(out, l.hash(pairs[0], pairs))
	}
	return out
}

func (l *lowering) hash(n syntax.Node, pairs []syntax.Node) flow.Expr {
	out := &flow.Dict{Pos: pos(n)}
	for _, p := range pairs {
		switch p.Kind() {
		case "pair":
			key := p.Field("key")
			out.Keys = append(out.Keys, l.expr(key))
			out.Vals = append(out.Vals, l.pairValue(p))
		case "hash_splat_argument":
			if x := p.NamedChildren(); len(x) > 0 {
				out.Keys = append(out.Keys, nil)
				out.Vals = append(out.Vals, l.expr(x[0]))
			}
		}
	}
	return out
}

// pairValue is the value of a pair; `name:` alone stands for the variable or method of that name.
func (l *lowering) pairValue(p syntax.Node) flow.Expr {
	if v := p.Field("value"); v.OK() {
		return l.expr(v)
	}
	key := p.Field("key")
	name := &flow.Name{Pos: pos(key), Ident: key.Text()}
	if l.local(key.Text()) {
		return name
	}
	return &flow.Call{Pos: pos(key), Fn: name}
}

func (l *lowering) index(n syntax.Node) flow.Expr {
	kids := n.NamedChildren()
	if len(kids) == 0 {
		return l.opaque(n)
	}
	out := &flow.Index{Pos: pos(n), X: l.expr(kids[0])}
	switch keys := kids[1:]; {
	case len(keys) == 2:
		out.From = l.expr(keys[0])
		l.emitValue(keys[1])
	case len(keys) == 1 && keys[0].Is("range"):
		if from := keys[0].Field("begin"); from.OK() {
			out.From = l.expr(from)
		}
		if to := keys[0].Field("end"); to.OK() && to.Text() != "-1" {
			out.To = l.expr(to)
		}
	case len(keys) == 1:
		out.Key = l.expr(keys[0])
	default:
		out.Key = l.opaque(n)
	}
	return out
}

// emitValue evaluates an expression for its effects.
func (l *lowering) emitValue(n syntax.Node) { l.do(n) }

func (l *lowering) binary(n syntax.Node) flow.Expr {
	left, right := n.Field("left"), n.Field("right")
	switch op := n.Field("operator").Kind(); op {
	case "||", "or":
		return l.either(n, left, right, true)
	case "&&", "and":
		return l.either(n, left, right, false)
	case "+":
		return &flow.Add{Pos: pos(n), X: l.expr(left), Y: l.expr(right)}
	case "%":
		out := &flow.Format{Pos: pos(n), Verb: "%", Layout: l.expr(left)}
		if right.Is("array") {
			out.Args = l.elems(right.NamedChildren())
		} else {
			out.Args = []flow.Expr{l.expr(right)}
		}
		return out
	case "<<":
		if left.Is("binary") && left.Field("operator").Kind() == "<<" {
			l.do(left)
			for left.Is("binary") && left.Field("operator").Kind() == "<<" {
				left = left.Field("left")
			}
		}
		return l.method(n, l.expr(left), "<<", flow.Arg{Value: l.expr(right)})
	case "*":
		if right.Is("string") && left.Is("array", "string_array", "identifier") {
			return l.method(n, l.expr(left), "join", flow.Arg{Value: l.expr(right)})
		}
	}
	return &flow.Opaque{Pos: pos(n), Parts: []flow.Expr{l.expr(left), l.expr(right)}}
}

// either is the value of `a || b` (both can be it) or `a && b` (the second is it).
func (l *lowering) either(n, left, right syntax.Node, or bool) flow.Expr {
	first := l.expr(left)
	var second flow.Expr
	arm := l.block(func() { second = l.expr(right) })
	if len(arm) > 0 {
		l.emit(&flow.Branch{Arms: [][]flow.Stmt{arm, nil}})
	}
	if or {
		return &flow.Alt{Pos: pos(n), Options: []flow.Expr{first, second}}
	}
	return &flow.Alt{Pos: pos(n), Options: []flow.Expr{second}, Test: first}
}

// method is a call of a method of x.
func (l *lowering) method(n syntax.Node, x flow.Expr, name string, args ...flow.Arg) flow.Expr {
	return &flow.Call{Pos: pos(n), Fn: &flow.Attr{Pos: pos(n), X: x, Name: name}, Args: args}
}
