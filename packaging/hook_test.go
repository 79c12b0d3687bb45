//go:build dist

package packaging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// TestPreCommit runs the hook with pre-commit itself: it judges what is staged, and nothing else. The program is the one that is
// installed, or comes from the wheel into an environment that pre-commit makes.
func TestPreCommit(t *testing.T) {
	wheel := release(t, "*_"+machines[native(t)]+".whl")
	hook, err := os.ReadFile("../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	hooks := t.TempDir()
	write(t, filepath.Join(hooks, ".pre-commit-hooks.yaml"), string(hook))
	commit(t, hooks)
	env := withoutCompilers(t)
	dir := t.TempDir()
	must(t, dir, env, "python3", "-m", "venv", "venv")
	must(t, dir, env, "venv/bin/pip", "install", "--no-index", wheel)
	installed := append(env, strings.Replace(env[0], "PATH=", "PATH="+dir+"/venv/bin:", 1))
	t.Run("installed", func(t *testing.T) {
		judge(t, installed, "repos:\n- repo: "+hooks+"\n  rev: main\n  hooks: [{id: grove-migrate}]\n")
	})
	t.Run("wheel", func(t *testing.T) {
		if os.Getenv("GROVE_MIGRATE_NO_INDEX") != "" {
			t.Skip("pre-commit needs a package index to build the environment of a local hook")
		}
		judge(t, env, "repos:\n- repo: local\n  hooks:\n  - id: grove-migrate\n    name: no call of the global tutor\n    language: python\n"+
			"    entry: grove-migrate scan --check\n    types: [text]\n    require_serial: true\n    additional_dependencies: ['"+wheel+"']\n")
	})
}

// judge holds the hook of a configuration to judge what is staged.
func judge(t *testing.T, env []string, configuration string) {
	t.Helper()
	precommit := program.Find(t, "pre-commit")
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".pre-commit-config.yaml"), configuration)
	write(t, filepath.Join(dir, "old.sh"), "tutor local start\n")
	commit(t, dir)
	write(t, filepath.Join(dir, "harmless.sh"), "ls\n")
	must(t, dir, nil, "git", "add", "harmless.sh")
	if got := run(t, dir, env, precommit, "run"); got.status != 0 || !strings.Contains(got.out, "Passed") {
		t.Errorf("nothing is wrong in what is staged: exit status %d\n%s", got.status, got.out)
	}
	// What is staged counts, not what stands in the work tree.
	write(t, filepath.Join(dir, "new.sh"), "ls\n\ntutor local stop\n")
	must(t, dir, nil, "git", "add", "new.sh")
	write(t, filepath.Join(dir, "new.sh"), "ls\n")
	got := run(t, dir, env, precommit, "run")
	if got.status != 1 || !strings.Contains(got.out, "new.sh:3:1: invocation") || strings.Contains(got.out, "old.sh:") {
		t.Errorf("a call is staged: exit status %d\n%s", got.status, got.out)
	}
	if got := run(t, dir, env, precommit, "run", "--all-files"); got.status != 1 || !strings.Contains(got.out, "old.sh:1:1: invocation") {
		t.Errorf("all files: exit status %d\n%s", got.status, got.out)
	}
}
