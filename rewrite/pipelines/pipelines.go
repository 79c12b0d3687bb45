// Package pipelines has pipelines build the environment of an instance before the jobs that run in it.
//
// However the jobs come about, a pipeline is jobs, in which order they run and what each of them gets from others (pipeline). A
// job that needs an environment (need) names its instance in one of a few ways (target); the environment is built by a job
// that is added (share.go), or by the job itself (inside.go).
package pipelines

import (
	"path"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// planner is what the step knows of a workspace.
type planner struct {
	in        step.Input
	out       step.Output
	opened    map[string]*file // by root and path; nil for one that is no pipeline's
	instances map[string]bool  // the names of all
	made      []string         // those that the job makes which is being looked at
	extended  []*yaml.Node     // lists of jobs that have got the name of one that builds an environment
}

// Plan has every job that runs in the environment of an instance get it from another job, or build it. The calls of those that
// cannot are refused.
func Plan(in step.Input) step.Output {
	p := &planner{in: in, opened: map[string]*file{}, instances: map[string]bool{}}
	for _, root := range in.Roots {
		for _, name := range root.Files {
			if dir := path.Dir(name); path.Dir(dir) == in.Pack.Instance.Dir {
				p.instances[path.Base(dir)] = true
			}
		}
	}
	for _, l := range p.pipelines() {
		l.plan()
	}
	p.workflows()
	p.fresh()
	return p.out
}

func (p *planner) note(kind step.NoteKind, f *file, line int, text string) {
	p.out.Note(step.Pipelines, kind, f.key(), line, text)
}

// refuse keeps the calls of a job as they are, and tells a person why. One that runs nothing but commands of the workspace is
// only told of.
func (p *planner) refuse(n *need, why string) {
	why = "the job " + n.name + " gets no environment: " + why
	sites := 0
	for _, r := range n.runs {
		for _, o := range r.sites {
			sites++
			p.out.Refused = append(p.out.Refused, step.Refusal{File: r.file.key(), Offset: o.Start, Reason: why})
		}
	}
	if sites == 0 {
		p.note(step.Decide, n.file, n.file.line(n.key.Span.Start), why)
	}
}

// fix adds one fix over the files that have edits, and reports whether there are any.
func (p *planner) fix(at *file, offset int, message string, files ...*file) bool {
	var changes []edit.Change
	for _, f := range files {
		if len(f.edits) > 0 {
			changes = append(changes, edit.Change{File: f.key(), Edits: f.edits})
		}
		f.edits = nil
	}
	if len(changes) == 0 {
		return false
	}
	p.out.Fix(p.in.Pack.Program.Name+"/pipelines", message, edit.Place{File: at.key(), Offset: offset, Line: at.line(offset)}, changes...)
	return true
}

// environmentDir is the directory of an instance's environment as a job writes it.
func (p *planner) environmentDir(instance string) string {
	return path.Join(p.in.Pack.Instance.Dir, instance, p.in.Pack.Instance.Env)
}

// variable is the variable by which jobs name their instance.
func (p *planner) variable() string { return p.in.Pack.Instance.Environment[0] }
