package golang

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Lower lowers the file for the solver.
//
// What the lowered form means for Go:
//   - An import binds the package's name to its path, so that a call's full name is "os/exec.Command".
//   - A type is a Class, its methods are reopenings of it, and the receiver is the Name "self". A composite literal is a
//     Call of its type with named arguments; a function that returns several values returns a List.
//   - append is an Add, fmt.Sprintf a Format, strings.Join a call of the method join of its list.
func (t *Tree) Lower(file string) *flow.Unit {
	l := &lowering{t: t, imports: map[string]string{}, structs: map[string][]string{}, types: map[string]bool{}}
	l.declared()
	u := &flow.Unit{File: file}
	l.out = &u.Body
	l.importSpecs()
	for _, d := range t.File.Decls {
		l.decl(d)
	}
	return u
}

// lowering is the state while one file is lowered.
type lowering struct {
	t        *Tree
	out      *[]flow.Stmt
	imports  map[string]string   // path by the name that it is bound to
	structs  map[string][]string // the fields of the file's struct types, in order
	types    map[string]bool     // the file's other types: a call of one converts
	receiver string              // of the method being lowered
}

func (l *lowering) emit(s flow.Stmt) { *l.out = append(*l.out, s) }

func (l *lowering) block(f func()) []flow.Stmt {
	var body []flow.Stmt
	outer := l.out
	l.out = &body
	f()
	l.out = outer
	return body
}

func (l *lowering) pos(n ast.Node) flow.Pos { return flow.Pos{Span: l.t.Span(n)} }

// declared notes the types of the file.
func (l *lowering) declared() {
	for _, d := range l.t.File.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range gen.Specs {
			spec, ok := s.(*ast.TypeSpec)
			if !ok {
				continue
			}
			st, ok := spec.Type.(*ast.StructType)
			if !ok {
				l.types[spec.Name.Name] = true
				continue
			}
			l.structs[spec.Name.Name] = []string{}
			for _, f := range st.Fields.List {
				for _, name := range f.Names {
					l.structs[spec.Name.Name] = append(l.structs[spec.Name.Name], name.Name)
				}
				if len(f.Names) == 0 {
					l.structs[spec.Name.Name] = append(l.structs[spec.Name.Name], typeName(f.Type))
				}
			}
		}
	}
}

func (l *lowering) importSpecs() {
	for _, s := range l.t.File.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		im := &flow.Import{Span: l.t.Span(s), Module: p, As: packageName(p)}
		if s.Name != nil {
			im.As = s.Name.Name
		}
		if im.As == "." {
			im.As, im.Star = "", true
		}
		if im.As == "_" {
			continue
		}
		l.imports[im.As] = p
		l.emit(im)
	}
}

// packageName is the name that an import path most likely gives its package.
func packageName(p string) string {
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" && path.Dir(p) != "." {
		base = path.Base(path.Dir(p))
	}
	if i := strings.Index(base, ".v"); i > 0 {
		base = base[:i]
	}
	base = strings.TrimPrefix(strings.TrimSuffix(base, "-go"), "go-")
	return strings.ReplaceAll(base, "-", "")
}

func (l *lowering) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.GenDecl:
		for _, s := range d.Specs {
			l.spec(s)
		}
	case *ast.FuncDecl:
		l.function(d)
	}
}

func (l *lowering) spec(s ast.Spec) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		if len(s.Values) == 0 {
			if s.Type != nil {
				for _, n := range s.Names {
					l.zero(n, s.Type)
				}
			}
			return
		}
		if len(s.Values) == 1 && len(s.Names) > 1 {
			l.emit(&flow.Assign{Targets: []flow.Expr{l.names(s.Names)}, Value: l.expr(s.Values[0])})
			return
		}
		for i, n := range s.Names {
			if i < len(s.Values) {
				l.emit(&flow.Assign{Targets: []flow.Expr{l.ident(n)}, Value: l.expr(s.Values[i])})
			}
		}
	case *ast.TypeSpec:
		st, ok := s.Type.(*ast.StructType)
		if !ok {
			return
		}
		class := &flow.Class{Pos: l.pos(s), Name: s.Name.Name}
		for _, f := range st.Fields.List {
			if len(f.Names) == 0 {
				class.Bases = append(class.Bases, l.expr(f.Type))
			}
		}
		l.emit(&flow.DefineClass{Class: class})
	}
}

