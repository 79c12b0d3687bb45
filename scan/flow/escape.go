package flow

import (
	"path"
	"strings"
)

// messages are the calls of a language that show their text to a person, ready to be asked for.
type messages struct {
	whole   map[string]bool // full names
	members map[string]bool // names of methods of any receiver
	globs   []string
}

func newMessages(patterns []string) messages {
	m := messages{whole: map[string]bool{}, members: map[string]bool{}}
	for _, p := range patterns {
		member, isMember := strings.CutPrefix(p, "*.")
		switch {
		case strings.HasSuffix(p, "="): // the name of an argument, not of a call
		case isMember && !strings.ContainsAny(member, "*?[\\."):
			m.members[member] = true
		case strings.ContainsAny(p, "*?[\\"):
			m.globs = append(m.globs, p)
		default:
			m.whole[p] = true
		}
	}
	return m
}

// show reports whether a callee, by its full name or "*.method", shows its text to a person.
func (m messages) show(name string) bool {
	if i := strings.LastIndexByte(name, '.'); m.whole[name] || i >= 0 && m.members[name[i+1:]] {
		return true
	}
	for _, p := range m.globs {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}

// lost notes the arguments of a call that nothing is known of: shown to a person when the pack says that the callee does
// that, else out of sight, unless the pack says that the callee runs nothing.
func (f *frame) lost(name string, args []argument) {
	if !taintedArgs(args) || f.s.inert.show(name) {
		return
	}
	into := f.s.escaped
	if f.s.messages.show(name) {
		into = f.s.shown
	}
	for _, a := range args {
		mark(into, a.val, 0)
	}
}

// mark notes the literals of a value that hold the program.
func mark(into map[Place]bool, v value, depth int) {
	if v == nil || !v.tainted() || depth > 6 {
		return
	}
	switch v := v.(type) {
	case *text:
		for i := range v.pieces {
			if p := &v.pieces[i]; p.taint && p.lit != nil {
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

// unreturned marks what functions return, or hand to a block, that nobody calls: a caller elsewhere may run it.
func (s *solver) unreturned() {
	for _, fn := range s.pending {
		r := s.results[fn.fn]
		if r != nil && len(s.callers[Place{fn.unit.file, fn.fn.At()}]) == 0 {
			mark(s.escaped, r.ret, 0)
		}
	}
	for at, args := range s.yielded {
		if len(s.callers[at]) == 0 {
			for _, a := range args {
				mark(s.escaped, a.val, 0)
			}
		}
	}
}
