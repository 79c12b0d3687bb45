package checklist

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// enough is how many lines of things to decide a screen has.
const enough = 13

// Screen is the short list for the end of an apply: what is to be decided, each thing once and sites for review first, then
// what comes next, in order. It is empty when there is nothing to do.
func (l List) Screen() string {
	var b strings.Builder
	todo := l.todo(step.Decide, step.Raise)
	places := l.fitting(todo)
	lines, left := 0, 0
	for i, it := range todo {
		most := 1
		if it.site {
			most = places
		}
		if i == 0 {
			fmt.Fprintf(&b, "To decide %s\n", explained)
		}
		if lines >= enough {
			left += len(it.places)
			continue
		}
		shown := it.lines(most)
		lines += len(shown)
		left += len(it.places) - min(most, len(it.places))
		fmt.Fprintf(&b, "  - %s\n", strings.Join(shown, "\n      "))
	}
	if left > 0 {
		fmt.Fprintf(&b, "  and %d more: %s\n", left, l.More)
	}
	for i, next := range l.then() {
		if i == 0 {
			b.WriteString("Then\n")
		}
		fmt.Fprintf(&b, "  %d. %s\n", i+1, next)
	}
	return b.String()
}

// fitting is how many places of each kind of site a screen can show.
func (l List) fitting(todo []item) int {
	for most := enough; most > 1; most-- {
		lines := 0
		for _, it := range todo {
			if it.site {
				lines += len(it.lines(most))
			}
		}
		if lines < enough {
			return most
		}
	}
	return 1
}

// item is one thing to do, at each of its places.
type item struct {
	text   string
	site   bool // it is about a call of the program
	places []place
}

// place is where something is to be done, as a person opens it, and the item of grove-migrate.yaml that settles it there.
type place struct{ at, decision string }

// explained says how an item of grove-migrate.yaml is used.
const explained = `("- {…}" goes under "decisions:" in the grove-migrate.yaml of its repository; keep: WHY leaves it as it is)`

// todo are the notes of some kinds, by kind and step, then as they were given; those with the same words are one item.
func (l List) todo(kinds ...step.NoteKind) []item {
	var out []item
	known := map[string]int{}
	for _, n := range l.sorted(kinds...) {
		at, is := known[n.Text]
		if !is {
			at = len(out)
			known[n.Text] = at
			out = append(out, item{text: n.Text, site: n.Kind == step.Decide && n.Step == step.Invocations})
		}
		out[at].add(place{l.placed(n), n.Decision}, n.Line)
	}
	return out
}

// add takes a place in; several lines of a file that one decision settles are one place.
func (it *item) add(p place, line int) {
	for i, known := range it.places {
		if known == p {
			return
		}
		at := strconv.Itoa(line)
		lines, is := strings.CutPrefix(known.at, strings.TrimSuffix(p.at, at))
		if is && known.decision == p.decision && line > 0 {
			if !slices.Contains(strings.Split(lines, ","), at) {
				it.places[i].at += "," + at
			}
			return
		}
	}
	it.places = append(it.places, p)
}

// lines are an item with at most so many of its places: one line for a single place, otherwise one for each below the item.
func (it item) lines(most int) []string {
	of := ""
	if most < len(it.places) {
		of = fmt.Sprintf(" (%d of %d)", most, len(it.places))
	}
	if most == 1 || len(it.places) == 1 {
		line := it.text
		if p := it.places[0]; p.at != "" {
			line = p.at + of + ": " + line
		}
		return []string{line + it.places[0].settles(": ")}
	}
	out := []string{it.text + of}
	for _, p := range it.places[:min(most, len(it.places))] {
		out = append(out, p.at+p.settles("  "))
	}
	return out
}

// settles is the item of grove-migrate.yaml after a separator; nothing when there is none.
func (p place) settles(sep string) string {
	if p.decision == "" {
		return ""
	}
	return sep + p.decision
}

// runs are the commands to run, by step and in order, each as it works where it is printed.
func (l List) runs() []string {
	var out []string
	for _, n := range l.sorted(step.Run) {
		command := n.Text
		if dir := l.placed(n); dir != "" && dir != "." {
			command = "(cd " + quote(dir) + " && " + n.Text + ")"
		}
		out = appendNew(out, command)
	}
	return out
}

// quote is a directory as one word of a shell.
func quote(dir string) string {
	if quoted, err := syntax.Quote(dir, syntax.LangBash); err == nil {
		return quoted
	}
	return dir
}
