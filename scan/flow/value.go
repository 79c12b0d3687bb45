package flow

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// maxOptions bounds how many alternatives a value keeps. Beyond it those that hold the program's name are kept first.
const maxOptions = 16

// value is what an expression can be: text, sequence, table, function, class, object, module, external, bound, partial,
// choice or unknown. Values are never changed once they are made.
type value interface{ hot() bool }

// piece is a run of a text: known characters with the bytes that spell them, or a hole.
type piece struct {
	text  string     // decoded characters; empty for a hole
	spell source.Map // from text's bytes to the bytes of file
	file  string
	lit   *Lit   // the literal that holds the bytes; nil when none does
	hole  *place // the expression whose value is not known; nil for known characters
	via   *place // the expression through which the piece came into the text that holds it; nil when it stands there itself
	trail *trail
	live  bool // the characters hold the program's name
	own   bool // the name that the script was called by
}

// place is a span of a file.
type place struct {
	file string
	span source.Span
}

// trail is the way of a piece from its definition on, the last step first.
type trail struct {
	prev *trail
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
		live  bool
	}
	spread struct{ v value } // an unknown number of unknown elements inside a sequence
	table  struct {
		keys []string // "" for a key that is not known
		vals []value
		live bool
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
	}
	bound struct {
		recv value
		name string
		at   place // the receiver expression
	}
	partial struct {
		fn   value
		args []argument
	}
	choice struct {
		options []value
		live    bool
	}
	unknown struct{ at place }
)

func (t *text) hot() bool {
	for i := range t.pieces {
		if t.pieces[i].live {
			return true
		}
	}
	return false
}
func (s *sequence) hot() bool { return s.live }
func (s *spread) hot() bool   { return s.v.hot() }
func (t *table) hot() bool    { return t.live }
func (*function) hot() bool   { return false }
func (*class) hot() bool      { return false }
func (*object) hot() bool     { return false }
func (*above) hot() bool      { return false }
func (*module) hot() bool     { return false }
func (*external) hot() bool   { return false }
func (b *bound) hot() bool    { return b.recv.hot() }
func (p *partial) hot() bool {
	if p.fn.hot() {
		return true
	}
	for _, a := range p.args {
		if a.val.hot() {
			return true
		}
	}
	return false
}
func (c *choice) hot() bool { return c.live }
func (*unknown) hot() bool  { return false }

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
		s.live = s.live || e.hot()
	}
	return s
}

func newTable(keys []string, vals []value) *table {
	t := &table{keys: keys, vals: vals}
	for _, v := range vals {
		t.live = t.live || v.hot()
	}
	return t
}

// get is the value of a key: the last one set, or every value when the key is not known.
func (t *table) get(key string) (value, bool) {
	if key == "" {
		return either(t.vals...), len(t.vals) > 0
	}
	for i := len(t.keys) - 1; i >= 0; i-- {
		if t.keys[i] == key {
			return t.vals[i], true
		}
	}
	return nil, false
}

