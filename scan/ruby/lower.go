package ruby

import (
	"strconv"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Lower lowers one Ruby file, which Parse has read, for the solver.
//
// What the lowered form means for Ruby:
//   - An instance variable @x is the member "@x" of self; a class variable the member "@@x". What attr_reader and its
//     like declare are methods that return the member; `o.x = v` sets the member "@x" when the file declares a writer x,
//     and the member "x" otherwise.
//   - A method is called, never read: `o.x` is a Call of the Attr x without arguments, a bare x that is no local
//     variable a Call of the Name x. The method new of a class calls its initialize.
//   - a << b is a Call of the Attr "<<". push, concat and their like get one Call for each argument.
//   - A block shares the variables of the code around it. `each` and its like are a Loop where they stand as a
//     statement, other calls with a block a Branch in which the block may run.
//   - yield calls the parameter of kind "&"; methods that have none get one called "&".
//   - An import binds every name; "./lib" is relative to the file.
//   - nil, true and false are Names; a whole number is a Lit of kind "int".
//   - Where the value of several statements is used, it goes through a variable whose name begins with "=".
func Lower(file string, tree *syntax.Tree) *flow.Unit {
	l := &lowering{src: tree.Src, docs: findHeredocs(tree), writers: map[string]bool{}, procs: map[string]bool{}}
	l.declared(tree.Root())
	l.push()
	body := l.block(func() { l.stmts(tree.Root()) })
	return &flow.Unit{File: file, Traits: flow.Traits{Reopens: true}, Body: body}
}

// lowering is the state while one file is lowered.
type lowering struct {
	src     []byte
	docs    *heredocs
	out     *[]flow.Stmt      // the statement list being written; expressions put here what must run before them
	locals  []map[string]bool // scopes of local variables; nil stands for the border of a method
	writers map[string]bool   // names that attr_writer and attr_accessor declare anywhere in the file
	procs   map[string]bool   // variables that hold a lambda, proc or method
	temps   int
	static  bool   // methods defined now belong to the class itself
	name    string // the method being lowered
	params  []flow.Param
	looping bool         // the block being lowered is written as a loop
	bases   *[]flow.Expr // of the class being lowered: what it includes
	classes int          // how many classes and modules are around
}

func (l *lowering) push()            { l.locals = append(l.locals, map[string]bool{}) }
func (l *lowering) pop()             { l.locals = l.locals[:len(l.locals)-1] }
func (l *lowering) declare(n string) { l.locals[len(l.locals)-1][n] = true }
func (l *lowering) emit(s flow.Stmt) { *l.out = append(*l.out, s) }

func (l *lowering) local(name string) bool {
	for i := len(l.locals) - 1; i >= 0 && l.locals[i] != nil; i-- {
		if l.locals[i][name] {
			return true
		}
	}
	return false
}

// block collects what f emits.
func (l *lowering) block(f func()) []flow.Stmt {
	var body []flow.Stmt
	outer := l.out
	l.out = &body
	f()
	l.out = outer
	return body
}

// temp is a fresh variable.
func (l *lowering) temp(at source.Span) *flow.Name {
	l.temps++
	return &flow.Name{Pos: flow.Pos{Span: at}, Ident: "=" + strconv.Itoa(l.temps)}
}

// declared notes the attribute writers of the whole file.
func (l *lowering) declared(n syntax.Node) {
	if n.Is("call") && !n.Field("receiver").OK() {
		switch n.Field("method").Text() {
		case "attr_writer", "attr_accessor", "cattr_accessor", "mattr_accessor", "class_attribute":
			for _, c := range n.Field("arguments").NamedChildren() {
				l.writers[symbolName(c)] = true
			}
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		l.declared(c)
	}
}

// symbolName is the name that a plain symbol or string literal writes, or empty.
func symbolName(n syntax.Node) string {
	switch n.Kind() {
	case "simple_symbol":
		return n.Text()[1:]
	case "hash_key_symbol":
		return n.Text()
	case "string", "delimited_symbol":
		kids := n.NamedChildren()
		if len(kids) == 1 && kids[0].Is("string_content") {
			return kids[0].Text()
		}
	}
	return ""
}

// stmts lowers the statements that n holds.
func (l *lowering) stmts(n syntax.Node) {
	if n.Is("body_statement", "begin", "program", "do_block", "do", "block_body") && hasRescue(n) {
		l.rescued(n)
		return
	}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Named() && c.FieldName() != "parameters" {
			l.stmt(c)
		}
	}
}

// body lowers n as a list of statements: a wrapper such as then, or one expression (a method with =).
func (l *lowering) body(n syntax.Node) {
	if n.Is("body_statement", "block_body", "then", "else", "do", "begin", "ensure", "parenthesized_statements") {
		l.stmts(n)
		return
	}
	if n.OK() {
		l.stmt(n)
	}
}

func hasRescue(n syntax.Node) bool {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Is("rescue") {
			return true
		}
	}
	return false
}

