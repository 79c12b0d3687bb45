package plan_test

import (
	"context"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
)

// TestMakeTellsOfTests holds that a test which compares a command is named, and one of a language in which nothing changes is not.
func TestMakeTellsOfTests(t *testing.T) {
	ws, report := files(t, map[string]string{
		"grove.py":            "import subprocess\n\n\ndef save(root):\n    subprocess.run([\"tutor\", \"--root\", root, \"config\", \"save\"])\n",
		"tests/test_grove.py": "def test_save(calls):\n    assert calls == [[\"tutor\", \"config\", \"save\"]]\n",
		"tests/helper.py":     "def same(calls):\n    return calls == [[\"tutor\", \"config\", \"save\"]]\n",
		"spec/save_spec.rb":   "it { expect(calls).to eq [\"tutor config save\"] }\n",
	})
	made, err := plan.Make(context.Background(), report, ws, only())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, n := range made.Notes {
		if strings.Contains(n.Text, "compares a command") {
			told = append(told, n.File.Path)
		}
	}
	if len(told) != 1 || told[0] != "tests/test_grove.py" {
		t.Errorf("told of %v, want tests/test_grove.py", told)
	}
}
