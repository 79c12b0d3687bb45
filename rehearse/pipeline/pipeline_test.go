package pipeline

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/git"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	env := map[string]string{"A": "x", "EMPTY": "", "BRANCH": "main", "PATTERN": "/^ma/"}
	for source, want := range map[string]bool{
		`$A`: true, `$EMPTY`: false, `$NONE`: false, `$NONE == null`: true, `$EMPTY == null`: false, `$A == "x"`: true, `$A != 'x'`: false,
		`$BRANCH =~ /^ma.n$/`: true, `$BRANCH !~ /MA/`: true, `$BRANCH =~ /MA/i`: true, `$BRANCH =~ $PATTERN`: true,
		`$A && $NONE || $BRANCH`: true, `$A && ($NONE || $EMPTY)`: false, `$NONE || $A == "x" && $BRANCH == "main"`: true, `"a/b" =~ /a\/b/`: true,
	} {
		got, err := condition(source, env)
		if err != nil || got != want {
			t.Errorf("%s is %v, %v", source, got, err)
		}
	}
	for _, source := range []string{`$A ==`, `($A`, `$A ; $B`, `A`} {
		if _, err := condition(source, env); err == nil {
			t.Errorf("%s is no fault", source)
		}
	}
}

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"a/b", "a/b", true},
		{"a/*", "a/b", true},
		{"a/*", "a/b/c", false},
		{"a/**/c", "a/c", true},
		{"a/**/c", "a/b/b/c", true},
		{"**", "a/b", true},
		{"instances/*/.venv/", "instances/x/.venv", true},
		{"a.b", "aXb", false},
		{"./a", "a", true},
	} {
		if got := glob(c.pattern).MatchString(c.name); got != c.want {
			t.Errorf("%s and %s: %v", c.pattern, c.name, got)
		}
	}
}

// TestRun runs the pipelines of an archive with a script that only says which files each job has.
func TestRun(t *testing.T) {
	t.Parallel()
	a, err := txtar.ParseFile("testdata/pipelines.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "repository")
	var want string
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "--all"}, {"commit", "--quiet", "--message", "all"}} {
		if err := git.Run(t.Context(), dir, nil, args...); err != nil {
			t.Fatal(err)
		}
	}
	var got strings.Builder
	r := &Runner{
		Repository: dir, Builds: filepath.Join(dir, "../builds"), Store: filepath.Join(dir, "../store"), Watched: "made-*",
		Project: func(name string) string {
			if name == "group/other" {
				return filepath.Join(dir, "other")
			}
			return ""
		},
	}
	r.Script = func(_ context.Context, job, script, checkout string, env map[string]string) (int, string, bool, error) {
		cmd := exec.Command("sh", "-c", strings.TrimPrefix(script, "set -eo pipefail\n"))
		cmd.Dir, cmd.Env = checkout, []string{"PATH=" + os.Getenv("PATH")}
		for _, name := range slices.Sorted(maps.Keys(env)) {
			cmd.Env = append(cmd.Env, name+"="+env[name])
		}
		out, err := cmd.CombinedOutput()
		status := 0
		if err != nil {
			status = 1
		}
		got.WriteString(job + ": " + strings.Join(strings.Fields(strings.ReplaceAll(string(out), checkout, "DIR")), " ") + "\n")
		return status, string(out), false, nil
	}
	green, err := r.Run(t.Context(), ".gitlab-ci.yml", map[string]string{"CI_COMMIT_BRANCH": "main"})
	if err != nil || green {
		t.Errorf("green: %v, %v; the last job fails", green, err)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Made)) {
		got.WriteString("made " + name + ": " + strings.Join(r.Made[name], ", ") + "\n")
	}
	slices.Sort(r.Not)
	got.WriteString("not: " + strings.Join(slices.Compact(r.Not), "; ") + "\n")
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
