package ruby

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// assign lowers an assignment of any kind.
func (l *lowering) assign(n syntax.Node) {
	left, right := n.Field("left"), n.Field("right")
	if n.Is("assignment") && left.Is("constant") && l.structClass(left, right) {
		return
	}
	if n.Is("assignment") {
		l.declareTargets(left)
		value := l.assigned(right)
		if name := left.Text(); callable(value, right) {
			l.procs[name] = true
		}
		l.emit(&flow.Assign{Targets: []flow.Expr{l.target(left)}, Value: value})
		return
	}
	switch n.Field("operator").Kind() {
	case "||=":
		l.declareTargets(left)
		value := l.assigned(right)
		l.emit(&flow.Assign{Targets: []flow.Expr{l.target(left)}, Value: value, Default: true})
	case "&&=":
		arm := l.block(func() {
			value := l.assigned(right)
			l.emit(&flow.Assign{Targets: []flow.Expr{l.target(left)}, Value: value})
		})
		l.emit(&flow.Branch{Arms: [][]flow.Stmt{arm, nil}})
	case "+=":
		value := l.assigned(right)
		l.emit(&flow.Augment{Target: l.target(left), Value: value, Pos: n.Span()})
	case "<<=":
		value := l.assigned(right)
		l.emit(&flow.Do{X: l.method(n, l.again(left), "<<", flow.Arg{Value: value})})
	default:
		l.emit(&flow.Do{X: &flow.Opaque{Pos: pos(n), Parts: []flow.Expr{l.again(left), l.assigned(right)}}})
	}
}

// callable reports whether a value is a lambda, a proc or a method taken as a value.
func callable(v flow.Expr, n syntax.Node) bool {
	if _, ok := v.(*flow.Func); ok {
		return true
	}
	return n.Is("call") && n.Field("method").Text() == "method"
}

func (l *lowering) assigned(n syntax.Node) flow.Expr {
	if !n.OK() {
		return &flow.Name{Ident: "nil"}
	}
	if v := l.expr(n); v != nil {
		return v
	}
	return &flow.Opaque{Pos: pos(n)}
}

// declareTargets makes local variables of the names that are bound: in Ruby they exist in their own value too.
func (l *lowering) declareTargets(n syntax.Node) {
	switch n.Kind() {
	case "identifier":
		l.declare(n.Text())
	case "left_assignment_list", "destructured_left_assignment", "rest_assignment", "destructured_parameter", "splat_parameter":
		for _, c := range n.NamedChildren() {
			l.declareTargets(c)
		}
	}
}

// target lowers what is assigned to, and makes local variables of new names.
func (l *lowering) target(n syntax.Node) flow.Expr {
	switch n.Kind() {
	case "identifier":
		l.declare(n.Text())
		return &flow.Name{Pos: pos(n), Ident: n.Text()}
	case "left_assignment_list", "destructured_left_assignment", "destructured_parameter", "block_parameters", "exceptions":
		out := &flow.List{Pos: pos(n)}
		for _, c := range n.NamedChildren() {
			out.Elems = append(out.Elems, l.target(c))
		}
		return out
	case "rest_assignment", "splat_parameter":
		kids := n.NamedChildren()
		if len(kids) == 0 {
			return &flow.Splat{Pos: pos(n), X: &flow.Opaque{Pos: pos(n)}}
		}
		return &flow.Splat{Pos: pos(n), X: l.target(kids[0])}
	case "call":
		return l.member(n)
	case "optional_parameter", "keyword_parameter":
		return l.target(n.Field("name"))
	}
	return l.expr(n)
}

// member is the attribute that `x.name = …` sets.
func (l *lowering) member(n syntax.Node) flow.Expr {
	recv, name := n.Field("receiver"), n.Field("method").Text()
	if !recv.OK() {
		return l.expr(n)
	}
	if l.writers[name] {
		name = "@" + name
	}
	return &flow.Attr{Pos: pos(n), X: l.expr(recv), Name: name}
}

// again is the value of a target that was just bound.
func (l *lowering) again(n syntax.Node) flow.Expr {
	switch n.Kind() {
	case "identifier":
		return &flow.Name{Pos: pos(n), Ident: n.Text()}
	case "call":
		return l.member(n)
	case "left_assignment_list":
		return &flow.Opaque{Pos: pos(n)}
	}
	return l.expr(n)
}
