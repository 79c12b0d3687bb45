package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// class lowers a class. One whose constructor is made for it from its fields is given that constructor.
func (l *lowerer) class(n syntax.Node, marks []syntax.Node) *flow.Class {
	c := &flow.Class{Pos: pos(n), Name: n.Field("name").Text()}
	inner := *l
	inner.pending, inner.inClass, inner.global = nil, true, nil
	inner.bases = map[string]bool{}
	var names []string
	for _, b := range n.Field("superclasses").NamedChildren() {
		if b.Kind() == "keyword_argument" {
			continue
		}
		c.Bases = append(c.Bases, l.expr(b))
		names = append(names, b.Text())
		inner.bases[b.Text()] = true
	}
	c.Body = inner.block(n.Field("body"))
	l.globals = inner.globals
	own := made(marks, names)
	var fields []flow.Param
	for _, b := range names {
		if inherited, ok := l.fields[b]; ok {
			own = true
			fields = append(fields, inherited...)
		}
	}
	if !own {
		return c
	}
	fields = appendFields(fields, c.Body)
	l.fields[c.Name] = fields
	c.Body = withDefaults(c.Body)
	if !defines(c.Body, "__init__") {
		c.Body = append(c.Body, &flow.Define{Func: constructor(n, fields, defines(c.Body, "__post_init__"))})
	}
	return c
}

// made reports whether a class with these decorators and bases gets its constructor from its fields.
func made(marks []syntax.Node, bases []string) bool {
	for _, m := range marks {
		if m.Kind() == "call" {
			m = m.Field("function")
		}
		switch text := m.Text(); text[strings.LastIndexByte(text, '.')+1:] {
		case "dataclass", "attrs", "attributes", "define", "frozen", "mutable", "s":
			return true
		}
	}
	for _, b := range bases {
		switch b[strings.LastIndexByte(b, '.')+1:] {
		case "NamedTuple", "BaseModel", "BaseSettings", "Struct":
			return true
		}
	}
	return false
}

func defines(body []flow.Stmt, method string) bool {
	for _, st := range body {
		if d, ok := st.(*flow.Define); ok && d.Func.Name == method {
			return true
		}
	}
	return false
}

// appendFields adds the fields that a class body declares, in order. A field declared again keeps its place.
func appendFields(fields []flow.Param, body []flow.Stmt) []flow.Param {
	fields = fields[:len(fields):len(fields)]
next:
	for _, st := range body {
		as, ok := st.(*flow.Assign)
		if !ok || len(as.Targets) != 1 {
			continue
		}
		target, ok := as.Targets[0].(*flow.Name)
		value, attr := fieldDefault(as)
		if !ok || as.Type == nil && !attr || target.Ident == "_" {
			continue
		}
		p := flow.Param{Span: target.Span, Name: target.Ident, Type: as.Type, Default: value}
		for i := range fields {
			if fields[i].Name == p.Name {
				fields = append([]flow.Param(nil), fields...)
				fields[i] = p
				continue next
			}
		}
		fields = append(fields, p)
	}
	return fields
}

// fieldDefault is what a field holds when the constructor is not given it, and whether it is declared by a call such as
// field(…) or attr.ib(…).
func fieldDefault(as *flow.Assign) (value flow.Expr, attr bool) {
	if as.Default {
		return nil, false
	}
	call, ok := as.Value.(*flow.Call)
	if !ok {
		return as.Value, false
	}
	var last string
	switch fn := call.Fn.(type) {
	case *flow.Name:
		last = fn.Ident[strings.LastIndexByte(fn.Ident, '.')+1:]
	case *flow.Attr:
		last = fn.Name
	}
	switch last {
	case "field", "ib", "attrib", "Field":
	default:
		return as.Value, false
	}
	for _, a := range call.Args {
		switch a.Name {
		case "default":
			return a.Value, true
		case "default_factory", "factory":
			return produced(a.Value), true
		case "":
			return a.Value, true
		}
	}
	return nil, true
}

// produced is what a factory without arguments gives.
func produced(factory flow.Expr) flow.Expr {
	at := flow.Pos{Span: factory.At()}
	if n, ok := factory.(*flow.Name); ok && n.Ident == "list" {
		return &flow.List{Pos: at}
	}
	return &flow.Call{Pos: at, Fn: factory}
}

// withDefaults is the body of a class whose fields are set by its constructor: what declares a field says no more than
// its default.
func withDefaults(body []flow.Stmt) []flow.Stmt {
	var out []flow.Stmt
	for _, st := range body {
		as, ok := st.(*flow.Assign)
		if !ok {
			out = append(out, st)
			continue
		}
		value, attr := fieldDefault(as)
		switch {
		case as.Default || attr && value == nil:
			continue
		case attr:
			as = &flow.Assign{Targets: as.Targets, Value: value, Type: as.Type}
		}
		out = append(out, as)
	}
	return out
}

// constructor is the __init__ that sets an attribute for each field.
func constructor(n syntax.Node, fields []flow.Param, post bool) *flow.Func {
	at := pos(n.Field("name"))
	f := &flow.Func{Pos: at, Name: "__init__", Params: fields}
	self := &flow.Name{Pos: at, Ident: "self"}
	for _, p := range fields {
		here := flow.Pos{Span: p.Span}
		f.Body = append(f.Body, &flow.Assign{
			Targets: []flow.Expr{&flow.Attr{Pos: here, X: self, Name: p.Name}},
			Value:   &flow.Name{Pos: here, Ident: p.Name},
		})
	}
	if post {
		f.Body = append(f.Body, &flow.Do{X: &flow.Call{Pos: at, Fn: &flow.Attr{Pos: at, X: self, Name: "__post_init__"}}})
	}
	return f
}

// namedTuple is the class that a call of namedtuple or NamedTuple makes; nil for any other value.
func (l *lowerer) namedTuple(targets []flow.Expr, n syntax.Node) *flow.Class {
	if n.Kind() != "call" || len(targets) != 1 {
		return nil
	}
	target, ok := targets[0].(*flow.Name)
	fn := n.Field("function").Text()
	fn = fn[strings.LastIndexByte(fn, '.')+1:]
	args := n.Field("arguments").NamedChildren()
	if !ok || fn != "namedtuple" && fn != "NamedTuple" || len(args) < 2 {
		return nil
	}
	class := &flow.Class{Pos: pos(n), Name: target.Ident}
	var fields []flow.Param
	for _, f := range fieldNames(l, args[1]) {
		fields = append(fields, flow.Param{Span: args[1].Span(), Name: f})
	}
	init := constructor(n, fields, false)
	init.Pos = pos(n)
	class.Body = []flow.Stmt{&flow.Define{Func: init}}
	return class
}

// fieldNames reads the second argument of namedtuple: names in a list or in one string, or pairs of name and type.
func fieldNames(l *lowerer, n syntax.Node) []string {
	switch n.Kind() {
	case "string":
		if lit, ok := l.str(n).(*flow.Lit); ok {
			return strings.FieldsFunc(lit.Text, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' })
		}
	case "list", "tuple":
		var out []string
		for _, c := range n.NamedChildren() {
			if c.Kind() == "tuple" {
				c = first(c)
			}
			if lit, ok := l.str(c).(*flow.Lit); ok && c.Kind() == "string" {
				out = append(out, lit.Text)
			}
		}
		return out
	}
	return nil
}
