package flow

// lookup finds a name from the inside out, then in the files that share the unit's scope.
func (f *frame) lookup(name string) (value, bool) {
	if f.scope != nil {
		if v, ok := f.scope.vars[name]; ok {
			return v, true
		}
	}
	v, ok := f.around(name)
	f.s.readName(nil, name, v)
	return v, ok
}

// around finds a name outside of the innermost scope, which is known not to have it.
func (f *frame) around(name string) (value, bool) {
	for sc := f.scope; sc != nil; sc = sc.parent {
		if v, ok := sc.vars[name]; ok {
			return v, true
		}
		if sc.of != nil && name != "" && 'A' <= name[0] && name[0] <= 'Z' {
			// A constant of where the class was opened before, or of what it extends.
			if v := f.s.found(sc.of, name, sc.of, 0); v != nil {
				return v, true
			}
		}
	}
	return f.beside(f.unit, name)
}

// beside finds a name in the files that share one scope with a unit.
func (f *frame) beside(unit *unitState, name string) (value, bool) {
	if f.s.in.Siblings == nil {
		return nil, false
	}
	for _, file := range f.s.in.Siblings(unit.file) {
		u := f.s.load(file)
		if u == nil || u == unit {
			continue
		}
		f.s.top(u)
		if v, ok := u.scope.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// set binds a name where an assignment here binds it.
func (f *frame) set(name string, v value) {
	for sc := f.scope; sc.block && sc.parent != nil; sc = sc.parent {
		if _, here := sc.vars[name]; here {
			break
		}
		if old, ok := sc.parent.vars[name]; ok {
			f.s.untold()
			sc.parent.vars[name] = either(old, v)
			return
		}
	}
	f.scope.vars[name] = v
}
