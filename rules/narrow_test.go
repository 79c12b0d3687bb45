package rules

import (
	"strings"
	"testing"
)

func TestNarrow(t *testing.T) {
	of := func(n int) string { return "tutor " + strings.Repeat("x", n-len("tutor  y")) + " y" } // a line of n bytes
	for _, c := range []struct {
		name, src, at string
		text          string
		line          int
	}{
		{"a text that stands once", "a\ntutor local start\n", "tutor", "tutor local start", 0},
		{"from the place on", "cd x && tutor local start\n", "tutor", "tutor local start", 0},
		{"up to a quote", "run('tutor local start', 'b')\n", "tutor", "tutor local start", 0},
		{"twice, but not with what is before it", "a tutor x\nb tutor x\n", "tutor x\nb", "a tutor x", 0},
		{"twice", "tutor x\ntutor x\n", "tutor", "", 1},
		{"the second of two", "tutor x\ntutor x\n\n", "tutor x\n\n", "", 2},
		{"one word", "tutor\n", "tutor", "", 1},
		{"what cannot be read", "tutor \x01 x\n", "tutor", "", 1},
		{"the last line without an end", "a\ntutor x", "tutor", "tutor x", 0},
		{"as long as a text may be", of(48) + "\n", "tutor", of(48), 0},
		{"longer", of(49) + "\n", "tutor", strings.TrimSuffix(of(49), " y"), 0},
		{"a word over the end", "tutor " + strings.Repeat("x", 41) + " y\n", "tutor", "tutor " + strings.Repeat("x", 41), 0},
		{"words that end at the bound", "tutor local " + strings.Repeat("x", 36) + " y z\n", "tutor", "tutor local", 0},
	} {
		text, line := Narrow([]byte(c.src), strings.Index(c.src, c.at))
		if text != c.text || line != c.line {
			t.Errorf("%s: %q, line %d; want %q, line %d", c.name, text, line, c.text, c.line)
		}
	}
}
