package report

import (
	"fmt"
	"io"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Markdown writes a summary fit for the description of a merge request: what needs a decision, and folded what changes,
// what is left alone and what was skipped.
func Markdown(w io.Writer, r *scan.Report, o Options) error {
	var b strings.Builder
	s := Summarise(r)
	fmt.Fprintf(&b, "## Calls of the program\n\n%s in %s; %s to rewrite, %s to decide, %s unexplained.\n",
		count(s.Occurrences, "occurrence"), count(s.Files, "file"), count(s.Actions[site.Rewrite], "site"), count(s.Actions[site.Review], "site"), fmt.Sprint(s.Unexplained))
	reason := func(occ *site.Occurrence) string { return prose(occ.Reason) }
	open := func(title string, match func(*site.Occurrence) bool) {
		rows := rows(r, o, match, reason)
		shown := min(len(rows), unfolded)
		table(&b, "\n### "+title+"\n\n", rows[:shown], "Why")
		fold(&b, title, rows[shown:], "Why")
	}
	open("What needs a decision", func(occ *site.Occurrence) bool { return occ.Action == site.Review })
	open("What could not be explained", func(occ *site.Occurrence) bool { return occ.Class == site.Unexplained })
	fold(&b, "What changes", rows(r, o, func(occ *site.Occurrence) bool { return occ.Action == site.Rewrite }, func(occ *site.Occurrence) string {
		return fmt.Sprintf("%s | %s", code(occ.CommandLine()), code(occ.Instance))
	}), "Command", "Instance")
	fold(&b, "What stays as it is", rows(r, o, func(occ *site.Occurrence) bool { return occ.Action == site.Keep || occ.Action == site.Done }, reason), "Why")
	var skipped []string
	for _, sk := range r.Skipped {
		skipped = append(skipped, fmt.Sprintf("%s | %s", code(o.name(r, sk.Root, sk.Path)), prose(sk.Reason)))
	}
	fold(&b, "Skipped", skipped, "Why")
	b.WriteString("\n<details>\n<summary>Occurrences by class</summary>\n\n| Class | Count |\n| --- | ---: |\n")
	for _, c := range Classes() {
		if s.Classes[c] > 0 {
			fmt.Fprintf(&b, "| %s | %d |\n", c, s.Classes[c])
		}
	}
	b.WriteString("\n</details>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// unfolded is how many rows of a table are shown before the others are folded.
const unfolded = 20

// rows are those of the occurrences that match, each with its place first.
func rows(r *scan.Report, o Options, match func(*site.Occurrence) bool, row func(*site.Occurrence) string) []string {
	var out []string
	for _, f := range r.Files {
		for i := range f.Occurrences {
			if occ := &f.Occurrences[i]; match(occ) {
				line, _ := f.Lines.Position(occ.Start)
				out = append(out, fmt.Sprintf("%s | %s", code(fmt.Sprintf("%s:%d", o.name(r, f.Root, f.Path), line)), row(occ)))
			}
		}
	}
	return out
}

// table is a table of rows below a title; nothing without rows.
func table(b *strings.Builder, title string, rows []string, columns ...string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "%s| Place | %s |\n|%s\n", title, strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)+1))
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |\n", row)
	}
}

// fold is a table that opens with a click; nothing without rows.
func fold(b *strings.Builder, title string, rows []string, columns ...string) {
	if len(rows) == 0 {
		return
	}
	table(b, fmt.Sprintf("\n<details>\n<summary>%s: %d</summary>\n\n", title, len(rows)), rows, columns...)
	b.WriteString("\n</details>\n")
}

// code is text as a code span in a table cell, where a pipe has to be escaped even there.
func code(s string) string { return strings.ReplaceAll(span(s), "|", `\|`) }

// span is text as a code span; nothing for no text.
func span(s string) string {
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	text := oneLine(s)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// prose is text in which Markdown and HTML mean nothing, in one table cell.
func prose(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", "[", `\[`, "~", `\~`, "@", "&#64;").Replace(printable([]byte(s)))
}
