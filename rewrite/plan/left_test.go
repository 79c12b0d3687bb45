package plan_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// TestDecisionsOfNotes holds that what is printed to settle a site is a decision about its line, and about no other one, before
// the plan is written and after it.
func TestDecisionsOfNotes(t *testing.T) {
	decided, moved := 0, 0
	for _, name := range []string{"functions", "mixed", "objects"} {
		ws := workspaceOf(t, name)
		p := planned(t, ws)
		for i, after := range p.NotesAfter() {
			before := p.Notes[i]
			if before.Decision == "" || strings.Contains(before.Decision, ", note: ") {
				continue
			}
			decided++
			was, is := linesOf(t, p, before)
			if before.Line != after.Line {
				moved++
			}
			if !bytes.Equal(was[before.Line-1], is[after.Line-1]) {
				t.Errorf("%s: %s:%d is line %d later:\n%s\n%s", name, before.File, before.Line, after.Line, was[before.Line-1], is[after.Line-1])
			}
			about(t, before, was)
			about(t, after, is)
		}
	}
	if decided < 50 || moved < 3 {
		t.Errorf("%d decisions, %d of them in lines that move", decided, moved)
	}
}

// TestNothingIsLeft holds that every thing to do is settled by the item of grove-migrate.yaml that is given with it, filled in.
func TestNothingIsLeft(t *testing.T) {
	for _, name := range []string{"functions", "operations", "typed"} {
		ws := workspaceOf(t, name)
		items := map[string]string{}
		for _, n := range planned(t, ws).Notes {
			if n.Kind == step.Decide || n.Kind == step.Raise {
				items[n.File.Root] += "\n  - " + filled(n.Decision)
			}
		}
		for _, root := range ws.Roots {
			config, err := rules.ParseConfig(rules.ConfigName, []byte("decisions:"+items[root.Key]))
			if err != nil {
				t.Fatal(err)
			}
			root.Config = config
		}
		kept := 0
		for _, n := range planned(t, ws).Notes {
			if n.Kind == step.Decide || n.Kind == step.Raise {
				t.Errorf("%s: %s:%d: %s", name, n.File, n.Line, n.Text)
			}
			if n.Kind == step.Kept && strings.HasSuffix(n.Text, "(settled by decision: because)") {
				kept++
			}
		}
		if kept < 5 {
			t.Errorf("%s: %d are kept", name, kept)
		}
	}
}

// filled is an item with what a person writes in it.
func filled(item string) string {
	return strings.NewReplacer("keep: WHY", "keep: because", "instance: NAME", "keep: because").Replace(item)
}

// workspaceOf is a fixture workspace.
func workspaceOf(t *testing.T, name string) scan.Workspace {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	var roots []string
	for _, root := range []string{"grove", "grove-template", "my-cluster"} {
		roots = append(roots, filepath.Join("../../fixtures/workspaces", name, "workspace", root))
	}
	ws, err := scan.Open(context.Background(), pack, roots, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

// planned is the plan of a workspace.
func planned(t *testing.T, ws scan.Workspace) *plan.Plan {
	t.Helper()
	found, err := scan.Scan(context.Background(), ws)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Make(context.Background(), found, ws, plan.Options{Bar: edit.Safe})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// linesOf are the lines of a note's file before the plan is written and after it.
func linesOf(t *testing.T, p *plan.Plan, n step.Note) (was, is [][]byte) {
	t.Helper()
	for _, f := range p.Files {
		if f.Root.Key == n.File.Root && f.Path == n.File.Path {
			return bytes.Split(f.Before, []byte("\n")), bytes.Split(f.After, []byte("\n"))
		}
	}
	for _, root := range p.Report.Roots {
		if root.Key == n.File.Root {
			src, err := root.Tree.Read(n.File.Path)
			if err != nil {
				t.Fatal(err)
			}
			was = bytes.Split(src, []byte("\n"))
		}
	}
	return was, was
}

// about holds a note's decision to its line.
func about(t *testing.T, n step.Note, lines [][]byte) {
	t.Helper()
	c, err := rules.ParseConfig("grove-migrate.yaml", []byte("decisions: ["+filled(n.Decision)+"]"))
	if err != nil {
		t.Errorf("%s: %s: %v", n.File, n.Decision, err)
		return
	}
	for i, line := range lines {
		holds := func(part string) bool { return strings.Contains(string(line), part) }
		if got := c.Decisions[0].Matches(n.File.Path, i+1, holds); got != (i+1 == n.Line) {
			t.Errorf("%s:%d: %s is about line %d: %v", n.File, n.Line, n.Decision, i+1, got)
		}
	}
}
