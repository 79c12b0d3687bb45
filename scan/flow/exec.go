package flow

// frame is one activation of a function, or of a unit's top level.
type frame struct {
	s        *solver
	unit     *unitState
	fn       *function
	self     value
	scope    *scope
	in       *class // the class whose body is evaluated
	ret      []value
	last     value // the value of the last statement, for functions that return it
	implicit bool
	loops    int               // how many loops are around
	yields   map[*Return]value // what each yield of a generator gives
}

// exec evaluates statements in order. It reports whether the way ends in them, so that nothing after is reached.
func (f *frame) exec(body []Stmt) bool {
	for _, st := range body {
		if f.s.spent() {
			return true
		}
		f.last = nil
		if f.stmt(st) {
			return true
		}
	}
	return false
}

func (f *frame) stmt(st Stmt) bool {
	if f.s.nest++; f.s.nest > maxNest {
		f.s.nest--
		f.s.bounded = true
		return false
	}
	defer func() { f.s.nest-- }()
	switch st := st.(type) {
	case *Do:
		f.last = f.eval(st.X)
	case *Assign:
		f.assignment(st)
	case *Augment:
		f.augment(st)
	case *Return:
		f.returns(st)
		return !st.Yield
	case *Branch:
		return f.branch(st)
	case *Loop:
		f.loop(st)
	case *Define:
		f.define(st.Func)
	case *DefineClass:
		f.defineClass(st.Class)
	case *Import:
		f.imports(st)
	case *Block:
		return f.exec(st.Body)
	}
	return false
}

func (f *frame) assignment(st *Assign) {
	v := f.eval(st.Value)
	if v == nil && st.Type != nil {
		v = f.typed(st.Type)
	}
	if v == nil {
		v = &unknown{place{f.unit.file, st.Value.At()}}
	}
	for _, target := range st.Targets {
		if st.Default {
			if old := f.peek(target); old != nil {
				v = either(old, v)
			}
		}
		f.assign(target, v)
	}
	f.last = v
}

// peek is the value that a target has now, without a trace.
func (f *frame) peek(target Expr) value {
	if n, ok := target.(*Name); ok {
		v, _ := f.lookup(n.Ident)
		return v
	}
	if _, ok := target.(*Attr); ok {
		if v := f.eval(target); v != nil {
			if _, isUnknown := v.(*unknown); !isUnknown {
				return v
			}
		}
	}
	return nil
}

func (f *frame) augment(st *Augment) {
	more := f.eval(st.Value)
	f.entrySinks(f.entryKey(st.Target), more, st.Value, nil)
	v := f.s.added(f.eval(st.Target), more, f.viaOf(st.Target), f.viaOf(st.Value))
	f.assign(st.Target, v)
	f.last = v
}

// assign binds a target to a value.
func (f *frame) assign(target Expr, v value) {
	switch t := target.(type) {
	case *Name:
		f.set(t.Ident, stepped(v, Step{f.unit.file, t.At(), "assigned to " + t.Ident}))
	case *Attr:
		f.assignAttr(t, v)
	case *Index:
		f.assignIndex(t, v)
	case *List:
		f.unpack(t, v)
	case *Splat:
		f.assign(t.X, v)
	}
}

func (f *frame) assignAttr(t *Attr, v value) {
	v = stepped(v, Step{f.unit.file, t.At(), "assigned to " + t.Name})
	for _, o := range options(f.eval(t.X)) {
		switch o := o.(type) {
		case *object:
			f.s.setAttr(o.class, t.Name, v)
		case *class:
			f.s.setAttr(o, t.Name, v)
		case *module:
			f.s.untold()
			o.unit.scope.vars[t.Name] = either(o.unit.scope.vars[t.Name], v)
		}
	}
}

func (f *frame) assignIndex(t *Index, v value) {
	key, _ := plainOf(f.evalOrNil(t.Key))
	f.entrySinks(key, v, t, nil)
	v = f.rootEntry(key, v, t)
	for _, o := range options(f.eval(t.X)) {
		if f.own(o) {
			f.setenv(key, v)
			continue
		}
		switch o := o.(type) {
		case *table:
			keys := append(o.keys[:len(o.keys):len(o.keys)], key)
			f.assign(t.X, newTable(keys, append(o.vals[:len(o.vals):len(o.vals)], v)))
		case *sequence:
			f.assign(t.X, either(o, f.replaced(o, t.Key, v)))
		case *unknown, *external: // os.environ.copy()
			if v.tainted() || wayOf(v) != nil {
				f.assign(t.X, newTable([]string{key}, []value{v}))
			}
		}
	}
}

