package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// prefixOf is the prefix of a string token, in lower case, and its quotes.
func prefixOf(text string) (prefix, quotes string) {
	i := strings.IndexAny(text, `"'`)
	if i < 0 {
		return "", ""
	}
	quotes = text[i : i+1]
	if triple := strings.Repeat(quotes, 3); strings.HasPrefix(text[i:], triple) && len(text) >= i+6 {
		quotes = triple
	}
	return strings.ToLower(text[:i]), quotes
}

// replace puts an expression in the place of the program's name: instead of the literal that is nothing else, as an
// interpolation of one that holds more.
func (p *project) replace(pl *plan, d *document, literal, span source.Span, call string) error {
	str, ok := d.stringAt(literal)
	if !ok {
		return refuse("the string is not written in one piece")
	}
	prefix, quotes := prefixOf(d.text(literal))
	body := source.Span{Start: literal.Start + len(prefix) + len(quotes), End: literal.End - len(quotes)}
	if !body.Covers(span) {
		return refuse("the word is not written plainly in its string")
	}
	if strings.Contains(prefix, "b") {
		return &render.Reason{Text: "the command is a bytes literal, which holds no other value", Suggestion: "os.fsencode(" + call + ")"}
	}
	if body == span && str.Parent().Kind() != "concatenated_string" {
		if literal.Start > 0 && wordByte(d.Src[literal.Start-1]) {
			call = " " + call
		}
		pl.Edit(d.File, literal.Start, literal.End, call)
		return nil
	}
	if strings.Contains(prefix, "f") {
		pl.Edit(d.File, span.Start, span.End, "{"+call+"}")
		return nil
	}
	if layout, use := layoutOf(str); use.OK() {
		return p.intoLayout(pl, d, layout, use, span, call)
	}
	interpolate(pl, d, literal, body, prefix, span, "{"+call+"}")
	return nil
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// interpolate makes a plain literal an f-string with text in the place of span, and doubles its other braces.
func interpolate(pl *plan, d *document, literal, body source.Span, prefix string, span source.Span, text string) {
	switch {
	case prefix == "u":
		pl.Edit(d.File, literal.Start, literal.Start+1, "f")
	case prefix == "" && literal.Start > 0 && wordByte(d.Src[literal.Start-1]): // return"…"
		pl.Edit(d.File, literal.Start, literal.Start, " f")
	default:
		pl.Edit(d.File, literal.Start+len(prefix), literal.Start+len(prefix), "f")
	}
	raw := strings.Contains(prefix, "r")
	for i := body.Start; i < body.End; i++ {
		switch c := d.Src[i]; {
		case span.Contains(i):
		case c == '\\' && !raw && i+2 < body.End && d.Src[i+1] == 'N' && d.Src[i+2] == '{':
			for i < body.End && d.Src[i] != '}' { // a character by its name
				i++
			}
		case c == '\\' && !raw:
			i++
			if i < body.End && (d.Src[i] == '{' || d.Src[i] == '}') {
				pl.Edit(d.File, i, i+1, strings.Repeat(string(d.Src[i]), 2))
			}
		case c == '{' || c == '}':
			pl.Edit(d.File, i, i+1, string([]byte{c, c}))
		}
	}
	pl.Edit(d.File, span.Start, span.End, text)
}

// argument is an expression as it can be written at a place: valid, and without the quotes of the literals around it,
// which older versions of Python do not take inside an interpolation.
func (p *project) argument(d *document, expr string, at source.Span) (string, error) {
	expr = strings.TrimSpace(expr)
	if !p.single(expr) {
		return "", refuse("the instance is given as %s, which is no expression that can be repeated", expr)
	}
	for _, q := range d.quotesAround(at) {
		if len(q) == 3 && !strings.Contains(expr, q) || len(q) == 1 && !strings.Contains(expr, q) {
			continue
		}
		other := map[string]string{`"`: `'`, `'`: `"`}[q]
		if len(q) == 3 || strings.Contains(expr, other) {
			return "", refuse("the instance is given as %s, whose quotes cannot stand inside this string", expr)
		}
		expr = strings.ReplaceAll(expr, q, other)
	}
	for _, q := range d.quotesAround(at) {
		if strings.Contains(expr, q) {
			return "", refuse("the instance is given as %s, whose quotes cannot stand inside these strings", expr)
		}
	}
	return expr, nil
}

// quotesAround are the delimiters of the strings around a place. The innermost one is left out where the place is the
// whole of a literal, which is replaced with its quotes.
func (d *document) quotesAround(at source.Span) []string {
	var out []string
	for n := d.tree.At(at.Start); n.OK(); n = n.Parent() {
		if n.Kind() != "string" {
			continue
		}
		prefix, quotes := prefixOf(n.Text())
		whole := n.Start()+len(prefix)+len(quotes) == at.Start && n.End()-len(quotes) == at.End && n.Parent().Kind() != "concatenated_string"
		if !whole && !(n.Span() == at) {
			out = append(out, quotes)
		}
	}
	return out
}

// single reports whether text is one expression that gives the same value each time: names, attributes, keys, calls,
// literals and operators, on one line.
func (p *project) single(text string) bool {
	if text == "" || strings.ContainsAny(text, "\n\r\\") {
		return false
	}
	tree, err := p.parser.Parse(syntax.Python, []byte(text))
	if err != nil || tree.Broken() {
		return false
	}
	root := tree.Root()
	st := root.First()
	if !st.OK() || st.Next().OK() || st.Kind() != "expression_statement" || st.First().Next().OK() {
		return false
	}
	return repeatable(st.First())
}

// repeatable reports whether an expression can be evaluated once more without changing anything.
func repeatable(n syntax.Node) bool {
	switch n.Kind() {
	case "await", "yield", "named_expression", "lambda", "assignment", "augmented_assignment", "list_comprehension", "generator_expression", "list_splat", "comment":
		return false
	case "call":
		fn := n.Field("function").Text()
		switch fn[strings.LastIndexByte(fn, '.')+1:] {
		case "pop", "popitem", "next", "input", "mkdtemp", "mkstemp", "read", "readline", "popleft", "send", "prompt":
			return false
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if !repeatable(c) {
			return false
		}
	}
	return true
}

// unwrapped is an expression without the str(…) around it, which a path does not need.
func unwrapped(expr string) string {
	inner, ok := strings.CutPrefix(expr, "str(")
	if !ok || !strings.HasSuffix(inner, ")") {
		return expr
	}
	inner = inner[:len(inner)-1]
	depth := 0
	for _, c := range inner {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				return expr
			}
		}
		if depth < 0 {
			return expr
		}
	}
	return inner
}
