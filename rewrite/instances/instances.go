// Package instances writes down for each instance what its environment holds: the pins that fit its Open edX release and the plugins that it enables.
package instances

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// planner is what the step knows of a workspace.
type planner struct {
	in       step.Input
	plugins  *rules.Plugins
	releases []release
	files    []string // directories of plugins that are single files
	out      step.Output
}

// instance is one directory below instances/.
type instance struct {
	root *step.Root
	name string
	dir  string    // slash path in the root
	file edit.File // its requirements
}

// Plan gives every instance that has none its requirements, and reports where those that are there do not fit.
func Plan(in step.Input) step.Output {
	p := &planner{in: in, files: step.PluginRoots(in)}
	var err error
	if p.plugins, err = rules.LoadPlugins(in.Pack.Program.Name); err == nil {
		p.releases, err = readReleases(in.Pack.Program.Name)
	}
	if err != nil {
		p.note(step.Decide, edit.File{}, 0, err.Error()+": instances stay as they are")
		return p.out
	}
	shared, have := requirements.Defaults(in)
	found := 0
	for _, root := range in.Roots {
		if root.Role != "template" && root.Role != "cluster" {
			continue
		}
		defaults := p.defaults(root, shared, have)
		before := len(p.out.Fixes)
		for _, i := range p.list(root) {
			found++
			p.instance(i, defaults)
		}
		if root.Role == "cluster" && len(p.out.Fixes) > before {
			p.note(step.Run, edit.File{Root: root.Key}, 0, "grove-migrate venv update --all")
		}
	}
	if found == 0 {
		p.note(step.Kept, edit.File{}, 0, fmt.Sprintf("no root has instances (%s/NAME/): there is nothing to give requirements to", in.Pack.Instance.Dir))
	}
	p.newInstances()
	return p.out
}

func (p *planner) note(kind step.NoteKind, file edit.File, line int, text string) {
	p.out.Note(step.Instances, kind, file, line, text)
}

// create adds a fix that creates a file.
func (p *planner) create(file edit.File, content, message string) {
	p.out.Fix(p.in.Pack.Program.Name+"/instance-requirements", message, edit.Place{File: file}, edit.Change{File: file, Create: &edit.Creation{Content: content}})
}

// defaults are the requirements that a root's instances begin with: its own when it has some, else those of the
// template. A cluster gets a copy, because its new instances are copied from there.
func (p *planner) defaults(root *step.Root, shared []byte, have bool) *requirement.File {
	file := edit.File{Root: root.Key, Path: path.Join(requirements.DefaultsDir, root.Config.RequirementsFile())}
	if root.Has(file.Path) {
		if src, err := root.Read(file.Path); err == nil {
			own := requirement.Parse(src)
			p.sound(file, own)
			if root.Role == "cluster" {
				return own
			}
		}
	}
	holds := root.Holds(requirements.DefaultsDir)
	if root.Role == "cluster" && have && holds {
		p.create(file, string(shared), "give new instances of the cluster their requirements")
		p.note(step.Did, file, 0, "is what new instances of this cluster begin with")
	}
	if root.Role == "template" && !holds {
		p.note(step.Decide, edit.File{Root: root.Key}, 0, fmt.Sprintf("the template has no %s/, so new instances get no requirements: create it, or say with --role which root is the template", requirements.DefaultsDir))
	}
	return requirement.Parse(shared)
}

// list are the instances of a root. Names that are no names and links are refused.
func (p *planner) list(root *step.Root) []instance {
	var out []instance
	prefix := p.in.Pack.Instance.Dir + "/"
	seen := map[string]bool{}
	for _, f := range root.Files {
		rest, ok := strings.CutPrefix(f, prefix)
		name, _, nested := strings.Cut(rest, "/")
		if !ok || !nested || seen[name] {
			continue
		}
		seen[name] = true
		if why := refuse(name); why != "" {
			p.note(step.Decide, edit.File{Root: root.Key, Path: prefix + name}, 0, fmt.Sprintf("%q is no name of an instance: %s; rename the directory", name, why))
			continue
		}
		out = append(out, instance{root, name, prefix + name, edit.File{Root: root.Key, Path: path.Join(prefix+name, root.Config.RequirementsFile())}})
	}
	var links []string
	for l := range root.Links {
		if rest, ok := strings.CutPrefix(l, prefix); ok && !strings.Contains(rest, "/") {
			links = append(links, l)
		}
	}
	slices.Sort(links)
	for _, l := range links {
		where := "leads to " + root.Links[l]
		switch target := root.Links[l]; {
		case target == "":
			where = "leads nowhere"
		case target != root.Dir && !strings.HasPrefix(target, root.Dir+"/"):
			where = "leads out of " + root.Key
		}
		p.note(step.Decide, edit.File{Root: root.Key, Path: l}, 0, "it is a link that "+where+": an instance is a directory, give the environment to the one that it stands for")
	}
	return out
}

