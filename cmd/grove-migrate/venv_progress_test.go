package main

import (
	"bytes"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

func TestProgressInALog(t *testing.T) {
	var out bytes.Buffer
	p := newVenvProgress(&terminal{err: &out}, []venv.Instance{{Name: "alpha"}})
	p.event(venv.Event{Instance: "alpha", Phase: "python", Detail: "/usr/bin/python3"})
	p.event(venv.Event{Instance: "alpha", Phase: "collecting", Detail: "tutor"})
	p.event(venv.Event{Instance: "alpha", Phase: "checking"})
	p.event(venv.Event{Instance: "alpha", Phase: "python", Detail: "/usr/bin/python3"})
	p.event(venv.Event{Instance: "alpha", Phase: "checking"})
	p.done("alpha", func(nth string) { out.WriteString("built" + nth + "\n") })
	p.end()
	if got, want := out.String(), "alpha: python /usr/bin/python3\nalpha: checking\nbuilt\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// On a terminal each instance that is being built has one line, which is
// rewritten in place, fits the width, and is gone at the end.
func TestProgressOnATerminal(t *testing.T) {
	var out bytes.Buffer
	p := newVenvProgress(&terminal{err: &out}, []venv.Instance{{Name: "alpha"}, {Name: "beta"}, {Name: "gamma"}})
	p.live = true
	p.event(venv.Event{Instance: "alpha", Phase: "collecting", Detail: strings.Repeat("long-name-", 20)})
	p.event(venv.Event{Instance: "beta", Phase: "installing", Detail: "39 packages"})
	if out.Len() != 0 {
		t.Errorf("an event wrote %q", out.String())
	}
	p.draw()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "alpha  collecting long-name-") || !strings.HasPrefix(lines[1], "beta  installing 39 packages  0 s") {
		t.Errorf("drew %q", lines)
	}
	if n := len([]rune(lines[0])); n > 79 {
		t.Errorf("a line of %d columns", n)
	}
	tell := func(nth string) { out.WriteString("(" + nth + ")\n") }
	out.Reset()
	p.done("alpha", tell)
	p.draw()
	if got := out.String(); !strings.HasPrefix(got, "\x1b[2A\x1b[J(1 of 3)\nbeta  installing") {
		t.Errorf("redrew %q", got)
	}
	out.Reset()
	p.done("beta", tell)
	p.draw()
	if got := out.String(); got != "\x1b[1A\x1b[J(2 of 3)\n" {
		t.Errorf("at the end %q", got)
	}
}

// On a narrow terminal a line is shorter, so that it does not wrap.
func TestProgressOnANarrowTerminal(t *testing.T) {
	for _, tt := range []struct{ width, want int }{{0, 79}, {200, 79}, {80, 79}, {40, 39}, {3, 20}} {
		var out bytes.Buffer
		p := newVenvProgress(&terminal{err: &out, width: tt.width}, []venv.Instance{{Name: "alpha"}})
		p.live = true
		p.event(venv.Event{Instance: "alpha", Phase: "collecting", Detail: strings.Repeat("long-name-", 20)})
		p.draw()
		if got := len([]rune(strings.TrimSuffix(out.String(), "\n"))); got != tt.want {
			t.Errorf("%d columns: a line of %d, want %d", tt.width, got, tt.want)
		}
		out.Reset()
		p.drawn = 0
		p.event(venv.Event{Instance: "alpha", Phase: "resolving"})
		p.draw()
		if tt.width != 3 && !strings.HasPrefix(out.String(), "alpha  resolving  0 s") {
			t.Errorf("drew %q", out.String())
		}
	}
}
