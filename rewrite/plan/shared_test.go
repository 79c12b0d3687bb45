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

const (
	sharedConstant = "TUTOR = \"tutor\"\n"
	sharedUses     = `import subprocess
from const import TUTOR


def save(instance_name):
    subprocess.run([TUTOR, "config", "save"])


def version():
    subprocess.run([TUTOR, "--version"])
`
)

// TestMakeSharedConstant holds what becomes of a constant that is used with an instance and without: before the plan is
// applied, and after.
func TestMakeSharedConstant(t *testing.T) {
	for name, c := range map[string]struct {
		decisions     string
		before, after site.Action
		unused        int
		stays         string // a line that stays as it is; empty when none does
	}{
		"undecided":         {"", site.Review, site.Review, 0, `[TUTOR, "--version"]`},
		"the use is kept":   {"decisions: [{path: run.py, text: --version, keep: asks the image}]", site.Rewrite, site.Keep, 0, `[TUTOR, "--version"]`},
		"the use is given":  {"decisions: [{path: run.py, text: --version, instance: alpha}]", site.Rewrite, "", 0, ""},
		"both uses kept":    {"decisions: [{path: run.py, keep: asks the image}]", site.Keep, site.Keep, 0, `[TUTOR, "config", "save"]`},
		"another is kept":   {"decisions: [{path: run.py, text: nothing, keep: x}]", site.Review, site.Review, 1, `[TUTOR, "--version"]`},
		"the constant kept": {"decisions: [{path: const.py, keep: names it only}]", site.Keep, site.Keep, 0, `[TUTOR, "config", "save"]`},
		"of another file":   {"decisions: [{path: const.py, line: 2, keep: x}]", site.Review, site.Review, 1, `[TUTOR, "--version"]`},
	} {
		content := map[string]string{"const.py": sharedConstant, "run.py": sharedUses}
		if c.decisions != "" {
			content[rules.ConfigName] = c.decisions
		}
		ws, report := files(t, content)
		var p *plan.Plan
		for range 2 { // a plan may be made twice of one report: the second is the same
			var err error
			if p, err = plan.Make(context.Background(), report, ws, only()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := constantAction(report); got != c.before || len(report.Unused) != c.unused {
				t.Errorf("%s: %q and %d decisions without a site before, want %q and %d", name, got, len(report.Unused), c.before, c.unused)
			}
		}
		for _, f := range p.Files {
			content[f.Path] = string(f.After)
		}
		if c.stays != "" && !strings.Contains(content["run.py"], c.stays) || c.stays == "" && strings.Contains(content["run.py"], "TUTOR") {
			t.Errorf("%s: run.py became\n%s", name, content["run.py"])
		}
		again, after := files(t, content)
		plan.Refuse(after, again)
		if got := constantAction(after); got != c.after && c.after != "" {
			t.Errorf("%s: %q after, want %q", name, got, c.after)
		}
		if p, err := plan.Make(context.Background(), after, again, only()); err != nil || len(p.Files) != 0 {
			t.Errorf("%s: a second plan changes %d files, %v", name, len(p.Files), err)
		}
	}
}

// constantAction is the action of the constant's own site.
func constantAction(r *scan.Report) site.Action {
	for _, f := range r.Files {
		for _, occ := range f.Occurrences {
			if f.Path == "const.py" && bytes.HasPrefix(f.Src[occ.Start:], []byte("tutor")) {
				return occ.Action
			}
		}
	}
	return ""
}
