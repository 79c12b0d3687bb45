package golang

import (
	"github.com/sergi/go-diff/diffmatchpatch"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// difference are the edits that make after out of before: only lines that differ are touched, and of those only the part
// between what their beginnings and their ends have in common.
func difference(before, after []byte) []edit.Edit {
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0
	a, b, lines := dmp.DiffLinesToRunes(string(before), string(after))
	var out []edit.Edit
	at := 0
	var gone, come string
	flush := func() {
		if gone != "" || come != "" {
			out = append(out, trimmed(at-len(gone), gone, come))
		}
		gone, come = "", ""
	}
	for _, d := range dmp.DiffCharsToLines(dmp.DiffMainRunes(a, b, false), lines) {
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			gone += d.Text
			at += len(d.Text)
		case diffmatchpatch.DiffInsert:
			come += d.Text
		default:
			flush()
			at += len(d.Text)
		}
	}
	flush()
	return out
}

// trimmed is an edit without what the two texts begin and end with alike.
func trimmed(at int, gone, come string) edit.Edit {
	n := 0
	for n < len(gone) && n < len(come) && gone[n] == come[n] {
		n++
	}
	gone, come, at = gone[n:], come[n:], at+n
	m := 0
	for m < len(gone) && m < len(come) && gone[len(gone)-1-m] == come[len(come)-1-m] {
		m++
	}
	return edit.Edit{Start: at, End: at + len(gone) - m, New: come[:len(come)-m]}
}
