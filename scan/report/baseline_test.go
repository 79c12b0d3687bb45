package report

import (
	"bytes"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// scriptOf is a report on one script whose lines run what is given.
func scriptOf(path string, action site.Action, argv ...[]string) *scan.Report {
	root := rootOf(".", "other", nil)
	var src strings.Builder
	var found []site.Occurrence
	for _, a := range argv {
		if a == nil {
			src.WriteString("# a comment\n\n")
			continue
		}
		src.WriteString("tutor\n")
		found = append(found, site.Occurrence{Class: site.Invocation, Action: action, Argv: a})
	}
	return &scan.Report{Roots: []*scan.Root{root}, Files: []*scan.File{fileOf(root, path, src.String(), found...)}}
}

func baselineOf(t *testing.T, r *scan.Report) Baseline {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	known, err := ParseBaseline(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func TestBaseline(t *testing.T) {
	start, stop, odd := []string{"tutor", "start"}, []string{"tutor", "stop"}, []string{"tutor", "caf\xe9", ""}
	before := scriptOf("x.sh", site.Review, start, odd)
	for _, c := range []struct {
		name string
		r    *scan.Report
		left int
	}{
		{"the same", before, 0},
		{"lines moved", scriptOf("x.sh", site.Review, nil, start, nil, nil, odd), 0},
		{"another order", scriptOf("x.sh", site.Review, odd, start), 0},
		{"one is gone", scriptOf("x.sh", site.Review, start), 0},
		{"can be rewritten now", scriptOf("x.sh", site.Rewrite, start, odd), 0},
		{"decided by now", scriptOf("x.sh", site.Keep, start, odd, stop), 0},
		{"a second equal call", scriptOf("x.sh", site.Review, start, start, odd), 1},
		{"another call", scriptOf("x.sh", site.Review, start, odd, stop), 1},
		{"another call in its place", scriptOf("x.sh", site.Review, stop, odd), 1},
		{"another file", scriptOf("y.sh", site.Review, start, odd), 2},
		{"words cut elsewhere", scriptOf("x.sh", site.Review, []string{"tutor start"}, odd), 1},
	} {
		if got, _ := baselineOf(t, before).Left(c.r); got != c.left {
			t.Errorf("%s: %d left, want %d", c.name, got, c.left)
		}
	}
	if got, _ := Baseline(nil).Left(before); got != 2 {
		t.Errorf("without a baseline: %d left", got)
	}
	if got, _ := baselineOf(t, scriptOf("x.sh", site.Done, start)).Left(scriptOf("x.sh", site.Review, start)); got != 1 {
		t.Errorf("a call that was done is one again: %d left", got)
	}
}

// TestNew holds what a report with a baseline lists: of equal calls the surplus, and everything that asks for nothing.
func TestNew(t *testing.T) {
	start, stop := []string{"tutor", "start"}, []string{"tutor", "stop"}
	before := scriptOf("x.sh", site.Review, start)
	before.Skipped = []scan.Skip{{Root: before.Roots[0], Skip: walk.Skip{Path: "big.sql"}}}
	known := baselineOf(t, before)

	r := scriptOf("x.sh", site.Review, start, start, stop)
	r.Files[0].Occurrences = append(r.Files[0].Occurrences, site.Occurrence{Class: site.Comment})
	r.Skipped = append(before.Skipped, scan.Skip{Root: r.Roots[0], Skip: walk.Skip{Path: "other.sql"}})
	shown, left, gone := known.New(r)
	if got := shown.Files[0].Occurrences; left != 2 || gone != 0 || len(got) != 3 || got[0].Argv[1] != "start" || got[1].Argv[1] != "stop" || got[2].Class != site.Comment {
		t.Errorf("%d left out, shown %+v", left, got)
	}
	if len(shown.Skipped) != 1 || shown.Skipped[0].Path != "other.sql" || len(r.Files[0].Occurrences) != 4 {
		t.Errorf("skipped %+v; the report has %d occurrences", shown.Skipped, len(r.Files[0].Occurrences))
	}
	if shown, left, gone := known.New(before); left != 2 || gone != 0 || len(shown.Files) != 0 {
		t.Errorf("nothing is new: %d left out of %+v", left, shown.Files)
	}
	if _, left, gone := known.New(scriptOf("x.sh", site.Review, stop)); left != 0 || gone != 2 {
		t.Errorf("%d are left out and %d gone, want 0 and 2", left, gone)
	}
	if shown, left, gone := Baseline(nil).New(r); left != 0 || gone != 0 || len(shown.Files[0].Occurrences) != 4 {
		t.Errorf("without a baseline: %d left out", left)
	}
}

func TestBaselineUnexplained(t *testing.T) {
	of := func(path string, classes ...site.Class) *scan.Report {
		root := rootOf(".", "other", nil)
		var found []site.Occurrence
		for _, c := range classes {
			found = append(found, site.Occurrence{Class: c})
		}
		return &scan.Report{Roots: []*scan.Root{root}, Files: []*scan.File{fileOf(root, path, strings.Repeat("tutor\n", len(found)), found...)}}
	}
	before := of("x.json", site.Data, site.Unexplained)
	for _, c := range []struct {
		name string
		r    *scan.Report
		left int
	}{
		{"the same", before, 0},
		{"explained by now", of("x.json", site.Data, site.Prose), 0},
		{"one more", of("x.json", site.Unexplained, site.Unexplained), 1},
		{"another file", of("y.json", site.Unexplained), 1},
		{"known as data", of("x.json", site.Data, site.Data), 0},
	} {
		if sites, got := baselineOf(t, before).Left(c.r); got != c.left || sites != 0 {
			t.Errorf("%s: %d unexplained and %d sites, want %d and 0", c.name, got, sites, c.left)
		}
	}
}

func TestBaselineIncomplete(t *testing.T) {
	r := scriptOf("x.sh", site.Review)
	of := func(skipped ...walk.Skip) *scan.Report {
		one := *r
		for _, s := range skipped {
			one.Skipped = append(one.Skipped, scan.Skip{Root: r.Roots[0], Skip: s})
		}
		return &one
	}
	known := baselineOf(t, of(walk.Skip{Path: "known"}))
	for _, c := range []struct {
		r    *scan.Report
		want bool
	}{{of(), false}, {of(walk.Skip{Path: "known"}), false}, {of(walk.Skip{Path: "new", Minor: true}), false}, {of(walk.Skip{Path: "new"}), true}} {
		if got := known.Incomplete(c.r); got != c.want {
			t.Errorf("%+v: %t", c.r.Skipped, got)
		}
	}
}

func TestParseBaselineRefuses(t *testing.T) {
	for src, want := range map[string]string{
		"":                                    "is no JSON report",
		"hello":                               "is no JSON report",
		"[]":                                  "is no JSON report",
		"{}":                                  "is no JSON report",
		`{"version": 1, "fixes": []}`:         "is no JSON report",
		`{"version": 2, "occurrences": []}`:   "is no JSON report",
		`{"version": "1", "occurrences": []}`: "is no JSON report",
	} {
		if _, err := ParseBaseline([]byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", src, err)
		}
	}
	if b, err := ParseBaseline([]byte(`{"version": 1, "occurrences": []}`)); err != nil || len(b) != 0 {
		t.Errorf("an empty report: %v, %v", b, err)
	}
}
