package golang

import (
	"flag"
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
	report := f.Scan(t)
	in := f.Input(t, report, "go")
	fixes, refused := Fixes(in)
	if len(fixes)+len(refused) != len(in.Sites) {
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	patch, after := f.Apply(t, fixes)
	f.Hold(t, *update, map[string]string{"found": f.Found(report), "diff": patch, "refused": f.Refusals(refused)})
	if n := len(after.Input(t, after.Scan(t), "go").Sites); n != len(refused) {
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
