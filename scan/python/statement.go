package python

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// block lowers the statements that n holds.
func (l *lowerer) block(n syntax.Node) []flow.Stmt {
	var out []flow.Stmt
	for c := n.First(); c.OK(); c = c.Next() {
		if !c.Named() || c.Kind() == "comment" {
			continue
		}
		stmts := l.statement(c)
		out = l.flush(out)
		out = append(out, stmts...)
	}
	return out
}

// under lowers the block that n holds under a field, or as a plain child when the field is empty.
func (l *lowerer) under(n syntax.Node, field string) []flow.Stmt {
	if body := n.Field(field); field != "" && body.OK() {
		return l.block(body)
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() == "block" {
			return l.block(c)
		}
	}
	return nil
}

// statement lowers one statement. Statements that its expressions need first are left in l.pending, except for those of
// a compound statement, which it places itself.
func (l *lowerer) statement(n syntax.Node) []flow.Stmt {
	switch n.Kind() {
	case "expression_statement", "ERROR":
		return l.loose(n)
	case "return_statement":
		return []flow.Stmt{&flow.Return{Value: l.maybe(first(n))}}
	case "raise_statement":
		return []flow.Stmt{&flow.Do{X: l.opaque(n)}, &flow.Return{}}
	case "if_statement":
		return l.conditional(n)
	case "for_statement":
		return l.forLoop(n)
	case "while_statement":
		return l.whileLoop(n)
	case "try_statement":
		return l.try(n)
	case "with_statement":
		return l.with(n)
	case "match_statement":
		return l.match(n)
	case "function_definition":
		return []flow.Stmt{&flow.Define{Func: l.function(n, nil)}}
	case "class_definition":
		return []flow.Stmt{&flow.DefineClass{Class: l.class(n, nil)}}
	case "decorated_definition":
		return l.decorated(n)
	case "import_statement", "import_from_statement":
		return l.imports(n)
	case "future_import_statement", "pass_statement", "break_statement", "continue_statement", "type_alias_statement", "nonlocal_statement":
		return nil
	case "global_statement":
		l.declareGlobal(n)
		return nil
	case "block":
		return []flow.Stmt{&flow.Block{Body: l.block(n)}}
	case "assert_statement", "delete_statement", "print_statement", "exec_statement":
		return []flow.Stmt{&flow.Do{X: l.opaque(n)}}
	}
	return []flow.Stmt{&flow.Do{X: l.expr(n)}}
}

// loose lowers the expressions and assignments that stand as statements in n, also where n is what could not be parsed.
func (l *lowerer) loose(n syntax.Node) []flow.Stmt {
	var out []flow.Stmt
	var tuple []flow.Expr
	for c := n.First(); c.OK(); c = c.Next() {
		if !c.Named() || c.Kind() == "comment" {
			continue
		}
		switch {
		case c.Kind() == "assignment":
			out = append(out, l.assignment(c)...)
		case c.Kind() == "augmented_assignment":
			out = append(out, l.augmented(c)...)
		case n.Kind() == "ERROR":
			stmts := l.statement(c)
			out = append(l.flush(out), stmts...)
		case c.Kind() == "yield":
			out = append(out, l.yield(c))
		default:
			tuple = append(tuple, l.expr(c))
		}
	}
	for _, x := range tuple {
		out = append(out, &flow.Do{X: x})
	}
	return out
}

func (l *lowerer) yield(n syntax.Node) flow.Stmt {
	from := false
	for c := n.First(); c.OK(); c = c.Next() {
		from = from || c.Kind() == "from"
	}
	value := l.maybe(first(n))
	if from && value != nil {
		value = &flow.Splat{Pos: flow.Pos{Span: value.At()}, X: value}
	}
	return &flow.Return{Value: value, Yield: true}
}

func (l *lowerer) assignment(n syntax.Node) []flow.Stmt {
	st := &flow.Assign{}
	for n.Kind() == "assignment" {
		st.Targets = append(st.Targets, l.target(n.Field("left")))
		if t := n.Field("type"); t.OK() {
			st.Type = l.annotation(t)
		}
		right := n.Field("right")
		if !right.OK() {
			// An annotation alone gives no value, and must not hide the one that there is.
			st.Default, st.Value = true, &flow.Opaque{Pos: flow.Pos{Span: ends(n)}}
			return []flow.Stmt{st}
		}
		n = right
	}
	if n.Kind() == "augmented_assignment" { // only in broken code
		return l.augmented(n)
	}
	if class := l.namedTuple(st.Targets, n); class != nil {
		return []flow.Stmt{&flow.DefineClass{Class: class}}
	}
	st.Value = l.expr(n)
	l.noteGlobal(st)
	return []flow.Stmt{st}
}

func (l *lowerer) augmented(n syntax.Node) []flow.Stmt {
	left, right := n.Field("left"), n.Field("right")
	if !left.OK() || !right.OK() {
		return []flow.Stmt{&flow.Do{X: l.opaque(n)}}
	}
	target, value := l.target(left), l.expr(right)
	op := n.Field("operator").Text()
	if op == "+=" {
		return []flow.Stmt{&flow.Augment{Target: target, Value: value, Pos: n.Span()}}
	}
	if len(op) > 1 {
		value = operation(pos(n), op[:len(op)-1], l.expr(left), value)
	}
	return []flow.Stmt{&flow.Assign{Targets: []flow.Expr{target}, Value: value}}
}

// target lowers what is assigned to.
func (l *lowerer) target(n syntax.Node) flow.Expr {
	switch n.Kind() {
	case "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list":
		list := &flow.List{Pos: pos(n)}
		for _, c := range n.NamedChildren() {
			list.Elems = append(list.Elems, l.target(c))
		}
		return list
	case "list_splat_pattern", "list_splat":
		return &flow.Splat{Pos: pos(n), X: l.target(first(n))}
	case "as_pattern_target", "parenthesized_expression":
		return l.target(first(n))
	}
	return l.expr(n)
}

func (l *lowerer) declareGlobal(n syntax.Node) {
	if l.global == nil {
		return // at the top level it changes nothing
	}
	for _, c := range n.NamedChildren() {
		l.global[c.Text()] = true
	}
}

// noteGlobal repeats an assignment to a global name at the end of the unit, where other functions see it.
func (l *lowerer) noteGlobal(st *flow.Assign) {
	for _, t := range st.Targets {
		if n, ok := t.(*flow.Name); ok && l.global[n.Ident] {
			again := &flow.Assign{Targets: []flow.Expr{n}, Value: st.Value}
			l.globals = append(l.globals, &flow.Branch{Arms: [][]flow.Stmt{{again}}})
		}
	}
}
