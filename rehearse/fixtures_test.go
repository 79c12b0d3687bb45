package rehearse

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// known reads the rehearsals that show what the migration does not do right yet: the name and what is wrong, with a tab between.
func known(t *testing.T, file string) map[string]string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(src)) {
		name, why, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || out[name] != "" {
			t.Fatalf("%s: %q", file, line)
		}
		out[name] = why
	}
	return out
}

// TestFixtures rehearses what the fixture workspaces list: nothing but right verdicts, and at least 40 of each.
func TestFixtures(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs all rehearsals of the fixture workspaces")
	}
	lists, err := filepath.Glob("../fixtures/workspaces/*/rehearsals.yaml")
	if err != nil || len(lists) < 2 {
		t.Fatalf("lists: %q, %v", lists, err)
	}
	if os.Getenv("GROVE_MIGRATE_LONG") == "" {
		lists = nil // those of the workspaces by other hands build a hundred environments
	}
	for _, list := range append(lists, "../fixtures/rehearsals/rehearsals.yaml") {
		dir := filepath.Dir(list)
		workspace := filepath.Join(dir, "workspace")
		if _, err := os.Stat(workspace); err != nil {
			workspace = "../fixtures/workspace"
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			report, known := fixture(t, list, workspace), known(t, filepath.Join(dir, "rehearsals.known.tsv"))
			if len(report.Commands) < 40 {
				t.Errorf("%d rehearsals; at least 40 are wanted", len(report.Commands))
			}
			for _, name := range []string{"pipeline: create", "pipeline: update", "pipeline: archive"} {
				if !slices.ContainsFunc(report.Commands, func(r Result) bool { return r.Title == name && r.Command.Pipeline != "" }) {
					t.Errorf("%s is not rehearsed", name)
				}
			}
			for i := range report.Commands {
				c := &report.Commands[i]
				why := known[c.Title]
				switch {
				case c.Missing != "":
					t.Logf("not rehearsed, for want of %s: %s", c.Missing, c.Title)
				case c.Differs() && why == "":
					t.Errorf("%s%s%s", summary(&Report{Commands: report.Commands[i : i+1]}), c.Unexpected, c.After.Output)
				case !c.Differs() && why != "":
					t.Errorf("%s is right, and is listed as wrong: %s", c.Title, why)
				}
				delete(known, c.Title)
			}
			for name := range known {
				t.Errorf("there is no rehearsal %q", name)
			}
		})
	}
}

// TestRollout rehearses the states between the first and the last repository that is merged, in the order that apply names: what
// is not migrated yet reaches the program that all share, and nothing else changes. Pipelines run the Grove of the cluster's
// submodule, which the cluster's own migration sets.
func TestRollout(t *testing.T) {
	t.Parallel()
	if os.Getenv("GROVE_MIGRATE_LONG") == "" {
		t.Skip("runs the rehearsals of the fixture workspace once for each state")
	}
	for _, merged := range [][]string{{"grove"}, {"grove", "grove-template"}, {"grove", "my-cluster"}} {
		t.Run(strings.Join(merged, "+"), func(t *testing.T) {
			t.Parallel()
			for _, c := range fixture(t, "../fixtures/rehearsals/rehearsals.yaml", "../fixtures/workspace", merged...).Commands {
				if c.Command.Pipeline != "" && !slices.Contains(merged, "my-cluster") {
					continue
				}
				for i, p := range c.Pairs {
					if p.Verdict == Left {
						c.Pairs[i].Verdict = Expected
					}
				}
				if c.Missing == "" && c.Differs() {
					t.Errorf("%s%s%s", summary(&Report{Commands: []Result{c}}), c.Unexpected, c.After.Output)
				}
			}
		})
	}
}

// fixture migrates roots of a copy of a workspace, or all, and rehearses a list.
func fixture(t *testing.T, list, workspace string, merged ...string) *Report {
	t.Helper()
	src, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	rehearsals, err := rules.ParseRehearsals(list, src)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{dir: filepath.Join(t.TempDir(), "workspace")}
	if out, err := exec.Command("cp", "-a", workspace, w.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.open(t, "grove", "grove-template", "my-cluster")
	found, err := scan.Scan(context.Background(), w.ws)
	if err != nil {
		t.Fatal(err)
	}
	migrated, scanned := w, found
	if len(merged) > 0 {
		migrated = &world{dir: w.dir}
		migrated.open(t, merged...)
		if scanned, err = scan.Scan(context.Background(), migrated.ws); err != nil {
			t.Fatal(err)
		}
	}
	made, err := plan.Make(context.Background(), scanned, migrated.ws, plan.Options{Bar: edit.Safe})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if len(merged) == 0 {
		found = made.Report
	}
	o := Options{Workspace: w.ws, Found: found, Ops: made.Ops(), Lenient: len(merged) > 0, Powers: powers(t), Timeout: 5 * time.Minute, Start: []string{self, standIn}, Environ: os.Environ()}
	if !o.Powers.Mounts {
		t.Skip("this system does not let mount points be unshared, which most of these need")
	}
	for _, r := range rehearsals {
		c := Command{Rehearsal: r}
		for _, root := range w.ws.Roots {
			if rest, ok := strings.CutPrefix(r.Directory+"/", filepath.Base(root.Dir)+"/"); ok {
				c.Root, c.Directory = root, strings.TrimSuffix(rest, "/")
			}
		}
		o.Commands = append(o.Commands, c)
	}
	report, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
