package report

import (
	"fmt"
	"io"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Text writes a report for a person: each listed occurrence with its line and a caret, grouped by repository and file,
// and at the end a summary that adds up. It returns the first error of w.
func Text(w io.Writer, r *scan.Report, o Options) error {
	t := &textWriter{w: w, r: r, o: o, atlas: NewAtlas(r)}
	var root *scan.Root
	for _, f := range r.Files {
		shown := false
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if !o.shows(occ) {
				continue
			}
			if f.Root != root && len(r.Roots) > 1 {
				t.printf("%s\n\n", t.bold(fmt.Sprintf("%s (%s)", f.Root.Key, f.Root.Role)))
				root = f.Root
			}
			if !shown {
				t.printf("%s\n", t.bold(t.path(f.Root, f.Path)))
				shown = true
			}
			t.occurrence(f, occ)
		}
	}
	t.skipped()
	t.stale()
	t.summary()
	return t.err
}

type textWriter struct {
	w     io.Writer
	r     *scan.Report
	o     Options
	atlas *Atlas
	err   error
}

func (t *textWriter) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

func (t *textWriter) paint(code, s string) string {
	if !t.o.Colour || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *textWriter) bold(s string) string { return t.paint("1", s) }

// path is a root's path as a person can open it.
func (t *textWriter) path(root *scan.Root, name string) string {
	return oneLine(t.o.name(t.r, root, name))
}

func (t *textWriter) action(a site.Action) string {
	switch a {
	case site.Rewrite:
		return t.paint("32", string(a))
	case site.Review:
		return t.paint("33", string(a))
	}
	return string(a)
}

// occurrence shows one place:
//
//	path:42:17: invocation, rewrite: subprocess.run runs it [tutor/python-command]
//	    subprocess.run(["tutor", "config", "save"])
//	                     ^~~~~
//	    command: tutor config save; instance: self.instance_name (name in scope)
func (t *textWriter) occurrence(f *scan.File, occ *site.Occurrence) {
	line, col := f.Lines.Position(occ.Start)
	what := string(occ.Class)
	if occ.Class == site.Unexplained {
		what = t.paint("31", what)
	}
	if occ.Action != "" {
		what += ", " + t.action(occ.Action)
	}
	if occ.Host != "" {
		what += fmt.Sprintf(" (%s in %s)", occ.Language, occ.Host)
	}
	t.printf("  %s:%d:%d: %s: %s [%s]\n", t.path(f.Root, f.Path), line, col, what, oneLine(occ.Reason), occ.Rule)
	t.caret(f, occ)
	if len(occ.Argv) > 0 {
		t.printf("      command: %s\n", oneLine(occ.CommandLine()))
	}
	if occ.Instance != "" {
		t.printf("      instance: %s (%s)\n", oneLine(occ.Instance), strings.ReplaceAll(occ.InstanceFrom, "-", " "))
	}
	if occ.Suggestion != "" {
		t.printf("      hint: %s\n", oneLine(occ.Suggestion))
	}
	t.steps(f, "run at", occ.Uses)
	if t.o.Explain {
		t.steps(f, "by way of", occ.Trace)
	}
	t.printf("\n")
}

func (t *textWriter) steps(f *scan.File, label string, steps []site.Step) {
	for _, st := range steps {
		p := t.atlas.place(f, st)
		where := t.path(f.Root, p.Path)
		if p.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", where, p.Line, p.Column)
		}
		t.printf("      %s %s: %s\n", label, where, oneLine(st.What))
	}
}

// caret shows the source line with the word underlined.
func (t *textWriter) caret(f *scan.File, occ *site.Occurrence) {
	line, pad, columns := excerpt(f, occ, t.around())
	t.printf("      %s\n      %s%s\n", line, pad, t.paint("32", "^"+strings.Repeat("~", columns-1)))
}

// around is how much of a source line fits on each side of its word.
func (t *textWriter) around() int {
	const indent, word, least = 8, 5, 10
	if t.o.Width == 0 {
		return maxLine
	}
	return min(maxLine, max(least, (t.o.Width-indent-word)/2))
}

func (t *textWriter) skipped() {
	for i, s := range t.r.Skipped {
		if i == 0 {
			t.printf("%s\n", t.bold("skipped"))
		}
		t.printf("  %s: %s\n", t.path(s.Root, s.Path), oneLine(s.Reason))
	}
	if len(t.r.Skipped) > 0 {
		t.printf("\n")
	}
}

func (t *textWriter) stale() {
	for _, f := range t.r.Files {
		for _, st := range f.Stale {
			line, col := f.Lines.Position(st.Start)
			t.printf("%s:%d:%d: this ignore comment keeps nothing: remove it\n", t.path(f.Root, f.Path), line, col)
		}
	}
	for _, u := range t.r.Unused {
		t.printf("%s: %s: remove it\n", t.path(u.Root, rules.ConfigName), oneLine(unused(u)))
	}
}

// summary ends the report with figures that add up.
func (t *textWriter) summary() {
	s := Summarise(t.r)
	t.printf("%s in %s of %s read\n", count(s.Occurrences, "occurrence"), count(s.Files, "file"), count(t.r.Read, "file"))
	for _, c := range Classes() {
		if n := s.Classes[c]; n > 0 || c == site.Unexplained {
			t.printf("  %-12s %6d%s\n", string(c)+":", n, t.actions(c))
		}
	}
	sites := s.Classes[site.Invocation] + s.Classes[site.Lookup]
	t.printf("%s:", count(sites, "site"))
	for i, a := range Actions() {
		sep := ","
		if i == 0 {
			sep = ""
		}
		t.printf("%s %s %d", sep, a, s.Actions[a])
	}
	t.printf("\n%s skipped\n", count(s.Skipped, "path"))
}

func (t *textWriter) actions(c site.Class) string {
	if !c.Site() {
		return ""
	}
	by := map[site.Action]int{}
	for _, f := range t.r.Files {
		for _, occ := range f.Occurrences {
			if occ.Class == c {
				by[occ.Action]++
			}
		}
	}
	var parts []string
	for _, a := range Actions() {
		if by[a] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", a, by[a]))
		}
	}
	return "  (" + strings.Join(parts, ", ") + ")"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
