package golang

import (
	"go/ast"
	"go/token"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
)

// effect emits what a call does to the variable that it is given the address of: an option of the command line gets its
// default, and text is written to a buffer.
func (l *lowering) effect(x *ast.CallExpr) {
	sel, ok := x.Fun.(*ast.SelectorExpr)
	if !ok || len(x.Args) == 0 {
		return
	}
	to, ok := x.Args[0].(*ast.UnaryExpr)
	if !ok || to.Op != token.AND {
		return
	}
	switch name := sel.Sel.Name; {
	case name == "StringVar" && len(x.Args) == 4:
		l.option(x, to.X, x.Args[2])
	case name == "StringVarP" && len(x.Args) == 5:
		l.option(x, to.X, x.Args[3])
	case name == "Fprintf" && len(x.Args) > 1:
		layout := &flow.Format{Pos: l.pos(x), Verb: "go", Layout: l.expr(x.Args[1])}
		for _, a := range x.Args[2:] {
			layout.Args = append(layout.Args, l.expr(a))
		}
		l.written(x, to.X, layout)
	case name == "Fprint" || name == "Fprintln" || name == "WriteString":
		for _, a := range x.Args[1:] {
			l.written(x, to.X, l.expr(a))
		}
	}
}

// option gives a variable the default of its option.
func (l *lowering) option(x *ast.CallExpr, to, value ast.Expr) {
	either := &flow.Alt{Pos: l.pos(value), Options: []flow.Expr{l.expr(value), &flow.Opaque{Pos: l.pos(x)}}}
	l.emit(&flow.Assign{Targets: []flow.Expr{l.expr(to)}, Value: either})
}

func (l *lowering) written(x *ast.CallExpr, to ast.Expr, text flow.Expr) {
	fn := &flow.Attr{Pos: l.pos(to), X: l.expr(to), Name: "WriteString"}
	l.emit(&flow.Do{X: &flow.Call{Pos: l.pos(x), Fn: fn, Args: []flow.Arg{{Value: text}}}})
}

// buffer reports whether a type holds text that is written to it.
func (l *lowering) buffer(typ ast.Expr) bool {
	sel, ok := typ.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	name := l.imports[pkg.Name] + "." + sel.Sel.Name
	return name == "strings.Builder" || name == "bytes.Buffer"
}

// empty is text without characters.
func (l *lowering) empty(at ast.Node) flow.Expr {
	p := l.pos(at)
	p.End = p.Start
	return &flow.Lit{Pos: p, Literal: p.Span}
}

// words emits the call that an assignment to the words of a command makes: cmd.Args = …
func (l *lowering) words(to ast.Expr, value flow.Expr) {
	sel, ok := to.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Args" {
		return
	}
	cmd, ok := sel.X.(*ast.Ident)
	pkg := ""
	for name, path := range l.imports {
		if path == "os/exec" {
			pkg = name
		}
	}
	if !ok || pkg == "" || l.imports[cmd.Name] != "" {
		return
	}
	fn := &flow.Attr{Pos: l.pos(sel), X: &flow.Name{Pos: l.pos(sel), Ident: pkg}, Name: "Cmd"}
	l.emit(&flow.Do{X: &flow.Call{Pos: l.pos(sel), Fn: fn, Args: []flow.Arg{{Name: "Args", Value: value}}}})
}
