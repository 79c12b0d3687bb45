package instances

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// copied is a list of names that are copied to a new instance, config.yml among them.
var copied = lazyregexp.New(`[(\[]\s*((?:["'][\w.-]+["']\s*,\s*)*["']config\.yml["'](?:\s*,\s*["'][\w.-]+["'])*)\s*,?\s*[)\]]`)

// newInstances teaches the code that makes new instances to copy their requirements.
func (p *planner) newInstances() {
	name := p.in.RequirementsFile()
	for _, root := range p.in.Roots {
		if root.Role != "grove" {
			continue
		}
		for _, file := range root.Files {
			if path.Ext(file) == ".py" && !strings.Contains(file, "test") {
				p.newInstance(root, file, name)
				p.otherName(root, file, name)
			}
		}
	}
}

// newInstance adds the requirements to the list of names in one file, when that is what the list is for.
func (p *planner) newInstance(root *step.Root, file, name string) {
	src, err := root.Read(file)
	if err != nil || bytes.Contains(src, []byte(name)) || !bytes.Contains(bytes.ToLower(src), []byte("defaults")) {
		return
	}
	at := edit.File{Root: root.Key, Path: file}
	offset, text := 0, ""
	if m := listed(src); m != nil && bytes.Contains(src, []byte("copy")) {
		list := src[m[2]:m[3]]
		quote := list[len(list)-1]
		offset, text = m[3], fmt.Sprintf(", %c%s%c", quote, name, quote)
	} else if m := alone.FindSubmatchIndex(src); m != nil {
		offset, text = m[1], strings.ReplaceAll(string(src[m[0]:m[1]]), "config.yml", name)
	} else if m := written.FindSubmatchIndex(src); m != nil {
		p.note(step.Decide, at, place(at, src, m[0]).Line, "it makes an instance: have it copy "+name+" from the defaults as well, or `"+p.in.Keeper()+" update` does it later")
		return
	} else {
		return
	}
	line := place(at, src, offset-1).Line
	change := edit.Change{File: at, Edits: []edit.Edit{{Start: offset, End: offset, New: text, Additive: true}}}
	p.out.Fix(p.in.Pack.Program.Name+"/new-instance", "copy the requirements to a new instance", place(at, src, offset), change)
	p.note(step.Did, at, line, "copies "+name+" to a new instance: every cluster that uses this Grove needs the file in its defaults/")
}

var (
	// alone is a statement that copies nothing but config.yml to a new instance.
	alone = lazyregexp.New(`(?m)^[ \t]+(?:\w+\.)*copy\w*\([^\n]*["'/]config\.yml["'][^\n]*\)[ \t]*\r?\n`)
	// written is a call that writes it.
	written = lazyregexp.New(`(?m)^[ \t]+[\w.]*(?:write|dump)\w*\([^\n]*["'/]config\.yml["'][^\n]*`)
)

// listed is the first match of copied that is a list of its own, not the arguments of a call or a subscript.
func listed(src []byte) []int {
	for _, m := range copied.FindAllSubmatchIndex(src, -1) {
		before := string(src[:m[0]])
		if i := m[0] - 1; i < 0 || !wordEnd.MatchString(before) || strings.HasSuffix(before, " in") {
			return m
		}
	}
	return nil
}

// wordEnd is the end of an expression that a bracket right behind it would call or index.
var wordEnd = lazyregexp.New(`[\w)\]"']$`)

// older is a path of an instance's requirements under their older name, put together in code.
var older = lazyregexp.New(`(?:\}|\binstances?(?:/[\w{}.$-]+)*)/requirements\.txt\b`)

// otherName reports code that writes or reads the requirements of instances under another name than the workspace uses.
func (p *planner) otherName(root *step.Root, file, name string) {
	if name == legacyName {
		return
	}
	src, err := root.Read(file)
	if err != nil || !bytes.Contains(src, []byte(p.in.Pack.Instance.Dir)) {
		return
	}
	at := edit.File{Root: root.Key, Path: file}
	for _, m := range older.FindAllIndex(src, -1) {
		p.note(step.Decide, at, place(at, src, m[0]).Line, fmt.Sprintf("it names an instance's %s, and environments are made from %s: change it, and its tests, or set files.requirements in grove-migrate.yaml of the template and of the clusters to %s", legacyName, name, legacyName))
	}
}
