// Package commands gives Grove's command line the commands that keep the environments of instances.
package commands

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// planner is what the step knows of a workspace.
type planner struct {
	in   step.Input
	out  step.Output
	home string // module of the root with the function that builds the environment of a new instance; empty when there is none
}

// Plan adds the commands to the application, of Typer or Click, of each root that is Grove, unless they are there.
func Plan(in step.Input) step.Output {
	p := &planner{in: in}
	found := false
	for _, root := range in.Roots {
		if root.Role == "grove" {
			found = true
			p.home = makerOf(root)
			p.root(root)
			p.newInstances(root)
		}
	}
	if !found {
		p.note(step.Kept, edit.File{}, 0, "no root is Grove itself, so its command line is not here to be extended")
	}
	return p.out
}

// Serves reports whether Grove's command line builds environments once it is migrated; one that is nowhere here is taken to.
func Serves(in step.Input) bool {
	p := &planner{in: in}
	for _, root := range in.Roots {
		if root.Role == "grove" && !p.root(root) {
			return false
		}
	}
	return true
}

func (p *planner) note(kind step.NoteKind, file edit.File, line int, text string) {
	p.out.Notes = append(p.out.Notes, step.Note{Step: step.Commands, Kind: kind, File: file, Line: line, Text: text})
}

// root extends the one application of a root, or completes what it has of the commands. It reports whether that then builds
// environments.
func (p *planner) root(root *step.Root) bool {
	f := find(root)
	where := edit.File{Root: root.Key}
	switch {
	case f.attached && f.group.end == 0:
		return true // Its commands are made where no module of this root shows them.
	case f.attached:
		return p.complete(root, *f.group)
	case f.single.Line > 0:
		p.note(step.Decide, f.single.File, f.single.Line, "it has a command `venv` of its own, so the commands `update`, `reset` and `activate` were not added below that name: "+
			"add them there, or let `grove-migrate venv` keep the environments")
		return false
	case len(f.apps) != 1:
		why := "no module makes a Typer application, a group of Click or commands of argparse with functions"
		if f.other != "" {
			why += " (" + f.other + ", makes another kind of command line)"
		}
		if len(f.apps) > 1 {
			why = "several modules make one: " + names(f.apps)
		}
		p.note(step.Decide, where, 0, "the commands `venv update`, `reset` and `activate` were added to no command line: "+why+
			"; until Grove has them, `grove-migrate venv` keeps the environments")
		return len(f.apps) == 0 && f.other == "" && !slices.ContainsFunc(root.Files, startsGrove)
	case f.group != nil:
		return p.attach(root, f.apps[0], *f.group)
	}
	a := f.apps[0]
	files, err := p.files(root, a)
	if err != nil {
		p.note(step.Decide, where, 0, "the commands were not added: "+err.Error())
		return false
	}
	at := edit.File{Root: root.Key, Path: a.file}
	changes := []edit.Change{{File: at, Edits: a.register(files.module, a.export)}}
	p.home = files.home
	p.fix(at, a.line, a.end, append(changes, files.changes...))
	p.note(step.Did, at, a.line, "has the commands `venv update`, `venv reset` and `venv activate`; they are in "+files.home)
	if !files.tested {
		p.note(step.Decide, at, 0, "there is no directory of tests beside it, so the new commands came without theirs")
	}
	return true
}

func (p *planner) fix(at edit.File, line, offset int, changes []edit.Change) {
	p.out.Fix(p.in.Pack.Program.Name+"/commands", "add the commands that keep environments", edit.Place{File: at, Line: line, Offset: offset}, changes...)
}

// complete gives the commands that a group lacks, if that can be done with what it has. It reports whether it builds
// environments.
func (p *planner) complete(root *step.Root, g group) bool {
	at := edit.File{Root: root.Key, Path: g.file}
	missing := g.missing()
	if len(missing) == 0 {
		return true
	}
	if _, shell := g.commands["shell"]; shell && g.stacks && slices.Equal(missing, []string{"activate"}) {
		p.fix(at, g.line, g.commands["shell"], []edit.Change{{File: at, Edits: []edit.Edit{g.alias("shell", "activate")}}})
		p.note(step.Did, at, g.line, "its command `venv shell` is called `venv activate` too")
		return true
	}
	p.note(step.Decide, at, g.line, "the group `venv` lacks `"+strings.Join(missing, "`, `")+"`: add what is missing beside the others; until then `grove-migrate venv` has it")
	return !slices.Contains(missing, "update")
}

// attach registers a group that is there and that no application names.
func (p *planner) attach(root *step.Root, a application, g group) bool {
	module := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(g.file, path.Dir(a.file)+"/"), ".py"), "/", ".")
	if a.prefix != "" && !strings.HasPrefix(module, a.prefix) {
		module = a.prefix + module
	}
	at := edit.File{Root: root.Key, Path: a.file}
	p.fix(at, a.line, a.end, []edit.Change{{File: at, Edits: a.register(module, g.name)}})
	p.note(step.Did, at, a.line, "has the commands of "+g.file+" as `venv`")
	return p.complete(root, g)
}

