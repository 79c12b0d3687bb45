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
		return step.Note{Step: step.Invocations, Kind: step.Decide, File: edit.File{Root: "c2", Path: path}, Line: line, Text: text}
	}
	given = append(given, site("a.sh", 1, "runs in a pod"), site("b.sh", 2, "no name\n holds it"), site("a.sh", 9, "runs in a pod"))
	want := `To decide
  - ../c2/a.sh:1, ../c2/a.sh:9: runs in a pod
  - ../c2/b.sh:2: no name holds it
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
	of := func(name step.Name, n int) []step.Note {
		var out []step.Note
		for i := range n {
			out = append(out, step.Note{Step: name, Kind: step.Decide, Text: fmt.Sprintf("%s %d", name, i)})
		}
		return out
	}
	for _, c := range []struct{ others, sites, lines int }{{30, 2, 2 + enough}, {30, 15, 1 + 15 + 1}, {enough, 0, 1 + enough}, {0, 15, 1 + 15}} {
		got := Screen(append(of(step.Docs, c.others), of(step.Invocations, c.sites)...), nil, nil, here)
		if strings.Count(got, "\n") != c.lines || strings.Count(got, "- invocations") != c.sites {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
