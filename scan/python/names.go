package python

import (
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// scope collects names on the way from a place to the top of its file.
type scope struct {
	*File
	word    source.Span
	names   []site.Name
	late    []site.Name   // names that come after those of the whole function
	holders []syntax.Node // functions and classes around the place, the innermost first
	hidden  bool          // the blocks of the next class are not visible, since a function lies between
}

// owner is the innermost function around the place, named with the functions and classes around it.
func (s *scope) owner() (owner string, at source.Span) {
	var within []string
	for _, h := range s.holders {
		if h.Kind() == "function_definition" && at == (source.Span{}) {
			at = h.Span()
		}
		if at != (source.Span{}) {
			within = append([]string{h.Field("name").Text()}, within...)
		}
	}
	return strings.Join(within, "."), at
}

func (s *scope) add(expr, how string) {
	for _, n := range s.names {
		if n.Expr == expr {
			return
		}
	}
	s.names = append(s.names, site.Name{Expr: expr, How: how})
}

// plural reports whether a name is the plural of one that holds an instance.
func (s *scope) plural(ident string) bool {
	one, ok := strings.CutSuffix(strings.ToLower(ident), "s")
	return ok && s.pack.Instance.Holds(one)
}

func (s *scope) resolve(n syntax.Node) {
	for child, p := n, n.Parent(); p.OK(); child, p = p, p.Parent() {
		switch p.Kind() {
		case "block", "module":
			s.statements(p, child)
		case "for_statement":
			if child.FieldName() == "body" {
				s.loop(p)
			}
		case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
			s.comprehension(p, child)
		case "with_statement":
			if child.FieldName() == "body" {
				s.withTargets(p)
			}
		case "lambda":
			if child.FieldName() == "body" {
				s.params(p)
			}
		case "function_definition":
			if child.FieldName() == "body" {
				s.params(p)
				s.attributesUsed(p)
				s.environmentRead(p)
				s.holders = append(s.holders, p)
				s.hidden = true
			}
		case "class_definition":
			if child.FieldName() == "body" {
				s.receiver(p)
				s.holders = append(s.holders, p)
				s.hidden = true
			}
		}
	}
	for _, n := range s.late {
		s.add(n.Expr, n.How)
	}
}

// statements looks at the assignments of a block that stand before child, the nearest first. At the top level of the
// file, seen from a function, all of them count.
func (s *scope) statements(block, child syntax.Node) {
	inClass := block.Parent().Kind() == "class_definition"
	if inClass && s.hidden {
		return
	}
	all := block.Kind() == "module" && s.hidden
	found := s.assignments(block)
	if !all {
		found = found[:sort.Search(len(found), func(i int) bool { return found[i].Start() >= child.Start() })]
	}
	seen := map[string]bool{}
	for i := len(found) - 1; i >= 0 && i >= len(found)-maxWithin; i-- {
		left := found[i].Field("left")
		if !seen[left.Text()] { // the last assignment counts
			s.assigned(left, found[i].Field("right"))
		}
		seen[left.Text()] = true
	}
}

// assignments are those of a block that may name an instance, in order.
func (f *File) assignments(block syntax.Node) []syntax.Node {
	if found, ok := f.assigns[block]; ok {
		return found
	}
	var found []syntax.Node
	for c := block.First(); c.OK(); c = c.Next() {
		a := first(c)
		if c.Kind() != "expression_statement" || a.Kind() != "assignment" || a.Field("left").Kind() != "identifier" {
			continue
		}
		if f.pack.Instance.Holds(a.Field("left").Text()) || f.readsEnvironment(a.Field("right")) {
			found = append(found, a)
		}
	}
	f.assigns[block] = found
	return found
}

func (s *scope) assigned(left, right syntax.Node) {
	ident := left.Text()
	switch {
	case !right.OK() || right.Is("none", "list", "dictionary", "tuple", "set", "lambda", "integer", "true", "false"):
	case s.readsEnvironment(right):
		s.add(ident, "environment")
	case !s.pack.Instance.Holds(ident):
	case right.Kind() == "call" && capital(right.Field("function").Text()):
		s.object(ident, right.Field("function").Text())
	default:
		s.text(ident, "variable")
	}
}

// readsEnvironment reports whether n reads an environment variable that holds the instance in every job, with no other
// value for when it is not set.
func (f *File) readsEnvironment(n syntax.Node) bool {
	var key syntax.Node
	switch n.Kind() {
	case "subscript":
		if !strings.HasSuffix(n.Field("value").Text(), "environ") {
			return false
		}
		key = n.Field("subscript")
	case "call":
		fn := n.Field("function").Text()
		args := n.Field("arguments").NamedChildren()
		if len(args) != 1 || !strings.HasSuffix(fn, "getenv") && !strings.HasSuffix(fn, "environ.get") {
			return false
		}
		key = args[0]
	}
	if key.Kind() != "string" {
		return false
	}
	for _, v := range f.pack.Instance.Environment {
		if strings.Trim(key.Text(), `"'`) == v {
			return true
		}
	}
	return false
}

func (s *scope) loop(n syntax.Node) {
	s.targets(n.Field("left"), n.Field("right"))
}

// targets adds the loop variables that hold an instance, by their own name or by that of what is looped over.
func (s *scope) targets(left, right syntax.Node) {
	for _, c := range identifiers(left) {
		ident := c.Text()
		over := right.Text()
		if right.Is("identifier", "attribute") && s.plural(over[strings.LastIndexByte(over, '.')+1:]) && left.Kind() == "identifier" || s.pack.Instance.Holds(ident) {
			s.text(ident, "loop variable")
		}
	}
}

func identifiers(n syntax.Node) []syntax.Node {
	if n.Kind() == "identifier" {
		return []syntax.Node{n}
	}
	var out []syntax.Node
	for _, c := range n.NamedChildren() {
		if c.Kind() == "identifier" {
			out = append(out, c)
		}
	}
	return out
}

func (s *scope) comprehension(n, child syntax.Node) {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() == "for_in_clause" && (child.FieldName() == "body" || c.Start() < child.Start()) {
			s.targets(c.Field("left"), c.Field("right"))
		}
	}
}

