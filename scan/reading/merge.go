package reading

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Finding is what one reader says of a place. Of two, the one of higher rank holds.
type Finding struct {
	site.Occurrence
	Rank Rank
}

// Rank says how much a finding knows of its place. A text that is shown and also run is run.
type Rank int

// The ranks, low to high: below Word what is said for want of something better, above it what its class is worth.
const (
	Part    Rank = 1
	Remark  Rank = 5
	Value   Rank = 10
	Call    Rank = 20
	Name    Rank = 30
	Pattern Rank = 40
	Word    Rank = 50
	Shown   Rank = 60
	Install Rank = 80
	Lookup  Rank = 90
	Run     Rank = 100
)

// RankOf is the rank of a class that was shown.
func RankOf(c site.Class) Rank {
	switch c {
	case site.Invocation:
		return Run
	case site.Lookup:
		return Lookup
	case site.Wrapper:
		return Lookup - 1
	case site.Install:
		return Install
	case site.Import:
		return Install - 1
	case site.Requirement:
		return Install - 2
	case site.Message:
		return Shown
	case site.Comment:
		return Word + 4
	case site.Prose:
		return Word + 3
	case site.Path:
		return Word + 2
	case site.Identifier:
		return Word + 1
	case site.Data:
		return Word
	case site.Unexplained:
		return Part
	}
	return 0
}

// Of is the finding of an occurrence whose class says all.
func Of(occ site.Occurrence) Finding { return Finding{occ, RankOf(occ.Class)} }

// Merge makes one finding of two for the same place. Where both run or look for the program all places that use the value
// count, and of two of the same kind the action that asks more of a person holds.
func Merge(a, b Finding) Finding {
	if b.Rank > a.Rank {
		a, b = b, a
	}
	if !a.Class.Site() || !b.Class.Site() {
		return a
	}
	a.Uses, a.Takes = mergeSteps(a.Uses, b.Uses), mergeTakes(a.Takes, b.Takes)
	if a.Class != b.Class {
		return a
	}
	a.Slot = safer(a.Slot, b.Slot)
	if a.Class == site.Invocation && len(b.Argv) > len(a.Argv) {
		a.Argv = b.Argv
	}
	if weight(b.Action) > weight(a.Action) {
		a.Action, a.Reason, a.Rule = b.Action, b.Reason, b.Rule
	}
	return a
}

// weight orders actions by how much they ask of a person.
func weight(a site.Action) int {
	return slices.Index([]site.Action{"", site.Done, site.Keep, site.Rewrite, site.Review}, a)
}

// maxSteps bounds the places that are listed for one value.
const maxSteps = 50

func mergeSteps(a, b []site.Step) []site.Step {
	out := slices.Clone(a)
	for _, s := range b {
		if len(out) < maxSteps && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// mergeTakes are the places of two lists, each once. One that is reached in two ways which name different roots is left to
// a person: the first of them may be wrong for the second.
func mergeTakes(a, b []site.Take) []site.Take {
	out := slices.Clone(a)
	for _, t := range b {
		i := slices.IndexFunc(out, func(o site.Take) bool {
			return o.File == t.File && o.Slot != nil && t.Slot != nil && o.Slot.Span == t.Slot.Span
		})
		switch {
		case i < 0:
			out = append(out, t)
		case rootOf(out[i].Slot) != rootOf(t.Slot):
			slot := *out[i].Slot
			slot.Root, slot.UnsafeReason = nil, "it is run with different root directories"
			out[i].Slot = &slot
		}
	}
	return out
}

func rootOf(s *site.Slot) string {
	if s == nil || s.Root == nil {
		return ""
	}
	return s.Root.Expr
}

// safer is one slot made of two for the same place: a fix of it has to be right for both commands.
func safer(a, b *site.Slot) *site.Slot {
	if a != nil && b != nil && a.Env != b.Env {
		one, other := *a, *b
		one.Env, other.Env = true, true
		a, b = &one, &other
	}
	switch {
	case a == nil:
		return b
	case b != nil && raw(a) != raw(b):
		one := *a
		one.UnsafeReason = "it is run with a root directory of its own, and without it"
		return &one
	case b != nil && a.Language != "shell" && rootOf(a) != "" && rootOf(b) != "" && rootOf(a) != rootOf(b):
		one := *a
		one.Root, one.UnsafeReason = nil, "it is run with different root directories"
		return &one
	case b == nil || a.Place == b.Place && (a.UnsafeReason != "" || b.Place == "" || b.UnsafeReason == ""):
		return a
	case a.Place == b.Place:
		return b
	}
	one := *a
	one.UnsafeReason = "the value is run in more than one place: here, and in a container or on another machine"
	return &one
}

// raw is the root directory of a slot that only the text around it names.
func raw(s *site.Slot) string {
	if s.Root == nil || !s.Root.Raw {
		return ""
	}
	return s.Root.Expr
}
