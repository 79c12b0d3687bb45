package checklist

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

func notes() List {
	at := func(root, path string) edit.File { return edit.File{Root: root, Path: path} }
	return List{Notes: []step.Note{
		{Step: step.Docs, Kind: step.Did, File: at("grove", "docs/x.md"), Text: "is new"},
		{Step: step.Requirements, Kind: step.Decide, File: at("grove", "a_b.py"), Line: 3, Text: "imports *tutor*: run `a_b`", Decision: "{path: a_b.py}"},
		{Step: step.Requirements, Kind: step.Decide, File: at("grove", "a_b.py"), Line: 3, Text: "imports *tutor*: run `a_b`", Decision: "{path: a_b.py}"},
		{Step: step.Requirements, Kind: step.Did, File: at("template", "defaults/r.txt"), Text: "holds the pins"},
		{Step: step.Instances, Kind: step.Did, File: at("c2", "instances/x/r.txt"), Text: "is new"},
		{Step: step.Instances, Kind: step.Run, File: edit.File{Root: "c2"}, Text: "grove-migrate venv update --all"},
		{Step: step.Container, Kind: step.Raise, File: at("grove", "ci_vars.yml"), Line: 1, Text: "raise it"},
		{Step: step.Requirements, Kind: step.Kept, Text: "everything else"},
	}, Roots: []Root{{"c1", "cluster"}, {"c2", "cluster"}, {"template", "template"}, {"grove", "grove"}}}
}

const text = `To decide ` + explained + `
  - grove/a_b.py:3: imports *tutor*: run ` + "`a_b`" + `: {path: a_b.py}

To raise or rebuild ` + explained + `
  - grove/ci_vars.yml:1: raise it

Order of merging and deploying
  1. grove: raise the image's version, merge, and wait until the pipeline has pushed the new image of the tools container
  2. template: merge: set the submodule and the version in .gitlab-ci.yml to the merged commit of Grove in the same change
  3. c2: merge: set the submodule and the version in .gitlab-ci.yml to the merged commit of Grove in the same change; then deploy one instance that matters little, and the others when it is well

Then run
  1. (cd c2 && grove-migrate venv update --all)

Done
  - requirements: template/defaults/r.txt: holds the pins
  - instances: c2/instances/x/r.txt: is new
  - docs: grove/docs/x.md: is new

Left as it is on purpose
  - everything else
`

func TestText(t *testing.T) {
	if d := cmp.Diff(text, notes().Text()); d != "" {
		t.Error(d)
	}
	if (List{Roots: []Root{{"grove", "grove"}}}).Text() != "" || (List{}).Markdown() != "" {
		t.Error("a list of nothing")
	}
	only := []step.Note{{Step: step.Requirements, Kind: step.Decide, File: edit.File{Root: "grove"}, Text: "x"}}
	if got := (List{Notes: only, Roots: []Root{{"grove", "grove"}}}).Text(); strings.Contains(got, "Order") || !strings.Contains(got, "grove: x") {
		t.Errorf("a root that nothing was done to: %s", got)
	}
}

func TestMarkdown(t *testing.T) {
	got := notes().Markdown()
	for _, want := range []string{"### To decide\n\nThese need", "* [ ] grove/a\\_b.py:3: imports \\*tutor\\*: run `a_b`\n", "* requirements: template", "1. `(cd c2 && grove-migrate", "```yaml\n# grove/grove-migrate.yaml\ndecisions:\n  - {path: a_b.py}\n```"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
	var html strings.Builder
	if err := goldmark.Convert([]byte(got), &html); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(html.String(), "<em>") || !strings.Contains(html.String(), "a_b.py:3: imports *tutor*: run <code>a_b</code>") {
		t.Errorf("it reads as %s", html.String())
	}
}

// TestMarkdownFolds holds that a long list stays short when it is opened, and that every item is in it.
func TestMarkdownFolds(t *testing.T) {
	var many []step.Note
	for i := range 100 {
		many = append(many, step.Note{Step: step.Docs, Kind: step.Decide, Text: fmt.Sprintf("decide %d.", i)},
			step.Note{Step: step.Docs, Kind: step.Did, Text: fmt.Sprintf("did %d.", i)})
	}
	got := List{Notes: many}.Markdown()
	open, _, _ := strings.Cut(got, "<details>")
	if n := strings.Count(open, "* [ ] decide"); n != unfolded || strings.Contains(open, "did ") {
		t.Errorf("%d items are open: %s", n, open)
	}
	for i := range 100 {
		if !strings.Contains(got, fmt.Sprintf("decide %d.\n", i)) || !strings.Contains(got, fmt.Sprintf("did %d.\n", i)) {
			t.Errorf("item %d is missing", i)
		}
	}
	if !strings.Contains(got, "<summary>To decide: 70</summary>\n\n* [ ] ") || strings.Count(got, "<details>") != 2 || strings.Count(got, "\n</details>\n") != 2 {
		t.Error(got)
	}
}

func TestEscape(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"a_b `c_d` <e>", "a\\_b `c_d` \\<e>"},
		{"one ` alone_x", "one \\` alone\\_x"},
	} {
		if got := escape(tt.in); got != tt.want {
			t.Errorf("%q: %q", tt.in, got)
		}
	}
}
