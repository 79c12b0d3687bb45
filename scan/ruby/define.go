package ruby

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// define lowers the definition of a method. What its last statement gives is returned, but nobody gets what a constructor
// gives.
func (l *lowering) define(n syntax.Node) {
	fn := &flow.Func{Pos: pos(n), Name: n.Field("name").Text(), Static: l.static || n.Is("singleton_method")}
	fn.Implicit = fn.Name != "initialize"
	l.function(fn, n.Field("parameters"), n.Field("body"), true)
	l.emit(&flow.Define{Func: fn})
}

// function lowers parameters and body of a method. When it is closed, the variables around are not seen in it.
func (l *lowering) function(fn *flow.Func, params, body syntax.Node, closed bool) {
	name, given, static, looping := l.name, l.params, l.static, l.looping
	l.looping = false
	if closed {
		l.locals = append(l.locals, nil)
	}
	l.push()
	l.name, l.static = fn.Name, false
	binds := l.block(func() { fn.Params = l.parameters(params) })
	l.params = fn.Params
	stmts := l.block(func() { l.closureBody(body) })
	if fn.Implicit {
		stmts = tail(stmts)
	}
	fn.Body = append(binds, stmts...)
	l.pop()
	if closed {
		l.pop()
	}
	l.name, l.params, l.static, l.looping = name, given, static, looping
}

// class lowers a class or module; A::B is a B inside an A.
func (l *lowering) class(n syntax.Node) {
	var bases []flow.Expr
	var fields []string
	if super := n.Field("superclass").NamedChildren(); len(super) > 0 {
		fields = structFields(super[0])
		if fields == nil {
			bases = []flow.Expr{l.expr(super[0])}
		}
	}
	l.classBody(n, n.Field("name"), bases, fields, n.Field("body"))
}

func (l *lowering) classBody(n, name syntax.Node, bases []flow.Expr, fields []string, body syntax.Node) {
	static, outer := l.static, l.bases
	l.static, l.bases = false, &bases
	l.classes++
	l.locals = append(l.locals, nil)
	l.push()
	if fields != nil {
		bases = append(bases, l.fieldsClass(n, name, fields))
	}
	stmts := l.block(func() { l.closureBody(body) })
	l.pop()
	l.pop()
	l.classes--
	l.static, l.bases = static, outer
	if extendsSelf(stmts) {
		makeStatic(stmts)
	}
	class := &flow.Class{Pos: pos(n), Name: name.Text(), Bases: bases, Body: stmts}
	if name.Is("scope_resolution") {
		class.Name = name.Field("name").Text()
		for scope := name.Field("scope"); scope.OK(); scope = scope.Field("scope") {
			outer := scope.Text()
			if scope.Is("scope_resolution") {
				outer = scope.Field("name").Text()
			}
			class = &flow.Class{Pos: pos(n), Name: outer, Body: []flow.Stmt{&flow.DefineClass{Class: class}}}
		}
	}
	l.emit(&flow.DefineClass{Class: class})
}

// extendsSelf reports whether a module makes its methods its own: `extend self`.
func extendsSelf(body []flow.Stmt) bool {
	for _, s := range body {
		if do, ok := s.(*flow.Do); ok {
			if c, ok := do.X.(*flow.Call); ok && len(c.Args) == 1 {
				fn, isName := c.Fn.(*flow.Name)
				arg, isSelf := c.Args[0].Value.(*flow.Name)
				if isName && fn.Ident == "extend" && isSelf && arg.Ident == "self" {
					return true
				}
			}
		}
	}
	return false
}

func makeStatic(body []flow.Stmt) {
	for _, s := range body {
		if d, ok := s.(*flow.Define); ok {
			d.Func.Static = true
		}
	}
}

// structFields are the fields of `Struct.new(:a, :b)` or `Data.define(:a)`; nil when n is none of them.
func structFields(n syntax.Node) []string {
	if !n.Is("call") {
		return nil
	}
	what := n.Field("receiver").Text() + "." + n.Field("method").Text()
	if what != "Struct.new" && what != "Data.define" {
		return nil
	}
	fields := []string{}
	for _, c := range n.Field("arguments").NamedChildren() {
		if name := symbolName(c); name != "" {
			fields = append(fields, name)
		}
	}
	return fields
}

