package plan

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// collect asks every step for its fixes.
func (p *planner) collect() {
	for _, f := range p.plan.Report.Files {
		p.files.seen(edit.File{Root: f.Root.Key, Path: f.Path}, f.Src)
	}
	p.invocations()
	if p.wants(step.Invocations) {
		p.plan.Notes = append(p.plan.Notes, elsewhere(p.plan.Report.Files)...)
	}
	in := p.input()
	outs := map[step.Name]step.Output{}
	for _, first := range []bool{true, false} { // what a step refuses is for review to those that follow
		for _, part := range parts() {
			if part.refuses == first && (first || p.wants(part.name)) {
				outs[part.name] = part.plan(in)
				p.refused(outs[part.name].Refused)
			}
		}
	}
	for _, part := range parts() {
		if p.wants(part.name) {
			p.fixes = append(p.fixes, outs[part.name].Fixes...)
			p.plan.Notes = append(p.plan.Notes, outs[part.name].Notes...)
		}
	}
}

// refused makes sites that a step has refused ones for review, whether or not the step is planned.
func (p *planner) refused(refused []step.Refusal) {
	why := map[edit.Place]string{}
	for _, r := range refused {
		why[edit.Place{File: r.File, Offset: r.Offset}] = r.Reason
	}
	for f, occ := range p.plan.Report.Sites() {
		if reason := why[edit.Place{File: edit.File{Root: f.Root.Key, Path: f.Path}, Offset: occ.Start}]; reason != "" && occ.Action == site.Rewrite {
			occ.Action, occ.Reason = site.Review, reason
		}
	}
	p.fixes = slices.DeleteFunc(p.fixes, func(fix *edit.Fix) bool {
		return why[edit.Place{File: fix.Site.File, Offset: fix.Site.Offset}] != ""
	})
}

// input is the workspace as the steps read it.
func (p *planner) input() step.Input {
	in := step.Input{Pack: p.ws.Pack, Options: p.o.Steps}
	for _, r := range p.ws.Roots {
		root := &step.Root{Key: r.Key, Dir: r.Dir, Role: r.Role, Files: r.Tree.Files, Links: map[string]string{},
			Occurrences: map[string][]site.Occurrence{}, Config: r.Config}
		root.Read = func(file string) ([]byte, error) {
			src, _, err := p.files.read(edit.File{Root: r.Key, Path: file})
			return src, err
		}
		for _, l := range r.Tree.Links {
			root.Links[l.Path] = l.Target
		}
		for _, f := range p.plan.Report.Files {
			if f.Root == r {
				root.Occurrences[f.Path] = f.Occurrences
			}
		}
		in.Roots = append(in.Roots, root)
	}
	return in
}

// invocations writes the fix of every site that has its instance. A site that cannot be written is for review, whether or
// not the step is planned: the report says so.
func (p *planner) invocations() {
	for _, root := range p.ws.Roots {
		used, comments := map[int]bool{}, map[comment]bool{}
		for _, sp := range renderers() {
			in := p.sites(root, sp)
			if len(in.Sites) == 0 {
				continue
			}
			in.Decided = p.ignored(root, comments, decided(root, p.place(root), used))
			fixes, refused := sp.fixes(in)
			answer(in.Sites, refused)
			if p.wants(step.Invocations) {
				p.fixes = append(p.fixes, keyed(fixes, root)...)
			}
		}
		p.settled(root, used)
		p.heeded(root, comments)
	}
}

// answer says in the report what became of the sites that were to be written. One that was for review only for want of an
// instance for each of its uses is rewritten when nothing of it was refused.
func answer(sites []render.Site, refused []render.Refusal) {
	left := map[*site.Occurrence]bool{}
	for _, r := range refused {
		left[r.Site.Occurrence] = true
		refuse(r)
	}
	for _, s := range sites {
		if occ := s.Occurrence; occ.Action == site.Review && !left[occ] {
			occ.Action, occ.InstanceFrom, occ.Suggestion = site.Rewrite, scan.FromUses, ""
			occ.Reason = "each of its uses has an instance, or is decided"
			if occ.Kind == site.DispatchByName {
				occ.InstanceFrom, occ.Reason = scan.FromRoot, "the branch for the program sets its root directory"
			}
		}
	}
}

// refuse makes a site that could not be written one for review, or one that stays by decision.
func refuse(r render.Refusal) {
	occ := r.Site.Occurrence
	occ.Action = site.Review
	if r.Kept {
		occ.Action, occ.Suggestion = site.Keep, ""
	}
	if r.Reason != "" {
		occ.Reason = r.Reason
	}
	if r.Suggestion != "" {
		occ.Suggestion = r.Suggestion
	}
}

