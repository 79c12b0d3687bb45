package golang

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/diff"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/spell"
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
	paths, err := filepath.Glob(fixtures + "/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	types := newChecker()
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { checkFixture(t, path, types) })
	}
}

func checkFixture(t *testing.T, path string, types *checker) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := readWorld(archive)
	in, found := w.follow(t)
	fixes, refused := Fixes(in)
	if len(fixes)+len(refused) != len(in.Sites) {
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	patch, after := w.apply(t, fixes)
	got := map[string]string{"found": found, "diff": patch, "refused": w.refusals(refused)}
	if *update {
		save(t, path, archive, got)
	} else {
		for _, part := range []string{"found", "diff", "refused"} {
			if d := cmp.Diff(w.golden[part], got[part]); d != "" {
				t.Errorf("%s (- want, + got):\n%s", part, d)
			}
		}
	}
	again, _ := after.follow(t)
	if n := len(again.Sites); n != len(refused) {
		t.Errorf("%d sites are left, %d were refused", n, len(refused))
	}
	for name, data := range after.files {
		if out, err := format.Source(data); strings.HasSuffix(name, ".go") && !bytes.Equal(data, w.files[name]) && (err != nil || !bytes.Equal(out, data)) {
			t.Errorf("%s is not as gofmt writes it: %v\n%s", name, err, data)
		}
	}
	types.check(t, w, after)
	alone(t, w, fixes)
}

// alone applies each fix without the others: a person may decline any of them.
func alone(t *testing.T, w *world, fixes []edit.Fix) {
	for _, f := range fixes {
		for _, c := range f.Changes {
			if c.Create != nil {
				continue
			}
			got, err := edit.Apply(w.files[c.File.Path], c.Edits)
			if err != nil {
				t.Fatalf("%v: %v", &f, err)
			}
			if _, err := format.Source(got); err != nil {
				t.Errorf("%v alone breaks %s: %v\n%s", &f, c.File, err, got)
			}
		}
	}
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
func (c *checker) check(t *testing.T, before, after *world) {
	t.Helper()
	was := c.mistakes(before)
	for _, m := range c.mistakes(after) {
		if !slices.Contains(was, m) {
			t.Errorf("after the fixes: %s", m)
		}
	}
}

func (c *checker) mistakes(w *world) []string {
	var out []string
	packages := map[string][]*ast.File{}
	for _, name := range w.names {
		if path.Ext(name) != ".go" {
			continue
		}
		f, err := parser.ParseFile(c.fset, name, w.files[name], parser.SkipObjectResolution)
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

// world is the files of one repository.
type world struct {
	files  map[string][]byte
	names  []string
	golden map[string]string
}

func readWorld(archive *txtar.Archive) *world {
	w := &world{files: map[string][]byte{}, golden: map[string]string{}}
	for _, f := range archive.Files {
		switch f.Name {
		case "found", "diff", "refused":
			w.golden[f.Name] = string(f.Data)
			continue
		}
		name, crlf := strings.CutSuffix(f.Name, ".crlf")
		data := f.Data
		if crlf {
			data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
		}
		w.files[name] = data
		w.names = append(w.names, name)
	}
	sort.Strings(w.names)
	return w
}

func (w *world) read(file string) ([]byte, error) {
	if data, ok := w.files[file]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

// follow finds the commands of the repository: the sites to rewrite, and a list of every occurrence.
func (w *world) follow(t *testing.T) (spell.Input, string) {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	trees := map[string]*reader.Tree{}
	for _, name := range w.names {
		if tree, err := reader.Parse(w.files[name]); err == nil && path.Ext(name) == ".go" {
			trees[name] = tree
		}
	}
	var files []string
	for _, name := range w.names {
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
	in := spell.Input{Pack: pack, Files: w.names, Read: w.read}
	seen := map[string]site.Occurrence{}
	var parser syntax.Parser
	defer parser.Close()
	for _, cmd := range result.Commands {
		for _, occ := range shell.Read(cmd.Guest, shell.Options{Pack: pack, Parser: &parser}).Occurrences {
			at, ok := cmd.Guest.Map.Host(occ.Span)
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
	return in, w.list(&in, seen, trees, pack)
}

// list describes every occurrence and adds the sites to in.
func (w *world) list(in *spell.Input, seen map[string]site.Occurrence, trees map[string]*reader.Tree, pack *rules.Pack) string {
	var out strings.Builder
	for _, file := range w.names {
		tree := trees[file]
		if tree == nil {
			continue
		}
		for _, at := range site.Find(tree.Src, pack.Program.Name) {
			before := tree.Src[:at.Start]
			where := fmt.Sprintf("%s:%d:%d", file, 1+bytes.Count(before, []byte("\n")), at.Start-bytes.LastIndexByte(before, '\n'))
			occ, ok := seen[fmt.Sprintf("%s:%06d", file, at.Start)]
			if !ok {
				class, _, _ := tree.Explain(at, pack)
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
			s := spell.Site{File: file, Occurrence: &site.Occurrence{Span: at, Class: occ.Class, Argv: occ.Argv, Rule: pack.Program.Name + "/go-command"}}
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

// apply merges the fixes, none of which may be dropped, and returns the diff and the repository after them.
func (w *world) apply(t *testing.T, fixes []edit.Fix) (string, *world) {
	t.Helper()
	var all []*edit.Fix
	for i := range fixes {
		all = append(all, &fixes[i])
	}
	merged := edit.Merge(all, func(f edit.File) (int, bool) { data, ok := w.files[f.Path]; return len(data), ok })
	for _, d := range merged.Dropped {
		t.Errorf("dropped: %v: %s", d.Fix, d.Detail)
	}
	after := &world{files: map[string][]byte{}, golden: w.golden}
	for name, data := range w.files {
		after.files[name] = data
	}
	var files []diff.File
	for _, c := range merged.Changes {
		if c.Create != nil {
			files = append(files, diff.Created(c.File.Path, []byte(c.Create.Content), c.Create.Perm()))
			after.files[c.File.Path] = []byte(c.Create.Content)
			continue
		}
		before := w.files[c.File.Path]
		files = append(files, diff.File{Path: c.File.Path, Before: before, Edits: c.Edits, OldMode: 0o644, NewMode: 0o644})
		got, err := edit.Apply(before, c.Edits)
		if err != nil {
			t.Fatal(err)
		}
		after.files[c.File.Path] = got
	}
	for name := range after.files {
		after.names = append(after.names, name)
	}
	sort.Strings(after.names)
	var out bytes.Buffer
	if err := diff.Unified(&out, files); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), "\r", "␍"), after
}

func (w *world) refusals(refused []spell.Refusal) string {
	var out strings.Builder
	for _, r := range refused {
		line := bytes.Count(w.files[r.Site.File][:r.Site.Occurrence.Start], []byte("\n")) + 1
		fmt.Fprintf(&out, "%s:%d: %s\n", r.Site.File, line, r.Reason)
		if r.Suggestion != "" {
			fmt.Fprintf(&out, "  try %s\n", r.Suggestion)
		}
	}
	return out.String()
}

func save(t *testing.T, path string, archive *txtar.Archive, got map[string]string) {
	t.Helper()
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if _, golden := got[f.Name]; !golden {
			out.Files = append(out.Files, f)
		}
	}
	for _, part := range []string{"found", "diff", "refused"} {
		if got[part] != "" {
			out.Files = append(out.Files, txtar.File{Name: part, Data: []byte(got[part])})
		}
	}
	if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}
