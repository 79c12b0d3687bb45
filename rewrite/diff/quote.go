package diff

import (
	"fmt"
	"strings"
)

// quote returns a path as git writes it in the headers of a diff: as it is,
// or in double quotes with C escapes if it holds a control character, a
// double quote, a backslash or a byte that is not ASCII (quote.c of git, with
// core.quotePath at its default).
func quote(path string) string {
	if !strings.ContainsFunc(path, special) {
		return path
	}
	return quoted(path)
}

// quoted returns a path in double quotes with C escapes.
func quoted(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		c := path[i]
		switch {
		case strings.IndexByte("\a\b\t\n\v\f\r", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte("abtnvfr"[c-'\a'])
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case special(rune(c)):
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// special reports whether a byte, or a rune made of several or invalid bytes,
// has to be escaped.
func special(c rune) bool {
	return c < ' ' || c >= 0x7f || c == '"' || c == '\\'
}

// names returns the two paths of the line that starts with "diff --git". It is
// the only line with the path if the content does not change, and patch then
// reads a path with a space only if it is quoted. git reads both.
func names(path string) string {
	if strings.Contains(path, " ") {
		return quoted("a/"+path) + " " + quoted("b/"+path)
	}
	return quote("a/"+path) + " " + quote("b/"+path)
}

// label returns a path for a line that starts with --- or +++. As in git a tab
// ends it if it holds a space, because patch would take the space for its end;
// a space at its own end is safe in quotes only.
func label(path string) string {
	switch {
	case strings.HasSuffix(path, " "):
		return quoted(path)
	case strings.Contains(path, " "):
		return quote(path) + "\t"
	}
	return quote(path)
}
