package rules

import (
	"strings"
	"testing"
)

// What a program's own pack lists comes behind the common lists, and what it says once wins.
func TestMergeOrder(t *testing.T) {
	into := &Pack{Instance: Instance{Dir: "common", Env: ".venv", Names: []string{"a"}}, Languages: map[string]Language{"x": {Directives: []string{"1"}}}}
	into.merge(&Pack{Instance: Instance{Dir: "own", Names: []string{"b", "c"}}, Languages: map[string]Language{"x": {Directives: []string{"2"}}, "y": {}}})
	if got := strings.Join(into.Instance.Names, " "); got != "a b c" {
		t.Errorf("names: %s", got)
	}
	if into.Instance.Dir != "own" || into.Instance.Env != ".venv" {
		t.Errorf("directories: %q and %q", into.Instance.Dir, into.Instance.Env)
	}
	if got := strings.Join(into.Languages["x"].Directives, " "); got != "1 2" || len(into.Languages) != 2 {
		t.Errorf("%d languages, directives: %s", len(into.Languages), got)
	}
}
