package shell

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// namedExpansion is a word that is the value of one variable; the third group is empty when it is nothing else.
var namedExpansion = lazyregexp.New(`^("?)\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)([^\[\]}]*)\})("?)$`)

// Reasons why a place that runs a value is left to a person.
const (
	partOfValue = "the value is run as a part of a word, or in text inside the script: give this call its instance's path by hand"
	otherValues = "the variable holds something else as well at times: give this call its instance's path by hand"
	ownRoot     = "the command names its own root directory, which cannot be written at this place"
)

// takes is the place that runs the value of a variable, with what a fix needs to know to put a path there. There is none
// for a value that is more than the program's name, nor where no variable's name stands.
func (r *reader) takes(u Use, f field, fields []field, here, written source.Place) []site.Take {
	if f.text == nil || f.Text != r.program {
		return nil
	}
	name, whole := f.variable()
	if first := f.first; name == "" && first != nil && !first.value { // an element of an array: where that is written
		f = field{Word: f.Word, text: first.text, at: first.at}
		if here, _ = f.text.originOf(f.at); here == written {
			return nil
		}
		if name, whole = f.variable(); u.Root == nil || u.Root.Word >= len(fields) || fields[u.Root.Word].first == nil || fields[u.Root.Word].first.text != f.text {
			whole = false
		}
	}
	if name == "" || strings.HasPrefix(here.File, hostPrefix) {
		return nil
	}
	s := &site.Slot{Form: site.ShellWord, Language: "shell", Span: here.Span, At: f.at, Names: r.names(r.t), Place: u.Place, Env: u.Env}
	root, value := r.ownRoot(u, fields), ""
	if u.Root == nil && root == "" {
		root, value = r.rootHere()
	}
	switch v := r.st.vars[name]; {
	case !whole, f.text.outer != nil:
		s.UnsafeReason = partOfValue
	case v != nil && (v.how == "loop variable" || !v.only(written)):
		s.UnsafeReason = otherValues
	case root == elsewhere:
		s.UnsafeReason = ownRoot
	default:
		s.UnsafeReason = r.unsafe(&finding{place: u.Place, named: u.Root != nil}, &context{text: f.text, quotes: []byte{0}}, root)
	}
	if root != "" && root != elsewhere {
		s.Root = &site.Name{Expr: root, How: "root", Value: value}
	}
	if here.File == "" {
		if len(r.embedded.Argv) > 0 {
			s.Form = site.Element
		}
		if s.Span = spread(r.embedded, f.at); r.embedded.Host != "" {
			s.Script = r.embedded
		}
	}
	return []site.Take{{File: strings.TrimPrefix(here.File, filePrefix), Slot: s, Class: u.Class, Argv: u.Argv}}
}

// spread is the place in the host of a word of its script.
func spread(g *source.Script, at source.Span) source.Span {
	if len(g.Map.Segments) == 0 {
		return at
	}
	if p, ok := g.Map.Host(at); ok {
		return p.Span
	}
	return g.Map.At(at.Start).Span
}

// variable is the name of the variable whose value a word is, and whether the word is nothing else. A variable of the host
// is written as the host does: {{ tool }}.
func (f field) variable() (name string, whole bool) {
	raw := f.text.raw(f.at)
	if m := namedExpansion.FindStringSubmatch(raw); m != nil {
		return m[2] + m[3], m[1] == m[5] && m[4] == ""
	}
	at := f.at
	if len(raw) > 2 && raw[0] == '"' && raw[len(raw)-1] == '"' {
		at.Start, at.End = at.Start+1, at.End-1
	}
	for _, h := range f.text.holes {
		if h.Start < at.End && at.Start < h.End {
			return hostName(h), h.Span == at
		}
	}
	return "", false
}

// only reports whether a variable holds nothing but the value that is written at a place, what its own expression leaves
// open aside.
func (v *variable) only(at source.Place) bool {
	return !slices.ContainsFunc(v.alts, func(a alternative) bool {
		if len(a.fields) != 1 {
			return true
		}
		f := a.fields[0]
		p, ok := f.Map.Host(source.Span{End: len(f.Text)})
		return !f.blank() && (!ok || p != at)
	})
}

// movable reports whether each place that runs a value can be given a path of its own, so that the value is not needed.
func movable(o *site.Occurrence) bool {
	return len(o.Takes) > 0 && !slices.ContainsFunc(o.Takes, func(t site.Take) bool { return t.Slot.UnsafeReason != "" })
}
