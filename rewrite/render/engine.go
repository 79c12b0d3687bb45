package render

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Draft is the fix of one site while it is written.
type Draft struct {
	Site  Site
	Edits map[string][]edit.Edit // by file
	Needs map[string]Need        // by file: the functions that it calls
	Left  error                  // why a part of the site is not fixed; nil when all of it is
}

// Need tells which of the two functions that give the path are called: for an instance's name, or for its directory.
type Need struct{ ByName, ByRoot bool }

// And is what two needs come to.
func (n Need) And(o Need) Need { return Need{n.ByName || o.ByName, n.ByRoot || o.ByRoot} }

// Edit adds an edit of a file.
func (d *Draft) Edit(file string, start, end int, text string) {
	d.Edits[file] = append(d.Edits[file], edit.Edit{Start: start, End: end, New: text})
}

// Call notes that a file calls one of the functions.
func (d *Draft) Call(file string, byRoot bool) {
	d.Needs[file] = d.Needs[file].And(Need{!byRoot, byRoot})
}

// Renderer writes in one language. What it errs on is refused with the error's text, which may be empty when the scan has
// said all.
type Renderer interface {
	// Put puts the path for an instance, or for its directory, in the place of the site's word.
	Put(d *Draft, instance site.Name, byRoot bool) error
	// Take puts the path in the place of an expression that reads the name which the site's value is given.
	Take(d *Draft, t site.Take) error
	// Moved is asked after so many of the places were taken: it takes the value away where nothing reads it any more.
	Moved(d *Draft, n int) error
	// HandDown gives the function that holds the site a parameter for the instance, and its one call the argument.
	HandDown(d *Draft, caller site.Take) (parameter string, err error)
	// Dispatch has a script that runs the name which it was called by run the instance's program.
	Dispatch(d *Draft) error
	// Called is the expression that gives the path for an instance, or for its directory, as a suggestion shows it.
	Called(instance string, byRoot bool) string
	// Settle is asked when all sites are drafted, and Changes for each of them: its edits with what they need.
	Settle(all []*Draft)
	Changes(d *Draft) ([]edit.Change, error)
}

// Fixes writes the fix of every site that a language can move to its instance's environment, and gives the refusals of the
// others, both in the order of the sites. A value that is read with and without an instance gives both: the fix of the
// places that have one, and the refusal of the rest. File.Root is left empty in places and changes.
func Fixes(in Input, r Renderer) (fixes []edit.Fix, refused []Refusal) {
	var drafts []*Draft
	for _, s := range in.Sites {
		d := &Draft{Site: s, Edits: map[string][]edit.Edit{}, Needs: map[string]Need{}}
		err := write(d, r)
		if err == nil {
			drafts = append(drafts, d)
			err = d.Left
		}
		if err != nil {
			refused = append(refused, refusal(s, r, err))
		}
	}
	r.Settle(drafts)
	for _, d := range drafts {
		changes, err := r.Changes(d)
		if err != nil {
			refused = append(refused, refusal(d.Site, r, err))
			continue
		}
		f := edit.Fix{
			Rule: d.Site.Occurrence.Rule, Message: "run the instance's " + in.Pack.Program.Name, Applicability: edit.Safe,
			Site: in.Place(d.Site.File, d.Site.Occurrence.Start), Changes: changes,
		}
		if d.Site.Occurrence.Slot.UnsafeReason != "" && d.Site.Occurrence.Kind != site.DispatchByName {
			f.Applicability = edit.Unsafe
		}
		fixes = append(fixes, f)
	}
	return fixes, refused
}

// write drafts the fix of one site: where its word stands, where its value is read, or in the function that holds it once
// its caller says which instance is meant.
func write(d *Draft, r Renderer) error {
	occ, s := d.Site.Occurrence, d.Site
	switch {
	case occ.Kind == site.DispatchByName:
		return r.Dispatch(d)
	case s.Instance.Expr != "":
		return r.Put(d, s.Instance, s.ByRoot)
	case occ.Slot.UnsafeReason != "":
		return errors.New(occ.Slot.UnsafeReason)
	case len(occ.Takes) > 0 && occ.Slot.Place == JobPlace:
		return errors.New("what is read becomes a job's script, where the path is another and nothing builds the environment")
	case len(occ.Takes) > 0:
		return takeAll(d, r)
	case occ.Caller != nil:
		name, err := r.HandDown(d, *occ.Caller)
		if err != nil {
			return err
		}
		return r.Put(d, site.Name{Expr: name}, false)
	case occ.InstanceFrom != "":
		return errors.New("it is written where no instance is in scope and run where one is: put the path in its place where it is run")
	}
	return errors.New("")
}

// takeAll puts the path at each place that reads the site's value and has an instance.
func takeAll(d *Draft, r Renderer) error {
	n := 0
	for _, t := range d.Site.Occurrence.Takes {
		if t.Action != site.Rewrite {
			continue
		}
		t.File = cmp.Or(t.File, d.Site.File)
		if err := r.Take(d, t); err == nil {
			n++
		} else if d.Left == nil {
			d.Left = err
		}
	}
	if n == 0 {
		return cmp.Or(d.Left, errors.New("it is set where no instance is in scope, and no place that reads it can be changed"))
	}
	return r.Moved(d, n)
}

func refusal(s Site, r Renderer, err error) Refusal {
	out := Refusal{Site: s, Reason: err.Error()}
	var own *Reason
	switch {
	case errors.As(err, &own):
		out.Suggestion = own.Suggestion
	case out.Reason != "":
		out.Suggestion = r.Called(cmp.Or(s.Instance.Expr, "INSTANCE"), s.ByRoot)
	}
	return out
}

// Reason says why a site is not fixed, and what could be written instead.
type Reason struct{ Text, Suggestion string }

func (r *Reason) Error() string { return r.Text }

// Files are the files that a draft changes, in order.
func (d *Draft) Files() []string { return slices.Sorted(maps.Keys(d.Edits)) }

// Place is an offset, in bytes, of a file.
func (in Input) Place(file string, offset int) edit.Place {
	at := edit.Place{File: edit.File{Path: file}, Offset: offset}
	if src, err := in.Read(file); err == nil && offset <= len(src) {
		before := src[:offset]
		at.Line, at.Column = 1+bytes.Count(before, []byte("\n")), offset-bytes.LastIndexByte(before, '\n')
	}
	return at
}
