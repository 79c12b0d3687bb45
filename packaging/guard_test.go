//go:build dist

package packaging

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// gitlabCILocal is the path of the program that runs pipelines.
func gitlabCILocal(t *testing.T) string {
	t.Helper()
	if os.Getenv("GROVE_MIGRATE_NO_NPM") != "" {
		t.Skip("npm cannot install gitlab-ci-local")
	}
	program.Find(t, "rsync")
	return program.Find(t, cmp.Or(os.Getenv("GROVE_MIGRATE_GITLAB_CI_LOCAL"), "gitlab-ci-local"))
}

// TestReleaseJob runs the job of this project's pipeline that a tag adds, with gitlab-ci-local: it writes the notes of the release, and
// fails for a tag that is not the program's version. The other jobs run what .ci/run runs here.
func TestReleaseJob(t *testing.T) {
	local := gitlabCILocal(t)
	version := regexp.MustCompile(`const version = "(.*)"`).FindStringSubmatch(read(t, "../cmd/grove-migrate/version.go"))[1]
	job := func(tag string) (ran, string) {
		dir := t.TempDir()
		must(t, "..", nil, "cp", "--parents", ".gitlab-ci.yml", "Makefile", "packaging/notes.sh", "cmd/grove-migrate/version.go", dir)
		write(t, filepath.Join(dir, "CHANGELOG.md"), "# Changelog\n\n## ["+version+"] - 2026-12-01\n\n- something new\n")
		commit(t, dir)
		must(t, dir, nil, "git", "remote", "add", "origin", "https://gitlab.example/group/project.git")
		must(t, dir, nil, "git", "-c", "user.name=test", "-c", "user.email=test@example.org", "tag", tag)
		got := run(t, dir, nil, "node", local, "--force-shell-executor", "--no-color", "--variable=CI_COMMIT_TAG="+tag, "notes")
		return got, read(t, filepath.Join(dir, "notes.md"))
	}
	if got, notes := job("v" + version); got.status != 0 || notes != "\n- something new\n" {
		t.Errorf("exit status %d, notes %q\n%s", got.status, notes, got.out)
	}
	if got, _ := job("v999.0.0"); got.status == 0 || !strings.Contains(got.out, "the tag is v999.0.0") {
		t.Errorf("a tag of another version: exit status %d\n%s", got.status, got.out)
	}
}

// guarded is a project with a call of the global tutor, the wheel, and a pipeline that includes the guard.
func guarded(t *testing.T, inputs string) string {
	t.Helper()
	dir := t.TempDir()
	wheel := release(t, "*_"+machines[native(t)]+".whl")
	must(t, "..", nil, "cp", "templates/guard.yml", wheel, dir)
	write(t, filepath.Join(dir, ".gitlab-ci.yml"), "include:\n  - local: guard.yml\n    inputs:\n      wheel: "+filepath.Base(wheel)+"\n"+inputs)
	write(t, filepath.Join(dir, "src/start.sh"), "#!/bin/sh\ntutor local start\n")
	commit(t, dir)
	must(t, dir, nil, "git", "remote", "add", "origin", "https://gitlab.example/group/project.git")
	return dir
}

// TestGuard runs the template with gitlab-ci-local, on this machine and not in its image: a call of the global tutor makes the job
// fail, in its log and in the Code Quality report; a baseline accepts it.
func TestGuard(t *testing.T) {
	local := gitlabCILocal(t)
	env := append(withoutCompilers(t), "PIP_NO_INDEX=1")
	pipeline := func(dir string) ran {
		return run(t, dir, env, "node", local, "--force-shell-executor", "--shell-isolation", "--no-color")
	}
	red := guarded(t, "")
	got := pipeline(red)
	if got.status == 0 || !strings.Contains(got.out, "src/start.sh:2:1: invocation") || !strings.Contains(got.out, "1 site left") {
		t.Errorf("with a call of the global tutor: exit status %d\n%s", got.status, got.out)
	}
	src, err := os.ReadFile(filepath.Join(red, ".gitlab-ci-local/builds/grove-migrate/.grove-migrate-guard/gl-code-quality-report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var issues []struct {
		Location struct{ Path string }
	}
	if err := json.Unmarshal(src, &issues); err != nil || len(issues) != 1 || issues[0].Location.Path != "src/start.sh" {
		t.Errorf("the Code Quality report is %s: %v", src, err)
	}

	green := guarded(t, "      baseline: known.json\n      job: no-global-tutor\n      roots: src\n")
	must(t, green, nil, "sh", "-c", release(t, "grove-migrate-linux-"+native(t))+" scan --format json src >known.json")
	commit(t, green)
	if got := pipeline(green); got.status != 0 || !strings.Contains(got.out, "no-global-tutor") {
		t.Errorf("with a baseline: exit status %d\n%s", got.status, got.out)
	}
	broken := guarded(t, "      roots: nowhere\n")
	if got := pipeline(broken); got.status == 0 || !strings.Contains(got.out, "nowhere: there is no such directory") {
		t.Errorf("with a root that is not there: exit status %d\n%s", got.status, got.out)
	}
}
