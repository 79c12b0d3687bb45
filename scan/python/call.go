package python

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

func (l *lowerer) call(n syntax.Node) flow.Expr {
	fn := n.Field("function")
	if !fn.OK() {
		return l.opaque(n)
	}
	args := l.arguments(n.Field("arguments"))
	switch {
	case fn.Kind() == "attribute" && fn.Field("attribute").Text() == "format" && !l.modules[fn.Field("object").Text()]:
		return l.braces(n, fn.Field("object"), args)
	case l.receiver != "" && fn.Kind() == "attribute" && l.bases[fn.Field("object").Text()]:
		if own, ok := firstName(args); ok && own == "self" {
			up := &flow.Call{Pos: pos(fn.Field("object")), Fn: name(fn.Field("object"), "super")}
			return &flow.Call{Pos: pos(n), Fn: &flow.Attr{Pos: pos(fn), X: up, Name: fn.Field("attribute").Text()}, Args: args[1:]}
		}
	}
	callee := l.expr(fn)
	if x := l.builtin(n, callee, args); x != nil {
		return x
	}
	if x := l.parserCall(n, callee, args); x != nil {
		return x
	}
	return &flow.Call{Pos: pos(n), Fn: callee, Args: args}
}

func firstName(args []flow.Arg) (string, bool) {
	if len(args) == 0 || args[0].Name != "" {
		return "", false
	}
	n, ok := args[0].Value.(*flow.Name)
	if !ok {
		return "", false
	}
	return n.Ident, true
}

func (l *lowerer) arguments(n syntax.Node) []flow.Arg {
	if n.Kind() == "generator_expression" {
		return []flow.Arg{{Value: l.expr(n)}}
	}
	var args []flow.Arg
	for c := n.First(); c.OK(); c = c.Next() {
		switch {
		case c.Kind() == "keyword_argument":
			args = append(args, flow.Arg{Name: c.Field("name").Text(), Value: l.expr(c.Field("value"))})
		case c.Named() && c.Kind() != "comment":
			args = append(args, flow.Arg{Value: l.expr(c)})
		}
	}
	return args
}

// braces lowers layout.format(…).
func (l *lowerer) braces(n, layout syntax.Node, args []flow.Arg) flow.Expr {
	f := &flow.Format{Pos: pos(n), Verb: "format", Layout: l.expr(layout)}
	for _, a := range args {
		if sp, ok := a.Value.(*flow.Splat); a.Name != "" || ok && sp.Double {
			f.Named = append(f.Named, a)
			continue
		}
		f.Args = append(f.Args, a.Value)
	}
	return f
}

// table lowers dict(…): what it is given by position is spread, what it is given by name is an entry.
func table(n syntax.Node, args []flow.Arg) flow.Expr {
	d := &flow.Dict{Pos: pos(n)}
	for _, a := range args {
		var key flow.Expr
		value := a.Value
		if a.Name != "" {
			key = &flow.Lit{Pos: flow.Pos{Span: value.At()}, Text: a.Name, Kind: "name"}
		} else if sp, ok := value.(*flow.Splat); ok {
			value = sp.X
		}
		d.Keys, d.Vals = append(d.Keys, key), append(d.Vals, value)
	}
	return d
}

func (l *lowerer) lambda(n syntax.Node) flow.Expr {
	f := &flow.Func{Pos: pos(n), Params: l.params(n.Field("parameters"))}
	body := n.Field("body")
	if !body.OK() {
		return l.opaque(n)
	}
	before, value := l.branchOff(func() flow.Expr { return l.expr(body) })
	if len(before) == 0 {
		f.Value = value
		return f
	}
	f.Body = append(before, &flow.Return{Value: value})
	return f
}

// passes reports whether a comprehension's body gives back the element itself, or its text.
func passes(body, target syntax.Node) bool {
	for body.Kind() == "call" {
		args := body.Field("arguments").NamedChildren()
		if len(args) != 1 {
			return false
		}
		switch body.Field("function").Text() {
		case "str", "os.fspath", "fspath", "shlex.quote", "quote", "pipes.quote", "os.path.expanduser", "os.path.expandvars":
			body = args[0]
		default:
			return false
		}
	}
	return body.Kind() == "identifier" && target.Kind() == "identifier" && body.Text() == target.Text()
}

func (l *lowerer) comprehension(n syntax.Node) flow.Expr {
	body := n.Field("body")
	var clauses []syntax.Node
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Is("for_in_clause", "if_clause") {
			clauses = append(clauses, c)
		}
	}
	if !body.OK() || len(clauses) == 0 || clauses[0].Kind() != "for_in_clause" {
		return l.opaque(n)
	}
	through := passes(body, clauses[0].Field("left"))
	if through && len(clauses) == 1 {
		return l.expr(clauses[0].Field("right"))
	}
	f := &flow.Func{Pos: pos(n), Body: l.clauses(clauses, body)}
	each := &flow.Call{Pos: pos(n), Fn: f}
	loop, ok := f.Body[len(f.Body)-1].(*flow.Loop)
	if through = through && ok; through && !slices.ContainsFunc(clauses[1:], func(c syntax.Node) bool { return c.Kind() != "if_clause" }) {
		// What is left of the elements keeps their order; the conditions are evaluated for their effects.
		return &flow.Alt{Pos: pos(n), Options: []flow.Expr{loop.Iter}, Test: each}
	}
	if body.Kind() == "pair" {
		return each
	}
	return &flow.List{Pos: pos(n), Elems: []flow.Expr{each}}
}

// clauses lowers the loops and conditions of a comprehension around its body.
func (l *lowerer) clauses(clauses []syntax.Node, body syntax.Node) []flow.Stmt {
	if len(clauses) == 0 {
		if body.Kind() == "pair" {
			before, value := l.branchOff(func() flow.Expr {
				d := &flow.Dict{Pos: pos(body)}
				d.Keys = append(d.Keys, l.expr(body.Field("key")))
				d.Vals = append(d.Vals, l.expr(body.Field("value")))
				return d
			})
			return append(before, &flow.Return{Value: value})
		}
		before, value := l.branchOff(func() flow.Expr { return l.expr(body) })
		return append(before, &flow.Return{Value: value})
	}
	c := clauses[0]
	if c.Kind() == "if_clause" {
		before, test := l.branchOff(func() flow.Expr { return l.only(c) })
		return append(append(before, &flow.Do{X: test}), l.clauses(clauses[1:], body)...)
	}
	before, iter := l.branchOff(func() flow.Expr { return l.maybe(c.Field("right")) })
	loop := &flow.Loop{Target: l.target(c.Field("left")), Iter: iter, Body: l.clauses(clauses[1:], body)}
	return append(before, loop)
}
