package rules

import (
	"bytes"
	"strings"
	"unicode"
)

// Narrow tells the line of a place from the others of its file, for a decision: by a text that stands nowhere else in it, which
// holds when lines move, or by its number.
func Narrow(src []byte, at int) (text string, line int) {
	start := bytes.LastIndexByte(src[:at], '\n') + 1
	end := len(src)
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		end = at + i
	}
	rest := string(src[at:end])
	plainly, _, _ := strings.Cut(rest, `"`)
	plainly, _, _ = strings.Cut(plainly, "'")
	for _, part := range []string{plainly, rest, string(src[start:end])} {
		if text := short(part); tells(src, text) {
			return text, 0
		}
	}
	return "", bytes.Count(src[:at], []byte("\n")) + 1
}

// short is the beginning of a text, without blanks around it and whole words of it.
func short(text string) string {
	const most = 48
	if text = strings.TrimSpace(text); len(text) <= most {
		return text
	}
	return strings.TrimSpace(text[:max(0, strings.LastIndexByte(text[:most], ' '))])
}

// tells reports whether a text of several words can be read, and stands once.
func tells(src []byte, text string) bool {
	if !strings.Contains(text, " ") || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return false
	}
	first := bytes.Index(src, []byte(text))
	return first >= 0 && !bytes.Contains(src[first+1:], []byte(text))
}