// rescued lowers statements with rescue clauses: one way is that nothing goes wrong, each clause is another.
func (l *lowering) rescued(n syntax.Node) {
	var ensure syntax.Node
	var ways [][]flow.Stmt
	ways = append(ways, l.block(func() {
		for c := n.First(); c.OK(); c = c.Next() {
			switch {
			case !c.Named() || c.Is("rescue") || c.FieldName() == "parameters":
			case c.Is("ensure"):
				ensure = c
			default:
				l.stmt(c)
			}
		}
	}))
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Is("rescue") {
			ways = append(ways, l.block(func() {
				if v := c.Field("variable"); v.OK() {
					for _, name := range v.NamedChildren() {
						l.target(name)
					}
				}
				l.body(c.Field("body"))
			}))
		}
	}
	l.emit(&flow.Branch{Arms: ways, Total: true})
	if ensure.OK() {
		l.stmts(ensure)
	}
}

// stmt lowers one statement.
func (l *lowering) stmt(n syntax.Node) {
	switch n.Kind() {
	case "comment", "uninterpreted", "heredoc_body", "empty_statement", "undef":
	case "assignment", "operator_assignment":
		l.assign(n)
	case "if", "unless", "elsif", "if_modifier", "unless_modifier", "case", "case_match", "conditional", "rescue_modifier":
		l.branch(n)
	case "while", "until", "for", "while_modifier", "until_modifier":
		l.loop(n)
	case "begin", "parenthesized_statements", "then", "else", "do", "ensure", "begin_block", "end_block", "body_statement", "block_body":
		l.stmts(n)
	case "method", "singleton_method":
		l.define(n)
	case "class", "module":
		l.class(n)
	case "singleton_class":
		was := l.static
		l.static = true
		l.body(n.Field("body"))
		l.static = was
	case "return", "next", "break":
		l.leave(n)
	case "call":
		l.callStmt(n)
	case "identifier":
		switch n.Text() {
		case "module_function":
			l.static = true
		case "private", "public", "protected":
		default:
			l.do(n)
		}
	case "alias":
		l.alias(n.Field("name"), n.Field("alias"))
	case "binary":
		if op := n.Field("operator").Kind(); op == "and" || op == "or" || op == "&&" || op == "||" {
			test := l.expr(n.Field("left"))
			right := l.block(func() { l.stmt(n.Field("right")) })
			l.emit(&flow.Branch{Tests: []flow.Expr{test}, Arms: [][]flow.Stmt{right, nil}})
			return
		}
		l.do(n)
	case "ERROR":
		l.stmts(n)
	default:
		l.do(n)
	}
}

func (l *lowering) do(n syntax.Node) {
	if x := l.expr(n); x != nil {
		l.emit(&flow.Do{X: x})
	}
}

// leave lowers return, next and break.
func (l *lowering) leave(n syntax.Node) {
	var value flow.Expr
	kids := n.NamedChildren()
	if len(kids) == 1 && kids[0].Is("argument_list") {
		kids = kids[0].NamedChildren()
	}
	switch {
	case len(kids) == 1 && !kids[0].Is("splat_argument"):
		value = l.expr(kids[0])
	case len(kids) > 0:
		value = &flow.List{Pos: pos(n), Elems: l.elems(kids)}
	}
	if n.Is("break") || n.Is("next") && l.looping {
		if value != nil {
			l.emit(&flow.Do{X: value})
		}
		return
	}
	l.emit(&flow.Return{Value: value})
}

// alias makes one method answer to another name.
func (l *lowering) alias(name, old syntax.Node) {
	text := func(n syntax.Node) string {
		if s := symbolName(n); s != "" {
			return s
		}
		return n.Text()
	}
	if !name.OK() || !old.OK() {
		return
	}
	l.emit(&flow.Assign{
		Targets: []flow.Expr{&flow.Name{Pos: pos(name), Ident: text(name)}},
		Value:   &flow.Name{Pos: pos(old), Ident: text(old)},
	})
}

func pos(n syntax.Node) flow.Pos { return flow.Pos{Span: n.Span()} }

// tail makes the value of the last statement the value that is returned.
func tail(body []flow.Stmt) []flow.Stmt {
	if len(body) == 0 {
		return body
	}
	switch s := body[len(body)-1].(type) {
	case *flow.Do:
		body[len(body)-1] = &flow.Return{Value: s.X}
	case *flow.Assign:
		if len(s.Targets) == 1 {
			if _, many := s.Targets[0].(*flow.List); !many {
				return append(body, &flow.Return{Value: s.Targets[0]})
			}
		}
	case *flow.Augment:
		return append(body, &flow.Return{Value: s.Target})
	case *flow.Branch:
		for i := range s.Arms {
			s.Arms[i] = tail(s.Arms[i])
		}
	case *flow.Block:
		s.Body = tail(s.Body)
	}
	return body
}