// zero gives a variable that is declared without a value one where the solver can put something: an empty list or an
// object of its type.
func (l *lowering) zero(n *ast.Ident, typ ast.Expr) {
	switch typ := typ.(type) {
	case *ast.ArrayType:
		l.emit(&flow.Assign{Targets: []flow.Expr{l.ident(n)}, Value: &flow.List{Pos: l.pos(typ)}})
	case *ast.Ident:
		if _, ok := l.structs[typ.Name]; ok {
			l.emit(&flow.Assign{Targets: []flow.Expr{l.ident(n)}, Value: &flow.Call{Pos: l.pos(typ), Fn: l.ident(typ)}})
		}
	case *ast.SelectorExpr:
		if l.buffer(typ) {
			l.emit(&flow.Assign{Targets: []flow.Expr{l.ident(n)}, Value: l.empty(typ)})
			return
		}
		l.emit(&flow.Assign{Targets: []flow.Expr{l.ident(n)}, Value: &flow.Call{Pos: l.pos(typ), Fn: l.expr(typ)}})
	}
}

func (l *lowering) names(ids []*ast.Ident) flow.Expr {
	out := &flow.List{Pos: flow.Pos{Span: source.Span{Start: l.t.offset(ids[0].Pos()), End: l.t.offset(ids[len(ids)-1].End())}}}
	for _, id := range ids {
		out.Elems = append(out.Elems, l.ident(id))
	}
	return out
}

// function lowers a function or method. A method reopens the class of its receiver.
func (l *lowering) function(d *ast.FuncDecl) {
	fn := &flow.Func{Pos: l.pos(d), Name: d.Name.Name}
	outer := l.receiver
	l.receiver = ""
	if d.Recv != nil && len(d.Recv.List) > 0 && len(d.Recv.List[0].Names) > 0 {
		l.receiver = d.Recv.List[0].Names[0].Name
	}
	fn.Params = l.params(d.Type)
	if d.Body != nil {
		fn.Body = l.block(func() { l.stmts(d.Body.List) })
	}
	l.receiver = outer
	if d.Recv == nil || len(d.Recv.List) == 0 {
		l.emit(&flow.Define{Func: fn})
		return
	}
	class := &flow.Class{Pos: l.pos(d.Recv), Name: typeName(d.Recv.List[0].Type), Body: []flow.Stmt{&flow.Define{Func: fn}}}
	l.emit(&flow.DefineClass{Class: class})
}

// typeName is the name of a receiver's or an embedded field's type.
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.ParenExpr:
		return typeName(x.X)
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.IndexListExpr:
		return typeName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

func (l *lowering) params(typ *ast.FuncType) []flow.Param {
	var out []flow.Param
	if typ == nil || typ.Params == nil {
		return nil
	}
	for _, f := range typ.Params.List {
		p := flow.Param{Span: l.t.Span(f)}
		switch x := f.Type.(type) {
		case *ast.Ellipsis:
			p.Rest = "*"
		case *ast.StarExpr:
			p.Type = l.typed(x.X)
		default:
			p.Type = l.typed(x)
		}
		if len(f.Names) == 0 {
			p.Name = "_"
			out = append(out, p)
		}
		for _, n := range f.Names {
			p.Span, p.Name = l.t.Span(n), n.Name
			out = append(out, p)
		}
	}
	return out
}

// typed is a type as an annotation that can name a class; nil for one that cannot.
func (l *lowering) typed(x ast.Expr) flow.Expr {
	switch x := x.(type) {
	case *ast.Ident:
		if token.IsExported(x.Name) || len(l.structs[x.Name]) > 0 {
			return l.ident(x)
		}
	case *ast.SelectorExpr:
		return l.expr(x)
	}
	return nil
}
