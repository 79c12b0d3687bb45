package python

import (
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
)

// dump writes a lowered program as S-expressions, one statement a line.
func dump(u *flow.Unit) string {
	var d dumper
	d.block(u.Body, 0)
	return d.String()
}

type dumper struct{ strings.Builder }

func (d *dumper) line(depth int, format string, args ...any) {
	fmt.Fprintf(d, strings.Repeat("  ", depth)+format+"\n", args...)
}

func (d *dumper) block(body []flow.Stmt, depth int) {
	for _, st := range body {
		d.stmt(st, depth)
	}
}

func (d *dumper) stmt(st flow.Stmt, n int) {
	switch st := st.(type) {
	case *flow.Do:
		d.line(n, "do %s", text(st.X))
	case *flow.Assign:
		op := "="
		if st.Default {
			op = "?="
		}
		typ := ""
		if st.Type != nil {
			typ = ": " + text(st.Type)
		}
		d.line(n, "%s%s %s %s", texts(st.Targets, " = "), typ, op, text(st.Value))
	case *flow.Augment:
		d.line(n, "%s += %s", text(st.Target), text(st.Value))
	case *flow.Return:
		word := "return"
		if st.Yield {
			word = "yield"
		}
		d.line(n, "%s %s", word, text(st.Value))
	case *flow.Branch:
		word := "branch"
		if st.Total {
			word = "branch total"
		}
		d.line(n, "%s %s", word, texts(st.Tests, ", "))
		for _, arm := range st.Arms {
			d.line(n, "arm")
			d.block(arm, n+1)
		}
	case *flow.Loop:
		d.line(n, "loop %s in %s", text(st.Target), text(st.Iter))
		d.block(st.Body, n+1)
	case *flow.Define:
		d.function(st.Func, n)
	case *flow.DefineClass:
		d.line(n, "class %s(%s)", st.Class.Name, texts(st.Class.Bases, ", "))
		d.block(st.Class.Body, n+1)
	case *flow.Import:
		names := [][2]string{}
		for _, got := range st.Names {
			names = append(names, [2]string{got.Name, got.As})
		}
		d.line(n, "import %s as %q names %v star %v", st.Module, st.As, names, st.Star)
	case *flow.Block:
		d.line(n, "block")
		d.block(st.Body, n+1)
	default:
		d.line(n, "?%T", st)
	}
}

func (d *dumper) function(f *flow.Func, n int) {
	mark := ""
	if f.Static {
		mark += " static"
	}
	if f.Property {
		mark += " property"
	}
	for _, x := range f.Decorators {
		mark += " @" + text(x)
	}
	d.line(n, "def %s(%s)%s", f.Name, params(f.Params), mark)
	d.block(f.Body, n+1)
}

func params(ps []flow.Param) string {
	var out []string
	for _, p := range ps {
		s := p.Rest + p.Name
		if p.Type != nil {
			s += ": " + text(p.Type)
		}
		if p.Default != nil {
			s += " = " + text(p.Default)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func texts(xs []flow.Expr, sep string) string {
	var out []string
	for _, x := range xs {
		out = append(out, text(x))
	}
	return strings.Join(out, sep)
}

func args(as []flow.Arg) string {
	var out []string
	for _, a := range as {
		s := text(a.Value)
		if a.Name != "" {
			s = a.Name + "=" + s
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func text(x flow.Expr) string {
	switch x := x.(type) {
	case nil:
		return "-"
	case *flow.Lit:
		return x.Kind + fmt.Sprintf("%q", x.Text)
	case *flow.Join:
		return "(join " + texts(x.Parts, " ") + ")"
	case *flow.List:
		return "[" + texts(x.Elems, " ") + "]"
	case *flow.Splat:
		if x.Double {
			return "**" + text(x.X)
		}
		return "*" + text(x.X)
	case *flow.Dict:
		var out []string
		for i, k := range x.Keys {
			out = append(out, text(k)+":"+text(x.Vals[i]))
		}
		return "{" + strings.Join(out, " ") + "}"
	case *flow.Name:
		return x.Ident
	case *flow.Attr:
		return text(x.X) + "." + x.Name
	case *flow.Index:
		if x.Key == nil {
			return text(x.X) + "[" + text(x.From) + ":" + text(x.To) + "]"
		}
		return text(x.X) + "[" + text(x.Key) + "]"
	case *flow.Add:
		return "(+ " + text(x.X) + " " + text(x.Y) + ")"
	case *flow.Format:
		return "(format " + x.Verb + " " + text(x.Layout) + " [" + texts(x.Args, " ") + "] [" + args(x.Named) + "])"
	case *flow.Call:
		return "(call " + text(x.Fn) + " " + args(x.Args) + ")"
	case *flow.Alt:
		s := "(alt " + texts(x.Options, " ")
		if x.Test != nil {
			s += " if " + text(x.Test)
		}
		return s + ")"
	case *flow.Func:
		if x.Value != nil {
			return "(lambda [" + params(x.Params) + "] " + text(x.Value) + ")"
		}
		var d dumper
		d.block(x.Body, 0)
		return "(func [" + params(x.Params) + "] " + strings.Join(strings.Fields(d.String()), " ") + ")"
	case *flow.Opaque:
		if len(x.Parts) == 0 {
			return "_"
		}
		return "(_ " + texts(x.Parts, " ") + ")"
	}
	return fmt.Sprintf("?%T", x)
}
