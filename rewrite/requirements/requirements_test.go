package requirements

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements/install"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
)

func TestAgree(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"tutor==14.2.2", "tutor==14.2.2", true},
		{"tutor==14.2.2", "tutor", true},
		{"tutor==14.2.2", "tutor>=14,<15", true},
		{"tutor>=14", "tutor<15", true},
		{"tutor~=14.1", "tutor>=14", true},
		{"tutor @ git+https://h/t@v1", "tutor", true},
		{"tutor==14.*", "tutor==14.2.2", true},

		{"tutor==14.2.2", "tutor==14.2.1", false},
		{"tutor==13.0.0", "tutor>=14,<15", false},
		{"tutor>=13,<14", "tutor>=14,<15", false},
		{"tutor @ git+https://h/t@v1", "tutor @ git+https://h/t@v2", false},
		{"tutor @ git+https://h/t@v1", "tutor==14.2.2", false},
		{"tutor==15.*", "tutor==14.2.2", false},
	} {
		a, _, errA := requirement.ParseRequirement(tt.a)
		b, _, errB := requirement.ParseRequirement(tt.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if Agree(a, b) != tt.want || Agree(b, a) != tt.want {
			t.Errorf("%s and %s: %t, %t", tt.a, tt.b, Agree(a, b), Agree(b, a))
		}
	}
}

func TestSecret(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{"git+https://u:p@h/x", true},
		{"git+https://token@h/x", true},
		{"--index-url https://u:p@h/simple", true},
		{"git+https://u:${T}@h/x", false},
		{"git+https://${T}@h/x", false},
		{"git+ssh://git@h/x", false},
		{"git+https://h/x@v1", false},
		{"x==1", false},
	} {
		if got := secret(tt.in); got != tt.want {
			t.Errorf("secret(%q) = %t", tt.in, got)
		}
	}
}

func TestValueOf(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"ARG V=14.2.2", "14.2.2"},
		{"ENV A=b V=14.2.2", "14.2.2"},
		{"V: \"14.2.2\" # x", "14.2.2"},
		{"env: {V: 14.2.2, B: c}", "14.2.2"},
		{"export V='14.2.2'; x", "14.2.2"},
		{"V=1\nV=1", "1"},
		{"V=1\nV=2", ""},
		{"V=$(cat x)", ""},
		{"XV=1", ""},
		{"echo $V", ""},
	} {
		h := &hosted{src: []byte(tt.in)}
		if got, ok := h.valueOf("V"); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: %q, %t", tt.in, got, ok)
		}
	}
}

// workspace is a Dockerfile of Grove and a template.
func workspace(t testing.TB, dockerfile string) step.Input {
	t.Helper()
	return with(t, "Dockerfile", dockerfile)
}

// with is a file of Grove, and a template.
func with(t testing.TB, name, text string) step.Input {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	root := func(key, role string, files map[string]string) *step.Root {
		r := &step.Root{Key: key, Dir: "/" + key, Role: role, Config: &rules.Config{}, Read: func(f string) ([]byte, error) { return []byte(files[f]), nil }}
		r.Files = append(r.Files, sortedKeys(files)...)
		return r
	}
	return step.Input{Pack: pack, Roots: []*step.Root{root("grove", "grove", map[string]string{name: text}), root("template", "template", map[string]string{"defaults/config.yml": ""})}}
}

// installed are the packages that a Dockerfile's commands install, and what its instructions run besides.
func installed(t testing.TB, in step.Input, src string) (tutor, others []string) {
	t.Helper()
	for _, g := range host.Read(host.Dockerfile, reading.Input{Path: "Dockerfile", Src: []byte(src), Pack: in.Pack}).Scripts {
		script, err := install.Parse(g.Text)
		if g.Language != "shell" || len(g.Argv) > 0 || err != nil {
			continue
		}
		for _, c := range script.Commands {
			for _, p := range c.Packages {
				if p.Key() == "tutor" || strings.HasPrefix(p.Key(), "tutor-") {
					tutor = append(tutor, p.Text)
				} else {
					others = append(others, p.Text)
				}
			}
		}
	}
	return tutor, others
}

