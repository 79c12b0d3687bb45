//go:build e2e

package venv

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The walk from one release to the next, as docs/environments.md has it, with real releases.
func TestRealWalk(t *testing.T) {
	reachable(t)
	w := real(t, "")
	tool := filepath.Join(filepath.Dir(w.root), "bin", "grove-migrate")
	w.output(".", "go", "build", "-o", tool, "../cmd/grove-migrate")
	w.set("PATH", filepath.Dir(tool)+":"+realPath())
	w.set("CI", "true") // on this machine
	for _, instance := range []string{"alpha", "beta"} {
		w.require(instance, "tutor==18.2.2", "tutor-mfe==18.1.0")
		w.write("instances/"+instance+"/config.yml", "PLUGINS: [mfe]\n")
	}
	w.output(w.root, tool, "venv", "update", "--all")
	text, err := os.ReadFile("../docs/environments.md")
	w.must(err)
	_, walk, _ := strings.Cut(string(text), "## 11. ")
	blocks := regexp.MustCompile("(?s)```text\n(.*?)```").FindAllStringSubmatch(walk, -1)
	if len(blocks) < 3 {
		t.Fatalf("%d blocks", len(blocks))
	}
	said, command := "", ""
	for _, block := range blocks {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			if next, ok := strings.CutPrefix(line, "$ "); ok {
				command = next
				cmd := exec.Command("sh", "-c", command)
				cmd.Dir, cmd.Env = w.root, w.environ
				out, err := cmd.CombinedOutput()
				if said = string(out); err != nil && !strings.Contains(command, "--dry-run") {
					t.Fatalf("%s: %v\n%s", command, err, said)
				}
				continue
			}
			want := "(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$"
			if !regexp.MustCompile(want).MatchString(said) {
				t.Errorf("%s: no line like %q in\n%s", command, line, said)
			}
		}
	}
}
