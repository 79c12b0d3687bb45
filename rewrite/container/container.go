// Package container looks after the image of the tools container: what environments need has to stay in it, and its version has to rise.
package container

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/container/image"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// planner is what the step knows of a workspace.
type planner struct {
	in      step.Input
	plugins *rules.Plugins
	out     step.Output
}

// Plan puts the launcher into the image, reports what the image lacks, and that its version has to be raised. What the
// container loses is taken out by the requirements' fixes.
func Plan(in step.Input) step.Output {
	p := &planner{in: in}
	var err error
	if p.plugins, err = rules.LoadPlugins(in.Pack.Program.Name); err != nil {
		p.note(step.Decide, edit.File{}, 0, err.Error()+": the container stays as it is")
		return p.out
	}
	var changing []edit.File
	for _, f := range requirements.Plan(in).Fixes {
		for _, c := range f.Changes {
			changing = append(changing, c.File)
		}
	}
	stays := requirements.Stays(in)
	for _, root := range in.Roots {
		if root.Role != "grove" {
			continue
		}
		for _, file := range image.Dockerfiles(root) {
			p.image(root, file, changing, stays)
		}
	}
	return p.out
}

func (p *planner) note(kind step.NoteKind, file edit.File, line int, text string) {
	p.out.Notes = append(p.out.Notes, step.Note{Step: step.Container, Kind: kind, File: file, Line: line, Text: text})
}

// image looks at one Dockerfile.
func (p *planner) image(root *step.Root, file string, changing, stays []edit.File) {
	at := edit.File{Root: root.Key, Path: file}
	src, err := root.Read(file)
	if err != nil {
		p.note(step.Decide, at, 0, fmt.Sprintf("it cannot be read: %v", err))
		return
	}
	dir := path.Dir(file)
	inside := func(f edit.File) bool {
		return f.Root == root.Key && (dir == "." || strings.HasPrefix(f.Path, dir+"/"))
	}
	p.needs(at, src)
	launched := p.launcher(root, at, src)
	if i := slices.IndexFunc(stays, inside); i >= 0 {
		p.note(step.Kept, at, 0, fmt.Sprintf("the image still has %s, by way of %v: calls that miss their environment run that one instead of failing, so end the imports soon", p.in.Pack.Program.Name, stays[i]))
	} else {
		p.sites(root, at, src)
	}
	raised := slices.ContainsFunc(changing, inside)
	pending := raised || launched
	for f, list := range root.Occurrences {
		pending = pending || inside(edit.File{Root: root.Key, Path: f}) && slices.ContainsFunc(list, func(o site.Occurrence) bool { return o.Action == site.Rewrite })
	}
	if pending {
		p.version(root, at, raised)
	}
}

var (
	from    = lazyregexp.New(`(?im)^\s*FROM\s+(?:--\S+\s+)*(\S+)`)
	adds    = lazyregexp.New(`\b(apk\s+(?:\S+\s+)*?add|apt-get\s+(?:\S+\s+)*?install|apt\s+(?:\S+\s+)*?install)\b`)
	pinMark = lazyregexp.New(`[=<>~@].*$`)
)

// needs reports what environments need and the image does not install.
func (p *planner) needs(at edit.File, src []byte) {
	installed := map[string]bool{} // "apk git"
	for _, g := range host.Read(host.Dockerfile, reading.Input{Path: at.Path, Src: src, Pack: p.in.Pack}).Scripts {
		for _, m := range adds.FindAllStringIndex(g.Text, -1) {
			manager := g.Text[m[0] : m[0]+3]
			for _, w := range strings.Fields(g.Text[m[1]:]) {
				installed[manager+" "+pinMark.ReplaceAllString(w, "")] = true
			}
		}
	}
	var images []string
	for _, m := range from.FindAllSubmatch(src, -1) {
		images = append(images, string(m[1]))
	}
	for _, need := range p.plugins.Container {
		if !met(need, installed, images) {
			p.note(step.Decide, at, 0, fmt.Sprintf("the image may lack %s, and %s: install it (%s)", need.Command, need.Why, packages(need, src)))
		}
	}
}

func met(need rules.Need, installed map[string]bool, images []string) bool {
	for manager, list := range need.Packages {
		if slices.ContainsFunc(list, func(p string) bool { return installed[manager+" "+p] }) {
			return true
		}
	}
	return slices.ContainsFunc(images, func(image string) bool {
		return slices.ContainsFunc(need.Images, func(pattern string) bool {
			ok, _ := path.Match(pattern, image)
			return ok
		})
	})
}

// packages names the package that brings a command, for the package manager that the Dockerfile uses.
func packages(need rules.Need, src []byte) string {
	for _, manager := range []struct{ name, add string }{{"apk", "apk add"}, {"apt", "apt-get install"}} {
		if list := need.Packages[manager.name]; len(list) > 0 && bytes.Contains(src, []byte(manager.name)) {
			return manager.add + " " + list[0]
		}
	}
	return "for example apt-get install " + need.Packages["apt"][0]
}

// sites reports the places where building or checking the image runs the program, which it no longer has.
func (p *planner) sites(root *step.Root, at edit.File, src []byte) {
	for _, o := range root.Occurrences[at.Path] {
		if o.Class.Site() && o.Action != site.Keep && o.Action != site.Done && o.Start <= len(src) {
			line := 1 + bytes.Count(src[:o.Start], []byte("\n"))
			p.note(step.Decide, at, line, fmt.Sprintf("the image no longer has %s, so this fails when it is built or checked: take it out, or run python3 or grove instead", p.in.Pack.Program.Name))
		}
	}
}
