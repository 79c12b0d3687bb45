// Package python reads Python for what a command's way through it needs: values, names in scope, and what else a word is.
package python

import (
	"bytes"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Lower is the file's program as far as following commands needs it. It always answers: what has no meaning there
// becomes flow.Opaque with its parts, also where the parser found a mistake. All spans are bytes of tree.Src.
//
// What the front end decides for the language:
//
//   - The first parameter of a method is not among its Params; its name is lowered to Name "self" in the body, nested
//     functions included. That holds for classmethods, which are Static. A call Base.method(self, …) is super().method(…).
//   - An integer is a Lit of kind "int", True and False are Lits of kind "bool", None is a Name; a / b is a call of Name "/", a | b the method
//     __or__ of a.
//   - "import a.b" binds "a", and "a.b" as one dotted Name, which the expression a.b is lowered to.
//   - A class that gets its constructor from a decorator or base (dataclass, attrs, NamedTuple, BaseModel), and a call of
//     namedtuple that is assigned, has a Func __init__ that sets an attribute for each field.
//   - map, enumerate and chain are lists of what they give, filter is what it filters, getattr with a literal is the
//     attribute, and a thread or executor that is given a function calls it.
//   - A setter of a property is a function called "name=".
//   - What an argument parser of the file gives is an object of the class "<options>", whose attributes hold the defaults
//     of its arguments; the parameters of a command of click have the defaults of its options.
//   - A comprehension is a List whose one element calls a nameless function without parameters; one that passes the
//     elements through unchanged is the iterated value itself.
//   - The arms of a try are its body with the else clause, and each handler after the plain assignments of the body.
//   - Assignments to names declared global are repeated at the end of the unit.
func Lower(file string, tree *syntax.Tree) *flow.Unit {
	l := &lowerer{tree: tree, dotted: map[string]bool{}, modules: map[string]bool{}, fields: map[string][]flow.Param{}}
	l.parses = bytes.Contains(tree.Src, []byte("add_argument("))
	body := l.block(tree.Root())
	if l.parses {
		body = append([]flow.Stmt{&flow.DefineClass{Class: &flow.Class{Name: optionsClass}}}, body...)
	}
	body = append(body, l.globals...)
	return &flow.Unit{File: file, Traits: flow.Traits{OwnNames: true, HeadOfList: true}, Body: body}
}

// lowerer holds what is known at the place that is being lowered.
type lowerer struct {
	tree     *syntax.Tree
	receiver string // what the enclosing method calls its receiver; empty outside of methods
	bases    map[string]bool
	inClass  bool            // the statements stand directly in a class
	global   map[string]bool // names that the enclosing function declares global
	globals  []flow.Stmt     // assignments to them, for the end of the unit
	pending  []flow.Stmt     // statements that an expression needs before its own
	dotted   map[string]bool // imported modules with a dot, and their beginnings
	modules  map[string]bool // names bound to modules
	fields   map[string][]flow.Param
	parses   bool // the file makes an argument parser
}

func pos(n syntax.Node) flow.Pos { return flow.Pos{Span: n.Span()} }

func name(n syntax.Node, ident string) *flow.Name { return &flow.Name{Pos: pos(n), Ident: ident} }

// opaque is an expression whose value is not followed, with the values that it is made of.
func (l *lowerer) opaque(n syntax.Node) flow.Expr {
	o := &flow.Opaque{Pos: pos(n)}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Named() && !c.Is("comment", "type", "type_conversion", "escape_sequence") {
			o.Parts = append(o.Parts, l.expr(c))
		}
	}
	return o
}

// branchOff lowers what f does with its own list of statements that its expressions need first.
func (l *lowerer) branchOff(f func() flow.Expr) (before []flow.Stmt, x flow.Expr) {
	saved := l.pending
	l.pending = nil
	x = f()
	before, l.pending = l.pending, saved
	return before, x
}

// flush moves the statements that expressions need first to the end of out.
func (l *lowerer) flush(out []flow.Stmt) []flow.Stmt {
	out = append(out, l.pending...)
	l.pending = l.pending[:0:0]
	return out
}

// first is the first named child that is no comment.
func first(n syntax.Node) syntax.Node {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Named() && c.Kind() != "comment" {
			return c
		}
	}
	return syntax.Node{}
}

// ends is the position after the last byte of n, as an empty span.
func ends(n syntax.Node) source.Span { return source.Span{Start: n.End(), End: n.End()} }
