package checklist

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// enough is how many lines of things to decide a screen has. Sites for review are listed beyond it, because nothing else names
// them, and some of the others too.
const enough, some = 13, 1

// Screen is the short list for the end of an apply: what is to be decided, each thing once and sites for review first, then
// what comes next, in order, after the given first lines. Name is a file as a person opens it. It is empty when there is
// nothing to do.
func Screen(notes []step.Note, roots []Root, first []string, name func(edit.File) string) string {
	var b strings.Builder
	settled, others := settle(notes)
	lines := decisions(settled, name)
	items := slices.Concat(grouped(others, step.Decide, name), grouped(others, step.Raise, name))
	shown := min(len(items), max(some, enough-len(lines)))
	switch {
	case len(lines) > 0:
		b.WriteString("To decide ({} goes under \"decisions:\" in the grove-migrate.yaml of its repository; keep: WHY leaves a call as it is)\n")
	case len(items) > 0:
		b.WriteString("To decide\n")
	}
	for _, item := range items[:shown] {
		lines = append(lines, "- "+item)
	}
	if shown < len(items) {
		lines = append(lines, fmt.Sprintf("and %d more: give --show", len(items)-shown))
	}
	for _, line := range lines {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	then := slices.Concat(first, order(notes, roots), runs(notes, name))
	for i, item := range then {
		if i == 0 {
			b.WriteString("Then\n")
		}
		fmt.Fprintf(&b, "  %d. %s\n", i+1, item)
	}
	return b.String()
}

// settle parts the notes that an item of grove-migrate.yaml settles from the others.
func settle(notes []step.Note) (settled, others []step.Note) {
	for _, n := range notes {
		if n.Decision != "" {
			settled = append(settled, n)
		} else {
			others = append(others, n)
		}
	}
	return settled, others
}

// decisions are a line for each thing to decide with what settles it; where it has several places, below it one for each.
func decisions(notes []step.Note, name func(edit.File) string) []string {
	var texts []string
	places := map[string][][2]string{}
	width := map[string]int{}
	for _, n := range notes {
		place := placed(n, name)
		texts = appendNew(texts, n.Text)
		places[n.Text] = append(places[n.Text], [2]string{place, n.Decision})
		width[n.Text] = max(width[n.Text], len(place))
	}
	var out []string
	for _, text := range texts {
		if one := places[text]; len(one) == 1 {
			out = append(out, fmt.Sprintf("- %s: %s: %s", one[0][0], text, one[0][1]))
			continue
		}
		out = append(out, "- "+text)
		for _, p := range places[text] {
			out = append(out, fmt.Sprintf("    %-*s  %s", width[text], p[0], p[1]))
		}
	}
	return out
}

// grouped are the notes of a kind by step, then as they were given; those with the same words are one item.
func grouped(notes []step.Note, kind step.NoteKind, name func(edit.File) string) []string {
	var texts []string
	places := map[string][]string{}
	for _, s := range step.Names() {
		for _, n := range notes {
			if n.Step != s || n.Kind != kind {
				continue
			}
			text := strings.Join(strings.Fields(n.Text), " ")
			texts = appendNew(texts, text)
			if at := placed(n, name); at != "" {
				places[text] = appendNew(places[text], at)
			}
		}
	}
	for i, text := range texts {
		if at := places[text]; len(at) > 0 {
			texts[i] = strings.Join(at, ", ") + ": " + text
		}
	}
	return texts
}

// placed is where a note is about, as a person opens it; nothing for the whole workspace.
func placed(n step.Note, name func(edit.File) string) string {
	if n.File == (edit.File{}) {
		return ""
	}
	at := name(n.File)
	if n.Line > 0 {
		at = fmt.Sprintf("%s:%d", at, n.Line)
	}
	return at
}

// runs are the commands to run, by step and in order, each as it works where it is printed.
func runs(notes []step.Note, name func(edit.File) string) []string {
	var out []string
	for _, s := range step.Names() {
		for _, n := range notes {
			if n.Step != s || n.Kind != step.Run {
				continue
			}
			command := n.Text
			if dir := name(n.File); n.File != (edit.File{}) && dir != "." {
				command = "(cd " + quote(dir) + " && " + n.Text + ")"
			}
			out = appendNew(out, command)
		}
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
