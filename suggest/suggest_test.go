package suggest

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"scan", "apply", "rehearse", "invocation", "invocations", "docs", "tutor/shell-command", "alpha", "beta", "a"}
	for given, want := range map[string]string{
		"scna": "scan", "sacn": "scan", "scann": "scan", "Scan": "scan", "aply": "apply", "rehearsal": "rehearse",
		"invocatoin": "invocation", "invocation": "invocations", "doc": "docs", "tutor/shel-comand": "tutor/shell-command",
		"reh": "rehearse", "alhpa": "alpha", "betta": "beta",
		"tutor/nope": "", "tutor/": "",
		"": "", "x": "", "scam": "scan", "yoml": "", "shred": "", "tests": "", "gamma": "", "do": "", "scan-everything": "",
	} {
		if got := Nearest(given, words); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
	if got := Meant("scna", words) + Meant("shred", words); got != "; did you mean scan?" {
		t.Error(got)
	}
}
