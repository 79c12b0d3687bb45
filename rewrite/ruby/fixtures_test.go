package ruby_test

import (
	"flag"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/fixtures/rewriting"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
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
	report := f.Scan(t)
	in := f.Input(t, report, "ruby")
	fixes, refused := ruby.Fixes(in)
	if len(fixes)+len(refused) < len(in.Sites) { // a constant gives both, when only some of its uses have an instance
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	patch, after := f.Apply(t, fixes)
	f.Hold(t, *update, map[string]string{"found": f.Found(report), "diff": patch, "refused": f.Refusals(refused)})
	again := after.Scan(t)
	for _, s := range after.Input(t, again, "ruby").Sites {
		if !refusedAt(refused, s) {
			t.Errorf("%s: %q is still to be rewritten", s.File, s.Occurrence.Argv)
		}
	}
	if was, is := unexplained(report), unexplained(again); is > was {
		t.Errorf("%d unexplained occurrences, %d before:\n%s", is, was, after.Found(again))
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
