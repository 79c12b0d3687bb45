// Package golang writes the fixes of sites in Go programs: an instance's executable takes the place of the program's name.
package golang

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/golang"
)

// Fixes writes the fix of every site of in whose word stands in Go. Each package gets, once, the functions that make the
// path: in the one file that has sites, or in a file of their own. A file that gofmt would change is refused, and so is a
// site that cannot be written safely, with the reason and what could be written there.
//
// Fixes of one file are independent of each other unless the layout that gofmt wants ties them together: then each holds
// the edits of all.
func Fixes(in render.Input) (fixes []edit.Fix, refused []render.Refusal) {
	p := &project{in: in, files: map[string]*document{}, names: namesFor(in.Pack.Program.Name), packages: map[string]*pkg{},
		renderings: map[planFile]rendering{}, wholes: map[string]together{}}
	var plans []*plan
	for _, s := range in.Sites {
		pl, err := p.plan(s)
		if err != nil {
			refused = append(refused, render.Refusal{Site: s, Reason: err.Error(), Suggestion: p.suggestion(s)})
			continue
		}
		plans = append(plans, pl)
	}
	p.settle(plans)
	for _, pl := range plans {
		changes, err := p.changes(pl, plans)
		if err != nil {
			refused = append(refused, render.Refusal{Site: pl.site, Reason: err.Error(), Suggestion: p.suggestion(pl.site)})
			continue
		}
		f := edit.Fix{Rule: pl.site.Occurrence.Rule, Message: "run the instance's " + in.Pack.Program.Name, Applicability: edit.Safe, Changes: changes}
		if pl.site.Occurrence.Slot.Safe != "" {
			f.Applicability = edit.Unsafe
		}
		f.Site = p.files[pl.site.File].place(pl.site.Occurrence.Start)
		fixes = append(fixes, f)
	}
	return fixes, refused
}

// project is the Go part of one root while its sites are written.
type project struct {
	in       render.Input
	files    map[string]*document
	names    names
	packages map[string]*pkg // by directory and name

	renderings map[planFile]rendering
	wholes     map[string]together // by file
}

// planFile is a plan's part in one file.
type planFile struct {
	plan *plan
	file string
}

// plan is what one site needs: the changes of the syntax tree of each file.
type plan struct {
	site   render.Site
	pkg    *pkg
	tasks  map[string][]task
	byRoot bool
}

func (pl *plan) add(file string, t task) { pl.tasks[file] = append(pl.tasks[file], t) }

// names are the functions that the migration adds.
type names struct{ byName, byRoot string }

func namesFor(program string) names {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(program, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	word := b.String()
	if word == "" {
		word = "Program"
	}
	lower := strings.ToLower(word[:1]) + word[1:]
	if lower[0] >= '0' && lower[0] <= '9' {
		lower = "x" + lower
	}
	return names{"instance" + word, lower + "In"}
}

// document is one file as it was read.
type document struct {
	file string
	src  []byte
	tree *golang.Tree
}

func (p *project) document(file string) (*document, error) {
	if d := p.files[file]; d != nil {
		return d, nil
	}
	src, err := p.in.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	tree, err := golang.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d := &document{file: file, src: src, tree: tree}
	p.files[file] = d
	return d, nil
}

// formatted errs unless the file is as gofmt writes it: rewriting it would change other lines too.
func (d *document) formatted() error {
	out, err := format.Source(d.src)
	if err != nil || d.tree.Problem != "" {
		return errors.New("the file has syntax errors")
	}
	if !bytes.Equal(out, d.src) {
		return errors.New("gofmt would change this file: format it first, so that the change shows nothing else")
	}
	return nil
}

func (d *document) place(off int) edit.Place {
	before := d.src[:off]
	return edit.Place{File: edit.File{Path: d.file}, Offset: off, Line: 1 + bytes.Count(before, []byte("\n")), Column: off - bytes.LastIndexByte(before, '\n')}
}

func (p *project) suggestion(s render.Site) string {
	expr := s.Instance.Expr
	if expr == "" {
		expr = "INSTANCE"
	}
	if s.ByRoot {
		return p.names.byRoot + "(" + expr + ")"
	}
	return p.names.byName + "(" + expr + ")"
}

// changes are the changes of one site's fix: its own edits and the definition of the functions that it calls.
func (p *project) changes(pl *plan, all []*plan) ([]edit.Change, error) {
	var out []edit.Change
	for _, file := range slices.Sorted(maps.Keys(pl.tasks)) {
		edits, err := p.edits(file, pl, all)
		if err != nil {
			return nil, err
		}
		out = append(out, edit.Change{File: edit.File{Path: file}, Edits: edits})
	}
	if home := pl.pkg.home; home != "" && pl.pkg.create {
		out = append(out, edit.Change{File: edit.File{Path: home}, Create: &edit.Creation{Content: p.fileText(pl.pkg)}})
	}
	return out, nil
}
