package rehearse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Calls that are the same belong together in whatever order they were made; of the others, those that are most alike.
func TestPair(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"logs lms, logs cms", "logs lms, logs cms", "logs lms = logs lms, logs cms = logs cms"},
		{"logs lms, logs cms, logs work", "logs cms, logs work, logs lms", "logs lms = logs lms, logs cms = logs cms, logs work = logs work"},
		{"logs lms, logs cms", "logs cms, logs lms --all", "logs lms = logs lms --all, logs cms = logs cms"},
		{"save, start", "start", "save = -, start = start"},
		{"start", "start, start", "start = start, - = start"},
		{"save", "start", "save = -, - = start"},
	} {
		var got []string
		for _, p := range pair(calls(c.before), calls(c.after)) {
			got = append(got, fmt.Sprintf("%s = %s", words(p.Before), words(p.After)))
		}
		if d := cmp.Diff(c.want, strings.Join(got, ", ")); d != "" {
			t.Errorf("%s, then %s: %s", c.before, c.after, d)
		}
	}
}

func calls(text string) []Call {
	var out []Call
	for one := range strings.SplitSeq(text, ", ") {
		out = append(out, Call{Arguments: strings.Fields(one)})
	}
	return out
}

func words(c *Call) string {
	if c == nil {
		return "-"
	}
	return strings.Join(c.Arguments, " ")
}
