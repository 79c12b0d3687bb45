package ruby

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// errDispatch leaves a dispatch to a person, with the reason of the scan.
var errDispatch = errors.New("")

// dispatched puts the path of the instance's program in the place of the name that a script was called by, where a test on
// that name knows that it is the program's, and where the program's root directory is known:
//
//	case COMMAND
//	when 'tutor'
//	  env['TUTOR_ROOT'] = "/workspace/instances/#{name}"
//	  [COMMAND, *ARGV]
//
// The methods that make a path are needed where the call itself gets the root directory.
func (p *project) dispatched(d *document, s render.Site) (edits byFile, methods bool, err error) {
	given := d.tree.At(s.Occurrence.Start).Ancestor("assignment")
	name := given.Field("left")
	if !given.OK() || !name.Is("constant", "identifier", "global_variable") {
		return nil, false, errDispatch
	}
	var list []edit.Edit
	for _, body := range p.branches(d.tree.Root(), name.Text()) {
		root, ok := p.rootSet(body)
		if !ok && s.ByRoot {
			list = append(list, p.handedOver(body, name.Text(), s)...)
			methods = true
			continue
		}
		if !ok {
			return nil, false, errDispatch
		}
		for _, n := range uses(body, name.Text()) {
			if n.Parent().Kind() != "array" || n.Parent().NamedChildren()[0] != n {
				return nil, false, errDispatch
			}
			text := root.Text()
			text = text[:len(text)-1] + "/" + p.in.Pack.Executable() + text[len(text)-1:]
			list = append(list, edit.Edit{Start: n.Start(), End: n.End(), New: text})
		}
	}
	if len(list) == 0 {
		return nil, false, errDispatch
	}
	return byFile{d.file: list}, methods, nil
}

// handedOver are the edits of the calls in a branch that get the script's name among their words, and a root directory.
func (p *project) handedOver(body syntax.Node, name string, s render.Site) []edit.Edit {
	var out []edit.Edit
	for _, n := range uses(body, name) {
		if !n.Parent().Is("argument_list", "array") {
			continue
		}
		if slices.ContainsFunc(s.Occurrence.Uses, func(u site.Step) bool { return u.File == s.File && u.Covers(n.Span()) }) {
			out = append(out, edit.Edit{Start: n.Start(), End: n.End(), New: p.call(s)})
		}
	}
	return out
}

// alone are edits that need no method.
func alone(edits byFile) []edit.Change {
	var out []edit.Change
	for _, file := range slices.Sorted(maps.Keys(edits)) {
		out = append(out, edit.Change{File: edit.File{Path: file}, Edits: edits[file]})
	}
	return out
}

// branches are what tests on a name are taken to for the program only: clauses of a case, and the way of an if.
func (p *project) branches(n syntax.Node, name string) []syntax.Node {
	var out []syntax.Node
	if n.Kind() == "case" && n.Field("value").Text() == name {
		for _, c := range n.NamedChildren() {
			patterns := c.Fields("pattern")
			if c.Kind() == "when" && len(patterns) == 1 && strings.Trim(patterns[0].Text(), `'"`) == p.in.Pack.Program.Name {
				out = append(out, c.Field("body"))
			}
		}
	}
	if cond := n.Field("condition"); n.Kind() == "if" && cond.Kind() == "binary" && cond.Field("operator").Text() == "==" &&
		cond.Field("left").Text() == name && strings.Trim(cond.Field("right").Text(), `'"`) == p.in.Pack.Program.Name {
		out = append(out, n.Field("consequence"))
	}
	for _, c := range n.NamedChildren() {
		out = append(out, p.branches(c, name)...)
	}
	return out
}

// rootSet is the string that a clause gives the variable of the environment for the program's root directory.
func (p *project) rootSet(body syntax.Node) (syntax.Node, bool) {
	for _, n := range body.NamedChildren() {
		if n.Kind() != "assignment" || n.Field("left").Kind() != "element_reference" || n.Field("right").Kind() != "string" {
			continue
		}
		keys := n.Field("left").NamedChildren()
		if slices.Contains(p.in.Pack.Instance.RootEnv, strings.Trim(keys[len(keys)-1].Text(), `'"`)) {
			text := n.Field("right").Text()
			return n.Field("right"), strings.HasPrefix(text, `"`) || strings.HasPrefix(text, `'`)
		}
	}
	return syntax.Node{}, false
}

// uses are the places below n where a name stands.
func uses(n syntax.Node, name string) []syntax.Node {
	if n.Is("constant", "identifier", "global_variable") && n.Text() == name {
		return []syntax.Node{n}
	}
	var out []syntax.Node
	for _, c := range n.NamedChildren() {
		out = append(out, uses(c, name)...)
	}
	return out
}
