package python

import (
	"bytes"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	reader "gitlab.com/opencraft/dev/grove-migrate/scan/python"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// project is the Python of one root.
type project struct {
	in     render.Input
	parser syntax.Parser
	files  map[string]bool
	docs   render.Documents[document]
	home   home
	names  render.Functions
	needs  map[string]render.Need // by file, of every site that is fixed

	folders map[string]folder // by directory
	filled  map[string]bool   // places of operands of % that a fix extends
	taken   map[string]int    // by the place of an import: how many of its names fixes take out
}

// document is one file, parsed.
type document struct {
	render.Text
	tree *syntax.Tree
}

func newProject(in render.Input) *project {
	p := &project{in: in, files: map[string]bool{}, needs: map[string]render.Need{}, folders: map[string]folder{}, filled: map[string]bool{}, taken: map[string]int{}}
	p.docs = render.NewDocuments(in.Read, p.open)
	for _, f := range in.Files {
		p.files[f] = true
	}
	return p
}

// open reads a file's code.
func (p *project) open(file string, src []byte) (*document, error) {
	tree, err := reader.Parse(&p.parser, src)
	return &document{render.NewText(file, src), tree}, err
}

// text is the file's text in a span.
func (d *document) text(s source.Span) string { return string(d.Src[s.Start:s.End]) }

// uses reports whether a name stands in the file's code.
func (d *document) uses(ident string) bool {
	for i := 0; ; {
		at := bytes.Index(d.Src[i:], []byte(ident))
		if at < 0 {
			return false
		}
		i += at
		if n := d.tree.At(i); n.Kind() == "identifier" && n.Text() == ident {
			return true
		}
		i += len(ident)
	}
}

// inScope reports whether a name is a variable or module where the byte at at stands: the functions around it use it, or
// the top level of the file binds it.
func (d *document) inScope(ident string, at int) bool {
	for n := d.tree.At(at); n.OK(); n = n.Parent() {
		if n.Kind() != "function_definition" {
			continue
		}
		for _, s := range site.Find(d.Src[n.Start():n.End()], strings.ToLower(ident)) {
			if c := d.tree.At(n.Start() + s.Start); c.Kind() == "identifier" && c.Text() == ident && c != n.Field("name") {
				return true
			}
		}
	}
	for c := d.tree.Root().First(); c.OK(); c = c.Next() {
		a := c.First()
		if c.Kind() == "expression_statement" && a.Kind() == "assignment" && a.Field("left").Text() == ident {
			return true
		}
		if !c.Is("import_statement", "import_from_statement") {
			continue
		}
		for _, n := range c.Fields("name") {
			if alias := n.Field("alias"); alias.Text() == ident || n.Kind() == "dotted_name" && n.First().Text() == ident {
				return true
			}
		}
	}
	return false
}

// stringAt is the string token with exactly these bytes.
func (d *document) stringAt(s source.Span) (syntax.Node, bool) {
	n := d.tree.Exactly(s)
	return n, n.Is("string")
}
