package source

import (
	"bytes"
	"sort"
)

// Lines knows where each line of a text begins.
type Lines []int

// NewLines finds the beginnings of the lines of src. A line ends after its "\n".
func NewLines(src []byte) Lines {
	lines := Lines{0}
	for i, c := range src {
		if c == '\n' {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// Position is the 1-based line of the byte at off, and its 1-based column in bytes.
func (l Lines) Position(off int) (line, column int) {
	line = sort.SearchInts(l, off+1)
	return line, off - l[line-1] + 1
}

// Newline is the line end that a file uses: the one of its first line.
func Newline(src []byte) string {
	if first, _, _ := bytes.Cut(src, []byte("\n")); len(first) < len(src) && bytes.HasSuffix(first, []byte("\r")) {
		return "\r\n"
	}
	return "\n"
}
