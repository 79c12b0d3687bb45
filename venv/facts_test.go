package venv

import (
	"os"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

func TestReleases(t *testing.T) {
	text, err := os.ReadFile("../rules/packs/tutor/releases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseFacts(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ tutor, name, python, needs string }{
		{"12.0.0", "", "", ""},
		{"13.3.1", "maple", ">=3.6", "setuptools<82 click<8.3"},
		{"14.0.5", "nutmeg", ">=3.6", "setuptools<82 click<8.3"},
		{"14.2.2", "nutmeg", ">=3.7", "setuptools<82 click<8.3"},
		{"17.0.1", "quince", ">=3.8", "setuptools<82 click<8.3"},
		{"17.0.2", "quince", ">=3.8", "click<8.3"},
		{"18.1.4", "redwood", ">=3.8", "click<8.3"},
		{"18.2.2", "redwood", ">=3.9", "click<8.3"},
		{"20.0.1", "teak", ">=3.9", "click<8.3"},
		{"20.0.2", "teak", ">=3.9", ""},
		{"22.0.3", "verawood", ">=3.10", ""},
		{"99.0.0", "verawood", ">=3.10", ""},
		{"", "", "", ""},
		{"nightly", "", "", ""},
	} {
		r := f.Release(tt.tutor)
		if r.Name != tt.name || r.Python != tt.python || strings.Join(r.Needs, " ") != tt.needs {
			t.Errorf("Tutor %q: %+v", tt.tutor, r)
		}
	}
}

func TestParseFactsRefuses(t *testing.T) {
	for _, bad := range []string{
		"releases: [{from: \"15\"}, {from: \"14\"}]",
		"releases: [{from: \"15\"}, {from: \"15.0\"}]",
		"relases: []",
		"releases: [{from: \"15\", pyhton: x}]",
		"releases: [",
	} {
		if _, err := ParseFacts([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func entries(lines ...string) []requirement.Entry {
	var out []requirement.Entry
	for _, l := range lines {
		out = append(out, requirement.ParseEntry(l, "/w"))
	}
	return out
}

func TestPinnedTutor(t *testing.T) {
	for line, want := range map[string]string{
		"tutor==14.2.2":   "14.2.2",
		"tutor>=14,<15":   "14",
		"tutor~=16.1":     "16.1",
		"tutor==18.*":     "18",
		"tutor>=14":       "",
		"tutor<15":        "",
		"tutor":           "",
		"tutor-mfe==14.0": "",
		"tutor @ git+https://h/overhangio/tutor.git@v16.1.8": "16.1.8",
		"git+https://h/overhangio/tutor@v16.1.8":             "16.1.8",
		"tutor @ git+https://h/overhangio/tutor.git@nightly": "",
		"git+https://h/x/tutor-forum.git@v14.0.0":            "",
	} {
		if got := pinnedTutor(entries(line)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestMissingNeeds(t *testing.T) {
	f := Facts{Releases: []Release{{From: "14.0.0", Needs: []string{"setuptools<82", "click<8.3"}}}}
	bound := entries("click==8.1", "setuptools @ https://h/x.whl")
	bound[0].Bound = true
	for _, tt := range []struct {
		lines []requirement.Entry
		want  string
	}{
		{nil, "setuptools<82 click<8.3"},
		{entries("setuptools"), "setuptools<82 click<8.3"},
		{entries("setuptools<70"), "click<8.3"},
		{bound, "click<8.3"},
	} {
		if got := strings.Join(f.Missing("14.2.2", tt.lines), " "); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.lines, got, tt.want)
		}
	}
}
