package golang

import (
	"go/ast"
	"go/token"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
)

func (l *lowering) stmts(list []ast.Stmt) {
	for _, s := range list {
		l.stmt(s)
	}
}

// stmt lowers one statement.
func (l *lowering) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		l.emit(&flow.Do{X: l.expr(s.X)})
	case *ast.AssignStmt:
		l.assign(s)
	case *ast.DeclStmt:
		l.decl(s.Decl)
	case *ast.ReturnStmt:
		l.ret(s)
	case *ast.BlockStmt:
		l.stmts(s.List)
	case *ast.IfStmt:
		l.ifStmt(s)
	case *ast.ForStmt:
		l.init(s.Init)
		if s.Cond != nil {
			l.emit(&flow.Do{X: l.expr(s.Cond)})
		}
		l.emit(&flow.Loop{Body: l.block(func() { l.stmt(s.Body); l.init(s.Post) })})
	case *ast.RangeStmt:
		l.rangeStmt(s)
	case *ast.SwitchStmt:
		l.init(s.Init)
		l.clauses(s.Tag, s.Body)
	case *ast.TypeSwitchStmt:
		l.init(s.Init)
		l.init(s.Assign)
		l.clauses(nil, s.Body)
	case *ast.SelectStmt:
		l.clauses(nil, s.Body)
	case *ast.GoStmt:
		l.emit(&flow.Do{X: l.expr(s.Call)})
	case *ast.DeferStmt:
		l.emit(&flow.Do{X: l.expr(s.Call)})
	case *ast.LabeledStmt:
		l.stmt(s.Stmt)
	case *ast.SendStmt:
		l.emit(&flow.Do{X: &flow.Opaque{Pos: l.pos(s), Parts: []flow.Expr{l.expr(s.Chan), l.expr(s.Value)}}})
	}
}

func (l *lowering) init(s ast.Stmt) {
	if s != nil {
		l.stmt(s)
	}
}

func (l *lowering) assign(s *ast.AssignStmt) {
	switch {
	case s.Tok == token.ADD_ASSIGN && len(s.Lhs) == 1 && len(s.Rhs) == 1:
		l.emit(&flow.Augment{Target: l.expr(s.Lhs[0]), Value: l.expr(s.Rhs[0]), Pos: l.t.Span(s)})
	case s.Tok != token.ASSIGN && s.Tok != token.DEFINE:
		for _, x := range s.Rhs {
			l.emit(&flow.Do{X: l.expr(x)})
		}
	case len(s.Lhs) == len(s.Rhs):
		values := make([]flow.Expr, len(s.Rhs))
		for i, x := range s.Rhs {
			values[i] = l.expr(x)
		}
		if len(values) == 1 {
			l.words(s.Lhs[0], values[0])
			l.given(s.Lhs[0], values[0])
			l.emit(&flow.Assign{Targets: []flow.Expr{l.expr(s.Lhs[0])}, Value: values[0]})
			return
		}
		l.emit(&flow.Assign{Targets: []flow.Expr{l.list(s, s.Lhs)}, Value: &flow.List{Pos: l.pos(s), Elems: values}})
	case len(s.Rhs) == 1:
		l.emit(&flow.Assign{Targets: []flow.Expr{l.list(s, s.Lhs)}, Value: l.expr(s.Rhs[0])})
	}
}

// given has a command that was made before get what one of its fields is set to: it is the same call with one more argument.
func (l *lowering) given(target ast.Expr, value flow.Expr) {
	field, ok := target.(*ast.SelectorExpr)
	if !ok {
		return
	}
	cmd, ok := field.X.(*ast.Ident)
	if !ok || field.Sel.Name != "Env" && field.Sel.Name != "Dir" {
		return
	}
	for _, st := range slices.Backward(*l.out) {
		as, ok := st.(*flow.Assign)
		if !ok || len(as.Targets) != 1 {
			continue
		}
		if name, ok := as.Targets[0].(*flow.Name); !ok || name.Ident != cmd.Name {
			continue
		}
		if call, ok := as.Value.(*flow.Call); ok {
			more := *call
			more.Args = append(slices.Clone(call.Args), flow.Arg{Name: field.Sel.Name, Value: value})
			l.emit(&flow.Do{X: &more})
		}
		return
	}
}

func (l *lowering) list(at ast.Node, xs []ast.Expr) flow.Expr {
	out := &flow.List{Pos: l.pos(at)}
	for _, x := range xs {
		out.Elems = append(out.Elems, l.expr(x))
	}
	return out
}

func (l *lowering) ret(s *ast.ReturnStmt) {
	switch len(s.Results) {
	case 0:
		l.emit(&flow.Return{})
	case 1:
		l.emit(&flow.Return{Value: l.expr(s.Results[0])})
	default:
		l.emit(&flow.Return{Value: l.list(s, s.Results)})
	}
}

func (l *lowering) ifStmt(s *ast.IfStmt) {
	l.init(s.Init)
	b := &flow.Branch{Tests: []flow.Expr{l.expr(s.Cond)}, Total: s.Else != nil}
	b.Arms = append(b.Arms, l.block(func() { l.stmt(s.Body) }))
	if s.Else != nil {
		b.Arms = append(b.Arms, l.block(func() { l.stmt(s.Else) }))
	} else {
		b.Arms = append(b.Arms, nil)
	}
	l.emit(b)
}

func (l *lowering) rangeStmt(s *ast.RangeStmt) {
	out := &flow.Loop{Iter: l.expr(s.X)}
	if s.Value != nil {
		out.Target = l.expr(s.Value)
	}
	out.Body = l.block(func() { l.stmt(s.Body) })
	l.emit(out)
}

// clauses lowers the cases of a switch or select.
func (l *lowering) clauses(tag ast.Expr, body *ast.BlockStmt) {
	b := &flow.Branch{}
	if tag != nil {
		b.Tests = append(b.Tests, l.expr(tag))
	}
	for _, c := range body.List {
		switch c := c.(type) {
		case *ast.CaseClause:
			for _, x := range c.List {
				b.Tests = append(b.Tests, l.expr(x))
			}
			b.Total = b.Total || c.List == nil
			b.Arms = append(b.Arms, l.block(func() { l.stmts(c.Body) }))
		case *ast.CommClause:
			b.Arms = append(b.Arms, l.block(func() { l.init(c.Comm); l.stmts(c.Body) }))
		}
	}
	if !b.Total {
		b.Arms = append(b.Arms, nil)
	}
	l.emit(b)
}
