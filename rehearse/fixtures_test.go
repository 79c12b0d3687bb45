package rehearse

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// known are rehearsals of the fixture workspaces that show what the migration does not do right yet, each with what it is.
var known = map[string]string{
	"workspace: wrapper: tutor":                  "the entry point no longer knows its own word",
	"workspace: wrapper: words with blanks":      "the entry point no longer knows its own word",
	"workspace: wrapper: from elsewhere":         "the entry point no longer knows its own word",
	"workspace: wrapper: the template's example": "the entry point no longer knows its own word",
	"workspace: wrapper: a shell":                "the container has no launcher",
	"workspace: entrypoint.sh":                   "the entry point no longer knows its own word",
	"workspace: status.py":                       "the uses of a constant take the program from another directory",
	"workspace: make config":                     "a variable of make is taken from another directory",
	"workspace: make local":                      "a variable of make is taken from another directory",
	"workspace: make configs":                    "a variable of make is taken from another directory",
	"workspace: upgrade-all.sh":                  "a function takes the program from another directory",
}

// TestFixtures rehearses what the fixture workspaces list: nothing but right verdicts, and at least 40 of each.
func TestFixtures(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs all rehearsals of the fixture workspaces")
	}
	lists, err := filepath.Glob("../fixtures/rehearsals/*.yaml")
	if err != nil || len(lists) == 0 {
		t.Fatalf("no lists: %v", err)
	}
	for _, list := range lists {
		name := strings.TrimSuffix(filepath.Base(list), ".yaml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := fixture(t, list, filepath.Join("../fixtures", name))
			if len(report.Commands) < 40 {
				t.Errorf("%d rehearsals; at least 40 are wanted", len(report.Commands))
			}
			for i := range report.Commands {
				c := &report.Commands[i]
				why, expected := known[name+": "+c.Title]
				switch {
				case c.Missing != "":
					t.Logf("not rehearsed, for want of %s: %s", c.Missing, c.Title)
				case c.Differs() && !expected:
					t.Errorf("%s%s%s", summary(&Report{Commands: report.Commands[i : i+1]}), c.Unexpected, c.After.Output)
				case !c.Differs() && expected:
					t.Logf("%s is right now, and need not be known as wrong: %s", c.Title, why)
				}
			}
		})
	}
}

// fixture migrates a copy of a workspace and rehearses a list.
func fixture(t *testing.T, list, workspace string) *Report {
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
	made, err := plan.Make(context.Background(), found, w.ws, plan.Options{Bar: edit.Safe})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Workspace: w.ws, Found: made.Report, Ops: made.Ops(), Powers: powers(t), Timeout: 5 * time.Minute, Start: []string{self, standIn}, Environ: os.Environ()}
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
