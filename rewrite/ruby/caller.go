package ruby

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// parameter is the name of a parameter that is added for the instance.
const parameter = "instance_name"

// handDown are the edits that give the method which holds the site a parameter for the instance, and the one call of it
// the argument. It errs when method or call are not of the simple kind: plain parameters, plain arguments, in one file.
func (p *project) handDown(d *document, s render.Site) ([]edit.Edit, string, error) {
	slot := s.Occurrence.Slot
	method := d.tree.At(slot.OwnerAt.Start)
	for method.OK() && (!method.Is("method", "singleton_method") || method.Span() != slot.OwnerAt) {
		method = method.Parent()
	}
	name := method.Field("name").Text()
	fail := func(why string) ([]edit.Edit, string, error) {
		if slot.Owner == "" {
			return nil, "", errors.New("no name in scope holds the instance")
		}
		return nil, "", fmt.Errorf("only a caller of %s can know the instance, and %s: give %s a parameter for it", slot.Owner, why, slot.Owner)
	}
	if !method.OK() || name == "" {
		return fail("its definition was not found")
	}
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
	for _, f := range p.in.Files {
		if f == d.file || !strings.HasSuffix(f, ".rb") {
			continue
		}
		if src, err := p.in.Read(f); err == nil && word.Match(src) {
			return fail("other files use that name")
		}
	}
	var calls []syntax.Node
	collectCalls(d.tree.Root(), name, &calls)
	if len(calls) != 1 || calls[0].Span().Len() == 0 || method.Span().Covers(calls[0].Span()) {
		return fail("it is not called exactly once in its own file")
	}
	if strings.Contains(method.Text(), parameter) {
		return fail("it uses the name " + parameter + " itself")
	}
	known, _, _ := ruby.Names(d.tree, calls[0].Span(), p.in.Pack)
	if len(known) == 0 {
		return fail("no name in scope of the call holds it")
	}
	def, ok := addParameter(method)
	if !ok {
		return fail("its parameters are not plain ones")
	}
	call, ok := addArgument(calls[0], known[0].Expr)
	if !ok {
		return fail("the call is not a plain one")
	}
	return []edit.Edit{def, call}, parameter, nil
}

// collectCalls finds the calls of a method: with arguments, with a receiver, or as a bare name.
func collectCalls(n syntax.Node, name string, out *[]syntax.Node) {
	switch {
	case n.Is("call") && n.Field("method").Text() == name:
		*out = append(*out, n)
	case n.Is("identifier", "simple_symbol") && strings.TrimPrefix(n.Text(), ":") == name && n.FieldName() != "method" && n.FieldName() != "name":
		*out = append(*out, n)
	}
	for c := n.First(); c.OK(); c = c.Next() {
		collectCalls(c, name, out)
	}
}

func addParameter(method syntax.Node) (edit.Edit, bool) {
	list := method.Field("parameters")
	if !list.OK() {
		at := method.Field("name").End()
		return edit.Edit{Start: at, End: at, New: "(" + parameter + ")"}, true
	}
	kids := list.NamedChildren()
	for _, k := range kids {
		if !k.Is("identifier") {
			return edit.Edit{}, false
		}
	}
	if len(kids) == 0 {
		return edit.Edit{Start: list.Start(), End: list.End(), New: "(" + parameter + ")"}, true
	}
	at := kids[len(kids)-1].End()
	return edit.Edit{Start: at, End: at, New: ", " + parameter}, true
}

func addArgument(call syntax.Node, expr string) (edit.Edit, bool) {
	if call.Is("simple_symbol") || call.Field("block").OK() {
		return edit.Edit{}, false
	}
	list := call.Field("arguments")
	if !list.OK() {
		at := call.End()
		return edit.Edit{Start: at, End: at, New: "(" + expr + ")"}, true
	}
	kids := list.NamedChildren()
	for _, k := range kids {
		if k.Is("pair", "splat_argument", "hash_splat_argument", "block_argument", "forward_argument", "heredoc_body", "heredoc_beginning") {
			return edit.Edit{}, false
		}
	}
	if len(kids) == 0 {
		return edit.Edit{Start: list.Start(), End: list.End(), New: "(" + expr + ")"}, true
	}
	at := kids[len(kids)-1].End()
	return edit.Edit{Start: at, End: at, New: ", " + expr}, true
}
