// Package commands gives Grove's command line the commands that keep the environments of instances.
package commands

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// planner is what the step knows of a workspace.
type planner struct {
	in  step.Input
	out step.Output
}

// Plan adds the commands to the Typer application of each root that is Grove, unless they are there.
func Plan(in step.Input) step.Output {
	p := &planner{in: in}
	found := false
	for _, root := range in.Roots {
		if root.Role == "grove" {
			found = true
			p.root(root)
		}
	}
	if !found {
		p.note(step.Kept, edit.File{}, 0, "no root is Grove itself, so its command line is not here to be extended")
	}
	return p.out
}

func (p *planner) note(kind step.NoteKind, file edit.File, line int, text string) {
	p.out.Notes = append(p.out.Notes, step.Note{Step: step.Commands, Kind: kind, File: file, Line: line, Text: text})
}

// root extends the one application of a root.
func (p *planner) root(root *step.Root) {
	apps, there := find(root)
	if there {
		return
	}
	where := edit.File{Root: root.Key}
	if len(apps) != 1 {
		why := "no module makes a Typer application"
		if len(apps) > 1 {
			why = "several modules make one: " + names(apps)
		}
		p.note(step.Decide, where, 0, "the commands `venv update`, `reset` and `activate` were added to no command line: "+why+
			"; until Grove has them, `grove-migrate venv` keeps the environments")
		return
	}
	a := apps[0]
	files, err := p.files(root, a)
	if err != nil {
		p.note(step.Decide, where, 0, "the commands were not added: "+err.Error())
		return
	}
	changes := []edit.Change{{File: edit.File{Root: root.Key, Path: a.file}, Edits: a.register(files.module)}}
	changes = append(changes, files.changes...)
	at := edit.File{Root: root.Key, Path: a.file}
	p.out.Fixes = append(p.out.Fixes, &edit.Fix{Rule: p.in.Pack.Program.Name + "/commands", Message: "add the commands that keep environments",
		Applicability: edit.Safe, Site: edit.Place{File: at, Line: a.line, Column: 1, Offset: a.end}, Changes: changes})
	p.note(step.Did, at, a.line, "has the commands `venv update`, `venv reset` and `venv activate`; they are in "+files.home)
	if !lineLength.MatchString(p.read(root, path.Join(path.Dir(a.file), "pyproject.toml"))) && !lineLength.MatchString(p.read(root, "pyproject.toml")) {
		p.note(step.Run, at, 0, "black "+files.home+" and the modules beside it: they are formatted for lines of 100 characters, and pyproject.toml does not say that Black has these")
	}
	if !files.tested {
		p.note(step.Decide, at, 0, "there is no directory of tests beside it, so the new commands came without theirs")
	}
}

// lineLength is how Black is told of the line length that the added modules are formatted for.
var lineLength = regexp.MustCompile(`(?m)^\s*line[-_]length\s*=\s*100\b`)

// read is the text of a file, or nothing when there is none.
func (p *planner) read(root *step.Root, file string) string {
	if !root.Has(file) {
		return ""
	}
	src, err := root.Read(file)
	if err != nil {
		return ""
	}
	return string(src)
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

// stems are the modules without the one of the commands, which may have to be called otherwise.
func stems() []string {
	return []string{"environments", "environment_packages", "environment_pip", "environment_python", "environment_requirements", "environment_versions"}
}

// files are the modules and their tests, with this workspace's names in them.
func (p *planner) files(root *step.Root, a application) (added, error) {
	command := "venv"
	if a.prefix == "" { // beside the script, where it would hide the standard library's own venv
		command = "venv_commands"
	}
	own := ""
	for _, stem := range append(stems(), command) {
		if root.Has(path.Join(a.dir, stem+".py")) || strings.Contains(strings.Join(root.Files, "\n"), path.Join(a.dir, stem)+"/") {
			own = "instance_"
		}
	}
	out := added{module: a.prefix + own + command, home: path.Join(a.dir, own+command+".py")}
	words, err := p.words(root, a, own)
	if err != nil {
		return out, err
	}
	add := func(source, target string) error {
		if root.Has(target) {
			return fmt.Errorf("%s is there already", target)
		}
		text, err := rules.File(p.in.Pack.Program.Name, source+".py.txt")
		if err != nil {
			return err
		}
		out.changes = append(out.changes, edit.Change{File: edit.File{Root: root.Key, Path: target}, Create: &edit.Creation{Content: words.Replace(text)}})
		return nil
	}
	if err := add("venv", out.home); err != nil {
		return out, err
	}
	for _, stem := range stems() {
		if err := add(stem, path.Join(a.dir, own+stem+".py")); err != nil {
			return out, err
		}
	}
	if a.tests == "" {
		return out, nil
	}
	out.tested = true
	return out, add("test_venv", path.Join(a.tests, "test_"+own+"venv.py"))
}

// words are what the texts in braces stand for.
func (p *planner) words(root *step.Root, a application, own string) (*strings.Replacer, error) {
	table, err := p.table()
	if err != nil {
		return nil, err
	}
	name := root.Config.RequirementsFile()
	for _, r := range p.in.Roots {
		if r.Role == "template" {
			name = r.Config.RequirementsFile()
		}
	}
	i := p.in.Pack.Instance
	unaligned := ""
	for _, u := range table.Unaligned {
		unaligned += fmt.Sprintf("\n    %q,", u)
	}
	if unaligned != "" {
		unaligned += "\n"
	}
	return strings.NewReplacer("{package}", a.prefix+own, "{module}", a.module, "{app}", a.name,
		"{requirements}", name, "{lock}", strings.TrimSuffix(name, path.Ext(name))+".lock",
		"{workspace_variable}", i.Workspace.Name, "{workspace_default}", i.Workspace.Default, "{instances}", i.Dir,
		"{releases}", table.python(), "{unaligned}", unaligned), nil
}

// table is what is known of the program's releases.
type table struct {
	Releases []struct {
		From, Python string
		Needs        []string
	}
	Unaligned []string
}

func (p *planner) table() (table, error) {
	var t table
	src, err := rules.Releases(p.in.Pack.Program.Name)
	if err != nil {
		return t, err
	}
	return t, yaml.Load(src, &t)
}

// python writes the releases as Black would.
func (t table) python() string {
	var b strings.Builder
	for _, r := range t.Releases {
		var needs []string
		for _, n := range slices.Sorted(slices.Values(r.Needs)) {
			needs = append(needs, fmt.Sprintf("%q", n))
		}
		tuple := strings.Join(needs, ", ")
		if len(needs) == 1 {
			tuple += ","
		}
		fmt.Fprintf(&b, "    Release(%q, %q, (%s)),\n", r.From, r.Python, tuple)
	}
	return b.String()
}
