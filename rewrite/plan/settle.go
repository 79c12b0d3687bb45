package plan

import (
	"cmp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// settled are the notes in which those that a decision settles are kept on purpose, and each other thing to do has the item of
// grove-migrate.yaml that would settle it.
func settled(notes []step.Note, roots []*scan.Root) []step.Note {
	var todo []int
	for i := range notes {
		n := &notes[i]
		if n.Kind != step.Decide && n.Kind != step.Raise || n.Decision != "" {
			continue
		}
		n.Text = strings.Join(strings.Fields(n.Text), " ")
		if why := decision(*n, roots); why != "" {
			n.Kind, n.Text = step.Kept, n.Text+" (settled by decision: "+why+")"
			continue
		}
		todo = append(todo, i)
	}
	said := map[edit.File][]string{}
	for _, i := range todo {
		said[notes[i].File] = append(said[notes[i].File], notes[i].Text)
	}
	for _, i := range todo {
		n := &notes[i]
		n.Decision = item(rules.Decision{Path: cmp.Or(n.File.Path, "."), Note: telling(n.Text, said[n.File]), Keep: "WHY"})
	}
	return notes
}

// decision is the reason for which a note is settled; empty when it is not.
func decision(n step.Note, roots []*scan.Root) string {
	for _, root := range roots {
		if n.File.Root != "" && n.File.Root != root.Key {
			continue
		}
		for _, d := range root.Config.Decisions {
			if d.Settles(cmp.Or(n.File.Path, "."), n.Text) {
				return d.Keep
			}
		}
	}
	return ""
}

// telling is the beginning of a text that no other of the same file has.
func telling(text string, all []string) string {
	const least = 5
	words := strings.Split(text, " ")
	for n := least; n < len(words); n++ {
		begin := strings.Join(words[:n], " ")
		if !slices.ContainsFunc(all, func(other string) bool { return other != text && strings.Contains(other, begin) }) {
			return begin
		}
	}
	return text
}
