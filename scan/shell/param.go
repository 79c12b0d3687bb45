package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// param is every value of a parameter expansion.
func (r *reader) param(p *syntax.ParamExp, quote byte) []option {
	if p.Index != nil {
		r.inside(p.Index)
	}
	if p.Param != nil {
		r.variableName(p.Param)
	}
	if p.Param == nil || p.Length || p.Width || p.IsSet || p.Names != 0 {
		r.within(p)
		return []option{{fields: []field{r.t.hole(span(p))}}}
	}
	name := p.Param.Value
	if p.Param.Value == "0" && !r.t.apart {
		return r.self(p)
	}
	options, open := r.values(name, p)
	if p.Excl {
		options, open = r.indirect(options)
	}
	if p.Slice != nil {
		options = sliced(options, p.Slice, name)
		r.inside(p.Slice.Offset)
		if p.Slice.Length != nil {
			r.inside(p.Slice.Length)
		}
	}
	if p.Exp != nil {
		return r.expansion(p, options, open, quote)
	}
	if p.Repl != nil {
		r.single(p.Repl.Orig)
		r.single(p.Repl.With)
		options, open = nil, true
	}
	return r.orHole(options, open, p)
}

// within visits the words of an expansion whose value is not followed.
func (r *reader) within(p *syntax.ParamExp) {
	if p.Exp != nil && p.Exp.Word != nil {
		r.single(p.Exp.Word)
	}
}

// orHole is the options, or an unknown value when there is none.
func (r *reader) orHole(options []option, open bool, p *syntax.ParamExp) []option {
	if len(options) > 0 {
		return options
	}
	f := r.t.hole(span(p))
	name := p.Param.Value
	f.Many = name == "@" || name == "*" || everyElement(p)
	return []option{{fields: []field{f}, array: f.Many}}
}

// everyElement reports whether the expansion is all of an array.
func everyElement(p *syntax.ParamExp) bool {
	w, ok := p.Index.(*syntax.Word)
	return ok && (w.Lit() == "@" || w.Lit() == "*")
}

// values are the values that a parameter is known to hold, and whether others are possible.
func (r *reader) values(name string, p *syntax.ParamExp) ([]option, bool) {
	switch {
	case name == "@" || name == "*":
		if r.st.argsOpen && len(r.st.args) == 0 || tooLong(r.st.args) {
			return nil, true
		}
		return []option{{fields: r.st.args, array: true}}, r.st.argsOpen
	case name[0] >= '0' && name[0] <= '9':
		n, _ := strconv.Atoi(name)
		if n < 1 || n > len(r.st.args) || slices.ContainsFunc(r.st.args[:n], func(f field) bool { return f.Many }) {
			return nil, true
		}
		return []option{{fields: r.st.args[n-1 : n]}}, r.st.argsOpen
	}
	v := r.st.vars[r.referred(name)]
	if v == nil {
		return r.hostVariable(name)
	}
	var out []option
	for _, a := range v.alts {
		if !tooLong(a.fields) {
			out = append(out, pick(a, p)...)
		}
	}
	return out, v.open || len(out) < len(v.alts)
}

// The bounds on a value: a longer one is not followed, because a value that is put together from itself doubles.
const (
	maxValue = 1 << 12 // bytes
	maxList  = 1 << 9  // words
)

func tooLong(fields []field) bool {
	n := 0
	for _, f := range fields {
		n += len(f.Text)
	}
	return n > maxValue || len(fields) > maxList
}

// pick is the part of a value that an expansion names.
func pick(a alternative, p *syntax.ParamExp) []option {
	if !a.array {
		return []option{{fields: a.fields}}
	}
	if everyElement(p) {
		return []option{{fields: a.fields, array: true}}
	}
	if len(a.fields) == 0 {
		return nil
	}
	w, _ := p.Index.(*syntax.Word)
	if p.Index == nil {
		return []option{{fields: a.fields[:1]}}
	}
	if w != nil {
		if n, err := strconv.Atoi(w.Lit()); err == nil && n >= 0 && n < len(a.fields) {
			return []option{{fields: a.fields[n : n+1]}}
		}
	}
	var out []option // an index that is not known: any element
	for i := range a.fields {
		if len(out) < maxAlternatives {
			out = append(out, option{fields: a.fields[i : i+1]})
		}
	}
	return out
}

