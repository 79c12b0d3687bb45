package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/fixtures/rewriting"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
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
// N tells occurrences of one line apart, from 1; root gives the call's own directory, decided what a person decided.
// Where the value of a site is read, and what a person decided there, comes from a scan with the repository's configuration.
//
// The files "diff" and "refused" are the goldens. A file whose name ends in .crlf is given CRLF line ends, and loses that ending.
const fixtures = "../../fixtures/rules/python"

func TestFixtures(t *testing.T) {
	var programs []map[string]string
	rewriting.Each(t, fixtures, func(t *testing.T, _, path string) { programs = append(programs, checkFixture(t, path)) })
	compiles(t, programs)
}

// checkFixture compares what becomes of a fixture with its goldens and returns the changed files.
func checkFixture(t *testing.T, path string) map[string]string {
	f := rewriting.Read(t, path, "diff", "refused")
	in := input(t, f)
	fixes, refused := Fixes(in)
	patch, after := f.Apply(t, fixes)
	if len(fixes)+len(refused) < len(in.Sites) {
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	f.Hold(t, *update, map[string]string{"diff": patch, "refused": f.Refusals(refused)})
	f.Alone(t, fixes, func(before, after []byte) error {
		var p syntax.Parser
		defer p.Close()
		was, _ := p.Parse(syntax.Python, before)
		is, err := p.Parse(syntax.Python, after)
		if err == nil && is.Broken() && !was.Broken() {
			err = errors.New("has syntax errors")
		}
		return err
	})
	return after.Changed(&f.Repository)
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

// input makes the sites that the fixture's comment names.
func input(t *testing.T, f *rewriting.Fixture) render.Input {
	t.Helper()
	in := render.Input{Pack: testPack(), Files: f.Names, Read: f.Read}
	var p syntax.Parser
	defer p.Close()
	for _, line := range strings.Split(f.Comment, "\n") {
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
		s := siteAt(t, &p, in.Pack, f, parts[0], number, nth, root)
		if decision != "" {
			s.Instance = site.Name{Expr: decision, How: "decision"}
		}
		in.Sites = append(in.Sites, s)
	}
	for file, occ := range f.Scan(t).Sites() {
		for _, s := range in.Sites {
			if s.File == file.Path && s.Occurrence.Span == occ.Span {
				s.Occurrence.Takes, s.Occurrence.Caller = occ.Takes, occ.Caller
			}
		}
	}
	return in
}

// siteAt is the nth site of a line.
func siteAt(t *testing.T, p *syntax.Parser, pack *rules.Pack, f *rewriting.Fixture, file string, line, nth int, root string) render.Site {
	t.Helper()
	src := f.Files[file]
	tree, err := p.Parse(syntax.Python, src)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range site.Find(src, pack.Program.Name) {
		if f.Line(file, at.Start) != line {
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
		s := render.Site{File: file, Occurrence: &site.Occurrence{Span: at, Language: "python", Class: site.Invocation, Rule: "tutor/python-command", Slot: slot}}
		names, _, _ := reader.Open(tree, pack).Names(at)
		if root != "" {
			s.Instance, s.ByRoot = site.Name{Expr: root, How: "root"}, true
		} else if len(names) > 0 {
			s.Instance = names[0]
		}
		return s
	}
	t.Fatalf("%s:%d: no such occurrence", file, line)
	return render.Site{}
}

// compiles lets Python compile every changed file.
func compiles(t *testing.T, programs []map[string]string) {
	t.Helper()
	python := program.Find(t, "python3")
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
