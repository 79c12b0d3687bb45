package plan

import (
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/spell"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// collect asks every step for its fixes.
func (p *planner) collect() {
	for _, f := range p.plan.Report.Files {
		p.files.seen(edit.File{Root: f.Root.Key, Path: f.Path}, f.Src)
	}
	p.invocations()
	in := p.input()
	for _, part := range parts() {
		if !p.wants(part.name) {
			continue
		}
		out := part.plan(in)
		p.fixes = append(p.fixes, out.Fixes...)
		p.plan.Notes = append(p.plan.Notes, out.Notes...)
	}
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

// invocations spells the fix of every site that has its instance. A site that cannot be spelled is for review, whether or
// not the step is planned: the report says so.
func (p *planner) invocations() {
	for _, root := range p.ws.Roots {
		for _, sp := range spellers() {
			in := p.sites(root, sp.language)
			if len(in.Sites) == 0 {
				continue
			}
			fixes, refused := sp.fixes(in)
			for _, r := range refused {
				occ := r.Site.Occurrence
				occ.Action, occ.Reason, occ.Suggestion = site.Review, r.Reason, r.Suggestion
			}
			if p.wants(step.Invocations) {
				p.fixes = append(p.fixes, keyed(fixes, root)...)
			}
		}
	}
}

// sites are the sites of a root that one language spells.
func (p *planner) sites(root *scan.Root, language string) spell.Input {
	in := spell.Input{Pack: p.ws.Pack, Files: root.Tree.Files, Read: func(file string) ([]byte, error) {
		src, _, err := p.files.read(edit.File{Root: root.Key, Path: file})
		return src, err
	}}
	for _, f := range p.plan.Report.Files {
		if f.Root != root {
			continue
		}
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if occ.Action == site.Rewrite && occ.Slot != nil && occ.Slot.Language == language {
				one := spell.Site{File: f.Path, Occurrence: occ, ByRoot: occ.InstanceFrom == scan.FromRoot}
				if occ.InstanceFrom != scan.FromUses && occ.InstanceFrom != scan.FromCaller {
					one.Instance = site.Name{Expr: occ.Instance, How: occ.InstanceFrom}
				}
				in.Sites = append(in.Sites, one)
			}
		}
	}
	return in
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
