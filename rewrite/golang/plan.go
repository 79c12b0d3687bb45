package golang

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// task is one change of a file's syntax tree, told in terms of the tree as it was read.
type task struct {
	node ast.Node    // what is changed: a string literal, a use of a constant, a parameter list, a call
	at   source.Span // of the word, for a literal
	expr string      // what is put there, as Go writes it
	kind kind
}

type kind int

const (
	inLiteral   kind = iota // expr takes the place of a part of a string
	inLayout                // the same in a layout of fmt, whose call gets another argument
	replace                 // expr takes the place of the node
	addParam                // the function gets a parameter
	addArgument             // the call gets an argument
)

// parameter is the name of a parameter that is added for the instance.
const parameter = "instanceName"

// plan finds out what one site needs.
func (p *project) plan(s render.Site) (*plan, error) {
	slot := s.Occurrence.Slot
	if slot == nil {
		return nil, errors.New("the word is not spelled in one piece, so it cannot be replaced")
	}
	for _, u := range s.Occurrence.Uses {
		if strings.HasPrefix(u.What, "run by *.") && !strings.HasSuffix(u.What, ".Exec") && !strings.HasSuffix(u.What, ".ExecForEach") {
			return nil, errors.New("the command runs on another machine, where this path need not exist")
		}
	}
	d, err := p.document(s.File)
	if err != nil {
		return nil, err
	}
	if err := d.formatted(); err != nil {
		return nil, err
	}
	lit, around := d.literal(slot.Span)
	if lit == nil {
		return nil, errors.New("the word stands in no string, so there is nothing to put a path into")
	}
	pl := &plan{site: s, pkg: p.packageOf(d), tasks: map[string][]task{}, byRoot: s.ByRoot}
	if s.Instance.Expr == "" {
		if name := constantOf(around); name != nil {
			return pl, p.constant(pl, d, name, d.whole(lit, slot.Span))
		}
		if err := p.handDown(pl, d, slot); err != nil {
			return nil, err
		}
		s.Instance.Expr = parameter
	}
	s.Instance.Expr = d.expression(s.Instance)
	t := task{node: lit, at: slot.Span, expr: p.suggestion(s), kind: inLiteral}
	switch {
	case constantOf(around) != nil && isConst(around):
		return nil, fmt.Errorf("%s is a constant, which cannot be computed", constantOf(around).Name)
	case !d.whole(lit, slot.Span) && layoutOf(d, lit, around) != nil:
		if strings.Contains(lit.Value, "%[") {
			return nil, errors.New("the layout counts its arguments, so one more cannot be added to them")
		}
		t.kind = inLayout
	}
	if inCase(around) {
		return nil, errors.New("the word is compared where it stands, so it cannot be computed there")
	}
	pl.add(d.file, t)
	return pl, nil
}

// expression is how a file writes an instance. A decision that is a plain name, and no name of the file, is an instance's
// own name.
func (d *document) expression(n site.Name) string {
	if n.How != "decision" || strings.ContainsAny(n.Expr, "().[]\"'` ") {
		return n.Expr
	}
	known := false
	ast.Inspect(d.tree.File, func(x ast.Node) bool {
		if id, ok := x.(*ast.Ident); ok && id.Name == n.Expr {
			known = true
		}
		return !known
	})
	if known {
		return n.Expr
	}
	return fmt.Sprintf("%q", n.Expr)
}

// literal is the string that holds a place, and the nodes around it, the nearest first.
func (d *document) literal(at source.Span) (*ast.BasicLit, []ast.Node) {
	var lit *ast.BasicLit
	var around []ast.Node
	ast.Inspect(d.tree.File, func(n ast.Node) bool {
		if n == nil || lit != nil || !d.tree.Span(n).Covers(at) {
			return false
		}
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			lit = l
			return false
		}
		around = append([]ast.Node{n}, around...)
		return true
	})
	return lit, around
}

// whole reports whether the word is all that a literal holds.
func (d *document) whole(lit *ast.BasicLit, at source.Span) bool {
	s := d.tree.Span(lit)
	return at.Start == s.Start+1 && at.End == s.End-1
}

// constantOf is the name at the top level of the file that is given exactly the literal; nil when it is given to none.
func constantOf(around []ast.Node) *ast.Ident {
	if len(around) < 3 {
		return nil
	}
	spec, ok := around[0].(*ast.ValueSpec)
	if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
		return nil
	}
	if _, top := around[2].(*ast.File); !top {
		return nil
	}
	return spec.Names[0]
}

func isConst(around []ast.Node) bool {
	for _, n := range around {
		if gen, ok := n.(*ast.GenDecl); ok {
			return gen.Tok == token.CONST
		}
	}
	return false
}

func inCase(around []ast.Node) bool {
	_, ok := around[0].(*ast.CaseClause)
	return ok
}

