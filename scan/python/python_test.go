package python

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

var update = flag.Bool("update", false, "write what is found into testdata")

// golden compares what f makes of each x.py of an archive with the file x that follows it.
func golden(t *testing.T, path string, f func(t *testing.T, tree *syntax.Tree) string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, file := range archive.Files {
		want[file.Name] = string(file.Data)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for _, file := range archive.Files {
		name, ok := strings.CutSuffix(file.Name, ".py")
		if !ok {
			continue
		}
		got := f(t, parsed(t, file.Data))
		if diff := cmp.Diff(want[name], got); diff != "" && !*update {
			t.Errorf("%s (- want, + got):\n%s", name, diff)
		}
		out.Files = append(out.Files, file, txtar.File{Name: name, Data: []byte(got)})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parsed(t testing.TB, src []byte) *syntax.Tree {
	t.Helper()
	var p syntax.Parser
	defer p.Close()
	tree, err := p.Parse(syntax.Python, src)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestLower(t *testing.T) {
	golden(t, "testdata/lower.txtar", func(t *testing.T, tree *syntax.Tree) string {
		u := Lower("x.py", tree)
		check(t, tree.Src, u)
		return dump(u)
	})
}
