// Package ruby writes the fixes of sites in Ruby programs: an instance's executable takes the place of the program's name.
package ruby

import (
	"bytes"
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Fixes writes the fix of every site of in whose word stands in Ruby. Together they add the methods that make the path
// once: to a file of their own that the fixed files require, or to the one file that holds all sites.
func Fixes(in render.Input) (fixes []edit.Fix, refused []render.Refusal) {
	word := render.Word(in.Pack.Program.Name)
	p := &project{in: in, names: render.Functions{ByName: "instance_" + word, ByRoot: word + "_in"}, sites: map[string]bool{}}
	defer p.parser.Close()
	p.docs = render.NewDocuments(in.Read, p.open)
	return render.Fixes(in, p)
}

// project is the Ruby part of one root while its sites are written.
type project struct {
	in     render.Input
	parser syntax.Parser
	docs   render.Documents[document]
	names  render.Functions
	home   home
	needs  render.Need     // the methods that sites call
	sites  map[string]bool // the files with a site that is written
}

// document is one file as it was read.
type document struct {
	render.Text
	tree  *syntax.Tree
	quote string // the quotes that the file prefers for plain strings
}

func (p *project) open(file string, src []byte) (*document, error) {
	tree, err := ruby.Parse(&p.parser, src)
	quote := "'"
	if bytes.Contains(src, []byte(`"`)) && !bytes.Contains(src, []byte(`'`)) {
		quote = `"`
	}
	return &document{render.NewText(file, src), tree, quote}, err
}

// Settle notes which files call which method, and chooses where the methods stand.
func (p *project) Settle(all []*render.Draft) {
	for _, pl := range all {
		for file, n := range pl.Needs {
			p.sites[file], p.needs = true, p.needs.And(n)
		}
	}
	p.chooseHome()
}

var plainName = lazyregexp.New(`^[a-z0-9][a-z0-9_-]*$`)

// expression is how the file writes an instance. A decision that is a plain name, and no name of the file, is an
// instance's own name.
func (d *document) expression(n site.Name) string {
	if n.How != "decision" || !plainName.MatchString(n.Expr) {
		return n.Expr
	}
	word := regexp.MustCompile(`(^|[^\w.@$:'"-])` + regexp.QuoteMeta(n.Expr) + `($|[^\w:'"-])`)
	if !strings.Contains(n.Expr, "-") && word.Match(d.Src) {
		return n.Expr
	}
	return d.quote + n.Expr + d.quote
}

// Called is the expression that gives the path for an instance, or for its directory.
func (p *project) Called(instance string, byRoot bool) string {
	if byRoot {
		instance = plainRoot(instance)
	}
	return p.names.Called(instance, byRoot)
}

// plainRoot is a directory's expression without the quoting for a shell that its own place needs.
func plainRoot(expr string) string {
	expr = strings.TrimSpace(expr)
	for _, suffix := range []string{".shellescape", ".to_s"} {
		expr = strings.TrimSuffix(expr, suffix)
	}
	for _, call := range []string{"Shellwords.escape(", "Shellwords.shellescape("} {
		if inner, ok := strings.CutPrefix(expr, call); ok && strings.HasSuffix(inner, ")") {
			return strings.TrimSuffix(inner, ")")
		}
	}
	return expr
}
