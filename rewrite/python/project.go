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
	names  functions
	needs  map[string]render.Need // by file, of every site that is fixed

	folders map[string]folder // by directory
	filled  map[string]bool   // places of operands of % that a fix extends
	taken   map[string]int    // by the place of an import: how many of its names fixes take out
}

// functions are the names of the two functions that give the path.
type functions struct {
	byName string // takes the instance's name
	byRoot string // takes the instance's directory
}

// document is one file, parsed.
type document struct {
	file    string
	src     []byte
	tree    *syntax.Tree
	newline string
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
	if err != nil {
		return nil, err
	}
	return &document{file: file, src: src, tree: tree, newline: source.Newline(src)}, nil
}

// text is the file's text in a span.
func (d *document) text(s source.Span) string { return string(d.src[s.Start:s.End]) }

// uses reports whether a name stands in the file's code.
func (d *document) uses(ident string) bool {
	for i := 0; ; {
		at := bytes.Index(d.src[i:], []byte(ident))
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
		for _, s := range site.Find(d.src[n.Start():n.End()], strings.ToLower(ident)) {
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

// lineStart is the offset of the first byte of the line that holds off. A byte order mark stands in front of the first
// line.
func (d *document) lineStart(off int) int {
	if start := bytes.LastIndexByte(d.src[:off], '\n') + 1; start > 0 || !bytes.HasPrefix(d.src, []byte("\ufeff")) {
		return start
	}
	return len("\ufeff")
}

// lineEnd is the offset after the line that holds off, its newline included.
func (d *document) lineEnd(off int) int {
	if i := bytes.IndexByte(d.src[off:], '\n'); i >= 0 {
		return off + i + 1
	}
	return len(d.src)
}

// nodeAt is the expression with exactly these bytes.
func (d *document) nodeAt(s source.Span) syntax.Node {
	n := d.tree.At(s.Start)
	for n.OK() && n.Span() != s {
		n = n.Parent()
	}
	return n
}

// stringAt is the string token with exactly these bytes.
func (d *document) stringAt(s source.Span) (syntax.Node, bool) {
	for n := d.tree.At(s.Start); n.OK(); n = n.Parent() {
		if n.Kind() == "string" && n.Span() == s {
			return n, true
		}
	}
	return syntax.Node{}, false
}

// identifier makes a word of the program's name that can stand in a Python name.
func identifier(program string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' {
			return r
		}
		return '_'
	}, strings.ToLower(program))
}
