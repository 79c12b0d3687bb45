package render

import (
	"bytes"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Text is a file as the scan read it.
type Text struct {
	File    string
	Src     []byte
	Newline string // the line end that the file uses
}

// NewText is a file with its line end.
func NewText(file string, src []byte) Text { return Text{file, src, source.Newline(src)} }

// LineStart is the offset of the first byte of the line that holds off. A byte order mark stands in front of the first line.
func (t *Text) LineStart(off int) int {
	if start := bytes.LastIndexByte(t.Src[:off], '\n') + 1; start > 0 || !bytes.HasPrefix(t.Src, []byte("\ufeff")) {
		return start
	}
	return len("\ufeff")
}

// LineEnd is the offset after the line that holds off, its line end included.
func (t *Text) LineEnd(off int) int {
	if i := bytes.IndexByte(t.Src[off:], '\n'); i >= 0 {
		return off + i + 1
	}
	return len(t.Src)
}

// BlankAfter reports whether the line at at is empty, or the file ends there.
func (t *Text) BlankAfter(at int) bool { return len(bytes.TrimSpace(t.Src[at:t.LineEnd(at)])) == 0 }

// PastBlank is the offset after an empty line that begins at at.
func (t *Text) PastBlank(at int) int {
	if t.BlankAfter(at) {
		return t.LineEnd(at)
	}
	return at
}

// Alone are the lines of a statement that nothing else stands on, with the blank line below where one, or nothing, is above
// too; and the line above. Marks may end the statement.
func (t *Text) Alone(statement source.Span, marks string) (lines source.Span, above string, ok bool) {
	lines = source.Span{Start: t.LineStart(statement.Start), End: t.LineEnd(statement.End)}
	before, behind := string(t.Src[lines.Start:statement.Start]), string(t.Src[statement.End:lines.End])
	above = strings.TrimSpace(string(t.Src[t.LineStart(max(lines.Start-1, 0)):lines.Start]))
	if above == "" {
		lines.End = t.PastBlank(lines.End)
	}
	return lines, above, strings.Trim(before, " \t") == "" && strings.Trim(behind, " \t\r\n"+marks) == ""
}

// Functions are the names of the two functions that give the path: for an instance's name, and for its directory.
type Functions struct{ ByName, ByRoot string }

// Called is the call of one of the functions.
func (f Functions) Called(instance string, byRoot bool) string {
	if byRoot {
		return f.ByRoot + "(" + instance + ")"
	}
	return f.ByName + "(" + instance + ")"
}

// Word makes of a program's name a word that can stand in a name of any language.
func Word(program string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' {
			return r
		}
		return '_'
	}, strings.ToLower(program))
}
