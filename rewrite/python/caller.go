package python

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// HandDown gives the function that holds the site a parameter for the instance, when one plain call is all that uses it.
func (p *project) HandDown(pl *plan, caller site.Take) (string, error) {
	slot := pl.Site.Occurrence.Slot
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return "", err
	}
	fn := d.tree.At(slot.Literal.Start).Ancestor("function_definition")
	if !fn.OK() {
		return "", refuse("no instance is in scope here")
	}
	name := fn.Field("name")
	if fn.Parent().Kind() != "module" {
		return "", refuse("no instance is in scope in %s()", name.Text())
	}
	if param := slot.Literal; !fn.Field("body").Span().Covers(param) {
		return "", refuse("a default value is set where no instance is in scope")
	}
	from, err := p.docs.Open(caller.File)
	if err != nil {
		return "", err
	}
	call := from.tree.Exactly(caller.Slot.Span)
	fnName := call.Field("function").Text()
	if call.Kind() != "call" || fnName[strings.LastIndexByte(fnName, '.')+1:] != name.Text() || call.Field("arguments").Kind() != "argument_list" || fn.Span().Covers(call.Span()) {
		return "", refuse("no instance is in scope in %s(), and it is not only called", name.Text())
	}
	if _, where, err := p.others(d, definition{ident: name}, map[string]int{from.File: 1}); err != nil || where != "" {
		return "", refuse("no instance is in scope in %s(), and it has more than one caller: %s", name.Text(), where)
	}
	for _, given := range fn.Field("parameters").NamedChildren() {
		if given.Kind() != "identifier" {
			given = given.NamedChildren()[0]
		}
		if p.in.Pack.Instance.Holds(given.Text()) {
			return "", refuse("%s() is given %s, and which directory that means is not known here", name.Text(), given.Text())
		}
	}
	param, err := p.parameter(d, fn)
	if err != nil {
		return "", err
	}
	arg, err := p.argument(from, caller.Instance.Expr, call.Span())
	if err != nil {
		return "", err
	}
	first(pl, d, fn.Field("parameters"), param+": str")
	first(pl, from, call.Field("arguments"), arg)
	return param, nil
}

// first puts text before the first element of a list in parentheses.
func first(pl *plan, d *document, list syntax.Node, text string) {
	if elems := list.NamedChildren(); len(elems) > 0 {
		d.insert(pl, list, elems[0], text)
		return
	}
	pl.Edit(d.File, list.Start()+1, list.Start()+1, text)
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
	for _, s := range site.Find(d.Src[fn.Start():fn.End()], strings.ToLower(name)) {
		taken = taken || d.tree.At(fn.Start()+s.Start).Kind() == "identifier"
	}
	if taken || strings.ContainsAny(name, "*?[") {
		return "", refuse("%s() uses the name %s for something else", fn.Field("name").Text(), name)
	}
	return name, nil
}
