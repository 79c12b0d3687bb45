package flow

import (
	"path"
	"strings"
)

// lost notes the arguments of a call that nothing is known of: shown to a person when the pack says that the callee does
// that, else out of sight.
func (f *frame) lost(name string, args []argument) {
	into := f.s.escaped
	if f.s.shows(name) {
		into = f.s.shown
	}
	for _, a := range args {
		mark(into, a.val, 0)
	}
}

// shows reports whether a callee, by its full name or "*.method", shows its text to a person.
func (s *solver) shows(name string) bool {
	member := "*" + name[strings.LastIndexByte(name, '.')+1:]
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		member = "*" + name[i:]
	}
	for _, pattern := range s.lang.Messages {
		if pattern == name || pattern == member {
			return true
		}
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}

// mark notes the literals of a value that hold the program.
func mark(into map[Place]bool, v value, depth int) {
	if v == nil || !v.hot() || depth > 6 {
		return
	}
	switch v := v.(type) {
	case *text:
		for i := range v.pieces {
			if p := &v.pieces[i]; p.live && p.lit != nil {
				into[Place{p.file, p.lit.Literal}] = true
			}
		}
	case *sequence:
		for _, e := range v.elems {
			mark(into, e, depth+1)
		}
	case *spread:
		mark(into, v.v, depth+1)
	case *table:
		for _, e := range v.vals {
			mark(into, e, depth+1)
		}
	case *choice:
		for _, o := range v.options {
			mark(into, o, depth+1)
		}
	}
}

// unreturned marks what functions return that nobody calls: a caller elsewhere may run it.
func (s *solver) unreturned() {
	for _, fn := range s.pending {
		r := s.results[fn.fn]
		if r != nil && len(s.callers[Place{fn.unit.file, fn.fn.At()}]) == 0 {
			mark(s.escaped, r.ret, 0)
		}
	}
}
