package flow

import (
	"slices"
	"strings"
)

// call evaluates the callee, the arguments and the block, then every function that the callee can be.
func (f *frame) call(e *Call) value {
	args := f.arguments(e.Args)
	callee := f.callee(e)
	var block *function
	if e.Block != nil {
		block = f.function(e.Block)
	}
	var out []value
	for _, o := range options(callee) {
		if v := f.apply(o, e, args, block, 0); v != nil {
			out = append(out, v)
		}
	}
	if block != nil {
		f.s.queue(block)
	}
	return either(out...)
}

// callee is what a call calls. A name that no scope knows is a method of the receiver, if it has one of that name.
func (f *frame) callee(e *Call) value {
	n, ok := e.Fn.(*Name)
	if !ok {
		return f.eval(e.Fn)
	}
	if v, found := f.lookup(n.Ident); found {
		return v
	}
	if n.Ident == "super" {
		if v := f.super(); v != nil {
			return v
		}
	}
	var own []value
	for _, o := range options(f.self) {
		var c *class
		switch o := o.(type) {
		case *object:
			c = o.class
		case *class:
			c = o
		}
		if _, isClass := o.(*class); isClass && n.Ident == "new" {
			own = append(own, c)
		} else if c != nil {
			own = append(own, f.s.found(c, n.Ident, o, 0))
		}
	}
	if v := either(own...); v != nil {
		return v
	}
	return f.eval(e.Fn)
}

func (f *frame) arguments(in []Arg) []argument {
	out := make([]argument, 0, len(in))
	for _, a := range in {
		x := a.Value
		arg := argument{name: a.Name, at: f.at(x)}
		if sp, ok := x.(*Splat); ok {
			x, arg.rest, arg.dict = sp.X, !sp.Double, sp.Double
		}
		arg.val = f.evalThrough(x)
		if arg.dict {
			out = append(out, entries(arg)...)
			continue
		}
		arg.val = f.s.handOn(arg.val, arg.at)
		out = append(out, arg)
	}
	return out
}

// entries are the named arguments that a dictionary gives which is spread; what is no known dictionary stays as it is.
func entries(spread argument) []argument {
	var known *table
	for _, o := range options(spread.val) {
		if t, ok := o.(*table); ok && (known == nil || t.tainted() && !known.tainted()) {
			known = t
		}
	}
	if known == nil {
		return []argument{spread}
	}
	var out []argument
	for i, key := range known.keys {
		if key != "" {
			out = append(out, argument{name: key, val: known.vals[i], at: spread.at})
		}
	}
	return out
}

// apply calls one value. Depth bounds partials of partials.
func (f *frame) apply(callee value, e *Call, args []argument, block *function, depth int) value {
	switch c := callee.(type) {
	case *function:
		return f.callFunction(c, e, args, block)
	case *class:
		return f.construct(c, e, args)
	case *partial:
		if depth < 8 {
			var out []value
			for _, fn := range options(c.fn) {
				out = append(out, f.apply(fn, e, append(c.args[:len(c.args):len(c.args)], args...), block, depth+1))
			}
			return either(out...)
		}
	case *external:
		return f.callExternal(c, e, args, block)
	case *bound:
		return f.callMember(c, e, args, block)
	case *above: // super() names what its class extends
		return c
	case *object:
		for _, name := range []string{"__call__", "call"} {
			if m := f.s.found(c.class, name, c, 0); m != nil && depth < 8 {
				return f.apply(m, e, args, block, depth+1)
			}
		}
	case *unknown:
		f.lost("?", args)
		if len(args) == 0 {
			return c
		}
	case *text, *sequence, *table:
		// Ruby reads an attribute as a call: the value of a call without arguments on a plain value is the value.
		if len(args) == 0 {
			return c
		}
	}
	return nil
}

// PassedTo begins the step of a value that a call hands to a function.
const PassedTo = "passed to "

// callFunction follows a call into a function of the repository. With arguments that hold the program's name the body is
// evaluated for them; else what it does in general is enough.
func (f *frame) callFunction(fn *function, e *Call, args []argument, block *function) value {
	if f.s.handed(fn, args) {
		f.s.untold()
		return nil
	}
	f.s.called(fn, f.at(e))
	var general value
	if fn.env == nil || fn.env.made == "" {
		general = f.s.general(fn)
		if !f.s.telling(args) && block == nil && !f.s.narrow(fn) {
			f.s.readCall(fn, general)
			return general
		}
	}
	f.s.untold()
	args = slices.Clone(args)
	for i := range args {
		args[i].val = stepped(args[i].val, Step{f.unit.file, e.At(), PassedTo + nameOf(fn.fn) + "()"})
	}
	dir := f.entered()
	told := append(f.s.key(fn, args, block), madeBy(dir)...)
	key := keyOf(told)
	r := f.s.special[key]
	if r == nil {
		r = &result{}
		f.s.special[key] = r
	}
	if r.busy || r.done || f.s.deep(fn.fn) || f.s.spent() {
		return either(r.ret, general)
	}
	made := ""
	if len(told) < maxMade && closes(fn.fn) {
		made = string(told)
	}
	aside := !f.s.aside && !slices.ContainsFunc(args, func(a argument) bool { return f.s.runnable(a.val) })
	if (aside || f.s.aside) && f.s.spentAside() {
		return either(r.ret, f.s.general(fn))
	}
	if aside {
		f.s.aside, f.s.from = true, f.s.work
	}
	r.busy = true
	before := f.s.dir
	f.s.dir = dir
	r.ret = f.s.run(fn, args, block, &made)
	f.s.dir = before
	r.busy, r.done = false, true
	if aside {
		f.s.aside = false
		f.s.extra += f.s.work - f.s.from
	}
	if r.ret == nil {
		return general
	}
	return r.ret
}

