package ruby

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Names are the expressions in scope at at that hold an instance's name, as the pack's names and environment variables
// tell them, nearest first. Owner is the method that holds the place, as "Class.method" or "method", and ownerAt its
// bytes; they are empty at the top level.
func Names(tree *syntax.Tree, at source.Span, pack *rules.Pack) (names []site.Name, owner string, ownerAt source.Span) {
	s := &scoped{at: at, pack: pack, none: !mentions(tree.Src, pack)}
	place := tree.At(at.Start)
	if doc, ok := bodyAround(tree, place, at.Start); ok {
		place = tree.At(doc.opening.Start)
	}
	s.limit, s.end = place.Start(), statementEnd(place)
	method := syntax.Node{}
	closed := false
	for n := place; n.OK(); n = n.Parent() {
		switch n.Kind() {
		case "block", "do_block", "lambda", "for":
			if !closed {
				s.block(n)
			}
		case "method", "singleton_method":
			if !closed {
				s.gather(n, n.Field("parameters"))
				method, closed = n, true
			}
		case "class", "module":
			if method.OK() {
				s.attributes(n, method)
			}
			s.constants(n)
			closed = true
		case "program":
			if !closed {
				s.gather(n, syntax.Node{})
			}
			s.constants(n)
		}
	}
	s.environment(tree)
	owner, ownerAt = ownerOf(method)
	return s.names, owner, ownerAt
}

// bodyAround is the here-document that holds off in its body. The interpolations in it belong to the code around.
func bodyAround(tree *syntax.Tree, n syntax.Node, off int) (heredoc, bool) {
	for p := n; p.OK(); p = p.Parent() {
		if p.Is("heredoc_body") {
			return bodyAt(tree, p, off)
		}
	}
	return heredoc{}, false
}

func ownerOf(method syntax.Node) (string, source.Span) {
	if !method.OK() {
		return "", source.Span{}
	}
	name := method.Field("name").Text()
	if class := method.Ancestor("class", "module"); class.OK() {
		name = class.Field("name").Text() + "." + name
	}
	return name, method.Span()
}

// scoped collects names, nearest first.
type scoped struct {
	at    source.Span
	limit int // names that are bound at or after this byte are not in scope yet
	end   int // where the statement ends that holds the place
	pack  *rules.Pack
	none  bool // the file holds none of the pack's names
	names []site.Name
}

// mentions reports whether a text holds one of the names that the pack lists.
func mentions(src []byte, pack *rules.Pack) bool {
	for _, n := range pack.Instance.Names {
		if bytes.Contains(src, []byte(n)) || bytes.Contains(src, []byte(strings.ToUpper(n))) {
			return true
		}
	}
	return false
}

// statementEnd is the end of the statement that holds n.
func statementEnd(n syntax.Node) int {
	for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
		if p.Is("program", "body_statement", "block_body", "then", "else", "do", "begin") {
			break
		}
	}
	return n.End()
}

func (s *scoped) add(expr, how string) {
	for _, n := range s.names {
		if strings.TrimPrefix(n.Expr, "@") == strings.TrimPrefix(expr, "@") { // @x and its reader x are one
			return
		}
	}
	s.names = append(s.names, site.Name{Expr: expr, How: how})
}

// block takes the parameters of a block and the variables that are bound in it.
func (s *scoped) block(n syntax.Node) {
	if n.Is("for") {
		s.params(n.Field("pattern"), "loop variable", n)
		return
	}
	params := n.Field("parameters")
	if !params.OK() && n.Parent().Is("lambda") {
		params = n.Parent().Field("parameters")
	}
	s.bound(n)
	s.params(params, "loop variable", n)
}

// gather takes the variables that are bound in a method or at the top level, then the method's parameters.
func (s *scoped) gather(n, params syntax.Node) {
	s.bound(n)
	s.params(params, "parameter", n)
	s.entries(n)
}

func (s *scoped) params(list syntax.Node, how string, scope syntax.Node) {
	if list.Is("identifier") {
		s.variable(list.Text(), how, scope)
	}
	for _, c := range list.NamedChildren() {
		if c.Start() >= s.limit { // the place is in the default of a parameter before
			break
		}
		switch c.Kind() {
		case "identifier":
			s.variable(c.Text(), how, scope)
		case "optional_parameter", "keyword_parameter":
			s.variable(c.Field("name").Text(), how, scope)
		case "destructured_parameter":
			s.params(c, how, scope)
		}
	}
}

// variable adds a name that the pack lists. Where the code around reads its member name, the variable is an object and
// that member is what is meant.
func (s *scoped) variable(name, how string, scope syntax.Node) {
	known := func(n site.Name) bool {
		return strings.TrimPrefix(strings.TrimSuffix(n.Expr, ".name"), "@") == strings.TrimPrefix(name, "@")
	}
	if !s.pack.Instance.Holds(name) || slices.ContainsFunc(s.names, known) {
		return
	}
	if readsName(scope, name) {
		s.add(name+".name", how)
		return
	}
	s.add(name, how)
}

func readsName(n syntax.Node, name string) bool {
	if n.Is("call") && n.Field("receiver").Text() == name && n.Field("method").Text() == "name" {
		return true
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if readsName(c, name) {
			return true
		}
	}
	return false
}

