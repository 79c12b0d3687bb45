// Package golang writes the fixes of sites in Go programs: an instance's executable takes the place of the program's name.
package golang

import (
	"bytes"
	"errors"
	"go/format"
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
		in: in, docs: render.NewDocuments(in.Read, openDocument), names: namesFor(in.Pack.Program.Name), packages: map[string]*pkg{},
		layouts: map[string]layout{},
	})
}

// project is the Go part of one root while its sites are written.
type project struct {
	in       render.Input
	docs     render.Documents[document]
	names    render.Functions
	packages map[string]*pkg     // by directory and name
	dirs     map[string][]string // the Go files, by directory; nil before they are asked for
	all      []*render.Draft     // in the order of the sites
	layouts  map[string]layout   // by file
}

// namesFor are the functions that the migration adds.
func namesFor(program string) render.Functions {
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
	return render.Functions{ByName: "instance" + word, ByRoot: lower + "In"}
}

// document is one file as it was read.
type document struct {
	render.Text
	tree      *golang.Tree
	formatted func() error // errs unless the file is as gofmt writes it: rewriting it would change other lines too
}

func openDocument(file string, src []byte) (*document, error) {
	tree, err := golang.Parse(src)
	return &document{render.NewText(file, src), tree, sync.OnceValue(func() error { return checkFormat(src, tree) })}, err
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
	return p.names.Called(instance, byRoot)
}

// Settle chooses for each package where the functions stand.
func (p *project) Settle(all []*render.Draft) {
	p.all = all
	p.settle(all)
}

// Changes are the changes of one site's fix: its own edits and the definition of the functions that it calls.
func (p *project) Changes(draft *render.Draft) ([]edit.Change, error) {
	var out []edit.Change
	for _, file := range draft.Files() {
		edits, err := p.edits(p.docs.Opened(file), draft)
		if err != nil {
			return nil, err
		}
		out = append(out, edit.Change{File: edit.File{Path: file}, Edits: edits})
	}
	if k := p.packageOf(p.docs.Opened(draft.Site.File)); k.home != "" && k.create {
		out = append(out, edit.Change{File: edit.File{Path: k.home}, Create: &edit.Creation{Content: p.fileText(k)}})
	}
	return out, nil
}
