package scan

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// inOrder are sites of which one source after the other is the first that holds.
var inOrder = map[string]string{
	"decided.sh":               "tutor --root \"$ROOT\" local start\n",
	"root.sh":                  "f() {\n  local instance_name=$1\n  tutor --root \"instances/$2\" local start\n}\n",
	"name.sh":                  "f() {\n  local instance_name=$1\n  tutor local start\n}\n",
	"value.sh":                 "TUTOR=tutor\nf() {\n  local instance_name=$1\n  $TUTOR local start\n}\n",
	"object.py":                "import subprocess\n\n\nclass Instance:\n    def __init__(self, name):\n        self.root_dir = f\"instances/{name}\"\n\n    def go(self):\n        subprocess.run([\"tutor\", \"local\"])\n",
	"words.py":                 "import subprocess\n\nWORDS = [\"tutor local\", \"ls\"]\n\n\ndef go(instance_name):\n    for words in WORDS:\n        subprocess.run(words, shell=True)\n",
	"handed.py":                "import subprocess\nfrom functools import partial\n\nrun = partial(subprocess.run, [\"tutor\", \"local\"])\n\n\ndef go(instance_name):\n    run(check=True)\n",
	"caller.py":                "import subprocess\n\n\ndef go():\n    subprocess.run([\"tutor\", \"local\"])\n\n\ndef main(instance_name):\n    go()\n",
	"instances/alpha/hooks.py": "import subprocess\n\nsubprocess.run([\"tutor\", \"local\"])\n",
	"instances/alpha/named.py": "import subprocess\n\n\ndef go(instance_name):\n    subprocess.run([\"tutor\", \"local\"])\n",
}

// TestResolutionOrder holds the instance of each site to the source that is the first to hold, and takes out each source in
// turn, and each two neighbours out of their order: what is found has to change.
func TestResolutionOrder(t *testing.T) {
	want := []string{
		"caller.py instance_name (single-caller)",
		"decided.sh alpha (decision)",
		"handed.py instance_name (name-at-uses)",
		"instances/alpha/hooks.py \"alpha\" (place)",
		"instances/alpha/named.py instance_name (name-in-scope)",
		"name.sh $instance_name (name-in-scope)",
		"object.py self.root_dir (root)",
		"root.sh instances/$2 (root)",
		"value.sh $instance_name (name-at-uses)",
		"words.py instance_name (name-at-uses)",
	}
	if d := cmp.Diff(want, instances(t, nil)); d != "" {
		t.Fatalf("-want +got:\n%s", d)
	}
	all := (&Workspace{}).resolutionOrder()
	for i, src := range all {
		t.Run(fmt.Sprintf("without %d %s", i, src.name), func(t *testing.T) {
			if slices.Equal(want, instances(t, slices.Delete(slices.Clone(all), i, i+1))) {
				t.Error("nothing changes without it: add a site that needs it, or take it out")
			}
		})
	}
}

// instances are the sites of inOrder with the instance of each and its source.
func instances(t *testing.T, order []instanceSource) []string {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	root := &Root{Key: ".", Role: RoleCluster, Config: &rules.Config{Decisions: []rules.Decision{{Path: "decided.sh", Instance: "alpha"}}}}
	for name := range inOrder {
		root.Tree.Files = append(root.Tree.Files, name)
	}
	slices.Sort(root.Tree.Files)
	root.Tree.Read = func(p string) ([]byte, error) { return []byte(inOrder[p]), nil }
	root.Tree.Mode = func(string) (fs.FileMode, error) { return 0o644, nil }
	report, err := Scan(context.Background(), Workspace{Pack: pack, Roots: []*Root{root}, order: order})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range report.Files {
		for _, occ := range f.Occurrences {
			if occ.Class.Site() && occ.Slot != nil && !strings.HasPrefix(string(f.Src[occ.Start:]), "TUTOR") {
				out = append(out, fmt.Sprintf("%s %s (%s)", f.Path, occ.Instance, occ.InstanceFrom))
			}
		}
	}
	return out
}
