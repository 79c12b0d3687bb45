package flow

import (
	"maps"
	"slices"
	"strings"
)

func (f *frame) defineClass(def *Class) {
	f.s.untold()
	var c *class
	if old, ok := f.scope.vars[def.Name].(*class); ok {
		c = old
	} else if old := f.opened(def.Name); old != nil {
		c = old
	} else if old := f.s.defined(def); old != nil { // a class in a class, whose scope is made anew in each round
		c = old
	} else {
		c = &class{def: def, unit: f.unit, attrs: map[string]value{}, methods: map[string]*function{}}
		f.s.classes = append(f.s.classes, c)
		if f.in == nil && f.fn == nil {
			f.s.opens[def.Name] = c
		}
	}
	for _, b := range def.Bases {
		f.extend(c, f.eval(b))
	}
	f.scope.vars[def.Name] = c
	if f.in != nil {
		f.in.attrs[def.Name] = c
	}
	body := &scope{vars: map[string]value{}, parent: f.scope, unit: f.unit, of: c}
	inner := &frame{s: f.s, unit: f.unit, scope: body, self: c, in: c}
	inner.exec(def.Body)
	c.env = body
	for name, v := range body.vars {
		if _, isFunc := v.(*function); !isFunc {
			f.s.setAttr(c, name, v)
		}
	}
}

// opened is the class of a name that another file, or an earlier part of this one, has opened, where a language has one of each name.
func (f *frame) opened(name string) *class {
	if !f.unit.unit.Traits.Reopens || f.fn != nil {
		return nil
	}
	if f.in == nil {
		return f.s.opens[name]
	}
	for _, o := range options(f.in.attrs[name]) {
		if c, ok := o.(*class); ok {
			return c
		}
	}
	return nil
}

// defined is the class that a definition made in an earlier round; nil in the first.
func (s *solver) defined(def *Class) *class {
	for _, c := range s.classes {
		if c.def == def {
			return c
		}
	}
	return nil
}

// setAttr adds a value to what an attribute of a class's objects can be.
func (s *solver) setAttr(c *class, name string, v value) {
	old := c.attrs[name]
	if joined := either(old, v); !sameOrNil(joined, old) {
		c.attrs[name] = joined
		s.grown(joined)
	}
}

// members are what the members of an enumeration can be; nil for any other class.
func (c *class) members() value {
	if !slices.ContainsFunc(c.bases, func(b value) bool {
		x, ok := b.(*external)
		return ok && strings.HasPrefix(x.name, "enum.")
	}) {
		return nil
	}
	var out []value
	for _, name := range slices.Sorted(maps.Keys(c.attrs)) {
		out = append(out, c.attrs[name])
	}
	return either(out...)
}

// enumerated are the members of every enumeration of which one holds the program's name.
func (s *solver) enumerated() value {
	s.untold()
	var out []value
	for _, c := range s.classes {
		if v := c.members(); v != nil && v.tainted() {
			out = append(out, v)
		}
	}
	return either(out...)
}

// maxBases bounds how far up a member is looked for.
const maxBases = 64

// found is a member of a class or of one that it extends, bound to recv.
func (s *solver) found(c *class, name string, recv value, depth int) value {
	s.untold()
	if v, ok := c.attrs[name]; ok {
		return v
	}
	if m, ok := c.methods[name]; ok {
		fn := *m
		fn.self = recv
		return &fn
	}
	if depth > maxBases {
		return nil
	}
	for _, b := range c.bases {
		if base, ok := b.(*class); ok && base != c {
			if v := s.found(base, name, recv, depth+1); v != nil {
				return v
			}
		}
	}
	return nil
}

// extend notes that a class extends another.
func (f *frame) extend(c *class, base value) {
	for _, o := range options(base) {
		b, ok := o.(*class)
		if slices.ContainsFunc(c.bases, func(old value) bool { return same(old, o) }) || b == c {
			continue
		}
		c.bases = append(c.bases, o)
		if ok {
			b.below = append(b.below, c)
			f.s.changed = true
		}
	}
}

// maxReceivers bounds the classes whose objects a method is evaluated for.
const maxReceivers = 64

// receiver is what self can be in a method: an object of its class or of one that extends it and has no such method of
// its own; the class itself for a method of the class.
func (s *solver) receiver(fn *function) value {
	if fn.in == nil || fn.self == nil {
		return fn.self
	}
	var out []value
	seen := map[*class]bool{}
	var add func(c *class)
	add = func(c *class) {
		if seen[c] || len(out) == maxReceivers {
			return
		}
		seen[c] = true
		if fn.fn.Static {
			out = append(out, c)
		} else {
			out = append(out, &object{c})
		}
		for _, b := range c.below {
			if b.methods[fn.fn.Name] == nil {
				add(b)
			}
		}
	}
	add(fn.in)
	if len(out) == 1 {
		return out[0]
	}
	return &choice{options: out}
}

// narrow reports whether a method is called on one of several receivers that it can have, so that what it does in general
// says more than what it does here.
func (s *solver) narrow(fn *function) bool {
	switch fn.self.(type) {
	case *object, *class:
		return fn.in != nil && len(fn.in.below) > 0 || !same(fn.self, s.receiver(fn))
	}
	return false
}

// super is the receiver as an object of what its class extends.
func (f *frame) super() value {
	if f.fn == nil || f.fn.in == nil || f.self == nil {
		return nil
	}
	return &above{class: f.fn.in, recv: f.self}
}

// inherited is a member of what a class extends, bound to the receiver.
func (s *solver) inherited(x *above, name string) value {
	var out []value
	for _, b := range x.class.bases {
		if c, ok := b.(*class); ok && c != x.class {
			if v := s.found(c, name, x.recv, 0); v != nil {
				out = append(out, v)
			}
		}
	}
	return either(out...)
}
