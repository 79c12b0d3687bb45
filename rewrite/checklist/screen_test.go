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
	given := notes()
	site := func(path string, line int, text string) step.Note {
		return step.Note{Step: step.Invocations, Kind: step.Decide, File: edit.File{Root: "c2", Path: path}, Line: line, Text: text, Decision: fmt.Sprintf("{path: %s, line: %d, keep: WHY}", path, line)}
	}
	given.First, given.Name, given.More = []string{"grove-migrate apply"}, here, "grove-migrate apply --show"
	given.Notes = append(given.Notes, site("a.sh", 1, "runs in a pod"), site("b.sh", 2, "no name holds it"), site("a.sh", 19, "runs in a pod"))
	want := `To decide ` + explained + `
  - runs in a pod
      ../c2/a.sh:1  {path: a.sh, line: 1, keep: WHY}
      ../c2/a.sh:19  {path: a.sh, line: 19, keep: WHY}
  - ../c2/b.sh:2: no name holds it: {path: b.sh, line: 2, keep: WHY}
  - ../grove/a_b.py:3: imports *tutor*: run ` + "`a_b`" + `: {path: a_b.py}
  - ../grove/ci_vars.yml:1: raise it
Then
  1. grove-migrate apply
  2. grove: raise the image's version, merge, and wait until the pipeline has pushed the new image of the tools container
  3. template: merge: set the submodule and the version in .gitlab-ci.yml to the merged commit of Grove in the same change
  4. c2: merge: set the submodule and the version in .gitlab-ci.yml to the merged commit of Grove in the same change; then deploy one instance that matters little, and the others when it is well
  5. (cd ../c2 && grove-migrate venv update --all)
`
	if d := cmp.Diff(want, given.Screen()); d != "" {
		t.Error(d)
	}
	done := []step.Note{{Step: step.Docs, Kind: step.Did, Text: "is new"}, {Step: step.Docs, Kind: step.Kept, Text: "stays"}}
	if got := (List{Notes: done, Roots: given.Roots}).Screen(); got != "" {
		t.Errorf("nothing is to do: %s", got)
	}
}

// TestScreenIsShort holds that a screen has no more lines than a person reads: of many places of a call as many as it
// can show, before what is to be done otherwise, and how many more there are.
func TestScreenIsShort(t *testing.T) {
	of := func(name step.Name, texts, places int) []step.Note {
		var out []step.Note
		for i := range texts * places {
			out = append(out, step.Note{
				Step: name, Kind: step.Decide, File: edit.File{Root: "r", Path: fmt.Sprintf("f%d", i)}, Text: fmt.Sprintf("decide %d of %s", i%texts, name),
				Decision: fmt.Sprintf("{path: f%d}", i),
			})
		}
		return out
	}
	for _, c := range []struct{ sites, places, others, lines, more int }{
		{1, 4, 30, 5 + 8 + 1, 22}, {1, 40, 1, 12 + 1 + 1, 29}, {3, 10, 0, 3*4 + 1, 21}, {14, 3, 2, enough + 1, 31}, {0, 0, enough, enough, 0}, {enough, 1, 0, enough, 0},
	} {
		l := List{Notes: append(of(step.Docs, c.others, 1), of(step.Invocations, c.sites, c.places)...), More: "give --show"}
		got := l.Screen()
		more := ""
		if c.more > 0 {
			more = fmt.Sprintf("\n  and %d more: give --show\n", c.more)
		}
		shown := strings.Count(got, "{path: f")
		if strings.Count(got, "\n") != 1+c.lines || !strings.HasSuffix(got, more) || shown+c.more != c.sites*c.places+c.others {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestLinesOfAFile holds that what one decision settles at several lines of a file is one place.
func TestLinesOfAFile(t *testing.T) {
	var l List
	for _, line := range []int{3, 9, 9} {
		l.Notes = append(l.Notes, step.Note{Step: step.Docs, Kind: step.Decide, File: edit.File{Root: "r", Path: "a.md"}, Line: line, Text: "it says so", Decision: "{path: a.md}"})
	}
	if got := l.Screen(); !strings.Contains(got, "\n  - r/a.md:3,9: it says so: {path: a.md}\n") {
		t.Error(got)
	}
}
