package plan

import (
	"slices"
	"strings"
	"sync"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/commands"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// collect asks every step for its fixes.
func (p *planner) collect() {
	for _, f := range p.plan.Report.Files {
		if !f.Decoded {
			p.files.seen(edit.File{Root: f.Root.Key, Path: f.Path}, f.Src)
		}
	}
	p.invocations()
	if p.wants(step.Invocations) {
		p.plan.Notes = append(p.plan.Notes, elsewhere(p.plan.Report.Files)...)
		p.plan.Notes = append(p.plan.Notes, expected(p.plan.Report.Files)...)
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
		root := &step.Root{
			Key: r.Key, Dir: r.Dir, Role: r.Role, Files: r.Tree.Files, Links: map[string]string{},
			Occurrences: map[string][]site.Occurrence{}, Config: r.Config,
		}
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
	in.NoCommands = !commands.Serves(in)
	return in
}

// invocations writes the fix of every site that has its instance. A site that cannot be written is for review, whether or
// not the step is planned: the report says so. The languages are written side by side.
func (p *planner) invocations() {
	pack := p.pack()
	all := renderers()
	for _, root := range p.ws.Roots {
		ins, fixes, refused := make([]render.Input, len(all)), make([][]edit.Fix, len(all)), make([][]render.Refusal, len(all))
		var workers sync.WaitGroup
		for i, sp := range all {
			if ins[i] = p.sites(pack, root, sp); len(ins[i].Sites) > 0 {
				workers.Go(func() { fixes[i], refused[i] = sp.fixes(ins[i]) })
			}
		}
		workers.Wait()
		for i := range all {
			answer(ins[i].Sites, refused[i])
			if p.wants(step.Invocations) {
				p.fixes = append(p.fixes, keyed(fixes[i], root)...)
			}
		}
	}
}

// pack is that of the workspace, with the command that builds environments as its pipelines start the command line; without
// one where that will have none.
func (p *planner) pack() *rules.Pack {
	pack := *p.ws.Pack
	if p.input().NoCommands {
		pack.Instance.Build = ""
		return &pack
	}
	for _, r := range p.ws.Roots {
		src, _, err := p.files.read(edit.File{Root: r.Key, Path: ".gitlab-ci.yml"})
		name := step.CommandLine(src)
		if err != nil || name == "" || r.Role == "grove" && strings.Contains(name, "cli.py") {
			continue // the jobs of Grove itself start it in its own directory
		}
		_, rest, _ := strings.Cut(pack.Instance.Build, " ")
		pack.Instance.Build = name + " " + rest
		break
	}
	return &pack
}

// answer says in the report what became of the sites that were to be written. A script that runs the name it was called by
// is rewritten when its branch for the program could be written.
func answer(sites []render.Site, refused []render.Refusal) {
	left := map[*site.Occurrence]bool{}
	for _, r := range refused {
		left[r.Site.Occurrence] = true
		refuse(r)
	}
	for _, s := range sites {
		if occ := s.Occurrence; occ.Kind == site.DispatchByName && occ.Action == site.Review && !left[occ] {
			occ.Action, occ.InstanceFrom, occ.Suggestion = site.Rewrite, scan.FromRoot, ""
			occ.Reason = "the branch for the program sets its root directory"
		}
	}
}

// refuse makes a site that could not be written one for review.
func refuse(r render.Refusal) {
	occ := r.Site.Occurrence
	occ.Action = site.Review
	if r.Reason != "" {
		occ.Reason = r.Reason
	}
	if r.Suggestion != "" {
		occ.Suggestion = r.Suggestion
	}
}

// sites are the sites of a root that one language writes.
func (p *planner) sites(pack *rules.Pack, root *scan.Root, sp renderer) render.Input {
	in := render.Input{Pack: pack, Files: root.Tree.Files, Read: func(file string) ([]byte, error) {
		src, _, err := p.files.read(edit.File{Root: root.Key, Path: file})
		return src, err
	}}
	for _, f := range p.plan.Report.Files {
		if f.Root != root {
			continue
		}
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if occ.Slot == nil || occ.Slot.Language != sp.language || occ.Action != site.Rewrite && !render.TakenSomewhere(occ) && !(sp.dispatch && occ.Kind == site.DispatchByName && occ.Action == site.Review) {
				continue
			}
			in.Sites = append(in.Sites, render.SiteOf(f.Path, occ))
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
