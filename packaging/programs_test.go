//go:build dist

package packaging

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// TestPrograms holds the programs to need nothing of the machine, to know their commit, and to say the same on both
// architectures. The one that is not this machine's is run under qemu.
func TestPrograms(t *testing.T) {
	head := strings.TrimSpace(must(t, "..", nil, "git", "rev-parse", "HEAD"))
	ws := workspace(t)
	var scans []string
	for arch, machine := range machines {
		path := release(t, "grove-migrate-linux-"+arch)
		static(t, path)
		argv := []string{path}
		if here := strings.TrimSpace(must(t, "", nil, "uname", "-m")); here != machine {
			argv = []string{program.Find(t, "qemu-"+machine+"-static"), path}
		}
		got := must(t, ws, nil, append(argv, "version")...)
		if want := regexp.MustCompile(`^grove-migrate \d+\.\d+\.\d+ \(commit ` + head[:12] + `\)\n$`); !want.MatchString(got) {
			t.Errorf("%s: version prints %q, and dist/ has to be made of commit %.12s: run make dist", path, got, head)
		}
		scans = append(scans, must(t, ws, nil, append(argv, "scan", "--format", "json", "grove", "grove-template", "my-cluster")...))
	}
	if scans[0] != scans[1] || !strings.Contains(scans[0], `"rewrite"`) {
		t.Errorf("the architectures find different things, or nothing (%d and %d bytes)", len(scans[0]), len(scans[1]))
	}
}

// static fails for a program that has an interpreter, needs libraries, or holds paths of the machine that it was built on.
func static(t *testing.T, path string) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("%s is not static: it has a segment %v", path, p.Type)
		}
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Join(home, "go"), filepath.Join(home, ".cache"), top + "/", os.TempDir() + "/tmp."} {
		if bytes.Contains(src, []byte(dir)) {
			t.Errorf("%s holds the path %s", path, dir)
		}
	}
}

// TestBareMachine runs the program where there is nothing else: no C library, no git, no Python, nothing to write to, no home.
func TestBareMachine(t *testing.T) {
	if os.Geteuid() != 0 {
		program.Missing(t, "only root can leave the machine's files behind (chroot)")
	}
	root, err := os.MkdirTemp("/var/tmp", "") // outside of the directory of the test, which others may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	must(t, "..", nil, "cp", "-a", "fixtures/workspace", release(t, "grove-migrate-linux-"+native(t)), root)
	must(t, root, nil, "chmod", "-R", "u=rwX,go=rX", ".")
	alone := func(argv ...string) ran {
		command := exec.Command("/grove-migrate-linux-"+native(t), argv...)
		command.Dir, command.Env = "/workspace", []string{"HOME=/nonexistent"}
		command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
		out, err := command.CombinedOutput()
		if command.ProcessState == nil {
			t.Fatal(err)
		}
		return ran{string(out), command.ProcessState.ExitCode()}
	}
	for _, c := range []struct {
		argv   string
		status int
		says   string
	}{
		{"version", 0, "grove-migrate"},
		{"scan grove grove-template my-cluster", 0, "git is not installed"},
		{"apply --dry-run my-cluster", 0, "+++ b/"},
		{"apply my-cluster", 3, "permission denied"},
		{"venv --workspace my-cluster status", 1, "missing"},
	} {
		got := alone(strings.Fields(c.argv)...)
		if got.status != c.status || !strings.Contains(got.out, c.says) {
			t.Errorf("%s: exit status %d, want %d and %q\n%s", c.argv, got.status, c.status, c.says, got.out)
		}
	}
}

// native is Go's name of this machine's architecture.
func native(t *testing.T) string {
	t.Helper()
	here := strings.TrimSpace(must(t, "", nil, "uname", "-m"))
	for arch, machine := range machines {
		if machine == here {
			return arch
		}
	}
	program.Missing(t, "there is no program for "+here)
	return ""
}

// TestChecksums holds SHA256SUMS to every file of dist/, and the rest of a release to what has to be there.
func TestChecksums(t *testing.T) {
	src, err := os.ReadFile(release(t, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(src)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
	}
	top := filepath.Dir(release(t, "SHA256SUMS"))
	err = filepath.WalkDir(top, func(p string, d os.DirEntry, err error) error {
		name, _ := filepath.Rel(top, p)
		if err != nil || d.IsDir() || name == "SHA256SUMS" {
			return err
		}
		data, err := os.ReadFile(p)
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != sums[name] {
			t.Errorf("%s: its sum is %s, and listed is %q", name, got, sums[name])
		}
		delete(sums, name)
		return err
	})
	if err != nil || len(sums) != 0 {
		t.Errorf("listed and not there: %v, %v", sums, err)
	}
	for name, text := range map[string]string{
		"man/grove-migrate-scan.1": `\fBgrove-migrate scan`, "completions/bash/grove-migrate": "__start_grove-migrate",
		"completions/zsh/_grove-migrate": "#compdef grove-migrate", "completions/fish/grove-migrate.fish": "complete -c grove-migrate",
		"licences/LICENSE": "GNU AFFERO", "licences/THIRD-PARTY.txt": "==== musl: COPYRIGHT",
	} {
		data, err := os.ReadFile(release(t, name))
		if err != nil || !bytes.Contains(data, []byte(text)) {
			t.Errorf("%s: %v, or it has no %q", name, err, text)
		}
	}
	// Every module that is linked has its licence there.
	licences, err := os.ReadFile(release(t, "licences/THIRD-PARTY.txt"))
	if err != nil {
		t.Fatal(err)
	}
	linked := regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(must(t, "", nil, "go", "version", "-m", release(t, "grove-migrate-linux-arm64")), -1)
	if len(linked) < 10 {
		t.Fatalf("only %d modules are linked", len(linked))
	}
	for _, m := range linked {
		if !bytes.Contains(licences, []byte("==== "+m[1]+" "+m[2]+": ")) {
			t.Errorf("%s %s: no licence in THIRD-PARTY.txt", m[1], m[2])
		}
	}
}
