package scan

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// decide gives every site of a file its instance and its action: by a decision of the workspace, by an ignore comment, or
// by the first source of the resolution order that holds.
func (s *scanner) decide(f *File) {
	ignores := s.ignoresIn(f)
	for i := range f.Occurrences {
		occ := &f.Occurrences[i]
		if !occ.Class.Site() && occ.Class != site.Unexplained || occ.Action == site.Done || occ.Action == site.Keep {
			continue
		}
		if occ.Class == site.Unexplained {
			line, _ := f.Lines.Position(occ.Start)
			s.settle(f, occ, line, ignores)
			continue
		}
		s.decideOne(f, occ, ignores)
	}
}

// decideOne gives one site its instance and its action.
func (s *scanner) decideOne(f *File, occ *site.Occurrence, ignores ignores) {
	line, _ := f.Lines.Position(occ.Start)
	if reason, ok := ignores.reason(line); ok {
		occ.Action, occ.Reason, occ.Takes = site.Keep, "kept by a comment: "+reason, nil
		return
	}
	s.ownRoot(occ.Slot)
	for _, src := range s.ws.resolutionOrder() {
		if (occ.Slot != nil || src.name == FromDecision) && src.holds(s, f, occ) {
			if !src.acts {
				occ.InstanceFrom = cmp.Or(occ.InstanceFrom, src.name)
				s.act(f, occ)
			}
			return
		}
	}
	s.act(f, occ)
}

// settle makes an unexplained occurrence what a person says that it is: nothing that runs.
func (s *scanner) settle(f *File, occ *site.Occurrence, line int, ignores ignores) {
	reason, by, ok := "", "", false
	if reason, ok = ignores.reason(line); ok {
		by = "a comment"
	}
	for i, d := range s.root.Config.Decisions {
		if !ok && d.Keep != "" && d.Matches(f.Path, line, func(part string) bool { return bytes.Contains(f.line(line), []byte(part)) }) {
			reason, by, ok, s.used[i] = d.Keep, "decision", true, true
		}
	}
	if ok {
		occ.Class, occ.Reason = site.Data, "settled by "+by+": "+reason
	}
}

// byDecision applies the first decision that matches.
func (s *scanner) byDecision(f *File, occ *site.Occurrence) bool {
	line, _ := f.Lines.Position(occ.Start)
	d, ok := s.decision(f, line)
	switch {
	case !ok:
		return false
	case d.Keep != "":
		occ.Action, occ.Reason = site.Keep, "kept by decision: "+d.Keep
		return true
	}
	occ.Instance, occ.InstanceFrom, occ.Action, occ.Takes = d.Instance, FromDecision, site.Rewrite, nil
	if occ.Slot == nil {
		occ.Action, occ.Reason = site.Review, "the instance is decided, but the place is written in a way that cannot be edited"
	}
	return true
}

// ownRoot tells a root directory that is an instance's from one that is visibly elsewhere.
func (s *scanner) ownRoot(slot *site.Slot) {
	if slot == nil || slot.Root == nil {
		return
	}
	if slot.Form == site.Element {
		slot.Root = &site.Name{Expr: rootText(slot), How: slot.Root.How} // no shell expands a variable there
	}
	if !s.instanceRoot(slot) {
		slot.Foreign = slot.Root.Expr
	}
}

// act gives a site its action, by the instance that was found or why there is none.
func (s *scanner) act(f *File, occ *site.Occurrence) {
	slot := occ.Slot
	occ.Takes = nil
	if slot == nil {
		occ.Action = site.Review
		return
	}
	switch {
	case slot.Foreign != "":
		occ.Action, occ.InstanceFrom = site.Review, ""
		occ.Reason = foreignRoot(slot)
		occ.Suggestion = s.suggestion()
	case occ.Action == site.Review: // the reader has a reason of its own
	case occ.Instance == "":
		occ.Action, occ.Reason, occ.Suggestion = site.Review, s.noInstance(occ), s.suggestion()
	case mask.Placeholder(occ.Instance, f.Src):
		occ.Action, occ.Reason, occ.Instance = site.Review, inTemplate, ""
	case slot.UnsafeReason != "":
		occ.Action, occ.Reason = site.Review, slot.UnsafeReason
	default:
		occ.Action = site.Rewrite
	}
}

// foreignRoot says, for a person, that a root directory is none that an environment can be taken from.
func foreignRoot(slot *site.Slot) string {
	return fmt.Sprintf("its root directory %s is not an instance's, so no instance's environment can be chosen: decide in grove-migrate.yaml", slot.Foreign)
}

// NameInstance is what a person does where nothing tells the instance; it ends the reason.
const NameInstance = "say which instance's environment is meant, or keep it, in grove-migrate.yaml"

const inTemplate = "the instance stands in an expression of a template that cannot be written here: " + NameInstance

// noInstance says, for a person, why no source of the resolution order holds.
func (s *scanner) noInstance(occ *site.Occurrence) string {
	verb := "runs"
	if occ.Class == site.Lookup {
		verb = "looks for"
	}
	where := "no name in scope holds an instance"
	if occ.Slot.Script != nil && occ.Slot.Script.Where != "" {
		where = fmt.Sprintf("%s has no instance", occ.Slot.Script.Where)
	} else if occ.Slot.Owner != "" {
		where = fmt.Sprintf("no name in scope of %s holds an instance, nor has it a single caller where one does", occ.Slot.Owner)
	}
	return fmt.Sprintf("%s %s, and %s: %s", verb, s.pack.Program.Name, where, NameInstance)
}

// caller is the one call of the function that holds a site, with the instance that is known there; nil when there are
// several, or none that knows it.
func (s *scanner) caller(f *File, occ *site.Occurrence) *site.Take {
	if f.Callers == nil || occ.Slot.OwnerAt.Len() == 0 {
		return nil
	}
	calls := f.Callers(occ.Slot.OwnerAt)
	if len(calls) != 1 {
		return nil
	}
	names := s.namesAt(calls[0])
	if len(names) == 0 {
		return nil
	}
	return &site.Take{File: calls[0].File, Slot: &site.Slot{Span: calls[0].Span}, Instance: names[0], Action: site.Rewrite}
}

func (s *scanner) namesAt(p flow.Place) []site.Name {
	at := s.names[p.File]
	if at == nil {
		return nil
	}
	names, _, _ := at(source.Span{Start: p.Start, End: p.Start + 1})
	return slices.DeleteFunc(slices.Clone(names), func(n site.Name) bool { return n.How == "root" })
}