// replaced is a sequence with one element set; when the index is not known, any of them.
func (f *frame) replaced(o *sequence, key Expr, v value) value {
	i, ok := number(f.evalOrNil(key))
	if ok && i < 0 {
		i += len(o.elems)
	}
	if !ok || i < 0 || i >= len(o.elems) {
		return newSequence(append(o.elems[:len(o.elems):len(o.elems)], v), o.open)
	}
	elems := append([]value(nil), o.elems...)
	elems[i] = v
	return newSequence(elems, o.open)
}

func (f *frame) unpack(targets *List, v value) {
	for i, t := range targets.Elems {
		var got []value
		for _, o := range options(v) {
			seq, ok := o.(*sequence)
			if !ok {
				continue
			}
			if splat, ok := t.(*Splat); ok {
				rest := seq.elems[min(i, len(seq.elems)):max(min(i, len(seq.elems)), len(seq.elems)-(len(targets.Elems)-i-1))]
				f.assign(splat.X, newSequence(rest, seq.open))
				continue
			}
			if i < len(seq.elems) {
				got = append(got, seq.elems[i])
			}
		}
		if len(got) == 0 {
			got = []value{&unknown{place{f.unit.file, t.At()}}}
		}
		if _, ok := t.(*Splat); !ok {
			f.assign(t, either(got...))
		}
	}
}

// branch evaluates each arm from the state before it and joins what the arms that go on have made.
func (f *frame) branch(st *Branch) bool {
	for _, t := range st.Tests {
		if t != nil {
			f.eval(t)
		}
	}
	before := f.scope.vars
	f.s.work += len(before) * len(st.Arms) / 8
	var after []map[string]value
	var lasts []value
	for i, arm := range st.Arms {
		f.scope.vars = copied(before)
		if i < len(st.Other) {
			f.differ(st.Other[i])
		}
		f.last = nil
		ended := f.exec(arm)
		if f.last != nil {
			lasts = append(lasts, f.last)
		}
		if !ended {
			after = append(after, f.scope.vars)
		}
	}
	if !st.Total || len(st.Arms) == 0 {
		after = append(after, before)
	}
	f.last = either(lasts...)
	if len(after) == 0 {
		f.scope.vars = before
		return true
	}
	f.scope.vars = joinedScopes(after)
	return false
}

// differ takes the name that the script was called by out of what names can hold where they were told apart from it: a
// script that is many programs asks which it is before it runs anything.
func (f *frame) differ(names []Differ) {
	for _, d := range names {
		old := f.scope.vars[d.Name]
		if old == nil || d.Text != f.s.in.Pack.Program.Name {
			continue
		}
		var rest []value
		for _, o := range options(old) {
			if t, ok := o.(*text); ok && len(t.pieces) == 1 && t.pieces[0].own {
				o = &unknown{place{file: f.unit.file}}
			}
			rest = append(rest, o)
		}
		f.scope.vars[d.Name] = either(rest...)
	}
}

func copied(m map[string]value) map[string]value {
	out := make(map[string]value, len(m)+4)
	for k, v := range m {
		out[k] = v
	}
	return out
}

func joinedScopes(ways []map[string]value) map[string]value {
	out := ways[0]
	for _, way := range ways[1:] {
		for k, v := range way {
			if old, ok := out[k]; !ok || old != v {
				out[k] = either(out[k], v)
			}
		}
	}
	return out
}

// loop evaluates its body twice, so that what one round builds the next one sees. Loops inside it are gone through once
// each time, or the work would double with each level.
func (f *frame) loop(st *Loop) {
	var iter value
	if st.Iter != nil {
		iter = f.eval(st.Iter)
	}
	rounds := 2
	if f.loops > 0 {
		rounds = 1
	}
	f.loops++
	defer func() { f.loops-- }()
	if t := f.s.rootedTable(iter); t != nil && len(t.keys) <= maxMapped && st.Target != nil {
		for _, entry := range t.entries().elems { // the entry of the root directory is reached for certain
			f.assign(st.Target, entry)
			f.exec(st.Body)
		}
		f.last = nil
		return
	}
	for range rounds {
		before := copied(f.scope.vars)
		if st.Target != nil {
			f.assign(st.Target, f.element(iter, st.Iter))
		}
		f.exec(st.Body)
		f.scope.vars = joinedScopes([]map[string]value{before, f.scope.vars})
	}
	f.last = nil
}

