package python

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// function is the outermost function around the place, or the whole file.
func (s *scope) function() syntax.Node {
	out := s.tree.Root()
	for p := s.at(s.word.Start); p.OK(); p = p.Parent() {
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
	found, _ := within(s.indexed().attrs[x], n.Span())
	for _, c := range found {
		out = append(out, c.Field("attribute").Text())
	}
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
		if s.pack.Instance.Holds(a) && !s.called(ident, a) {
			s.add(ident+"."+a, "attribute")
			return
		}
	}
	for _, a := range append(known, used...) {
		if slices.Contains(s.pack.Instance.Roots, a) && !s.called(ident, a) {
			s.add(ident+"."+a, "root")
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
	found, _ := within(s.indexed().attrs[x], s.function().Span())
	for _, c := range found {
		if c.Field("attribute").Text() == attr && c.FieldName() == "function" && c.Parent().Kind() == "call" {
			return true
		}
	}
	return false
}

// classNamed is the class of the file's top level that has the name.
func (f *File) classNamed(ident string) syntax.Node {
	if f.classes == nil {
		f.classes = map[string]syntax.Node{}
		for c := f.tree.Root().First(); c.OK(); c = c.Next() {
			def := c
			if c.Kind() == "decorated_definition" {
				def = c.Field("definition")
			}
			if def.Kind() == "class_definition" {
				f.classes[def.Field("name").Text()] = def
			}
		}
	}
	return f.classes[ident]
}

// attribute is one that the objects of a class have.
type attribute struct {
	name string
	in   syntax.Node // the constructor that sets it; no node for one that the class itself declares
	end  int         // the offset after the assignment
}

// attributesOf are the attributes that a class declares or assigns in its body, sets in its constructor, or has as
// properties.
func (f *File) attributesOf(class syntax.Node) []attribute {
	if known, ok := f.declared[class]; ok {
		return known
	}
	var out []attribute
	for _, c := range class.Field("body").NamedChildren() {
		switch c.Kind() {
		case "expression_statement":
			a := first(c)
			constant := a.Field("right").Kind() == "string" && !a.Field("type").OK() && !f.pack.Instance.Holds(a.Field("left").Text()) // what all objects share names none of them
			if a.Kind() == "assignment" && a.Field("left").Kind() == "identifier" && !a.Field("right").Is("none") && !constant {
				out = append(out, attribute{name: a.Field("left").Text()})
			}
		case "function_definition":
			out = append(out, f.setBy(c)...)
		case "decorated_definition":
			if mark := first(first(c)).Text(); strings.HasSuffix(mark, "property") {
				out = append(out, attribute{name: c.Field("definition").Field("name").Text()})
			}
		}
	}
	f.declared[class] = out
	return out
}

// setBy are the attributes of its receiver that a constructor sets.
func (f *File) setBy(method syntax.Node) []attribute {
	switch method.Field("name").Text() {
	case "__init__", "__post_init__", "__attrs_post_init__", "setUp", "setup_method", "setUpClass":
	default:
		return nil
	}
	var out []attribute
	set, _ := within(f.indexed().attrs[first(method.Field("parameters")).Text()], method.Field("body").Span())
	for _, left := range set {
		if a := left.Parent(); a.Kind() == "assignment" && left.FieldName() == "left" && !a.Field("right").Is("none") {
			out = append(out, attribute{left.Field("attribute").Text(), method, a.End()})
		}
	}
	return out
}

// attrsOfClass are the attributes that the objects of a class have for certain where the place is, those of its bases in
// the same file included.
func (s *scope) attrsOfClass(class syntax.Node, depth int) []string {
	if !class.OK() || depth > 8 {
		return nil
	}
	var out []string
	for _, a := range s.attributesOf(class) {
		// Inside the constructor itself an attribute is there only after it was set.
		if !a.in.OK() || !a.in.Span().Covers(s.word) || a.end <= s.word.Start {
			out = append(out, a.name)
		}
	}
	for _, b := range class.Field("superclasses").NamedChildren() {
		if base := s.classNamed(b.Text()); base.OK() && base != class {
			out = append(out, s.attrsOfClass(base, depth+1)...)
		}
	}
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
	attrs := s.attrsOfClass(class, 0)
	if name := class.Field("name").Text(); s.pack.Instance.Holds(name) {
		s.objectWith(self.Text(), name, nil)
	}
	for _, a := range attrs {
		if !s.pack.Instance.Holds(a) {
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
	used, _ := within(s.indexed().held, fn.Field("body").Span())
	for _, c := range used {
		up := c.Parent()
		if up.Kind() == "call" && c.FieldName() == "function" || up.Kind() == "assignment" && c.FieldName() == "left" || up.Kind() == "attribute" {
			continue
		}
		x := c.Field("object")
		for x.Kind() == "attribute" {
			x = x.Field("object")
		}
		if x.Kind() == "identifier" && params[x.Text()] {
			s.late = append(s.late, site.Name{Expr: c.Text(), How: "attribute"})
		}
	}
}

// environmentRead adds the reads of an instance's environment variable that a function makes itself.
func (s *scope) environmentRead(fn syntax.Node) {
	reads, _ := within(s.indexed().environ, fn.Field("body").Span())
	for _, c := range reads {
		if c.Parent().Kind() != "delete_statement" && (c.Parent().Kind() != "assignment" || c.FieldName() != "left") {
			s.late = append(s.late, site.Name{Expr: c.Text(), How: "environment"})
		}
	}
}
