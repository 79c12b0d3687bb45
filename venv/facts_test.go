package venv

import (
	"os"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/venv/require"
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

func TestPinnedTutor(t *testing.T) {
	for _, tt := range []struct {
		line require.Line
		want string
	}{
		{require.Line{Name: "tutor", Specifier: "==14.2.2"}, "14.2.2"},
		{require.Line{Name: "tutor", Specifier: ">=14,<15"}, "14"},
		{require.Line{Name: "tutor", Specifier: "~=16.1"}, "16.1"},
		{require.Line{Name: "tutor", Specifier: "==18.*"}, "18"},
		{require.Line{Name: "tutor", Specifier: ">=14"}, ""},
		{require.Line{Name: "tutor", Specifier: "<15"}, ""},
		{require.Line{Name: "tutor"}, ""},
		{require.Line{Name: "tutor-mfe", Specifier: "==14.0.1"}, ""},
		{require.Line{Name: "tutor", URL: "git+https://h/overhangio/tutor.git@v16.1.8"}, "16.1.8"},
		{require.Line{URL: "git+https://h/overhangio/tutor@v16.1.8"}, "16.1.8"},
		{require.Line{Name: "tutor", URL: "git+https://h/overhangio/tutor.git@nightly"}, ""},
		{require.Line{URL: "git+https://h/x/tutor-forum.git@v14.0.0"}, ""},
	} {
		if got := pinnedTutor([]require.Line{tt.line}); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestMissingNeeds(t *testing.T) {
	f := Facts{Releases: []Release{{From: "14.0.0", Needs: []string{"setuptools<82", "click<8.3"}}}}
	for _, tt := range []struct {
		lines []require.Line
		want  string
	}{
		{nil, "setuptools<82 click<8.3"},
		{[]require.Line{{Name: "setuptools"}}, "setuptools<82 click<8.3"},
		{[]require.Line{{Name: "setuptools", Specifier: "<70"}}, "click<8.3"},
		{[]require.Line{{Name: "click", Specifier: "==8.1", Kind: require.Constraint}, {Name: "setuptools", URL: "https://h/x.whl"}}, "click<8.3"},
	} {
		if got := strings.Join(f.Missing("14.2.2", tt.lines), " "); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.lines, got, tt.want)
		}
	}
}
