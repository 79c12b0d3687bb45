package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// left are the notes on the sites that a person must decide, and on what nothing explains.
func left(r *scan.Report) []step.Note {
	var out []step.Note
	for _, f := range r.Files {
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if occ.Action != site.Review && occ.Class != site.Unexplained {
				continue
			}
			line, _ := f.Lines.Position(occ.Start)
			text, d := occ.Reason, rules.Decision{Path: f.Path, Keep: "WHY"}
			d.Text, d.Line = rules.Narrow(f.Src, occ.Start)
			if slot := occ.Slot; slot != nil && slot.UnsafeReason == "" && occ.Suggestion != "" && occ.InstanceFrom == "" && occ.Kind != site.DispatchByName {
				d.Keep, d.Instance = "", "NAME"
			}
			switch slot := occ.Slot; { // which root or name it is stands in the report
			case slot != nil && slot.Foreign != "" && strings.Contains(text, slot.Foreign):
				text = "its root directory is no instance's: " + scan.NameInstance
			case strings.HasSuffix(text, scan.NameInstance):
				text = "no instance is known there: " + scan.NameInstance
			}
			out = append(out, step.Note{
				Step: step.Invocations, Kind: step.Decide, File: edit.File{Root: f.Root.Key, Path: f.Path}, Line: line, Text: text,
				Decision: item(d),
			})
		}
	}
	return out
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
