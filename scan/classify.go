package scan

import (
	"slices"
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// classify gives every place of a text where the word stands exactly one occurrence, and keeps those that run the program
// without naming it. A place that no reader spoke of is unexplained, and so is one that reads as a call where the reader
// had nothing better than a default.
func classify(pack *rules.Pack, t *text) []site.Occurrence {
	words := site.Find(t.src, pack.Program.Name)
	byWord := make([]*site.Occurrence, len(words))
	nameless := map[source.Span]*site.Occurrence{}
	for i := range t.findings {
		occ := &t.findings[i]
		k := wordOf(words, occ.Span)
		switch {
		case k >= 0:
			byWord[k] = stronger(byWord[k], occ)
		case occ.Class.Site():
			nameless[occ.Span] = stronger(nameless[occ.Span], occ)
		}
	}
	var out []site.Occurrence
	for k, occ := range byWord {
		if occ == nil {
			occ = unread(pack, t)
		}
		one := *occ
		one.Span = words[k]
		out = append(out, tidy(doubt(pack, t, one)))
	}
	for _, occ := range nameless {
		out = append(out, tidy(*occ))
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out
}

// doubt makes a harmless occurrence unexplained when its text reads as a call and its harmlessness is not shown.
func doubt(pack *rules.Pack, t *text, occ site.Occurrence) site.Occurrence {
	if occ.Class.Site() || occ.Class == site.Unexplained || occ.Class == site.Wrapper || occ.Shown {
		return occ
	}
	if rule, ok := pack.Rule(occ.Rule); ok && rule.Shown || !site.ReadsAsCall(t.src, occ.Span, &pack.Program) {
		return occ
	}
	occ.Class, occ.Kind, occ.Rule = site.Unexplained, "reads-as-call", pack.Program.Name+"/reads-as-call"
	occ.Reason = "reads as a call, and nothing shows that it is not run; taken for " + occ.Reason
	return occ
}

func unread(pack *rules.Pack, t *text) *site.Occurrence {
	return &site.Occurrence{
		Language: string(t.kind), Class: site.Unexplained, Rule: pack.Program.Name + "/unread",
		Reason: "no reader of this kind of file could say what it is",
	}
}

// wordOf is the index of the word that a finding is about: the one with its span, or the only one inside it.
func wordOf(words []source.Span, s source.Span) int {
	i := sort.Search(len(words), func(i int) bool { return words[i].End > s.Start })
	if i == len(words) {
		return -1
	}
	if words[i].Covers(s) && s.Len() > 0 {
		return i
	}
	if s.Covers(words[i]) && (i+1 == len(words) || words[i+1].Start >= s.End) {
		return i
	}
	return -1
}

// strength orders the classes by how much they ask of a person: a place that runs the program in one way and is shown in
// another is a site.
func strength(c site.Class) int {
	for i, o := range []site.Class{site.Invocation, site.Lookup, site.Wrapper, site.Install, site.Import, site.Requirement, site.Message, site.Comment, site.Prose, site.Path, site.Identifier, site.Data, site.Unexplained} {
		if c == o {
			return -i
		}
	}
	return -100
}

// stronger is one occurrence made of two for the same place.
func stronger(a, b *site.Occurrence) *site.Occurrence {
	if a == nil {
		return b
	}
	if strength(b.Class) > strength(a.Class) {
		a, b = b, a
	}
	one := *a
	if a.Class != b.Class && a.Class.Site() && b.Class.Site() {
		one.Takes = append(slices.Clone(a.Takes), b.Takes...)
	}
	if a.Class == b.Class && a.Class.Site() {
		one.Uses = append(append([]site.Step{}, a.Uses...), b.Uses...)
		one.Takes = append(slices.Clone(a.Takes), b.Takes...)
		one.Slot = safer(a.Slot, b.Slot)
		if len(b.Argv) > len(one.Argv) {
			one.Argv = b.Argv
		}
		one.Action = graver(a.Action, b.Action)
		if one.Action == b.Action && one.Action != a.Action {
			one.Reason = b.Reason
		}
	}
	return &one
}

// safer is one slot made of two for the same place: a fix of it has to be right for both commands.
func safer(a, b *site.Slot) *site.Slot {
	switch {
	case a == nil:
		return b
	case b != nil && raw(a) != raw(b):
		one := *a
		one.UnsafeReason = "it is run with a root directory of its own, and without it"
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

// graver is the action that asks more of a person.
func graver(a, b site.Action) site.Action {
	for _, o := range []site.Action{site.Review, site.Rewrite, site.Keep, site.Done} {
		if a == o || b == o {
			return o
		}
	}
	return a
}

// tidy drops uses that are the place itself, and doubles.
func tidy(occ site.Occurrence) site.Occurrence {
	var uses []site.Step
	seen := map[site.Step]bool{}
	for _, u := range occ.Uses {
		if u.File == "" && u.Span.Covers(occ.Span) || seen[u] {
			continue
		}
		seen[u] = true
		uses = append(uses, u)
	}
	sort.Slice(uses, func(i, j int) bool {
		return uses[i].File < uses[j].File || uses[i].File == uses[j].File && uses[i].Start < uses[j].Start
	})
	occ.Uses = uses
	if !occ.Class.Site() {
		occ.Action, occ.Argv, occ.Slot, occ.Instance, occ.InstanceFrom = "", nil, nil, "", ""
	}
	return occ
}
