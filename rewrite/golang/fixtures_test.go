package golang

import (
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/rewriting"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	reader "gitlab.com/opencraft/dev/grove-migrate/scan/golang"
	"gitlab.com/opencraft/dev/grove-migrate/scan/shell"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

var update = flag.Bool("update", false, "rewrite the goldens of the fixtures")

// fixtures are small Go repositories. Each is followed, fixed and followed again: "found" lists every occurrence with its
// class, "diff" is what the fixes make of the files, "refused" the sites that have none. A file whose name ends in .crlf
// is given CRLF line ends, and loses that ending.
const fixtures = "../../fixtures/rules/go"

func TestFixtures(t *testing.T) {
	types := newChecker()
	rewriting.Each(t, fixtures, func(t *testing.T, _, path string) { checkFixture(t, path, types) })
}

func checkFixture(t *testing.T, path string, types *checker) {
	f := rewriting.Read(t, path, "found", "diff", "refused")
	in, found := follow(t, &f.Repository)
	fixes, refused := Fixes(in)
	if len(fixes)+len(refused) != len(in.Sites) {
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	patch, after := f.Apply(t, fixes)
	f.Hold(t, *update, map[string]string{"found": found, "diff": patch, "refused": f.Refusals(refused)})
	again, _ := follow(t, after)
	if n := len(again.Sites); n != len(refused) {
		t.Errorf("%d sites are left, %d were refused", n, len(refused))
	}
	for name, text := range after.Changed(&f.Repository) {
		if out, err := format.Source([]byte(text)); strings.HasSuffix(name, ".go") && (err != nil || string(out) != text) {
			t.Errorf("%s is not as gofmt writes it: %v\n%s", name, err, text)
		}
	}
	types.check(t, &f.Repository, after)
	f.Alone(t, fixes, func(_, after []byte) error {
		_, err := format.Source(after)
		return err
	})
}

// checker holds changed packages to what the compiler accepts.
type checker struct {
	fset *token.FileSet
	std  types.Importer
}

func newChecker() *checker {
	fset := token.NewFileSet()
	return &checker{fset, importer.ForCompiler(fset, "source", nil)}
}

// Import gives the standard library's packages, and an empty package for any other.
func (c *checker) Import(p string) (*types.Package, error) {
	if strings.Contains(strings.Split(p, "/")[0], ".") {
		pkg := types.NewPackage(p, path.Base(p))
		pkg.MarkComplete()
		return pkg, nil
	}
	return c.std.Import(p)
}

// check fails when a package has mistakes after the fixes that it did not have before.
func (c *checker) check(t *testing.T, before, after *rewriting.Repository) {
	t.Helper()
	was := c.mistakes(before)
	for _, m := range c.mistakes(after) {
		if !slices.Contains(was, m) {
			t.Errorf("after the fixes: %s", m)
		}
	}
}

func (c *checker) mistakes(r *rewriting.Repository) []string {
	var out []string
	packages := map[string][]*ast.File{}
	for _, name := range r.Names {
		if path.Ext(name) != ".go" {
			continue
		}
		f, err := parser.ParseFile(c.fset, name, r.Files[name], parser.SkipObjectResolution)
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		key := path.Dir(name) + " " + f.Name.Name
		packages[key] = append(packages[key], f)
	}
	for key, files := range packages {
		conf := types.Config{Importer: c, Error: func(err error) {
			if e, ok := err.(types.Error); ok {
				out = append(out, key+": "+e.Msg)
			}
		}}
		conf.Check(key, c.fset, files, nil) //nolint:errcheck // every mistake is handed to Error
	}
	return out
}

// follow finds the commands of the repository: the sites to rewrite, and a list of every occurrence.
func follow(t *testing.T, r *rewriting.Repository) (render.Input, string) {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	trees := map[string]*reader.Tree{}
	for _, name := range r.Names {
		if tree, err := reader.Parse(r.Files[name]); err == nil && path.Ext(name) == ".go" {
			trees[name] = tree
		}
	}
	var files []string
	for _, name := range r.Names {
		if trees[name] != nil {
			files = append(files, name)
		}
	}
	result := flow.Solve(context.Background(), flow.Input{Pack: pack, Language: "go", Files: files,
		Load:    func(f string) (*flow.Unit, bool) { return trees[f].Lower(f), trees[f] != nil },
		Resolve: func(from, module string) (string, bool) { return reader.Package(from, module, files) },
		Siblings: func(file string) []string {
			return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return path.Dir(f) != path.Dir(file) })
		}})
	in := render.Input{Pack: pack, Files: r.Names, Read: r.Read}
	seen := map[string]site.Occurrence{}
	var parser syntax.Parser
	defer parser.Close()
	for _, cmd := range result.Commands {
		for i := range cmd.Script.Holes { // the parameter of the function that the fixes add is an instance's directory
			h := &cmd.Script.Holes[i]
			if at := cmd.Script.Map.At(h.Start); string(r.Files[at.File][at.Start:at.End]) == "root" {
				h.Source = "root"
			}
		}
		opt := shell.Options{Pack: pack, Parser: &parser, Roots: []string{"root"}}
		for _, occ := range shell.Read(cmd.Script, opt).Occurrences {
			at, ok := cmd.Script.Map.Host(occ.Span)
			if !ok || !occ.Class.Site() {
				continue
			}
			key := fmt.Sprintf("%s:%06d", at.File, at.Start)
			if old, known := seen[key]; !known || old.Action == site.Done {
				occ.Span = at.Span
				seen[key] = occ
			}
		}
	}
	return in, list(r, &in, seen, trees, pack)
}

