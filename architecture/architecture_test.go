// Package architecture holds no code: its tests keep the packages apart and small, and the documents whole.
package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "gitlab.com/opencraft/dev/grove-migrate/"

// The bounds of a file and of a function, in lines.
const (
	maxFile = 500
	maxFunc = 60
)

// source is one Go file of the module that is no test.
type source struct {
	path string // from the module's root, with slashes
	pkg  string // its directory
	file *ast.File
	set  *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(p, "../"))
		if d.IsDir() && (rel == ".git" || strings.HasPrefix(rel, "fixtures/workspace")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{rel, filepath.ToSlash(filepath.Dir(rel)), f, set})
		return nil
	})
	if err != nil || len(out) < 50 {
		t.Fatalf("%d files: %v", len(out), err)
	}
	return out
}

func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

// within reports whether a package is the given one or lies inside it.
func within(pkg, other string) bool { return pkg == other || strings.HasPrefix(pkg, other+"/") }

// TestDirections holds who may import whom.
func TestDirections(t *testing.T) {
	for _, s := range sources(t) {
		for _, path := range s.imports() {
			pkg, ours := strings.CutPrefix(path, module)
			switch {
			case strings.HasPrefix(path, "github.com/smacker/go-tree-sitter") && s.pkg != "scan/syntax":
				t.Errorf("%s imports the parser binding; only scan/syntax may", s.path)
			case path == "github.com/spf13/cobra" && s.pkg != "cmd/grove-migrate":
				t.Errorf("%s imports cobra; only the command may", s.path)
			case !ours, pkg == "suggest" && s.pkg != "suggest", pkg == "lazyregexp":
			case within(s.pkg, "venv") && !within(pkg, "venv") && pkg != "requirement":
				t.Errorf("%s imports %s: environments know requirements, and neither scanner nor rules", s.path, pkg)
			case s.pkg == "requirement" && pkg != "venv/redact" && pkg != "venv/tree":
				t.Errorf("%s imports %s: requirements know neither who migrates them nor who installs them", s.path, pkg)
			case s.pkg == "venv/redact", s.pkg == "venv/tree":
				t.Errorf("%s imports %s: requirements stand on it", s.path, pkg)
			case (s.pkg == "rewrite/edit" || s.pkg == "rewrite/diff" || s.pkg == "rewrite/transaction") && (within(pkg, "scan") || within(pkg, "rules")):
				t.Errorf("%s imports %s: edits know no parser", s.path, pkg)
			case within(s.pkg, "scan") && within(pkg, "rewrite"):
				t.Errorf("%s imports %s: a scan knows nothing of writing", s.path, pkg)
			case within(s.pkg, "rules"), s.pkg == "suggest":
				t.Errorf("%s imports %s: rules are data and know no package", s.path, pkg)
			case within(pkg, "fixtures") && !within(s.pkg, "fixtures"):
				t.Errorf("%s imports %s: fixtures are for tests", s.path, pkg)
			case pkg == "cmd/grove-migrate":
				t.Errorf("%s imports the command", s.path)
			}
		}
	}
}

// TestEffects holds the ends at which the program may print, exit and start processes.
func TestEffects(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg == "cmd/grove-migrate" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			name := x.Name + "." + sel.Sel.Name
			if slices.Contains([]string{"os.Exit", "fmt.Println", "fmt.Printf", "fmt.Print", "os.Stdout", "os.Stderr", "log.Fatal"}, name) {
				t.Errorf("%s: %s: only the command prints and exits", s.set.Position(n.Pos()), name)
			}
			return true
		})
	}
}

// TestStart holds the program to a quick start: no package compiles an expression before it is used.
func TestStart(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if _, ok := d.(*ast.GenDecl); !ok || within(s.pkg, "fixtures") {
				continue
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "MustCompile" {
					t.Errorf("%s: compiled whenever the program starts; take lazyregexp.New", s.set.Position(n.Pos()))
				}
				_, inner := n.(*ast.FuncLit)
				return !inner
			})
		}
	}
}

// TestSizes holds files and functions to their bounds, packages to a comment, and the module to no init.
func TestSizes(t *testing.T) {
	comments := map[string]string{}
	pkgs := map[string]string{}
	for _, s := range sources(t) {
		src, err := os.ReadFile(filepath.Join("..", s.path))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(src), "\n"); n > maxFile {
			t.Errorf("%s has %d lines; the bound is %d", s.path, n, maxFile)
		}
		pkgs[s.pkg] = s.path
		if s.file.Doc != nil && strings.HasPrefix(s.file.Doc.Text(), "Package "+s.file.Name.Name) {
			comments[s.pkg] = s.file.Doc.Text()
		}
		for _, d := range s.file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			from, to := s.set.Position(fn.Pos()), s.set.Position(fn.End())
			if to.Line-from.Line+1 > maxFunc {
				t.Errorf("%s: %s has %d lines; the bound is %d", from, fn.Name.Name, to.Line-from.Line+1, maxFunc)
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s: an init", from)
			}
		}
	}
	for pkg, path := range pkgs {
		first, _, _ := strings.Cut(comments[pkg], "\n\n")
		if !strings.HasSuffix(strings.TrimSpace(first), ".") && !strings.HasPrefix(pkg, "cmd/") {
			t.Errorf("%s: the package has no comment that is a sentence", path)
		}
	}
}

// TestPublicComments holds every public name to a comment.
func TestPublicComments(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && publicReceiver(d) && !wellKnown(d.Name.Name) {
					t.Errorf("%s: %s has no comment", s.set.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil && ts.Comment == nil {
						t.Errorf("%s: %s has no comment", s.set.Position(ts.Pos()), ts.Name.Name)
					}
				}
			}
		}
	}
}

func publicReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// wellKnown are methods whose meaning is fixed by the interface that they satisfy.
func wellKnown(name string) bool {
	return slices.Contains([]string{"Error", "Unwrap", "String", "Is", "As"}, name)
}
