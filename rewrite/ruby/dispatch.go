package ruby

import (
	"errors"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// errDispatch leaves a dispatch to a person, with the reason of the scan.
var errDispatch = errors.New("")

// Dispatch puts the path of the instance's program in the place of the name that a script was called by, where a test on
// that name knows that it is the program's, and where the program's root directory is known:
//
//	case COMMAND
//	when 'tutor'
//	  env['TUTOR_ROOT'] = "/workspace/instances/#{name}"
//	  [COMMAND, *ARGV]
//
// The methods that make a path are needed where the call itself gets the root directory.
func (p *project) Dispatch(pl *render.Draft) error {
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return err
	}
	given := d.tree.At(pl.Site.Occurrence.Start).Ancestor("assignment")
	name := given.Field("left")
	if !given.OK() || !name.Is("constant", "identifier", "global_variable") {
		return errDispatch
	}
	for _, body := range p.branches(d.tree.Root(), name.Text()) {
		root, ok := p.rootSet(body)
		if !ok && pl.Site.ByRoot {
			p.handedOver(pl, body, name.Text())
			continue
		}
		if !ok {
			return errDispatch
		}
		for _, n := range uses(body, name.Text()) {
			if n.Parent().Kind() != "array" || n.Parent().NamedChildren()[0] != n {
				return errDispatch
			}
			text := root.Text()
			text = text[:len(text)-1] + "/" + p.in.Pack.Executable() + text[len(text)-1:]
			pl.Edit(d.File, n.Start(), n.End(), text)
		}
	}
	if len(pl.Edits) == 0 {
		return errDispatch
	}
	return nil
}

// handedOver rewrites the calls in a branch that get the script's name among their words, and a root directory.
func (p *project) handedOver(pl *render.Draft, body syntax.Node, name string) {
	s := pl.Site
	for _, n := range uses(body, name) {
		if !n.Parent().Is("argument_list", "array") {
			continue
		}
		if slices.ContainsFunc(s.Occurrence.Uses, func(u site.Step) bool { return u.File == s.File && u.Covers(n.Span()) }) {
			pl.Edit(s.File, n.Start(), n.End(), p.Called(s.Instance.Expr, true))
			pl.Call(s.File, true)
		}
	}
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
