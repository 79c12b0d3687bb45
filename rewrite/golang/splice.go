package golang

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// splice puts an expression in the place of a word of a string: as an operand of a concatenation, or as the argument of the
// call whose layout the string is.
func (p *project) splice(draft *render.Draft, d *document, lit *ast.BasicLit, around []ast.Node, at source.Span, expr string) error {
	if _, err := parser.ParseExpr(expr); err != nil {
		return fmt.Errorf("%s is no Go expression", expr)
	}
	whole := d.tree.Span(lit)
	if call := layoutOf(lit, around, p.in.Pack.Program.Name); call != nil && !d.whole(lit, at) {
		if i := 1 + verbs(string(d.Src[whole.Start:at.Start])); i <= len(call.Args) {
			end := d.tree.Span(call.Args[i-1]).End
			draft.Edit(d.File, at.Start, at.End, "%s")
			draft.Edit(d.File, end, end, ", "+expr)
			return nil
		}
	}
	quote := string(d.Src[whole.Start])
	start, end, text := whole.Start, whole.End, expr
	if at.Start > whole.Start+1 {
		start, text = at.Start, quote+" + "+text
	}
	if at.End < whole.End-1 {
		end, text = at.End, text+" + "+quote
	}
	if text != expr && bindsTighter(around[0], lit) {
		text = "(" + string(d.Src[whole.Start:start]) + text + string(d.Src[end:whole.End]) + ")"
		start, end = whole.Start, whole.End
	}
	draft.Edit(d.File, start, end, text)
	return nil
}

// bindsTighter reports whether a sum in the place of one of a node's operands needs parentheses.
func bindsTighter(n ast.Node, operand ast.Expr) bool {
	switch n := n.(type) {
	case *ast.IndexExpr:
		return n.X == operand
	case *ast.SliceExpr:
		return n.X == operand
	case *ast.SelectorExpr:
		return true
	case *ast.BinaryExpr:
		return n.Op != token.ADD && n.Op != token.EQL && n.Op != token.NEQ
	}
	return false
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

// define gives a file the functions that its package lacks, and the imports that they need.
func (p *project) define(d *document, k *pkg) []edit.Edit {
	n := p.missing(k)
	if n == (render.Need{}) {
		return nil
	}
	var add []string
	name := func(pkg string) string {
		for _, s := range d.tree.File.Imports {
			if s.Path.Value != strconv.Quote(pkg) || s.Name != nil && (s.Name.Name == "_" || s.Name.Name == ".") {
				continue
			}
			if s.Name != nil {
				return s.Name.Name
			}
			return pkg[strings.LastIndexByte(pkg, '/')+1:]
		}
		add = append(add, strconv.Quote(pkg))
		return pkg[strings.LastIndexByte(pkg, '/')+1:]
	}
	os := "os"
	if n.ByName && p.in.Pack.Instance.Workspace.Name != "" {
		os = name("os")
	}
	text := p.functions(n, os, name("path/filepath"), k)
	out := d.importing(add)
	return append(out, edit.Edit{Start: len(d.Src), End: len(d.Src), New: "\n" + text})
}

// importing makes the file import packages of the standard library, given in quotes and in order.
func (d *document) importing(add []string) []edit.Edit {
	if len(add) == 0 {
		return nil
	}
	insert := func(at int, text string) edit.Edit { return edit.Edit{Start: at, End: at, New: text} }
	for _, decl := range d.tree.File.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.IMPORT || gen.Specs[0].(*ast.ImportSpec).Path.Value == `"C"` {
			continue
		}
		if gen.Lparen.IsValid() {
			return d.grouped(gen, add)
		}
		only := gen.Specs[0].(*ast.ImportSpec)
		before, after := "(", "\n\t"+strings.Join(add, "\n\t")+"\n)"
		if foreign(only) {
			before, after = "(\n\t"+strings.Join(add, "\n\t")+"\n", "\n)"
		}
		return []edit.Edit{insert(d.tree.Span(only).Start, before+"\n\t"), insert(d.lineEnd(only), after)}
	}
	text := "import " + add[0]
	if len(add) > 1 {
		text = "import (\n\t" + strings.Join(add, "\n\t") + "\n)"
	}
	return []edit.Edit{insert(d.lineEnd(d.tree.File.Name), "\n\n"+text)}
}

