package python

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/diff"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/spell"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	reader "gitlab.com/opencraft/dev/grove-migrate/scan/python"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

var update = flag.Bool("update", false, "rewrite the goldens of the fixtures")

// fixtures are the archives that say what becomes of sites in Python. The comment of each names the sites, one a line:
//
//	site FILE:LINE[:N] [root EXPR | decided EXPR]
//
// N tells occurrences of one line apart, from 1; root gives the call's own directory, decided what a person decided. What a
// person decided about a use of a site that is no site itself is
//
//	use FILE:LINE keep REASON
//	use FILE:LINE instance EXPR
//
// The files "diff" and "refused" are the goldens. A file whose name ends in .crlf is given CRLF line ends, and loses that ending.
const fixtures = "../../fixtures/rules/python"

func TestFixtures(t *testing.T) {
	names, err := filepath.Glob(fixtures + "/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	var programs []map[string]string
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			programs = append(programs, checkFixture(t, name))
		})
	}
	compiles(t, programs)
}

// checkFixture compares what becomes of a fixture with its goldens and returns the changed files.
func checkFixture(t *testing.T, name string) map[string]string {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	w := readWorld(archive)
	in := w.input(t, string(archive.Comment))
	fixes, refused := Fixes(in)
	gotDiff, after := w.apply(t, fixes)
	gotRefused := w.refusals(refused)
	if len(fixes)+len(refused) < len(in.Sites) {
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	if *update {
		w.save(t, name, archive, gotDiff, gotRefused)
		return after
	}
	if gotDiff != w.golden["diff"] {
		t.Errorf("diff:\n%s\nwant:\n%s", gotDiff, w.golden["diff"])
	}
	if gotRefused != w.golden["refused"] {
		t.Errorf("refused:\n%s\nwant:\n%s", gotRefused, w.golden["refused"])
	}
	alone(t, w, fixes)
	return after
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
			var p syntax.Parser
			before, _ := p.Parse(syntax.Python, w.files[c.File.Path])
			after, err := p.Parse(syntax.Python, got)
			if err != nil || after.Broken() && !before.Broken() {
				t.Errorf("%v alone breaks %s:\n%s", &f, c.File, got)
			}
			p.Close()
		}
	}
}

// world is the files of one fixture.
type world struct {
	files  map[string][]byte
	names  []string
	golden map[string]string
}

