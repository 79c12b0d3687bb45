package report

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// uri is a path as a relative reference (RFC 3986).
func uri(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// codePoints is a position with the column in Unicode code points, as SARIF counts.
func codePoints(f *scan.File, off int) (line, column int) {
	line, bytes := f.Lines.Position(off)
	return line, utf8.RuneCount(f.Src[off-bytes+1:off]) + 1
}

// Markdown writes a summary fit for the description of a merge request: what changes and why, what needs a decision, what
// was left alone.
func Markdown(w io.Writer, r *scan.Report, _ Options) error {
	var b strings.Builder
	s := Summarise(r)
	fmt.Fprintf(&b, "## Calls of the program\n\n%s in %s; %s to rewrite, %s to decide, %s unexplained.\n",
		count(s.Occurrences, "occurrence"), count(s.Files, "file"), count(s.Actions[site.Rewrite], "site"), count(s.Actions[site.Review], "site"), fmt.Sprint(s.Unexplained))
	section(&b, r, "What changes", "Command", func(o *site.Occurrence) bool { return o.Action == site.Rewrite }, func(o *site.Occurrence) string {
		return fmt.Sprintf("%s | %s", code(strings.Join(o.Argv, " ")), code(o.Instance))
	}, "Instance")
	section(&b, r, "What needs a decision", "Why", func(o *site.Occurrence) bool { return o.Action == site.Review }, func(o *site.Occurrence) string { return cell(o.Reason) })
	section(&b, r, "What stays as it is", "Why", func(o *site.Occurrence) bool { return o.Action == site.Keep || o.Action == site.Done }, func(o *site.Occurrence) string { return cell(o.Reason) })
	section(&b, r, "What could not be explained", "Why", func(o *site.Occurrence) bool { return o.Class == site.Unexplained }, func(o *site.Occurrence) string { return cell(o.Reason) })
	fmt.Fprintf(&b, "\n### Occurrences by class\n\n| Class | Count |\n| --- | ---: |\n")
	for _, c := range Classes() {
		if s.Classes[c] > 0 {
			fmt.Fprintf(&b, "| %s | %d |\n", c, s.Classes[c])
		}
	}
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&b, "\n### Skipped\n\n")
		for _, sk := range r.Skipped {
			fmt.Fprintf(&b, "- %s: %s\n", code(sk.Root.Key+"/"+sk.Path), sk.Reason)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// section is a table of the occurrences that match; nothing when none does.
func section(b *strings.Builder, r *scan.Report, title, column string, match func(*site.Occurrence) bool, row func(*site.Occurrence) string, more ...string) {
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
			fmt.Fprintf(b, "| %s | %s |\n", code(fmt.Sprintf("%s:%d", fullPath(r, f), line)), row(occ))
		}
	}
}

// code is text in backticks, with a pipe that ends no table cell.
func code(s string) string {
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + cell(s) + fence
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "|", `\|`)
}
