package requirement

import "testing"

func TestWithin(t *testing.T) {
	for _, tt := range []struct {
		v, spec string
		want    bool
	}{
		{"14.2.2", "", true},
		{"14.2.2", "==14.2.2", true},
		{"14.2.2", "==14.2", false},
		{"14.2.0", "==14.2", true},
		{"14.2.2", "==14.*", true},
		{"15.0.0", "==14.*", false},
		{"14.2.2", ">=14,<15", true},
		{"15.0.0", ">=14,<15", false},
		{"14.2.2", "~=14.1", true},
		{"15.0", "~=14.1", false},
		{"14.2.2", "~=14.1.0", false},
		{"3.10.1", ">=3.9", true},
		{"3.9", ">=3.10", false},
		{"3.9", "!=3.9", false},
		{"3.9", "!=3.8.*", true},
		{"v14.2.2", ">=14", true},
		{"14.2.2+nightly", "==14.2.2", true},
		{"1!2.0", ">=3", false},
		{"1!2.0", ">=1.5", true},
		{"3.9", "3.9", false},
		{"3.9", "~=3", false},
		{"82.0.1", "<82", false},
	} {
		if got := Within(tt.v, tt.spec); got != tt.want {
			t.Errorf("Within(%q, %q) = %t", tt.v, tt.spec, got)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		v, pin string
		want   bool
	}{{"3.11.7", "3.11", true}, {"3.11.7", "3.11.7", true}, {"3.11.7", "3.1", false}, {"3.11.7", "3.11.8", false}, {"3.11.7", "system", false}, {"3.11.7", "", false}} {
		if got := Matches(tt.v, tt.pin); got != tt.want {
			t.Errorf("Matches(%q, %q) = %t", tt.v, tt.pin, got)
		}
	}
}

func TestLowestAndMajor(t *testing.T) {
	for spec, want := range map[string]string{"==14.2.2": "14.2.2", ">=14,<15": "14", "<15,>=14.1": "14.1", "<15": "", "==14.*": "14", "": ""} {
		if got := Lowest(spec); got != want {
			t.Errorf("Lowest(%q) = %q, want %q", spec, got, want)
		}
	}
	for v, want := range map[string]int{"14.2": 14, "v16.1.8": 16, "main": -1, "": -1, "0.3": 0} {
		if got := Major(v); got != want {
			t.Errorf("Major(%q) = %d, want %d", v, got, want)
		}
	}
}

func FuzzWithin(f *testing.F) {
	f.Add("14.2", ">=14,<15")
	f.Fuzz(func(t *testing.T, v, spec string) {
		Within(v, spec)
		if Compare(v, v) != 0 {
			t.Errorf("%q is not itself", v)
		}
	})
}

func TestHashes(t *testing.T) {
	for _, options := range [][]string{{"--hash=sha256:aa", "--pre", "--hash=sha256:bb"}, {"--hash", "sha256:aa", "--hash", "sha256:bb", "--hash"}} {
		if got := (Requirement{Options: options}).Hashes(); len(got) != 2 || got[0] != "sha256:aa" || got[1] != "sha256:bb" {
			t.Errorf("%v: %v", options, got)
		}
	}
}
