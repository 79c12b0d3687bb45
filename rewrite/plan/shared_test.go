package plan_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// sharedConstant is a constant and the file that uses it, in one language.
type sharedConstant struct{ ext, constant, uses, saves, version string }

func sharedConstants() []sharedConstant {
	return []sharedConstant{
		{".py", "TUTOR = \"tutor\"\n", `import subprocess
from const import TUTOR


def save(instance_name):
    subprocess.run([TUTOR, "config", "save"])


def version():
    subprocess.run([TUTOR, "--version"])
`, `[TUTOR, "config", "save"]`, `[TUTOR, "--version"]`},
		{".rb", "TUTOR = 'tutor'\n", `require_relative 'const'

def save(instance_name)
  system(TUTOR, 'config', 'save')
end

def version
  system(TUTOR, '--version')
end
`, `(TUTOR, 'config', 'save')`, `(TUTOR, '--version')`},
	}
}

// TestMakeSharedConstant holds what becomes of a constant that is used with an instance and without: before the plan is
// applied, and after.
func TestMakeSharedConstant(t *testing.T) {
	for _, l := range sharedConstants() {
		t.Run(l.ext[1:], func(t *testing.T) { makeShared(t, l) })
	}
}

func makeShared(t *testing.T, l sharedConstant) {
	for name, c := range map[string]struct {
		decisions     string
		before, after site.Action
		unused        int
		stays         string // a line that stays as it is; empty when none does
	}{
		"undecided":         {"", site.Review, site.Review, 0, l.version},
		"the use is kept":   {"decisions: [{path: run.EXT, text: --version, keep: asks the image}]", site.Rewrite, site.Keep, 0, l.version},
		"the use is given":  {"decisions: [{path: run.EXT, text: --version, instance: alpha}]", site.Rewrite, "", 0, ""},
		"both uses kept":    {"decisions: [{path: run.EXT, keep: asks the image}]", site.Keep, site.Keep, 0, l.saves},
		"another is kept":   {"decisions: [{path: run.EXT, text: nothing, keep: x}]", site.Review, site.Review, 1, l.version},
		"the constant kept": {"decisions: [{path: const.EXT, keep: names it only}]", site.Keep, site.Keep, 0, l.saves},
		"of another file":   {"decisions: [{path: const.EXT, line: 2, keep: x}]", site.Review, site.Review, 1, l.version},
		"by a comment":      {"# grove-migrate: ignore asks the image", site.Rewrite, site.Keep, 0, l.version},
		"by another's":      {"# grove-migrate: keep it", site.Review, site.Review, 0, l.version},
	} {
		content := map[string]string{"const" + l.ext: l.constant, "run" + l.ext: l.uses}
		switch {
		case strings.HasPrefix(c.decisions, "#"): // in the line of the use that has no instance
			before, after, _ := strings.Cut(l.uses, l.version)
			content["run"+l.ext] = before + l.version + strings.Replace(after, "\n", "  "+c.decisions+"\n", 1)
		case c.decisions != "":
			content[rules.ConfigName] = strings.ReplaceAll(c.decisions, ".EXT", l.ext)
		}
		ws, report := files(t, content)
		var p *plan.Plan
		for range 2 { // a plan may be made twice of one report: the second is the same
			var err error
			if p, err = plan.Make(context.Background(), report, ws, only()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := constantAction(report, l); got != c.before || len(report.Unused) != c.unused {
				t.Errorf("%s: %q and %d decisions without a site before, want %q and %d", name, got, len(report.Unused), c.before, c.unused)
			}
			for _, f := range report.Files {
				if len(f.Stale) > 0 {
					t.Errorf("%s: the comment is said to keep nothing", name)
				}
			}
		}
		for _, f := range p.Files {
			content[f.Path] = string(f.After)
		}
		if c.stays != "" && !strings.Contains(content["run"+l.ext], c.stays) || c.stays == "" && strings.Contains(content["run"+l.ext], "TUTOR") {
			t.Errorf("%s: run became\n%s", name, content["run"+l.ext])
		}
		again, after := files(t, content)
		plan.Refuse(after, again)
		if got := constantAction(after, l); got != c.after && c.after != "" {
			t.Errorf("%s: %q after, want %q", name, got, c.after)
		}
		if p, err := plan.Make(context.Background(), after, again, only()); err != nil || len(p.Files) != 0 {
			t.Errorf("%s: a second plan changes %d files, %v", name, len(p.Files), err)
		}
	}
}

// constantAction is the action of the constant's own site.
func constantAction(r *scan.Report, l sharedConstant) site.Action {
	for _, f := range r.Files {
		for _, occ := range f.Occurrences {
			if f.Path == "const"+l.ext && bytes.HasPrefix(f.Src[occ.Start:], []byte("tutor")) {
				return occ.Action
			}
		}
	}
	return ""
}
