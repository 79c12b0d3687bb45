package python

import (
	"bytes"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Bound reports whether a name that is read at one place is bound at another one in every run, and holds the same there.
// Both places may be one. A name that the file binds nowhere is the language's own, or comes with a star.
func (f *File) Bound(name string, from, at source.Span) bool {
	scope, ok := f.binder(name, f.at(at.Start))
	if !ok || from == at {
		return ok
	}
	there, ok := f.binder(name, f.at(from.Start))
	if from.Start < at.Start {
		from, at = at, from
	}
	return ok && there == scope && !reboundBetween(scope, name, at.End, f.at(from.Start))
}

// binder is the scope that binds a name as it is read at a node, and whether it has done so whenever the node is reached.
func (f *File) binder(name string, n syntax.Node) (scope syntax.Node, bound bool) {
	crossed := syntax.Node{} // the outermost function so far: it runs later than where it stands
	for child, p := n, n.Parent(); p.OK(); child, p = p, p.Parent() {
		switch p.Kind() {
		case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
			if loopsOver(p, child, name) {
				return p, true
			}
		case "lambda":
			if child.FieldName() == "body" && hasParam(p, name) {
				return p, true
			}
		case "function_definition":
			if child.FieldName() != "body" {
				continue
			}
			if hasParam(p, name) {
				return p, true
			}
			if body := p.Field("body"); binds(body, name) && !declaredOutside(body, name) {
				return p, f.reached(body, n, name, crossed)
			}
			crossed = p
		case "class_definition":
			if body := p.Field("body"); child == body && !crossed.OK() && binds(body, name) {
				return p, certainAt(body, n, name)
			}
		case "module":
			return p, !binds(p, name) || f.reached(p, n, name, crossed)
		}
	}
	return syntax.Node{}, false
}

// reached reports whether a body has bound a name whenever a node in it runs: before the node, or, for a node in a function
// that the body defines, before anything calls a function of the file.
func (f *File) reached(body, n syntax.Node, name string, inner syntax.Node) bool {
	if !inner.OK() {
		return certainAt(body, n, name)
	}
	defined := false
	for c := body.First(); c.OK(); c = c.Next() {
		if certain(c, name) {
			return true
		}
		defined = defined || c.Span().Covers(inner.Span())
		if defined && f.callsOwn(c) {
			return false
		}
	}
	return false
}

// callsOwn reports whether a statement, as it runs, calls a function or class that the file defines.
func (f *File) callsOwn(n syntax.Node) bool {
	if n.Is("function_definition", "class_definition", "lambda") {
		return false
	}
	if n.Kind() == "call" {
		fn := n.Field("function").Text()
		if f.defines(fn) || bytes.Contains(f.tree.Src, []byte("class "+fn)) {
			return true
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if f.callsOwn(c) {
			return true
		}
	}
	return false
}

// certainAt reports whether a name is bound in every run that comes to a node inside a body.
func certainAt(body, n syntax.Node, name string) bool {
	for child, p := n, n.Parent(); child != body && p.OK(); child, p = p, p.Parent() {
		switch p.Kind() {
		case "for_statement":
			if child.FieldName() == "body" && bindsTo(p.Field("left"), name) {
				return true
			}
		case "block", "module", "with_statement":
			for c := p.First(); c.OK() && c.Start() < child.Start(); c = c.Next() {
				if certain(c, name) {
					return true
				}
			}
		case "if_statement", "while_statement", "elif_clause":
			if child.FieldName() != "condition" && certain(p.Field("condition"), name) {
				return true
			}
		case "except_clause":
			for c := p.First(); c.OK() && c.Start() < child.Start(); c = c.Next() {
				if c.Kind() == "as_pattern" && bindsTo(c.Field("alias"), name) {
					return true
				}
			}
		}
	}
	return false
}

// certain reports whether a statement or expression binds a name whenever it is run to its end.
func certain(n syntax.Node, name string) bool {
	switch n.Kind() {
	case "function_definition", "class_definition":
		return n.Field("name").Text() == name
	case "lambda", "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression", "conditional_expression", "boolean_operator", "delete_statement":
		return false
	case "for_statement", "while_statement":
		return certain(n.Field("condition"), name)
	case "if_statement":
		return certain(n.Field("condition"), name) || n.Fields("alternative") != nil && allWays(n, name)
	case "try_statement":
		return allWays(n, name)
	case "match_statement", "except_clause":
		return false
	}
	if bindsItself(n, name) {
		return true
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if certain(c, name) {
			return true
		}
	}
	return false
}

// allWays reports whether each way through an if or a try binds a name or does not come to the end. The last way of an if
// has to be an else.
func allWays(n syntax.Node, name string) bool {
	last := syntax.Node{}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() == "finally_clause" && certainIn(c, name) {
			return true
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		way := c.Is("block", "elif_clause", "except_clause", "except_group_clause") || c.Kind() == "else_clause" && n.Kind() == "if_statement"
		if way && !certainIn(c, name) && !leaves(c) {
			return false
		}
		if way {
			last = c
		}
	}
	return n.Kind() == "try_statement" || last.Kind() == "else_clause"
}

// certainIn reports whether a clause, or the block that it is, binds a name.
func certainIn(clause syntax.Node, name string) bool {
	for c := clause.First(); c.OK(); c = c.Next() {
		if certain(c, name) {
			return true
		}
	}
	return false
}

// leaves reports whether a clause or block ends with a statement after which nothing follows.
func leaves(n syntax.Node) bool {
	kids := n.NamedChildren()
	if len(kids) == 0 {
		return false
	}
	last := kids[len(kids)-1]
	if last.Kind() == "block" {
		return leaves(last)
	}
	return last.Is("return_statement", "raise_statement", "continue_statement", "break_statement") ||
		strings.HasPrefix(last.Text(), "sys.exit(") || strings.HasPrefix(last.Text(), "exit(")
}

// bindsItself reports whether a node is one that binds a name.
func bindsItself(n syntax.Node, name string) bool {
	switch n.Kind() {
	case "assignment":
		return n.Field("right").OK() && bindsTo(n.Field("left"), name)
	case "augmented_assignment", "for_statement":
		return bindsTo(n.Field("left"), name)
	case "named_expression":
		return n.Field("name").Text() == name
	case "function_definition", "class_definition":
		return n.Field("name").Text() == name
	case "as_pattern_target":
		return bindsTo(n, name)
	case "import_statement", "import_from_statement":
		for _, c := range n.Fields("name") {
			if alias := c.Field("alias"); alias.OK() {
				c = alias
			}
			if head, _, _ := strings.Cut(c.Text(), "."); head == name {
				return true
			}
		}
	case "global_statement", "nonlocal_statement", "delete_statement":
		return bindsTo(n, name)
	}
	return false
}

// binds reports whether anything in a scope makes a name one of the scope's own, the scopes inside it left out.
func binds(n syntax.Node, name string) bool {
	if bindsItself(n, name) || n.Kind() == "assignment" && bindsTo(n.Field("left"), name) {
		return true
	}
	if n.Is("function_definition", "class_definition", "lambda") {
		return false
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if binds(c, name) {
			return true
		}
	}
	return false
}

// declaredOutside reports whether a function says that a name is one of the scopes around it.
func declaredOutside(body syntax.Node, name string) bool {
	for c := body.First(); c.OK(); c = c.Next() {
		if c.Is("global_statement", "nonlocal_statement") && bindsTo(c, name) {
			return true
		}
	}
	return false
}

// reboundBetween reports whether a name is bound anew after an offset and before a node comes to run: up to the node, or to
// the end of the loops around it that do not hold the offset.
func reboundBetween(scope syntax.Node, name string, after int, n syntax.Node) bool {
	before := n.Start()
	for p := n.Parent(); p.OK() && p != scope; p = p.Parent() {
		if p.Is("for_statement", "while_statement") && p.Start() >= after {
			before = p.End()
		}
	}
	var walk func(n syntax.Node) bool
	walk = func(n syntax.Node) bool {
		if n.Start() >= after && n.Start() < before && bindsItself(n, name) {
			return true
		}
		if n != scope && n.Is("function_definition", "class_definition", "lambda") {
			return false
		}
		for c := n.First(); c.OK(); c = c.Next() {
			if c.End() > after && c.Start() < before && walk(c) {
				return true
			}
		}
		return false
	}
	return walk(scope)
}

// bindsTo reports whether a name stands among the targets of a binding.
func bindsTo(target syntax.Node, name string) bool {
	if target.Kind() == "identifier" {
		return target.Text() == name
	}
	if target.Is("attribute", "subscript", "call") {
		return false
	}
	for c := target.First(); c.OK(); c = c.Next() {
		if bindsTo(c, name) {
			return true
		}
	}
	return false
}

// loopsOver reports whether a clause of a comprehension binds a name for the part that holds the child.
func loopsOver(n, child syntax.Node, name string) bool {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() == "for_in_clause" && (child.FieldName() == "body" || c.Start() < child.Start()) && bindsTo(c.Field("left"), name) {
			return true
		}
	}
	return false
}

// hasParam reports whether a function or lambda has a parameter of a name.
func hasParam(fn syntax.Node, name string) bool {
	for c := fn.Field("parameters").First(); c.OK(); c = c.Next() {
		id := c
		if c.Is("default_parameter", "typed_default_parameter") {
			id = c.Field("name")
		}
		for id.OK() && id.Kind() != "identifier" && id.Is("typed_parameter", "list_splat_pattern", "dictionary_splat_pattern") {
			id = first(id)
		}
		if id.Kind() == "identifier" && id.Text() == name {
			return true
		}
	}
	return false
}
