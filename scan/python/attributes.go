package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// visit calls f for n and the nodes below it while f answers true for the node above, and until the budget is spent.
func (s *scope) visit(n syntax.Node, f func(syntax.Node) bool) {
	if s.budget--; s.budget < 0 || !f(n) {
		return
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Named() {
			s.visit(c, f)
		}
	}
}

// function is the outermost function around the place, or the whole file.
func (s *scope) function() syntax.Node {
	out := s.tree.Root()
	for p := s.tree.At(s.at.Start); p.OK(); p = p.Parent() {
		if p.Kind() == "function_definition" {
			out = p
		}
	}
	return out
}

// text adds a name that holds an instance, unless the code around treats it as an object: then its attribute.
func (s *scope) text(ident, how string) {
	attrs := s.attrsOf(s.function(), ident)
	for _, a := range attrs {
		if !ofText(a) {
			s.objectWith(ident, "", attrs)
			return
		}
	}
	s.add(ident, how)
}

// attrsOf are the attributes of the expression x that the code in n uses.
func (s *scope) attrsOf(n syntax.Node, x string) []string {
	var out []string
	s.visit(n, func(c syntax.Node) bool {
		if c.Kind() == "attribute" && c.Field("object").Text() == x {
			out = append(out, c.Field("attribute").Text())
		}
		return true
	})
	return out
}

// ofText reports whether an attribute is one of Python's str.
func ofText(attr string) bool {
	switch attr {
	case "capitalize", "casefold", "count", "encode", "endswith", "find", "format", "index", "isalnum", "isalpha", "isdigit",
		"isidentifier", "islower", "isspace", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix",
		"replace", "rfind", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
		"swapcase", "title", "translate", "upper", "zfill":
		return true
	}
	return false
}

// object adds the attribute that names the instance of an object of a class.
func (s *scope) object(ident, class string) {
	s.objectWith(ident, class, s.attrsOf(s.function(), ident))
}

func (s *scope) objectWith(ident, class string, used []string) {
	var known []string
	if class != "" {
		class = strings.Trim(class[strings.LastIndexByte(class, '.')+1:], `]"' `)
		known = s.attrsOfClass(s.classNamed(class), 0)
	}
	for _, a := range append(known, used...) {
		if s.holds(a) && !s.called(ident, a) {
			s.add(ident+"."+a, "attribute")
			return
		}
	}
	for _, a := range append(known, used...) {
		if a == "name" && !s.called(ident, a) {
			s.add(ident+".name", "attribute")
			return
		}
	}
}

// called reports whether the code around calls x.attr, so that it is no plain attribute.
func (s *scope) called(x, attr string) bool {
	found := false
	s.visit(s.function(), func(c syntax.Node) bool {
		if c.Kind() == "call" && c.Field("function").Text() == x+"."+attr {
			found = true
		}
		return !found
	})
	return found
}

// classNamed is the class of the file that has the name.
func (s *scope) classNamed(ident string) syntax.Node {
	var out syntax.Node
	for c := s.tree.Root().First(); c.OK(); c = c.Next() {
		def := c
		if c.Kind() == "decorated_definition" {
			def = c.Field("definition")
		}
		if def.Kind() == "class_definition" && def.Field("name").Text() == ident {
			out = def
		}
	}
	return out
}

// attrsOfClass are the attributes that the objects of a class have for certain: those set in its constructor, declared
// or assigned in its body, its properties, and those of its bases in the same file.
func (s *scope) attrsOfClass(class syntax.Node, depth int) []string {
	if !class.OK() || depth > 8 {
		return nil
	}
	var out []string
	for _, c := range class.Field("body").NamedChildren() {
		switch c.Kind() {
		case "expression_statement":
			if a := first(c); a.Kind() == "assignment" && a.Field("left").Kind() == "identifier" && !a.Field("right").Is("none") {
				out = append(out, a.Field("left").Text())
			}
		case "function_definition":
			out = append(out, s.setBy(c)...)
		case "decorated_definition":
			if mark := first(first(c)).Text(); strings.HasSuffix(mark, "property") {
				out = append(out, c.Field("definition").Field("name").Text())
			}
		}
	}
	for _, b := range class.Field("superclasses").NamedChildren() {
		if base := s.classNamed(b.Text()); base.OK() && base != class {
			out = append(out, s.attrsOfClass(base, depth+1)...)
		}
	}
	return out
}

