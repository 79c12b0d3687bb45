package flow

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// plainly is eitherOf, each value compared with each.
func plainly(most int, vals []value) value {
	var out []value
	tainted, cold := 0, 0
	for _, v := range vals {
		for _, o := range options(v) {
			count, room := &cold, maxOptions
			if o.tainted() {
				count, room = &tainted, most
			}
			if *count < room && !hasSame(out, o) {
				*count++
				out = append(out, o)
			}
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return &choice{options: trim(out, max(tainted, maxOptions)), taint: tainted > 0}
}

// TestEither holds that choices are what comparing each value with each gives, in the same order.
func TestEither(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var got, want value
		for range 30 {
			var vals []value
			for range r.IntN(12) {
				vals = append(vals, anyValue(r, 0))
			}
			got, want = eitherOf(90, append([]value{got}, vals...)), plainly(90, append([]value{want}, vals...))
			if !identical(got, want) {
				t.Fatalf("seed %d: %d values, want %d", seed, len(options(got)), len(options(want)))
			}
		}
	}
}

// identical reports whether two values are made of the same alternatives.
func identical(a, b value) bool {
	x, y := options(a), options(b)
	if len(x) != len(y) || a != nil && a.tainted() != b.tainted() {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

// TestFingerprint holds that values that are the same have the same fingerprint, and that others mostly do not.
func TestFingerprint(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	var vals []value
	for range 600 {
		vals = append(vals, anyValue(r, 0))
	}
	pairs, alike := 0, 0
	for _, a := range vals {
		for _, b := range vals {
			equal := fingerprint(a, 0) == fingerprint(b, 0)
			if same(a, b) && !equal {
				t.Fatalf("%#v and %#v are the same and have two fingerprints", a, b)
			}
			if !same(a, b) {
				pairs++
				if equal {
					alike++
				}
			}
		}
	}
	if alike*20 > pairs {
		t.Errorf("%d of %d pairs of different values have one fingerprint", alike, pairs)
	}
}

// anyValue is a value of any kind, from so few that doubles come up.
func anyValue(r *rand.Rand, depth int) value {
	at := place{"a.py", source.Span{Start: r.IntN(9), End: 20}}
	if depth < 2 {
		var elems []value
		for range r.IntN(4) {
			elems = append(elems, anyValue(r, depth+1))
		}
		switch r.IntN(9) {
		case 0:
			return newSequence(elems, r.IntN(2) == 0)
		case 1:
			keys := make([]string, len(elems))
			for i := range keys {
				keys[i] = fmt.Sprint(r.IntN(3))
			}
			return newTable(keys, elems)
		case 2:
			return &spread{anyValue(r, depth+1)}
		case 3:
			if v := plainly(maxTainted, elems); v != nil {
				return v
			}
		}
	}
	switch r.IntN(4) {
	case 0:
		return &unknown{at}
	case 1:
		return &external{name: fmt.Sprint("os.f", r.IntN(30))}
	}
	var pieces []piece
	for range 1 + r.IntN(3) {
		if r.IntN(4) == 0 {
			pieces = append(pieces, piece{hole: &at})
			continue
		}
		n := r.IntN(30)
		pieces = append(pieces, piece{text: fmt.Sprint("word", n), taint: n%3 == 0})
	}
	return &text{pieces}
}
