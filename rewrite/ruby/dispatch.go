package ruby

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// errDispatch leaves a dispatch to a person, with the reason of the scan.
var errDispatch = errors.New("")

// dispatched puts the path of the instance's program in the place of the name that a script was called by, where a case on
// that name knows that it is the program's, and where the script sets the program's root directory:
//
//	case COMMAND
//	when 'tutor'
//	  env['TUTOR_ROOT'] = "/workspace/instances/#{name}"
//	  [COMMAND, *ARGV]
func (p *project) dispatched(d *document, s render.Site) (byFile, error) {
	given := d.tree.At(s.Occurrence.Start).Ancestor("assignment")
	name := given.Field("left")
	if !given.OK() || !name.Is("constant", "identifier", "global_variable") {
		return nil, errDispatch
	}
	var edits []edit.Edit
	for _, when := range p.branches(d.tree.Root(), name.Text()) {
		root, ok := p.rootSet(when.Field("body"))
		if !ok {
			return nil, errDispatch
		}
		for _, n := range uses(when.Field("body"), name.Text()) {
			if n.Parent().Kind() != "array" || n.Parent().NamedChildren()[0] != n {
				return nil, errDispatch
			}
			text := root.Text()
			text = text[:len(text)-1] + "/" + p.in.Pack.Executable() + text[len(text)-1:]
			edits = append(edits, edit.Edit{Start: n.Start(), End: n.End(), New: text})
		}
	}
	if len(edits) == 0 {
		return nil, errDispatch
	}
	return byFile{d.file: edits}, nil
}

// alone are edits that need no method.
func alone(edits byFile) []edit.Change {
	var out []edit.Change
	for _, file := range slices.Sorted(maps.Keys(edits)) {
		out = append(out, edit.Change{File: edit.File{Path: file}, Edits: edits[file]})
	}
	return out
}

// branches are the clauses of cases on a name that are taken for the program only.
func (p *project) branches(n syntax.Node, name string) []syntax.Node {
	var out []syntax.Node
	if n.Kind() == "case" && n.Field("value").Text() == name {
		for _, c := range n.NamedChildren() {
			patterns := c.Fields("pattern")
			if c.Kind() == "when" && len(patterns) == 1 && strings.Trim(patterns[0].Text(), `'"`) == p.in.Pack.Program.Name {
				out = append(out, c)
			}
		}
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
