package syntax

import (
	"errors"
	"strings"
	"testing"
)

// TestGivenUp holds that a text which would cost the parser the square of its length, or more, is given up, and that the
// parser can read the next text.
func TestGivenUp(t *testing.T) {
	again := strings.Repeat
	for name, c := range map[string]struct {
		lang Language
		src  string
		want error
	}{
		"a here-document that never ends":    {Bash, "cat <<E\n" + again("tutor abc ", 50_000), ErrTooHard},
		"one long line in a here-document":   {Bash, "cat <<E\n" + again("tutor abc ", 10_000) + "\nE\n", ErrTooHard},
		"NUL bytes":                          {Bash, "tutor " + again("\x00 ", 50_000), ErrTooHard},
		"a string that never ends":           {Python, "x = \"" + again("tutor ", 50_000), ErrTooHard},
		"words":                              {Bash, again("tutor ", 1<<20), ErrTooMany},
		"a list":                             {Python, "x = [" + again("1,", 1<<20) + "]", ErrTooMany},
		"a list of Ruby":                     {Ruby, "x = [" + again(`"a",`, 1<<20) + "]", ErrTooMany},
		"a long string":                      {Python, "x = \"" + again("a", 5<<20) + "\"\n", nil},
		"a long comment":                     {Ruby, "# " + again("a ", 50_000) + "\n", nil},
		"a script of five thousand commands": {Bash, again("tutor config save --set \"A=$B\"\n", 5_000), nil},
		"mistakes in a short text":           {Python, "x = \"tutor\ny = (tutor\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var p Parser
			defer p.Close()
			if _, err := p.Parse(c.lang, []byte(c.src)); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if tree, err := p.Parse(c.lang, []byte("a = 1\n")); err != nil || tree.Broken() {
				t.Errorf("the text after it: %v", err)
			}
		})
	}
}

// TestChunks holds that a text which the parser gets in pieces gives the tree of one that it gets at once, wherever the
// pieces are cut.
func TestChunks(t *testing.T) {
	for pad := chunk - 12; pad <= chunk; pad++ {
		src := "# " + strings.Repeat("a", pad) + "\ncall(\"é\", 'x' + f\"{b}\")\n"
		tree := parse(t, Python, src)
		short := parse(t, Python, "# a\ncall(\"é\", 'x' + f\"{b}\")\n")
		if tree.Broken() || len(tree.nodes) != len(short.nodes) {
			t.Errorf("cut after %d bytes: %d nodes, want %d", pad, len(tree.nodes), len(short.nodes))
		}
	}
}

func TestParts(t *testing.T) {
	for text, want := range map[string]int{"": 0, "tutor": 1, "tutor config  save": 3, "a.b(c)": 6, "é_1": 1, "'a b'": 4, "\n\t ": 0} {
		if got := Parts([]byte(text), 100); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	if got := Parts([]byte(strings.Repeat("a ", 100)), 10); got != 11 {
		t.Errorf("more than 10: %d, want 11", got)
	}
}
