package ruby

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// callStmt lowers a call that stands as a statement: those that Ruby's own library defines things with are what they
// define, and iterations are loops.
func (l *lowering) callStmt(n syntax.Node) {
	recv, method := n.Field("receiver"), n.Field("method").Text()
	args := n.Field("arguments").NamedChildren()
	if recv.OK() && recv.Text() != "self" && recv.Text() != "Kernel" {
		l.iteration(n, recv, method)
		return
	}
	switch method {
	case "require", "require_relative", "load", "require_dependency", "import":
		if len(args) > 0 {
			if module := l.imported(method, args[0]); module != "" {
				l.emit(&flow.Import{Span: n.Span(), Module: module, Star: true})
				return
			}
		}
	case "attr_reader", "attr_accessor", "cattr_reader", "cattr_accessor", "mattr_accessor", "mattr_reader", "class_attribute", "attr":
		for _, a := range args {
			if name := symbolName(a); name != "" {
				l.reader(a, name)
			}
		}
		return
	case "module_function":
		l.moduleFunction(n, args)
		return
	case "alias_method":
		if len(args) == 2 {
			l.alias(args[0], args[1])
			return
		}
	case "extend":
		if l.classes > 0 && len(args) == 1 && args[0].Text() == "self" {
			l.static = true
		}
	case "private", "public", "protected":
		if len(args) == 0 {
			return
		}
	case "include", "prepend":
		if l.bases != nil {
			for _, a := range args {
				*l.bases = append(*l.bases, l.expr(a))
			}
			return
		}
	}
	if recv.OK() || !l.definesMethod(n, method) {
		l.iteration(n, recv, method)
	}
}

// definesMethod lowers define_method with a block, and reports whether n is that.
func (l *lowering) definesMethod(n syntax.Node, method string) bool {
	args, b := n.Field("arguments").NamedChildren(), n.Field("block")
	if method != "define_method" && method != "define_singleton_method" || !b.OK() || len(args) == 0 || symbolName(args[0]) == "" {
		return false
	}
	fn := &flow.Func{Pos: pos(n), Name: symbolName(args[0]), Implicit: true, Static: method == "define_singleton_method"}
	l.function(fn, b.Field("parameters"), b, false)
	l.emit(&flow.Define{Func: fn})
	return true
}

// moduleFunction makes the methods that follow, or those that are named, the module's own.
func (l *lowering) moduleFunction(n syntax.Node, args []syntax.Node) {
	if len(args) == 0 {
		l.static = true
		return
	}
	for _, a := range args {
		if a.Is("method") {
			was := l.static
			l.static = true
			l.define(a)
			l.static = was
			continue
		}
		name := symbolName(a)
		for _, s := range *l.out {
			if d, ok := s.(*flow.Define); ok && d.Func.Name == name {
				d.Func.Static = true
			}
		}
	}
}

// iteration lowers a call that stands as a statement. Its block runs where it stands: in a loop over the elements of the
// receiver when the method gives them to it, else as one of two ways.
func (l *lowering) iteration(n, recv syntax.Node, method string) {
	block := n.Field("block")
	switch {
	case !block.OK():
		if !l.eachMethod(n, recv) {
			l.do(n)
		}
		return
	case method == "lambda" || method == "proc" || valued(method):
		l.do(n)
		return
	}
	var iter flow.Expr
	var call *flow.Call
	switch {
	case recv.OK() && elementwise(method):
		iter = l.expr(recv)
		for _, a := range l.args(n) {
			l.emit(&flow.Do{X: a.Value})
		}
	case method == "each_value" && recv.OK():
		iter = l.method(recv, l.expr(recv), "values")
	case method != "loop" && method != "times":
		call = &flow.Call{Pos: pos(n), Fn: l.callee(n, recv, method), Args: l.args(n)}
	}
	var target flow.Expr
	body := l.inner(block, func(params []syntax.Node) { target = l.blockTarget(block, params, method) })
	if call != nil && target == nil {
		l.emit(&flow.Do{X: call})
	}
	if iter != nil || repeats(method) {
		l.emit(&flow.Loop{Target: target, Iter: iter, Body: body})
	} else {
		// One way is that the block is called. A loop would do too, but specs nest blocks deeply, and the solver goes
		// through each loop more than once.
		if call != nil && target != nil {
			given := &flow.Handover{Pos: flow.Pos{Span: target.At()}, Call: call}
			body = append([]flow.Stmt{&flow.Assign{Targets: []flow.Expr{target}, Value: given}}, body...)
		}
		l.emit(&flow.Branch{Arms: [][]flow.Stmt{body, nil}})
	}
	if n.Parent().Parent().Is("method", "singleton_method") && !following(n).OK() && !elementwise(method) {
		l.do(n) // its value may be what the method returns
	}
}

// repeats reports whether a method calls its block again and again.
func repeats(method string) bool {
	switch method {
	case "loop", "times", "upto", "downto", "step", "cycle":
		return true
	}
	return false
}

// following is the statement after n in the same list.
func following(n syntax.Node) syntax.Node {
	for c := n.Next(); c.OK(); c = c.Next() {
		if c.Named() && !c.Is("comment", "heredoc_body") {
			return c
		}
	}
	return syntax.Node{}
}

// elementwise reports whether a method gives its block the elements of the receiver, and is called for what the block does.
func elementwise(method string) bool {
	switch method {
	case "each", "each_entry", "reverse_each", "each_pair", "each_with_index", "each_with_object", "each_slice":
		return true
	}
	return false
}

// valued reports whether a method is called for what its block gives.
func valued(method string) bool {
	switch method {
	case "map", "collect", "flat_map", "select", "filter", "reject", "inject", "reduce", "find", "detect", "then", "fetch", "each_with_object", "to_h", "sum":
		return true
	}
	return false
}

// blockTarget is what the parameters of a block that runs as a loop are bound to.
func (l *lowering) blockTarget(block syntax.Node, params []syntax.Node, method string) flow.Expr {
	switch {
	case len(params) == 0:
		return nil
	case len(params) == 1 || method == "each_with_index" || method == "each_with_object":
		first := l.target(params[0])
		for _, p := range params[1:] {
			l.declareTargets(p)
		}
		return first
	}
	list := &flow.List{Pos: pos(block.Field("parameters"))}
	for _, p := range params {
		list.Elems = append(list.Elems, l.target(p))
	}
	return list
}

// inner lowers the body of a block that runs where it stands.
func (l *lowering) inner(block syntax.Node, bind func(params []syntax.Node)) []flow.Stmt {
	looping := l.looping
	l.looping = true
	l.push()
	defer func() { l.pop(); l.looping = looping }()
	if bind != nil {
		bind(block.Field("parameters").NamedChildren())
	}
	return l.block(func() { l.closureBody(block) })
}

// eachMethod lowers x.each(&method(:run)).
func (l *lowering) eachMethod(n, recv syntax.Node) bool {
	for _, a := range n.Field("arguments").NamedChildren() {
		inner := a.NamedChildren()
		if !a.Is("block_argument") || len(inner) != 1 || !inner[0].Is("call") || inner[0].Field("method").Text() != "method" {
			continue
		}
		item := l.temp(a.Span())
		call := &flow.Call{Pos: pos(a), Fn: l.expr(inner[0]), Args: []flow.Arg{{Value: item}}}
		l.emit(&flow.Loop{Target: item, Iter: l.expr(recv), Body: []flow.Stmt{&flow.Do{X: call}}})
		return true
	}
	return false
}