// either is the choice between values, flattened and without duplicates. With no value it is nil.
func either(vals ...value) value {
	var out []value
	add := func(v value) {
		for _, o := range out {
			if same(o, v) {
				return
			}
		}
		out = append(out, v)
	}
	for _, v := range vals {
		switch v := v.(type) {
		case nil:
		case *choice:
			for _, o := range v.options {
				add(o)
			}
		default:
			add(v)
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	out = trim(out)
	c := &choice{options: out}
	for _, o := range out {
		c.live = c.live || o.hot()
	}
	return c
}

// trim keeps at most maxOptions values, those that hold the program's name first.
func trim(vals []value) []value {
	if len(vals) <= maxOptions {
		return vals
	}
	kept := make([]value, 0, maxOptions)
	for _, wanted := range []bool{true, false} {
		for _, v := range vals {
			if v.hot() == wanted && len(kept) < maxOptions {
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
	case *function:
		b, ok := b.(*function)
		return ok && a.fn == b.fn && (a.self == b.self || a.self != nil && b.self != nil && same(a.self, b.self))
	case *spread:
		b, ok := b.(*spread)
		return ok && same(a.v, b.v)
	case *sequence:
		b, ok := b.(*sequence)
		return ok && a.open == b.open && sameAll(a.elems, b.elems)
	case *table:
		b, ok := b.(*table)
		return ok && strings.Join(a.keys, "\x00") == strings.Join(b.keys, "\x00") && sameAll(a.vals, b.vals)
	case *choice:
		b, ok := b.(*choice)
		return ok && sameAll(a.options, b.options)
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

func sameText(a, b *text) bool {
	if len(a.pieces) != len(b.pieces) {
		return false
	}
	for i := range a.pieces {
		p, q := &a.pieces[i], &b.pieces[i]
		if p.text != q.text || p.lit != q.lit || p.file != q.file || (p.hole == nil) != (q.hole == nil) {
			return false
		}
		if p.hole != nil && *p.hole != *q.hole || p.lit != nil && p.spell.Len() > 0 && p.spell.Segments[0].Host != q.spell.Segments[0].Host {
			return false
		}
	}
	return true
}

// plain is the whole text when every part of it is known.
func (t *text) plain() (string, bool) {
	var b strings.Builder
	for i := range t.pieces {
		if t.pieces[i].hole != nil {
			return "", false
		}
		b.WriteString(t.pieces[i].text)
	}
	return b.String(), true
}

// plainOf is the text of a value that is one known text.
func plainOf(v value) (string, bool) {
	if t, ok := v.(*text); ok {
		return t.plain()
	}
	return "", false
}

// slice is the part of a known piece between two of its bytes.
func (s *solver) slice(p piece, from, to int) piece {
	p.spell = p.spell.Slice(source.Span{Start: from, End: to})
	p.text = p.text[from:to]
	p.live = s.names(p.text)
	return p
}

// joined puts values one after the other as one text. A value that is no text becomes a hole.
// The result is a choice when a part is one.
func (s *solver) joined(parts []part) value {
	texts := [][]piece{nil}
	for _, p := range parts {
		opts := trim(options(p.val))
		if len(texts)*len(opts) > maxOptions {
			opts = opts[:1:1]
			for _, o := range options(p.val) {
				if o.hot() {
					opts = []value{o}
					break
				}
			}
		}
		var next [][]piece
		for _, head := range texts {
			for _, o := range opts {
				next = append(next, append(head[:len(head):len(head)], s.piecesOf(o, p)...))
			}
		}
		texts = next
	}
	out := make([]value, len(texts))
	for i, pieces := range texts {
		out[i] = &text{pieces}
	}
	return either(out...)
}

// part is one operand of a join: its value and, when it is not text that stands there itself, the expression.
type part struct {
	val value
	via *place
}

func (s *solver) piecesOf(v value, p part) []piece {
	t, ok := v.(*text)
	if !ok {
		at := p.via
		if u, isUnknown := v.(*unknown); isUnknown && at == nil {
			at = &u.at
		}
		if at == nil {
			at = &place{}
		}
		return []piece{{hole: at, via: p.via}}
	}
	if p.via == nil {
		return t.pieces
	}
	out := make([]piece, len(t.pieces))
	for i, q := range t.pieces {
		q.via = p.via
		out[i] = q
	}
	return out
}

// stepped adds a step to the trail of every piece that holds the program's name.
func stepped(v value, step Step) value {
	if v == nil || !v.hot() {
		return v
	}
	switch v := v.(type) {
	case *text:
		out := make([]piece, len(v.pieces))
		copy(out, v.pieces)
		for i := range out {
			if out[i].live {
				out[i].trail = out[i].trail.push(step)
			}
		}
		return &text{out}
	case *sequence:
		return &sequence{elems: steppedAll(v.elems, step), open: v.open, live: v.live}
	case *table:
		return &table{keys: v.keys, vals: steppedAll(v.vals, step), live: v.live}
	case *choice:
		return &choice{options: steppedAll(v.options, step), live: v.live}
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

// maxTrail bounds a trail, for values that go round in a loop.
const maxTrail = 24

func (t *trail) push(step Step) *trail {
	for at := t; at != nil; at = at.prev {
		if at.step == step {
			return t
		}
	}
	n := 1
	if t != nil {
		n = t.n + 1
	}
	if n > maxTrail {
		return t
	}
	return &trail{prev: t, step: step, n: n}
}

// steps are the trail's steps, the first first.
func (t *trail) steps() []Step {
	if t == nil {
		return nil
	}
	out := make([]Step, t.n)
	for at := t; at != nil; at = at.prev {
		out[at.n-1] = at.step
	}
	return out
}
