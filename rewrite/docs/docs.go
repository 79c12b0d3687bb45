// Package docs adds the page on instance environments to the documentation, and finds what the migration made untrue there.
package docs

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

//go:embed page.md
var page string

// title is the page's heading, by which it is known whatever its file is called.
const title = "Instance environments"

// planner is what the step knows of a workspace.
type planner struct {
	in  step.Input
	out step.Output
}

// Plan adds the page, its place in the navigation and a line in the changelog, and lists what has to be reworded.
func Plan(in step.Input) step.Output {
	p := &planner{in: in}
	found := false
	for _, root := range in.Roots {
		if root.Role == "grove" {
			found = true
			p.document(root)
		}
		if root.Role != "other" {
			p.list(root)
		}
	}
	if !found {
		p.note(step.Kept, edit.File{}, 0, "no root is Grove itself, so its documentation is not here to be extended")
	}
	return p.out
}

func (p *planner) note(kind step.NoteKind, file edit.File, line int, text string) {
	p.out.Note(step.Docs, kind, file, line, text)
}

func (p *planner) fix(file edit.File, line int, message string, changes ...edit.Change) {
	p.out.Fix(p.in.Pack.Program.Name+"/docs", message, edit.Place{File: file, Line: line}, changes...)
}

// document adds the page to a root's documentation.
func (p *planner) document(root *step.Root) {
	dir, site := p.home(root)
	if dir == "" {
		p.note(step.Decide, edit.File{Root: root.Key}, 0, "there is no documentation (mkdocs.yml or docs/): tell people elsewhere that `"+p.in.Keeper()+" update NAME` makes an instance's environment")
		return
	}
	if p.written(root, dir) {
		return
	}
	name := "environments.md"
	if root.Has(path.Join(dir, name)) {
		name = "instance-environments.md"
	}
	file := edit.File{Root: root.Key, Path: path.Join(dir, name)}
	requirements := p.in.RequirementsFile()
	text := strings.NewReplacer("{requirements}", requirements, "{lock}", strings.TrimSuffix(requirements, path.Ext(requirements))+".lock", "{keep}", p.in.Keeper()).Replace(page)
	changes := []edit.Change{{File: file, Create: &edit.Creation{Content: text}}}
	if site != "" {
		if e, ok := p.navigation(root, site, name); ok {
			changes = append(changes, edit.Change{File: edit.File{Root: root.Key, Path: site}, Edits: []edit.Edit{e}})
		}
	}
	p.fix(file, 1, "add a page on instance environments", changes...)
	p.note(step.Did, file, 0, "says what environments are and how they are kept")
	p.changelog(root)
}

// home is the directory of a root's documentation and its mkdocs.yml. Both are empty when there is none.
func (p *planner) home(root *step.Root) (dir, site string) {
	for _, name := range []string{"mkdocs.yml", "mkdocs.yaml"} {
		if !root.Has(name) {
			continue
		}
		dir = "docs"
		if src, err := root.Read(name); err == nil {
			tree := yaml.Parse(string(src))
			if len(tree.Docs) > 0 {
				if set := tree.Text(tree.Get(tree.Docs[0], "docs_dir")); set != "" {
					dir = path.Clean(set)
				}
			}
		}
		if strings.HasPrefix(dir, "..") || path.IsAbs(dir) {
			return "", ""
		}
		return dir, name
	}
	if slices.ContainsFunc(root.Files, func(f string) bool { return strings.HasPrefix(f, "docs/") && path.Ext(f) == ".md" }) {
		return "docs", ""
	}
	return "", ""
}

// written reports whether the page is there.
func (p *planner) written(root *step.Root, dir string) bool {
	for _, name := range []string{"environments.md", "instance-environments.md"} {
		file := path.Join(dir, name)
		if !root.Has(file) {
			continue
		}
		if src, err := root.Read(file); err == nil && strings.Contains(string(src), "# "+title) {
			return true
		}
	}
	return false
}