// spentAside reports whether the work for calls that do not hold the program is used up.
func (s *solver) spentAside() bool {
	spent := s.extra
	if s.aside {
		spent += s.work - s.from
	}
	return spent > maxExtra
}

// telling reports whether the arguments say more than that there are some: one holds the program, or a function.
func (s *solver) telling(args []argument) bool {
	for _, a := range args {
		if s.rooted(a.val) || wayOf(a.val) != nil {
			return true
		}
		for _, o := range options(a.val) {
			switch o := o.(type) {
			case *function, *partial, *object, *class:
				return true
			case *external:
				if len(s.sinks[o.name]) > 0 {
					return true
				}
			}
		}
	}
	return taintedArgs(args)
}

func nameOf(fn *Func) string {
	if fn.Name == "" {
		return "a block"
	}
	return fn.Name
}

func taintedArgs(args []argument) bool {
	for _, a := range args {
		if a.val != nil && a.val.tainted() {
			return true
		}
	}
	return false
}

// called notes a call of a function by its place.
func (s *solver) called(fn *function, at place) {
	p := Place{fn.unit.file, fn.fn.At()}
	if s.callers[p] == nil {
		s.callers[p] = map[Place]bool{}
	}
	s.callers[p][Place{at.file, at.span}] = true
}

// construct makes an object of a class, and runs its constructor with the arguments.
func (f *frame) construct(c *class, e *Call, args []argument) value {
	obj := &object{c}
	for _, name := range []string{"__init__", "initialize"} {
		if m, ok := f.s.found(c, name, obj, 0).(*function); ok {
			f.callFunction(m, e, args, nil)
			return obj
		}
	}
	for _, a := range args {
		if a.name != "" {
			f.s.setAttr(c, a.name, a.val)
		}
	}
	return obj
}

// callMember calls a method of a value whose class is not of the repository: a model of the field's libraries, a sink, or
// every method of that name when nothing is known of the receiver.
func (f *frame) callMember(b *bound, e *Call, args []argument, block *function) value {
	switch b.recv.(type) {
	case *function, *partial:
		if b.name == "call" { // Ruby calls a block or lambda so
			return f.apply(b.recv, e, args, block, 1)
		}
	}
	if f.sink("*."+b.name, e, b, args) {
		return nil
	}
	if f.s.rooted(b.recv) { // its entries, for one
		b = &bound{recv: f.s.handOn(b.recv, b.at), name: b.name, at: b.at}
	}
	if m := f.s.models["*."+b.name]; m != nil {
		if v := f.model(m, b.recv, b, e, args, block); v != nil {
			return v
		}
	}
	if block != nil {
		f.callBlock(block, b.recv, e)
	}
	_, isUnknown := b.recv.(*unknown)
	f.s.readCount(b.name)
	candidates := f.s.methods[b.name]
	if !isUnknown || len(candidates) == 0 || len(candidates) > 4 {
		f.lost("*."+b.name, args)
		return nil
	}
	var out []value
	for _, m := range candidates {
		if v := f.callFunction(m, e, args, block); v != nil {
			out = append(out, v)
		}
	}
	return either(out...)
}

// callBlock evaluates a block for the elements of what it is called on.
func (f *frame) callBlock(block *function, recv value, e *Call) {
	if recv == nil || !recv.tainted() {
		return
	}
	f.handTo(block, f.element(recv, e), e)
}

func (f *frame) callExternal(x *external, e *Call, args []argument, block *function) value {
	if f.sink(x.name, e, x, args) {
		return f.started(x, args)
	}
	if m := f.s.models[x.name]; m != nil {
		if v := f.model(m, nil, nil, e, args, block); v != nil {
			return v
		}
	}
	if i := strings.LastIndexByte(x.name, '.'); i > 0 {
		recv := &external{name: x.name[:i]}
		if f.sink("*"+x.name[i:], e, recv, args) {
			return &external{name: x.name + "()"}
		}
		if m := f.s.models["*"+x.name[i:]]; m != nil && (m.Does == "call" || m.Does == "path" || m.Does == "merge" || m.Does == "update") {
			// An executor is given a function, a directory that is not known the parts of a path.
			if v := f.model(m, recv, nil, e, args, block); v != nil {
				return v
			}
		}
	}
	if x.name == "&" && f.fn != nil { // a yield in a method that is evaluated without its block
		f.s.untold()
		at := Place{f.unit.file, f.fn.fn.At()}
		f.s.yielded[at] = append(f.s.yielded[at], args...)
		return nil
	}
	f.lost(x.name, args)
	given := &external{name: x.name + "()"}
	if len(args) == 1 && args[0].name == "" {
		for _, o := range options(args[0].val) {
			switch o.(type) {
			case *function, *partial: // what decorates a function gives one that calls it
				return either(given, args[0].val)
			}
		}
	}
	return given
}
