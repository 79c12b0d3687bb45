package golang

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// parameter is the name of a parameter that is added for the instance.
const parameter = "instanceName"

// gofmted is a file that gofmt would leave as it is.
func (p *project) gofmted(file string) (*document, error) {
	d, err := p.docs.Open(file)
	if err != nil {
		return nil, err
	}
	return d, d.formatted()
}

// Put puts the path in the place of the site's word.
func (p *project) Put(draft *render.Draft, instance site.Name, byRoot bool) error {
	slot := draft.Site.Occurrence.Slot
	for _, u := range draft.Site.Occurrence.Uses {
		if strings.HasPrefix(u.What, "run by *.") && !strings.HasSuffix(u.What, ".Exec") && !strings.HasSuffix(u.What, ".ExecForEach") {
			return errors.New("the command runs on another machine, where this path need not exist")
		}
	}
	d, err := p.gofmted(draft.Site.File)
	if err != nil {
		return err
	}
	lit, around := d.literal(slot.Span)
	switch {
	case lit == nil:
		return errors.New("the word stands in no string, so there is nothing to put a path into")
	case constantOf(around) != nil && isConst(around):
		return fmt.Errorf("%s is a constant, which cannot be computed", constantOf(around).Name)
	case inCase(around):
		return errors.New("the word is compared where it stands, so it cannot be computed there")
	}
	draft.Call(d.File, byRoot)
	return p.splice(draft, d, lit, around, slot.Span, p.Called(d.expression(instance), byRoot))
}

// Dispatch leaves a script that runs the name which it was called by to a person.
func (p *project) Dispatch(*render.Draft) error { return errors.New("") }

// Moved leaves a constant that nothing reads any more where it is: other packages may read it.
func (p *project) Moved(*render.Draft, int) error { return nil }

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

// layoutOf is the call of fmt that takes the literal as its layout, or nil; also nil for one that counts its arguments, or that
// names the program twice, since the second would be an argument at the same place.
func layoutOf(lit *ast.BasicLit, around []ast.Node, program string) *ast.CallExpr {
	call, ok := around[0].(*ast.CallExpr)
	if !ok || !strings.Contains(lit.Value, "%") || strings.Contains(lit.Value, "%[") || strings.Count(lit.Value, program) > 1 {
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

// Take puts the path where a constant is read that says only the program's name.
func (p *project) Take(draft *render.Draft, t site.Take) error {
	d, err := p.gofmted(draft.Site.File)
	if err != nil {
		return err
	}
	slot := draft.Site.Occurrence.Slot
	lit, around := d.literal(slot.Span)
	if lit == nil || constantOf(around) == nil || !d.whole(lit, slot.Span) {
		return errors.New("it is set where no instance is in scope, and is no constant that holds only the program's name")
	}
	name := constantOf(around).Name
	in, err := p.docs.Open(t.File)
	if err != nil {
		return err
	}
	if p.packageOf(in) != p.packageOf(d) {
		return fmt.Errorf("%s is set where no instance is in scope, and another package uses it", name)
	}
	if err := in.formatted(); err != nil {
		return fmt.Errorf("%s is used in %s: %w", name, in.File, err)
	}
	n := in.nodeAt(t.Slot.Span)
	if _, call := n.(*ast.CallExpr); n == nil || call {
		return fmt.Errorf("%s is read in a way that cannot be taken apart", name)
	}
	byRoot := t.Instance.How == "root"
	draft.Call(in.File, byRoot)
	draft.Edit(in.File, t.Slot.Span.Start, t.Slot.Span.End, p.Called(in.expression(t.Instance), byRoot))
	return nil
}

// nodeAt is the name, member or call with exactly these bytes; nil when there is none.
func (d *document) nodeAt(at source.Span) ast.Node {
	var found ast.Node
	ast.Inspect(d.tree.File, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr:
			if found == nil && d.tree.Span(n) == at {
				found = n
			}
		}
		return found == nil
	})
	return found
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

// HandDown gives the function that holds the site a parameter for the instance, and the one call of it the argument. It
// errs when function or call are not of the simple kind.
func (p *project) HandDown(draft *render.Draft, from site.Take) (string, error) {
	slot := draft.Site.Occurrence.Slot
	d, err := p.gofmted(draft.Site.File)
	if err != nil {
		return "", err
	}
	fail := func(why string) (string, error) {
		return "", fmt.Errorf("only a caller of %s can know the instance, and %s: give %s a parameter for it", slot.Owner, why, slot.Owner)
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
	case token.IsExported(fn.Name.Name) && p.packageOf(d).name != "main" || fn.Name.Name == "main" || fn.Name.Name == "init":
		return fail("it can be called from elsewhere")
	case fn.Type.TypeParams != nil || variadic(fn.Type):
		return fail("its parameters are not plain ones")
	}
	if p.reads(d, fn.Name) != 1 {
		return fail("it has not one call where a name holds it")
	}
	caller, err := p.docs.Open(from.File)
	if err != nil {
		return "", err
	}
	call, _ := caller.nodeAt(from.Slot.Span).(*ast.CallExpr)
	if id, ok := callee(call); !ok || id.Name != fn.Name.Name || call.Ellipsis.IsValid() || p.packageOf(caller) != p.packageOf(d) {
		return fail("it is called in another way")
	}
	if err := caller.formatted(); err != nil {
		return "", err
	}
	if _, err := parser.ParseExpr(from.Instance.Expr); err != nil {
		return fail(from.Instance.Expr + " is no Go expression")
	}
	d.addParameter(draft, fn.Type.Params)
	at, text := caller.tree.Span(call).End-1, from.Instance.Expr
	if n := len(call.Args); n > 0 {
		at, text = caller.tree.Span(call.Args[n-1]).End, ", "+text
	}
	draft.Edit(from.File, at, at, text)
	return parameter, nil
}

// addParameter gives a function one more parameter, the last.
func (d *document) addParameter(draft *render.Draft, params *ast.FieldList) {
	at, text := d.tree.Span(params).End-1, parameter+" string"
	if n := len(params.List); n > 0 {
		last := params.List[n-1]
		at, text = d.tree.Span(last).End, ", "+text
		if id, ok := last.Type.(*ast.Ident); ok && id.Name == "string" {
			at, text = d.tree.Span(last.Names[len(last.Names)-1]).End, ", "+parameter
		}
	}
	draft.Edit(d.File, at, at, text)
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

// reads is how often a name of a file's package is read in the package.
func (p *project) reads(d *document, name *ast.Ident) int {
	n := 0
	for _, f := range p.filesIn(path.Dir(d.File)) {
		if other, err := p.docs.Open(f); err == nil {
			n += len(uses(other, name))
		}
	}
	return n
}

func callee(call *ast.CallExpr) (*ast.Ident, bool) {
	if call == nil {
		return nil, false
	}
	id, ok := call.Fun.(*ast.Ident)
	return id, ok
}
