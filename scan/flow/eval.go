package flow

import (
	"slices"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// eval is what an expression can be. It is never nil for an expression.
func (f *frame) eval(e Expr) value {
	if e == nil {
		return nil
	}
	f.s.work++
	if f.s.nest++; f.s.nest > maxNest {
		f.s.nest--
		f.s.bounded = true
		return &unknown{f.at(e)}
	}
	v := f.value(e)
	f.s.nest--
	if v != nil && sizeOf(v) > maxSize {
		f.s.bounded = f.s.bounded || v.tainted() // what does not hold the program is no loss
		return &unknown{f.at(e)}
	}
	if x, ok := v.(*external); ok && f.linked() && slices.Contains(f.s.lang.OwnName, x.name) {
		return f.ownName(e)
	}
	if v == nil {
		return &unknown{f.at(e)}
	}
	return v
}

// linked reports whether a link that bears the program's name leads to the file that is evaluated.
func (f *frame) linked() bool { return f.s.in.Linked != nil && f.s.in.Linked(f.unit.file) }

// ownName is the name that the script was called by, which is the program's when it is called through the link.
func (f *frame) ownName(e Expr) value {
	name := f.s.in.Pack.Program.Name
	var render source.Map
	render.Append(source.Segment{Len: len(name), Host: e.At().Start, HostLen: e.At().Len(), Atomic: true})
	return &text{[]piece{{text: name, render: render, file: f.unit.file, taint: true, own: true}}}
}

func (f *frame) at(e Expr) place { return place{f.unit.file, e.At()} }

func (f *frame) evalOrNil(e Expr) value {
	if e == nil {
		return nil
	}
	return f.eval(e)
}

func (f *frame) value(e Expr) value {
	switch e := e.(type) {
	case *Lit:
		return f.literal(e)
	case *Join:
		return f.join(e)
	case *List:
		return f.list(e)
	case *Dict:
		return f.dict(e)
	case *Name:
		return f.taken(f.name(e), e)
	case *Attr:
		return f.taken(f.attr(e), e)
	case *Index:
		return f.index(e)
	case *Add:
		return f.s.added(f.used(f.eval(e.X), e.X), f.used(f.eval(e.Y), e.Y), f.viaOf(e.X), f.viaOf(e.Y))
	case *Format:
		return f.format(e)
	case *Call:
		return f.call(e)
	case *Alt:
		return f.alt(e)
	case *Func:
		fn := f.function(e)
		f.s.queue(fn)
		return fn
	case *Class:
		f.defineClass(e)
		return f.scope.vars[e.Name]
	case *Run:
		f.s.runText(e, f.unit.file, f.eval(e.Text))
	case *Handover:
		return f.handover(e)
	case *Splat:
		f.eval(e.X)
	case *Opaque:
		for _, p := range e.Parts {
			f.eval(p)
		}
	}
	return nil
}

func (f *frame) literal(e *Lit) value {
	return &text{[]piece{{text: e.Text, render: e.Map, file: f.unit.file, lit: e, taint: f.s.names(e.Text)}}}
}

func (f *frame) join(e *Join) value {
	parts := make([]part, len(e.Parts))
	for i, p := range e.Parts {
		parts[i] = part{f.used(f.eval(p), p), f.viaOf(p)}
	}
	return f.s.joined(parts)
}

func (f *frame) list(e *List) value {
	var elems []value
	open := false
	for _, x := range e.Elems {
		if sp, ok := x.(*Splat); ok {
			more, isOpen := f.s.spreadOf(f.used(f.eval(sp.X), sp.X))
			elems, open = append(elems, more...), open || isOpen
			continue
		}
		elems = append(elems, f.evalThrough(x))
	}
	return newSequence(elems, open)
}

// UsedHere is the step of a name that is itself the program's, where its value is taken.
const UsedHere = "used here"

// used notes where a name that reads as the program's is used: it is an occurrence of the word that a report must explain.
func (f *frame) used(v value, x Expr) value {
	ident := ""
	at := x.At()
	switch x := x.(type) {
	case *Name:
		ident = x.Ident
	case *Attr:
		ident = x.Name
		at.Start = at.End - len(ident)
	}
	if !strings.EqualFold(strings.TrimLeft(ident, "@$"), f.s.in.Pack.Program.Name) {
		return v
	}
	return stepped(v, Step{f.unit.file, at, UsedHere})
}

// spreadOf is the elements of a value that is spread into a list.
func (s *solver) spreadOf(v value) ([]value, bool) {
	switch v := v.(type) {
	case *sequence:
		return v.elems, v.open
	case *choice:
		var found *sequence
		tainted := 0
		for _, o := range v.options {
			if seq, ok := o.(*sequence); ok && (seq.taint || !v.taint) {
				if found == nil {
					found = seq
				}
				if seq.taint {
					tainted++
				} else if !found.rooted() && seq.rooted() {
					found = seq // docker's words, with -e and the root directory among them
				}
			}
		}
		if found != nil && tainted < 2 {
			return found.elems, found.open
		}
	}
	if v == nil {
		return nil, true
	}
	return []value{&spread{v}}, false
}

func (f *frame) dict(e *Dict) value {
	type entry struct {
		key string
		val value
		at  Expr
	}
	var keys []string
	var vals []value
	var own []entry
	for i, k := range e.Keys {
		v := f.eval(e.Vals[i])
		if k == nil {
			for _, o := range options(f.s.handOn(v, f.at(e.Vals[i]))) {
				if t, ok := o.(*table); ok {
					keys, vals = append(keys, t.keys...), append(vals, t.vals...)
				}
			}
			continue
		}
		key, _ := plainOf(f.eval(k))
		if via := f.viaOf(e.Vals[i]); via != nil {
			v = f.s.through(v, via)
		}
		keys, vals = append(keys, key), append(vals, f.rootEntry(key, v, e.Vals[i]))
		own = append(own, entry{key, v, e.Vals[i]})
	}
	root := f.variablesRoot(keys, vals)
	for _, o := range own {
		f.entrySinks(o.key, o.val, o.at, root)
	}
	return newTable(keys, vals)
}

func (f *frame) name(e *Name) value {
	if v, ok := f.lookup(e.Ident); ok {
		if u, isUnknown := v.(*unknown); isUnknown {
			_ = u
			return &unknown{f.at(e)}
		}
		return v
	}
	if e.Ident == "self" {
		return f.self
	}
	return &external{name: e.Ident}
}

func (f *frame) attr(e *Attr) value {
	x := f.eval(e.X)
	var out []value
	for _, o := range options(x) {
		out = append(out, f.member(o, e))
	}
	v := either(out...)
	if _, isUnknown := v.(*unknown); isUnknown {
		return &unknown{f.at(e)}
	}
	return v
}

// member is X.name for one value of X.
func (f *frame) member(x value, e *Attr) value {
	switch x := x.(type) {
	case *module:
		if v, ok := x.unit.scope.vars[e.Name]; ok {
			f.s.readName(x.unit.scope, e.Name, v)
			return v
		}
		f.s.untold()
		if v, ok := f.beside(x.unit, e.Name); ok {
			return v
		}
		return f.imported(x.unit, unitModule(x.unit), e.Name)
	case *external:
		at := x.at
		if e.Name == f.s.in.Pack.Program.Name {
			at = place{f.unit.file, source.Span{Start: e.At().End - len(e.Name), End: e.At().End}}
		}
		return &external{name: x.name + "." + e.Name, at: at}
	case *text:
		if e.Name == "value" { // of an enumeration's member
			return x
		}
		if m := f.s.models["*."+e.Name]; m != nil && m.Does == "base" {
			return f.base(x, e)
		}
	case *object:
		if v := f.s.found(x.class, e.Name, x, 0); v != nil {
			return f.read(v)
		}
		if v := f.below(x.class, e.Name, 0); v != nil { // the receiver may be of a class that extends this one
			return v
		}
		if e.Name == "value" {
			if v := x.class.members(); v != nil {
				return v
			}
		}
	case *unknown:
		if e.Name == "value" {
			if v := f.s.enumerated(); v != nil {
				return either(v, &bound{recv: x, name: e.Name, at: f.at(e.X)})
			}
		}
		if v := f.s.environmentOf(e.Name); v != nil {
			return v
		}
	case *above:
		if v := f.s.inherited(x, e.Name); v != nil {
			return f.read(v)
		}
	case *class:
		if e.Name == "new" {
			return x
		}
		if v := f.s.found(x, e.Name, x, 0); v != nil {
			return f.read(v)
		}
	}
	return &bound{recv: x, name: e.Name, at: f.at(e.X)}
}

// below is a member of the classes that extend a class.
func (f *frame) below(c *class, name string, depth int) value {
	if depth > maxBases {
		return nil
	}
	var out []value
	for i, sub := range c.below {
		if i == maxReceivers {
			break
		}
		if v := f.s.found(sub, name, &object{sub}, maxBases); v != nil {
			out = append(out, f.read(v))
		} else if v := f.below(sub, name, depth+1); v != nil {
			out = append(out, v)
		}
	}
	return either(out...)
}

// read is the value of a member: a property is called.
func (f *frame) read(v value) value {
	if fn, ok := v.(*function); ok && fn.fn.Property {
		if r := f.s.general(fn); r != nil {
			return r
		}
	}
	return v
}

func unitModule(u *unitState) string { return "./" + u.file }

func (f *frame) index(e *Index) value {
	x := f.eval(e.X)
	key := f.evalOrNil(e.Key)
	from, to := f.evalOrNil(e.From), f.evalOrNil(e.To)
	var out []value
	for _, o := range options(x) {
		switch o := o.(type) {
		case *sequence:
			out = append(out, elementsAt(o, e, key, from, to))
		case *table:
			k, known := plainOf(key)
			if !known {
				k = ""
			}
			if v, ok := o.get(k); ok {
				out = append(out, v)
			}
		case *function, *partial: // Ruby calls a lambda so
			if p, ok := o.(*partial); ok {
				if v := f.rebound(p, e, key); v != nil {
					out = append(out, v)
					continue
				}
			}
			if e.Key != nil {
				call := &Call{Pos: e.Pos, Fn: e.X}
				out = append(out, f.apply(o, call, []argument{{val: key, at: f.at(e.Key)}}, nil, 1))
			}
		case *external:
			if k, ok := plainOf(key); ok && slices.Contains(f.s.lang.OwnName, o.name+"["+k+"]") {
				out = append(out, &external{name: o.name + "[" + k + "]"})
			} else if v := f.indexed(o, e, key); v != nil {
				out = append(out, v)
			}
		}
	}
	return either(out...)
}

func elementsAt(o *sequence, e *Index, key, from, to value) value {
	if e.Key == nil {
		lo, okLo := number(from)
		hi, okHi := number(to)
		if e.From == nil {
			lo, okLo = 0, true
		}
		if e.To == nil {
			hi, okHi = len(o.elems), true
		}
		if !okLo || !okHi || lo < 0 || hi < lo || hi > len(o.elems) {
			return o
		}
		return newSequence(o.elems[lo:hi], o.open)
	}
	if i, ok := number(key); ok {
		if i < 0 {
			i += len(o.elems)
		}
		if i >= 0 && i < len(o.elems) {
			return o.elems[i]
		}
		return nil
	}
	return eitherOf(maxTainted, o.elems)
}

// number is the value of a literal integer, which front ends lower as its text.
func number(v value) (int, bool) {
	s, ok := plainOf(v)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func (f *frame) alt(e *Alt) value {
	if e.Test != nil {
		f.eval(e.Test)
	}
	var out []value
	before := f.scope.vars
	for i, o := range e.Options {
		if i < len(e.Other) && len(e.Other[i]) > 0 {
			f.scope.vars = copied(before)
			f.differ(e.Other[i])
		}
		out = append(out, f.eval(o))
		if i < len(e.Other) && len(e.Other[i]) > 0 {
			f.scope.vars = before
		}
	}
	return either(out...)
}

// added is x + y: texts are joined, lists are put one after the other.
func (s *solver) added(x, y value, viaX, viaY *place) value {
	var out []value
	all, other := options(x), 1
	if len(options(y)) > 1 {
		other = maxOptions / maxFactor
	}
	for _, a := range s.factors(all, other) {
		for _, b := range s.factors(options(y), min(len(all), maxFactor)) {
			out = append(out, s.added1(a, b, viaX, viaY))
		}
	}
	return eitherOf(maxTainted, out)
}

func (s *solver) added1(a, b value, viaX, viaY *place) value {
	sa, aSeq := a.(*sequence)
	sb, bSeq := b.(*sequence)
	switch {
	case aSeq && bSeq:
		s.work += len(sa.elems) + len(sb.elems)
		return newSequence(append(sa.elems[:len(sa.elems):len(sa.elems)], sb.elems...), sa.open || sb.open)
	case aSeq:
		return newSequence(append(sa.elems[:len(sa.elems):len(sa.elems)], &spread{b}), sa.open)
	case bSeq:
		return newSequence(append([]value{&spread{a}}, sb.elems...), sb.open)
	}
	_, aText := a.(*text)
	_, bText := b.(*text)
	if !aText && !bText {
		return a
	}
	return s.joined([]part{{a, viaX}, {b, viaY}})
}
