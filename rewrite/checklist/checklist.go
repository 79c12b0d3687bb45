// Package checklist puts what the steps have to say into the order in which a person needs it.
package checklist

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
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
	long     bool // Markdown folds it
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
		shown := min(len(s.items), unfolded)
		if s.long {
			shown = 0
		} else {
			fmt.Fprintf(&b, "\n### %s\n\n", s.title)
			if s.lead != "" {
				b.WriteString(s.lead + "\n\n")
			}
			s.markdown(&b, 0, shown)
		}
		if shown < len(s.items) {
			fmt.Fprintf(&b, "\n<details>\n<summary>%s: %d</summary>\n\n", s.title, len(s.items)-shown)
			s.markdown(&b, shown, len(s.items))
			b.WriteString("\n</details>\n")
		}
	}
	return b.String()
}

// unfolded is how many items of a section Markdown shows before it folds the others.
const unfolded = 30

// markdown writes the items of a section from one up to another.
func (s section) markdown(b *strings.Builder, from, to int) {
	for i := from; i < to; i++ {
		mark := "* "
		switch {
		case s.numbered:
			mark = fmt.Sprintf("%d. ", i+1)
		case s.open:
			mark = "* [ ] "
		}
		b.WriteString(mark + escape(s.items[i]) + "\n")
	}
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
		{title: "To decide", lead: "These need a person before the change is merged.", items: grouped(notes, step.Decide, fromRoots), open: true},
		{title: "To raise or rebuild", items: grouped(notes, step.Raise, fromRoots), open: true},
		{title: "Order of merging and deploying", items: order(notes, roots), numbered: true},
		{title: "Then run", items: commands(notes), numbered: true},
		{title: "Done", items: done(notes), long: true},
		{title: "Left as it is on purpose", items: grouped(notes, step.Kept, fromRoots), long: true},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.items) == 0 })
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// fromRoots names a file from the place that holds all roots.
func fromRoots(f edit.File) string {
	if f.Path == "" {
		return f.Root
	}
	return f.String()
}

// done is one item a step, with what it did to each file below it.
func done(notes []step.Note) []string {
	var out []string
	for _, name := range step.Names() {
		for _, n := range notes {
			if n.Step == name && n.Kind == step.Did {
				place := placed(n, fromRoots)
				if place != "" {
					place += ": "
				}
				out = appendNew(out, string(name)+": "+place+n.Text)
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