// startsGrove reports whether a file is called as command lines of Grove are.
func startsGrove(file string) bool {
	stem := strings.TrimSuffix(path.Base(file), path.Ext(file))
	return (stem == "grove" || stem == "cli") && slices.Contains([]string{"", ".sh", ".rb", ".py"}, path.Ext(file))
}

func names(apps []application) string {
	var out []string
	for _, a := range apps {
		out = append(out, a.file)
	}
	return strings.Join(out, ", ")
}

// added are the files that one application gets.
type added struct {
	module  string // what the application imports, "grove.venv"
	home    string // path of that module
	tested  bool
	changes []edit.Change
}

// files are the module and its tests, with this workspace's names in them.
func (p *planner) files(root *step.Root, a application) (added, error) {
	stem := "venv"
	if a.prefix == "" { // beside the script, where it would hide the standard library's own venv
		stem = "venv_commands"
	}
	if root.Has(path.Join(a.dir, stem+".py")) || strings.Contains(strings.Join(root.Files, "\n"), path.Join(a.dir, stem)+"/") {
		stem = "instance_" + stem
	}
	out := added{module: a.prefix + stem, home: path.Join(a.dir, stem+".py")}
	words := p.words(root, a, stem)
	add := func(source, target string) error {
		if root.Has(target) {
			return fmt.Errorf("%s is there already", target)
		}
		text, err := rules.File(p.in.Pack.Program.Name, source+".py.txt")
		if err != nil {
			return err
		}
		commands, err := rules.File(p.in.Pack.Program.Name, a.source+".py.txt")
		if err != nil {
			return err
		}
		text = a.text(strings.Replace(text, "{commands}", commands, 1))
		out.changes = append(out.changes, edit.Change{File: edit.File{Root: root.Key, Path: target}, Create: &edit.Creation{Content: words.Replace(text)}})
		return nil
	}
	if err := add("venv", out.home); err != nil || a.tests == "" {
		return out, err
	}
	out.tested = true
	return out, add("test_venv", path.Join(a.tests, "test_"+stem+".py"))
}

// words are what the texts in braces stand for.
func (p *planner) words(root *step.Root, a application, stem string) *strings.Replacer {
	name := p.in.RequirementsFile()
	i := p.in.Pack.Instance
	words := []string{
		"{requirements}", name, "{lock}", strings.TrimSuffix(name, path.Ext(name)) + ".lock",
		"{workspace_variable}", i.Workspace.Name, "{workspace_default}", i.Workspace.Default, "{instances}", i.Dir,
		"{plugins_root}", p.pluginsRoot(), "{needs}", p.needs(), "{import_name}", a.prefix + stem, "{handler}", handler(a.src),
	}
	module := "import " + stem
	if a.prefix != "" {
		module = "from " + strings.TrimSuffix(a.prefix, ".") + " import " + stem
	}
	if stem != "venv" {
		module += " as venv"
	}
	words = append(words, "{import_venv}", module)
	if usesUnittest(root, a.tests) {
		return strings.NewReplacer(append(words, "{import_unittest}", "import unittest\n", "{class}", "VenvTest(unittest.TestCase)", "{setup}", "setUp", "{teardown}", "tearDown")...)
	}
	return strings.NewReplacer(append(words, "{import_unittest}", "", "{class}", "TestVenv", "{setup}", "setup_method", "{teardown}", "teardown_method")...)
}

// pluginsRoot is the Python expression for where plugins that are files are looked for when no variable says it.
func (p *planner) pluginsRoot() string {
	for _, dir := range step.PluginRoots(p.in) {
		if slices.ContainsFunc(p.in.Roots, func(r *step.Root) bool {
			return slices.ContainsFunc(r.Files, func(f string) bool { return path.Dir(f) == dir })
		}) {
			return `directory.parents[1] / "` + dir + `"`
		}
	}
	return `directory / "plugins"`
}

// needs are the requirements that releases of the program have and do not declare, as a Python tuple has them.
func (p *planner) needs() string {
	var table struct{ Releases []struct{ Needs []string } }
	src, err := rules.Releases(p.in.Pack.Program.Name)
	if err == nil {
		err = yaml.Unmarshal(src, &table)
	}
	var out []string
	for _, r := range table.Releases {
		for _, need := range r.Needs {
			if quoted := fmt.Sprintf("%q", need); !slices.Contains(out, quoted) {
				out = append(out, quoted)
			}
		}
	}
	slices.Sort(out)
	if len(out) == 1 || err != nil {
		return strings.Join(out, "") + ","
	}
	return strings.Join(out, ", ")
}

// usesUnittest reports whether the tests of a directory are unittest's and none of them is pytest's.
func usesUnittest(root *step.Root, dir string) bool {
	unittest := false
	for _, file := range root.Files {
		if path.Dir(file) != dir || path.Ext(file) != ".py" {
			continue
		}
		src, err := root.Read(file)
		if err == nil && importsPytest.Match(src) {
			return false
		}
		unittest = unittest || err == nil && bytes.Contains(src, []byte("unittest.TestCase"))
	}
	return unittest
}

var importsPytest = lazyregexp.New(`(?m)^[ \t]*(?:import|from)[ \t]+pytest\b`)
