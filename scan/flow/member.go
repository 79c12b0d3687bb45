package flow

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// memberOf is the sink of the form "sh.*" that holds a full name, and the members below it: a program and its first words.
func (s *solver) memberOf(name string) (*rules.Sink, []string) {
	for i := strings.LastIndexByte(name, '.'); i > 0; i = strings.LastIndexByte(name[:i], '.') {
		if list := s.sinks[name[:i]+".*"]; len(list) > 0 && name[:i] != "*" {
			words := strings.Split(name[i+1:], ".")
			if slices.ContainsFunc(words, func(w string) bool { return strings.ContainsAny(w, "()[]") }) {
				return nil, nil // a member of what such a command gave
			}
			return list[0], words
		}
	}
	return nil, nil
}

// memberCalled notes the command of a call of a member that is a program, and reports whether the callee is one.
func (f *frame) memberCalled(x *external, e *Call, args []argument) bool {
	sk, words := f.s.memberOf(x.name)
	if sk == nil {
		return false
	}
	rest := f.wordsFrom(args, 0).(*sequence)
	f.emitMember(sk, words, x, e.Fn, Place{f.unit.file, e.At()}, rest, f.rootOf(sk, args))
	return true
}

// emitMember notes the command that begins with the names of members, as they are written in the callee.
func (f *frame) emitMember(sk *rules.Sink, members []string, x *external, callee Expr, at Place, rest *sequence, root *root) {
	var words []value
	for i, w := range members {
		p := piece{text: w, taint: f.s.names(w), file: f.unit.file}
		span := memberSpan(callee, len(members)-1-i, w)
		if span.Len() == 0 && p.taint && x.at.span.Len() >= len(w) { // it goes by another name here
			p.file, span = x.at.file, source.Span{Start: x.at.span.End - len(w), End: x.at.span.End}
		}
		if span.Len() > 0 {
			p.render = source.Identity(span.Start, len(w))
		} else {
			p.taint = false
		}
		words = append(words, &text{[]piece{p}})
	}
	f.s.emitWords(sk, at, newSequence(append(words, rest.elems...), rest.open), root)
}

// memberSpan is where a member's name stands in a callee, the given number of dots before its end; empty when the
// callee is written otherwise.
func memberSpan(callee Expr, before int, name string) source.Span {
	for ; before > 0; before-- {
		at, ok := callee.(*Attr)
		if !ok {
			return source.Span{}
		}
		callee = at.X
	}
	switch x := callee.(type) {
	case *Index:
		return memberSpan(x.X, before, name)
	case *Attr:
		if x.Name == name {
			return source.Span{Start: x.At().End - len(name), End: x.At().End}
		}
	case *Name:
		if x.Ident == name || strings.HasSuffix(x.Ident, "."+name) {
			return source.Span{Start: x.At().End - len(name), End: x.At().End}
		}
	}
	return source.Span{}
}

// indexed notes a program that is taken from a table of programs, plumbum.local["tutor"], or that is given words by an
// index, plumbum.cmd.tutor["config", "save"]. It gives the program with the words bound.
func (f *frame) indexed(x *external, e *Index, key value) value {
	if key == nil {
		return nil
	}
	given := []argument{{val: key, at: f.at(e.Key)}}
	if seq, ok := key.(*sequence); ok {
		given = []argument{{val: seq, at: f.at(e.Key), rest: true}}
	}
	if list := f.s.sinks[x.name+"[]"]; len(list) > 0 {
		program := &partial{fn: &external{name: x.name + "[]"}, args: given}
		f.boundWords(program, e)
		return program
	}
	if sk, members := f.s.memberOf(x.name); sk != nil {
		rest := f.wordsFrom(given, 0).(*sequence)
		f.emitMember(sk, members, x, e.X, Place{f.unit.file, e.At()}, rest, nil)
		return &partial{fn: x, args: given}
	}
	return nil
}

// rebound is a program that an index gave words, with those of another index; nil for any other partial.
func (f *frame) rebound(p *partial, e *Index, key value) value {
	x, ok := p.fn.(*external)
	if !ok || key == nil || len(f.s.sinks[x.name]) == 0 || !strings.HasSuffix(x.name, "[]") {
		return nil
	}
	more := argument{val: key, at: f.at(e.Key)}
	if seq, ok := key.(*sequence); ok {
		more = argument{val: seq, at: f.at(e.Key), rest: true}
	}
	program := &partial{fn: p.fn, args: append(p.args[:len(p.args):len(p.args)], more)}
	f.boundWords(program, e)
	return program
}

// boundWords notes the command that a program and the words bound to it make, which may run without a call: a pipeline.
func (f *frame) boundWords(p *partial, e *Index) {
	for _, sk := range f.s.sinks[p.fn.(*external).name] {
		f.s.emitWords(sk, Place{f.unit.file, e.At()}, f.wordsFrom(p.args, sk.At), nil)
	}
}
