package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// optionsClass is the name of the class whose one object holds what a file's argument parser gives.
const optionsClass = "<options>"

// parserCall lowers a call of an argument parser: an argument's default is what its attribute holds, and parsing gives
// the object that has the attributes. It is nil for any other call.
func (l *lowerer) parserCall(n syntax.Node, callee flow.Expr, args []flow.Arg) flow.Expr {
	at, ok := callee.(*flow.Attr)
	if !ok || !l.parses {
		return nil
	}
	options := name(n, optionsClass)
	switch at.Name {
	case "add_argument":
		dest := optionName(args, "dest")
		for _, a := range args {
			if a.Name == "default" && dest != "" && mayBeText(a.Value) {
				l.setOption(n, dest, a.Value)
			}
		}
	case "set_defaults":
		for _, a := range args {
			if a.Name != "" {
				l.setOption(n, a.Name, a.Value)
			}
		}
	case "parse_args":
		return &flow.Call{Pos: pos(n), Fn: options}
	case "parse_known_args":
		return &flow.List{Pos: pos(n), Elems: []flow.Expr{&flow.Call{Pos: pos(n), Fn: options}, &flow.Opaque{Pos: pos(n)}}}
	}
	return nil
}

func (l *lowerer) setOption(n syntax.Node, attr string, value flow.Expr) {
	target := &flow.Attr{Pos: pos(n), X: name(n, optionsClass), Name: attr}
	l.pending = append(l.pending, &flow.Assign{Targets: []flow.Expr{target}, Value: value})
}

// mayBeText reports whether an expression can give text.
func mayBeText(x flow.Expr) bool {
	switch x := x.(type) {
	case *flow.Lit:
		return x.Kind != "int" && x.Kind != "bool"
	case *flow.Name:
		return x.Ident != "None"
	}
	return true
}

// optionName is the name under which an option's value is known to the program: the one that is given, else that of the
// first long option, else the argument's own.
func optionName(args []flow.Arg, given string) string {
	short := ""
	for _, a := range args {
		lit, ok := a.Value.(*flow.Lit)
		switch {
		case !ok:
		case a.Name == given && given != "":
			return lit.Text
		case a.Name != "":
		case given == "" && identifierLike(lit.Text):
			return lit.Text // click takes the parameter's name where it takes options
		case strings.HasPrefix(lit.Text, "--") && !strings.HasPrefix(short, "--"):
			short = lit.Text
		case short == "":
			short = lit.Text
		}
	}
	short, _, _ = strings.Cut(strings.TrimLeft(short, "-"), "/")
	return strings.ReplaceAll(short, "-", "_")
}

// optionDefaults gives the parameters of a command of click the defaults that its decorators name.
func optionDefaults(params []flow.Param, decorators []flow.Expr) []flow.Param {
	for _, d := range decorators {
		call, ok := d.(*flow.Call)
		if !ok {
			continue
		}
		switch lastName(call.Fn) {
		case "option", "argument":
		default:
			continue
		}
		param := optionName(call.Args, "")
		for _, a := range call.Args {
			if a.Name != "default" || !mayBeText(a.Value) {
				continue
			}
			for i := range params {
				if params[i].Name == param && params[i].Default == nil {
					params = append([]flow.Param(nil), params...)
					params[i].Default = a.Value
				}
			}
		}
	}
	return params
}
