package diff

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Stat writes one line per changed file, with how many lines are added and
// removed and a bar, and a last line with the sums. The bars are scaled so
// that a line has at most width columns where the paths leave package; a width
// of 0 means 80. Files that do not change are left out, and nothing is
// written if none does.
func Stat(w io.Writer, files []File, width int) error {
	if width <= 0 {
		width = 80
	}
	var rows []row
	var longest, most, added, removed int
	for _, f := range files {
		r, changed, err := f.count()
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		rows = append(rows, r)
		longest = max(longest, utf8.RuneCountInString(r.path))
		most = max(most, r.added+r.removed)
		added, removed = added+r.added, removed+r.removed
	}
	if len(rows) == 0 {
		return nil
	}
	digits := len(fmt.Sprint(most))
	bar := max(10, width-longest-digits-5)
	var b strings.Builder
	for _, r := range rows {
		plus, minus := scale(r.added, r.removed, most, bar)
		pad := strings.Repeat(" ", longest-utf8.RuneCountInString(r.path))
		line := fmt.Sprintf(" %s%s | %*d %s%s", r.path, pad, digits, r.added+r.removed, strings.Repeat("+", plus), strings.Repeat("-", minus))
		fmt.Fprintf(&b, "%s%s\n", strings.TrimRight(line, " "), r.note)
	}
	fmt.Fprintf(&b, " %s changed, %s(+), %s(-)\n", plural(len(rows), "file"), plural(added, "insertion"), plural(removed, "deletion"))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// row is one line of Stat.
type row struct {
	path, note     string
	added, removed int
}

// count returns the file's row and whether there is anything to say.
func (f File) count() (row, bool, error) {
	changes, err := f.changes()
	if err != nil {
		return row{}, false, err
	}
	r := row{path: quote(f.Path)}
	for _, c := range changes {
		r.added += len(c.new)
		r.removed += c.end - c.start
	}
	switch old, new := gitMode(f.OldMode), gitMode(f.NewMode); {
	case old == new:
	case old == "":
		r.note = " (new)"
	case new == "":
		r.note = " (gone)"
	default:
		r.note = fmt.Sprintf(" (mode %s, was %s)", new[3:], old[3:])
	}
	return r, r.note != "" || len(changes) > 0, nil
}

// scale fits the two counts into a bar for which most is the whole length; a
// count that is not 0 keeps at least one mark.
func scale(added, removed, most, bar int) (plus, minus int) {
	if most <= bar {
		return added, removed
	}
	fit := func(n int) int {
		if n == 0 {
			return 0
		}
		return max(1, n*bar/most)
	}
	return fit(added), fit(removed)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
