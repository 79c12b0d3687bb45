package gitignore

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

func input(t *testing.T, files map[string]string) step.Input {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	root := &step.Root{Key: "c", Dir: "/c", Role: "cluster", Config: &rules.Config{}}
	for f := range files {
		root.Files = append(root.Files, f)
	}
	root.Read = func(f string) ([]byte, error) { return []byte(files[f]), nil }
	return step.Input{Pack: pack, Roots: []*step.Root{root}}
}

func TestPlan(t *testing.T) {
	const both = "/instances/*/.venv/\n/instances/*/.venv.*\n"
	for _, tt := range []struct{ name, in, want string }{
		{"an empty file", "", both},
		{"at the end", "a\nb\n", "a\nb\n" + both},
		{"no final newline", "a", "a\n" + strings.TrimSuffix(both, "\n")},
		{"CRLF", "a\r\nb\r\n", "a\r\nb\r\n" + strings.ReplaceAll(both, "\n", "\r\n")},
		{"beside its like, in its style", "a\ninstances/*/env/\ninstances/*/logs/\nb\n", "a\ninstances/*/env/\ninstances/*/logs/\ninstances/*/.venv/\ninstances/*/.venv.*\nb\n"},
		{"anchored", "/instances/*/env/\nb\n", "/instances/*/env/\n" + both + "b\n"},
		{"undone further down", "instances/*/env/\n!.venv.*\n", "instances/*/env/\n!.venv.*\ninstances/*/.venv/\ninstances/*/.venv.*\n"},
		{"the environment alone is there", ".venv/\n", ".venv/\n/instances/*/.venv.*\n"},
		{"what is beside it is there", ".venv.*\n", ".venv.*\n/instances/*/.venv/\n"},

		{
			"all but a few names", "instances/*/*\n!instances/*/config.yml\n*.log\n",
			"instances/*/*\n!instances/*/config.yml\n!instances/*/grove-requirements.txt\n!instances/*/grove-requirements.lock\n*.log\n",
		},
		{"all text files", "*.txt\n", "*.txt\n!/instances/*/grove-requirements.txt\n" + both},

		{"all text files, with defaults", "/instances/*/env/\n*.txt\n", "/instances/*/env/\n*.txt\n!/instances/*/grove-requirements.txt\n!/defaults/grove-requirements.txt\n" + both},
		{"defaults that are not ignored", "b\n!defaults/x\n", "b\n!defaults/x\n" + both},

		{"there already", both, both},
		{"everywhere", ".venv*\n", ".venv*\n"},
		{"by two general lines", ".venv\n.venv.*\n", ".venv\n.venv.*\n"},
		{"whole instances", "/instances/\n", "/instances/\n"},
		{"two stars", "**/.venv\n**/.venv.*\n", "**/.venv\n**/.venv.*\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{name: tt.in, "instances/a/config.yml": ""}
			if strings.Contains(tt.want, "defaults") {
				files["defaults/config.yml"] = ""
			}
			if got := apply(t, files); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			files[name] = tt.want
			if again := Plan(input(t, files)); len(again.Fixes) > 0 {
				t.Errorf("a second time: %v", again.Fixes[0].Changes)
			}
		})
	}
}

func apply(t *testing.T, files map[string]string) string {
	t.Helper()
	out := Plan(input(t, files))
	text := files[name]
	for _, f := range out.Fixes {
		got, err := edit.Apply([]byte(text), f.Changes[0].Edits)
		if err != nil {
			t.Fatal(err)
		}
		text = string(got)
	}
	return text
}

func TestPlanWithout(t *testing.T) {
	out := Plan(input(t, map[string]string{"instances/a/config.yml": ""}))
	if len(out.Fixes) != 1 || out.Fixes[0].Changes[0].Create == nil {
		t.Errorf("no file: %v", out.Fixes)
	}
	in := input(t, map[string]string{"instances/a/config.yml": ""})
	in.Roots[0].Role = "grove"
	if out := Plan(in); len(out.Fixes)+len(out.Notes) > 0 {
		t.Errorf("a root without instances: %v", out)
	}
	in = input(t, map[string]string{})
	in.Roots[0].Links = map[string]string{name: "/elsewhere"}
	if out := Plan(in); len(out.Fixes) > 0 || len(out.Notes) != 1 {
		t.Errorf("a link: %v", out)
	}
	out = Plan(input(t, map[string]string{name: "/instances/*\n"}))
	if len(out.Fixes) > 0 || len(out.Notes) != 2 || !strings.Contains(out.Notes[0].Text, "has to be tracked") {
		t.Errorf("ignored requirements: %v", out)
	}
	out = Plan(input(t, map[string]string{"instances/.gitignore": ".venv*\n"}))
	if len(out.Fixes) > 0 {
		t.Errorf("ignored below: %v", out.Fixes)
	}
}

// TestAgainstGit holds the reading of patterns against git's own.
func TestAgainstGit(t *testing.T) {
	git := program.Find(t, "git")
	lines := []string{
		".venv", ".venv/", "/.venv", "*/.venv", "**/.venv", "instances/*/.venv", "/instances/*/.venv/", "instances/**", "instances/*/.v[a-f]nv.*", ".venv.*",
		"inst*/", "!.venv", "# .venv", ".ven?", `\.venv`, "instances", "instances/a/", ".venv.[!l]*", "a/.venv", "**/a/**", " .venv", ".venv ",
	}
	paths := []string{"instances/a/.venv.lock", "instances/a/.venv.new-1/x", "instances/a/.venv/x", "instances/a/b.txt", ".venv/x"}
	dir := t.TempDir()
	if out, err := exec.Command(git, "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i, a := range lines {
		text := a + "\n" + lines[(i*7+3)%len(lines)] + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(git, append([]string{"-C", dir, "check-ignore", "--"}, paths...)...)
		out, _ := cmd.Output()
		var got string
		for _, p := range paths {
			if ignores(text, p, false) {
				got += p + "\n"
			}
		}
		if d := cmp.Diff(string(out), got); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}