// FuzzDockerfile holds that taking Tutor out of a Dockerfile takes nothing else that is installed, leaves only what is
// reported, and changes nothing when it is done again.
func FuzzDockerfile(f *testing.F) {
	for _, s := range []string{
		"FROM x\nRUN pip install tutor==1 \\\n  # c\n  awscli\n\nRUN pip install tutor-mfe\n",
		"FROM x\nARG V=1\nRUN a && pip install tutor==$V && b\nRUN <<E\npip install tutor\nE\n",
		"# escape=`\nFROM x\nRUN pip install `\n tutor `\n x\n",
		"FROM x\r\nRUN pip install tutor x\r\nRUN if a; then pip install tutor; fi\r\n",
		"FROM x\nRUN [\"pip\", \"install\", \"tutor\"]\nONBUILD RUN pip install tutor y",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if strings.Contains(src, "\x00") {
			return // binary files are not read
		}
		in := workspace(t, src)
		out := Plan(in)
		m := edit.Merge(out.Fixes, nil)
		if len(m.Dropped) > 0 {
			t.Fatalf("dropped: %s", m.Dropped[0].Detail)
		}
		after := src
		for _, c := range m.Changes {
			if c.File.Path != "Dockerfile" {
				continue
			}
			text, err := edit.Apply([]byte(src), c.Edits)
			if err != nil {
				t.Fatal(err)
			}
			after = string(text)
		}
		_, before := installed(t, in, src)
		left, others := installed(t, in, after)
		if d := cmp.Diff(before, others); d != "" {
			t.Errorf("%q became %q: %s", src, after, d)
		}
		reported := 0
		for _, n := range out.Notes {
			if n.Kind == step.Decide || n.Kind == step.Kept {
				reported++
			}
		}
		if len(left) > 0 && reported == 0 {
			t.Errorf("%q became %q, and %q is not reported", src, after, left)
		}
		if again := Plan(workspace(t, after)); after != src && len(left) == 0 && len(again.Fixes) > 0 {
			t.Errorf("%q became %q, and that changes again", src, after)
		}
	})
}

// FuzzYAML holds that a file of jobs stays YAML, and that nothing but Tutor's packages leaves its scripts.
func FuzzYAML(f *testing.F) {
	for _, s := range []string{
		"a:\n  script:\n    - pip install tutor\n    - pip install x tutor-y\n",
		"a:\n  script: |\n    pip install tutor\n    pip install tutor x && b\n  before_script: [pip install tutor, 'c']\n",
		"a: &a\n  script: &s\n  - pip install tutor # c\n  - |\n    pip install tutor\nb:\n  script:\n  - *s\n  - \"pip install \\\"tutor\\\" x\"\n",
		"a:\n  script: >-\n    pip install\n    tutor\n    x\n",
		"a:\n  script: pip install tutor\n    boto3\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		var before, after any
		if strings.Contains(src, "\x00") || yaml.Unmarshal([]byte(src), &before) != nil {
			return
		}
		out := Plan(with(t, ".gitlab-ci.yml", src))
		m := edit.Merge(out.Fixes, nil)
		if len(m.Dropped) > 0 {
			t.Fatalf("dropped: %s", m.Dropped[0].Detail)
		}
		for _, c := range m.Changes {
			if c.File.Path != ".gitlab-ci.yml" {
				continue
			}
			text, err := edit.Apply([]byte(src), c.Edits)
			if err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal(text, &after); err != nil {
				t.Fatalf("%q became %q: %v", src, text, err)
			}
			if again := Plan(with(t, ".gitlab-ci.yml", string(text))); len(again.Fixes) > 0 {
				t.Errorf("%q became %q, and that changes again", src, text)
			}
		}
	})
}