// anyOf is the choice between values. One that holds the program and is more than can be kept is out of sight.
func (s *solver) anyOf(vals []value) value {
	tainted := 0
	for _, v := range vals {
		if v.tainted() {
			if tainted++; tainted > maxTainted {
				mark(s.escaped, v, 0)
			}
		}
	}
	return eitherOf(maxTainted, vals)
}

// element is any one element of a value that is looped over.
func (f *frame) element(iter value, at Expr) value {
	var out []value
	for _, o := range options(iter) {
		switch o := o.(type) {
		case *sequence:
			for _, e := range o.elems {
				if sp, ok := e.(*spread); ok {
					e = f.element(sp.v, at)
				}
				out = append(out, e)
			}
		case *table:
			out = append(out, o.entries().elems...)
		}
	}
	f.s.work += len(out) / 8
	if v := f.s.anyOf(out); v != nil {
		return v
	}
	if at == nil {
		return &unknown{}
	}
	return &unknown{place{f.unit.file, at.At()}}
}

func (f *frame) define(def *Func) {
	fn := f.function(def)
	decorated := f.decorated(fn)
	f.last = nil
	if f.in != nil {
		f.in.methods[def.Name] = fn
		f.s.note(def.Name, fn)
		f.s.queue(fn)
		return
	}
	if c, ok := f.self.(*class); ok && def.Static && f.fn == nil {
		c.methods[def.Name] = fn
	}
	f.scope.vars[def.Name] = decorated
	f.s.note(def.Name, fn)
	f.s.queue(fn)
}

// function is a function's value where it stands, with the receiver that a method defined here has.
func (f *frame) function(def *Func) *function {
	if !f.unit.unit.Traits.OwnNames || f.scope.parent != f.unit.scope { // its body may assign to the names around it
		f.s.untold()
	}
	fn := &function{fn: def, unit: f.unit, env: f.scope, self: f.self, in: f.in}
	if f.in != nil {
		fn.self = &object{f.in}
		if def.Static {
			fn.self = f.in
		}
	}
	return fn
}

// note lists a method by its name, for calls whose receiver is not known.
func (s *solver) note(name string, fn *function) {
	if fn.in == nil {
		return
	}
	for _, m := range s.methods[name] {
		if m.fn == fn.fn {
			return
		}
	}
	s.methods[name] = append(s.methods[name], fn)
}

func (f *frame) imports(st *Import) {
	f.s.untold()
	file, ok := f.s.in.Resolve(f.unit.file, st.Module)
	var u *unitState
	if ok {
		if u = f.s.load(file); u != nil {
			f.s.top(u)
		}
	}
	if st.As != "" {
		if u != nil {
			f.scope.vars[st.As] = &module{u}
		} else {
			f.scope.vars[st.As] = &external{name: st.Module}
		}
	}
	for _, n := range st.Names {
		v := f.imported(u, st.Module, n.Name)
		if x, ok := v.(*external); ok && n.At.Len() > 0 && n.As != n.Name {
			v = &external{name: x.name, at: place{f.unit.file, n.At}}
		}
		f.scope.vars[n.As] = v
	}
	if st.Star && u != nil {
		for name, v := range u.scope.vars {
			if _, taken := f.scope.vars[name]; !taken {
				f.scope.vars[name] = v
			}
		}
	}
}

// imported is the value of one name taken from a module: a name of the unit, or a unit of its own inside the package.
func (f *frame) imported(u *unitState, mod, name string) value {
	if u != nil {
		if v, ok := u.scope.vars[name]; ok {
			return v
		}
	}
	sep := "."
	if len(mod) > 0 && mod[len(mod)-1] == '.' {
		sep = ""
	}
	if file, ok := f.s.in.Resolve(f.unit.file, mod+sep+name); ok {
		if sub := f.s.load(file); sub != nil {
			f.s.top(sub)
			return &module{sub}
		}
	}
	return &external{name: mod + "." + name}
}
