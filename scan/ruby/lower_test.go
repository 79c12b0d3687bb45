package ruby

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

var update = flag.Bool("update", false, "write the lowered form that is found into testdata")

func TestLower(t *testing.T) {
	const path = "testdata/lower.txtar"
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	for _, f := range archive.Files {
		golden[f.Name] = string(f.Data)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		name, ok := strings.CutSuffix(f.Name, ".rb")
		if !ok {
			continue
		}
		got := dump(parsed(t, string(f.Data)).Body, "")
		if diff := cmp.Diff(golden[name], got); diff != "" && !*update {
			t.Errorf("%s (- want, + got):\n%s", name, diff)
		}
		out.Files = append(out.Files, f, txtar.File{Name: name, Data: []byte(got)})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parsed(t testing.TB, src string) *flow.Unit {
	t.Helper()
	var p syntax.Parser
	defer p.Close()
	tree, err := Parse(&p, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return Lower("x.rb", tree)
}

func TestResolve(t *testing.T) {
	files := map[string]bool{"scripts/run.rb": true, "scripts/lib/shell.rb": true, "lib/grove/cli.rb": true, "lib/task": true, "a.rb": true}
	for _, tc := range []struct{ unit, module, want string }{
		{"scripts/run.rb", "./lib/shell", "scripts/lib/shell.rb"},
		{"scripts/run.rb", "./lib/shell.rb", "scripts/lib/shell.rb"},
		{"scripts/run.rb", "./../lib/grove/cli", "lib/grove/cli.rb"},
		{"scripts/run.rb", "shell", "scripts/lib/shell.rb"},
		{"scripts/run.rb", "grove/cli", "lib/grove/cli.rb"},
		{"bin/x", "./../lib/task", "lib/task"},
		{"scripts/run.rb", "./shell", ""},
		{"scripts/run.rb", "open3", ""},
		{"scripts/run.rb", "./../../a", ""},
		{"scripts/run.rb", "/a", ""},
		{"scripts/run.rb", "", ""},
		{"a.rb", "./a", ""},
	} {
		got, ok := Resolve(tc.unit, tc.module, func(p string) bool { return files[p] })
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("Resolve(%q, %q) = %q, %v, want %q", tc.unit, tc.module, got, ok, tc.want)
		}
	}
}

// Whatever is lowered, nothing panics, every literal's map is right, and every place is in the file.
func FuzzLower(f *testing.F) {
	for _, lit := range append(append([]string{}, literals...), interpolated...) {
		f.Add("system(" + lit)
		f.Add("x = " + lit + "\nsystem x")
	}
	if archive, err := txtar.ParseFile("testdata/lower.txtar"); err == nil {
		for _, file := range archive.Files {
			f.Add(string(file.Data))
		}
	}
	pack := testPack()
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 4<<10 {
			return
		}
		var p syntax.Parser
		defer p.Close()
		tree, err := Parse(&p, []byte(src))
		if err != nil {
			return
		}
		check(t, src, Lower("x.rb", tree).Body)
		for i := 0; i < len(src); i += 1 + len(src)/16 {
			at := source.Span{Start: i, End: min(len(src), i+5)}
			Classify(tree, tree.Src, at, pack)
			Suspect(tree, tree.Src, at, pack)
			Names(tree, at, pack)
		}
	})
}