// refuse says why a directory's name is none of an instance, or nothing.
func refuse(name string) string {
	switch {
	case name == "." || name == "..":
		return "it leaves the directory"
	case name[0] == '-' || name[0] == '.':
		return "it begins with a dash or a dot"
	case strings.ContainsAny(name, "\\\x00\n\r"):
		return "it holds a character that paths cannot have"
	case strings.ContainsAny(name, " \t"):
		return "it holds white space"
	}
	return ""
}

// instance writes the requirements of one instance, or compares those that it has.
func (p *planner) instance(i instance, defaults *requirement.File) {
	c, ok := p.config(i)
	if !ok {
		return
	}
	if i.root.Has(i.file.Path) {
		if src, err := i.root.Read(i.file.Path); err == nil {
			p.compare(i, c, requirement.Parse(src))
		}
		return
	}
	legacy := p.legacy(i)
	major, ok := p.major(i, c, legacy)
	if !ok {
		return
	}
	if legacy != nil {
		p.adopt(i, c, legacy, major, defaults)
		return
	}
	major = p.stateShared(&c, i.root, major)
	if len(defaults.Lines) == 0 && c.version == "" && p.lacksGrove(i.root) {
		p.note(step.Decide, edit.File{Root: i.root.Key, Path: p.in.Pack.Instance.Dir}, 0, fmt.Sprintf("which %s the instances have today stands in Grove's repository, which is not among the roots: name its directory too, and their requirements are written", p.in.Pack.Program.Name))
		return
	}
	w := p.writer(i, defaults, major)
	w.version = c.version
	w.header()
	w.program()
	for _, name := range append(c.plugins, w.always(c.plugins)...) {
		w.plugin(name)
	}
	w.unused()
	if !w.complete {
		return
	}
	p.create(i.file, w.text(), "write down what the instance's environment holds")
	p.note(step.Did, i.file, 0, fmt.Sprintf("holds %s %d%s and the plugins that %s enables", p.in.Pack.Program.Name, w.major, w.because, path.Join(i.dir, "config.yml")))
}

// lacksGrove reports whether a root has Grove in it, as a link or a submodule, and its repository, which installs the program
// for all, is not among the roots.
func (p *planner) lacksGrove(root *step.Root) bool {
	if slices.ContainsFunc(p.in.Roots, func(r *step.Root) bool { return r.Role == "grove" }) {
		return false
	}
	modules, _ := root.Read(".gitmodules")
	_, link := root.Links["grove"]
	return link || strings.Contains(string(modules), "grove")
}

// legacyName is what the requirements of an instance were called by those who had some before.
const legacyName = "requirements.txt"

// legacy are requirements of an instance under their older name, or nil.
func (p *planner) legacy(i instance) *requirement.File {
	old := path.Join(i.dir, legacyName)
	if !i.root.Has(old) || path.Base(i.file.Path) == legacyName {
		return nil
	}
	src, err := i.root.Read(old)
	if err != nil {
		return nil
	}
	f := requirement.Parse(src)
	if !slices.ContainsFunc(f.Lines, func(l requirement.Line) bool { return l.Wanted() && p.isProgram(l.Key()) }) {
		return nil
	}
	return f
}

// adopt copies older requirements under the new name, with what the enabled plugins lack.
func (p *planner) adopt(i instance, c config, legacy *requirement.File, major int, defaults *requirement.File) {
	w := p.writer(i, defaults, major)
	for _, name := range c.plugins {
		if _, ok := w.provided(legacy, name); !ok {
			w.plugin(name)
		}
	}
	text := string(legacy.Src)
	if len(w.lines) > 0 {
		if more, err := edit.Apply(legacy.Src, []edit.Edit{requirements.Append(legacy, w.lines...)}); err == nil {
			text = string(more)
		}
	}
	p.create(i.file, text, "take over the instance's older requirements")
	p.note(step.Did, i.file, 0, "holds what the instance's "+legacyName+" did, and what its plugins lacked there")
	p.note(step.Decide, edit.File{Root: i.root.Key, Path: path.Join(i.dir, legacyName)}, 0,
		fmt.Sprintf("its lines are taken over to %s: delete it, or set files.requirements in %s to %s to go on with it", path.Base(i.file.Path), rules.ConfigName, legacyName))
}

func (p *planner) isProgram(key string) bool {
	return slices.ContainsFunc(p.in.Pack.Program.Packages, func(name string) bool { return requirement.Normalise(name) == key })
}
