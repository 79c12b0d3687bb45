package golang

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/dave/dst/dstutil"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// edits are the edits of one file that belong to a plan. Where what the plans of a file want cannot be told apart line by
// line, they are the edits of all.
func (p *project) edits(file string, pl *plan, all []*plan) ([]edit.Edit, error) {
	d := p.files[file]
	own := p.rendered(d, pl)
	if own.err != nil {
		return nil, own.err
	}
	whole, ok := p.wholes[file]
	if !ok {
		whole = p.whole(d, pl.pkg, all)
		p.wholes[file] = whole
	}
	if whole.err != nil {
		return nil, whole.err
	}
	if whole.apart {
		return difference(d.src, own.out), nil
	}
	return difference(d.src, whole.out), nil
}

// rendering is a file with the tasks of one plan done. Plans ask for those of each other, so each is kept.
type rendering struct {
	out []byte
	err error
}

// together is a file with the tasks of all plans done.
type together struct {
	rendering
	apart bool // it is what the plans make of it one by one
}

func (p *project) rendered(d *document, pl *plan) rendering {
	key := planFile{pl, d.file}
	r, ok := p.renderings[key]
	if !ok {
		r.out, r.err = p.render(d, pl.pkg, pl.tasks[d.file])
		p.renderings[key] = r
	}
	return r
}

func (p *project) whole(d *document, k *pkg, all []*plan) together {
	var every []task
	var apart []edit.Edit
	var last rendering
	n := 0
	for _, other := range all {
		tasks := other.tasks[d.file]
		if len(tasks) == 0 {
			continue
		}
		r := p.rendered(d, other)
		if r.err != nil {
			continue
		}
		every = append(every, tasks...)
		apart = append(apart, difference(d.src, r.out)...)
		last, n = r, n+1
	}
	w := together{rendering: last}
	if n != 1 {
		w.out, w.err = p.render(d, k, every)
	}
	if sum, err := edit.Apply(d.src, apart); w.err == nil && err == nil {
		w.apart = bytes.Equal(sum, w.out)
	}
	return w
}

// render is the file with tasks done.
func (p *project) render(d *document, k *pkg, tasks []task) ([]byte, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "", d.src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.file, err)
	}
	dec := decorator.NewDecorator(fset)
	file, err := dec.DecorateFile(parsed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.file, err)
	}
	r := &renderer{d: d, parsed: parsed, base: fset.File(parsed.FileStart).Base(), nodes: dec.Dst.Nodes, done: map[string]bool{}}
	for _, literal := range literals(tasks) {
		if err := r.literal(file, literal); err != nil {
			return nil, err
		}
	}
	for _, t := range tasks {
		if err := r.task(file, t); err != nil {
			return nil, err
		}
	}
	if k.home == d.file && !k.create {
		if err := p.define(file, p.missing(k), k); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := decorator.Fprint(&out, file); err != nil {
		return nil, fmt.Errorf("%s: %w", d.file, err)
	}
	return out.Bytes(), nil
}

// renderer changes one file's tree.
type renderer struct {
	d      *document
	parsed *ast.File // the same file as d.tree, parsed for the nodes that are changed
	base   int       // of its positions
	nodes  map[ast.Node]dst.Node
	done   map[string]bool
}

// node is what stands for a node of d.tree among those that are changed; nil when there is none.
func (r *renderer) node(n ast.Node) (found dst.Node) {
	want := r.d.tree.Span(n)
	ast.Inspect(r.parsed, func(x ast.Node) bool {
		if x == nil || found != nil {
			return false
		}
		at := source.Span{Start: int(x.Pos()) - r.base, End: int(x.End()) - r.base}
		if at == want && reflect.TypeOf(x) == reflect.TypeOf(n) {
			found = r.nodes[x]
		}
		return at.Covers(want)
	})
	return found
}

// literals are the tasks inside string literals, those of one literal together and in order.
func literals(tasks []task) [][]task {
	var out [][]task
	index := map[ast.Node]int{}
	for _, t := range tasks {
		if t.kind != inLiteral && t.kind != inLayout {
			continue
		}
		i, ok := index[t.node]
		if !ok {
			i = len(out)
			index[t.node] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], t)
	}
	return out
}

