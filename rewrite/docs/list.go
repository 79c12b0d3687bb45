package docs

import (
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
)

// Texts that are untrue once every instance has its own environment.
var (
	installs = lazyregexp.New(`\b(?:pip3?|pipx|uv\s+pip|uv\s+tool)\s+install\b`)
	shared   = lazyregexp.New(`(?i)(\binstall(s|ed)?\b.*tools.container|tools.container.*\b(install(s|ed)?|has|baked|brings)\b|\bone\s+version\b|\bshare\s+one\b|\ball\s+instances\b.*\bversion\b|\bonce,\s+in\s+the\s+tools)`)
	told     = lazyregexp.New("(?i)\\badd\\b[^`]*`((?:[\\w.-]+/)*tools-container/requirements\\.txt)`")
)

// list finds the places in a root's documents that tell people to install the program for everybody.
func (p *planner) list(root *step.Root) {
	for _, file := range root.Files {
		if !document(file) || strings.HasPrefix(path.Base(file), "CHANGELOG") {
			continue
		}
		src, err := root.Read(file)
		if err != nil || strings.Contains(string(src), "# "+title) {
			continue
		}
		at, number := 0, 0
		for line := range strings.SplitSeq(string(src), "\n") {
			number++
			p.line(edit.File{Root: root.Key, Path: file}, number, at, line)
			at += len(line) + 1
		}
	}
}

func document(file string) bool {
	return slices.Contains([]host.Kind{host.Markdown, host.RST}, host.Detect(file, nil))
}

// line looks at one line of a document.
func (p *planner) line(file edit.File, number, at int, line string) {
	program := p.in.Pack.Program.Name
	lower := strings.ToLower(line)
	about := strings.Contains(lower, program) || strings.Contains(lower, "plugin")
	if m := told.FindStringSubmatchIndex(line); m != nil {
		where := "instances/NAME/" + p.in.RequirementsFile()
		p.out.Fixes = append(p.out.Fixes, &edit.Fix{
			Rule: program + "/docs", Message: "name the instance's requirements", Applicability: edit.Unsafe,
			Site:    edit.Place{File: file, Offset: at + m[2], Line: number, Column: m[2] + 1},
			Changes: []edit.Change{{File: file, Edits: []edit.Edit{{Start: at + m[2], End: at + m[3], New: where}}}},
		})
		p.note(step.Decide, file, number, "it tells people to add packages to "+line[m[2]:m[3]]+": they belong to "+where+" now (--unsafe changes the path), and the steps around it change too")
		return
	}
	switch {
	case installs.MatchString(line) && strings.Contains(lower, program):
		p.note(step.Decide, file, number, "it tells people to install "+program+" or a plugin for everybody: the requirement goes to the instance's "+p.in.RequirementsFile()+", and `"+p.in.Keeper()+" update NAME` installs it")
	case about && shared.MatchString(line):
		p.note(step.Decide, file, number, "it may say that one "+program+" serves all instances: each has its own now")
	}
}
