package checklist

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

func here(f edit.File) string { return strings.TrimSuffix("../"+f.String(), "/") }

func TestScreen(t *testing.T) {
	given, roots := notes()
	site := func(path string, line int, text string) step.Note {
		return step.Note{Step: step.Invocations, Kind: step.Decide, File: edit.File{Root: "c2", Path: path}, Line: line, Text: text, Decision: fmt.Sprintf("{path: %s, line: %d, keep: WHY}", path, line)}
	}
	given = append(given, site("a.sh", 1, "runs in a pod"), site("b.sh", 2, "no name holds it"), site("a.sh", 19, "runs in a pod"))
	want := `To decide ({} goes under "decisions:" in the grove-migrate.yaml of its repository; keep: WHY leaves a call as it is)
  - runs in a pod
      ../c2/a.sh:1   {path: a.sh, line: 1, keep: WHY}
      ../c2/a.sh:19  {path: a.sh, line: 19, keep: WHY}
  - ../c2/b.sh:2: no name holds it: {path: b.sh, line: 2, keep: WHY}
  - ../grove/a_b.py:3: imports *tutor*: run ` + "`a_b`" + `
  - ../grove/ci_vars.yml:1: raise it
Then
  1. grove-migrate apply
  2. grove: raise the image's version, merge, and wait until the pipeline has pushed the new image of the tools container
  3. template: merge: set the submodule and the version in .gitlab-ci.yml to the merged commit of Grove in the same change
  4. c2: merge: set the submodule and the version in .gitlab-ci.yml to the merged commit of Grove in the same change; then deploy one instance that matters little, and the others when it is well
  5. (cd ../c2 && grove-migrate venv update --all)
`
	if d := cmp.Diff(want, Screen(given, roots, []string{"grove-migrate apply"}, here)); d != "" {
		t.Error(d)
	}
	done := []step.Note{{Step: step.Docs, Kind: step.Did, Text: "is new"}, {Step: step.Docs, Kind: step.Kept, Text: "stays"}}
	if got := Screen(done, roots, nil, here); got != "" {
		t.Errorf("nothing is to do: %s", got)
	}
}

// TestScreenIsShort holds that many things to decide are counted, and that no site for review is.
func TestScreenIsShort(t *testing.T) {
	of := func(n int, decision string) []step.Note {
		var out []step.Note
		for i := range n {
			out = append(out, step.Note{Step: step.Docs, Kind: step.Decide, Text: fmt.Sprintf("decide %d", i), Decision: decision})
		}
		return out
	}
	for _, c := range []struct{ others, sites, lines int }{{30, 2, 2 + enough}, {30, 15, 1 + 15 + some + 1}, {enough, 0, 1 + enough}, {0, 15, 1 + 15}} {
		got := Screen(append(of(c.others, ""), of(c.sites, "{path: x}")...), nil, nil, here)
		if strings.Count(got, "\n") != c.lines || strings.Count(got, "{path: x}") != c.sites {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