// grouped puts imports of the standard library in their order among those in parentheses.
func (d *document) grouped(gen *ast.GenDecl, add []string) []edit.Edit {
	own := slices.IndexFunc(gen.Specs, func(s ast.Spec) bool { return foreign(s.(*ast.ImportSpec)) })
	if own < 0 {
		own = len(gen.Specs)
	}
	var out []edit.Edit
	for _, quoted := range add {
		n := 0
		for i, s := range gen.Specs[:own] {
			if s.(*ast.ImportSpec).Path.Value < quoted {
				n = i + 1
			}
		}
		at := bytes.IndexByte(d.Src[d.tree.Span(gen).Start:], '(') + d.tree.Span(gen).Start + 1
		if n > 0 {
			at = d.lineEnd(gen.Specs[n-1])
		}
		text := "\n\t" + quoted
		if last := len(out) - 1; last >= 0 && out[last].Start == at {
			out[last].New += text
			continue
		}
		out = append(out, edit.Edit{Start: at, End: at, New: text})
	}
	if own == 0 {
		out[0].New += "\n"
	}
	return out
}

// foreign reports whether an import is none of the standard library.
func foreign(s *ast.ImportSpec) bool {
	return strings.Contains(strings.Split(s.Path.Value, "/")[0], ".")
}

// lineEnd is where the line of a node's last byte ends.
func (d *document) lineEnd(n ast.Node) int {
	end := d.tree.Span(n).End
	if i := bytes.IndexByte(d.Src[end:], '\n'); i >= 0 {
		return end + i
	}
	return len(d.Src)
}

// layout is what gofmt makes of a file with all drafts in it.
type layout struct {
	plain bool        // as the drafts' own edits make it
	apart bool        // as what gofmt makes of each draft alone
	edits []edit.Edit // of all drafts
	err   error
}

// edits are the edits of one file that belong to a draft. Where gofmt ties what several drafts change together, they are
// the edits of all.
func (p *project) edits(d *document, draft *render.Draft) ([]edit.Edit, error) {
	l, ok := p.layouts[d.File]
	if !ok {
		l = p.layout(d)
		p.layouts[d.File] = l
	}
	switch {
	case l.err != nil:
		return nil, l.err
	case l.plain:
		return p.own(d, draft), nil
	case l.apart:
		return d.formattedWith(p.own(d, draft))
	}
	return l.edits, nil
}

// own are the edits that a draft asks for in a file, with the functions where they are defined in it.
func (p *project) own(d *document, draft *render.Draft) []edit.Edit {
	out := draft.Edits[d.File]
	if k := p.packageOf(d); len(out) > 0 && k.home == d.File && !k.create {
		out = append(slices.Clone(out), p.define(d, k)...)
	}
	return out
}

func (p *project) layout(d *document) layout {
	var every, apart []edit.Edit
	for _, draft := range p.all {
		own := p.own(d, draft)
		every = append(every, own...)
	}
	spliced, err := edit.Apply(d.Src, every)
	if err != nil {
		return layout{err: fmt.Errorf("%s: %w", d.File, err)}
	}
	whole, err := format.Source(spliced)
	if err != nil {
		return layout{err: fmt.Errorf("%s: %w", d.File, err)}
	}
	if bytes.Equal(whole, spliced) {
		return layout{plain: true}
	}
	for _, draft := range p.all {
		if own := p.own(d, draft); len(own) > 0 {
			alone, err := d.formattedWith(own)
			if err != nil {
				return layout{err: err}
			}
			apart = append(apart, alone...)
		}
	}
	sum, err := edit.Apply(d.Src, apart)
	return layout{apart: err == nil && bytes.Equal(sum, whole), edits: difference(d.Src, whole)}
}

// formattedWith are edits of the file together with what gofmt does about them.
func (d *document) formattedWith(edits []edit.Edit) ([]edit.Edit, error) {
	spliced, err := edit.Apply(d.Src, edits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.File, err)
	}
	out, err := format.Source(spliced)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.File, err)
	}
	return difference(d.Src, out), nil
}
