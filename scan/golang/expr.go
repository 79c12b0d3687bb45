package golang

import (
	"go/ast"
	"go/token"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

func (l *lowering) ident(n *ast.Ident) flow.Expr {
	name := n.Name
	if name == l.receiver && name != "" && name != "_" {
		name = "self"
	}
	return &flow.Name{Pos: l.pos(n), Ident: name}
}

// expr lowers one expression.
func (l *lowering) expr(x ast.Expr) flow.Expr {
	switch x := x.(type) {
	case *ast.Ident:
		return l.ident(x)
	case *ast.BasicLit:
		if x.Kind == token.STRING || x.Kind == token.INT {
			return l.t.text(x)
		}
	case *ast.ParenExpr:
		return l.expr(x.X)
	case *ast.StarExpr:
		return l.expr(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return l.expr(x.X)
		}
		return &flow.Opaque{Pos: l.pos(x), Parts: []flow.Expr{l.expr(x.X)}}
	case *ast.TypeAssertExpr:
		return l.expr(x.X)
	case *ast.SelectorExpr:
		return &flow.Attr{Pos: l.pos(x), X: l.expr(x.X), Name: x.Sel.Name}
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return &flow.Add{Pos: l.pos(x), X: l.expr(x.X), Y: l.expr(x.Y)}
		}
		return &flow.Opaque{Pos: l.pos(x), Parts: []flow.Expr{l.expr(x.X), l.expr(x.Y)}}
	case *ast.IndexExpr:
		return &flow.Index{Pos: l.pos(x), X: l.expr(x.X), Key: l.expr(x.Index)}
	case *ast.SliceExpr:
		out := &flow.Index{Pos: l.pos(x), X: l.expr(x.X)}
		if x.Low != nil {
			out.From = l.expr(x.Low)
		}
		if x.High != nil {
			out.To = l.expr(x.High)
		}
		return out
	case *ast.CallExpr:
		return l.call(x)
	case *ast.CompositeLit:
		return l.composite(x, nil)
	case *ast.FuncLit:
		fn := &flow.Func{Pos: l.pos(x), Params: l.params(x.Type)}
		if x.Body != nil {
			fn.Body = l.block(func() { l.stmts(x.Body.List) })
		}
		return fn
	case *ast.KeyValueExpr:
		return l.expr(x.Value)
	case nil:
		return &flow.Opaque{}
	}
	return &flow.Opaque{Pos: l.pos(x)}
}

// composite lowers a composite literal. The type of an element that leaves it out is that of its list.
func (l *lowering) composite(x *ast.CompositeLit, typ ast.Expr) flow.Expr {
	if x.Type != nil {
		typ = x.Type
	}
	switch typ := typ.(type) {
	case *ast.ArrayType:
		out := &flow.List{Pos: l.pos(x)}
		for _, e := range x.Elts {
			out.Elems = append(out.Elems, l.element(e, typ.Elt))
		}
		return out
	case *ast.MapType:
		out := &flow.Dict{Pos: l.pos(x)}
		for _, e := range x.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				out.Keys, out.Vals = append(out.Keys, l.element(kv.Key, typ.Key)), append(out.Vals, l.element(kv.Value, typ.Value))
			}
		}
		return out
	case *ast.StarExpr:
		return l.object(x, typ.X)
	case nil:
		return &flow.Opaque{Pos: l.pos(x)}
	}
	return l.object(x, typ)
}

func (l *lowering) element(e, typ ast.Expr) flow.Expr {
	if kv, ok := e.(*ast.KeyValueExpr); ok {
		e = kv.Value
	}
	if inner, ok := e.(*ast.CompositeLit); ok {
		return l.composite(inner, typ)
	}
	return l.expr(e)
}

// object lowers T{…} as a call of T, each field an argument by its name.
func (l *lowering) object(x *ast.CompositeLit, typ ast.Expr) flow.Expr {
	if l.buffer(typ) {
		return l.empty(x)
	}
	out := &flow.Call{Pos: l.pos(x), Fn: l.expr(typ)}
	fields := l.structs[typeName(typ)]
	for i, e := range x.Elts {
		switch e := e.(type) {
		case *ast.KeyValueExpr:
			name := ""
			if id, ok := e.Key.(*ast.Ident); ok {
				name = id.Name
			}
			out.Args = append(out.Args, flow.Arg{Name: name, Value: l.expr(e.Value)})
		default:
			name := ""
			if i < len(fields) {
				name = fields[i]
			}
			out.Args = append(out.Args, flow.Arg{Name: name, Value: l.expr(e)})
		}
	}
	return out
}

