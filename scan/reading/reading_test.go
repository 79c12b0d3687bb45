package reading_test

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Of the marks around a mention the smallest counts, of equal ones the last; none does where an embedded script holds it.
func TestMarks(t *testing.T) {
	const src = "tutor tutor tutor tutor"
	m := reading.NewMarks(reading.Input{Src: []byte(src), Pack: &rules.Pack{Program: rules.Program{Name: "tutor"}}})
	m.Mark(0, 17, site.Prose, "prose", "")
	m.Mark(6, 11, site.Data, "value", "")
	m.Mark(6, 11, site.Path, "path", "")
	m.Scripts = append(m.Scripts, &source.Script{Text: "tutor", Map: source.Identity(12, 5)})
	if got := m.Unmarked("prose"); len(got) != 2 || got[0].Start != 0 || got[1].Start != 18 {
		t.Errorf("unmarked: %v", got)
	}
	var got []string
	m.Classify(func(_ source.Span, m reading.Mark) site.Occurrence {
		got = append(got, m.Shape)
		return site.Occurrence{}
	})
	if len(got) != 3 || got[0] != "prose" || got[1] != "path" || got[2] != "" {
		t.Errorf("classified: %q", got)
	}
}

func TestMerge(t *testing.T) {
	step := func(n int) []site.Step { return []site.Step{{Span: source.Span{Start: n}}} }
	run := reading.Of(site.Occurrence{Class: site.Invocation, Action: site.Rewrite, Argv: []string{"tutor"}, Uses: step(1), Slot: &site.Slot{}})
	ask := reading.Of(site.Occurrence{Class: site.Invocation, Action: site.Review, Argv: []string{"tutor", "local"}, Uses: step(2), Reason: "why", Slot: &site.Slot{Place: "pod"}})
	find := reading.Of(site.Occurrence{Class: site.Lookup, Action: site.Rewrite, Uses: step(3)})
	shown := reading.Of(site.Occurrence{Class: site.Message})
	value := reading.Finding{Occurrence: site.Occurrence{Class: site.Data}, Rank: reading.Value}
	for _, c := range []struct {
		name   string
		a, b   reading.Finding
		class  site.Class
		action site.Action
		uses   int
		unsafe bool
	}{
		{"a text that is shown and run is run", shown, run, site.Invocation, site.Rewrite, 1, false},
		{"what its class is worth holds before a default", value, shown, site.Message, "", 0, false},
		{"the action that asks more holds, and a fix is right for both", run, ask, site.Invocation, site.Review, 2, true},
		{"a value that is looked up and run has both uses", run, find, site.Invocation, site.Rewrite, 2, false},
	} {
		for _, got := range []reading.Finding{reading.Merge(c.a, c.b), reading.Merge(c.b, c.a)} {
			unsafe := got.Slot != nil && got.Slot.UnsafeReason != ""
			if got.Class != c.class || got.Action != c.action || len(got.Uses) != c.uses || unsafe != c.unsafe {
				t.Errorf("%s: %+v", c.name, got)
			}
		}
	}
	var rising []reading.Finding // each asks more of a person than the one before
	for _, a := range []site.Action{"", site.Done, site.Keep, site.Rewrite, site.Review} {
		rising = append(rising, reading.Of(site.Occurrence{Class: site.Invocation, Action: a, Reason: string(a), Slot: &site.Slot{}}))
	}
	for i := range rising {
		for j := range rising {
			if got, want := reading.Merge(rising[i], rising[j]), rising[max(i, j)]; got.Action != want.Action || got.Reason != want.Reason {
				t.Errorf("%q and %q: %q, want %q", rising[i].Action, rising[j].Action, got.Action, want.Action)
			}
		}
	}
	if got := reading.Merge(run, ask); len(got.Argv) != 2 || got.Reason != "why" {
		t.Errorf("two calls: %+v", got)
	}
}
