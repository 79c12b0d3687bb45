package python

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// operators lowers a chain of binary operators. Such a chain leans to the left, so it is walked without recursion.
func (l *lowerer) operators(n syntax.Node) flow.Expr {
	var chain []syntax.Node
	at := n
	for at.Is("binary_operator", "boolean_operator") && at.Field("left").OK() && at.Field("right").OK() {
		chain = append(chain, at)
		at = at.Field("left")
	}
	if len(chain) == 0 {
		return l.opaque(n)
	}
	x := l.expr(at)
	for i := len(chain) - 1; i >= 0; i-- {
		op, right := chain[i].Field("operator").Text(), chain[i].Field("right")
		if op == "%" {
			x = l.percent(chain[i], x, right)
			continue
		}
		x = operation(pos(chain[i]), op, x, l.expr(right))
	}
	return x
}

func operation(at flow.Pos, op string, x, y flow.Expr) flow.Expr {
	switch op {
	case "+":
		return &flow.Add{Pos: at, X: x, Y: y}
	case "or":
		return &flow.Alt{Pos: at, Options: []flow.Expr{x, y}}
	case "and":
		return &flow.Alt{Pos: at, Options: []flow.Expr{y}, Test: x}
	case "/":
		return &flow.Call{Pos: at, Fn: &flow.Name{Pos: at, Ident: "/"}, Args: []flow.Arg{{Value: x}, {Value: y}}}
	case "|":
		return &flow.Call{Pos: at, Fn: &flow.Attr{Pos: at, X: x, Name: "__or__"}, Args: []flow.Arg{{Value: y}}}
	case "*":
		for _, side := range []flow.Expr{x, y} { // a list that is repeated has the elements of one
			if list, ok := side.(*flow.List); ok {
				return list
			}
		}
	case "%":
		return &flow.Format{Pos: at, Verb: "%", Layout: x, Args: []flow.Expr{y}}
	}
	return &flow.Opaque{Pos: at, Parts: []flow.Expr{x, y}}
}

// percent lowers layout % operand. A tuple that stands there gives several arguments.
func (l *lowerer) percent(n syntax.Node, layout flow.Expr, operand syntax.Node) flow.Expr {
	f := &flow.Format{Pos: pos(n), Verb: "%", Layout: layout}
	if operand.Kind() == "tuple" {
		f.Args = l.list(operand).(*flow.List).Elems
		return f
	}
	f.Args = []flow.Expr{l.expr(operand)}
	return f
}