func (s *scope) withTargets(n syntax.Node) {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() != "with_clause" {
			continue
		}
		for _, item := range c.NamedChildren() {
			for _, t := range identifiers(first(item.Field("value").Field("alias"))) {
				if s.pack.Instance.Holds(t.Text()) {
					s.text(t.Text(), "variable")
				}
			}
		}
	}
}

// params adds the parameters of a function or lambda.
func (s *scope) params(n syntax.Node) {
	l := &lowerer{tree: s.tree}
	for c := n.Field("parameters").First(); c.OK(); c = c.Next() {
		p, ok := l.param(c)
		if !ok || p.Rest != "" || !s.pack.Instance.Holds(p.Name) {
			continue
		}
		if v := c.Field("value"); (v.Kind() == "none" || v.Text() == `""` || v.Text() == "''") && !s.ensured(n, p.Name) {
			continue
		}
		typ := strings.Trim(c.Field("type").Text(), `"'`)
		if typ != "" && !textual(typ) {
			s.object(p.Name, typ)
			continue
		}
		s.text(p.Name, "parameter")
	}
}

// textual reports whether an annotation says that a value is text.
func textual(typ string) bool {
	return strings.Contains(typ, "str") || strings.Contains(typ, "Str") || typ == "Any" || strings.HasPrefix(typ, "click.") || strings.Contains(typ, "Name")
}

func capital(fn string) bool {
	fn = fn[strings.LastIndexByte(fn, '.')+1:]
	return fn != "" && 'A' <= fn[0] && fn[0] <= 'Z' && fn != strings.ToUpper(fn)
}

// ensured reports whether the place is reached only when a parameter has a value: inside "if name:", or after a test
// that ends the function when it has none, or after it was given one.
func (s *scope) ensured(fn syntax.Node, param string) bool {
	for child, p := s.at(s.word.Start), (syntax.Node{}); ; child = p {
		p = child.Parent()
		if !p.OK() || p == fn {
			return false
		}
		if p.Kind() == "if_statement" && child.FieldName() == "consequence" && affirms(p.Field("condition"), param) {
			return true
		}
		if p.Kind() != "block" {
			continue
		}
		for c := p.First(); c.OK() && c.Start() < child.Start(); c = c.Next() {
			if rejects(c, param) {
				return true
			}
		}
	}
}

// affirms reports whether a condition holds only when the name has a value.
func affirms(cond syntax.Node, ident string) bool {
	switch cond.Kind() {
	case "identifier":
		return cond.Text() == ident
	case "parenthesized_expression":
		return affirms(first(cond), ident)
	case "boolean_operator":
		return cond.Field("operator").Text() == "and" && (affirms(cond.Field("left"), ident) || affirms(cond.Field("right"), ident))
	case "comparison_operator":
		return strings.Join(strings.Fields(cond.Text()), " ") == ident+" is not None"
	}
	return false
}

// rejects reports whether a statement makes sure that the name has a value when it is passed.
func rejects(st syntax.Node, ident string) bool {
	switch st.Kind() {
	case "expression_statement":
		a := first(st)
		return a.Kind() == "assignment" && a.Field("left").Text() == ident && !a.Field("right").Is("none")
	case "assert_statement":
		return affirms(first(st), ident)
	case "if_statement":
		cond := strings.Join(strings.Fields(st.Field("condition").Text()), " ")
		if cond != "not "+ident && cond != ident+" is None" || st.Field("alternative").OK() {
			return false
		}
		body := st.Field("consequence").NamedChildren()
		if len(body) == 0 {
			return false
		}
		last := body[len(body)-1]
		return last.Is("return_statement", "raise_statement", "continue_statement") || rejects(last, ident)
	}
	return false
}
