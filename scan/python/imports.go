package python

import (
	"strings"
	"unicode"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// imports lowers both forms of import.
func (l *lowerer) imports(n syntax.Node) []flow.Stmt {
	if n.Kind() == "import_from_statement" {
		return []flow.Stmt{l.from(n)}
	}
	var out []flow.Stmt
	for _, c := range n.Fields("name") {
		if c.Kind() == "aliased_import" {
			as := c.Field("alias").Text()
			l.modules[as] = true
			out = append(out, &flow.Import{Span: n.Span(), Module: dotted(c.Field("name")), As: as})
			continue
		}
		module := dotted(c)
		head, _, more := strings.Cut(module, ".")
		l.modules[head] = true
		out = append(out, &flow.Import{Span: n.Span(), Module: head, As: head})
		if more {
			l.dotted[module] = true
			l.modules[module] = true
			out = append(out, &flow.Import{Span: n.Span(), Module: module, As: module})
		}
	}
	return out
}

func (l *lowerer) from(n syntax.Node) flow.Stmt {
	im := &flow.Import{Span: n.Span(), Module: dotted(n.Field("module_name"))}
	for _, c := range n.Fields("name") {
		got := flow.ImportName{Name: dotted(c), At: c.Span()}
		got.As = got.Name
		if c.Kind() == "aliased_import" {
			got = flow.ImportName{Name: dotted(c.Field("name")), As: c.Field("alias").Text(), At: c.Field("name").Span()}
		}
		im.Names = append(im.Names, got)
	}
	for c := n.First(); c.OK(); c = c.Next() {
		im.Star = im.Star || c.Kind() == "wildcard_import"
	}
	return im
}

// dotted is a module's name without the blanks that may stand around its dots.
func dotted(n syntax.Node) string {
	text := n.Text()
	if !strings.ContainsAny(text, " \t\\\r\n\f") {
		return text
	}
	return strings.NewReplacer(" ", "", "\t", "", "\\", "", "\r", "", "\n", "", "\f", "").Replace(text)
}

// importText is an import, as text: the module and the names of a from, or the modules.
var importText = lazyregexp.New(`(?m)(?:^|[;:])[ \t]*(?:from\b([.\w \t\\\r\n]+?)\bimport\b[ \t]*(\([^)]*|(?:\\\r?\n|[^\n;])*)|import\b((?:\\\r?\n|[^\n;])*))`)

// comment is a comment, or what looks like one inside of text.
var comment = lazyregexp.New(`#[^\n]*`)

// Imports are the modules that a file may import, as Resolve takes them, without parsing it: some may be too many.
func Imports(src []byte) []string {
	var out []string
	for _, m := range importText.FindAllSubmatch(comment.ReplaceAll(src, nil), -1) {
		module := strings.Join(strings.FieldsFunc(string(m[1]), func(r rune) bool { return r == '\\' || unicode.IsSpace(r) }), "")
		if module != "" {
			out = append(out, module)
		}
		for _, part := range strings.Split(strings.Trim(string(m[2])+string(m[3]), "()"), ",") {
			fields := strings.FieldsFunc(part, func(r rune) bool { return r == '\\' || unicode.IsSpace(r) })
			switch {
			case len(fields) == 0:
			case module == "":
				out = append(out, fields[0])
			default:
				out = append(out, Member(module, fields[0]))
			}
		}
	}
	return out
}