// sliced drops the elements before a constant offset: "${@:2}".
func sliced(options []option, s *syntax.Slice, name string) []option {
	w, ok := s.Offset.(*syntax.Word)
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(w.Lit())
	if err != nil || n < 0 {
		return nil
	}
	if (name == "@" || name == "*") && n > 0 {
		n-- // the positional parameters count from 1
	}
	var out []option
	for _, o := range options {
		if o.array && n <= len(o.fields) {
			out = append(out, option{fields: o.fields[n:], array: true})
		}
	}
	return out
}

// indirect is the value of the variables that the options name.
func (r *reader) indirect(options []option) ([]option, bool) {
	var out []option
	for _, o := range options {
		if len(o.fields) != 1 || r.st.vars[o.fields[0].Text] == nil {
			continue
		}
		for _, a := range r.st.vars[o.fields[0].Text].alts {
			out = append(out, option(a))
		}
	}
	return out, true
}

// expansion is the value of ${name:-word} and its kin.
func (r *reader) expansion(p *syntax.ParamExp, options []option, open bool, quote byte) []option {
	switch p.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		given := r.optional(p.Exp.Word, quote)
		if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
			r.assignDefault(p.Param.Value, given, options)
		}
		if len(options)+len(given) == 0 {
			return r.orHole(nil, open, p)
		}
		return append(slices.Clip(options), given...)
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		return append(r.optional(p.Exp.Word, quote), option{})
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		for _, f := range r.single(p.Exp.Word) {
			r.note(f, messageNote)
		}
		return r.orHole(options, open, p)
	}
	var pattern string
	for _, f := range r.single(p.Exp.Word) {
		r.note(f, patternNote)
		pattern = f.Text
	}
	var out []option
	for _, o := range options {
		out = append(out, trimmed(o, p.Exp.Op, pattern))
	}
	return r.orHole(out, open, p)
}

// trimmed is a value with a prefix or suffix taken off: exact for the last element of a path and its directory, and the
// value itself for other patterns, because what is trimmed is seldom the program.
func trimmed(o option, op syntax.ParExpOperator, pattern string) option {
	if len(o.fields) != 1 || o.array {
		return o
	}
	f := o.fields[0]
	slash := strings.LastIndexByte(f.Text, '/')
	switch {
	case op == syntax.RemLargePrefix && pattern == "*/" && slash >= 0:
		return option{fields: []field{f.cut(source.Span{Start: slash + 1, End: len(f.Text)})}}
	case op == syntax.RemSmallSuffix && pattern == "/*" && slash >= 0:
		return option{fields: []field{f.cut(source.Span{End: slash})}}
	}
	return o
}

// optional is the value of the word in an expansion; nothing when it is not there.
func (r *reader) optional(w *syntax.Word, quote byte) []option {
	if w == nil {
		return []option{{fields: []field{{}}}}
	}
	var out []option
	if quote == 0 {
		for _, fields := range r.expand(w) {
			out = append(out, option{fields: fields, array: len(fields) != 1})
		}
		return out
	}
	alts := r.parts(w.Parts, []partial{{}}, quote)
	for _, a := range alts {
		out = append(out, option{fields: append(slices.Clip(a.done), a.cur), array: len(a.done) > 0})
	}
	return out
}

// assignDefault gives a variable its default: ${name:=word}.
func (r *reader) assignDefault(name string, given, known []option) {
	v := variable{open: true, how: "variable"}
	for _, o := range append(slices.Clip(known), given...) {
		v.alts = append(v.alts, alternative(o))
	}
	r.assign(name, v)
	for _, o := range given {
		r.defined(name, "variable", o.fields, false)
	}
}

// self is the script's own name.
func (r *reader) self(p *syntax.ParamExp) []option {
	if p.Exp != nil {
		r.within(p)
		if p.Exp.Op == syntax.RemLargePrefix {
			return r.selfAt(span(p))
		}
	}
	f := r.t.hole(span(p))
	f.self = true
	return []option{{fields: []field{f}}}
}

// selfAt is the names of the links that point to the script, where the expression in s stands for its own name.
func (r *reader) selfAt(s source.Span) []option {
	var out []option
	for _, link := range r.opt.Links {
		f := r.t.hole(s)
		f.Text, f.Holes, f.self = link, nil, true
		f.Map.Segments[0].Len = len(link)
		out = append(out, option{fields: []field{f}})
	}
	if len(out) == 0 {
		f := r.t.hole(s)
		f.self = true
		out = append(out, option{fields: []field{f}})
	}
	return out
}
