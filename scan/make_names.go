package scan

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var (
	makeVariable = lazyregexp.New(`(?m)^(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(\?|:{1,3}|\+|!)?=[ \t]*(.*)$`)
	// absolute is the beginning of a value of make that is an absolute path.
	absolute = lazyregexp.New(`^(?:/|\$[({](?:abspath|realpath|CURDIR|PWD)\b)`)
)

// maxMakeNames bounds the names that each command of a makefile is told.
const maxMakeNames = 100

// makeDefinitions are the definitions of a makefile; they are looked for once, for the file may hold many embedded scripts.
func (t *text) makeDefinitions() []makeDefinition {
	if t.make == nil {
		t.make = []makeDefinition{}
		for _, m := range makeVariable.FindAllSubmatchIndex(t.src, -1) {
			d := makeDefinition{name: string(t.src[m[2]:m[3]]), value: string(t.src[m[6]:m[7]]), gives: true, at: m[0]}
			if m[4] >= 0 {
				d.gives = t.src[m[4]] != '+' && t.src[m[4]] != '!'
			}
			t.make = append(t.make, d)
		}
	}
	return t.make
}

// makeNames are the variables of a makefile that hold the instance, and before them the one that holds its root directory.
func (s *scanner) makeNames(g *source.Script, t *text) []site.Name {
	var out []site.Name
	at := g.Map.At(0)
	for _, d := range t.makeDefinitions() {
		if s.pack.Instance.Holds(d.name) && len(out) < maxMakeNames && (at.File != "" || !t.emptyInMake(d.name, at.Start)) {
			out = append(out, makeName(g, d.name, "variable"))
		}
	}
	if root := s.makeRoot(g, t); root != "" && len(out) > 0 {
		out = slices.Insert(out, 0, makeName(g, root, "root"))
	}
	return out
}

// makeName is a variable as make expands it, for which the script gets a hole without a place in its text: the host must not
// escape it.
func makeName(g *source.Script, name, how string) site.Name {
	h := source.Hole{Span: source.Span{Start: len(g.Text), End: len(g.Text)}, Expr: name, Source: "$(" + name + ")"}
	g.Holes = append(g.Holes, h)
	return site.Name{Expr: h.Source, How: how}
}

// makeRoot is the variable that holds an instance's root directory where it is defined before a script: what is not exported
// is no root of a call's, and tells which directory is meant all the same. A path that may be relative does not count where
// the script changes the directory.
func (s *scanner) makeRoot(g *source.Script, t *text) string {
	at, moved := g.Map.At(0), moves.MatchString(g.Text)
	for _, d := range t.makeDefinitions() {
		if at.File == "" && d.at < at.Start && d.gives && (!moved || absolute.MatchString(d.value)) &&
			slices.Contains(s.pack.Instance.RootEnv, d.name) && strings.Contains(d.value, s.pack.Instance.Dir+"/") {
			return d.name
		}
	}
	return ""
}

// emptyInMake reports whether a variable of a makefile has no value of its own, and the rule around an offset does not refer
// to it: whoever calls make need not have given it one.
func (t *text) emptyInMake(name string, at int) bool {
	if !slices.ContainsFunc(t.makeDefinitions(), func(d makeDefinition) bool {
		return d.name == name && d.gives && (strings.TrimRight(d.value, "\r") == "" || d.value[0] == '#')
	}) {
		return false
	}
	from := at
	for from > 0 {
		from = bytes.LastIndexByte(t.src[:from-1], '\n') + 1
		if c := t.src[from]; c != '\t' && c != '\n' && c != '#' && c != '\r' {
			break
		}
	}
	end := len(t.src)
	for start := range lineStarts(t.src[at:]) {
		if c := t.src[at+start]; start > 0 && c != '\t' && c != '\n' && c != '#' && c != '\r' {
			end = at + start
			break
		}
	}
	rule := t.src[from:end]
	return !bytes.Contains(rule, []byte("$("+name)) && !bytes.Contains(rule, []byte("${"+name))
}
