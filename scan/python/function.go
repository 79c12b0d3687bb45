package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// decorated lowers a function or class with what stands above it.
func (l *lowerer) decorated(n syntax.Node) []flow.Stmt {
	var marks []syntax.Node
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() == "decorator" {
			marks = append(marks, first(c))
		}
	}
	switch def := n.Field("definition"); def.Kind() {
	case "function_definition":
		return []flow.Stmt{&flow.Define{Func: l.function(def, marks)}}
	case "class_definition":
		var out []flow.Stmt
		for _, m := range marks {
			out = append(out, &flow.Do{X: l.expr(m)})
		}
		return append(out, &flow.DefineClass{Class: l.class(def, marks)})
	}
	return []flow.Stmt{&flow.Do{X: l.opaque(n)}}
}

// function lowers a definition.
func (l *lowerer) function(n syntax.Node, marks []syntax.Node) *flow.Func {
	f := &flow.Func{Pos: pos(n), Name: n.Field("name").Text()}
	method, dropped := l.inClass, l.inClass
	for _, m := range marks {
		f.Decorators = append(f.Decorators, l.expr(m))
		switch text := m.Text(); {
		case text == "staticmethod":
			f.Static, dropped = true, false
		case text == "classmethod":
			f.Static = true
		case text == "property", strings.HasSuffix(text, "cached_property"), strings.HasSuffix(text, ".getter"):
			f.Property = true
		case strings.HasSuffix(text, ".setter"), strings.HasSuffix(text, ".deleter"):
			f.Name += "="
		}
	}
	if method && (f.Name == "__new__" || f.Name == "__init_subclass__" || f.Name == "__class_getitem__") {
		f.Static = true
	}
	f.Params = optionDefaults(l.params(n.Field("parameters")), f.Decorators)
	inner := *l
	inner.pending, inner.inClass, inner.global = nil, false, map[string]bool{}
	if !method {
		inner.bases = nil
	}
	if dropped && len(f.Params) > 0 && f.Params[0].Rest == "" {
		inner.receiver = f.Params[0].Name
		f.Params = f.Params[1:]
	} else if method || shadows(f.Params, l.receiver) {
		inner.receiver = ""
	}
	f.Body = inner.block(n.Field("body"))
	l.globals = inner.globals
	return f
}

func shadows(params []flow.Param, receiver string) bool {
	for _, p := range params {
		if p.Name == receiver {
			return true
		}
	}
	return false
}

func (l *lowerer) params(n syntax.Node) []flow.Param {
	var out []flow.Param
	for c := n.First(); c.OK(); c = c.Next() {
		if p, ok := l.param(c); ok {
			out = append(out, p)
		}
	}
	return out
}

func (l *lowerer) param(n syntax.Node) (flow.Param, bool) {
	p := flow.Param{Span: n.Span()}
	switch n.Kind() {
	case "identifier":
		p.Name = n.Text()
	case "default_parameter", "typed_default_parameter":
		p.Name = n.Field("name").Text()
		p.Default = l.maybe(n.Field("value"))
	case "typed_parameter":
		inner, ok := l.param(first(n))
		p.Name, p.Rest = inner.Name, inner.Rest
		if !ok {
			return p, false
		}
	case "list_splat_pattern":
		p.Name, p.Rest = first(n).Text(), "*"
	case "dictionary_splat_pattern":
		p.Name, p.Rest = first(n).Text(), "**"
	default:
		return p, false
	}
	if t := n.Field("type"); t.OK() {
		p.Type = l.annotation(t)
	}
	return p, p.Name != ""
}

// annotation is the class that an annotation names: what is inside Optional, Annotated, ClassVar, Final or type, the
// first of a union that is not None, the name that a string writes. What names no single class is opaque.
func (l *lowerer) annotation(n syntax.Node) flow.Expr {
	switch n.Kind() {
	case "type", "parenthesized_expression":
		return l.annotation(first(n))
	case "identifier", "none":
		return name(n, n.Text())
	case "attribute", "member_type":
		return l.expr(n)
	case "string":
		if lit, ok := l.str(n).(*flow.Lit); ok && identifierLike(lit.Text) {
			return name(n, lit.Text)
		}
	case "union_type", "binary_operator":
		for _, c := range n.NamedChildren() {
			if c.Text() != "None" {
				return l.annotation(c)
			}
		}
	case "generic_type", "subscript":
		parts := n.NamedChildren()
		if len(parts) < 2 {
			break
		}
		switch head := parts[0].Text(); head[strings.LastIndexByte(head, '.')+1:] {
		case "Optional", "Annotated", "ClassVar", "Final", "Type", "type", "Union", "Required", "NotRequired":
			inner := parts[1]
			if inner.Kind() == "type_parameter" {
				inner = first(inner)
			}
			return l.annotation(inner)
		}
	}
	return &flow.Opaque{Pos: pos(n)}
}

func identifierLike(s string) bool {
	for i, r := range s {
		if r != '_' && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