// layoutOf is the call of fmt that takes the literal as its layout, or nil.
func layoutOf(d *document, lit *ast.BasicLit, around []ast.Node) *ast.CallExpr {
	call, ok := around[0].(*ast.CallExpr)
	if !ok || !strings.Contains(lit.Value, "%") {
		return nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 || call.Args[0] != lit {
		return nil
	}
	if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "fmt" && sel.Sel.Name == "Sprintf" {
		return call
	}
	return nil
}

// constant puts the path where a constant is used that says only the program's name, for the instance in scope there.
func (p *project) constant(pl *plan, d *document, name *ast.Ident, whole bool) error {
	if !whole {
		return fmt.Errorf("%s is set where no instance is in scope, and holds more than the program's name", name.Name)
	}
	if token.IsExported(name.Name) && pl.pkg.name != "main" {
		return fmt.Errorf("%s is set where no instance is in scope, and other packages may use it", name.Name)
	}
	found := false
	for _, f := range p.in.Files {
		if path.Dir(f) != path.Dir(d.file) || path.Ext(f) != ".go" {
			continue
		}
		other, err := p.document(f)
		if err != nil || other.tree.File.Name.Name != d.tree.File.Name.Name {
			continue
		}
		for _, u := range uses(other, name) {
			known, _, _ := other.tree.Names(other.tree.Span(u), p.in.Pack)
			if len(known) == 0 {
				return fmt.Errorf("%s is also used where no instance is in scope: %v", name.Name, other.place(other.tree.Span(u).Start))
			}
			if err := other.formatted(); err != nil {
				return fmt.Errorf("%s is used in %s: %w", name.Name, f, err)
			}
			pl.add(f, task{node: u, expr: p.names.byName + "(" + known[0].Expr + ")", kind: replace})
			found = true
		}
	}
	if !found {
		return fmt.Errorf("%s is set where no instance is in scope, and no use of it was found", name.Name)
	}
	return nil
}

// uses are the places of a file where a name of the package is used as a value.
func uses(d *document, name *ast.Ident) []*ast.Ident {
	var out []*ast.Ident
	skip := map[*ast.Ident]bool{name: true}
	ast.Inspect(d.tree.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			skip[n.Sel] = true
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				skip[id] = true
			}
		case *ast.Field:
			for _, id := range n.Names {
				skip[id] = true
			}
		case *ast.Ident:
			if n.Name == name.Name && !skip[n] {
				out = append(out, n)
			}
		}
		return true
	})
	return out
}

// handDown gives the function that holds the site a parameter for the instance, and the one call of it the argument. It
// errs when function or call are not of the simple kind.
func (p *project) handDown(pl *plan, d *document, slot *site.Slot) error {
	if slot.Owner == "" {
		return errors.New("no name in scope holds the instance")
	}
	fail := func(why string) error {
		return fmt.Errorf("only a caller of %s can know the instance, and %s: give %s a parameter for it", slot.Owner, why, slot.Owner)
	}
	var fn *ast.FuncDecl
	for _, decl := range d.tree.File.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && d.tree.Span(f) == slot.OwnerAt {
			fn = f
		}
	}
	switch {
	case fn == nil || fn.Recv != nil:
		return fail("it is a method")
	case token.IsExported(fn.Name.Name) && pl.pkg.name != "main" || fn.Name.Name == "main" || fn.Name.Name == "init":
		return fail("it can be called from elsewhere")
	case fn.Type.TypeParams != nil || variadic(fn.Type):
		return fail("its parameters are not plain ones")
	}
	call, file, err := p.onlyCall(d, fn)
	if err != nil {
		return fail(err.Error())
	}
	caller, err := p.document(file)
	if err != nil {
		return err
	}
	known, _, _ := caller.tree.Names(caller.tree.Span(call), p.in.Pack)
	if len(known) == 0 {
		return fail("no name in scope of the call holds it")
	}
	if err := caller.formatted(); err != nil {
		return err
	}
	pl.add(d.file, task{node: fn, kind: addParam})
	pl.add(file, task{node: call, expr: known[0].Expr, kind: addArgument})
	return nil
}

func variadic(typ *ast.FuncType) bool {
	for _, f := range typ.Params.List {
		if _, ok := f.Type.(*ast.Ellipsis); ok || len(f.Names) == 0 {
			return true
		}
		for _, n := range f.Names {
			if n.Name == parameter {
				return true
			}
		}
	}
	return false
}

// onlyCall is the one call of a function in its package, when nothing else uses the function.
func (p *project) onlyCall(d *document, fn *ast.FuncDecl) (*ast.CallExpr, string, error) {
	var call *ast.CallExpr
	var in string
	n := 0
	for _, f := range p.in.Files {
		if path.Dir(f) != path.Dir(d.file) || path.Ext(f) != ".go" {
			continue
		}
		other, err := p.document(f)
		if err != nil {
			continue
		}
		n += len(uses(other, fn.Name))
		ast.Inspect(other.tree.File, func(x ast.Node) bool {
			if c, ok := x.(*ast.CallExpr); ok {
				if id, ok := c.Fun.(*ast.Ident); ok && id.Name == fn.Name.Name {
					call, in = c, f
				}
			}
			return true
		})
	}
	if n != 1 || call == nil || call.Ellipsis.IsValid() {
		return nil, "", errors.New("it is not called exactly once")
	}
	return call, in, nil
}
