package flow

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Bounds of a value. Of its alternatives those that hold the program's name are kept first: maxOptions of those that
// come together on the way, maxTainted of those that are written in one collection. Where two values that have several are put
// together, each has at most maxFactor. A text has at most maxPieces pieces, and a value at most maxSize parts.
const (
	maxOptions = 64
	maxTainted = 1024
	maxFactor  = 16
	maxPieces  = 20_000
	maxSize    = 200_000
)

// value is what an expression can be: text, sequence, table, function, class, object, module, external, bound, partial,
// choice or unknown. Values are never changed once they are made.
type value interface{ tainted() bool }

// piece is a run of a text: known characters with the bytes that write them, or a hole.
type piece struct {
	text   string     // decoded characters; empty for a hole
	render source.Map // from text's bytes to the bytes of file
	file   string
	lit    *Lit   // the literal that holds the bytes; nil when none does
	hole   *place // the expression whose value is not known; nil for known characters
	via    *place // the expression through which the piece came into the text that holds it; nil when it stands there itself
	trace  *trace
	taint  bool   // the characters hold the program's name
	own    bool   // the name that the script was called by
	way    *Way   // how a root directory came here
	away   bool   // the hole's names are out of reach where the text is used
	made   string // the call that gave what the hole stands for, when one of another library did: "tempfile.mkdtemp()"
}

// place is a span of a file.
type place struct {
	file string
	span source.Span
}

// trace is the way of a piece from its definition on, the last step first.
type trace struct {
	prev *trace
	step Step
	n    int
}

// Step is one place on the way of a value.
type Step struct {
	File string
	source.Span
	What string // "assigned to cmd", "passed to run()", "returned by tutor_command()"
}

type (
	text     struct{ pieces []piece }
	sequence struct {
		elems []value
		open  bool // more elements may follow that are not known
		taint bool
		size  int // how many values it holds, those inside others included
	}
	spread struct{ v value } // an unknown number of unknown elements inside a sequence
	table  struct {
		keys  []string // "" for a key that is not known
		vals  []value
		taint bool
		size  int
	}
	function struct {
		fn   *Func
		unit *unitState
		env  *scope
		self value  // receiver; nil when there is none
		in   *class // the class that defines it, for super

		entered bool // a generator that a decorator makes give its one element
	}
	class struct {
		def     *Class
		unit    *unitState
		env     *scope
		bases   []value
		below   []*class // those that extend it
		attrs   map[string]value
		methods map[string]*function
	}
	object struct{ class *class }
	above  struct { // super
		class *class
		recv  value
	}
	module   struct{ unit *unitState }
	external struct {
		name string
		at   place // where its name stands when it goes by another here; empty for none
		expr place // the expression that gave it, for an element of a list; empty for none
	}
	bound struct {
		recv value
		name string
		at   place // the receiver expression
		expr place // the whole expression, for an element of a list; empty for none
	}
	partial struct {
		fn   value
		args []argument
	}
	choice struct {
		options []value
		taint   bool
		index   index // of the options; nil until it is asked for
	}
	unknown struct{ at place }
)

func (t *text) tainted() bool {
	for i := range t.pieces {
		if t.pieces[i].taint {
			return true
		}
	}
	return false
}
func (s *sequence) tainted() bool { return s.taint }
func (s *spread) tainted() bool   { return s.v.tainted() }
func (t *table) tainted() bool    { return t.taint }
func (*function) tainted() bool   { return false }
func (*class) tainted() bool      { return false }
func (*object) tainted() bool     { return false }
func (*above) tainted() bool      { return false }
func (*module) tainted() bool     { return false }
func (*external) tainted() bool   { return false }
func (b *bound) tainted() bool    { return b.recv.tainted() }
func (p *partial) tainted() bool {
	if p.fn.tainted() {
		return true
	}
	for _, a := range p.args {
		if a.val.tainted() {
			return true
		}
	}
	return false
}
func (c *choice) tainted() bool { return c.taint }
func (*unknown) tainted() bool  { return false }

// argument is an evaluated argument of a call.
type argument struct {
	name string
	val  value
	at   place
	rest bool // spreads a list
	dict bool // spreads a dictionary
}

func newSequence(elems []value, open bool) *sequence {
	s := &sequence{elems: elems, open: open}
	for _, e := range elems {
		s.taint = s.taint || e.tainted()
		s.size += sizeOf(e)
	}
	return s
}

func newTable(keys []string, vals []value) *table {
	t := &table{keys: keys, vals: vals}
	for _, v := range vals {
		t.taint = t.taint || v.tainted()
		t.size += sizeOf(v)
	}
	return t
}