// structClass lowers `Name = Struct.new(…) do … end` and `Name = Class.new(Base) do … end` as a class.
func (l *lowering) structClass(name, value syntax.Node) bool {
	fields := structFields(value)
	what := value.Field("receiver").Text() + "." + value.Field("method").Text()
	if fields == nil && what != "Class.new" && what != "Module.new" {
		return false
	}
	var bases []flow.Expr
	if fields == nil {
		if args := value.Field("arguments").NamedChildren(); len(args) > 0 {
			bases = []flow.Expr{l.expr(args[0])}
		}
	}
	l.classBody(value, name, bases, fields, value.Field("block"))
	return true
}

// fieldsClass defines the class that a struct extends, which has its constructor and readers: the struct's own
// constructor may call that.
func (l *lowering) fieldsClass(n, name syntax.Node, fields []string) flow.Expr {
	above := &flow.Name{Pos: pos(name), Ident: "=" + name.Text()}
	body := l.block(func() { l.synthesise(n, fields) })
	l.emit(&flow.DefineClass{Class: &flow.Class{Pos: pos(n), Name: above.Ident, Body: body}})
	return above
}

// synthesise defines the constructor and the readers of a struct.
func (l *lowering) synthesise(n syntax.Node, fields []string) {
	init := &flow.Func{Pos: pos(n), Name: "initialize"}
	for _, f := range fields {
		init.Params = append(init.Params, flow.Param{Span: n.Span(), Name: f, Default: &flow.Name{Pos: pos(n), Ident: "nil"}})
		init.Body = append(init.Body, &flow.Assign{Targets: []flow.Expr{selfMember(n, f)}, Value: &flow.Name{Pos: pos(n), Ident: f}})
	}
	l.emit(&flow.Define{Func: init})
	for _, f := range fields {
		l.reader(n, f)
	}
}

func selfMember(n syntax.Node, name string) flow.Expr {
	return &flow.Attr{Pos: pos(n), X: &flow.Name{Pos: pos(n), Ident: "self"}, Name: "@" + name}
}

// reader defines the method that gives back an instance variable.
func (l *lowering) reader(n syntax.Node, name string) {
	l.emit(&flow.Define{Func: &flow.Func{Pos: pos(n), Name: name, Static: l.static, Body: []flow.Stmt{&flow.Return{Value: selfMember(n, name)}}}})
}

// imported is what require, require_relative and load name, as the solver writes it: "./x" is relative to the file.
func (l *lowering) imported(method string, arg syntax.Node) string {
	text, relative := l.pathOf(arg)
	switch {
	case text == "":
		return ""
	case method == "require_relative", relative:
		return "./" + path.Clean(text)
	case strings.HasPrefix(text, "./"), strings.HasPrefix(text, "../"):
		return "./" + path.Clean(text)
	}
	return text
}

// pathOf reads a path that is written out; relative says that it starts from the file's own directory.
func (l *lowering) pathOf(n syntax.Node) (text string, relative bool) {
	switch {
	case n.Is("string"):
		var b strings.Builder
		for i, c := range n.NamedChildren() {
			switch {
			case c.Is("string_content"):
				b.WriteString(c.Text())
			case i == 0 && c.Is("interpolation") && ownDir(c.NamedChildren()):
				relative = true
			default:
				return "", false
			}
		}
		return strings.TrimPrefix(b.String(), "/"), relative || strings.HasPrefix(b.String(), "/") && relative
	case n.Is("call") && n.Field("receiver").Text() == "File":
		args := n.Field("arguments").NamedChildren()
		switch n.Field("method").Text() {
		case "expand_path":
			if len(args) != 2 {
				return "", false
			}
			text, _ = l.pathOf(args[0])
			if args[1].Text() == "__FILE__" {
				return strings.TrimPrefix(path.Clean("x/"+text), ""), text != ""
			}
			return text, text != "" && ownDir(args[1:])
		case "join":
			if len(args) < 2 || !ownDir(args[:1]) {
				return "", false
			}
			var parts []string
			for _, a := range args[1:] {
				part, _ := l.pathOf(a)
				if part == "" {
					return "", false
				}
				parts = append(parts, part)
			}
			return path.Join(parts...), true
		}
	}
	return "", false
}

// ownDir reports whether the one node is the directory of the file itself.
func ownDir(nodes []syntax.Node) bool {
	if len(nodes) != 1 {
		return false
	}
	switch strings.ReplaceAll(nodes[0].Text(), " ", "") {
	case "__dir__", "File.dirname(__FILE__)", "File.expand_path(__dir__)", "File.expand_path(File.dirname(__FILE__))", "File.dirname(File.expand_path(__FILE__))":
		return true
	}
	return false
}
