package python

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// importsOf are the imports among statements and the blocks in them.
func importsOf(body []flow.Stmt) []*flow.Import {
	var out []*flow.Import
	for _, st := range body {
		switch st := st.(type) {
		case *flow.Import:
			out = append(out, st)
		case *flow.Block:
			out = append(out, importsOf(st.Body)...)
		case *flow.Loop:
			out = append(out, importsOf(st.Body)...)
		case *flow.Branch:
			for _, arm := range st.Arms {
				out = append(out, importsOf(arm)...)
			}
		case *flow.Define:
			out = append(out, importsOf(st.Func.Body)...)
		case *flow.DefineClass:
			out = append(out, importsOf(st.Class.Body)...)
		}
	}
	return out
}

// fromCaller gives the function that holds the site a parameter for the instance, when one plain call is all that uses
// the function and the instance is in scope there.
func (p *project) fromCaller(pl *plan, d *document) error {
	slot := pl.site.Occurrence.Slot
	fn := functionAround(d, slot.Literal.Start)
	if !fn.OK() {
		return refuse("no instance is in scope here")
	}
	name := fn.Field("name")
	if fn.Parent().Kind() != "module" {
		return refuse("no instance is in scope in %s()", name.Text())
	}
	if param := slot.Literal; !fn.Field("body").Span().Covers(param) {
		return refuse("a default value is set where no instance is in scope")
	}
	uses, err := p.usesOf(d, definition{ident: name})
	if err != nil {
		return err
	}
	if len(uses) != 1 {
		return refuse("no instance is in scope in %s(), and it has not one caller but %d", name.Text(), len(uses))
	}
	u := uses[0]
	call := u.node.Parent()
	if call.Kind() != "call" || u.node.FieldName() != "function" || call.Field("arguments").Kind() != "argument_list" || fn.Span().Covers(call.Span()) {
		return refuse("no instance is in scope in %s(), and it is not only called", name.Text())
	}
	names, _, _ := u.doc.words.Names(u.node.Span())
	if len(names) == 0 {
		return refuse("no instance is in scope in %s(), nor where it is called: %v", name.Text(), p.place(u.doc.file, call.Start()))
	}
	param, err := p.parameter(d, fn)
	if err != nil {
		return err
	}
	arg, err := p.argument(u.doc, names[0].Expr, u.node.Span())
	if err != nil {
		return err
	}
	path, err := p.call(pl, d, site.Name{Expr: param}, false, slot.Span)
	if err != nil {
		return err
	}
	pl.first(d, fn.Field("parameters"), param+": str")
	pl.first(u.doc, call.Field("arguments"), arg)
	return p.replace(pl, d, slot.Literal, slot.Span, path)
}

// first puts text before the first element of a list in parentheses.
func (pl *plan) first(d *document, list syntax.Node, text string) {
	elems := list.NamedChildren()
	if len(elems) == 0 {
		pl.edit(d.file, list.Start()+1, list.Start()+1, text)
		return
	}
	at := elems[0].Start()
	sep := ", "
	if start := d.lineStart(at); start > list.Start() && strings.TrimSpace(string(d.src[start:at])) == "" {
		sep = "," + d.newline + string(d.src[start:at])
	}
	pl.edit(d.file, at, at, text+sep)
}

// parameter is a name for the new parameter of a function.
func (p *project) parameter(d *document, fn syntax.Node) (string, error) {
	names := p.in.Pack.Instance.Names
	if len(names) == 0 {
		return "", refuse("the pack lists no name for an instance")
	}
	name := names[0]
	if slices.Contains(names, "instance_name") {
		name = "instance_name"
	}
	taken := false
	for _, s := range site.Find(d.src[fn.Start():fn.End()], strings.ToLower(name)) {
		taken = taken || d.tree.At(fn.Start()+s.Start).Kind() == "identifier"
	}
	if taken || strings.ContainsAny(name, "*?[") {
		return "", refuse("%s() uses the name %s for something else", fn.Field("name").Text(), name)
	}
	return name, nil
}

// functionAround is the innermost function that holds an offset.
func functionAround(d *document, off int) syntax.Node {
	for n := d.tree.At(off); n.OK(); n = n.Parent() {
		if n.Kind() == "function_definition" {
			return n
		}
	}
	return syntax.Node{}
}