// entries are the keys with their values, each a list of the two.
func (t *table) entries() *sequence {
	out := make([]value, len(t.keys))
	for i, k := range t.keys {
		out[i] = newSequence([]value{&text{[]piece{{text: k}}}, t.vals[i]}, false)
	}
	return newSequence(out, false)
}

// sizeOf is how many values a value holds, itself included.
func sizeOf(v value) int {
	n := 0
	switch v := v.(type) {
	case *sequence:
		n = v.size
	case *table:
		n = v.size
	case *spread:
		n = sizeOf(v.v)
	case *choice:
		for _, o := range v.options {
			n += sizeOf(o)
		}
	}
	return min(n, maxSize) + 1
}

// get is the value of a key: the last one set, or every value when the key is not known.
func (t *table) get(key string) (value, bool) {
	if key == "" {
		return eitherOf(maxTainted, t.vals), len(t.vals) > 0
	}
	for i := len(t.keys) - 1; i >= 0; i-- {
		if t.keys[i] == key {
			return t.vals[i], true
		}
	}
	return nil, false
}

// trim keeps at most n values, those that hold the program's name first.
func trim(vals []value, n int) []value {
	if len(vals) <= n {
		return vals
	}
	kept := make([]value, 0, n)
	for _, wanted := range []bool{true, false} {
		for _, v := range vals {
			if v.tainted() == wanted && len(kept) < n {
				kept = append(kept, v)
			}
		}
	}
	return kept
}

// options are the alternatives of a value; a value that is no choice is its own only alternative.
func options(v value) []value {
	if c, ok := v.(*choice); ok {
		return c.options
	}
	if v == nil {
		return nil
	}
	return []value{v}
}

// same reports whether two values cannot be told apart.
func same(a, b value) bool {
	if a == b {
		return true
	}
	switch a := a.(type) {
	case *text:
		b, ok := b.(*text)
		return ok && sameText(a, b)
	case *unknown:
		b, ok := b.(*unknown)
		return ok && a.at == b.at
	case *external:
		b, ok := b.(*external)
		return ok && a.name == b.name
	case *object:
		b, ok := b.(*object)
		return ok && a.class == b.class
	case *module:
		b, ok := b.(*module)
		return ok && a.unit == b.unit
	case *bound:
		b, ok := b.(*bound)
		return ok && a.name == b.name && a.at == b.at && a.expr == b.expr && same(a.recv, b.recv)
	case *function:
		b, ok := b.(*function)
		return ok && a.fn == b.fn && (a.self == b.self || a.self != nil && b.self != nil && same(a.self, b.self))
	case *spread:
		b, ok := b.(*spread)
		return ok && same(a.v, b.v)
	case *sequence:
		b, ok := b.(*sequence)
		return ok && a.open == b.open && a.taint == b.taint && a.size == b.size && sameAll(a.elems, b.elems)
	case *table:
		b, ok := b.(*table)
		return ok && a.taint == b.taint && a.size == b.size && slices.Equal(a.keys, b.keys) && sameAll(a.vals, b.vals)
	case *choice:
		b, ok := b.(*choice)
		return ok && a.taint == b.taint && sameAll(a.options, b.options)
	}
	return false
}

func sameAll(a, b []value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !same(a[i], b[i]) {
			return false
		}
	}
	return true
}

// stepped adds a step to the trace of every piece that holds the program's name.
func stepped(v value, step Step) value {
	if v == nil || !v.tainted() {
		return v
	}
	switch v := v.(type) {
	case *text:
		out := make([]piece, len(v.pieces))
		copy(out, v.pieces)
		for i := range out {
			if out[i].taint {
				out[i].trace = out[i].trace.push(step)
			}
		}
		return &text{out}
	case *sequence:
		return &sequence{elems: steppedAll(v.elems, step), open: v.open, taint: v.taint, size: v.size}
	case *table:
		return &table{keys: v.keys, vals: steppedAll(v.vals, step), taint: v.taint, size: v.size}
	case *choice:
		return &choice{options: steppedAll(v.options, step), taint: v.taint}
	}
	return v
}

func steppedAll(vals []value, step Step) []value {
	out := make([]value, len(vals))
	for i, v := range vals {
		out[i] = stepped(v, step)
	}
	return out
}

// maxTrace bounds a trace, for values that go round in a loop.
const maxTrace = 24

func (t *trace) push(step Step) *trace {
	for at := t; at != nil; at = at.prev {
		if at.step == step {
			return t
		}
	}
	n := 1
	if t != nil {
		n = t.n + 1
	}
	if n > maxTrace {
		return t
	}
	return &trace{prev: t, step: step, n: n}
}

// steps are the trace's steps, the first first.
func (t *trace) steps() []Step {
	if t == nil {
		return nil
	}
	out := make([]Step, t.n)
	for at := t; at != nil; at = at.prev {
		out[at.n-1] = at.step
	}
	return out
}
