package reading

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Marks collects what the reader of a file that holds embedded scripts says of the places where the program's name stands.
type Marks struct {
	Program string
	Words   []source.Span // where the program's name stands
	Result

	marks []Mark
}

// Mark says what the mentions in a span are, unless a smaller mark or an embedded script says it.
type Mark struct {
	source.Span
	Class    site.Class
	Shape    string // short term for reports; with the language it makes the rule's name
	Reason   string
	Language string // of the text that the span is read as, when that is not the file's own
}

// NewMarks finds the program's name in a file.
func NewMarks(in Input) *Marks {
	if in.Pack == nil || in.Pack.Program.Name == "" {
		return &Marks{}
	}
	m := &Marks{Program: strings.ToLower(in.Pack.Program.Name)}
	m.Words = site.Find(in.Src, m.Program)
	return m
}

// Mark classifies the mentions in the bytes from start to end.
func (m *Marks) Mark(start, end int, class site.Class, shape, reason string) {
	if end > start && m.Has(start, end) {
		m.Add(Mark{Span: source.Span{Start: start, End: end}, Class: class, Shape: shape, Reason: reason})
	}
}

// Add adds a mark.
func (m *Marks) Add(one Mark) { m.marks = append(m.marks, one) }

// Mentions marks each mention by itself, so that it counts before the running text around it.
func (m *Marks) Mentions(start, end int, class site.Class, shape, reason string) {
	for _, w := range m.Within(start, end) {
		m.Mark(w.Start, w.End, class, shape, reason)
	}
}

// Has reports whether the program's name stands in the bytes from start to end, in whole or in part.
func (m *Marks) Has(start, end int) bool { return len(m.Within(start, end)) > 0 }

// Within are the mentions in the bytes from start to end, in whole or in part.
func (m *Marks) Within(start, end int) []source.Span {
	i := sort.Search(len(m.Words), func(i int) bool { return m.Words[i].End > start })
	j := i + sort.Search(len(m.Words)-i, func(k int) bool { return m.Words[i+k].Start >= end })
	return m.Words[i:j]
}

// Unmarked are the mentions that no embedded script holds, and of which marks of the given shapes say all that is said.
func (m *Marks) Unmarked(shapes ...string) []source.Span {
	taken := m.held()
	for _, one := range m.marks {
		if !slices.Contains(shapes, one.Shape) {
			taken = append(taken, m.Within(one.Start, one.End)...)
		}
	}
	taken = joined(taken)
	return slices.DeleteFunc(slices.Clone(m.Words), func(w source.Span) bool { return overlaps(taken, w) })
}

// Problem notes a part of the file that could not be read.
func (m *Marks) Problem(start, end int, text string) {
	m.Problems = append(m.Problems, Problem{Span: source.Span{Start: start, End: end}, Text: text})
}

// Classify gives each mention that no embedded script holds to the smallest mark around it, of equal ones the last.
// Occurrence makes it what is reported; its mark is the zero one where there is none.
func (m *Marks) Classify(occurrence func(source.Span, Mark) site.Occurrence) Result {
	held := m.held()
	slices.SortStableFunc(m.marks, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	sort.SliceStable(m.Problems, func(i, j int) bool { return m.Problems[i].Start < m.Problems[j].Start })
	var open []Mark
	next := 0
	for _, w := range m.Words {
		for ; next < len(m.marks) && m.marks[next].Start <= w.Start; next++ {
			open = append(open, m.marks[next])
		}
		open = slices.DeleteFunc(open, func(one Mark) bool { return one.End <= w.Start })
		if overlaps(held, w) {
			continue
		}
		var best Mark
		for i, one := range open {
			if i == 0 || one.Len() <= best.Len() {
				best = one
			}
		}
		m.Occurrences = append(m.Occurrences, occurrence(w, best))
	}
	return m.Result
}

// held are the host bytes of the whole words in the embedded scripts' texts. A word that a
// script's placeholder hides is not among them: the script's reader cannot see it.
func (m *Marks) held() []source.Span {
	var all []source.Span
	for _, g := range m.Scripts {
		for _, w := range site.Find([]byte(g.Text), m.Program) {
			all = append(all, g.Map.Written(w)...)
		}
	}
	return joined(all)
}

// joined are the spans in order, those that touch or overlap joined.
func joined(all []source.Span) []source.Span {
	sort.Slice(all, func(i, j int) bool { return all[i].Start < all[j].Start })
	var out []source.Span
	for _, s := range all {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// overlaps reports whether a span of the sorted, disjoint spans shares a byte with at.
func overlaps(spans []source.Span, at source.Span) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].End > at.Start })
	return i < len(spans) && spans[i].Start < at.End
}
