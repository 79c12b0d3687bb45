package golang

import (
	"go/ast"
	"go/token"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Bound reports whether a name that is read at one place is declared at another one, and holds the same there. Both places
// may be one. A name that no function around the place declares is the package's, or another's.
func (t *Tree) Bound(name string, from, at source.Span) bool {
	fn, decl := t.declaration(name, at.Start)
	if from == at {
		return decl.IsValid() || fn == nil || !t.declares(fn, name)
	}
	_, there := t.declaration(name, from.Start)
	return there == decl && !(fn != nil && t.assigned(fn, name, min(at.End, from.End), max(at.Start, from.Start)))
}

// declaration is where the name that is read at an offset is declared inside its function; no place when it is not. The
// function is the declaration that holds the offset, nil at the top level.
func (t *Tree) declaration(name string, off int) (fn *ast.FuncDecl, at token.Pos) {
	path := t.path(off)
	for _, n := range path {
		if d, ok := n.(*ast.FuncDecl); ok {
			fn = d
		}
	}
	for i := len(path) - 1; i >= 0; i-- {
		var found token.Pos
		switch n := path[i].(type) {
		case *ast.BlockStmt:
			found = t.before(n.List, name, off)
		case *ast.CaseClause:
			found = t.before(n.Body, name, off)
		case *ast.CommClause:
			found = t.before(append([]ast.Stmt{n.Comm}, n.Body...), name, off)
		case *ast.IfStmt:
			found = t.before([]ast.Stmt{n.Init}, name, off)
		case *ast.ForStmt:
			found = t.before([]ast.Stmt{n.Init}, name, off)
		case *ast.SwitchStmt:
			found = t.before([]ast.Stmt{n.Init}, name, off)
		case *ast.TypeSwitchStmt:
			found = t.before([]ast.Stmt{n.Init, n.Assign}, name, off)
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE && t.Span(n.Body).Contains(off) {
				found = declares(n, name)
			}
		case *ast.FuncLit:
			found = ofFields(name, n.Type.Params, n.Type.Results)
		case *ast.FuncDecl:
			found = ofFields(name, n.Recv, n.Type.Params, n.Type.Results)
		}
		if found.IsValid() {
			return fn, found
		}
	}
	return fn, token.NoPos
}

// before is where the last of the statements that end before an offset declares a name.
func (t *Tree) before(list []ast.Stmt, name string, off int) token.Pos {
	found := token.NoPos
	for _, st := range list {
		if st != nil && t.Span(st).End <= off {
			if at := declares(st, name); at.IsValid() {
				found = at
			}
		}
	}
	return found
}

// declares is where a statement itself declares a name.
func declares(n ast.Node, name string) token.Pos {
	var idents []ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			idents = n.Lhs
		}
	case *ast.RangeStmt:
		idents = []ast.Expr{n.Key, n.Value}
	case *ast.DeclStmt:
		if gen, ok := n.Decl.(*ast.GenDecl); ok {
			for _, spec := range gen.Specs {
				if vs, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range vs.Names {
						idents = append(idents, id)
					}
				}
			}
		}
	}
	for _, x := range idents {
		if id, ok := x.(*ast.Ident); ok && id.Name == name {
			return id.Pos()
		}
	}
	return token.NoPos
}

func ofFields(name string, lists ...*ast.FieldList) token.Pos {
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, f := range l.List {
			for _, id := range f.Names {
				if id.Name == name {
					return id.Pos()
				}
			}
		}
	}
	return token.NoPos
}

// declares reports whether a function declares a name anywhere in its body.
func (t *Tree) declares(fn *ast.FuncDecl, name string) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if n != nil {
			found = found || declares(n, name).IsValid()
		}
		return !found
	})
	return found
}

// assigned reports whether a function gives a name another value between two offsets, or in a loop that holds only the second.
func (t *Tree) assigned(fn *ast.FuncDecl, name string, after, before int) bool {
	for _, n := range t.path(before) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if s := t.Span(n); s.Start >= after {
				before = max(before, s.End)
			}
		}
	}
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && t.Span(as).Start >= after && t.Span(as).Start < before {
			for _, x := range as.Lhs {
				if id, ok := x.(*ast.Ident); ok && id.Name == name {
					found = true
				}
			}
		}
		return !found
	})
	return found
}
