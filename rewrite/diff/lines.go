package diff

import (
	"bytes"
	"fmt"
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// change replaces the lines [start, end) of the old content, counted from 0.
type change struct {
	start, end int
	new        [][]byte
}

// lines splits a content into its lines, each with its newline; the last one
// may have none. A carriage return belongs to its line.
func lines(content []byte) [][]byte {
	out := make([][]byte, 0, bytes.Count(content, []byte{'\n'})+1)
	for len(content) > 0 {
		n := bytes.IndexByte(content, '\n') + 1
		if n == 0 {
			n = len(content)
		}
		out = append(out, content[:n:n])
		content = content[n:]
	}
	return out
}

// changes returns the changed lines, in order, none touching the next unless
// lines between them were found to be kept.
func (f File) changes() ([]change, error) {
	if f.NewMode == 0 {
		if len(f.Before) == 0 {
			return nil, nil
		}
		return []change{{0, len(lines(f.Before)), nil}}, nil
	}
	edits, err := edit.Normal(f.Edits, len(f.Before))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	t := newText(f.Before)
	var out []change
	for len(edits) > 0 {
		// A block is the whole lines that a run of edits touches.
		first, last := t.touched(edits[0])
		n := 1
		for ; n < len(edits); n++ {
			from, to := t.touched(edits[n])
			if from > last {
				break
			}
			last = max(last, to)
		}
		start, end := t.starts[first], t.starts[last]
		block := make([]edit.Edit, n)
		for i, e := range edits[:n] {
			block[i] = edit.Edit{Start: e.Start - start, End: e.End - start, New: e.New}
		}
		changed, err := edit.Apply(f.Before[start:end], block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		out = differ{out}.compare(lines(f.Before[start:end]), lines(changed), first, maxDepth).out
		edits = edits[n:]
	}
	return out, nil
}

// text knows where the lines of a content start. The end of the content is
// the last start, whether or not a newline stands before it.
type text struct{ starts []int }

func newText(content []byte) text {
	starts := make([]int, 1, bytes.Count(content, []byte{'\n'})+2)
	for at := 0; ; {
		n := bytes.IndexByte(content[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		starts = append(starts, at)
	}
	if starts[len(starts)-1] < len(content) {
		starts = append(starts, len(content))
	}
	return text{starts}
}

// touched returns the lines [first, last) that change through the edit: those
// it has bytes of, and the one that its end may be joined with.
func (t text) touched(e edit.Edit) (first, last int) {
	end := len(t.starts) - 1
	line := func(offset int) int {
		return sort.Search(len(t.starts), func(i int) bool { return t.starts[i] > offset }) - 1
	}
	first, last = line(e.Start), min(line(e.End)+1, end)
	// At the end of a content without a final newline the text is added to
	// the last line; after a final newline there is no line to add it to.
	// Which of the two it is does not show in starts, so the last line is
	// always taken: what turns out unchanged is not shown.
	if first == end && end > 0 {
		first--
	}
	return first, last
}

// maxDepth bounds how often blocks are split again around lines that they have
// in common, and with it the work to a multiple of the number of lines.
const maxDepth = 16

// differ collects changes.
type differ struct{ out []change }

// compare adds the changes from the lines a, the first of which is line number
// at of the file, to the lines b. Lines that occur once on both sides and in
// the same order are kept, and what stands between them is compared alone.
func (d differ) compare(a, b [][]byte, at, depth int) differ {
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]) {
		a, b, at = a[1:], b[1:], at+1
	}
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[len(a)-1], b[len(b)-1]) {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 && len(b) == 0 {
		return d
	}
	var anchors [][2]int
	if depth > 0 && len(a) > 0 && len(b) > 0 {
		anchors = rising(common(a, b))
	}
	i, j := 0, 0
	for _, anchor := range anchors {
		d = d.compare(a[i:anchor[0]], b[j:anchor[1]], at+i, depth-1)
		i, j = anchor[0]+1, anchor[1]+1
	}
	if len(anchors) > 0 {
		return d.compare(a[i:], b[j:], at+i, depth-1)
	}
	d.out = append(d.out, change{at, at + len(a), b})
	return d
}

// common returns the indexes, in a and in b, of the lines that occur exactly
// once in each of them, in the order of a.
func common(a, b [][]byte) [][2]int {
	type seen struct{ inA, inB, i, j int }
	found := make(map[string]*seen, len(a))
	for i, line := range a {
		s := found[string(line)]
		if s == nil {
			s = &seen{i: i}
			found[string(line)] = s
		}
		s.inA++
	}
	for j, line := range b {
		if s := found[string(line)]; s != nil {
			s.inB++
			s.j = j
		}
	}
	var out [][2]int
	for i, line := range a {
		if s := found[string(line)]; s.inA == 1 && s.inB == 1 {
			out = append(out, [2]int{i, s.j})
		}
	}
	return out
}

// rising returns a longest selection of the pairs, which rise in their first
// number, that rises in the second as well (patience sorting).
func rising(pairs [][2]int) [][2]int {
	var piles []int // the pair on top of each pile
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n := sort.Search(len(piles), func(k int) bool { return pairs[piles[k]][1] > p[1] })
		before[i] = -1
		if n > 0 {
			before[i] = piles[n-1]
		}
		if n == len(piles) {
			piles = append(piles, i)
		} else {
			piles[n] = i
		}
	}
	out := make([][2]int, len(piles))
	if len(piles) == 0 {
		return out
	}
	for i, k := len(piles)-1, piles[len(piles)-1]; i >= 0; i, k = i-1, before[k] {
		out[i] = pairs[k]
	}
	return out
}
