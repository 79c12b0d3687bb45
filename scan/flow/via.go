package flow

// viaOf is the place of an expression that is not itself literal text, nil for one that is.
func (f *frame) viaOf(e Expr) *place {
	switch e.(type) {
	case *Lit, *Join, *Format, *Add:
		return nil
	}
	p := f.at(e)
	return &p
}

// element1 is one element's value, which remembers the expression that it came through.
func (f *frame) element1(x Expr) value {
	v := f.eval(x)
	via := f.viaOf(x)
	if via == nil {
		return v
	}
	return f.s.through(f.used(v, x), via)
}

// through is a value whose texts remember the expression that they came through.
func (s *solver) through(v value, via *place) value {
	switch v := v.(type) {
	case *text:
		return &text{s.piecesOf(v, part{v, via})}
	case *bound:
		if via != nil {
			return &bound{recv: v.recv, name: v.name, at: v.at, expr: *via}
		}
	case *external:
		if via != nil {
			return &external{name: v.name, at: v.at, expr: *via}
		}
	case *choice:
		out := *v
		out.options = make([]value, len(v.options))
		for i, o := range v.options {
			out.options[i] = s.through(o, via)
		}
		return &out
	}
	return v
}
