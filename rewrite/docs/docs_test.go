package docs

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// plan runs the step over the files of Grove and gives what becomes of one of them.
func plan(t *testing.T, files map[string]string, of string) (string, []step.Note) {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	root := &step.Root{Key: "grove", Role: "grove", Config: &rules.Config{}, Read: func(f string) ([]byte, error) { return []byte(files[f]), nil }}
	for f := range files {
		root.Files = append(root.Files, f)
	}
	out := Plan(step.Input{Pack: pack, Roots: []*step.Root{root}})
	text := files[of]
	for _, f := range out.Fixes {
		for _, c := range f.Changes {
			switch {
			case c.File.Path != of:
			case c.Create != nil:
				text = c.Create.Content
			default:
				got, err := edit.Apply([]byte(text), c.Edits)
				if err != nil {
					t.Fatal(err)
				}
				text = string(got)
			}
		}
	}
	return text, out.Notes
}

func TestNavigation(t *testing.T) {
	const entry = "Instance environments: environments.md\n"
	for _, tt := range []struct{ name, in, want string }{
		{"behind the plugins", "nav:\n  - Home: index.md\n  - Plugins: plugins.md\n  - Last: x.md\n", "nav:\n  - Home: index.md\n  - Plugins: plugins.md\n  - " + entry + "  - Last: x.md\n"},
		{"at the end", "nav:\n- index.md\n- x.md  # last\ntheme: y\n", "nav:\n- index.md\n- x.md  # last\n- " + entry + "theme: y\n"},
		{"behind a section", "nav:\n  - Users:\n    - Instances: instances.md\n\n# end\n", "nav:\n  - Users:\n    - Instances: instances.md\n  - " + entry + "\n# end\n"},
		{"without a final line break", "nav:\n  - a.md", "nav:\n  - a.md\n  - " + strings.TrimSpace(entry)},
		{"CRLF", "a: b\r\nnav:\r\n  - a.md\r\n", "a: b\r\nnav:\r\n  - a.md\r\n  - " + strings.TrimSpace(entry) + "\r\n"},

		{"there is none", "site_name: x\n", "site_name: x\n"},
		{"on one line", "nav: [a.md, b.md]\n", "nav: [a.md, b.md]\n"},
		{"empty", "nav: []\n", "nav: []\n"},
		{"no YAML", "nav: [\n", "nav: [\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := plan(t, map[string]string{"mkdocs.yml": tt.in, "docs/index.md": ""}, "mkdocs.yml")
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestChangelog(t *testing.T) {
	for _, tt := range []struct{ name, in, before, after string }{
		{"a list", "# C\n\n## Unreleased\n\n* a\n  b\n* c\n\n## 1\n\n* d\n", "* c\n", "\n## 1"},
		{"the first list of several", "## [Unreleased]\n### Added\n- a\n### Fixed\n- b\n", "- a\n", "### Fixed"},
		{"at the end of the file", "## Unreleased\n- a", "- a\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := plan(t, map[string]string{"CHANGELOG.md": tt.in, "docs/a.md": ""}, "CHANGELOG.md")
			at := strings.Index(got, "Every instance")
			if at < 0 || !strings.HasSuffix(got[:at-2], tt.before) {
				t.Fatalf("got %q", got)
			}
			rest := got[at:]
			if i := strings.IndexByte(rest, '\n'); tt.after != "" && (i < 0 || !strings.HasPrefix(rest[i+1:], tt.after)) {
				t.Errorf("got %q", got)
			}
		})
	}
	for _, in := range []string{"# C\n\n## 1.0\n\n* a\n", "", "## Unreleased\n\nNothing.\n\n## 1\n* a\n"} {
		got, notes := plan(t, map[string]string{"CHANGELOG.md": in, "docs/a.md": ""}, "CHANGELOG.md")
		if got != in || !strings.Contains(noted(notes), "has no section") {
			t.Errorf("%q became %q: %s", in, got, noted(notes))
		}
	}
}

func noted(notes []step.Note) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(string(n.Kind) + " " + n.Text + "\n")
	}
	return b.String()
}

func TestLines(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{"Run `pip install tutor-mfe` in the container.", true},
		{"Tutor is installed once, in the tools container.", true},
		{"The tools container has one version of tutor for all.", true},
		{"Add its package to `tools-container/requirements.txt`", true},
		{"Tutor is a program.", false},
		{"Run pip install boto3.", false},
		{"The tools container has kubectl.", false},
		{"Do add `requirements.txt` to tutor's files.", false},
		{"Install the cluster with Terraform.", false},
	} {
		_, notes := plan(t, map[string]string{"docs/a.md": tt.in, "docs/environments.md": "# " + title}, "docs/a.md")
		if got := strings.Contains(noted(notes), "decide"); got != tt.want {
			t.Errorf("%q: %s", tt.in, noted(notes))
		}
	}
}

func TestPageIsAddedOnce(t *testing.T) {
	text, _ := plan(t, map[string]string{"docs/a.md": ""}, "docs/environments.md")
	if !strings.HasPrefix(text, "# "+title+"\n") || strings.Contains(text, "{") || !strings.Contains(text, "grove-requirements.lock") {
		t.Errorf("the page is %q", text)
	}
	again, notes := plan(t, map[string]string{"docs/a.md": "", "docs/environments.md": text}, "docs/environments.md")
	if again != text || len(notes) > 0 {
		t.Errorf("a second time: %s", noted(notes))
	}
	_, notes = plan(t, map[string]string{"x.py": ""}, "")
	if !strings.Contains(noted(notes), "no documentation") {
		t.Errorf("without documentation: %s", noted(notes))
	}
	_, notes = plan(t, map[string]string{"mkdocs.yml": "docs_dir: ../elsewhere\n"}, "")
	if !strings.Contains(noted(notes), "no documentation") {
		t.Errorf("outside the root: %s", noted(notes))
	}
}
