package plan

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// Decide is the fix that adds decisions to a root's grove-migrate.yaml, which it creates when there is none. Decisions
// that stand there already are kept as they are written.
func Decide(root *scan.Root, decisions []rules.Decision) *edit.Fix {
	file := edit.File{Root: root.Key, Path: rules.ConfigName}
	fix := &edit.Fix{Rule: "decisions", Message: "remember the answers of the review", Applicability: edit.Safe, Site: edit.Place{File: file}}
	src, err := root.Tree.Read(rules.ConfigName)
	if err != nil {
		text := "# What people have decided about single sites.\ndecisions:\n" + items(decisions, "  ")
		fix.Changes = []edit.Change{{File: file, Create: &edit.Creation{Content: text}}}
		return fix
	}
	at, indent, found := endOfDecisions(src)
	text := items(decisions, indent)
	if !found {
		at, text = len(src), "\ndecisions:\n"+text
	}
	if at > 0 && src[at-1] != '\n' {
		text = "\n" + text
	}
	fix.Changes = []edit.Change{{File: file, Edits: []edit.Edit{{Start: at, End: at, New: text}}}}
	return fix
}

func items(decisions []rules.Decision, indent string) string {
	var b strings.Builder
	for _, d := range decisions {
		fmt.Fprintf(&b, "%s- %s\n", indent, item(d))
	}
	return b.String()
}

// item is a decision as an item of a list in YAML, on one line.
func item(d rules.Decision) string {
	keys := []string{"path: ."}
	if d.Path != "." {
		keys[0] = "path: " + scalar(rules.PatternOf(d.Path))
	}
	switch {
	case d.Note != "":
		keys = append(keys, "note: "+quoted(d.Note))
	case d.Text != "":
		keys = append(keys, "text: "+quoted(d.Text))
	default:
		keys = append(keys, fmt.Sprintf("line: %d", d.Line))
	}
	if d.Keep != "" {
		keys = append(keys, "keep: "+scalar(d.Keep))
	} else {
		keys = append(keys, "instance: "+scalar(d.Instance))
	}
	return "{" + strings.Join(keys, ", ") + "}"
}

// quoted is text in the quotes of YAML that need the least.
func quoted(text string) string {
	if strings.ContainsAny(text, `"\\`) && !strings.Contains(text, "'") {
		return "'" + text + "'"
	}
	return strconv.Quote(text)
}

var plain = lazyregexp.New(`^[\w./][\w./+-]*$`)

// scalar is text as a value of YAML, in quotes where it needs them.
func scalar(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return quoted(text)
}

// endOfDecisions is the offset after the last line of the list of decisions, and the indentation of its items. It is not
// found when there is no such list in block style.
func endOfDecisions(src []byte) (at int, indent string, found bool) {
	inside := false
	off := 0
	for _, line := range bytes.SplitAfter(src, []byte("\n")) {
		text := strings.TrimRight(string(line), " \r\n")
		trimmed := strings.TrimLeft(text, " ")
		switch {
		case text == "decisions:":
			inside = true
		case inside && strings.HasPrefix(trimmed, "- "):
			if !found {
				indent, found = text[:len(text)-len(trimmed)], true
			}
			at = off + len(line)
		case inside && trimmed != "" && (text != trimmed || trimmed[0] == '#'):
			at = off + len(line)
		case inside && trimmed != "":
			inside = false
		}
		off += len(line)
	}
	return at, indent, found
}
