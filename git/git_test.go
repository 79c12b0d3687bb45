package git_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/git"
)

// TestOutputStays holds that git is asked about the given directory, also where it is told of another repository.
func TestOutputStays(t *testing.T) {
	here, other := t.TempDir(), t.TempDir()
	for _, dir := range []string{here, other} {
		if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
			t.Fatalf("git: %v\n%s", err, out)
		}
	}
	t.Setenv("GIT_DIR", other+"/.git")
	t.Setenv("GIT_WORK_TREE", other)
	out, err := git.Output(context.Background(), here, "rev-parse", "--absolute-git-dir")
	if err != nil || !strings.HasPrefix(string(out), here) {
		t.Errorf("%s %v", out, err)
	}
}

// TestLocalVariables holds the list to the one of the git that is installed.
func TestLocalVariables(t *testing.T) {
	out, err := git.Output(context.Background(), t.TempDir(), "rev-parse", "--local-env-vars")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		if left := git.Environ([]string{name + "=x", "HOME=/x"}); len(left) != 1 {
			t.Errorf("%s is handed on: %q", name, left)
		}
	}
}

func TestOutputErrs(t *testing.T) {
	if _, err := git.Output(context.Background(), t.TempDir(), "no-such-command"); err == nil || !strings.Contains(err.Error(), "no-such-command") {
		t.Errorf("%v", err)
	}
}

// TestOutputOfAnotherOwner holds that git's refusal comes with what to do about it.
func TestOutputOfAnotherOwner(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("git", "-C", dir, "init", "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
	if _, err := git.Output(context.Background(), dir, "status"); err == nil || !strings.Contains(err.Error(), "safe.directory") {
		t.Errorf("another owner's repository: %v", err)
	}
}
