// Package manifest reads the dependencies that Python packages declare in their metadata, and takes some of them out.
package manifest

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// Dependency is one package that a file declares.
type Dependency struct {
	requirement.Requirement
	Start, End int    // bytes of the declaration: a line of a list, a string with its quotes, or a whole `name = value`
	Line       int    // 1-based
	Where      string // the key that holds it: "install_requires"
	Note       string // the comment at the end of its line, from its #
	group      int    // of an element of a bracketed list: which list; -1 elsewhere
}

// Reads reports whether a file, by its name, is one whose dependencies this package reads.
func Reads(file string) bool {
	switch path.Base(file) {
	case "setup.cfg", "tox.ini", "setup.py", "pyproject.toml", "Pipfile":
		return true
	}
	return false
}

// Read gives the dependencies that a file declares, in order. What is not understood is left out.
func Read(file string, src []byte) []Dependency {
	var out []Dependency
	switch path.Base(file) {
	case "setup.cfg", "tox.ini":
		out = readINI(src)
	case "setup.py":
		out = readPython(src)
	case "pyproject.toml", "Pipfile":
		out = readTOML(src)
	}
	for i := range out {
		out[i].Line = 1 + bytes.Count(src[:out[i].Start], []byte("\n"))
		out[i].Note = noteAt(src, out[i].End)
	}
	return out
}

// noteAt is the comment behind a declaration, on its line.
func noteAt(src []byte, at int) string {
	end := lineEnd(src, at)
	rest := strings.TrimLeft(string(src[at:end]), " \t,")
	if strings.HasPrefix(rest, "#") {
		return strings.TrimRight(rest, " \t\r\n")
	}
	return ""
}

// Cut are the deletions that take dependencies, by index, out of the file. A declaration that has its lines for itself
// goes with them and with its comment, and a list or a table that then holds nothing goes too.
func Cut(src []byte, deps []Dependency, indexes []int) []edit.Edit {
	gone := make([]bool, len(deps))
	for _, i := range indexes {
		gone[i] = true
	}
	var out []edit.Edit
	for _, i := range indexes {
		start, end := deps[i].Start, deps[i].End
		after := pastComma(src, end)
		switch {
		case ownLines(src, start, after):
			start, end = lineStart(src, start), lineEnd(src, after)
		case deps[i].group >= 0 && after > end:
			end = after
			for end < len(src) && (src[end] == ' ' || src[end] == '\t') {
				end++
			}
		case deps[i].group >= 0:
			start = endBefore(deps, gone, i, start)
		}
		out = append(out, edit.Edit{Start: start, End: end})
	}
	return sweep(src, join(out))
}

// endBefore is where the last element before the one at index i ends that stays in its list, or start.
func endBefore(deps []Dependency, gone []bool, i, start int) int {
	for j := i - 1; j >= 0 && deps[j].group == deps[i].group; j-- {
		if !gone[j] {
			return deps[j].End
		}
		start = deps[j].Start
	}
	return start
}

func join(edits []edit.Edit) []edit.Edit {
	slices.SortFunc(edits, func(a, b edit.Edit) int { return a.Start - b.Start })
	var out []edit.Edit
	for _, e := range edits {
		if n := len(out); n > 0 && e.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, e.End)
			continue
		}
		out = append(out, e)
	}
	return out
}

// pastComma is the place behind the comma after a declaration, or at itself when there is none on the line.
func pastComma(src []byte, at int) int {
	for i := at; i < len(src) && (src[i] == ' ' || src[i] == '\t' || src[i] == ','); i++ {
		if src[i] == ',' {
			return i + 1
		}
	}
	return at
}

// ownLines reports whether nothing else stands on the lines of [start, end) but a comment behind it.
func ownLines(src []byte, start, end int) bool {
	before := bytes.Trim(src[lineStart(src, start):start], " \t")
	after := bytes.TrimLeft(src[end:lineEnd(src, end)], " \t")
	return len(before) == 0 && (len(bytes.TrimRight(after, "\r\n")) == 0 || after[0] == '#')
}

func lineStart(src []byte, at int) int { return bytes.LastIndexByte(src[:at], '\n') + 1 }

// lineEnd is the place behind the line break that ends the line.
func lineEnd(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(src)
}

// add appends what a text asks for, when it is a requirement by name or URL.
func add(out []Dependency, text string, d Dependency) []Dependency {
	r, kind, err := requirement.ParseRequirement(text)
	if err != nil || kind == requirement.Local {
		return out
	}
	d.Requirement = r
	return append(out, d)
}
