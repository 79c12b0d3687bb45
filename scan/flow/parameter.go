package flow

import "strings"

// bind gives the parameters of a function their values. With unknownArgs, each is its default or unknown.
func (f *frame) bind(fn *Func, args []argument, block *function, unknownArgs bool) {
	rest := args
	params := fn.Params
	// The receiver is written as a parameter in Python and is no argument of the call.
	if len(params) > 0 && f.self != nil && f.fn != nil && f.fn.in != nil && !staticNoReceiver(fn) && receiverName(params[0].Name) {
		f.scope.vars[params[0].Name] = f.self
		params = params[1:]
	}
	if given := blockOf(args, block); given != nil && fn.Name != "" {
		f.scope.vars["&"] = given // what yield calls
	}
	taken := map[int]bool{}
	for _, p := range params {
		switch p.Rest {
		case "*":
			f.scope.vars[p.Name] = restOf(rest, taken, unknownArgs)
		case "**":
			f.scope.vars[p.Name] = &unknown{place{f.unit.file, p.Span}}
			if !unknownArgs {
				f.scope.vars[p.Name] = namedRest(rest, taken)
			}
		case "&":
			f.scope.vars[p.Name] = &unknown{place{f.unit.file, p.Span}}
			if given := blockOf(args, block); given != nil {
				f.scope.vars[p.Name] = given
			}
		default:
			f.scope.vars[p.Name] = f.parameter(p, rest, taken, unknownArgs)
		}
	}
}

// blockOf is the block that a call gives: one that stands there, or a value that is handed on as one.
func blockOf(args []argument, block *function) value {
	if block != nil {
		return block
	}
	for _, a := range args {
		if a.name == "&" {
			return a.val
		}
	}
	return nil
}

func receiverName(name string) bool { return name == "self" || name == "cls" || name == "klass" }

func staticNoReceiver(fn *Func) bool {
	return fn.Static && (len(fn.Params) == 0 || !receiverName(fn.Params[0].Name))
}

// parameter is the value of a plain parameter: by name, then by position, then its default.
func (f *frame) parameter(p Param, args []argument, taken map[int]bool, unknownArgs bool) value {
	here := &unknown{place{f.unit.file, p.Span}}
	if !unknownArgs {
		for i, a := range args {
			if a.name == p.Name && !a.dict {
				taken[i] = true
				return a.val
			}
		}
		for i, a := range args {
			if a.name != "" || a.dict || taken[i] {
				continue
			}
			if a.rest {
				return f.element(a.val, nil)
			}
			taken[i] = true
			return a.val
		}
	}
	if p.Type != nil {
		if v := f.typed(p.Type); v != nil {
			return v
		}
	}
	if p.Default == nil {
		return here
	}
	if v := f.eval(p.Default); !unknownArgs {
		return v
	} else {
		return either(v, here)
	}
}

// typed is an object of the class that an annotation names.
func (f *frame) typed(annotation Expr) value {
	switch annotation.(type) {
	case *Name, *Attr:
	default:
		return nil
	}
	for _, o := range options(f.eval(annotation)) {
		switch o := o.(type) {
		case *class:
			return &object{o}
		case *external:
			if strings.Contains(o.name, ".") {
				return &external{name: o.name + "()"}
			}
		}
	}
	return nil
}

func restOf(args []argument, taken map[int]bool, unknownArgs bool) value {
	if unknownArgs {
		return newSequence(nil, true)
	}
	var elems []value
	open := false
	for i, a := range args {
		if a.name != "" || a.dict || taken[i] {
			continue
		}
		taken[i] = true
		if !a.rest {
			elems = append(elems, a.val)
			continue
		}
		if seq, ok := a.val.(*sequence); ok {
			elems, open = append(elems, seq.elems...), open || seq.open
		} else {
			elems = append(elems, &spread{a.val})
		}
	}
	return newSequence(elems, open)
}

func namedRest(args []argument, taken map[int]bool) value {
	var keys []string
	var vals []value
	for i, a := range args {
		if a.name != "" && !taken[i] {
			keys, vals = append(keys, a.name), append(vals, a.val)
		}
	}
	return newTable(keys, vals)
}
