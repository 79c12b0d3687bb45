package golang

import "strings"

// token is the run of characters around the word that are no blanks, quotes or brackets.
func (e *classifier) token() string {
	ends := " \t\r\n\"'`()[]{}<>,;|"
	start, end := e.at.Start, e.at.End
	for start > e.text.Start && !strings.ContainsRune(ends, rune(e.t.Src[start-1])) {
		start--
	}
	for end < e.text.End && !strings.ContainsRune(ends, rune(e.t.Src[end])) {
		end++
	}
	return string(e.t.Src[start:end])
}
