package image

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

func root(files map[string]string) *step.Root {
	r := &step.Root{Key: "grove", Read: func(f string) ([]byte, error) { return []byte(files[f]), nil }}
	for f := range files {
		r.Files = append(r.Files, f)
	}
	return r
}

func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		in, want string // what raising makes of it
		line     int
	}{
		{"variables:\n  V: \"0.1.42\"\n", "variables:\n  V: \"0.1.43\"\n", 2},
		{"V: 1.9 # here\n", "V: 1.10 # here\n", 1},
		{"V: &a '0.09'\r\n", "V: &a '0.10'\r\n", 1},
		{"a: {b: {V: v7}}\n", "a: {b: {V: v8}}\n", 1},
		{"V: nightly\n", "V: nightly\n", 1},
		{"V: 1.2-rc\n", "V: 1.2-rc\n", 1},
		{"V:\n  value: 1.2\n", "V:\n  value: 1.2\n", 0},
		{"image: x:$V\n# V: 1\nW: 1\n", "image: x:$V\n# V: 1\nW: 1\n", 0},
	} {
		got := Settings(root(map[string]string{"a.yml": tt.in, "b.txt": "V: 1"}), "V")
		text, line := tt.in, 0
		if len(got) > 1 {
			t.Errorf("%q: %d settings", tt.in, len(got))
		}
		for _, s := range got {
			line = s.Line
			if s.Raise != nil {
				b, err := edit.Apply([]byte(tt.in), []edit.Edit{*s.Raise})
				if err != nil {
					t.Fatal(err)
				}
				text = string(b)
			}
		}
		if text != tt.want || line != tt.line {
			t.Errorf("%q becomes %q, line %d", tt.in, text, line)
		}
	}
}

func TestDockerfiles(t *testing.T) {
	r := root(map[string]string{"tools/Dockerfile": "", "tools/ci_vars.yml": "V: 1", "x/Dockerfile.dev": "", "x/grove-cli/a.py": "", "other/Dockerfile": "", "tools/notes": ""})
	found := map[string]bool{}
	for _, f := range Dockerfiles(r) {
		found[f] = true
	}
	if len(found) != 2 || !found["tools/Dockerfile"] || !found["x/Dockerfile.dev"] {
		t.Errorf("found %v", found)
	}
	if len(Changes(r, "tools/requirements.txt", "V")) != 1 || len(Changes(r, "other/requirements.txt", "V")) != 0 || len(Changes(r, "toolsx/a", "V")) != 0 {
		t.Error("what is part of an image")
	}
}
