package requirements

import (
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// Append is the insertion that puts lines at the end of a file, in its style.
func Append(f *requirement.File, lines ...string) edit.Edit {
	return edit.Edit{Start: len(f.Src), End: len(f.Src), New: f.Appended(lines...)}
}

// cut are the deletions that take lines, by index, out of a file.
func cut(f *requirement.File, indexes []int) []edit.Edit {
	var out []edit.Edit
	for _, s := range f.Cut(indexes) {
		out = append(out, edit.Edit{Start: s.Start, End: s.End})
	}
	return out
}
