package ruby

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
)

// home is where the methods that make the path stand.
type home struct {
	file string // the file that defines them; one with sites when it is the only one
	old  bool   // an earlier run has made the file
	own  bool   // the file is the only one with sites
}

// chooseHome chooses where the methods stand: in the file that an earlier run has made, in the one file with sites, or in a
// new file beside the scripts.
func (p *project) chooseHome() {
	files := slices.Sorted(maps.Keys(p.sites))
	base := p.names.ByName + ".rb"
	for _, f := range p.in.Files {
		if path.Base(f) == base {
			if d, err := p.docs.Open(f); err == nil && (d.defines(p.names.ByName) || d.defines(p.names.ByRoot)) {
				p.home = home{file: f, old: true}
				return
			}
		}
	}
	if len(files) == 1 && path.Base(files[0]) != base {
		p.home = home{file: files[0], own: true}
		return
	}
	if len(files) > 0 {
		p.home = home{file: path.Join(p.library(files), base)}
	}
}

// library is the directory for the new file: the lib directory that most of the files have at hand, or else the
// directory that holds them all.
func (p *project) library(files []string) string {
	counts := map[string]int{}
	for _, f := range p.in.Files {
		if dir := path.Dir(f); path.Base(dir) == "lib" && path.Ext(f) == ".rb" {
			counts[dir] += 0
		}
	}
	common := path.Dir(files[0])
	for _, f := range files {
		dir := path.Dir(f)
		for lib := range counts {
			if dir == lib || dir == path.Dir(lib) {
				counts[lib]++
			}
		}
		for common != "." && dir != common && !strings.HasPrefix(dir, common+"/") {
			common = path.Dir(common)
		}
	}
	best := ""
	for lib, n := range counts {
		if n > 0 && (best == "" || n > counts[best] || n == counts[best] && lib < best) {
			best = lib
		}
	}
	switch {
	case best != "":
		return best
	case common == ".":
		return "lib"
	}
	return common
}

func (d *document) defines(method string) bool {
	return bytes.Contains(d.Src, []byte("def "+method+"("))
}

// Changes are the changes of one site's fix: its own edits, what makes the methods known to the files, and their
// definition. What several fixes have in common counts once.
func (p *project) Changes(pl *render.Draft) ([]edit.Change, error) {
	var out []edit.Change
	files := pl.Files()
	for _, file := range files {
		d := p.docs.Opened(file)
		own := edit.Change{File: edit.File{Path: file}, Edits: slices.Clone(pl.Edits[file])}
		if _, calls := pl.Needs[file]; !calls {
			out = append(out, own)
			continue
		}
		if p.home.own {
			if text := p.missing(d); text != "" {
				at, before, after := d.opening()
				own.Edits = append(own.Edits, edit.Edit{Start: at, End: at, New: before + d.lines(text) + after, Additive: true})
			}
		} else if line, ok := p.requiring(d); ok {
			own.Edits = append(own.Edits, line)
		}
		out = append(out, own)
	}
	if p.home.own || len(pl.Needs) == 0 {
		return out, nil
	}
	if !p.home.old {
		create := &edit.Creation{Content: "# frozen_string_literal: true\n\n" + p.missing(&document{quote: "'"})}
		return append(out, edit.Change{File: edit.File{Path: p.home.file}, Create: create}), nil
	}
	add, ok := p.completing()
	if !ok {
		return out, nil
	}
	if i := slices.Index(files, p.home.file); i >= 0 {
		out[i].Edits = append(out[i].Edits, add)
		return out, nil
	}
	return append(out, edit.Change{File: edit.File{Path: p.home.file}, Edits: []edit.Edit{add}}), nil
}

// completing adds to the file of an earlier run the method that it did not need.
func (p *project) completing() (edit.Edit, bool) {
	d, err := p.docs.Open(p.home.file)
	if err != nil {
		return edit.Edit{}, false
	}
	text := p.missing(d)
	if text == "" {
		return edit.Edit{}, false
	}
	text = d.lines("\n" + text)
	if n := len(d.Src); n > 0 && d.Src[n-1] != '\n' {
		text = d.Newline + text
	}
	return edit.Edit{Start: len(d.Src), End: len(d.Src), New: text}, true
}

func (d *document) lines(text string) string { return strings.ReplaceAll(text, "\n", d.Newline) }

// missing are the definitions that are needed and that the file does not hold.
func (p *project) missing(d *document) string {
	var parts []string
	if p.needs.ByRoot && !d.defines(p.names.ByRoot) {
		parts = append(parts, p.byRootText(d.quote))
	}
	if p.needs.ByName && !d.defines(p.names.ByName) {
		parts = append(parts, p.byNameText(d.quote))
	}
	return strings.Join(parts, "\n")
}

func (p *project) byRootText(q string) string {
	in, program := p.in.Pack.Instance, p.in.Pack.Program.Name
	return fmt.Sprintf("# The %s of the environment in an instance's directory.\ndef %s(instance_root)\n  File.join(instance_root, %s, %s, %s)\nend\n",
		program, p.names.ByRoot, quoted(in.Env, q), quoted("bin", q), quoted(program, q))
}

func (p *project) byNameText(q string) string {
	in, program := p.in.Pack.Instance, p.in.Pack.Program.Name
	workspace := "Dir.pwd"
	if in.Workspace.Default != "" {
		workspace = quoted(in.Workspace.Default, q)
	}
	if in.Workspace.Name != "" {
		workspace = fmt.Sprintf("ENV.fetch(%s, %s)", quoted(in.Workspace.Name, q), workspace)
	}
	root := fmt.Sprintf("%s, %s, instance_name", workspace, quoted(in.Dir, q))
	body := fmt.Sprintf("File.join(%s, %s, %s, %s)", root, quoted(in.Env, q), quoted("bin", q), quoted(program, q))
	if p.needs.ByRoot {
		body = fmt.Sprintf("%s(File.join(%s))", p.names.ByRoot, root)
	}
	return fmt.Sprintf("# The %s of an instance's own environment.\ndef %s(instance_name)\n  %s\nend\n", program, p.names.ByName, body)
}

func quoted(text, q string) string {
	text = strings.ReplaceAll(text, `\`, `\\`)
	return q + strings.ReplaceAll(text, q, `\`+q) + q
}

// requiring is the line that makes the methods known to a file; false when it has one.
func (p *project) requiring(d *document) (edit.Edit, bool) {
	if d.File == p.home.file {
		return edit.Edit{}, false
	}
	rel, err := filepath.Rel(path.Dir(d.File), strings.TrimSuffix(p.home.file, ".rb"))
	if err != nil {
		return edit.Edit{}, false
	}
	rel = filepath.ToSlash(rel)
	for _, r := range d.requires() {
		if r.relative && strings.TrimSuffix(r.path, ".rb") == rel {
			return edit.Edit{}, false
		}
	}
	at, before, after := d.requireAt()
	line := "require_relative " + quoted(rel, d.requireQuote())
	return edit.Edit{Start: at, End: at, New: before + line + after, Additive: true}, true
}
