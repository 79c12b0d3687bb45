package shell

import (
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// TestGrowth follows texts whose values grow with each command. Each would take minutes, or all memory, if all of it were
// followed; the test's own time limit is the measure. Every mention has its row all the same.
func TestGrowth(t *testing.T) {
	again := strings.Repeat
	for name, c := range map[string]struct {
		src     string
		bounded bool
	}{
		"a value of itself":           {"x=tutor\n" + again("x=$x$x; ", 500) + "\n$x", false},
		"an array that grows":         {"a=(tutor)\n" + again("a+=(tutor); ", 500) + "\n\"${a[@]}\"", false},
		"a text that grows":           {"a=tutor\n" + again("a+=' tutor'; ", 500) + "\n$a", false},
		"positional parameters":       {"set -- tutor\n" + again("set -- \"$@\" \"$@\"\n", 60) + "\"$@\"", false},
		"functions that call":         {functions(1_000), true},
		"many variables":              {again("a=tutor; $a x; ", 3_000), false},
		"many names":                  {names(2_000), false},
		"one word of many parts":      {"tutor " + again(`a"b"`, 40_000), true},
		"escapes":                     {"tutor \"" + again(`\$`, 50_000) + "\"", false},
		"a command of many words":     {"tutor " + again("abc ", 50_000), true},
		"a command that names it":     {again("tutor ", 5_000), true},
		"a text that names it":        {"echo \"" + again("tutor ", 10_000) + "\"", false},
		"expressions":                 {again("tutor {{ x }}; ", 10_000), false},
		"comments":                    {again("# tutor\n", 30_000), false},
		"mistakes":                    {again("tutor ) ; \"\n", 2_000), false},
		"a here-document never ended": {"cat <<E\n" + again("tutor abc ", 20_000), true},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := rules.Load(rules.Default)
			if err != nil {
				t.Fatal(err)
			}
			got := Read(&source.Script{Text: c.src, Map: source.Identity(0, len(c.src)), Language: "shell"}, Options{Pack: p})
			bound := func(p reading.Problem) bool { return p.Total && p.Len() == 0 }
			if slices.ContainsFunc(got.Problems, bound) != c.bounded {
				t.Errorf("bounded: want %v; %v", c.bounded, got.Problems)
			}
			at := map[source.Span]int{}
			for _, o := range got.Occurrences {
				at[o.Span]++
			}
			for _, s := range site.Find([]byte(c.src), p.Program.Name) {
				if at[s] != 1 {
					t.Fatalf("the mention at %d has %d rows", s.Start, at[s])
				}
			}
		})
	}
}

// functions are n functions that each call two others with what they were given.
func functions(n int) string {
	var b strings.Builder
	name := func(i int) string { return "f" + letters(i%n) }
	for i := range n {
		b.WriteString(name(i) + "() { \"$@\"; " + name(i+1) + " \"$@\" " + letters(i) + "; " + name(7*i+3) + " \"$@\"; }\n")
	}
	return b.String() + name(0) + " tutor\n"
}

// names are n variables that hold the program.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("v" + letters(i) + "=tutor\nif a; then b; fi\n")
	}
	return b.String()
}

// letters writes a number in letters.
func letters(i int) string {
	out := ""
	for ; i > 0; i /= 26 {
		out += string(rune('a' + i%26))
	}
	return out
}