// bound takes the local variables that are assigned in n before the place, the last one first. Blocks and methods inside
// n that do not hold the place have variables of their own.
func (s *scoped) bound(n syntax.Node) {
	if s.none {
		return
	}
	type hit struct{ name, how string }
	var hits []hit
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		if n.Start() >= s.limit {
			return
		}
		switch n.Kind() {
		case "method", "singleton_method", "class", "module", "block", "do_block", "lambda", "array", "string_array", "string", "hash", "heredoc_body":
			return
		case "assignment", "operator_assignment":
			if n.End() <= s.limit || n.Field("right").Is("if", "case", "begin", "unless") {
				if n.End() <= s.limit {
					for _, t := range targets(n.Field("left")) {
						hits = append(hits, hit{t.Text(), origin(n.Field("right"))})
					}
				}
			}
		}
		for c := n.First(); c.OK(); c = c.Next() {
			walk(c)
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		walk(c)
	}
	for _, h := range slices.Backward(hits) {
		s.variable(h.name, h.how, n)
	}
}

// targets are the plain variables that an assignment binds.
func targets(left syntax.Node) []syntax.Node {
	switch left.Kind() {
	case "identifier", "global_variable":
		return []syntax.Node{left}
	case "left_assignment_list":
		var out []syntax.Node
		for _, c := range left.NamedChildren() {
			out = append(out, targets(c)...)
		}
		return out
	}
	return nil
}

// origin says where a value comes from: the command line, the environment, or elsewhere.
func origin(value syntax.Node) string {
	text := value.Text()
	switch {
	case strings.HasPrefix(text, "ARGV"):
		return "argument"
	case strings.HasPrefix(text, "ENV"):
		return "environment"
	}
	return "variable"
}

// attributes takes the instance variables that initialize sets, and readers of the class, for a method of it.
func (s *scoped) attributes(class, method syntax.Node) {
	if s.none {
		return
	}
	static := method.Is("singleton_method") || method.Ancestor("singleton_class", "class", "module").Is("singleton_class")
	if static || class.Is("module") {
		return
	}
	var walk func(n syntax.Node, in bool)
	walk = func(n syntax.Node, in bool) {
		switch n.Kind() {
		case "class", "module", "singleton_class", "singleton_method":
			if n != class {
				return
			}
		case "method":
			in = n.Field("name").Text() == "initialize"
		case "assignment", "operator_assignment":
			if left := n.Field("left"); in && left.Is("instance_variable") {
				s.variable(left.Text(), "attribute", class)
			}
		case "call":
			if !n.Field("receiver").OK() && (structFields(n) != nil || strings.HasPrefix(n.Field("method").Text(), "attr_")) {
				for _, a := range n.Field("arguments").NamedChildren() {
					s.variable(symbolName(a), "attribute", class)
				}
			}
		}
		for c := n.First(); c.OK(); c = c.Next() {
			walk(c, in)
		}
	}
	walk(class, false)
	for _, f := range structFields(firstNamed(class.Field("superclass"))) {
		s.variable(f, "attribute", class)
	}
}

func firstNamed(n syntax.Node) syntax.Node {
	if kids := n.NamedChildren(); len(kids) > 0 {
		return kids[0]
	}
	return syntax.Node{}
}

// constants takes the constants that stand directly in a class, a module or the file.
func (s *scoped) constants(n syntax.Node) {
	if s.none {
		return
	}
	body := n
	if !n.Is("program") {
		body = n.Field("body")
	}
	for c := body.First(); c.OK(); c = c.Next() {
		if c.Is("assignment") && c.Field("left").Is("constant") && c.Start() < s.at.Start && s.pack.Instance.Holds(c.Field("left").Text()) {
			s.add(c.Field("left").Text(), origin(c.Field("right")))
		}
	}
}

// entries takes entries of hashes that the scope reads before the place or in the same statement: args[:instance_name], options.fetch(:instance).
func (s *scoped) entries(n syntax.Node) {
	if s.none {
		return
	}
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		if n.Start() >= s.end {
			return
		}
		if n.Is("element_reference") && n.Field("object").Is("identifier", "instance_variable", "constant") && n.Field("object").Text() != "ENV" {
			if kids := n.NamedChildren(); len(kids) == 2 && s.pack.Instance.Holds(symbolName(kids[1])) && n.FieldName() != "left" {
				s.add(n.Text(), "variable")
			}
		}
		if n.Is("method", "singleton_method", "class", "module") {
			return
		}
		for c := n.First(); c.OK(); c = c.Next() {
			walk(c)
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		walk(c)
	}
}

// environment takes the variables that hold the instance in every job, where the file reads them.
func (s *scoped) environment(tree *syntax.Tree) {
	if !bytes.Contains(tree.Src, []byte("ENV")) {
		return
	}
	for _, name := range s.pack.Instance.Environment {
		for _, quote := range []string{"'", "\""} {
			if bytes.Contains(tree.Src, []byte("ENV["+quote+name+quote+"]")) || bytes.Contains(tree.Src, []byte("ENV.fetch("+quote+name+quote+")")) {
				s.add("ENV.fetch("+quote+name+quote+")", "environment")
			}
		}
	}
}
