package ruby_test

import (
	"context"
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/fixtures/rewriting"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

var update = flag.Bool("update", false, "rewrite the goldens of the fixtures")

// fixtures are small repositories. Each is scanned, fixed and scanned again: "found" lists every occurrence with its
// class, "diff" is what the fixes make of the files, "refused" the sites that have none. A file whose name ends in .crlf
// is given CRLF line ends, and loses that ending.
const fixtures = "../../fixtures/rules/ruby"

func TestFixtures(t *testing.T) {
	checked := map[string]string{}
	rewriting.Each(t, fixtures, func(t *testing.T, name, path string) {
		for file, text := range checkFixture(t, path) {
			checked[name+"/"+file] = text
		}
	})
	compiles(t, checked)
}

// checkFixture holds a fixture to its goldens and returns the changed files.
func checkFixture(t *testing.T, path string) map[string]string {
	f := rewriting.Read(t, path, "found", "diff", "refused")
	report := scanned(t, &f.Repository)
	in := input(&f.Repository, report)
	fixes, refused := ruby.Fixes(in)
	if len(fixes)+len(refused) < len(in.Sites) { // a constant gives both, when only some of its uses have an instance
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	patch, after := f.Apply(t, fixes)
	f.Hold(t, *update, map[string]string{"found": found(&f.Repository, report), "diff": patch, "refused": f.Refusals(refused)})
	again := scanned(t, after)
	for _, s := range input(after, again).Sites {
		if !refusedAt(refused, s) {
			t.Errorf("%s: %q is still to be rewritten", s.File, s.Occurrence.Argv)
		}
	}
	if was, is := unexplained(report), unexplained(again); is > was {
		t.Errorf("%d unexplained occurrences, %d before:\n%s", is, was, found(after, again))
	}
	return after.Changed(&f.Repository)
}

func unexplained(r *scan.Report) int {
	n := 0
	for _, f := range r.Files {
		for _, occ := range f.Occurrences {
			if occ.Class == site.Unexplained {
				n++
			}
		}
	}
	return n
}

// refusedAt reports whether a site was there and refused before; its place may have moved.
func refusedAt(refused []render.Refusal, s render.Site) bool {
	for _, r := range refused {
		if r.Site.File == s.File && cmp.Equal(r.Site.Occurrence.Argv, s.Occurrence.Argv) {
			return true
		}
	}
	return false
}

// scanned is a scan of the repository alone.
func scanned(t *testing.T, r *rewriting.Repository) *scan.Report {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	config, err := rules.ParseConfig(rules.ConfigName, r.Files[rules.ConfigName])
	if err != nil {
		t.Fatal(err)
	}
	root := &scan.Root{Key: ".", Role: "other", Config: config, Tree: scan.Tree{Listing: walk.Listing{Files: r.Names}, Read: r.Read}}
	report, err := scan.Scan(context.Background(), scan.Workspace{Pack: pack, Roots: []*scan.Root{root}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// input are the sites that the scan wants rewritten.
func input(r *rewriting.Repository, report *scan.Report) render.Input {
	pack, _ := rules.Load(rules.Default)
	in := render.Input{Pack: pack, Files: r.Names, Read: r.Read}
	for _, f := range report.Files {
		for i := range f.Occurrences {
			if occ := &f.Occurrences[i]; occ.Action == site.Rewrite && occ.Slot != nil && occ.Slot.Language == "ruby" {
				one := render.Site{File: f.Path, Occurrence: occ, ByRoot: occ.InstanceFrom == scan.FromRoot}
				if occ.InstanceFrom != scan.FromUses && occ.InstanceFrom != scan.FromCaller {
					one.Instance = site.Name{Expr: occ.Instance, How: occ.InstanceFrom}
				}
				in.Sites = append(in.Sites, one)
			}
		}
	}
	return in
}

// found lists every occurrence of the program.
func found(r *rewriting.Repository, report *scan.Report) string {
	var out strings.Builder
	for _, f := range report.Files {
		for _, occ := range f.Occurrences {
			fmt.Fprintf(&out, "%s: %s", r.Place(f.Path, occ.Start), occ.Class)
			if occ.Class.Site() {
				fmt.Fprintf(&out, " %s %q", occ.Action, strings.Join(occ.Argv, " "))
				if occ.Instance != "" {
					fmt.Fprintf(&out, " for %s (%s)", occ.Instance, occ.InstanceFrom)
				}
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// compiles lets ruby check the syntax of every changed file.
func compiles(t *testing.T, files map[string]string) {
	t.Helper()
	path := program.Find(t, "ruby")
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			continue
		}
		cmd := exec.Command(path, "-c", "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %s\n%s", name, out, text)
		}
	}
}
