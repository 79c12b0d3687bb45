package python

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// everyString makes a site of each occurrence in a string, whatever it is.
func everyString(tree *syntax.Tree, file string) []render.Site {
	var out []render.Site
	for _, at := range site.Find(tree.Src, "tutor") {
		for n := tree.At(at.Start); n.OK() && n.Kind() != "interpolation"; n = n.Parent() {
			if n.Kind() != "string" {
				continue
			}
			slot := &site.Slot{Language: "python", Span: at, Literal: n.Span()}
			out = append(out, render.Site{
				File: file, Occurrence: &site.Occurrence{Span: at, Slot: slot},
				Instance: site.Name{Expr: `os.environ["INSTANCE_NAME"]`},
			})
			break
		}
	}
	return out
}

// FuzzFixes rewrites every string that holds the word and looks whether the file parses as well as before, all edits
// included and no byte of a line that no edit touches changed.
func FuzzFixes(f *testing.F) {
	for _, seed := range []string{
		"x = 'tutor'", "run(f\"a {b} tutor {{}}\" \" tutor\")", "x = '''tutor %s''' % (a,)", "'tutor {}'.format(a, )\nimport os\n",
		"import a\nx = [\"tutor\", 'a very long line that has to be broken, since it is longer than a line may be', a, b]\n",
		"#!x\r\n'''doc'''\r\nx = rf'tutor'\r\n", "x(u'tutor' r'\\tutor{}')", "x = 'tutor' % {}", "return'tutor'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		var p syntax.Parser
		defer p.Close()
		if len(src) > 2000 || strings.ContainsRune(src, 0) {
			return
		}
		before, err := p.Parse(syntax.Python, []byte(src))
		if err != nil || before.Broken() {
			return
		}
		in := render.Input{Pack: testPack(), Files: []string{"x.py"}, Read: func(string) ([]byte, error) { return []byte(src), nil }, Sites: everyString(before, "x.py")}
		fixes, _ := Fixes(in)
		all := make([]*edit.Fix, len(fixes))
		for i := range fixes {
			all[i] = &fixes[i]
		}
		for _, c := range edit.Merge(all, nil).Changes {
			got, err := edit.Apply([]byte(src), c.Edits)
			if err != nil {
				t.Fatal(err)
			}
			if after, err := p.Parse(syntax.Python, got); err != nil || after.Broken() {
				t.Fatalf("%q becomes %q, which does not parse", src, got)
			}
		}
	})
}
