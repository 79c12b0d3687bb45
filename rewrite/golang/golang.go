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
	"sync"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/golang"
)

// Fixes writes the fix of every site of in whose word stands in Go. Each package gets, once, the functions that make the
// path: in the one file that has sites, or in a file of their own. A file that gofmt would change is refused.
//
// Fixes of one file are independent of each other unless the layout that gofmt wants ties them together: then each holds
// the edits of all.
func Fixes(in render.Input) (fixes []edit.Fix, refused []render.Refusal) {
	return render.Fixes(in, &project{
		in: in, files: map[string]*document{}, names: namesFor(in.Pack.Program.Name), packages: map[string]*pkg{},
		plans: map[*render.Draft]*plan{}, renderings: map[planFile]rendering{}, wholes: map[string]together{},
	})
}

// project is the Go part of one root while its sites are written.
type project struct {
	in       render.Input
	files    map[string]*document
	names    names
	packages map[string]*pkg     // by directory and name
	dirs     map[string][]string // the Go files, by directory; nil before they are asked for
	plans    map[*render.Draft]*plan
	all      []*plan // in the order of the sites

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
	site  render.Site
	pkg   *pkg
	tasks map[string][]task
	needs render.Need // the functions that it calls
}

// planOf is the plan behind a draft.
func (p *project) planOf(draft *render.Draft) (*plan, *document, error) {
	d, err := p.document(draft.Site.File)
	if err != nil {
		return nil, nil, err
	}
	if p.plans[draft] == nil {
		p.plans[draft] = &plan{site: draft.Site, pkg: p.packageOf(d), tasks: map[string][]task{}}
	}
	return p.plans[draft], d, d.formatted()
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

	formatted func() error // errs unless the file is as gofmt writes it: rewriting it would change other lines too
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
	d := &document{file: file, src: src, tree: tree, formatted: sync.OnceValue(func() error { return checkFormat(src, tree) })}
	p.files[file] = d
	return d, nil
}

func checkFormat(src []byte, tree *golang.Tree) error {
	out, err := format.Source(src)
	if err != nil || tree.Problem != "" {
		return errors.New("the file has syntax errors")
	}
	if !bytes.Equal(out, src) {
		return errors.New("gofmt would change this file: format it first, so that the change shows nothing else")
	}
	return nil
}

// Called is the call of the function that gives the path.
func (p *project) Called(instance string, byRoot bool) string {
	if byRoot {
		return p.names.byRoot + "(" + instance + ")"
	}
	return p.names.byName + "(" + instance + ")"
}

// Settle chooses for each package where the functions stand.
func (p *project) Settle(all []*render.Draft) {
	for _, draft := range all {
		p.all = append(p.all, p.plans[draft])
	}
	p.settle(p.all)
}

// Changes are the changes of one site's fix: its own edits and the definition of the functions that it calls.
func (p *project) Changes(draft *render.Draft) ([]edit.Change, error) {
	pl := p.plans[draft]
	var out []edit.Change
	for _, file := range slices.Sorted(maps.Keys(pl.tasks)) {
		edits, err := p.edits(file, pl, p.all)
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
