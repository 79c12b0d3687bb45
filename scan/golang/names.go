package golang

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Names are the expressions in scope at at that hold an instance's name, as the pack's names and environment variables
// tell them, nearest first: instanceName is instance_name. Owner is the function that holds the place, as "Type.method" or
// "function", and ownerAt its bytes; they are empty at the top level.
func (t *Tree) Names(at source.Span, pack *rules.Pack) (names []site.Name, owner string, ownerAt source.Span) {
	s := &scoped{t: t, at: at, pack: pack, none: true}
	for _, n := range pack.Instance.Names {
		s.none = s.none && !bytes.Contains(t.folded, []byte(strings.ReplaceAll(n, "_", "")))
	}
	path := t.path(at.Start)
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.BlockStmt:
			s.bound(n.List)
		case *ast.CaseClause:
			s.bound(n.Body)
		case *ast.CommClause:
			s.bound(n.Body)
		case *ast.IfStmt:
			s.statement(n.Init)
		case *ast.ForStmt:
			s.statement(n.Init)
		case *ast.RangeStmt:
			if t.Span(n.Body).Covers(at) {
				s.ident(n.Value, "loop variable", "", n.Body)
			}
		case *ast.FuncLit:
			s.params(n.Type, n.Body)
		case *ast.FuncDecl:
			s.params(n.Type, n.Body)
			s.receiver(n)
			owner, ownerAt = ownerName(n), t.Span(n)
		}
	}
	s.top()
	return s.names, owner, ownerAt
}

func ownerName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	return typeName(d.Recv.List[0].Type) + "." + d.Name.Name
}

// scoped collects names, nearest first.
type scoped struct {
	t     *Tree
	at    source.Span
	pack  *rules.Pack
	none  bool // the file holds none of the pack's names
	names []site.Name
}

func (s *scoped) add(expr, how string) {
	if !slices.ContainsFunc(s.names, func(n site.Name) bool { return n.Expr == expr }) {
		s.names = append(s.names, site.Name{Expr: expr, How: how})
	}
}

// holds reports whether a name is one that the pack lists, or ends with one: currentInstanceName.
func (s *scoped) holds(name string) bool {
	if s.none {
		return false
	}
	snake := strings.Join(words(name), "_")
	for _, n := range s.pack.Instance.Names {
		if snake == n || strings.HasSuffix(snake, "_"+n) || strings.EqualFold(name, n) {
			return true
		}
	}
	return false
}

// ident adds a variable that the pack lists. One of a type of its own is an object: its field Name is meant, where the
// code around reads it.
func (s *scoped) ident(x ast.Expr, how, typ string, scope ast.Node) {
	id, ok := x.(*ast.Ident)
	if !ok || !s.holds(id.Name) {
		return
	}
	if scope != nil && s.readsName(scope, id.Name) {
		s.add(id.Name+".Name", how)
		return
	}
	if typ == "" || typ == "string" {
		s.add(id.Name, how)
	}
}

func (s *scoped) readsName(scope ast.Node, name string) bool {
	found := false
	ast.Inspect(scope, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Name" {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name {
				found = true
			}
		}
		return !found
	})
	return found
}

func (s *scoped) params(typ *ast.FuncType, body *ast.BlockStmt) {
	if body == nil || typ.Params == nil {
		return
	}
	for _, f := range typ.Params.List {
		for _, n := range f.Names {
			s.ident(n, "parameter", s.t.rendered(f.Type), body)
		}
	}
}

// receiver takes the fields of a method's receiver whose type the file declares.
func (s *scoped) receiver(d *ast.FuncDecl) {
	if d.Recv == nil || len(d.Recv.List) == 0 || len(d.Recv.List[0].Names) == 0 || d.Recv.List[0].Names[0].Name == "_" {
		return
	}
	name, typ := d.Recv.List[0].Names[0].Name, typeName(d.Recv.List[0].Type)
	for _, decl := range s.t.File.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			ts, ok := spec.(*ast.TypeSpec)
			if !ok || ts.Name.Name != typ {
				continue
			}
			if st, ok := ts.Type.(*ast.StructType); ok {
				s.fields(name, typ, st)
			}
		}
	}
}

func (s *scoped) fields(receiver, typ string, st *ast.StructType) {
	for _, f := range st.Fields.List {
		if s.t.rendered(f.Type) != "string" {
			continue
		}
		for _, n := range f.Names {
			if s.holds(n.Name) || strings.EqualFold(n.Name, "name") && s.holds(typ) {
				s.add(receiver+"."+n.Name, "attribute")
			}
		}
	}
}

// bound takes the variables that statements before the place bind, the last one first.
func (s *scoped) bound(list []ast.Stmt) {
	for _, st := range slices.Backward(list) {
		if s.t.Span(st).End <= s.at.Start {
			s.statement(st)
		}
	}
}

func (s *scoped) statement(st ast.Stmt) {
	switch st := st.(type) {
	case *ast.AssignStmt:
		if s.t.Span(st).End > s.at.Start {
			return
		}
		for i, x := range st.Lhs {
			if st.Tok == token.DEFINE || st.Tok == token.ASSIGN {
				s.ident(x, s.origin(st.Rhs, i), "", nil)
			}
		}
	case *ast.DeclStmt:
		if gen, ok := st.Decl.(*ast.GenDecl); ok {
			s.specs(gen)
		}
	}
}

func (s *scoped) specs(gen *ast.GenDecl) {
	for _, spec := range gen.Specs {
		vs, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		typ := ""
		if vs.Type != nil {
			typ = s.t.rendered(vs.Type)
		}
		for i, n := range vs.Names {
			s.ident(n, s.origin(vs.Values, i), typ, nil)
		}
	}
}

// origin says where a value comes from: the command line, the environment, or elsewhere.
func (s *scoped) origin(values []ast.Expr, i int) string {
	if len(values) == 1 {
		i = 0
	}
	if i >= len(values) {
		return "variable"
	}
	text := s.t.rendered(values[i])
	switch {
	case strings.HasPrefix(text, "os.Args["), strings.HasPrefix(text, "flag.Arg("):
		return "argument"
	case strings.HasPrefix(text, "os.Getenv("), strings.HasPrefix(text, "os.LookupEnv("):
		return "environment"
	}
	return "variable"
}

// top takes the variables and constants of the file's top level.
func (s *scoped) top() {
	for _, d := range s.t.File.Decls {
		if gen, ok := d.(*ast.GenDecl); ok && !s.none && (gen.Tok == token.VAR || gen.Tok == token.CONST) {
			s.specs(gen)
		}
	}
	for _, name := range s.pack.Instance.Environment {
		call := `os.Getenv("` + name + `")`
		if strings.Contains(string(s.t.Src), call) {
			s.add(call, "environment")
		}
	}
}
