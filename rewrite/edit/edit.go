// Package edit describes changes to files as byte ranges and their new text, and merges the fixes that ask for them.
//
// All offsets are bytes of the content as it was read, and all ranges are
// half open. Every fix of one plan is computed against the same content, as
// commits with the same parent are; Merge is what brings them together.
package edit

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// Edit replaces the bytes [Start, End) of a file's content with New. An edit
// with Start == End is an insertion before the byte at Start, one with an
// empty New is a deletion.
type Edit struct {
	Start, End int
	New        string
	// Additive marks an insertion that does not care what else is inserted
	// at the same point, as a line of imports does not. Two different
	// insertions of two fixes at one point are a conflict unless both are
	// additive.
	Additive bool
}

// String returns the edit as [3,5)→"x", for messages and tests. A long text is
// cut.
func (e Edit) String() string {
	const most = 40
	if len(e.New) > most {
		return fmt.Sprintf("[%d,%d)→%q…", e.Start, e.End, e.New[:most])
	}
	return fmt.Sprintf("[%d,%d)→%q", e.Start, e.End, e.New)
}

// insertion reports whether the edit removes nothing.
func (e Edit) insertion() bool { return e.Start == e.End }

// same reports whether two edits do the same, whoever asked for them.
func (e Edit) same(o Edit) bool { return e.Start == o.Start && e.End == o.End && e.New == o.New }

// overlaps reports whether two edits cannot both be made: their ranges share
// a byte, or one inserts strictly inside the other. Ranges that touch, and
// insertions at the border of a range, do not overlap.
func (e Edit) overlaps(o Edit) bool {
	if e.insertion() && o.insertion() {
		return false
	}
	return max(e.Start, o.Start) < min(e.End, o.End) ||
		e.insertion() && o.Start < e.Start && e.Start < o.End ||
		o.insertion() && e.Start < o.Start && o.Start < e.End
}

// compare orders edits by place; an insertion stands before the edit of the
// bytes that follow it. Insertions at one point are equal: their given order
// is kept by stable sorting.
func compare(a, b Edit) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// Normal returns the edits in the order of their places, each identical one
// once and those that do nothing left out, or an error if one lies outside a
// content of size bytes or two overlap. The argument is not changed.
//
// Different insertions at one point are kept in the given order. Because
// identical ones count once, an edit that wraps a text must replace it whole
// instead of inserting on both of its sides.
func Normal(edits []Edit, size int) ([]Edit, error) {
	sorted := slices.Clone(edits)
	if !slices.IsSortedFunc(sorted, compare) {
		slices.SortStableFunc(sorted, compare)
	}
	out := sorted[:0]
	for _, e := range sorted {
		if e.Start < 0 || e.End < e.Start || e.End > size {
			return nil, fmt.Errorf("edit %v lies outside the %d bytes of the content", e, size)
		}
		if e.insertion() && e.New == "" || seen(out, e) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].overlaps(e) {
			return nil, fmt.Errorf("edit %v overlaps %v", e, out[n-1])
		}
		out = append(out, e)
	}
	return out, nil
}

// seen reports whether one of the last edits, those with the same range, is e.
func seen(sorted []Edit, e Edit) bool {
	for i := len(sorted) - 1; i >= 0 && compare(sorted[i], e) == 0; i-- {
		if sorted[i].same(e) {
			return true
		}
	}
	return false
}

// Apply returns a copy of src with all edits made, or an error and nothing:
// see Normal for what is an error and how edits in any order are understood.
// No byte outside an edit changes.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	edits, err := Normal(edits, len(src))
	if err != nil {
		return nil, err
	}
	size := len(src)
	for _, e := range edits {
		size += len(e.New) - (e.End - e.Start)
	}
	out := make([]byte, 0, size)
	last := 0
	for _, e := range edits {
		out = append(out, src[last:e.Start]...)
		out = append(out, e.New...)
		last = e.End
	}
	return append(out, src[last:]...), nil
}

// Offset returns where the byte at offset of the old content stands in the
// new one, and whether it survived: a byte that an edit replaces has no place
// of its own, and the offset of that edit's new text is returned. An offset
// at which something is inserted moves behind the insertion. The edits must
// be as Normal returns them.
func Offset(edits []Edit, offset int) (int, bool) {
	shift := 0
	// Only the edits up to the offset count; the loop stops at the first
	// one behind it.
	for _, e := range edits[:sort.Search(len(edits), func(i int) bool { return edits[i].Start > offset })] {
		if e.Start <= offset && offset < e.End {
			return e.Start + shift, false
		}
		shift += len(e.New) - (e.End - e.Start)
	}
	return offset + shift, true
}
