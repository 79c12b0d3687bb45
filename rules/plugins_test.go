package rules

import "testing"

func TestPlugins(t *testing.T) {
	p, err := LoadPlugins(Default)
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := p.Named("mfe"); !ok || k.Package != "tutor-mfe" {
		t.Errorf("mfe: %+v, %t", k, ok)
	}
	if _, ok := p.Named("nobody"); ok {
		t.Error("nobody is known")
	}
	for _, tt := range []struct {
		key  string
		want bool
	}{
		{"tutor-mfe", true},
		{"tutor-contrib-unheard-of", true},
		{"tutor", false},
		{"tutor-", false},
		{"python-tutor-rating", false},
		{"tutorial", false},
		{"mfe", false},
	} {
		if got := p.Holds(tt.key); got != tt.want {
			t.Errorf("Holds(%q) = %t", tt.key, got)
		}
	}
	if p.Advice("tutor.fmt") == p.Advice("tutor.commands.k8s") || p.Advice("tutor.fmtx") != p.Advice("tutor") || p.Advice("tutor") == "" {
		t.Error("the advice on modules")
	}
	seen := map[string]bool{}
	for _, k := range p.Plugins {
		if k.Name == "" || k.Package == "" || seen[k.Name] || seen[k.Package] {
			t.Errorf("%+v is incomplete or stands twice", k)
		}
		seen[k.Name], seen[k.Package] = true, true
	}
	if _, err := LoadPlugins("nothing"); err == nil {
		t.Error("a program without a table")
	}
}
