package python

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// verdict is what a word is. The zero verdict is none.
type verdict struct {
	class  site.Class
	rule   string // without the program
	reason string
}

func (v verdict) found() bool { return v.class != "" }

func message(reason string) verdict { return verdict{site.Message, "message", reason} }
func data(reason string) verdict    { return verdict{site.Data, "data", reason} }

// reader judges one word of a file.
type reader struct {
	*File
	src     []byte
	word    source.Span
	follows int // how many names are being followed to their uses
}

func (r *reader) judge(n syntax.Node) verdict {
	for p := n; p.OK(); p = p.Parent() {
		switch p.Kind() {
		case "comment":
			return verdict{site.Comment, "comment", "a comment"}
		case "string":
			return r.text(p)
		case "interpolation":
			return r.code(n)
		}
	}
	if r.firstLine(n) {
		return verdict{site.Comment, "comment", "the script's first line"}
	}
	return r.code(n)
}

func (r *reader) firstLine(syntax.Node) bool {
	return bytes.HasPrefix(r.src, []byte("#!")) && !bytes.Contains(r.src[:min(r.word.Start, len(r.src))], []byte("\n"))
}

// code judges a word that is no text: a name.
func (r *reader) code(n syntax.Node) verdict {
	if n.Kind() != "identifier" {
		if n.Kind() == "ERROR" || n.Parent().Kind() == "ERROR" || n.Named() && n.First().OK() {
			return verdict{site.Unexplained, "unexplained", "this part of the file could not be read as Python"}
		}
		return verdict{site.Identifier, "identifier", "a name in code"}
	}
	for p := n.Parent(); p.OK(); p = p.Parent() {
		switch p.Kind() {
		case "import_statement", "import_from_statement":
			return r.imported(n, p)
		case "block", "module", "expression_statement":
			return r.name(n)
		}
	}
	return r.name(n)
}

// imported judges a name in an import statement.
func (r *reader) imported(n, statement syntax.Node) verdict {
	module := dotted(statement.Field("module_name"))
	if statement.Kind() == "import_statement" {
		for _, c := range statement.Fields("name") {
			if c.Span().Covers(n.Span()) {
				module = dotted(c)
			}
			if c.Kind() == "aliased_import" && c.Span().Covers(n.Span()) {
				module = dotted(c.Field("name"))
			}
		}
	}
	if r.library(module) {
		return verdict{site.Import, "import", fmt.Sprintf("%s is imported as a library", module)}
	}
	if strings.HasPrefix(module, ".") {
		return verdict{site.Identifier, "identifier", "the name of a module of the same package"}
	}
	return verdict{site.Identifier, "identifier", fmt.Sprintf("a name of the module %s", module)}
}

// library reports whether a module is one of the program's own.
func (r *reader) library(module string) bool {
	head, _, _ := strings.Cut(module, ".")
	return slices.Contains(r.pack.Program.Modules, head)
}

// name judges a name outside of imports by the place where it stands.
func (r *reader) name(n syntax.Node) verdict {
	p := n.Parent()
	what := "a name in code"
	switch {
	case p.Kind() == "attribute" && n.FieldName() == "attribute":
		what = "the name of an attribute"
	case p.Kind() == "keyword_argument" && n.FieldName() == "name":
		what = "the name of an argument"
	case p.Kind() == "function_definition" && n.FieldName() == "name":
		what = "the name of a function"
	case p.Kind() == "class_definition" && n.FieldName() == "name":
		what = "the name of a class"
	case p.Ancestor("parameters", "lambda_parameters").OK() && n.FieldName() == "name" || p.Is("parameters", "lambda_parameters", "typed_parameter"):
		what = "the name of a parameter"
	case r.library(r.full(n.Text())) && r.imports[n.Text()] != "":
		return verdict{site.Import, "import", fmt.Sprintf("uses what was imported from %s", r.full(n.Text()))}
	}
	return verdict{site.Identifier, "identifier", what}
}

// full is a dotted name with its first part replaced by what was imported under it.
func (f *File) full(ident string) string {
	if f.imports == nil {
		f.imports = map[string]string{}
		f.readImports(f.tree.Root(), 0)
	}
	head, rest, more := strings.Cut(ident, ".")
	got, ok := f.imports[head]
	switch {
	case !ok:
		return ident
	case more:
		return got + "." + rest
	}
	return got
}

// readImports notes the imports of a block and of the compound statements in it, up to some depth.
func (f *File) readImports(n syntax.Node, depth int) {
	for c := n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "import_statement", "import_from_statement":
			l := &lowerer{tree: f.tree, dotted: map[string]bool{}, modules: map[string]bool{}}
			f.note(l.imports(c))
		case "if_statement", "try_statement", "block", "except_clause", "else_clause", "elif_clause", "function_definition", "decorated_definition":
			if depth < 6 {
				f.readImports(c, depth+1)
			}
		}
	}
}

// text judges a word inside a string.
func (r *reader) text(str syntax.Node) verdict {
	if r.alone(str) {
		return verdict{site.Comment, "comment", "docstring"}
	}
	rendered := r.rendered(str)
	if v := r.special(str, rendered); v.found() {
		return v
	}
	role := r.role(str)
	if role.class == site.Message || role.class == site.Path || role.rule == "module" {
		return role
	}
	if v := r.shape(str, rendered); v.found() {
		return v
	}
	if _, suspect := r.suspect(str); suspect || !role.found() && r.commands(str) {
		return verdict{site.Unexplained, "unexplained", "it reads as a command, and no call that runs it was found"}
	}
	if role.found() {
		return role
	}
	return r.rest(str)
}

// alone reports whether a string stands as a statement of its own: a docstring, or text that is put out of use.
func (r *reader) alone(str syntax.Node) bool {
	p := str.Parent()
	if p.Kind() == "concatenated_string" {
		p = p.Parent()
	}
	return p.Kind() == "expression_statement"
}

// rest judges a text that no code around it and no form explains.
func (r *reader) rest(str syntax.Node) verdict {
	switch words := strings.Fields(r.body(str)); {
	case r.testing(str):
		return data("data of a test")
	case len(words) >= 3:
		return message("reads as a sentence")
	case len(words) == 1:
		return data("a name that reaches no call which runs it")
	}
	return data("a value that reaches no call which runs it")
}

// maxBody bounds how much of a long text is looked at.
const maxBody = 4096

// body is the text between the quotes, as it is written; of a long one, the beginning.
func (r *reader) body(str syntax.Node) string {
	s := r.quote(str).body
	return string(r.src[s.Start:min(s.End, s.Start+maxBody)])
}

// testing reports whether a place belongs to a test.
func (r *reader) testing(n syntax.Node) bool {
	for p := n.Parent(); p.OK(); p = p.Parent() {
		switch p.Kind() {
		case "function_definition", "class_definition":
			if ident := p.Field("name").Text(); strings.HasPrefix(ident, "test") || strings.HasPrefix(ident, "Test") {
				return true
			}
		case "decorated_definition":
			for c := p.First(); c.OK(); c = c.Next() {
				if c.Kind() == "decorator" && ofTest(first(c).Text()) {
					return true
				}
			}
		}
	}
	return false
}

// ofTest reports whether a decorator marks a test, a fixture or a step of a test.
func ofTest(mark string) bool {
	for _, prefix := range []string{"pytest.", "fixture", "parametrize", "given(", "when(", "then(", "step("} {
		if strings.HasPrefix(mark, prefix) {
			return true
		}
	}
	return strings.Contains(mark, "parametrize")
}
