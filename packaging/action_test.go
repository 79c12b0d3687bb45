//go:build dist

package packaging

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

const workflow = `on: push
jobs:
  guard:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./action
        with:
          wheel: WHEEL
`

// upload stands in for GitHub's own action, which only GitHub can serve: it keeps the report.
const upload = `name: keep the report
inputs: {sarif_file: {required: true}, category: {required: true}}
runs:
  using: composite
  steps: [{shell: bash, run: 'cp "${{ inputs.sarif_file }}" "KEPT"'}]
`

// TestAction runs the action with act, on this machine and not in GitHub's image: a call of the global tutor makes the job fail,
// in its log and in the report that is uploaded; a baseline accepts it.
func TestAction(t *testing.T) {
	act := program.Find(t, "act")
	wheel := release(t, "*_"+machines[native(t)]+".whl")
	kept := filepath.Join(t.TempDir(), "kept.sarif")
	stand := t.TempDir()
	write(t, filepath.Join(stand, "upload-sarif/action.yml"), strings.Replace(upload, "KEPT", kept, 1))
	commit(t, stand)
	must(t, stand, nil, "git", "tag", "v3")
	env := append(withoutCompilers(t), "PIP_NO_INDEX=1")
	job := func(with string) ran {
		dir := t.TempDir()
		must(t, "..", nil, "install", "-D", "action.yml", filepath.Join(dir, "action/action.yml"))
		write(t, filepath.Join(dir, ".github/workflows/guard.yml"), strings.Replace(workflow, "WHEEL\n", wheel+"\n"+with, 1))
		write(t, filepath.Join(dir, "src/start.sh"), "#!/bin/sh\ntutor local start\n")
		if with != "" {
			report := must(t, dir, nil, release(t, "grove-migrate-linux-"+native(t)), "scan", "--format", "json", "src")
			write(t, filepath.Join(dir, "known.json"), report)
		}
		commit(t, dir)
		return run(t, dir, env, act, "push", "--platform=ubuntu-latest=-self-hosted", "--local-repository=github/codeql-action@v3="+stand)
	}
	if got := job(""); got.status == 0 || !strings.Contains(got.out, "src/start.sh:2:1: invocation") || !strings.Contains(got.out, "Failure - Main Judge") {
		t.Errorf("with a call of the global tutor: exit status %d\n%s", got.status, got.out)
	}
	src, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Runs []struct{ Results []json.RawMessage }
	}
	if err := json.Unmarshal(src, &report); err != nil || len(report.Runs) != 1 || !strings.Contains(string(src), `"src/start.sh"`) {
		t.Errorf("what is uploaded is %s: %v", src, err)
	}
	if got := job("          baseline: known.json\n          roots: src\n"); got.status != 0 {
		t.Errorf("with a baseline: exit status %d\n%s", got.status, got.out)
	}
}
