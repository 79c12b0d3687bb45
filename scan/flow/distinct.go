package flow

import (
	"hash/maphash"
	"slices"
)

// either is the choice between values, flattened and without duplicates. With no value it is nil. It has no more
// alternatives that hold the program's name than maxOptions, or than the largest of the values, so that values which grow
// out of each other do not grow without end.
func either(vals ...value) value {
	most := maxOptions
	for _, v := range vals {
		if c, ok := v.(*choice); ok {
			most = max(most, len(c.options))
		}
	}
	return eitherOf(most, vals)
}

// eitherOf is the choice between values of which at most so many hold the program's name. When the others add nothing to
// the first, it is the first itself.
func eitherOf(most int, vals []value) value {
	for len(vals) > 0 && vals[0] == nil {
		vals = vals[1:]
	}
	if len(vals) == 0 {
		return nil
	}
	first, isChoice := vals[0].(*choice)
	if isChoice && first.covers(vals[1:]) {
		return first
	}
	d := distinct{most: most}
	if isChoice {
		d.vals = slices.Clip(first.options)
		for _, v := range d.vals {
			*d.count(v)++
		}
		vals = vals[1:]
	}
	for _, v := range vals {
		for _, o := range options(v) {
			d.add(o)
		}
	}
	if len(d.vals) == 1 {
		return d.vals[0]
	}
	out := trim(d.vals, max(d.tainted, maxOptions))
	if isChoice && slices.Equal(first.options, out) {
		return first
	}
	return &choice{options: out, taint: d.tainted > 0}
}

// covers reports whether a choice has all alternatives of further values.
func (c *choice) covers(vals []value) bool {
	for _, v := range vals {
		if v == c {
			continue
		}
		for _, o := range options(v) {
			if !c.has(o) {
				return false
			}
		}
	}
	return true
}

func (c *choice) has(v value) bool { return among(c.options, &c.index, v) }

// among reports whether a value is one of several. Many are looked up in an index, which is made when it is first needed.
func among(vals []value, in *index, v value) bool {
	if len(vals) < fewValues {
		return hasSame(vals, v)
	}
	if *in == nil {
		*in = newIndex(vals)
	}
	return in.has(v)
}

// distinct collects values that can be told apart.
type distinct struct {
	vals          []value
	most          int // how many may hold the program's name
	tainted, cold int
	index         index // nil while there are few
}

func (d *distinct) count(v value) *int {
	if v.tainted() {
		return &d.tainted
	}
	return &d.cold
}

// add takes a value unless it is one of those that are there already, or there are too many of its kind.
func (d *distinct) add(v value) {
	count, room := d.count(v), maxOptions
	if count == &d.tainted {
		room = d.most
	}
	if *count >= room || d.has(v) {
		return
	}
	*count++
	d.vals = append(d.vals, v)
	if d.index != nil {
		d.index.add(v)
	}
}

func (d *distinct) has(v value) bool { return among(d.vals, &d.index, v) }

// fewValues is how many values are compared one by one.
const fewValues = 12

func hasSame(vals []value, v value) bool {
	return slices.ContainsFunc(vals, func(o value) bool { return same(o, v) })
}

// index finds values by their fingerprints: to compare each with each would take most of the time where hundreds of
// commands end in one call.
type index map[uint64][]value

func newIndex(vals []value) index {
	x := make(index, len(vals)+len(vals)/2)
	for _, v := range vals {
		x.add(v)
	}
	return x
}

func (x index) add(v value) {
	m := fingerprint(v, 0)
	x[m] = append(x[m], v)
}

func (x index) has(v value) bool { return hasSame(x[fingerprint(v, 0)], v) }

// seed makes fingerprints, which differ from run to run; nothing that is reported depends on them.
var seed = maphash.MakeSeed()

// maxMark bounds how deep a fingerprint looks, and how much of each end of a list it takes in.
const maxMark = 3

// fingerprint is a number that is the same for values that are the same, and seldom for others.
func fingerprint(v value, depth int) uint64 {
	switch v := v.(type) {
	case *text:
		h := uint64(len(v.pieces))
		for i := range v.pieces {
			if i >= maxMark && i < len(v.pieces)-maxMark {
				continue
			}
			p := &v.pieces[i]
			switch {
			case p.hole != nil:
				h = mixed(h, uint64(p.hole.span.Start))
			case p.lit != nil && p.render.Len() > 0:
				h = mixed(h, maphash.String(seed, p.text)+uint64(p.render.Segments[0].Host))
			default:
				h = mixed(h, maphash.String(seed, p.text))
			}
		}
		return h
	case *unknown:
		return mixed(1, uint64(v.at.span.Start))
	case *external:
		return maphash.String(seed, v.name)
	case *object:
		return maphash.Comparable(seed, v.class)
	case *function:
		return maphash.Comparable(seed, v.fn)
	case *spread:
		return mixed(2, fingerprint(v.v, depth))
	case *sequence:
		return ofList(v.elems, v.size, depth)
	case *table:
		return ofList(v.vals, v.size, depth)
	case *choice:
		return ofList(v.options, 0, depth)
	}
	return 0
}

func ofList(vals []value, size, depth int) uint64 {
	h := mixed(uint64(len(vals)), uint64(size))
	for i, v := range vals {
		if depth < maxMark && (i < maxMark || i >= len(vals)-maxMark) {
			h = mixed(h, fingerprint(v, depth+1))
		}
	}
	return h
}

// mixed adds a number to a fingerprint, by the multiplication of Fowler, Noll and Vo.
func mixed(h, n uint64) uint64 { return (h ^ n ^ n>>32) * 0x100000001b3 }
