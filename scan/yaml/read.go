package yaml

import (
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Input is one file to read.
type Input struct {
	Path string // slash path relative to the repository
	Src  []byte
	Pack *rules.Pack
	Load func(path string) ([]byte, bool) // another file of the repository, for includes; nil when there is none
}

// Reading is what a file holds.
//
// Every place that site.Find gives for the program's name is classified once: either an embedded script holds it (its map leads
// there from a place where the name is a whole word of the script's text), or Occurrences has it. One exception is
// on purpose: the value of a variable in Script.Env is an occurrence of class data as well, which gives way when
// the script's reader finds that the variable's value is run.
type Reading struct {
	Kind        string            // the kind of file, as the pack names it; empty when it knows none
	Scripts     []*source.Script  // in order of position
	Occurrences []site.Occurrence // in order of position
	Problems    []Problem         // in order of position
}

// Problem is a part of the file that could not be read as YAML. What stands there is classified all the same.
type Problem struct {
	source.Span
	Text string // lower case, without the place
}

// StartsFresh reports whether the commands of a file run in a fresh checkout, where nothing builds an environment for them.
func StartsFresh(path string, src []byte, pack *rules.Pack) bool {
	return detect(newFile(path, string(src)), pack).Checkout == "fresh"
}

// Read finds the embedded scripts of a YAML file and classifies what is outside of them. It never fails: what is not understood
// is a Problem, and mentions of the program there are of class unexplained.
func Read(in Input) Reading {
	if in.Pack == nil || in.Pack.Program.Name == "" {
		return Reading{}
	}
	f := newFile(in.Path, string(in.Src))
	k := detect(f, in.Pack)
	w := &walker{
		file: f, kind: k, in: in, program: strings.ToLower(in.Pack.Program.Name),
		owner: make(map[*Node]*found), tops: make(map[string][]place), sets: make(map[*Node][]source.Var), values: make(map[variable]*source.Script), visits: make(map[*Node]bool),
	}
	w.jobs = w.readJobs()
	for _, doc := range f.tree.Docs {
		w.doc = doc
		w.walk(doc)
	}
	w.inherited()
	out := Reading{Kind: k.Name, Problems: f.problems()}
	if w.crowded {
		out.Problems = append(out.Problems, Problem{source.Span{Start: len(in.Src), End: len(in.Src)}, "more variables than are followed for one command: what later ones hold is not known"})
	}
	for _, g := range w.found {
		out.Scripts = append(out.Scripts, g.embedded)
	}
	sort.SliceStable(out.Scripts, func(i, j int) bool { return out.Scripts[i].Map.At(0).Start < out.Scripts[j].Map.At(0).Start })
	out.Occurrences = w.classify(site.Find(in.Src, w.program), out.Scripts)
	return out
}

// problems are the mistakes of the file, in order.
func (f *file) problems() []Problem {
	var out []Problem
	for _, p := range f.tree.Problems {
		// An expression on a line of its own may put whole lines there.
		if b := f.blocksIn(p.Span); len(b) != 1 || !b[0].Covers(p.Span) {
			out = append(out, p)
		}
	}
	for _, s := range f.open {
		out = append(out, Problem{s, "this template block never closes"})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out
}
