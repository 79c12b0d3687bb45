package plan

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Withdrawn are the fixes that were taken out because the plan with them is not what the rules promise. Each is a mistake
// of a rule.
func (p *Plan) Withdrawn() []edit.Dropped {
	var out []edit.Dropped
	for _, d := range p.Dropped {
		if d.Reason == edit.Unproved || d.Reason == edit.Parse {
			out = append(out, d)
		}
	}
	return out
}

// patience is how many times the planned state is scanned before the search for the fix at fault goes one circle wider.
const patience = 6

// withdraw takes out the fixes that the faults come from. At least one goes, so that planning ends.
func (p *planner) withdraw(faults []fault, round int) {
	gone := map[*edit.Fix]bool{}
	var dropped []edit.Dropped
	for _, f := range faults {
		line, col := f.file.Lines.Position(f.occ.Start)
		at := edit.Place{File: edit.File{Root: f.file.Root.Key, Path: f.file.Path}, Offset: f.occ.Start, Line: line, Column: col}
		for _, fix := range p.guilty(f, round/patience) {
			if !gone[fix] {
				gone[fix] = true
				dropped = append(dropped, edit.Dropped{
					Fix: fix, Reason: edit.Unproved,
					Detail: fmt.Sprintf("with it %v would be %s, %s: %s", at, f.occ.Class, f.occ.Action, f.occ.Reason),
				})
			}
		}
	}
	p.drop(dropped)
}

// guilty are the fixes that a fault comes from: those that write its text, or else its line, or the places that it is
// followed through, or anything in its file, or anything at all. The first circles are left out.
func (p *planner) guilty(f fault, circle int) []*edit.Fix {
	key := edit.File{Root: f.file.Root.Key, Path: f.file.Path}
	whole := source.Span{End: len(f.file.Src)}
	circles := []func() []*edit.Fix{
		func() []*edit.Fix { return p.writing(key, f.occ.Span) },
		func() []*edit.Fix { return p.writing(key, lineOf(f.file.Src, f.occ.Span)) },
		func() (out []*edit.Fix) {
			for _, s := range slices.Concat(f.occ.Trace, f.occ.Uses) {
				out = append(out, p.writing(edit.File{Root: key.Root, Path: cmp.Or(s.File, key.Path)}, s.Span)...)
			}
			return out
		},
		func() []*edit.Fix { return p.writing(key, whole) },
	}
	for _, in := range circles[min(circle, len(circles)):] {
		if found := in(); len(found) > 0 {
			return found
		}
	}
	return p.plan.Fixes
}

func lineOf(src []byte, s source.Span) source.Span {
	end := len(src)
	if i := bytes.IndexByte(src[s.End:], '\n'); i >= 0 {
		end = s.End + i
	}
	return source.Span{Start: bytes.LastIndexByte(src[:s.Start], '\n') + 1, End: end}
}

// writing are the fixes that write at a place of the planned state of a file.
func (p *planner) writing(key edit.File, at source.Span) []*edit.Fix {
	i := slices.IndexFunc(p.plan.Files, func(f File) bool { return f.Root.Key == key.Root && f.Path == key.Path })
	if i < 0 {
		return nil
	}
	var there []edit.Edit
	shift := 0
	for _, e := range p.plan.Files[i].Edits {
		if start := e.Start + shift; start <= at.End && at.Start <= start+len(e.New) {
			there = append(there, e)
		}
		shift += len(e.New) - (e.End - e.Start)
	}
	return slices.DeleteFunc(slices.Clone(p.plan.Fixes), func(fix *edit.Fix) bool {
		return !slices.ContainsFunc(fix.Changes, func(c edit.Change) bool {
			return c.File == key && (c.Create != nil || slices.ContainsFunc(c.Edits, func(e edit.Edit) bool {
				return slices.ContainsFunc(there, func(o edit.Edit) bool { return o.Start == e.Start && o.End == e.End && o.New == e.New })
			}))
		})
	})
}

// answered says in the report what became of the sites whose fix was taken out: they are for a person.
func (p *planner) answered() {
	why := map[edit.Place]string{}
	for _, d := range p.plan.Dropped {
		if d.Reason != edit.Declined {
			why[edit.Place{File: d.Fix.Site.File, Offset: d.Fix.Site.Offset}] = "its fix is " + d.Why()
		}
	}
	for f, occ := range p.plan.Report.Sites() {
		if reason := why[edit.Place{File: edit.File{Root: f.Root.Key, Path: f.Path}, Offset: occ.Start}]; reason != "" {
			occ.Action, occ.Reason = site.Review, reason
		}
	}
}