// setBy are the attributes of its receiver that a constructor sets.
func (s *scope) setBy(method syntax.Node) []string {
	switch method.Field("name").Text() {
	case "__init__", "__post_init__", "__attrs_post_init__", "setUp", "setup_method", "setUpClass":
	default:
		return nil
	}
	self := first(method.Field("parameters")).Text()
	var out []string
	s.visit(method.Field("body"), func(c syntax.Node) bool {
		if c.Kind() != "assignment" {
			return !c.Is("function_definition", "class_definition")
		}
		left := c.Field("left")
		if left.Kind() == "attribute" && left.Field("object").Text() == self && !c.Field("right").Is("none") {
			// Inside the constructor itself an attribute is there only after it was set.
			if !method.Span().Covers(s.at) || c.End() <= s.at.Start {
				out = append(out, left.Field("attribute").Text())
			}
		}
		return true
	})
	return out
}

// receiver adds the attributes of the method's receiver, when the place is in a method of the class.
func (s *scope) receiver(class syntax.Node) {
	if len(s.holders) == 0 {
		return
	}
	method := s.holders[len(s.holders)-1]
	if method.Kind() != "function_definition" {
		return
	}
	if d := method.Parent(); d.Kind() == "decorated_definition" {
		for c := d.First(); c.OK(); c = c.Next() {
			if t := first(c).Text(); c.Kind() == "decorator" && (t == "staticmethod" || t == "classmethod") {
				return
			}
		}
	}
	self := first(method.Field("parameters"))
	if self.Kind() != "identifier" {
		return
	}
	for _, a := range s.attrsOfClass(class, 0) {
		if !s.holds(a) {
			continue
		}
		x := self.Text() + "." + a
		used := s.attrsOf(class, x)
		object := false
		for _, u := range used {
			object = object || !ofText(u)
		}
		if object {
			s.objectWith(x, "", used)
			continue
		}
		s.add(x, "attribute")
	}
}

// attributesUsed adds attributes of the function's parameters that its own code reads, such as args.instance_name.
func (s *scope) attributesUsed(fn syntax.Node) {
	l := &lowerer{tree: s.tree}
	params := map[string]bool{}
	for c := fn.Field("parameters").First(); c.OK(); c = c.Next() {
		if p, ok := l.param(c); ok && p.Rest == "" {
			params[p.Name] = true
		}
	}
	s.visit(fn.Field("body"), func(c syntax.Node) bool {
		if c.Kind() != "attribute" || !s.holds(c.Field("attribute").Text()) {
			return true
		}
		up := c.Parent()
		if up.Kind() == "call" && c.FieldName() == "function" || up.Kind() == "assignment" && c.FieldName() == "left" || up.Kind() == "attribute" {
			return true
		}
		x := c.Field("object")
		for x.Kind() == "attribute" {
			x = x.Field("object")
		}
		if x.Kind() == "identifier" && params[x.Text()] {
			s.late = append(s.late, site.Name{Expr: c.Text(), How: "attribute"})
		}
		return true
	})
}

// environmentRead adds the reads of an instance's environment variable that a function makes itself.
func (s *scope) environmentRead(fn syntax.Node) {
	s.visit(fn.Field("body"), func(c syntax.Node) bool {
		if c.Kind() == "subscript" && s.readsEnvironment(c) && c.Parent().Kind() != "delete_statement" &&
			(c.Parent().Kind() != "assignment" || c.FieldName() != "left") {
			s.late = append(s.late, site.Name{Expr: c.Text(), How: "environment"})
		}
		return true
	})
}
