package ruby

import (
	"fmt"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
)

// dump writes lowered statements as short text, one line each.
func dump(body []flow.Stmt, indent string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, indent+format+"\n", args...) }
	for _, s := range body {
		switch s := s.(type) {
		case *flow.Do:
			line("%s", show(s.X))
		case *flow.Assign:
			op := "="
			if s.Default {
				op = "||="
			}
			line("%s %s %s", list(s.Targets), op, show(s.Value))
		case *flow.Augment:
			line("%s += %s", show(s.Target), show(s.Value))
		case *flow.Return:
			line("return %s", show(s.Value))
		case *flow.Branch:
			line("branch %s total=%v", list(s.Tests), s.Total)
			for _, arm := range s.Arms {
				line("->")
				b.WriteString(dump(arm, indent+"  "))
			}
		case *flow.Loop:
			line("loop %s in %s", show(s.Target), show(s.Iter))
			b.WriteString(dump(s.Body, indent+"  "))
		case *flow.Define:
			line("def %s", head(s.Func))
			b.WriteString(dump(s.Func.Body, indent+"  "))
		case *flow.DefineClass:
			line("class %s < %s", s.Class.Name, list(s.Class.Bases))
			b.WriteString(dump(s.Class.Body, indent+"  "))
		case *flow.Import:
			line("import %s star=%v", s.Module, s.Star)
		default:
			line("%T", s)
		}
	}
	return b.String()
}

func head(f *flow.Func) string {
	var params []string
	for _, p := range f.Params {
		text := p.Rest + p.Name
		if p.Default != nil {
			text += "=" + show(p.Default)
		}
		params = append(params, text)
	}
	static := ""
	if f.Static {
		static = "self."
	}
	return static + f.Name + "(" + strings.Join(params, ", ") + ")"
}

func list(xs []flow.Expr) string {
	var out []string
	for _, x := range xs {
		out = append(out, show(x))
	}
	return strings.Join(out, ", ")
}

func show(x flow.Expr) string {
	switch x := x.(type) {
	case nil:
		return "-"
	case *flow.Lit:
		if x.Kind == "int" {
			return x.Text
		}
		if x.Kind == "symbol" {
			return ":" + x.Text
		}
		return strconv.Quote(x.Text)
	case *flow.Join:
		return "join(" + list(x.Parts) + ")"
	case *flow.List:
		return "[" + list(x.Elems) + "]"
	case *flow.Splat:
		return "*" + show(x.X)
	case *flow.Dict:
		return pairs(x)
	case *flow.Name:
		return x.Ident
	case *flow.Attr:
		return show(x.X) + "." + x.Name
	case *flow.Index:
		if x.Key == nil {
			return show(x.X) + "[" + show(x.From) + ":" + show(x.To) + "]"
		}
		return show(x.X) + "[" + show(x.Key) + "]"
	case *flow.Add:
		return "(" + show(x.X) + " + " + show(x.Y) + ")"
	case *flow.Format:
		return "format(" + show(x.Layout) + "; " + list(x.Args) + named(x.Named) + ")"
	case *flow.Call:
		var out []string
		for _, a := range x.Args {
			text := show(a.Value)
			if a.Name != "" {
				text = a.Name + "=" + text
			}
			out = append(out, text)
		}
		block := ""
		if x.Block != nil {
			block = " " + show(x.Block)
		}
		return show(x.Fn) + "(" + strings.Join(out, ", ") + ")" + block
	case *flow.Alt:
		return "alt(" + list(x.Options) + " if " + show(x.Test) + ")"
	case *flow.Func:
		body := strings.ReplaceAll(strings.TrimSpace(dump(x.Body, "")), "\n", "; ")
		return "fn" + head(x) + "{" + body + "}"
	case *flow.Run:
		return "run " + show(x.Text)
	case *flow.Handover:
		return "handover " + show(x.Call)
	case *flow.Opaque:
		return "?(" + list(x.Parts) + ")"
	}
	return fmt.Sprintf("%T", x)
}

func named(args []flow.Arg) string {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(", " + a.Name + "=" + show(a.Value))
	}
	return b.String()
}

func pairs(x *flow.Dict) string {
	var out []string
	for i := range x.Keys {
		out = append(out, show(x.Keys[i])+": "+show(x.Vals[i]))
	}
	return "{" + strings.Join(out, ", ") + "}"
}
