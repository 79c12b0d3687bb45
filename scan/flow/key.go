package flow

import (
	"hash/maphash"
	"strconv"
)

// identities number what is told apart by itself: functions and classes. A number is shorter in a key than an address, and
// the same in each run.
type identities map[any]int

func (n identities) of(x any) int {
	id, ok := n[x]
	if !ok {
		id = len(n)
		n[x] = id
	}
	return id
}

// callKey tells a call of a function from others with other arguments. It is a hash of what they are, wide enough to be taken for
// that itself: the arguments of a call can be thousands of words.
type callKey [2]uint64

// seeds make keys, which differ from run to run; nothing that is reported depends on them.
var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func keyOf(b []byte) callKey { return callKey{maphash.Bytes(seeds[0], b), maphash.Bytes(seeds[1], b)} }

// key is what tells calls of a function apart: what their arguments are. It holds until the next one is asked for.
func (s *solver) key(fn *function, args []argument, block *function) []byte {
	b := s.appendKey(s.scratch[:0], fn, 0)
	if block != nil {
		b = s.appendKey(append(b, '&'), block, 0)
	}
	if fn.self != nil {
		b = s.appendKey(b, fn.self, 0)
	}
	for _, a := range args {
		b = s.appendKey(append(append(b, a.name...), '='), a.val, 0)
	}
	s.work += len(b) / 8
	s.scratch = b
	return b
}

// maxKey bounds how deep a key looks into a value.
const maxKey = 6

func (s *solver) appendKey(b []byte, v value, depth int) []byte {
	if depth > maxKey {
		return b
	}
	switch v := v.(type) {
	case *text:
		for i := range v.pieces {
			b = appendPiece(b, &v.pieces[i])
		}
	case *sequence:
		b = append(s.appendKeys(append(b, '['), v.elems, ',', depth), ']')
	case *table:
		for i, k := range v.keys {
			b = s.appendKey(append(append(b, k...), ':'), v.vals[i], depth+1)
		}
	case *choice:
		b = s.appendKeys(b, v.options, '|', depth)
	case *function:
		b = strconv.AppendInt(append(b, 'f'), int64(s.identities.of(v.fn)), 36)
		if v.env != nil && v.env.made != "" {
			b = append(append(append(b, '<'), v.env.made...), '>')
		}
	case *external:
		b = append(b, v.name...)
	case *class:
		b = strconv.AppendInt(append(b, 'c'), int64(s.identities.of(v)), 36)
	case *object:
		b = strconv.AppendInt(append(b, 'o'), int64(s.identities.of(v.class)), 36)
	case *partial:
		b = s.appendKey(b, v.fn, depth+1)
		for _, a := range v.args {
			b = s.appendKey(b, a.val, depth+1)
		}
	default:
		b = append(b, '_')
	}
	return b
}

func (s *solver) appendKeys(b []byte, vals []value, end byte, depth int) []byte {
	for _, v := range vals {
		b = append(s.appendKey(b, v, depth+1), end)
	}
	return b
}

// appendPiece adds a piece's characters and, when they hold the program's name, where they are written.
func appendPiece(b []byte, p *piece) []byte {
	if p.way != nil { // the environments that it came through tell it apart
		for _, e := range p.way.Envs {
			b = strconv.AppendInt(append(append(append(b, '@'), e.File...), ':'), int64(e.Start), 36)
		}
	}
	if p.hole != nil {
		return append(b, '?')
	}
	b = append(append(strconv.AppendInt(b, int64(len(p.text)), 10), '"'), p.text...)
	if p.taint && p.render.Len() > 0 {
		b = append(append(append(b, '@'), p.file...), ':')
		b = strconv.AppendInt(b, int64(p.render.Segments[0].Host), 10)
	}
	return b
}
