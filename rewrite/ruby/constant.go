package ruby

import (
	"bytes"
	"fmt"
	"path"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// constantOf is the constant that is given exactly the literal, frozen or not.
func (d *document) constantOf(lit ruby.Literal) (syntax.Node, bool) {
	n := d.tree.At(lit.Start)
	for n.OK() && n.Span() != lit.Span {
		n = n.Parent()
	}
	if up := n.Parent(); up.Is("call") && up.Field("receiver").Span() == lit.Span && up.Field("method").Text() == "freeze" {
		n = up
	}
	as := n.Parent()
	if !as.Is("assignment") || as.Field("right").Span() != n.Span() || !as.Field("left").Is("constant") {
		return syntax.Node{}, false
	}
	return as.Field("left"), true
}

// constant puts the path where a constant is used that says only the program's name, for the instance that is in scope
// there. The constant itself stays: it may be shown.
func (p *project) constant(d *document, name syntax.Node, whole bool) (byFile, error) {
	ident := name.Text()
	if !whole {
		return nil, fmt.Errorf("%s is set where no instance is in scope, and holds more than the program's name", ident)
	}
	out := byFile{}
	for _, file := range p.in.Files {
		if file != d.file && path.Ext(file) != ".rb" && path.Ext(file) != ".rake" && path.Base(file) != "Rakefile" {
			continue
		}
		src, err := p.in.Read(file)
		if err != nil || !bytes.Contains(src, []byte(ident)) {
			continue
		}
		other, err := p.document(file)
		if err != nil {
			return nil, err
		}
		if err := p.usesIn(other, d, ident, out); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s is set where no instance is in scope, and no place that runs it was found", ident)
	}
	return out, nil
}

// usesIn adds the edits of one file that uses the constant.
func (p *project) usesIn(d, home *document, ident string, out byFile) error {
	var uses []syntax.Node
	defined := 0
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		if n.Is("constant") && n.Text() == ident {
			switch up := n.Parent(); {
			case up.Is("assignment", "operator_assignment") && n.FieldName() == "left":
				defined++
			case up.Is("scope_resolution") && n.FieldName() == "name":
				uses = append(uses, up)
			case up.Is("scope_resolution", "class", "module", "superclass"):
			default:
				uses = append(uses, n)
			}
		}
		for c := n.First(); c.OK(); c = c.Next() {
			walk(c)
		}
	}
	walk(d.tree.Root())
	if d == home && defined > 1 {
		return fmt.Errorf("%s is set more than once", ident)
	}
	if d != home && defined > 0 {
		return nil // a constant of its own
	}
	for _, u := range uses {
		if !runs(u) {
			continue
		}
		names, _, _ := ruby.Names(d.tree, u.Span(), p.in.Pack)
		if len(names) == 0 {
			return fmt.Errorf("%s is also used where no instance is in scope: %v", ident, d.place(u.Start()))
		}
		call := p.names.byName + "(" + names[0].Expr + ")"
		out[d.file] = append(out[d.file], edit.Edit{Start: u.Start(), End: u.End(), New: call})
	}
	return nil
}

// runs reports whether a value may be run where it is used, and is not only shown or compared.
func runs(n syntax.Node) bool {
	for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
		switch p.Kind() {
		case "binary":
			switch p.Field("operator").Kind() {
			case "==", "!=", "=~", "===", "!~":
				return false
			}
		case "pattern":
			return false
		case "pair":
			if n.FieldName() == "key" {
				return false
			}
		case "call":
			switch p.Field("method").Text() {
			case "puts", "print", "warn", "raise", "abort", "p", "pp", "info", "debug", "error", "fatal", "fail", "desc", "include?", "start_with?", "banner", "say":
				return false
			}
			if n.FieldName() != "receiver" {
				return true
			}
		case "method", "singleton_method", "class", "module", "program", "block", "do_block":
			return true
		}
	}
	return true
}