func readWorld(archive *txtar.Archive) *world {
	w := &world{files: map[string][]byte{}, golden: map[string]string{}}
	for _, f := range archive.Files {
		if f.Name == "diff" || f.Name == "refused" {
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

func testPack() *rules.Pack {
	return &rules.Pack{
		Program: rules.Program{Name: "tutor", Packages: []string{"tutor"}, Modules: []string{"tutor"}, Commands: []string{"config", "local", "k8s", "images", "plugins"}},
		Instance: rules.Instance{
			Names: []string{"instance", "instance_name"}, Environment: []string{"INSTANCE_NAME"},
			RootOptions: []string{"--root", "-r"}, RootEnv: []string{"TUTOR_ROOT"}, Dir: "instances", Env: ".venv",
			Workspace: rules.Variable{Name: "CI_PROJECT_DIR", Default: "/workspace"},
		},
	}
}

func (w *world) read(file string) ([]byte, error) {
	if data, ok := w.files[file]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

// input makes the sites that the fixture's comment names.
func (w *world) input(t *testing.T, comment string) spell.Input {
	t.Helper()
	in := spell.Input{Pack: testPack(), Files: w.names, Read: w.read, Decided: w.decisions(comment)}
	var p syntax.Parser
	defer p.Close()
	for _, line := range strings.Split(comment, "\n") {
		rest, ok := strings.CutPrefix(line, "site ")
		if !ok {
			continue
		}
		where, root, _ := strings.Cut(rest, " root ")
		where, decision, _ := strings.Cut(where, " decided ")
		parts := strings.Split(where, ":")
		var number, nth int
		fmt.Sscan(parts[1], &number)
		if nth = 1; len(parts) > 2 {
			fmt.Sscan(parts[2], &nth)
		}
		s := w.site(t, &p, in.Pack, parts[0], number, nth, root)
		if decision != "" {
			s.Instance = site.Name{Expr: decision, How: "decision"}
		}
		in.Sites = append(in.Sites, s)
	}
	return in
}

// decisions are those that the fixture's comment names for uses.
func (w *world) decisions(comment string) func(string, int) (rules.Decision, bool) {
	byPlace := map[string]rules.Decision{}
	for _, line := range strings.Split(comment, "\n") {
		rest, ok := strings.CutPrefix(line, "use ")
		if !ok {
			continue
		}
		if where, why, ok := strings.Cut(rest, " keep "); ok {
			byPlace[where] = rules.Decision{Keep: why}
		} else if where, expr, ok := strings.Cut(rest, " instance "); ok {
			byPlace[where] = rules.Decision{Instance: expr}
		}
	}
	return func(file string, off int) (rules.Decision, bool) {
		d, ok := byPlace[fmt.Sprintf("%s:%d", file, bytes.Count(w.files[file][:off], []byte("\n"))+1)]
		return d, ok
	}
}

func (w *world) site(t *testing.T, p *syntax.Parser, pack *rules.Pack, file string, line, nth int, root string) spell.Site {
	t.Helper()
	src := w.files[file]
	tree, err := p.Parse(syntax.Python, src)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range site.Find(src, pack.Program.Name) {
		if bytes.Count(src[:at.Start], []byte("\n"))+1 != line {
			continue
		}
		if nth--; nth > 0 {
			continue
		}
		slot := &site.Slot{Form: site.Part, Language: "python", Span: at}
		for n := tree.At(at.Start); n.OK(); n = n.Parent() {
			if n.Kind() == "string" {
				slot.Literal = n.Span()
				break
			}
		}
		s := spell.Site{File: file, Occurrence: &site.Occurrence{Span: at, Language: "python", Class: site.Invocation, Rule: "tutor/python-command", Slot: slot}}
		names, _, _ := reader.Names(tree, at, pack)
		if root != "" {
			s.Instance, s.ByRoot = site.Name{Expr: root, How: "root"}, true
		} else if len(names) > 0 {
			s.Instance = names[0]
		}
		return s
	}
	t.Fatalf("%s:%d: no such occurrence", file, line)
	return spell.Site{}
}

// apply merges the fixes, none of which may be dropped, and returns the diff and the changed files.
func (w *world) apply(t *testing.T, fixes []edit.Fix) (string, map[string]string) {
	t.Helper()
	var all []*edit.Fix
	for i := range fixes {
		all = append(all, &fixes[i])
	}
	merged := edit.Merge(all, func(f edit.File) (int, bool) { data, ok := w.files[f.Path]; return len(data), ok })
	for _, d := range merged.Dropped {
		t.Errorf("dropped: %v: %s", d.Fix, d.Detail)
	}
	after := map[string]string{}
	var files []diff.File
	for _, c := range merged.Changes {
		if c.Create != nil {
			files = append(files, diff.Created(c.File.Path, []byte(c.Create.Content), c.Create.Perm()))
			after[c.File.Path] = c.Create.Content
			continue
		}
		before := w.files[c.File.Path]
		files = append(files, diff.File{Path: c.File.Path, Before: before, Edits: c.Edits, OldMode: 0o644, NewMode: 0o644})
		got, err := edit.Apply(before, c.Edits)
		if err != nil {
			t.Fatal(err)
		}
		after[c.File.Path] = string(got)
	}
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
		kept := ""
		if r.Kept {
			kept = "keep, "
		}
		fmt.Fprintf(&out, "%s:%d: %s%s\n", r.Site.File, line, kept, r.Reason)
		if r.Suggestion != "" {
			fmt.Fprintf(&out, "  try %s\n", r.Suggestion)
		}
	}
	return out.String()
}

func (w *world) save(t *testing.T, name string, archive *txtar.Archive, diff, refused string) {
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if f.Name != "diff" && f.Name != "refused" {
			out.Files = append(out.Files, f)
		}
	}
	for _, f := range []txtar.File{{Name: "diff", Data: []byte(diff)}, {Name: "refused", Data: []byte(refused)}} {
		if len(f.Data) > 0 {
			out.Files = append(out.Files, f)
		}
	}
	if err := os.WriteFile(name, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compiles lets Python compile every changed file.
func compiles(t *testing.T, programs []map[string]string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3 is not installed, and the changed files have to be compiled")
		}
		t.Skip("python3 is not installed: the changed files are not compiled")
	}
	programs = slices.DeleteFunc(programs, func(m map[string]string) bool { return len(m) == 0 })
	input, err := json.Marshal(programs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", `
import json, sys
for program in json.load(sys.stdin):
    for name, text in sorted(program.items()):
        try:
            compile(text.encode(), name, "exec", dont_inherit=True)
        except SyntaxError as error:
            print(name, error)
            print(text)
`)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("changed files do not compile: %v\n%s", err, out)
	}
}
