package scan

import (
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// classify gives every place of a text where the word stands exactly one occurrence, and keeps those that run the program
// without naming it. A place that no reader spoke of is unexplained, and so is one that reads as a call where the reader
// had nothing better than a default.
func classify(pack *rules.Pack, t *text) []site.Occurrence {
	words := site.Find(t.src, pack.Program.Name)
	byWord := make([]reading.Finding, len(words))
	nameless := map[source.Span]reading.Finding{}
	for _, occ := range t.findings {
		k := wordOf(words, occ.Span)
		switch {
		case k >= 0:
			byWord[k] = reading.Merge(byWord[k], reading.Of(occ))
		case occ.Class.Site():
			nameless[occ.Span] = reading.Merge(nameless[occ.Span], reading.Of(occ))
		}
	}
	var out []site.Occurrence
	for k, f := range byWord {
		if f.Class == "" {
			f.Occurrence = unread(pack, t)
		}
		f.Span = words[k]
		out = append(out, tidy(doubt(pack, t, f.Occurrence)))
	}
	for _, f := range nameless {
		out = append(out, tidy(f.Occurrence))
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

func unread(pack *rules.Pack, t *text) site.Occurrence {
	return site.Occurrence{
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
