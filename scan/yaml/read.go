package yaml

import (
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// StartsFresh reports whether the commands of a file run in a fresh checkout, where nothing builds an environment for them.
func StartsFresh(path string, src []byte, pack *rules.Pack) bool {
	return detect(newFile(path, string(src)), pack).Checkout == "fresh"
}

// Read finds the embedded scripts of a YAML file and classifies what is outside of them. It never fails: what is not understood
// is a problem, and mentions of the program there are of class unexplained.
func Read(in reading.Input) reading.Result {
	if in.Pack == nil || in.Pack.Program.Name == "" {
		return reading.Result{}
	}
	f := newFile(in.Path, string(in.Src))
	w := &walker{
		Marks: reading.NewMarks(in), file: f, kind: detect(f, in.Pack), in: in,
		owner: make(map[*Node]*found), tops: make(map[string][]place), sets: make(map[*Node][]source.Var), values: make(map[variable]*source.Script), visits: make(map[*Node]bool),
	}
	w.jobs = w.readJobs()
	for _, doc := range f.tree.Docs {
		w.doc = doc
		w.walk(doc)
	}
	w.inherited()
	w.Problems = f.problems()
	if w.crowded {
		w.Problem(len(in.Src), len(in.Src), "more variables than are followed for one command: what later ones hold is not known")
	}
	for _, g := range w.found {
		w.Scripts = append(w.Scripts, g.embedded)
	}
	sort.SliceStable(w.Scripts, func(i, j int) bool { return w.Scripts[i].Map.At(0).Start < w.Scripts[j].Map.At(0).Start })
	return w.classify()
}

// problems are the mistakes of the file, in order.
func (f *file) problems() []reading.Problem {
	var out []reading.Problem
	for _, p := range f.tree.Problems {
		// An expression on a line of its own may put whole lines there.
		if b := f.blocksIn(p.Span); len(b) != 1 || !b[0].Covers(p.Span) {
			out = append(out, p)
		}
	}
	for _, s := range f.open {
		out = append(out, reading.Problem{Span: s, Text: "this template block never closes"})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out
}
