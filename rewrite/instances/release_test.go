package instances

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

func known(t *testing.T) *planner {
	t.Helper()
	releases, err := readReleases(rules.Default)
	if err != nil || len(releases) < 9 {
		t.Fatal(len(releases), err)
	}
	return &planner{releases: releases}
}

func TestReadReleases(t *testing.T) {
	seen := map[string]int{}
	for _, r := range known(t).releases {
		if n, ok := seen[r.name]; ok {
			t.Errorf("%s is %d and %d", r.name, n, r.major)
		}
		seen[r.name] = r.major
	}
	for name, major := range map[string]int{"maple": 13, "nutmeg": 14, "redwood": 18, "verawood": 22} {
		if seen[name] != major {
			t.Errorf("%s is %d", name, seen[name])
		}
	}
}

func TestClues(t *testing.T) {
	p := known(t)
	for _, tt := range []struct {
		value string
		image bool
		want  int
	}{
		{"open-release/nutmeg.3", false, 14},
		{"release/teak.1", false, 20},
		{"opencraft-release/Palm.4", false, 16},
		{"palm", false, 16},
		{"master", false, -1},
		{"open-release/palmtree.1", false, -1},
		{"docker.io/overhangio/openedx:14.2.2", true, 14},
		{"r:5000/x/openedx:v16.1.8-indigo", true, 16},
		{"openedx:nutmeg-2022", true, 14},
		{"maple/openedx:latest", true, 0},
		{"r:5000/openedx", true, 0},
		{"openedx:2.0.1", true, 0},
		{"openedx@sha256:14aa", true, 0},
	} {
		if got := p.read(clue{value: tt.value, image: tt.image}); got != tt.want {
			t.Errorf("%q: %d, want %d", tt.value, got, tt.want)
		}
	}
}

func TestMajorOf(t *testing.T) {
	p := known(t)
	for _, tt := range []struct {
		in   string
		want int
	}{
		{"tutor==14.2.2", 14},
		{"tutor>=16,<17", 16},
		{"tutor~=15.1", 15},
		{"tutor<15", -1},
		{"tutor", -1},
		{"git+https://h/tutor.git@v14.2.2", 14},
		{"git+https://h/tutor.git@18.0.0", 18},
		{"git+https://h/tutor.git@nightly", -1},
		{"git+https://h/tutor.git@opencraft-release/palm.1", 16},
		{"tutor @ https://h/tutor-14.2.2.tar.gz", -1},
	} {
		r, _, err := requirement.ParseRequirement(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.majorOf(r); got != tt.want {
			t.Errorf("%q: %d, want %d", tt.in, got, tt.want)
		}
	}
}

func TestRefuse(t *testing.T) {
	for _, name := range []string{".", "..", ".hidden", "-x", "a b", "a\tb", "a\\b", "a\nb"} {
		if refuse(name) == "" {
			t.Errorf("%q is taken", name)
		}
	}
	for _, name := range []string{"a", "pr-123-abc123", "a.b", "Ä", "a_b"} {
		if why := refuse(name); why != "" {
			t.Errorf("%q: %s", name, why)
		}
	}
}

func TestListed(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{`for n in ("config.yml", "grove.yml"):`, true},
		{`for n in("config.yml", "grove.yml"):`, true},
		{`NAMES = ['grove.yml', 'config.yml',]`, true},
		{"NAMES = [\n    'config.yml',\n    'grove.yml',\n]", true},
		{`copy_all(["config.yml"])`, true},
		{`open("config.yml")`, false},
		{`f("config.yml", "grove.yml")`, false},
		{`root.joinpath("x", "config.yml")`, false},
		{`files["config.yml"]`, false},
		{`join(root, "config.yml")`, false},
		{`("config.yaml", "grove.yml")`, false},
		{`{"config.yml": 1}`, false},
	} {
		if got := listed([]byte(tt.in)) != nil; got != tt.want {
			t.Errorf("%q: %t", tt.in, got)
		}
	}
}
