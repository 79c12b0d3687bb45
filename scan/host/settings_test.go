package host

import (
	"strings"
	"testing"
)

func TestKeyPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, keys string
		want          bool
	}{
		{"scripts.*", "scripts/start", true},
		{"scripts.*", "scripts", false},
		{"scripts.*", "scripts/start/0", false},
		{"scripts.*", "other/start", false},
		{"*dependencies.*", "devDependencies/@x/y", false},
		{"**.command", "command", true},
		{"**.command", "a/b/command", true},
		{"**.command", "a/command/b", false},
		{"**.scripts.*", "tool/hatch/envs/default/scripts/x", true},
		{"a.**", "a", true},
		{"a.**", "a/b/c", true},
		{"a.**", "b/a", false},
		{"a.**.b.**.c", "a/x/b/y/z/c", true},
		{"a.**.b.**.c", "a/x/y/c", false},
		{"testenv*.commands*", "testenv:py311/commands_pre", true},
		{"Service.Exec*", "service/ExecStart", true},
		{"Service.Exec*", "Unit/ExecStart", false},
		{"**", "a/b", true},
		{"a", "", false},
	} {
		var keys []string
		if c.keys != "" {
			keys = strings.Split(c.keys, "/")
		}
		s := &settings{rules: []setting{{pattern: strings.Split(element(c.pattern), ".")}}}
		if _, got := s.find(keys); got != c.want {
			t.Errorf("%q fits %q: %v, want %v", c.pattern, c.keys, got, c.want)
		}
	}
}
