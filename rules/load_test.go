package rules_test

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

func TestLoad(t *testing.T) {
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	if pack.Program.Name != "tutor" || len(pack.Shell.Wrappers) == 0 {
		t.Errorf("the pack lacks its program or what is common: %+v", pack.Program)
	}
	if r, ok := pack.Rule("tutor/shell-command"); !ok || r.Name != "tutor/shell-command" {
		t.Error("the common rules are not named after the program")
	}
}

func TestParseAnotherProgram(t *testing.T) {
	pack, err := rules.Parse("helmfile.yaml", []byte("program: {name: helmfile}\ninstance: {dir: clusters, env: .tools}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := pack.Rule("helmfile/shell-command"); !ok {
		t.Error("the common rules are not named after the program")
	}
	for _, r := range pack.Rules {
		if strings.Contains(r.Name+r.Summary+r.Detail+r.Before+r.After, "tutor") {
			t.Errorf("rule %s of another program speaks of tutor", r.Name)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, src := range map[string]string{
		"unknown key":  "program: {name: x, nmae: y}\ninstance: {dir: a, env: b}\n",
		"no name":      "instance: {dir: a, env: b}\n",
		"upper case":   "program: {name: X}\ninstance: {dir: a, env: b}\n",
		"no directory": "program: {name: x}\n",
		"setting":      "program: {name: x}\ninstance: {dir: a, env: b}\nhosts: {settings: [{key: run, takes: txt}]}\n",
		"call":         "program: {name: x}\ninstance: {dir: a, env: b}\nhosts: {calls: [{call: run, takes: argv}]}\n",
		"YAML command": "program: {name: x}\ninstance: {dir: a, env: b}\nhosts: {yaml: [{name: k, commands: [{key: run}]}]}\n",
		"wrapper":      "program: {name: x}\ninstance: {dir: a, env: b}\nshell: {wrappers: [{names: [run], takes: txt}]}\n",
		"sink":         "program: {name: x}\ninstance: {dir: a, env: b}\nlanguages: {go: {sinks: [{call: run, takes: shell}]}}\n",
	} {
		if _, err := rules.Parse(name, []byte(src)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A program's own kind of YAML file is tried before the common ones, and a right taking is no error.
func TestOwnKindsComeFirst(t *testing.T) {
	pack, err := rules.Parse("x.yaml", []byte("program: {name: x}\ninstance: {dir: a, env: b}\nhosts: {yaml: [{name: own, commands: [{key: run, takes: text}]}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if kinds := pack.Hosts.YAML; len(kinds) < 2 || kinds[0].Name != "own" {
		t.Errorf("the first of %d kinds is %q", len(kinds), kinds[0].Name)
	}
}

func TestParseConfig(t *testing.T) {
	for name, want := range map[string]string{
		"decisions: [{path: a.sh, keep: because}]":        "",
		"decisions: [{keep: because}]":                    "path is missing",
		"decisions: [{path: a.sh}]":                       "decides nothing",
		"decisions: [{path: a.sh, keep: x, instance: y}]": "has both",
		"decisions: [{path: a.sh, keep: x, lien: 3}]":     "lien",
		"decision: []":            "grove-migrate.yaml:1: there is no key \"decision\" here; did you mean decisions?",
		"instance: {name: [x]}":   "did you mean names?",
		"files: {requirement: x}": "did you mean requirements?",
		"decisions: 5":            "grove-migrate.yaml:1: expected a list, got 5",
		"decisions:\n  - {path: a.sh, keep: x, line: x}": "grove-migrate.yaml:2: expected a whole number, got \"x\"",
		"decisions:\n\t- path: a.sh":                     "grove-migrate.yaml:2: the line begins with a tab",
		"role: a\nrole: b":                               "role",
		"decisoin: []":                                   "grove-migrate.yaml:1: there is no key \"decisoin\" here; did you mean decisions?",
		"instances: {}":                                  "did you mean instance?",
		"colour: red":                                    "there is no key \"colour\" here; the keys are role, instance, files, container, ignore, decisions, rehearse, standIns",
		"decisions: {path: a.sh}":                        "expected a list, got keys with values",
		"role: [grove]":                                  "expected a text, got a list",
		"[":                                              "grove-migrate.yaml:2: did not find",
		"decisions: [{path: '[z-a]', keep: x}]":          "no pattern",
		"decisions: [{path: a.sh, keep: because, line: -1}]":    "line must be",
		"instance: {names: [tenant]}\nfiles: {requirements: r}": "",
	} {
		_, err := rules.ParseConfig("grove-migrate.yaml", []byte(name))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: got %v, want one line with %q", name, err, want)
		}
	}
}

func TestDecisionMatches(t *testing.T) {
	contains := func(text string) bool { return text == "local start" }
	for _, tt := range []struct {
		d    rules.Decision
		want bool
	}{
		{rules.Decision{Path: "a.sh"}, true},
		{rules.Decision{Path: "b.sh"}, false},
		{rules.Decision{Path: "a.sh", Line: 3}, true},
		{rules.Decision{Path: "a.sh", Line: 4}, false},
		{rules.Decision{Path: "a.sh", Text: "local start"}, true},
		{rules.Decision{Path: "a.sh", Text: "local stop"}, false},
	} {
		if got := tt.d.Matches("a.sh", 3, contains); got != tt.want {
			t.Errorf("%+v: %t", tt.d, got)
		}
	}
	for _, d := range []rules.Decision{{Path: "a.sh"}, {Path: "b.sh", Keep: "x"}, {Path: "a.sh", Keep: "x", Line: 1}, {Path: "a.sh", Keep: "x", Text: "y"}} {
		if d.Accepts("a.sh") {
			t.Errorf("%+v accepts a file", d)
		}
	}
	if !(rules.Decision{Path: "a.sh", Keep: "x"}).Accepts("a.sh") {
		t.Error("a decision to keep a file does not accept it")
	}
}

func TestParseRehearsals(t *testing.T) {
	list, err := rules.ParseRehearsals("x.yaml", []byte("- {name: a, run: 'true'}\n"))
	if err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := rules.ParseRehearsals("x.yaml", []byte("- {name: a, run: 'true'}\n- {name: b}\n")); err == nil || !strings.Contains(err.Error(), "x.yaml: rehearsal 2: ") {
		t.Error(err)
	}
}
