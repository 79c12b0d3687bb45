// Package python writes the fixes of Python programs: calls that ran one program for all now run that of their instance.
package python

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Fixes are the fixes of the sites that Python writes, one for each site that it can move to its instance's environment,
// and the refusals of the others, both in the order of the sites. A constant that is used with and without an instance in
// scope gives both: the fix of the uses that have one, and the refusal of the rest. File.Root is left empty in places and
// changes.
//
// The path is made by functions that stand once in the package that holds most of the sites: one takes an instance's
// name, one its directory. A file that cannot import the package gets functions of its own. Fixes of one file repeat
// the edits that they share, so that any of them can be left out.
func Fixes(in render.Input) (fixes []edit.Fix, refused []render.Refusal) {
	p := newProject(in)
	defer p.parser.Close()
	p.settle()
	var plans []*plan
	for _, s := range in.Sites {
		if s.Occurrence == nil || s.Occurrence.Slot == nil || s.Occurrence.Slot.Language != "python" {
			continue
		}
		pl := &plan{site: s, edits: map[string][]edit.Edit{}, needs: map[string]need{}}
		if err := p.plan(pl); err != nil {
			refused = append(refused, p.refusal(s, err))
			continue
		}
		if pl.left != nil {
			refused = append(refused, p.refusal(s, pl.left))
		}
		plans = append(plans, pl)
		for file, n := range pl.needs {
			p.needs[file] = p.needs[file].and(n)
		}
	}
	p.wrap(plans)
	for _, pl := range plans {
		fixes = append(fixes, p.fix(pl))
	}
	return fixes, refused
}

// plan is what one site needs: edits, and functions that have to be at hand, each by file.
type plan struct {
	site  render.Site
	edits map[string][]edit.Edit
	needs map[string]need
	left  error // why a part of the site is not fixed; nil when all of it is
}

// need tells which of the two functions a file calls.
type need struct{ byName, byRoot bool }

func (n need) and(o need) need { return need{n.byName || o.byName, n.byRoot || o.byRoot} }

func (pl *plan) edit(file string, start, end int, text string) {
	pl.edits[file] = append(pl.edits[file], edit.Edit{Start: start, End: end, New: text})
}

// plan fills in pl, or says why the site cannot be fixed.
func (p *project) plan(pl *plan) error {
	d, err := p.document(pl.site.File)
	if err != nil {
		return err
	}
	if pl.site.Occurrence.Kind == site.DispatchByName {
		return p.dispatched(pl, d)
	}
	slot := pl.site.Occurrence.Slot
	if slot.Safe != "" {
		return refuse("%s", slot.Safe)
	}
	if !slot.Literal.Covers(slot.Span) || slot.Literal.End > len(d.src) || slot.Literal.Len() == 0 {
		return refuse("the command does not stand in a string here")
	}
	switch {
	case pl.site.Instance.Expr != "" && slot.Place == "job":
		return p.inJob(pl, d, d.decided(pl.site.Instance, slot.Span.Start), pl.site.ByRoot, slot.Literal, slot.Span)
	case pl.site.Instance.Expr != "":
		call, err := p.call(pl, d, d.decided(pl.site.Instance, slot.Span.Start), pl.site.ByRoot, slot.Span)
		if err != nil {
			return err
		}
		return p.replace(pl, d, slot.Literal, slot.Span, call)
	case p.isConstant(d, slot):
		return p.constant(pl, d)
	case !functionAround(d, slot.Literal.Start).OK() && pl.site.Occurrence.InstanceFrom != "":
		return refuse("it is spelled where no instance is in scope and run where one is: put the path in its place where it is run")
	case !functionAround(d, slot.Literal.Start).OK():
		return refuse("")
	}
	return p.fromCaller(pl, d)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*$`)

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
	names := p.local(d.file)
	if byRoot {
		pl.needs[d.file] = pl.needs[d.file].and(need{byRoot: true})
		return names.byRoot + "(" + unwrapped(expr) + ")", nil
	}
	pl.needs[d.file] = pl.needs[d.file].and(need{byName: true})
	return names.byName + "(" + expr + ")", nil
}

func (p *project) refusal(s render.Site, err error) render.Refusal {
	r := render.Refusal{Site: s, Reason: err.Error()}
	var why *reason
	if asReason(err, &why) {
		r.Kept, r.Suggestion = why.kept, why.suggestion
	}
	switch {
	case r.Kept || r.Suggestion != "" || r.Reason == "":
	case s.Instance.Expr == "":
		r.Suggestion = p.names.byName + "(INSTANCE)"
	case s.ByRoot:
		r.Suggestion = fmt.Sprintf("%s(%s)", p.names.byRoot, s.Instance.Expr)
	default:
		r.Suggestion = fmt.Sprintf("%s(%s)", p.names.byName, s.Instance.Expr)
	}
	return r
}

// fix is the fix of a plan, with the functions that all fixes of its files need.
func (p *project) fix(pl *plan) edit.Fix {
	f := edit.Fix{
		Rule:          pl.site.Occurrence.Rule,
		Message:       "run the " + p.in.Pack.Program.Name + " of the instance's environment",
		Applicability: edit.Safe,
		Site:          p.place(pl.site.File, pl.site.Occurrence.Start),
	}
	files := make([]string, 0, len(pl.edits))
	for file := range pl.edits {
		files = append(files, file)
	}
	sort.Strings(files)
	shared := false
	for _, file := range files {
		edits := pl.edits[file]
		if _, needed := pl.needs[file]; needed {
			more, imports := p.provide(file)
			p.close(file, more, edits)
			edits = slices.Concat(more, edits) // whole lines stand before what is inserted into the next one
			shared = shared || imports
		}
		f.Changes = append(f.Changes, edit.Change{File: edit.File{Path: file}, Edits: edits})
	}
	if c, needed := p.homeChange(); shared && needed {
		f.Changes = append(f.Changes, c)
	}
	return f
}

// close takes away the blank lines behind a statement that is removed right where a function is put, which brings its own.
func (p *project) close(file string, functions, edits []edit.Edit) {
	d, err := p.document(file)
	if err != nil {
		return
	}
	for i, e := range edits {
		for _, f := range functions {
			if e.New == "" && f.End <= e.Start && strings.Contains(f.New, "def ") && strings.TrimSpace(string(d.src[f.End:e.Start])) == "" {
				for edits[i].End < d.pastBlank(edits[i].End) {
					edits[i].End = d.pastBlank(edits[i].End)
				}
			}
		}
	}
}

func (p *project) place(file string, offset int) edit.Place {
	pl := edit.Place{File: edit.File{Path: file}, Offset: offset}
	if d, err := p.document(file); err == nil && offset <= len(d.src) {
		before := d.src[:offset]
		pl.Line = bytes.Count(before, []byte("\n")) + 1
		pl.Column = offset - (bytes.LastIndexByte(before, '\n') + 1) + 1
	}
	return pl
}
