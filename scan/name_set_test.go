package scan

import (
	"strings"
	"testing"
)

func TestNameSet(t *testing.T) {
	names := newNameSet([]string{"run", "deploy_all", "", "run", "is-up?", "Größe", strings.Repeat("x", 300)})
	for src, want := range map[string]bool{
		"run":                    true,
		"please run it":          true,
		"x.run()":                true,
		"deploy_all":             true,
		"if is-up? then":         true,
		"Größe = 1":              true,
		strings.Repeat("x", 300): true,
		"":                       false,
		"runs":                   false,
		"rerun":                  false,
		"_run":                   false,
		"run1 run_ 1run":         false,
		"Run":                    false,
		"deploy all":             false,
		"is-up":                  false,
		"xis-up?":                false,
		"is-up?x":                false,
		"Größer":                 false,
		"run" + "é":              false,
		strings.Repeat("x", 301): false,
		"deploy_al deploy_all_":  false,
	} {
		if got := names.in([]byte(src)); got != want {
			t.Errorf("in(%.40q) = %t, want %t", src, got, want)
		}
	}
	if newNameSet(nil).in([]byte("run")) {
		t.Error("a set without names stands in a text")
	}
}

func FuzzNameSet(f *testing.F) {
	f.Add("a run b", "run", "b?")
	f.Add("xrun_run", "run", "")
	f.Fuzz(func(t *testing.T, src, one, other string) {
		got := newNameSet([]string{one, other}).in([]byte(src))
		want := one != "" && holdsName([]byte(src), one) || other != "" && holdsName([]byte(src), other)
		if got != want {
			t.Errorf("%q, %q in %q: %t, want %t", one, other, src, got, want)
		}
	})
}