// list describes every occurrence and adds the sites to in.
func list(r *rewriting.Repository, in *render.Input, seen map[string]site.Occurrence, trees map[string]*reader.Tree, pack *rules.Pack) string {
	var out strings.Builder
	for _, file := range r.Names {
		tree := trees[file]
		if tree == nil {
			continue
		}
		for _, at := range site.Find(tree.Src, pack.Program.Name) {
			where := r.Place(file, at.Start)
			occ, ok := seen[fmt.Sprintf("%s:%06d", file, at.Start)]
			if !ok {
				class, _, _ := tree.Classify(at, pack)
				if _, suspect := tree.Suspect(at, pack); suspect {
					class += " (suspect)"
				}
				fmt.Fprintf(&out, "%s: %s\n", where, class)
				continue
			}
			fmt.Fprintf(&out, "%s: %s %q", where, occ.Class, strings.Join(occ.Argv, " "))
			if occ.Action == site.Done {
				out.WriteString(" done\n")
				continue
			}
			s := render.Site{File: file, Occurrence: &site.Occurrence{Span: at, Class: occ.Class, Argv: occ.Argv, Rule: pack.Program.Name + "/go-command"}}
			slot := &site.Slot{Form: site.Part, Language: "go", Span: at}
			slot.Names, slot.Owner, slot.OwnerAt = tree.Names(at, pack)
			s.Occurrence.Slot = slot
			if root := comment(tree, at, "root: "); root != "" { // the solver's own answer is tried with the whole scan
				s.Instance, s.ByRoot = site.Name{Expr: root, How: "root"}, true
			} else if len(slot.Names) > 0 {
				s.Instance = slot.Names[0]
			}
			fmt.Fprintf(&out, " for %q\n", s.Instance.Expr)
			in.Sites = append(in.Sites, s)
		}
	}
	return out.String()
}

// comment is the text of a comment at the end of the line that begins with a mark; empty when there is none.
func comment(tree *reader.Tree, at source.Span, mark string) string {
	line, _, _ := strings.Cut(string(tree.Src[at.End:]), "\n")
	_, text, _ := strings.Cut(line, "// "+mark)
	return text
}
