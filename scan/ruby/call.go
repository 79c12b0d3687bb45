package ruby

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// args lowers the arguments of a call: pairs with a symbol for a key are named, other pairs make up one hash.
func (l *lowering) args(n syntax.Node) []flow.Arg {
	list := n.Field("arguments")
	if !list.OK() {
		for c := n.First(); c.OK(); c = c.Next() {
			if c.Is("argument_list") {
				list = c
			}
		}
	}
	var out []flow.Arg
	var pairs []syntax.Node
	for _, c := range list.NamedChildren() {
		switch c.Kind() {
		case "pair":
			if name := keyName(c); name != "" {
				out = append(out, flow.Arg{Name: name, Value: l.pairValue(c)})
			} else {
				pairs = append(pairs, c)
			}
		case "splat_argument", "hash_splat_argument":
			out = append(out, flow.Arg{Value: l.spread(c)})
		case "forward_argument":
			out = append(out, flow.Arg{Value: &flow.Splat{Pos: pos(c), X: &flow.Name{Pos: pos(c), Ident: "..."}}})
		case "block_argument":
			if x := c.NamedChildren(); len(x) > 0 {
				out = append(out, flow.Arg{Name: "&", Value: l.expr(x[0])})
			}
		case "heredoc_body":
		default:
			out = append(out, flow.Arg{Value: l.expr(c)})
		}
	}
	if len(pairs) > 0 {
		out = append(out, flow.Arg{Value: l.hash(pairs[0], pairs)})
	}
	return out
}

func (l *lowering) spread(n syntax.Node) flow.Expr {
	name := "*"
	if n.Is("hash_splat_argument") {
		name = "**"
	}
	var x flow.Expr = &flow.Name{Pos: pos(n), Ident: name}
	if kids := n.NamedChildren(); len(kids) > 0 {
		x = l.expr(kids[0])
	}
	return &flow.Splat{Pos: pos(n), X: x, Double: name == "**"}
}

// keyName is the name of an argument that is given by name; empty when the key is no symbol.
func keyName(pair syntax.Node) string {
	key := pair.Field("key")
	if key.Is("simple_symbol", "hash_key_symbol") {
		return symbolName(key)
	}
	if key.Is("string") && pair.Field("key").Next().Kind() == ":" {
		return symbolName(key)
	}
	return ""
}

// call lowers a call whose value is used.
func (l *lowering) call(n syntax.Node) flow.Expr {
	recv, name := n.Field("receiver"), n.Field("method")
	method := name.Text()
	switch {
	case name.Is("super"):
		return l.super(n, l.args(n), l.blockOf(n))
	case !recv.OK() && (method == "lambda" || method == "proc"), recv.Text() == "Proc" && method == "new":
		if b := n.Field("block"); b.OK() {
			return l.closure(b, b.Field("parameters"), b.Field("body"))
		}
	case method == "method" && len(n.Field("arguments").NamedChildren()) == 1:
		if target := symbolName(n.Field("arguments").NamedChildren()[0]); target != "" {
			return l.callee(n, recv, target)
		}
	case method == "send" || method == "public_send" || method == "__send__":
		if out := l.sent(n, recv); out != nil {
			return out
		}
	case !recv.OK() && (method == "format" || method == "sprintf"), recv.Text() == "Kernel" && (method == "format" || method == "sprintf"):
		if out := l.formatted(n); out != nil {
			return out
		}
	case recv.OK() && !name.OK(), method == "call" && recv.Is("identifier", "constant", "instance_variable") && l.procs[recv.Text()]:
		return &flow.Call{Pos: pos(n), Fn: l.expr(recv), Args: l.args(n), Block: l.blockOf(n)}
	}
	if recv.OK() && method == "shelljoin" && !n.Field("arguments").OK() {
		return l.method(n, l.expr(recv), "join", flow.Arg{Value: renderedBy(" ", name)})
	}
	if method == "Array" && (!recv.OK() || recv.Text() == "Kernel") {
		return l.arrayOf(n)
	}
	if !recv.OK() && l.definesMethod(n, method) {
		return &flow.Opaque{Pos: pos(n)}
	}
	out := &flow.Call{Pos: pos(n), Fn: l.callee(n, recv, method), Args: l.args(n)}
	if method == "fetch" && len(out.Args) == 1 && n.Field("block").OK() {
		// The block gives the value for a key that is missing, as a second argument does.
		var v flow.Expr
		stmts := l.block(func() { v = l.value(n.Field("block").Field("body")) })
		if v != nil && len(stmts) == 0 {
			out.Args = append(out.Args, flow.Arg{Value: v})
			return out
		}
	}
	out.Block = l.blockOf(n)
	return out
}

// arrayOf is the list of what Array(…) is given: its elements, or itself when it is no list.
func (l *lowering) arrayOf(n syntax.Node) flow.Expr {
	out := &flow.List{Pos: pos(n)}
	for _, a := range l.args(n) {
		if a.Name == "" {
			out.Elems = append(out.Elems, &flow.Splat{Pos: flow.Pos{Span: a.Value.At()}, X: a.Value})
		}
	}
	return out
}

