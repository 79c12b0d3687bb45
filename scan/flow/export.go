package flow

import (
	"slices"
	"strings"
)

// Export is a name at module level, or of a function or an attribute, whose value can be a command that runs the program.
type Export struct {
	Name, File string // the file has the value, or the class
	Method     bool   // it is called on values of which nothing else is known
}

// exportAll notes the names that are of use to other files.
func (s *solver) exportAll() {
	for _, u := range s.order {
		s.export(u.file, u.scope.vars)
	}
	for _, c := range s.classes {
		s.export(c.unit.file, c.attrs)
		for name, m := range c.methods {
			if r := s.results[m.fn]; r != nil && s.runnable(r.ret) {
				s.exports[Export{name, c.unit.file, true}] = true
			}
		}
	}
}

func (s *solver) export(file string, vars map[string]value) {
	for name, v := range vars {
		if s.exporting(v) {
			s.exports[Export{name, file, false}] = true
		}
	}
}

func (s *solver) exporting(v value) bool {
	for _, o := range options(v) {
		if s.runnable(o) {
			return true
		}
		if fn, ok := o.(*function); ok {
			if r := s.results[fn.fn]; r != nil && s.runnable(r.ret) {
				return true
			}
		}
	}
	return false
}

// runnable reports whether a value can be a command that runs the program, or a part of one.
func (s *solver) runnable(v value) bool {
	if v == nil || !v.tainted() {
		return false
	}
	switch v := v.(type) {
	case *text:
		for i := range v.pieces {
			if p := &v.pieces[i]; p.taint && (p.own || s.runs(p.text)) {
				return true
			}
		}
		return false
	case *sequence:
		return slices.ContainsFunc(v.elems, s.runnable)
	case *table:
		return slices.ContainsFunc(v.vals, s.runnable)
	case *choice:
		return slices.ContainsFunc(v.options, s.runnable)
	case *spread:
		return s.runnable(v.v)
	}
	return true
}

// runs reports whether the program's name stands in a text where a shell could take it for a command, or for the end of an
// executable's path: not in tutor-backup, tutor.example.org or /tutor/files.
func (s *solver) runs(text string) bool {
	word := s.in.Pack.Program.Name
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(word)
		if (start == 0 || before(text[start-1])) && (end == len(text) || after(text[end])) {
			return true
		}
		at = end
	}
}

// before reports whether a byte can stand before a command, and after whether it can stand behind one.
func before(c byte) bool { return c == '/' || c == '=' || c == '!' || after(c) }
func after(c byte) bool  { return c <= ' ' || strings.IndexByte("\"'`;|&()[]{}<>$\\%", c) >= 0 }
