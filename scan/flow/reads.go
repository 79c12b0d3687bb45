package flow

// reads is what the evaluation of a function with unknown arguments took from outside of it. As long as all of that is the
// same, a further round need not evaluate the function again: most functions are the same in every round.
type reads struct {
	names  []nameRead
	calls  []callRead
	counts []countRead
	self   value
	untold bool // it took or did something that is not told here
}

// nameRead is a name that was looked up outside of the function, or in a module.
type nameRead struct {
	in   *scope // of the module; nil for the scopes around the function
	name string
	val  value // nil when nothing has the name
}

// callRead is what another function returned.
type callRead struct {
	fn  *function
	ret value
}

// countRead is how many methods bore a name.
type countRead struct {
	name string
	n    int
}

// maxReads bounds what is remembered of one function.
const maxReads = 48

// untold says that the function which is evaluated takes or does something that reads do not tell.
func (s *solver) untold() {
	if s.reads != nil {
		s.reads.untold = true
	}
}

// readName notes that a name was looked up: in a module's scope, or, with nil, around the function that is evaluated.
func (s *solver) readName(in *scope, name string, v value) {
	r := s.reads
	if r == nil || r.untold {
		return
	}
	for i := range r.names {
		if old := &r.names[i]; old.in == in && old.name == name {
			r.untold = r.untold || old.val != v
			return
		}
	}
	r.names = append(r.names, nameRead{in, name, v})
	r.untold = len(r.names) > maxReads
}

// readCall notes what another function returned. One that sees more than its unit is made anew in each round.
func (s *solver) readCall(fn *function, ret value) {
	r := s.reads
	if r == nil || r.untold {
		return
	}
	if fn.self != nil || fn.in != nil || fn.env != fn.unit.scope {
		r.untold = true
		return
	}
	for i := range r.calls {
		if old := &r.calls[i]; old.fn.fn == fn.fn {
			r.untold = r.untold || !sameOrNil(old.ret, ret)
			return
		}
	}
	r.calls = append(r.calls, callRead{fn, ret})
	r.untold = len(r.calls) > maxReads
}

// readCount notes how many methods bear a name.
func (s *solver) readCount(name string) {
	if r := s.reads; r != nil && !r.untold {
		r.counts = append(r.counts, countRead{name, len(s.methods[name])})
		r.untold = len(r.counts) > maxReads
	}
}

// unchanged reports whether all that an evaluation of a function took from outside is as it was.
func (s *solver) unchanged(r *reads, fn *function) bool {
	if r == nil || r.untold || !sameOrNil(r.self, s.receiver(fn)) {
		return false
	}
	outer := s.reads
	s.reads = nil
	defer func() { s.reads = outer }()
	around := &frame{s: s, unit: fn.unit, scope: fn.env}
	for _, n := range r.names {
		var v value
		if n.in != nil {
			v = n.in.vars[n.name]
		} else {
			v, _ = around.lookup(n.name)
		}
		if !sameOrNil(v, n.val) {
			return false
		}
	}
	for _, c := range r.counts {
		if len(s.methods[c.name]) != c.n {
			return false
		}
	}
	for _, c := range r.calls {
		if !sameOrNil(s.general(c.fn), c.ret) {
			return false
		}
	}
	return true
}