// literal puts expressions in the place of words of one string: as operands of a concatenation, or as arguments of the
// call whose layout it is.
func (r *renderer) literal(file *dst.File, tasks []task) error {
	lit := tasks[0].node.(*ast.BasicLit)
	whole := r.d.tree.Span(lit)
	quote := string(r.d.src[whole.Start])
	old, ok := r.node(lit).(*dst.BasicLit)
	if !ok {
		return errors.New("the string was not found in the syntax tree")
	}
	if tasks[0].kind == inLayout {
		return r.layout(file, old, tasks, whole)
	}
	var out dst.Expr
	join := func(x dst.Expr) {
		if out == nil {
			out = x
			return
		}
		out = &dst.BinaryExpr{X: out, Op: token.ADD, Y: x}
	}
	at := whole.Start + 1
	for _, t := range tasks {
		if t.at.Start > at {
			join(&dst.BasicLit{Kind: token.STRING, Value: quote + string(r.d.src[at:t.at.Start]) + quote})
		}
		x, err := expression(t.expr)
		if err != nil {
			return err
		}
		join(x)
		at = t.at.End
	}
	if at < whole.End-1 {
		join(&dst.BasicLit{Kind: token.STRING, Value: quote + string(r.d.src[at:whole.End-1]) + quote})
	}
	put(file, old, out)
	return nil
}

// layout makes each word a %s, and its expression the argument that belongs there.
func (r *renderer) layout(file *dst.File, old *dst.BasicLit, tasks []task, whole source.Span) error {
	text, shift := string(r.d.src[whole.Start:whole.End]), 0
	var call *dst.CallExpr
	dst.Inspect(file, func(n dst.Node) bool {
		if c, ok := n.(*dst.CallExpr); ok && len(c.Args) > 0 && c.Args[0] == dst.Expr(old) {
			call = c
		}
		return call == nil
	})
	if call == nil {
		return errors.New("the call of the layout was not found in the syntax tree")
	}
	for _, t := range tasks {
		x, err := expression(t.expr)
		if err != nil {
			return err
		}
		at := t.at.Start - whole.Start + shift
		i := 1 + verbs(text[:at])
		if i > len(call.Args) {
			return errors.New("the layout has more verbs than arguments")
		}
		call.Args = append(call.Args[:i:i], append([]dst.Expr{x}, call.Args[i:]...)...)
		text = text[:at] + "%s" + text[at+t.at.Len():]
		shift += 2 - t.at.Len()
	}
	old.Value = text
	return nil
}

// verbs counts the arguments that a layout takes.
func verbs(layout string) int {
	n := 0
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			continue
		}
		for i++; i < len(layout) && strings.IndexByte("+-# 0123456789.*", layout[i]) >= 0; i++ {
			if layout[i] == '*' {
				n++
			}
		}
		if i < len(layout) && layout[i] != '%' {
			n++
		}
	}
	return n
}

// put replaces a node and keeps the comments and spaces around it.
func put(file *dst.File, old, with dst.Expr) {
	decs := *old.Decorations()
	if _, sum := with.(*dst.BinaryExpr); sum {
		with = parenthesised(file, old, with)
	}
	own := with.Decorations()
	own.Before, own.After, own.Start, own.End = decs.Before, decs.After, decs.Start, decs.End
	dstutil.Apply(file, func(c *dstutil.Cursor) bool {
		if c.Node() == dst.Node(old) {
			c.Replace(with)
			return false
		}
		return true
	}, nil)
}

// parenthesised is a sum as it can stand in the place of a literal: in parentheses where something binds tighter.
func parenthesised(file *dst.File, old, sum dst.Expr) dst.Expr {
	tight := false
	dst.Inspect(file, func(n dst.Node) bool {
		switch n := n.(type) {
		case *dst.IndexExpr:
			tight = tight || n.X == old
		case *dst.SliceExpr:
			tight = tight || n.X == old
		case *dst.SelectorExpr:
			tight = tight || n.X == old
		case *dst.BinaryExpr:
			tight = tight || n.Op != token.ADD && n.Op != token.EQL && n.Op != token.NEQ && (n.X == old || n.Y == old)
		}
		return true
	})
	if tight {
		return &dst.ParenExpr{X: sum}
	}
	return sum
}

// task does what is no change of a literal.
func (r *renderer) task(file *dst.File, t task) error {
	switch t.kind {
	case replace:
		old, ok := r.node(t.node).(dst.Expr)
		if !ok {
			return errors.New("the use was not found in the syntax tree")
		}
		x, err := expression(t.expr)
		if err != nil {
			return err
		}
		put(file, old, x)
	case addParam:
		fn, ok := r.node(t.node).(*dst.FuncDecl)
		if !ok || r.done[fn.Name.Name] {
			return nil
		}
		r.done[fn.Name.Name] = true
		list := fn.Type.Params.List
		if n := len(list); n > 0 {
			if id, ok := list[n-1].Type.(*dst.Ident); ok && id.Name == "string" && id.Path == "" {
				list[n-1].Names = append(list[n-1].Names, dst.NewIdent(parameter))
				return nil
			}
		}
		fn.Type.Params.List = append(list, &dst.Field{Names: []*dst.Ident{dst.NewIdent(parameter)}, Type: dst.NewIdent("string")})
	case addArgument:
		call, ok := r.node(t.node).(*dst.CallExpr)
		key := fmt.Sprint("call ", r.d.tree.Span(t.node))
		if !ok || r.done[key] {
			return nil
		}
		r.done[key] = true
		x, err := expression(t.expr)
		if err != nil {
			return err
		}
		call.Args = append(call.Args, x)
	}
	return nil
}

