package golang

import (
	"go/ast"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Dispatch finds the places where a program's own name becomes the command that is run: the base name of os.Args[0],
// directly or through a variable, as an argument of a call that runs something or in a list of words. Places that show or
// compare it are none. The caller knows by which names the program is called.
func (t *Tree) Dispatch() []source.Span {
	d := &dispatcher{t: t, holders: map[string]bool{}}
	for range 4 { // a name may be handed on from variable to variable
		before := len(d.holders)
		ast.Inspect(t.File, d.bind)
		if len(d.holders) == before {
			break
		}
	}
	ast.Inspect(t.File, d.find)
	return d.out
}

type dispatcher struct {
	t       *Tree
	holders map[string]bool
	out     []source.Span
}

// own reports whether x is the program's own name.
func (d *dispatcher) own(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return d.holders[x.Name]
	case *ast.ParenExpr:
		return d.own(x.X)
	case *ast.CallExpr:
		name := d.t.rendered(x.Fun)
		if name != "filepath.Base" && name != "path.Base" || len(x.Args) != 1 {
			return false
		}
		return d.t.rendered(x.Args[0]) == "os.Args[0]"
	}
	return false
}

func (d *dispatcher) bind(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, x := range n.Lhs {
			if id, ok := x.(*ast.Ident); ok && i < len(n.Rhs) && d.own(n.Rhs[i]) {
				d.holders[id.Name] = true
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if i < len(n.Values) && d.own(n.Values[i]) {
				d.holders[id.Name] = true
			}
		}
	}
	return true
}

func (d *dispatcher) find(n ast.Node) bool {
	var words []ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch fn := n.Fun.(type) {
		case *ast.Ident:
			name = fn.Name
		case *ast.SelectorExpr:
			name = fn.Sel.Name
		}
		if runLike(name) || name == "StartProcess" || name == "append" {
			words = n.Args
		}
	case *ast.CompositeLit:
		if _, isList := n.Type.(*ast.ArrayType); isList {
			words = n.Elts
		}
	}
	for _, w := range words {
		if d.own(w) {
			d.out = append(d.out, d.t.Span(w))
		}
	}
	return true
}
