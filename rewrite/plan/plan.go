// Package plan computes everything that one apply would write, before anything is written.
package plan

import (
	"context"
	"fmt"
	"io/fs"
	"path"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/diff"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// Options say what is planned.
type Options struct {
	Only  map[step.Name]bool   // the steps to plan; nil for all
	Bar   edit.Applicability   // the least applicability of a fix that is applied
	Steps step.Options         //
	Keep  func(*edit.Fix) bool // asked for each fix, in order; nil keeps all
	Extra []*edit.Fix          // fixes that are applied besides, without being asked for
}

// Plan is everything that one apply would write.
type Plan struct {
	Report  *scan.Report // what was scanned; sites that no fix could be made for are for review by now
	Fixes   []*edit.Fix  // that are applied, in order
	Dropped []edit.Dropped
	Files   []File // ordered by root, then path
	Notes   []step.Note
}

// File is one file that the plan changes.
type File struct {
	Root   *scan.Root
	Path   string
	Before []byte      // nil for a file that is created
	After  []byte      // nil for a file that is deleted
	Edits  []edit.Edit // that make After from Before, as edit.Normal gives them
	Mode   fs.FileMode // permission bits before; 0 for a file that is created
	Perm   fs.FileMode // permission bits after; 0 for a file that is deleted
}

// Make plans the migration of what a scan has found. It writes nothing. When the planned state, scanned again, still has a
// site that was rewritten or has a new one, the fixes that are at fault are withdrawn, until it has none.
func Make(ctx context.Context, report *scan.Report, ws scan.Workspace, o Options) (*Plan, error) {
	p := &planner{ws: ws, o: o, plan: &Plan{Report: report}, files: newContents(ws)}
	p.collect()
	p.choose()
	for round := 0; ; round++ {
		if err := p.settle(); err != nil {
			return nil, err
		}
		faults, err := p.prove(ctx)
		if err != nil {
			return nil, err
		}
		if len(faults) == 0 {
			break
		}
		p.withdraw(faults, round)
	}
	p.answered()
	if p.wants(step.Invocations) {
		p.plan.Notes = append(p.plan.Notes, left(report)...)
	}
	p.plan.Notes = settled(p.plan.Notes, ws.Roots)
	return p.plan, nil
}

type planner struct {
	ws    scan.Workspace
	o     Options
	plan  *Plan
	files *contents
	fixes []*edit.Fix
}

func (p *planner) wants(name step.Name) bool { return p.o.Only == nil || p.o.Only[name] }

// choose takes those of the fixes that are to be applied.
func (p *planner) choose() {
	kept, below := edit.Select(p.fixes, p.o.Bar)
	p.plan.Dropped = append(p.plan.Dropped, below...)
	if p.o.Keep != nil {
		kept = p.asked(kept)
	}
	p.fixes = append(kept, p.o.Extra...)
}

// settle merges and checks the fixes until every file that is left parses as well as before.
func (p *planner) settle() error {
	for {
		merged := edit.Merge(p.fixes, p.files.size)
		files, err := p.change(merged.Changes)
		if err != nil {
			return err
		}
		broken := broken(merged.Kept, files)
		if len(broken) == 0 {
			p.plan.Fixes, p.plan.Files = merged.Kept, files
			p.drop(merged.Dropped)
			return nil
		}
		p.drop(broken)
	}
}

// drop takes fixes out of the plan.
func (p *planner) drop(dropped []edit.Dropped) {
	p.plan.Dropped = append(p.plan.Dropped, dropped...)
	p.fixes = without(p.fixes, dropped)
}

func (p *planner) asked(fixes []*edit.Fix) []*edit.Fix {
	var kept []*edit.Fix
	for _, f := range fixes {
		if p.o.Keep(f) {
			kept = append(kept, f)
			continue
		}
		p.plan.Dropped = append(p.plan.Dropped, edit.Dropped{Fix: f, Reason: edit.Declined, Detail: "declined in the review"})
	}
	return kept
}

func without(fixes []*edit.Fix, dropped []edit.Dropped) []*edit.Fix {
	gone := map[*edit.Fix]bool{}
	for _, d := range dropped {
		gone[d.Fix] = true
	}
	var out []*edit.Fix
	for _, f := range fixes {
		if !gone[f] {
			out = append(out, f)
		}
	}
	return out
}

// change computes the new content of every file that changes.
func (p *planner) change(changes []edit.Change) ([]File, error) {
	var out []File
	for _, c := range changes {
		root := p.files.root(c.File)
		if root == nil {
			return nil, fmt.Errorf("%s: the root is not part of the workspace", c.File)
		}
		f := File{Root: root, Path: c.File.Path}
		if c.Create != nil {
			f.After, f.Perm = []byte(c.Create.Content), c.Create.Perm()
			out = append(out, f)
			continue
		}
		src, mode, err := p.files.read(c.File)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.File, err)
		}
		f.Before, f.Mode, f.Perm, f.Edits = src, mode, mode, c.Edits
		if c.Delete {
			f.Perm = 0
			out = append(out, f)
			continue
		}
		if c.Mode != 0 {
			f.Perm = c.Mode
		}
		if f.After, err = edit.Apply(src, c.Edits); err != nil {
			return nil, fmt.Errorf("%s: %w", c.File, err)
		}
		out = append(out, f)
	}
	return out, nil
}

// Diff is the plan as the files of one diff, below the names of their roots where there are several.
func (p *Plan) Diff() []diff.File {
	var out []diff.File
	for _, f := range p.Files {
		name := f.Path
		if len(p.Report.Roots) > 1 {
			name = path.Join(f.Root.Key, f.Path)
		}
		out = append(out, diff.File{Path: name, Before: f.Before, Edits: f.edits(), OldMode: f.Mode, NewMode: f.Perm})
	}
	return out
}

func (f File) edits() []edit.Edit {
	if f.Mode == 0 {
		return []edit.Edit{{New: string(f.After)}}
	}
	return f.Edits
}

// Ops is the plan as the operations of one transaction.
func (p *Plan) Ops() []transaction.Op {
	var out []transaction.Op
	for _, f := range p.Files {
		op := transaction.Op{Root: f.Root.Dir, Path: f.Path}
		if f.Mode != 0 {
			op.Before = transaction.Take(f.Before, f.Mode)
		}
		if f.Perm != 0 {
			op.After = transaction.State{Exists: true, Content: f.After, Mode: f.Perm}
		}
		out = append(out, op)
	}
	return out
}

// Refuse marks the sites of a report for which no fix can be written as sites for review, as Make does: each fix is
// rendered, and its files have to parse as well as before.
func Refuse(report *scan.Report, ws scan.Workspace) error {
	o := Options{Bar: edit.Safe, Only: map[step.Name]bool{step.Invocations: true}}
	p := &planner{ws: ws, o: o, plan: &Plan{Report: report}, files: newContents(ws)}
	p.collect()
	p.choose()
	if err := p.settle(); err != nil {
		return err
	}
	p.answered()
	return nil
}
