package ruby

import (
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// parameter is the name of a parameter that is added for the instance.
const parameter = "instance_name"

// HandDown gives the method which holds the site a parameter for the instance, and the one call of it the argument. It errs
// when method or call are not of the simple kind: plain parameters, plain arguments, in one file.
func (p *project) HandDown(pl *render.Draft, caller site.Take) (string, error) {
	slot := pl.Site.Occurrence.Slot
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return "", err
	}
	method := d.tree.Exactly(slot.OwnerAt)
	name := method.Field("name").Text()
	fail := func(why string) (string, error) {
		return "", fmt.Errorf("only a caller of %s can know the instance, and %s: give %s a parameter for it", slot.Owner, why, slot.Owner)
	}
	switch {
	case !method.Is("method", "singleton_method") || name == "":
		return fail("its definition was not found")
	case caller.File != d.File || p.mentions(name) != 2:
		return fail("it is not called exactly once in its own file")
	case strings.Contains(method.Text(), parameter):
		return fail("it uses the name " + parameter + " itself")
	}
	at := d.tree.Exactly(caller.Slot.Span)
	if at.Text() != name && at.Field("method").Text() != name {
		return fail("it is called in another way")
	}
	def, ok := addParameter(method)
	if !ok {
		return fail("its parameters are not plain ones")
	}
	call, ok := addArgument(at, caller.Instance.Expr)
	if !ok {
		return fail("the call is not a plain one")
	}
	pl.Edits[d.File] = append(pl.Edits[d.File], def, call)
	return parameter, nil
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
