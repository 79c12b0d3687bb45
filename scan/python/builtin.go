package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// builtin lowers calls of the language's own functions that say more than a call does: loops over a list, attributes by
// a name that is written there, functions that run another one. It is nil for any other call.
func (l *lowerer) builtin(n syntax.Node, fn flow.Expr, args []flow.Arg) flow.Expr {
	ident := lastName(fn)
	switch plain := onlyPositional(args); {
	case ident == "dict":
		return table(n, args)
	case len(args) == 0 && (ident == "list" || ident == "tuple" || ident == "set" || ident == "deque"):
		return &flow.List{Pos: pos(n)}
	case ident == "sum" && plain && len(args) == 2:
		if start, ok := args[1].Value.(*flow.List); ok { // lists put one after the other
			return l.flattened(pos(n), args[0].Value, start)
		}
	case ident == "getattr" && plain && len(args) > 1:
		if lit, ok := args[1].Value.(*flow.Lit); ok && identifierLike(lit.Text) {
			return &flow.Attr{Pos: pos(n), X: args[0].Value, Name: lit.Text}
		}
	case ident == "filter" && plain && len(args) == 2:
		return args[1].Value
	case (ident == "map" || ident == "imap" || ident == "starmap") && plain && len(args) == 2:
		item := &flow.Name{Pos: pos(n), Ident: "<item>"}
		var given flow.Expr = item
		if ident == "starmap" {
			given = &flow.Splat{Pos: pos(n), X: item}
		}
		call := &flow.Call{Pos: pos(n), Fn: args[0].Value, Args: []flow.Arg{{Value: given}}}
		return each(pos(n), item, args[1].Value, call)
	case ident == "enumerate" && len(args) > 0 && args[0].Name == "":
		item := &flow.Name{Pos: pos(n), Ident: "<item>"}
		pair := &flow.List{Pos: pos(n), Elems: []flow.Expr{&flow.Opaque{Pos: pos(n)}, item}}
		return each(pos(n), item, args[0].Value, pair)
	case ident == "zip" && plain:
		tuple := &flow.List{Pos: pos(n)}
		for _, a := range args {
			tuple.Elems = append(tuple.Elems, anyOf(pos(n), a.Value))
		}
		return &flow.List{Pos: pos(n), Elems: []flow.Expr{tuple}}
	case ident == "chain" && plain && chains(fn):
		return spliced(pos(n), args)
	case ident == "run_in_executor" && len(args) > 1:
		return &flow.Call{Pos: pos(n), Fn: args[1].Value, Args: args[2:]}
	case ident == "Thread" || ident == "Process" || ident == "Timer":
		return started(pos(n), args)
	}
	return nil
}

// chains reports whether a callee that is called chain is that of itertools.
func chains(fn flow.Expr) bool {
	at, ok := fn.(*flow.Attr)
	if !ok {
		return true
	}
	module, ok := at.X.(*flow.Name)
	return ok && strings.HasPrefix(module.Ident, "it")
}

// flattened is a list of the elements of lists, after those of another.
func (l *lowerer) flattened(at flow.Pos, lists flow.Expr, start *flow.List) flow.Expr {
	out := &flow.List{Pos: at, Elems: start.Elems}
	if written, ok := lists.(*flow.List); ok {
		for _, x := range written.Elems {
			out.Elems = append(out.Elems, &flow.Splat{Pos: flow.Pos{Span: x.At()}, X: x})
		}
		return out
	}
	item := &flow.Name{Pos: at, Ident: "<item>"}
	spread := each(at, item, lists, item)
	out.Elems = append(out.Elems, &flow.Splat{Pos: at, X: spread})
	return out
}

// lastName is the name of a callee without what stands before its last dot.
func lastName(fn flow.Expr) string {
	switch fn := fn.(type) {
	case *flow.Name:
		return fn.Ident[strings.LastIndexByte(fn.Ident, '.')+1:]
	case *flow.Attr:
		return fn.Name
	}
	return ""
}

func onlyPositional(args []flow.Arg) bool {
	for _, a := range args {
		if _, spread := a.Value.(*flow.Splat); spread || a.Name != "" {
			return false
		}
	}
	return true
}

// each is the list of what an expression gives for the elements of another one.
func each(at flow.Pos, item *flow.Name, over, value flow.Expr) flow.Expr {
	loop := &flow.Loop{Target: item, Iter: over, Body: []flow.Stmt{&flow.Return{Value: value}}}
	f := &flow.Func{Pos: at, Body: []flow.Stmt{loop}}
	return &flow.List{Pos: at, Elems: []flow.Expr{&flow.Call{Pos: at, Fn: f}}}
}

// anyOf is any one element of what an expression gives.
func anyOf(at flow.Pos, over flow.Expr) flow.Expr {
	item := &flow.Name{Pos: at, Ident: "<item>"}
	loop := &flow.Loop{Target: item, Iter: over, Body: []flow.Stmt{&flow.Return{Value: item}}}
	return &flow.Call{Pos: at, Fn: &flow.Func{Pos: at, Body: []flow.Stmt{loop}}}
}

// spliced is one list of the elements of several.
func spliced(at flow.Pos, args []flow.Arg) flow.Expr {
	list := &flow.List{Pos: at}
	for _, a := range args {
		list.Elems = append(list.Elems, &flow.Splat{Pos: flow.Pos{Span: a.Value.At()}, X: a.Value})
	}
	return list
}

// started is the call that a thread or process makes once it runs; nil when its function is not written there.
func started(at flow.Pos, args []flow.Arg) flow.Expr {
	call := &flow.Call{Pos: at}
	for _, a := range args {
		here := flow.Pos{Span: a.Value.At()}
		switch a.Name {
		case "target", "function":
			call.Fn = a.Value
		case "args":
			if list, ok := a.Value.(*flow.List); ok {
				for _, x := range list.Elems {
					call.Args = append(call.Args, flow.Arg{Value: x})
				}
				continue
			}
			call.Args = append(call.Args, flow.Arg{Value: &flow.Splat{Pos: here, X: a.Value}})
		case "kwargs":
			call.Args = append(call.Args, flow.Arg{Value: &flow.Splat{Pos: here, X: a.Value, Double: true}})
		}
	}
	if call.Fn == nil {
		return nil
	}
	return call
}
