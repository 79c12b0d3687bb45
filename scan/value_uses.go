package scan

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// atItsUses reports whether a value of shell text is to be replaced where it is run rather than where it is written: no
// instance is known here, another one at some of these places, or a person has decided about one. It is for a person until all
// of them are settled.
func (s *scanner) atItsUses(f *File, occ *site.Occurrence) bool {
	occ.Takes = together(occ.Takes)
	slot := occ.Slot
	here := nameOf(slot)
	apart := slices.ContainsFunc(occ.Takes, func(t site.Take) bool { return nameOf(t.Slot) != here })
	can := slices.ContainsFunc(occ.Takes, func(t site.Take) bool { return t.Slot.UnsafeReason == "" && nameOf(t.Slot) != (site.Name{}) })
	decided := slices.ContainsFunc(occ.Takes, func(t site.Take) bool { return s.decided(f, t) })
	if !can && !decided || !decided && !apart && here != (site.Name{}) && slot.Foreign == "" && slot.UnsafeReason == "" {
		occ.Takes = nil
		return false
	}
	occ.Action = site.Review
	return true
}

// decided reports whether a decision or a comment stands at the place that runs a value.
func (s *scanner) decided(f *File, t site.Take) bool {
	in := s.file(f, t.File)
	line, _ := in.Lines.Position(t.Slot.Span.Start)
	return s.ignoresIn(in).byLine[line] != nil || slices.ContainsFunc(s.root.Config.Decisions, func(d rules.Decision) bool {
		return d.Matches(in.Path, line, func(part string) bool { return bytes.Contains(in.line(line), []byte(part)) })
	})
}

// nameOf is what a slot names its instance by, and nothing of how that is known.
func nameOf(slot *site.Slot) site.Name {
	switch {
	case slot.Root != nil:
		return site.Name{Expr: slot.Root.Expr, How: "root"}
	case len(slot.Names) > 0:
		return site.Name{Expr: slot.Names[0].Expr}
	}
	return site.Name{}
}

// settleUses gives each place that runs a value of shell text a site of its own, and the value its action: it goes away
// when each of these places is rewritten.
func (s *scanner) settleUses(files map[string]*File) {
	for _, t := range s.held {
		f := files[t.path]
		for i := 0; i < len(f.Occurrences); i++ {
			if occ := f.Occurrences[i]; occ.Class.Site() && occ.Action == site.Review && occ.Slot != nil && occ.Slot.Language == "shell" && len(occ.Takes) > 0 {
				s.settleValue(f, occ.Span, files)
			}
		}
	}
}

func (s *scanner) settleValue(f *File, at source.Span, files map[string]*File) {
	var first, left *site.Occurrence
	var where string
	value := f.at(at)
	takes := value.Takes
	for i := range takes {
		t := &takes[i]
		in := files[cmp.Or(t.File, f.Path)]
		if in == nil {
			continue
		}
		use := in.use(*t, s.pack.Program.Name+"/shell-call")
		s.decideOne(in, use, s.ignoresIn(in))
		t.Action, t.Reason, t.Instance = use.Action, use.Reason, site.Name{Expr: use.Instance, How: use.InstanceFrom}
		one := *use
		switch {
		case use.Action == site.Rewrite && first == nil:
			first = &one
		case use.Action != site.Rewrite && left == nil:
			left = &one
			line, col := in.Lines.Position(use.Start)
			where = fmt.Sprintf("%s:%d:%d", in.Path, line, col)
		}
	}
	value = f.at(at)
	value.Takes = takes
	switch {
	case left != nil && left.Action == site.Keep:
		value.Action, value.Reason = site.Keep, fmt.Sprintf("what runs it at %s is kept: %s", where, left.Reason)
	case left != nil:
		value.Reason = fmt.Sprintf("what runs it at %s has no fix: %s", where, left.Reason)
		value.Suggestion = s.suggestion()
	case first != nil:
		value.Action, value.Instance, value.InstanceFrom, value.Suggestion = site.Rewrite, first.Instance, FromUses, ""
		for _, t := range takes {
			if in := files[cmp.Or(t.File, f.Path)]; in != nil {
				in.nameless(t.Slot.Span, s.pack.Program.Name)
			}
		}
	}
}

// nameless takes a site out that does not name the program: what its value's definition says of its uses is enough.
func (f *File) nameless(at source.Span, program string) {
	f.Occurrences = slices.DeleteFunc(f.Occurrences, func(o site.Occurrence) bool {
		return o.Span == at && len(site.Find(f.Src[at.Start:at.End], program)) == 0
	})
}

// at is the occurrence at a place of a file.
func (f *File) at(s source.Span) *site.Occurrence {
	i := slices.IndexFunc(f.Occurrences, func(o site.Occurrence) bool { return o.Span == s })
	return &f.Occurrences[i]
}

// use makes the place that runs a value a site of its file: the one that the program's name in the variable's makes, or a
// new one.
func (f *File) use(t site.Take, rule string) *site.Occurrence {
	occ := site.Occurrence{Span: t.Slot.Span, Language: "shell", Class: cmp.Or(t.Class, site.Invocation), Kind: "shell-call", Argv: t.Argv, Slot: t.Slot}
	i := slices.IndexFunc(f.Occurrences, func(o site.Occurrence) bool { return occ.Covers(o.Span) })
	if i < 0 {
		i, _ = slices.BinarySearchFunc(f.Occurrences, occ.Start, func(o site.Occurrence, at int) int { return cmp.Compare(o.Start, at) })
		f.Occurrences = slices.Insert(f.Occurrences, i, site.Occurrence{Rule: rule})
	} else {
		occ.Span = f.Occurrences[i].Span
	}
	old := &f.Occurrences[i]
	occ.Rule, occ.Reason = old.Rule, "runs a value that is the program's name: the path of its instance's stands here in its stead"
	if t.Slot.Script != nil {
		occ.Host = t.Slot.Script.Host
	}
	*old = occ
	return old
}
