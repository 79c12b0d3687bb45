package ruby

import (
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Bound reports whether a name that is read at one place is bound at another one in every run, and holds the same there.
// Both places may be one. A name that is no variable is a method of the object: it is there when the file defines it, or
// when both places belong to one object.
func Bound(tree *syntax.Tree, name string, from, at source.Span) bool {
	n, read := placeAt(tree, at.Start), placeAt(tree, from.Start)
	switch {
	case name == "self" || name == "super":
		return sameSelf(n, read)
	case strings.HasPrefix(name, "@"):
		return heldByObject(n, name) && (from == at || sameSelf(n, read))
	case strings.HasPrefix(name, "$"), name[0] >= 'A' && name[0] <= 'Z':
		given := firstGiven(tree.Root(), name)
		return !given.OK() || given.End() <= at.Start
	}
	scope, bound := variable(n, name)
	if from == at {
		return bound || !scope.OK() && defines(tree, name)
	}
	there, ok := variable(read, name)
	if !bound && !ok && !there.OK() {
		return everywhere(tree, name, n) || sameSelf(n, read)
	}
	if from.Start < at.Start {
		at, read = from, n
	}
	return bound && ok && there == scope && !givenBetween(scope, name, at.End, read)
}

// placeAt is the node at an offset; for the body of a here-document the one that opens it.
func placeAt(tree *syntax.Tree, off int) syntax.Node {
	n := tree.At(off)
	if doc, ok := bodyAround(tree, n, off); ok {
		return tree.At(doc.opening.Start)
	}
	return n
}

// variable is the scope that binds a local variable as it is read at a node, and whether it has done so whenever the node is
// reached. No scope means that the name is none of a variable there.
func variable(n syntax.Node, name string) (scope syntax.Node, bound bool) {
	for child, p := n, n.Parent(); p.OK(); child, p = p, p.Parent() {
		switch p.Kind() {
		case "block", "do_block", "lambda", "method", "singleton_method":
			params := p.Field("parameters")
			if !params.OK() && p.Parent().Is("lambda") {
				params = p.Parent().Field("parameters")
			}
			if child != params && hasTarget(params, name) {
				return p, true
			}
		case "for":
			if child.Is("do") && hasTarget(p.Field("pattern"), name) {
				return p, true
			}
		}
		if p.Is("conditional") || !sequential(p) {
			continue
		}
		for c := p.First(); c.OK() && c.Start() < child.Start(); c = c.Next() {
			if !c.Is("then", "else", "elsif", "when", "in_clause", "rescue", "do") && gives(c, name) {
				return scopeOf(c), true
			}
		}
		if p.Is("method", "singleton_method", "class", "module", "singleton_class", "program") {
			return syntax.Node{}, false
		}
	}
	return syntax.Node{}, false
}

// sequential reports whether the children of a node run one after the other.
func sequential(n syntax.Node) bool {
	return !n.Is("if_modifier", "unless_modifier", "while_modifier", "until_modifier", "rescue_modifier", "string", "assignment", "parameters", "block_parameters")
}

// scopeOf is what holds the local variables that a node binds.
func scopeOf(n syntax.Node) syntax.Node {
	return n.Ancestor("block", "do_block", "lambda", "method", "singleton_method", "class", "module", "singleton_class", "program")
}

// gives reports whether a statement or expression binds a local variable whenever it is run to its end.
func gives(n syntax.Node, name string) bool {
	switch n.Kind() {
	case "method", "singleton_method", "class", "module", "singleton_class", "block", "do_block", "lambda", "string_array", "symbol_array", "comment":
		return false
	case "assignment", "operator_assignment":
		return hasTarget(n.Field("left"), name) || gives(n.Field("right"), name)
	case "if", "unless", "case":
		return gives(n.Field("condition"), name) || gives(n.Field("value"), name) || everyWay(n, name)
	case "while", "until", "if_modifier", "unless_modifier", "while_modifier", "until_modifier", "conditional":
		return gives(n.Field("condition"), name)
	case "binary":
		return gives(n.Field("left"), name) || !n.Field("operator").Is("&&", "||", "and", "or") && gives(n.Field("right"), name)
	case "rescue_modifier", "rescue":
		return false
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if gives(c, name) {
			return true
		}
	}
	return false
}

// everyWay reports whether each way through an if or a case, an else among them, binds a variable or ends the method.
func everyWay(n syntax.Node, name string) bool {
	last := syntax.Node{}
	for _, c := range n.NamedChildren() {
		if !c.Is("then", "else", "elsif", "when", "in_clause") {
			continue
		}
		if c.Is("elsif") && everyWay(c, name) {
			return true
		}
		if !gives(c, name) && !leaves(c) {
			return false
		}
		last = c
	}
	return last.Is("else")
}

// leaves reports whether a branch ends with a statement after which nothing follows.
func leaves(n syntax.Node) bool {
	kids := n.NamedChildren()
	if len(kids) == 0 {
		return false
	}
	last := kids[len(kids)-1]
	if last.Is("then") {
		return leaves(last)
	}
	word, _, _ := strings.Cut(last.Text(), " ")
	word, _, _ = strings.Cut(word, "(")
	return last.Is("return", "break", "next", "redo") || word == "raise" || word == "exit" || word == "abort" || word == "fail"
}

// hasTarget reports whether a name stands among the targets of an assignment, or among parameters.
func hasTarget(n syntax.Node, name string) bool {
	if n.Is("identifier", "constant", "global_variable", "instance_variable") {
		return n.Text() == name
	}
	if n.Is("element_reference", "call", "scope_resolution") {
		return false
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.FieldName() != "value" && hasTarget(c, name) {
			return true
		}
	}
	return false
}

// self is what the code at a node runs for: the class, or the block that makes one, whose method it is in, or the body around
// it. Methods of the class itself are told apart from those of its objects.
func self(n syntax.Node) (of source.Span, kind string) {
	body := n
	if method := n.Ancestor("method", "singleton_method"); method.OK() {
		body, kind = method, method.Kind()
		if holder := method.Ancestor("class", "module", "singleton_class", "block", "do_block"); holder.OK() {
			return holder.Span(), kind
		}
	}
	return body.Ancestor("class", "module", "singleton_class", "program").Span(), kind
}

// everywhere reports whether a file defines a method of a name at its top level, which every object has: before a node, or for
// one that runs later, in a method.
func everywhere(tree *syntax.Tree, name string, n syntax.Node) bool {
	later := n.Ancestor("method", "singleton_method").OK()
	for c := tree.Root().First(); c.OK(); c = c.Next() {
		if c.Is("method") && c.Field("name").Text() == name {
			return later || c.End() <= n.Start()
		}
	}
	return false
}

// sameSelf reports whether the code at two nodes runs for one object or body.
func sameSelf(a, b syntax.Node) bool {
	of, kind := self(a)
	other, otherKind := self(b)
	return of == other && kind == otherKind
}

// heldByObject reports whether an attribute can be set at a node: in a method, or where the same body has set it before.
func heldByObject(n syntax.Node, name string) bool {
	if n.Ancestor("method", "singleton_method").OK() {
		return true
	}
	_, bound := variable(n, name)
	return bound
}

// firstGiven is the first assignment in a file of a name that scopes share.
func firstGiven(n syntax.Node, name string) syntax.Node {
	if n.Is("assignment", "operator_assignment") && hasTarget(n.Field("left"), name) {
		return n
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if found := firstGiven(c, name); found.OK() {
			return found
		}
	}
	return syntax.Node{}
}

// givenBetween reports whether a variable of a scope gets another value after an offset and before a node comes to run: up to
// the node, or to the end of the blocks and loops around it that do not hold the offset.
func givenBetween(scope syntax.Node, name string, after int, n syntax.Node) bool {
	before := n.Start()
	for p := n.Parent(); p.OK() && p != scope; p = p.Parent() {
		if p.Is("block", "do_block", "while", "until", "for") && p.Start() >= after {
			before = p.End()
		}
	}
	var walk func(n syntax.Node) bool
	walk = func(n syntax.Node) bool {
		if n.Is("assignment", "operator_assignment") && n.Start() >= after && n.Start() < before && hasTarget(n.Field("left"), name) {
			return true
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

// defines reports whether a file defines a method of a name, or an attribute.
func defines(tree *syntax.Tree, name string) bool {
	word := regexp.QuoteMeta(name)
	return regexp.MustCompile(`\bdef\s+(self\.)?` + word + `\b|:` + word + `\b`).Match(tree.Src)
}
