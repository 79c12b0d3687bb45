package checklist

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// enough is how many things to decide a screen lists. Sites for review are listed beyond it, because nothing else names them.
const enough = 10

// Screen is the short list for the end of an apply: what is to be decided, each thing once and sites for review first, then
// what comes next, in order, after the given first lines. Name is a file as a person opens it. It is empty when there is
// nothing to do.
func Screen(notes []step.Note, roots []Root, first []string, name func(edit.File) string) string {
	var b strings.Builder
	if items := slices.Concat(grouped(notes, step.Decide, name), grouped(notes, step.Raise, name)); len(items) > 0 {
		sites := grouped(slices.DeleteFunc(slices.Clone(notes), func(n step.Note) bool { return n.Step != step.Invocations }), step.Decide, name)
		shown := min(len(items), max(len(sites), enough))
		fmt.Fprintf(&b, "To decide\n  - %s\n", strings.Join(items[:shown], "\n  - "))
		if shown < len(items) {
			fmt.Fprintf(&b, "  and %d more: give --show\n", len(items)-shown)
		}
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
