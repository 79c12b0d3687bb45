//go:build dist

package packaging

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// machines are the names that Linux and Python have for the architectures of a release.
var machines = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// release is the path of a file of dist/, by a pattern that only it matches.
func release(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("../dist", pattern))
	if err != nil || len(names) != 1 {
		t.Fatalf("dist/%s are %q, %v: run make dist first", pattern, names, err)
	}
	abs, err := filepath.Abs(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// ran is what came of a command.
type ran struct {
	out    string // both streams
	status int
}

// run runs a command, for ten minutes at most and in clean-ups too; an empty environment means that of the test.
func run(t *testing.T, dir string, env []string, argv ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out bytes.Buffer
	command.Dir, command.Env, command.Stdout, command.Stderr = dir, env, &out, &out
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatalf("%q: %v", argv, err)
	}
	return ran{out.String(), command.ProcessState.ExitCode()}
}

// must runs a command that has to end with status 0, and returns what it printed.
func must(t *testing.T, dir string, env []string, argv ...string) string {
	t.Helper()
	r := run(t, dir, env, argv...)
	if r.status != 0 {
		t.Fatalf("%q: exit status %d\n%s", argv, r.status, r.out)
	}
	return r.out
}

// workspace is a committed copy of the fixture workspace.
func workspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, "..", nil, "cp", "-a", "fixtures/workspace/.", dir)
	commit(t, dir)
	return dir
}

// commit puts all files of a directory into a repository there.
func commit(t *testing.T, dir string) {
	t.Helper()
	must(t, dir, nil, "git", "init", "--quiet", "--initial-branch=main", ".")
	must(t, dir, nil, "git", "add", "--all")
	must(t, dir, nil, "git", "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message=all")
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compiler matches the programs that build others, and Go's.
var compiler = regexp.MustCompile(`^(go|gofmt|zig|tcc|tutor|grove-migrate|(.*-)?(cc|gcc|g\+\+|c\+\+|c89|c99|clang|clang\+\+|cpp|ld|as)(-[\d.]+)?)$`)

// withoutCompilers is an environment of a person who has Python and git but nothing to build programs with, and no home yet.
func withoutCompilers(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	for _, dir := range []string{filepath.Dir(program.Find(t, "python3")), "/usr/bin", "/bin"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if to := filepath.Join(bin, e.Name()); !compiler.MatchString(e.Name()) {
				if err := os.Symlink(filepath.Join(dir, e.Name()), to); err != nil && !os.IsExist(err) {
					t.Fatal(err)
				}
			}
		}
	}
	for _, gone := range []string{"go", "cc", "g++"} {
		if _, err := os.Lstat(filepath.Join(bin, gone)); err == nil {
			t.Fatalf("%s is not hidden", gone)
		}
	}
	env := []string{"PATH=" + bin, "HOME=" + t.TempDir()}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "PIP_") || strings.HasPrefix(v, "UV_") || strings.HasPrefix(v, "SSL_") {
			env = append(env, v)
		}
	}
	return env
}