// expression is Go text as a part of a tree.
func expression(text string) (dst.Expr, error) {
	f, err := decorator.Parse("package x\n\nvar x = " + text + "\n")
	if err == nil && len(f.Decls) == 1 {
		if gen, ok := f.Decls[0].(*dst.GenDecl); ok && len(gen.Specs) == 1 {
			if spec, ok := gen.Specs[0].(*dst.ValueSpec); ok && len(spec.Values) == 1 {
				return dst.Clone(spec.Values[0]).(dst.Expr), nil
			}
		}
	}
	return nil, fmt.Errorf("%s is no Go expression", text)
}

// define adds the functions to a file, and the imports that they need.
func (p *project) define(file *dst.File, n render.Need, k *pkg) error {
	if n == (render.Need{}) {
		return nil
	}
	os := "os"
	if n.ByName && p.in.Pack.Instance.Workspace.Name != "" {
		os = importing(file, "os")
	}
	text := "package x\n\n" + p.functions(n, os, importing(file, "path/filepath"), k)
	add, err := decorator.Parse(text)
	if err != nil {
		return fmt.Errorf("define %s: %w", p.names.byName, err)
	}
	for _, d := range add.Decls {
		d.Decorations().Before = dst.EmptyLine
		file.Decls = append(file.Decls, dst.Clone(d).(dst.Decl))
	}
	return nil
}

// importing makes the file import a package of the standard library, and returns the name that it has there.
func importing(file *dst.File, pkg string) string {
	for _, s := range file.Imports {
		if p, err := strconv.Unquote(s.Path.Value); err == nil && p == pkg && (s.Name == nil || s.Name.Name != "_" && s.Name.Name != ".") {
			if s.Name != nil {
				return s.Name.Name
			}
			return pkg[strings.LastIndexByte(pkg, '/')+1:]
		}
	}
	spec := &dst.ImportSpec{Path: &dst.BasicLit{Kind: token.STRING, Value: strconv.Quote(pkg)}}
	file.Imports = append(file.Imports, spec)
	for _, d := range file.Decls {
		if gen, ok := d.(*dst.GenDecl); ok && gen.Tok == token.IMPORT && !cgo(gen) {
			insert(gen, spec)
			return pkg[strings.LastIndexByte(pkg, '/')+1:]
		}
	}
	gen := &dst.GenDecl{Tok: token.IMPORT, Specs: []dst.Spec{spec}}
	gen.Decs.Before, gen.Decs.After = dst.EmptyLine, dst.EmptyLine
	file.Decls = append([]dst.Decl{gen}, file.Decls...)
	return pkg[strings.LastIndexByte(pkg, '/')+1:]
}

func cgo(gen *dst.GenDecl) bool {
	s, ok := gen.Specs[0].(*dst.ImportSpec)
	return ok && s.Path.Value == `"C"`
}

// insert puts an import of the standard library in the order of its group.
func insert(gen *dst.GenDecl, spec *dst.ImportSpec) {
	if !gen.Lparen {
		only := gen.Specs[0].Decorations()
		only.Before, only.After = dst.NewLine, dst.NewLine
		gen.Lparen, gen.Rparen = true, true
	}
	at := 0
	for i, s := range gen.Specs {
		im := s.(*dst.ImportSpec)
		if strings.Contains(strings.Split(im.Path.Value, "/")[0], ".") {
			break
		}
		if im.Path.Value < spec.Path.Value {
			at = i + 1
		}
	}
	spec.Decs.Before = dst.NewLine
	spec.Decs.After = dst.NewLine
	if at < len(gen.Specs) {
		next := gen.Specs[at].Decorations()
		if at == 0 && strings.Contains(strings.Split(gen.Specs[0].(*dst.ImportSpec).Path.Value, "/")[0], ".") {
			next.Before = dst.EmptyLine
		}
	}
	gen.Specs = append(gen.Specs[:at:at], append([]dst.Spec{spec}, gen.Specs[at:]...)...)
}
