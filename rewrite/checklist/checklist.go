// Package checklist puts what the steps have to say into the order in which a person needs it.
package checklist

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// List is what the steps have to say of a workspace.
type List struct {
	Notes []step.Note
	Roots []Root
	First []string               // commands that come before all others
	More  string                 // the command that shows everything
	Name  func(edit.File) string // a file as a person opens it; nil for one below the place that holds all roots
}

// Root is a repository of the workspace.
type Root struct {
	Key  string // as notes name it
	Role string // "grove", "template", "cluster" or "other"
}

// section is one part of the list.
type section struct {
	title    string
	lead     string // what is said beside the title
	items    []string
	numbered bool
	open     bool // a person has to tick them off
	long     bool // Markdown folds it
	code     bool // the items are commands
}

// Text is the list for a terminal: nothing when there are no notes.
func (l List) Text() string {
	var b strings.Builder
	for _, s := range l.sections(func(it item) string { return strings.Join(it.lines(len(it.places)), "\n  ") }) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s.title)
		if s.open {
			b.WriteString(" " + explained)
		}
		b.WriteByte('\n')
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
func (l List) Markdown() string {
	var b strings.Builder
	for _, s := range l.sections(item.brief) {
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
	l.lines(&b)
	return b.String()
}

// lines are the items of grove-migrate.yaml that settle what is to be decided, folded, for each repository.
func (l List) lines(b *strings.Builder) {
	var blocks string
	for _, root := range l.Roots {
		var items []string
		for _, n := range l.sorted(step.Decide, step.Raise) {
			if n.File.Root == root.Key && n.Decision != "" {
				items = appendNew(items, "  - "+n.Decision)
			}
		}
		if len(items) > 0 {
			blocks += fmt.Sprintf("\n```yaml\n# %s\ndecisions:\n%s\n```\n", path.Join(root.Key, rules.ConfigName), strings.Join(items, "\n"))
		}
	}
	if blocks != "" {
		fmt.Fprintf(b, "\n<details>\n<summary>Lines for %s: of those that stay as they are, with the reason in place of WHY</summary>\n%s\n</details>\n", rules.ConfigName, blocks)
	}
}

// brief is an item with its places before it.
func (it item) brief() string {
	var at []string
	for _, p := range it.places {
		if p.at != "" {
			at = append(at, p.at)
		}
	}
	if len(at) == 0 {
		return it.text
	}
	return strings.Join(at, ", ") + ": " + it.text
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
		text := escape(s.items[i])
		if s.code {
			text = "`" + s.items[i] + "`"
		}
		b.WriteString(mark + text + "\n")
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

// sections are the parts of the list that have something in them, in order, with items written in one way.
func (l List) sections(write func(item) string) []section {
	of := func(kind step.NoteKind) []string {
		var out []string
		for _, it := range l.todo(kind) {
			out = append(out, write(it))
		}
		return out
	}
	all := []section{
		{title: "To decide", lead: "These need a person before the change is merged.", items: of(step.Decide), open: true},
		{title: "To raise or rebuild", items: of(step.Raise), open: true},
		{title: "Order of merging and deploying", items: l.order(), numbered: true},
		{title: "Then run", items: l.runs(), numbered: true, code: true},
		{title: "Done", items: l.done(), long: true},
		{title: "Left as it is on purpose", items: of(step.Kept), long: true},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.items) == 0 })
}

// sorted are the notes of some kinds, by kind and step, then as they were given.
func (l List) sorted(kinds ...step.NoteKind) []step.Note {
	var out []step.Note
	for _, kind := range kinds {
		for _, name := range step.Names() {
			for _, n := range l.Notes {
				if n.Kind == kind && n.Step == name {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// placed is where a note is about, as a person opens it; nothing for the whole workspace.
func (l List) placed(n step.Note) string {
	at := ""
	switch {
	case n.File == (edit.File{}):
		return ""
	case l.Name != nil:
		at = l.Name(n.File)
	case n.File.Path == "":
		at = n.File.Root
	default:
		at = n.File.String()
	}
	if n.Line > 0 {
		at = fmt.Sprintf("%s:%d", at, n.Line)
	}
	return at
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// done is what was done, with the step that did it.
func (l List) done() []string {
	var out []string
	for _, n := range l.sorted(step.Did) {
		place := l.placed(n)
		if place != "" {
			place += ": "
		}
		out = appendNew(out, string(n.Step)+": "+place+n.Text)
	}
	return out
}

// then is what comes next, in order.
func (l List) then() []string { return slices.Concat(l.First, l.order(), l.runs()) }

// order is how the repositories that changed go live: what others use comes first.
func (l List) order() []string {
	touched := func(key string) bool {
		return slices.ContainsFunc(l.Notes, func(n step.Note) bool { return n.File.Root == key && n.Kind == step.Did })
	}
	image := slices.ContainsFunc(l.Notes, func(n step.Note) bool { return n.Step == step.Container && n.Kind == step.Raise })
	var out []string
	hasGrove := false
	for _, r := range l.Roots {
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
	for _, r := range l.Roots {
		if r.Role == "template" && touched(r.Key) {
			out = append(out, r.lead()+"merge"+after)
		}
	}
	for _, r := range l.Roots {
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
