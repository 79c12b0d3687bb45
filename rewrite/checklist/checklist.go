// Package checklist puts what the steps have to say into the order in which a person needs it.
package checklist

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// Root is a repository of the workspace.
type Root struct {
	Key  string // as notes name it
	Role string // "grove", "template", "cluster" or "other"
}

// section is one part of the list.
type section struct {
	title    string
	lead     string // a sentence below the title
	items    []string
	numbered bool
	open     bool // a person has to tick them off
}

// Text is the list for a terminal: nothing when there are no notes.
func Text(notes []step.Note, roots []Root) string {
	var b strings.Builder
	for _, s := range sections(notes, roots) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s\n", s.title)
		for i, item := range s.items {
			mark := "  - "
			if s.numbered {
				mark = fmt.Sprintf("  %d. ", i+1)
			}
			b.WriteString(mark + strings.ReplaceAll(item, "\n", "\n    ") + "\n")
		}
	}
	return b.String()
}

// Markdown is the list for the description of a merge request: nothing when there are no notes.
func Markdown(notes []step.Note, roots []Root) string {
	var b strings.Builder
	for _, s := range sections(notes, roots) {
		if b.Len() == 0 {
			b.WriteString("## Migration to instance environments\n")
		}
		fmt.Fprintf(&b, "\n### %s\n\n", s.title)
		if s.lead != "" {
			b.WriteString(s.lead + "\n\n")
		}
		for i, item := range s.items {
			mark := "* "
			switch {
			case s.numbered:
				mark = fmt.Sprintf("%d. ", i+1)
			case s.open:
				mark = "* [ ] "
			}
			b.WriteString(mark + escape(item) + "\n")
		}
	}
	return b.String()
}

// escape keeps what stands outside of code spans from being read as markup.
func escape(text string) string {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 {
		return strings.NewReplacer("`", "\\`", "*", "\\*", "_", "\\_", "<", "\\<", "[", "\\[").Replace(text)
	}
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.NewReplacer("*", "\\*", "_", "\\_", "<", "\\<", "[", "\\[").Replace(parts[i])
	}
	return strings.Join(parts, "`")
}

// sections are the parts of the list that have something in them, in order.
func sections(notes []step.Note, roots []Root) []section {
	all := []section{
		{title: "To decide", lead: "These need a person before the change is merged.", items: lines(notes, step.Decide), open: true},
		{title: "To raise or rebuild", items: lines(notes, step.Raise), open: true},
		{title: "Done", items: done(notes)},
		{title: "Left as it is on purpose", items: lines(notes, step.Kept)},
		{title: "Order of merging and deploying", items: order(notes, roots), numbered: true},
		{title: "Then run", items: commands(notes), numbered: true},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.items) == 0 })
}

// lines are the notes of a kind by step, then as they were given.
func lines(notes []step.Note, kind step.NoteKind) []string {
	var out []string
	for _, name := range step.Names() {
		for _, n := range notes {
			if n.Step == name && n.Kind == kind {
				out = appendNew(out, place(n)+n.Text)
			}
		}
	}
	return out
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// place is what a note is about, as the beginning of its line.
func place(n step.Note) string {
	name := n.File.String()
	switch {
	case n.File.Path == "" && n.File.Root == "":
		return ""
	case n.File.Path == "":
		name = n.File.Root
	}
	if n.Line > 0 {
		return fmt.Sprintf("%s:%d: ", name, n.Line)
	}
	return name + ": "
}

// done is one item a step, with what it did to each file below it.
func done(notes []step.Note) []string {
	var out []string
	for _, name := range step.Names() {
		for _, n := range notes {
			if n.Step == name && n.Kind == step.Did {
				out = appendNew(out, string(name)+": "+place(n)+n.Text)
			}
		}
	}
	return out
}

// commands are what is to be run, by step and in order, each with where.
func commands(notes []step.Note) []string {
	var out []string
	for _, name := range step.Names() {
		for _, n := range notes {
			if n.Step != name || n.Kind != step.Run {
				continue
			}
			item := "`" + n.Text + "`"
			if n.File.Root != "" && n.File.Root != "." {
				item = "in " + n.File.String() + ": " + item
				item = strings.Replace(item, "/: ", ": ", 1)
			}
			out = appendNew(out, item)
		}
	}
	return out
}

// order is how the repositories that changed go live: what others use comes first.
func order(notes []step.Note, roots []Root) []string {
	touched := func(key string) bool {
		return slices.ContainsFunc(notes, func(n step.Note) bool { return n.File.Root == key && n.Kind == step.Did })
	}
	image := slices.ContainsFunc(notes, func(n step.Note) bool { return n.Step == step.Container && n.Kind == step.Raise })
	var out []string
	hasGrove := false
	for _, r := range roots {
		if r.Role != "grove" || !touched(r.Key) {
			continue
		}
		hasGrove = true
		if image {
			out = append(out, r.lead()+"raise the image's version, merge, and wait until the pipeline has pushed the new image of the tools container")
		} else {
			out = append(out, r.lead()+"merge")
		}
	}
	after := ""
	if hasGrove {
		after = ": set the submodule and the version in .gitlab-ci.yml to the merged commit of Grove in the same change"
	}
	for _, r := range roots {
		if r.Role == "template" && touched(r.Key) {
			out = append(out, r.lead()+"merge"+after)
		}
	}
	for _, r := range roots {
		if r.Role == "cluster" && touched(r.Key) {
			out = append(out, r.lead()+"merge"+after+"; then deploy one instance that matters little, and the others when it is well")
		}
	}
	return out
}

// lead names a root at the beginning of a line; a single one needs no name.
func (r Root) lead() string {
	if r.Key == "." {
		return ""
	}
	return r.Key + ": "
}
