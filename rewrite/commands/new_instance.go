package commands

import (
	"path"
	"regexp"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/python"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// maker is what the pack's module calls the function that builds the environment of an instance which was just made.
const maker = "make_environment"

var definesMaker = lazyregexp.New(`(?m)^def ` + maker + `\(`)

// makerOf is the module of a root that has that function already, or nothing.
func makerOf(root *step.Root) string {
	for _, file := range root.Files {
		if src, err := root.Read(file); path.Ext(file) == ".py" && err == nil && definesMaker.Match(src) {
			return file
		}
	}
	return ""
}

// newInstances has the functions that make an instance, and go on to run the program for it, build its environment between. The
// changes join the fix that adds the module, if it is new.
func (p *planner) newInstances(root *step.Root) {
	program := p.in.Pack.Program.Name
	c := &code{root: root, program: regexp.MustCompile(`(?:^|\.)` + program + `\w*(?:\.\w+)*$`)}
	for _, file := range root.Files {
		src, err := root.Read(file)
		if path.Ext(file) != ".py" || isTest(file) || err != nil || !fromDefaults.Match(src) {
			continue
		}
		creators := c.creators(file)
		if len(creators) == 0 {
			continue
		}
		at := edit.File{Root: root.Key, Path: file}
		edits, imports := python.Import(render.Input{Files: root.Files, Read: root.Read}, p.home, file, maker)
		imports = imports && p.home != ""
		for _, f := range creators {
			if !imports || f.made.directory == "" {
				p.note(step.Decide, at, f.made.line, "it goes on to run "+program+" for the instance that it has just made, whose environment is not there yet: build that before, as `"+p.in.Keeper()+" update NAME` does")
				continue
			}
			line := f.made.indent + maker + "(" + f.made.directory + ")" + source.Newline(src)
			edits = append(edits, edit.Edit{Start: f.made.end, End: f.made.end, New: line, Additive: true})
			p.note(step.Did, at, f.made.line, "builds the environment of the instance that it has just made, before it runs "+program+" in it; so do its tests where they have "+p.in.RequirementsFile())
		}
		change := edit.Change{File: at, Edits: edits}
		switch n := len(p.out.Fixes); {
		case !imports || !slices.ContainsFunc(creators, func(f routine) bool { return f.made.directory != "" }):
		case n > 0:
			p.out.Fixes[n-1].Changes = joined(p.out.Fixes[n-1].Changes, change)
		default:
			p.fix(at, 0, creators[0].made.end, []edit.Change{change})
		}
	}
}

// joined are changes with one more, which joins that of its file.
func joined(changes []edit.Change, more edit.Change) []edit.Change {
	for i := range changes {
		if changes[i].File == more.File {
			changes[i].Edits = append(changes[i].Edits, more.Edits...)
			return changes
		}
	}
	return append(changes, more)
}
