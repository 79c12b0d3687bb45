package python

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// testPack is the common data of Python with a program to look for.
func testPack(t testing.TB) *rules.Pack {
	t.Helper()
	data, err := os.ReadFile("../../rules/packs/common/python.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var pack rules.Pack
	if err := yaml.Unmarshal(data, &pack); err != nil {
		t.Fatal(err)
	}
	pack.Program = rules.Program{Name: "tutor", Packages: []string{"tutor"}, Modules: []string{"tutor"}, Commands: []string{"local", "config", "k8s"}}
	pack.Instance = rules.Instance{Names: []string{"instance", "instance_*"}, Environment: []string{"INSTANCE_NAME"}}
	return &pack
}

func place(src []byte, s source.Span) string {
	line := bytes.Count(src[:s.Start], []byte("\n")) + 1
	return fmt.Sprintf("%d:%d", line, s.Start-bytes.LastIndexByte(src[:s.Start], '\n'))
}

func TestClassify(t *testing.T) {
	pack := testPack(t)
	known := map[string]bool{}
	for _, r := range pack.Rules {
		known[strings.ReplaceAll(r.Name, "{program}", "tutor")] = true
	}
	golden(t, "testdata/classify.txtar", func(t *testing.T, tree *syntax.Tree) string {
		var out strings.Builder
		for _, at := range site.Find(tree.Src, "tutor") {
			class, rule, reason := Open(tree, pack).Classify(at)
			if class == "" || class.Site() || reason == "" || !known[rule] {
				t.Errorf("%s: class %q, rule %q, reason %q", place(tree.Src, at), class, rule, reason)
			}
			fmt.Fprintf(&out, "%s %s %s: %s\n", place(tree.Src, at), class, strings.TrimPrefix(rule, "tutor/python-"), reason)
			if why, ok := Open(tree, pack).Suspect(at); ok {
				fmt.Fprintf(&out, "  suspect: %s\n", why)
			}
		}
		return out.String()
	})
}

func TestNames(t *testing.T) {
	pack := testPack(t)
	golden(t, "testdata/names.txtar", func(t *testing.T, tree *syntax.Tree) string {
		var out strings.Builder
		for _, at := range site.Find(tree.Src, "tutor") {
			names, owner, ownerAt := Open(tree, pack).Names(at)
			if (owner == "") != (ownerAt == source.Span{}) || owner != "" && !ownerAt.Covers(at) {
				t.Errorf("%s: owner %q at %v", place(tree.Src, at), owner, ownerAt)
			}
			fmt.Fprintf(&out, "%s %s:", strings.TrimRight(string(tree.Src[at.Start:min(at.End+3, len(tree.Src))]), `"' `), owner)
			for _, n := range names {
				fmt.Fprintf(&out, " %s (%s)", n.Expr, n.How)
			}
			out.WriteString("\n")
		}
		return out.String()
	})
}

func TestResolve(t *testing.T) {
	files := map[string]bool{}
	for _, f := range []string{
		"cli/grove/__init__.py", "cli/grove/utils.py", "cli/grove/sub/__init__.py", "cli/grove/sub/deep.py", "cli/cli.py",
		"cli/tests/test_x.py", "cli/grove/subprocess.py", "src/other/__init__.py", "src/other/x.py", "scripts/lib.py",
		"scripts/os.py", "scripts/run.py", "space/mod.py",
	} {
		files[f] = true
	}
	for _, c := range []struct{ unit, module, want string }{
		{"cli/grove/utils.py", "grove", "cli/grove/__init__.py"},
		{"cli/grove/sub/deep.py", "grove.utils", "cli/grove/utils.py"},
		{"cli/cli.py", "grove.sub", "cli/grove/sub/__init__.py"},
		{"cli/tests/test_x.py", "grove.sub.deep", "cli/grove/sub/deep.py"},
		{"cli/tests/test_x.py", "cli", "cli/cli.py"},
		{"cli/grove/sub/deep.py", ".", "cli/grove/sub/__init__.py"},
		{"cli/grove/sub/deep.py", "..", "cli/grove/__init__.py"},
		{"cli/grove/sub/deep.py", "..utils", "cli/grove/utils.py"},
		{"cli/grove/utils.py", ".sub.deep", "cli/grove/sub/deep.py"},
		{"cli/grove/utils.py", Member(".", "utils"), "cli/grove/utils.py"},
		{"cli/grove/utils.py", Member("grove", "utils"), "cli/grove/utils.py"},
		{"cli/grove/utils.py", "./cli/grove/__init__.py.sub", "cli/grove/sub/__init__.py"},
		{"cli/cli.py", "other.x", "src/other/x.py"},
		{"scripts/run.py", "lib", "scripts/lib.py"},
		{"scripts/run.py", "space.mod", "space/mod.py"},
		// What is not there, or is another package's.
		{"cli/grove/utils.py", "subprocess", ""},
		{"scripts/run.py", "grove", ""},
		{"scripts/run.py", "space", ""},
		{"cli/grove/utils.py", "...x", ""},
		{"cli.py", "..x", ""},
		{"cli/grove/utils.py", "", ""},
		{"cli/grove/utils.py", "nothing.at.all", ""},
		{"cli/grove/utils.py", "./cli/grove/utils.py.x", ""},
	} {
		got, ok := Resolve(c.unit, c.module, func(f string) bool { return files[f] })
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s imports %q: %q, %v; want %q", c.unit, c.module, got, ok, c.want)
		}
	}
}

func FuzzClassify(f *testing.F) {
	for _, seed := range []string{
		"import tutor\nprint('tutor local')", "run(['tutor', *a]) # tutor", "class A:\n  def __init__(self, instance): self.instance = instance\n  def f(self): x('tutor')",
		"x = 'tutor'\ny = x\nx = y", "f'{tutor} tutor {a['tutor']}'", "def f(instance=None):\n  if not instance: return\n  'tutor'",
		"[('tutor', i) for i in instances if 'tutor']", "match tutor:\n case 'tutor': pass",
	} {
		f.Add(seed)
	}
	pack := testPack(f)
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 4096 {
			return
		}
		tree := parsed(t, []byte(src))
		file := Open(tree, pack)
		for _, at := range site.Find(tree.Src, "tutor") {
			class, rule, reason := file.Classify(at)
			if class == "" || class.Site() || rule == "" || reason == "" {
				t.Fatalf("%q: class %q, rule %q, reason %q", src, class, rule, reason)
			}
			_, suspect := file.Suspect(at)
			if again, _, _ := Open(tree, pack).Classify(at); again != class {
				t.Fatalf("%q: %q alone, %q among others", src, again, class)
			}
			names, owner, ownerAt := file.Names(at)
			if owner == "" && ownerAt.Len() > 0 || suspect && class == site.Message {
				t.Fatalf("%q: owner %q at %v, suspect %v, class %q, %v", src, owner, ownerAt, suspect, class, names)
			}
		}
	})
}
