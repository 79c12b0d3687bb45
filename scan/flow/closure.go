package flow

import (
	"slices"
	"strings"
)

// closes reports whether a function makes functions that see its variables.
func closes(fn *Func) bool {
	return fn.Value != nil || slices.ContainsFunc(fn.Body, makes)
}

func makes(st Stmt) bool {
	switch st := st.(type) {
	case *Define:
		return true
	case *Return:
		return lambdas(st.Value)
	case *Do:
		return lambdas(st.X)
	case *Assign:
		return lambdas(st.Value)
	case *Branch:
		return slices.ContainsFunc(st.Arms, func(arm []Stmt) bool { return slices.ContainsFunc(arm, makes) })
	case *Loop:
		return slices.ContainsFunc(st.Body, makes)
	case *Block:
		return slices.ContainsFunc(st.Body, makes)
	}
	return false
}

// lambdas reports whether an expression is a function, or a call that is given one.
func lambdas(e Expr) bool {
	switch e := e.(type) {
	case *Func:
		return true
	case *Call:
		return e.Block != nil || slices.ContainsFunc(e.Args, func(a Arg) bool { return lambdas(a.Value) })
	}
	return false
}

// decorated is what a definition binds its name to: the function, and what decorators of the repository make of it.
func (f *frame) decorated(fn *function) value {
	var out value = fn
	for i := len(fn.fn.Decorators) - 1; i >= 0; i-- {
		d := fn.fn.Decorators[i]
		call := &Call{Pos: Pos{d.At()}, Fn: d, Args: []Arg{{Value: d}}}
		for _, o := range options(f.eval(d)) {
			switch o := o.(type) {
			case *function, *object, *class, *partial:
				if made := f.apply(o, call, []argument{{val: out, at: f.at(d)}}, nil, 0); made != nil {
					out = either(out, made)
				}
			case *external:
				fn.entered = fn.entered || entered(o.name)
			}
		}
	}
	return out
}

// entered reports whether a decorator makes a generator something that gives its one element.
func entered(name string) bool {
	name = strings.TrimSuffix(name, "()")
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "contextmanager", "asynccontextmanager", "fixture":
		return true
	}
	return false
}

// returns notes what a function gives back, or one of the elements that a generator gives.
func (f *frame) returns(st *Return) {
	if st.Value == nil {
		return
	}
	if !st.Yield {
		if v := f.eval(st.Value); v != nil {
			f.ret = append(f.ret, v)
		}
		return
	}
	if f.yields == nil {
		f.yields = map[*Return]value{}
	}
	if sp, ok := st.Value.(*Splat); ok {
		f.yields[st] = either(f.yields[st], f.eval(sp.X))
		return
	}
	f.yields[st] = either(f.yields[st], f.evalThrough(st.Value))
}

// generated is the sequence of what a generator yields, in the order in which the yields stand.
func (f *frame) generated(fn *Func) value {
	order := make([]*Return, 0, len(f.yields))
	for st := range f.yields {
		order = append(order, st)
	}
	slices.SortFunc(order, func(a, b *Return) int { return a.Value.At().Start - b.Value.At().Start })
	var elems []value
	open := false
	for _, st := range order {
		v := f.yields[st]
		if _, ok := st.Value.(*Splat); !ok {
			elems = append(elems, v)
			continue
		}
		more, isOpen := f.s.spreadOf(v)
		elems, open = append(elems, more...), open || isOpen
	}
	if f.fn.entered {
		return either(elems...)
	}
	return newSequence(elems, open)
}

// generates reports whether a function is a generator.
func generates(body []Stmt) bool {
	return slices.ContainsFunc(body, func(st Stmt) bool {
		switch st := st.(type) {
		case *Return:
			return st.Yield
		case *Branch:
			return slices.ContainsFunc(st.Arms, generates)
		case *Loop:
			return generates(st.Body)
		case *Block:
			return generates(st.Body)
		}
		return false
	})
}

// handover evaluates a call with a block and gives what the callee hands to the block: one value, or several as a list.
func (f *frame) handover(e *Handover) value {
	s := f.s
	s.untold()
	body := s.blocks[e.Call]
	if body == nil {
		body = &Func{Pos: e.Pos}
		s.blocks[e.Call] = body
		s.hands[body] = nil
	}
	args := f.arguments(e.Call.Args)
	out := []value{nil}
	for _, o := range options(f.callee(e.Call)) {
		got := f.apply(o, e.Call, args, &function{fn: body, unit: f.unit, env: f.scope, self: f.self}, 0)
		if x, ok := got.(*external); ok && x.name == shellStarted {
			out = append(out, x) // IO.popen("bash", "w") { |io| … }
		}
	}
	out[0] = s.hands[body]
	return either(out...)
}

// handed notes the arguments of a function that only stands for the block of a call, and reports whether it is one.
func (s *solver) handed(fn *function, args []argument) bool {
	old, ok := s.hands[fn.fn]
	if !ok {
		return false
	}
	if len(args) == 1 && !args[0].rest {
		s.hands[fn.fn] = either(old, args[0].val)
	} else if len(args) > 0 {
		s.hands[fn.fn] = either(old, restOf(args, map[int]bool{}, false))
	}
	return true
}