// navigation is the insertion of the page into mkdocs.yml: behind the page on instances or plugins, or at the end.
func (p *planner) navigation(root *step.Root, site, name string) (edit.Edit, bool) {
	at := edit.File{Root: root.Key, Path: site}
	src, err := root.Read(site)
	if err != nil {
		return edit.Edit{}, false
	}
	tree := yaml.Parse(string(src))
	if len(tree.Problems) > 0 || len(tree.Docs) == 0 {
		p.note(step.Decide, at, 0, "it cannot be read as YAML: add "+name+" to the navigation by hand")
		return edit.Edit{}, false
	}
	nav := tree.Get(tree.Docs[0], "nav")
	switch {
	case nav == nil:
		return edit.Edit{}, false // the navigation is made from the files
	case nav.Kind != yaml.Sequence || len(nav.Items) == 0:
		p.note(step.Decide, at, 0, "its navigation has a form that is not known: add "+name+" by hand")
		return edit.Edit{}, false
	}
	after := nav.Items[len(nav.Items)-1]
	for _, item := range nav.Items {
		text := strings.ToLower(string(src[item.Span.Start:item.Span.End]))
		if strings.Contains(text, "instances.md") || strings.Contains(text, "plugins.md") {
			after = item
		}
	}
	line := lineStart(src, after.Span.Start)
	lead := string(src[line:after.Span.Start])
	if strings.TrimSpace(lead) != "-" {
		p.note(step.Decide, at, 0, "its navigation stands on one line: add "+name+" by hand")
		return edit.Edit{}, false
	}
	leaf := after
	for src[leaf.Span.Start] != '{' && src[leaf.Span.Start] != '[' && len(leaf.Items) > 0 && leaf.Items[len(leaf.Items)-1] != nil {
		leaf = leaf.Items[len(leaf.Items)-1] // a mapping's own end is behind the comments that follow it
	}
	last := leaf.Span.Start + len(strings.TrimRight(string(src[leaf.Span.Start:leaf.Span.End]), " \t\r\n"))
	return insertLine(src, last, lead+title+": "+name), true
}

// insertLine puts a line behind the one that holds a byte, with the file's line breaks.
func insertLine(src []byte, at int, text string) edit.Edit {
	nl := source.Newline(src)
	if i := strings.IndexByte(string(src[at:]), '\n'); i >= 0 {
		end := at + i + 1
		return edit.Edit{Start: end, End: end, New: text + nl}
	}
	return edit.Edit{Start: len(src), End: len(src), New: nl + text}
}

func lineStart(src []byte, at int) int { return strings.LastIndexByte(string(src[:at]), '\n') + 1 }

// changelog adds a line to what is not released yet.
func (p *planner) changelog(root *step.Root) {
	const file = "CHANGELOG.md"
	at := edit.File{Root: root.Key, Path: file}
	if !root.Has(file) {
		return
	}
	src, err := root.Read(file)
	if err != nil {
		return
	}
	entry := fmt.Sprintf("Every instance has an environment of its own, filled from `%s`: see \"%s\" in the documentation.", p.in.RequirementsFile(), title)
	last, bullet, ok := firstList(string(src))
	if !ok {
		p.note(step.Decide, at, 0, "it has no section for what is not released yet: add \""+entry+"\" where it belongs")
		return
	}
	p.fix(at, 1, "add the change to the changelog", edit.Change{File: at, Edits: []edit.Edit{insertLine(src, last, bullet+entry)}})
	p.note(step.Did, at, 0, "names the change")
}

// firstList is the end of the first list below the heading of what is not released yet, and how its items begin.
func firstList(text string) (last int, bullet string, ok bool) {
	inside := false
	at := 0
	for line := range strings.SplitSeq(text, "\n") {
		body := strings.TrimRight(line, "\r")
		switch trimmed := strings.TrimSpace(body); {
		case strings.HasPrefix(body, "#") && !inside:
			inside = strings.Contains(strings.ToLower(body), "unreleased")
		case strings.HasPrefix(body, "## ") || strings.HasPrefix(body, "# "):
			return last, bullet, bullet != ""
		case !inside:
		case bullet != "" && (trimmed == "" || strings.HasPrefix(body, "#")):
			return last, bullet, true
		case bullet == "" && len(trimmed) > 2 && strings.ContainsAny(trimmed[:1], "*-+") && trimmed[1] == ' ':
			bullet = body[:len(body)-len(strings.TrimLeft(body, " *-+"))]
			last = at + len(body)
		case bullet != "":
			last = at + len(body)
		}
		at += len(line) + 1
	}
	return last, bullet, bullet != ""
}
