package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// left are the notes on the sites that a person must decide.
func left(r *scan.Report) []step.Note {
	var out []step.Note
	for f, occ := range r.Sites() {
		if occ.Action == site.Review {
			line, _ := f.Lines.Position(occ.Start)
			text, settles := occ.Reason, "keep: WHY"
			if occ.Suggestion != "" {
				settles = "instance: NAME"
			}
			if strings.HasSuffix(text, scan.NameInstance) { // where no name was found is in the report
				text = "no instance is known there: " + scan.NameInstance
			}
			out = append(out, step.Note{
				Step: step.Invocations, Kind: step.Decide, File: edit.File{Root: f.Root.Key, Path: f.Path}, Line: line, Text: text,
				Decision: fmt.Sprintf("{path: %s, %s, %s}", scalar(rules.PatternOf(f.Path)), narrowed(f.Src, occ.Start), settles),
			})
		}
	}
	return out
}

// narrowed is Narrow as a key of YAML.
func narrowed(src []byte, at int) string {
	text, line := Narrow(src, at)
	if text != "" {
		return "text: " + quoted(text)
	}
	return fmt.Sprintf("line: %d", line)
}

// Narrow tells the line of a place from the others of its file, for a decision: by a text that stands in no other line, which
// holds when lines move, or by its number.
func Narrow(src []byte, at int) (text string, line int) {
	start := bytes.LastIndexByte(src[:at], '\n') + 1
	end := len(src)
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		end = at + i
	}
	rest := string(src[at:end])
	plainly, _, _ := strings.Cut(rest, `"`)
	plainly, _, _ = strings.Cut(plainly, "'")
	for _, part := range []string{plainly, rest, string(src[start:end])} {
		if text := short(part); tells(src, text) {
			return text, 0
		}
	}
	return "", bytes.Count(src[:at], []byte("\n")) + 1
}

// short is the beginning of a text, without blanks around it and whole words of it.
func short(text string) string {
	const most = 48
	if text = strings.TrimSpace(text); len(text) <= most {
		return text
	}
	return strings.TrimSpace(text[:max(0, strings.LastIndexByte(text[:most], ' '))])
}

// tells reports whether a text of several words can be read, and stands in one line only.
func tells(src []byte, text string) bool {
	if !strings.Contains(text, " ") || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return false
	}
	lines := 0
	for line := range bytes.Lines(src) {
		if bytes.Contains(line, []byte(text)) {
			lines++
		}
	}
	return lines == 1
}

// quoted is text in the quotes of YAML that need the least.
func quoted(text string) string {
	if strings.ContainsAny(text, `"\\`) && !strings.Contains(text, "'") {
		return "'" + text + "'"
	}
	return strconv.Quote(text)
}

// NotesAfter are the notes with the lines that they are about once the plan is written.
func (p *Plan) NotesAfter() []step.Note {
	out := slices.Clone(p.Notes)
	for i := range out {
		n := &out[i]
		at := slices.IndexFunc(p.Files, func(f File) bool { return f.Root.Key == n.File.Root && f.Path == n.File.Path && f.Before != nil })
		if n.Line == 0 || at < 0 {
			continue
		}
		was := n.Line
		n.Line = lineAfter(p.Files[at], was)
		n.Decision = strings.Replace(n.Decision, fmt.Sprintf(", line: %d,", was), fmt.Sprintf(", line: %d,", n.Line), 1)
	}
	return out
}

// lineAfter is where a line of a file is after its edits.
func lineAfter(f File, line int) int {
	start := 0
	for range line - 1 {
		i := bytes.IndexByte(f.Before[start:], '\n')
		if i < 0 {
			return line
		}
		start += i + 1
	}
	for _, e := range f.Edits {
		if e.End <= start && e.Start < e.End || e.Start <= start && e.Start == e.End {
			line += strings.Count(e.New, "\n") - bytes.Count(f.Before[e.Start:e.End], []byte("\n"))
		}
	}
	return line
}