// call lowers a call; those that build values are what they build.
func (l *lowering) call(x *ast.CallExpr) flow.Expr {
	if v := l.builtin(x); v != nil {
		return v
	}
	if v := l.standard(x); v != nil {
		return v
	}
	l.effect(x)
	fn := x.Fun
	switch generic := fn.(type) {
	case *ast.IndexExpr:
		if _, ok := generic.X.(*ast.Ident); ok {
			fn = generic.X
		}
	case *ast.IndexListExpr:
		fn = generic.X
	}
	return &flow.Call{Pos: l.pos(x), Fn: l.expr(fn), Args: l.args(x)}
}

func (l *lowering) args(x *ast.CallExpr) []flow.Arg {
	var out []flow.Arg
	for i, a := range x.Args {
		v := l.expr(a)
		if x.Ellipsis.IsValid() && i == len(x.Args)-1 {
			v = &flow.Splat{Pos: l.pos(a), X: v}
		}
		out = append(out, flow.Arg{Value: v})
	}
	return out
}

// builtin lowers append, new, make and conversions; nil for any other call.
func (l *lowering) builtin(x *ast.CallExpr) flow.Expr {
	switch fn := x.Fun.(type) {
	case *ast.ArrayType, *ast.InterfaceType:
		if len(x.Args) == 1 {
			return l.expr(x.Args[0])
		}
	case *ast.Ident:
		switch {
		case fn.Name == "append" && len(x.Args) > 0:
			rest := &flow.List{Pos: flow.Pos{Span: source.Span{Start: l.t.offset(x.Args[0].End()), End: l.t.offset(x.End())}}}
			for _, a := range l.args(x)[1:] {
				rest.Elems = append(rest.Elems, a.Value)
			}
			return &flow.Add{Pos: l.pos(x), X: l.expr(x.Args[0]), Y: rest}
		case fn.Name == "new" && len(x.Args) == 1 && l.buffer(x.Args[0]):
			return l.empty(x)
		case fn.Name == "new" && len(x.Args) == 1:
			return &flow.Call{Pos: l.pos(x), Fn: l.expr(x.Args[0])}
		case fn.Name == "make" && len(x.Args) > 0:
			if _, ok := x.Args[0].(*ast.ArrayType); ok {
				return &flow.List{Pos: l.pos(x)}
			}
			return &flow.Dict{Pos: l.pos(x)}
		case fn.Name == "string" && len(x.Args) == 1, l.types[fn.Name] && len(x.Args) == 1:
			return l.expr(x.Args[0])
		}
	}
	return nil
}

// standard lowers the calls of the standard library that build text or lists in a way of their own; nil for any other.
func (l *lowering) standard(x *ast.CallExpr) flow.Expr {
	sel, ok := x.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	args := l.args(x)
	switch l.imports[pkg.Name] + "." + sel.Sel.Name {
	case "fmt.Sprintf":
		if len(args) == 0 {
			return nil
		}
		out := &flow.Format{Pos: l.pos(x), Verb: "go", Layout: args[0].Value}
		for _, a := range args[1:] {
			out.Args = append(out.Args, a.Value)
		}
		return out
	case "fmt.Sprint":
		out := &flow.Join{Pos: l.pos(x)}
		for _, a := range args {
			out.Parts = append(out.Parts, a.Value)
		}
		return out
	case "strings.Join":
		if len(args) == 2 {
			return &flow.Call{Pos: l.pos(x), Fn: &flow.Attr{Pos: l.pos(sel), X: args[0].Value, Name: "join"}, Args: args[1:]}
		}
	case "slices.Concat":
		out := &flow.List{Pos: l.pos(x)}
		for _, a := range args {
			if sp, ok := a.Value.(*flow.Splat); ok {
				out.Elems = append(out.Elems, sp)
				continue
			}
			out.Elems = append(out.Elems, &flow.Splat{Pos: l.pos(x), X: a.Value})
		}
		return out
	case "slices.Insert":
		if len(args) > 2 {
			rest := &flow.List{Pos: l.pos(x)}
			for _, a := range args[2:] {
				rest.Elems = append(rest.Elems, a.Value)
			}
			return &flow.Add{Pos: l.pos(x), X: rest, Y: args[0].Value}
		}
	case "cmp.Or":
		out := &flow.Alt{Pos: l.pos(x)}
		for _, a := range args {
			out.Options = append(out.Options, a.Value)
		}
		return out
	}
	return nil
}
