package report

import (
	"fmt"
	"io"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Markdown writes a summary fit for the description of a merge request: what changes and why, what needs a decision, what
// was left alone.
func Markdown(w io.Writer, r *scan.Report, o Options) error {
	var b strings.Builder
	s := Summarise(r)
	fmt.Fprintf(&b, "## Calls of the program\n\n%s in %s; %s to rewrite, %s to decide, %s unexplained.\n",
		count(s.Occurrences, "occurrence"), count(s.Files, "file"), count(s.Actions[site.Rewrite], "site"), count(s.Actions[site.Review], "site"), fmt.Sprint(s.Unexplained))
	section(&b, r, o, "What changes", "Command", func(occ *site.Occurrence) bool { return occ.Action == site.Rewrite }, func(occ *site.Occurrence) string {
		return fmt.Sprintf("%s | %s", code(strings.Join(occ.Argv, " ")), code(occ.Instance))
	}, "Instance")
	section(&b, r, o, "What needs a decision", "Why", func(occ *site.Occurrence) bool { return occ.Action == site.Review }, func(occ *site.Occurrence) string { return prose(occ.Reason) })
	section(&b, r, o, "What stays as it is", "Why", func(occ *site.Occurrence) bool { return occ.Action == site.Keep || occ.Action == site.Done }, func(occ *site.Occurrence) string { return prose(occ.Reason) })
	section(&b, r, o, "What could not be explained", "Why", func(occ *site.Occurrence) bool { return occ.Class == site.Unexplained }, func(occ *site.Occurrence) string { return prose(occ.Reason) })
	fmt.Fprintf(&b, "\n### Occurrences by class\n\n| Class | Count |\n| --- | ---: |\n")
	for _, c := range Classes() {
		if s.Classes[c] > 0 {
			fmt.Fprintf(&b, "| %s | %d |\n", c, s.Classes[c])
		}
	}
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&b, "\n### Skipped\n\n")
		for _, sk := range r.Skipped {
			fmt.Fprintf(&b, "- %s: %s\n", span(o.name(r, sk.Root, sk.Path)), prose(sk.Reason))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// section is a table of the occurrences that match; nothing when none does.
func section(b *strings.Builder, r *scan.Report, o Options, title, column string, match func(*site.Occurrence) bool, row func(*site.Occurrence) string, more ...string) {
	first := true
	for _, f := range r.Files {
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if !match(occ) {
				continue
			}
			if first {
				heads := append([]string{"Place", column}, more...)
				fmt.Fprintf(b, "\n### %s\n\n| %s |\n|%s\n", title, strings.Join(heads, " | "), strings.Repeat(" --- |", len(heads)))
				first = false
			}
			line, _ := f.Lines.Position(occ.Start)
			fmt.Fprintf(b, "| %s | %s |\n", code(fmt.Sprintf("%s:%d", o.name(r, f.Root, f.Path), line)), row(occ))
		}
	}
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
