// Package python writes the fixes of Python programs: calls that ran one program for all now run that of their instance.
package python

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Fixes are the fixes of the sites that Python writes, and the refusals of the others.
//
// The path is made by functions that stand once in the package that holds most of the sites: one takes an instance's
// name, one its directory. A file that cannot import the package gets functions of its own. Fixes of one file repeat
// the edits that they share, so that any of them can be left out.
func Fixes(in render.Input) (fixes []edit.Fix, refused []render.Refusal) {
	p := newProject(in)
	defer p.parser.Close()
	p.chooseHome()
	return render.Fixes(in, p)
}

// refuse says why a site is not fixed.
func refuse(format string, args ...any) error { return fmt.Errorf(format, args...) }

// plan is a draft, as the code here calls it.
type plan = render.Draft

// Put puts the path in the place of the site's word.
func (p *project) Put(pl *plan, instance site.Name, byRoot bool) error {
	slot := pl.Site.Occurrence.Slot
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return err
	}
	if !slot.Literal.Covers(slot.Span) || slot.Literal.End > len(d.Src) || slot.Literal.Len() == 0 {
		return refuse("the command does not stand in a string here")
	}
	instance = d.decided(instance, slot.Span.Start)
	if slot.Place == render.JobPlace {
		return p.inJob(pl, d, instance, byRoot, slot.Literal, slot.Span)
	}
	if dir, ok := render.InText(slot, instance.Expr); ok && byRoot {
		pl.Edit(d.File, slot.Span.Start, slot.Span.End, dir+"/"+p.in.Pack.Executable())
		return nil
	}
	call, err := p.call(pl, d, instance, byRoot, slot.Span)
	if err != nil {
		return err
	}
	return p.replace(pl, d, slot.Literal, slot.Span, call)
}

var plainName = lazyregexp.New(`^[A-Za-z0-9][\w.-]*$`)

// decided is an instance as Python writes it: a person who decides may write an instance's name as it is, which becomes
// a string unless a variable of that name is in scope.
func (d *document) decided(n site.Name, at int) site.Name {
	head, _, _ := strings.Cut(n.Expr, ".")
	if n.How == "decision" && plainName.MatchString(n.Expr) && !d.inScope(head, at) {
		n.Expr = `"` + n.Expr + `"`
	}
	return n
}

// call is the expression that gives the path of the program for an instance, as it can be written at at, and notes that
// the file needs the function.
func (p *project) call(pl *plan, d *document, instance site.Name, byRoot bool, at source.Span) (string, error) {
	expr, err := p.argument(d, instance.Expr, at)
	if err != nil {
		return "", err
	}
	names := p.local(d.File)
	pl.Call(d.File, byRoot)
	if byRoot {
		expr = unwrapped(expr)
	}
	return names.Called(expr, byRoot), nil
}

// Called is the call of the function that gives the path.
func (p *project) Called(instance string, byRoot bool) string {
	return p.names.Called(instance, byRoot)
}

// Settle notes what the files need, and breaks lines that become too long.
func (p *project) Settle(all []*plan) {
	for _, pl := range all {
		for file, n := range pl.Needs {
			p.needs[file] = p.needs[file].And(n)
		}
	}
	p.wrap(all)
}

// Changes are a plan's edits, with the functions that all fixes of its files need.
func (p *project) Changes(pl *plan) ([]edit.Change, error) {
	var out []edit.Change
	shared := false
	for _, file := range pl.Files() {
		edits := pl.Edits[file]
		if _, needed := pl.Needs[file]; needed {
			more, imports := p.provide(file)
			p.close(file, more, edits)
			edits = slices.Concat(more, edits) // whole lines stand before what is inserted into the next one
			shared = shared || imports
		}
		out = append(out, edit.Change{File: edit.File{Path: file}, Edits: edits})
	}
	if c, needed := p.homeChange(); shared && needed {
		out = append(out, c)
	}
	return out, nil
}

// close takes away the blank lines behind a statement that is removed right where a function is put, which brings its own.
func (p *project) close(file string, functions, edits []edit.Edit) {
	d, err := p.docs.Open(file)
	if err != nil {
		return
	}
	for i, e := range edits {
		for _, f := range functions {
			if e.New == "" && f.End <= e.Start && strings.Contains(f.New, "def ") && strings.TrimSpace(string(d.Src[f.End:e.Start])) == "" {
				for edits[i].End < d.PastBlank(edits[i].End) {
					edits[i].End = d.PastBlank(edits[i].End)
				}
			}
		}
	}
}