// renderedBy is text that stands nowhere as such: n means it.
func renderedBy(text string, n syntax.Node) *flow.Lit {
	lit := &flow.Lit{Pos: pos(n), Text: text, Literal: n.Span(), Kind: "symbol"}
	lit.Map.Append(source.Segment{Len: len(text), Host: n.Start(), HostLen: n.Span().Len(), Atomic: true})
	return lit
}

func (l *lowering) callee(n, recv syntax.Node, method string) flow.Expr {
	if !recv.OK() {
		return &flow.Name{Pos: pos(n.Field("method")), Ident: method}
	}
	return &flow.Attr{Pos: flow.Pos{Span: source.Span{Start: recv.Start(), End: max(recv.End(), n.Field("method").End())}}, X: l.expr(recv), Name: method}
}

// sent is a call of a method whose name is given as a symbol.
func (l *lowering) sent(n, recv syntax.Node) flow.Expr {
	given := n.Field("arguments").NamedChildren()
	if len(given) == 0 || symbolName(given[0]) == "" {
		return nil
	}
	args := l.args(n)
	if len(args) == 0 || args[0].Name != "" {
		return nil
	}
	return &flow.Call{Pos: pos(n), Fn: l.callee(n, recv, symbolName(given[0])), Args: args[1:], Block: l.blockOf(n)}
}

func (l *lowering) formatted(n syntax.Node) flow.Expr {
	args := l.args(n)
	if len(args) == 0 || args[0].Name != "" {
		return nil
	}
	out := &flow.Format{Pos: pos(n), Verb: "%", Layout: args[0].Value}
	for _, a := range args[1:] {
		if a.Name != "" {
			out.Named = append(out.Named, a)
		} else {
			out.Args = append(out.Args, a.Value)
		}
	}
	return out
}

// super calls the method of the same name that is overridden; without an argument list, with the method's own arguments.
func (l *lowering) super(n syntax.Node, args []flow.Arg, block *flow.Func) flow.Expr {
	if n.Is("super") {
		for _, p := range l.params {
			name := &flow.Name{Pos: pos(n), Ident: p.Name}
			switch p.Rest {
			case "":
				args = append(args, flow.Arg{Value: name})
			case "*", "**":
				args = append(args, flow.Arg{Value: &flow.Splat{Pos: pos(n), X: name, Double: p.Rest == "**"}})
			}
		}
	}
	above := &flow.Call{Pos: pos(n), Fn: &flow.Name{Pos: pos(n), Ident: "super"}}
	return &flow.Call{Pos: pos(n), Fn: &flow.Attr{Pos: pos(n), X: above, Name: l.name}, Args: args, Block: block}
}

// blockOf is the block of a call, or nil.
func (l *lowering) blockOf(n syntax.Node) *flow.Func {
	b := n.Field("block")
	if !b.OK() {
		return nil
	}
	return l.closure(b, b.Field("parameters"), b)
}

// closure lowers a block or lambda. It sees the variables around it.
func (l *lowering) closure(n, params, body syntax.Node) *flow.Func {
	l.push()
	defer l.pop()
	fn := &flow.Func{Pos: pos(n), Implicit: true}
	looping := l.looping
	l.looping = false
	defer func() { l.looping = looping }()
	binds := l.block(func() { fn.Params = l.parameters(params) })
	fn.Body = append(binds, l.block(func() { l.closureBody(body) })...)
	return fn
}

// closureBody lowers what a block or lambda holds, which the grammar wraps once or twice.
func (l *lowering) closureBody(n syntax.Node) {
	if n.Is("block", "do_block") {
		n = n.Field("body")
	}
	l.body(n)
}

// parameters lowers a parameter list; a pattern in it is taken apart by statements that are emitted.
func (l *lowering) parameters(list syntax.Node) []flow.Param {
	var out []flow.Param
	for c := list.First(); c.OK(); c = c.Next() {
		if !c.Named() || c.FieldName() == "locals" {
			continue
		}
		p := flow.Param{Span: c.Span(), Name: c.Field("name").Text()}
		switch c.Kind() {
		case "identifier":
			p.Name = c.Text()
		case "optional_parameter":
			l.declare(p.Name)
			p.Default = l.expr(c.Field("value"))
		case "keyword_parameter":
			l.declare(p.Name)
			if v := c.Field("value"); v.OK() {
				p.Default = l.expr(v)
			}
		case "splat_parameter":
			p.Rest = "*"
		case "hash_splat_parameter":
			p.Rest = "**"
		case "block_parameter":
			p.Rest = "&"
		case "forward_parameter":
			p.Rest, p.Name = "*", "..."
		case "destructured_parameter":
			t := l.temp(c.Span())
			p.Name = t.Ident
			l.emit(&flow.Assign{Targets: []flow.Expr{l.target(c)}, Value: t})
		default:
			continue
		}
		if p.Name == "" {
			p.Name = p.Rest
		}
		l.declare(p.Name)
		out = append(out, p)
	}
	return out
}