// decided finds the first decision of a root about a place, and notes its index.
func decided(root *scan.Root, place func(file string, off int) (line int, text string), used map[int]bool) func(string, int) (rules.Decision, bool) {
	return func(file string, off int) (rules.Decision, bool) {
		line, text := place(file, off)
		for i, d := range root.Config.Decisions {
			if d.Matches(file, line, func(part string) bool { return strings.Contains(text, part) }) {
				used[i] = true
				return d, true
			}
		}
		return rules.Decision{}, false
	}
}

// comment is an ignore comment of a file.
type comment struct {
	file string
	at   source.Span
}

// ignored finds the ignore comment about a place before any other decision, and notes it.
func (p *planner) ignored(root *scan.Root, noted map[comment]bool, or func(string, int) (rules.Decision, bool)) func(string, int) (rules.Decision, bool) {
	return func(file string, off int) (rules.Decision, bool) {
		src, _, err := p.files.read(edit.File{Root: root.Key, Path: file})
		if err != nil {
			return or(file, off)
		}
		reason, at, ok := scan.Ignored(src, off)
		if !ok {
			return or(file, off)
		}
		noted[comment{file, at}] = true
		return rules.Decision{Path: file, Keep: reason}, true
	}
}

// obeyed takes the ignore comments that kept a use out of those that the scan had no site for.
func (p *planner) heeded(root *scan.Root, noted map[comment]bool) {
	for _, f := range p.plan.Report.Files {
		if f.Root == root {
			f.Stale = slices.DeleteFunc(f.Stale, func(s scan.Stale) bool { return noted[comment{f.Path, s.Span}] })
		}
	}
}

// place gives the 1-based line of an offset in a file of a root, and that line's text.
func (p *planner) place(root *scan.Root) func(file string, off int) (int, string) {
	return func(file string, off int) (int, string) {
		src, _, err := p.files.read(edit.File{Root: root.Key, Path: file})
		if err != nil || off > len(src) {
			return 0, ""
		}
		start := bytes.LastIndexByte(src[:off], '\n') + 1
		text, _, _ := bytes.Cut(src[start:], []byte("\n"))
		return 1 + bytes.Count(src[:start], []byte("\n")), string(text)
	}
}

// settled takes the decisions that settled a use out of those that the scan had no site for.
func (p *planner) settled(root *scan.Root, used map[int]bool) {
	report := p.plan.Report
	report.Unused = slices.DeleteFunc(report.Unused, func(u scan.Unused) bool {
		for i := range used {
			if u.Root == root && u.Decision == root.Config.Decisions[i] {
				return true
			}
		}
		return false
	})
}

// sites are the sites of a root that one language writes.
func (p *planner) sites(root *scan.Root, sp renderer) render.Input {
	in := render.Input{Pack: p.ws.Pack, Files: root.Tree.Files, Read: func(file string) ([]byte, error) {
		src, _, err := p.files.read(edit.File{Root: root.Key, Path: file})
		return src, err
	}}
	for _, f := range p.plan.Report.Files {
		if f.Root != root {
			continue
		}
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if occ.Slot == nil || occ.Slot.Language != sp.language || occ.Action != site.Rewrite && !(sp.shared && shared(occ)) && !(sp.dispatch && occ.Kind == site.DispatchByName && occ.Action == site.Review) {
				continue
			}
			one := render.Site{File: f.Path, Occurrence: occ, ByRoot: occ.InstanceFrom == scan.FromRoot || occ.InstanceFrom == scan.FromPlace && occ.Slot.Root != nil}
			if occ.InstanceFrom != scan.FromUses && occ.InstanceFrom != scan.FromCaller {
				one.Instance = site.Name{Expr: occ.Instance, How: occ.InstanceFrom}
			}
			in.Sites = append(in.Sites, one)
		}
	}
	return in
}

// shared reports whether a site for review is a value outside of functions that is run elsewhere, and that the scan knows
// no instance for at some use: each use can still be rewritten or decided by itself. What a reader has a reason of its own
// against comes without a suggestion.
func shared(occ *site.Occurrence) bool {
	return occ.Action == site.Review && occ.Suggestion != "" && len(occ.Uses) > 0 && occ.Slot.Root == nil && occ.Slot.Foreign == "" && occ.Slot.OwnerAt.Len() == 0
}

// keyed gives the files of fixes the key of their root.
func keyed(fixes []edit.Fix, root *scan.Root) []*edit.Fix {
	out := make([]*edit.Fix, len(fixes))
	for i := range fixes {
		f := &fixes[i]
		f.Site.File.Root = root.Key
		out[i] = f
		for j := range f.Changes {
			f.Changes[j].File.Root = root.Key
		}
	}
	return out
}
