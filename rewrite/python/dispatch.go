package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Dispatch has a script that runs the name it was called by run the program of the instance when that is the name:
//
//	[…, f"TUTOR_ROOT=/workspace/instances/{name}", "tools", program]
//
// gets f"/workspace/instances/{name}/.venv/bin/tutor" if program == "tutor" else program for its last element. The directory
// has to be named in the list: what is run there may not be on this machine.
func (p *project) Dispatch(pl *plan) error {
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return err
	}
	given := d.tree.At(pl.Site.Occurrence.Start).Ancestor("assignment")
	name := given.Field("left")
	if !given.OK() || name.Kind() != "identifier" {
		return refuse("")
	}
	for _, u := range pl.Site.Occurrence.Uses {
		if u.File != "" && u.File != d.File {
			return refuse("")
		}
		call := d.tree.At(u.Start).Ancestor("call")
		n, root := p.element(call, name.Text())
		if !n.OK() {
			return refuse("")
		}
		path := root[:len(root)-1] + "/" + p.in.Pack.Executable() + root[len(root)-1:]
		pl.Edit(d.File, n.Start(), n.End(), path+" if "+name.Text()+` == "`+p.in.Pack.Program.Name+`" else `+name.Text())
	}
	if len(pl.Edits) == 0 {
		return refuse("")
	}
	return nil
}

// element is the name as an element of a list of words, and the string that gives the program's root directory in the same
// list, as it is written without the name of the variable.
func (p *project) element(n syntax.Node, name string) (syntax.Node, string) {
	if n.Kind() == "list" {
		var found syntax.Node
		root := ""
		for _, c := range n.NamedChildren() {
			if c.Kind() == "identifier" && c.Text() == name {
				found = c
			}
			if r, ok := p.rootWord(c); ok {
				root = r
			}
		}
		if found.OK() && root != "" {
			return found, root
		}
	}
	for _, c := range n.NamedChildren() {
		if found, root := p.element(c, name); found.OK() {
			return found, root
		}
	}
	return syntax.Node{}, ""
}

// rootWord is what a string such as f"TUTOR_ROOT=/srv/{name}" gives the variable, as a string of its own.
func (p *project) rootWord(n syntax.Node) (string, bool) {
	if n.Kind() != "string" {
		return "", false
	}
	prefix, quotes := prefixOf(n.Text())
	body := strings.TrimPrefix(n.Text(), prefix+quotes)
	for _, env := range p.in.Pack.Instance.RootEnv {
		if rest, ok := strings.CutPrefix(body, env+"="); ok && len(quotes) == 1 {
			return prefix + quotes + rest, true
		}
	}
	return "", false
}
