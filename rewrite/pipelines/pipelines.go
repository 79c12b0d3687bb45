// Package pipelines has GitLab pipelines build the environment of an instance before the jobs that run in it.
package pipelines

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// planner is what the step knows of a workspace.
type planner struct {
	in       step.Input
	out      step.Output
	extended []*yaml.Node // lists of jobs that have got the name of one that builds an environment
}

// Plan adds a job that builds the environment of each instance to templates of pipelines and to plain pipelines, and lists
// the jobs of which no instance is known.
func Plan(in step.Input) step.Output {
	p := &planner{in: in}
	for _, root := range in.Roots {
		p.templates(root)
		p.plain(root)
	}
	return p.out
}

func (p *planner) note(kind step.NoteKind, f *file, line int, text string) {
	p.out.Notes = append(p.out.Notes, step.Note{Step: step.Pipelines, Kind: kind, File: f.key(), Line: line, Text: text})
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
	p.out.Fixes = append(p.out.Fixes, &edit.Fix{Rule: p.in.Pack.Program.Name + "/pipelines", Message: message, Applicability: edit.Safe,
		Site: edit.Place{File: at.key(), Offset: offset, Line: at.line(offset), Column: 1}, Changes: changes})
	return true
}

// requirements is what the workspace calls an instance's requirements.
func (p *planner) requirements() string {
	for _, root := range p.in.Roots {
		if root.Role == "template" {
			return requirement.Name(root.Config)
		}
	}
	return requirement.DefaultName
}

// environmentDir is the directory of an instance's environment as a job writes it.
func (p *planner) environmentDir(instance string) string {
	return path.Join(p.in.Pack.Instance.Dir, instance, p.in.Pack.Instance.Env)
}

// block is what one added job holds.
type block struct {
	name     string   // as a YAML key
	lines    []string // of the job, one level in, without what follows
	command  string   // that builds the environment
	artifact string   // path
}

// text writes the job with the file's indentation and line ends.
func (b block) text(f *file) string {
	in := strings.Repeat(" ", f.indent())
	lines := []string{b.name + ":"}
	for _, l := range b.lines {
		lines = append(lines, in+l)
	}
	lines = append(lines, in+"script:", in+in+"- "+b.command, in+"artifacts:", in+in+"paths:", in+in+in+"- "+b.artifact, in+in+"expire_in: 1 day", "", "")
	return strings.Join(lines, f.newline())
}

// sites reports whether the bytes [start, end) of a file run the program.
func (f *file) sites(start, end int) bool {
	return slices.ContainsFunc(f.root.Occurrences[f.path], f.between(start, end))
}

// within are the sites in a node.
func (f *file) within(n *yaml.Node) []site.Occurrence {
	is := f.between(n.Span.Start, n.Span.End)
	return slices.DeleteFunc(slices.Clone(f.root.Occurrences[f.path]), func(o site.Occurrence) bool { return !is(o) })
}

// built reports whether something in the file builds environments already.
func (f *file) built() bool { return bytes.Contains(f.src, []byte("venv update")) }

func (p *planner) left(f *file, j *job) {
	p.note(step.Kept, f, f.line(j.key.Span.Start), fmt.Sprintf("the job %q runs %s, and no instance is known for it: it was left alone", j.name, p.in.Pack.Program.Name))
}
