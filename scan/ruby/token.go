package ruby

import "strings"

// token is the run of characters around the word that are no blanks, quotes or brackets.
func (e *classifier) token() string {
	ends := " \t\r\n\"'`()[]{}<>,;|"
	start, end := e.at.Start, e.at.End
	for start > e.text.Start && !strings.ContainsRune(ends, rune(e.src[start-1])) {
		start--
	}
	for end < e.text.End && end < len(e.src) && !strings.ContainsRune(ends, rune(e.src[end])) {
		end++
	}
	token := string(e.src[start:end])
	if end < len(e.src) && e.src[end] == '{' { // an interpolation goes on
		token = strings.TrimSuffix(token, "#")
	}
	if start > 0 && e.src[start-1] == '}' && strings.HasPrefix(token, "/") {
		token = "…" + token
	}
	return token
}

// fileName reports whether a word ends as names of files do.
func fileName(word string) bool {
	i := strings.LastIndexByte(word, '.')
	if i < 0 {
		return false
	}
	switch word[i+1:] {
	case "rb", "py", "sh", "yml", "yaml", "json", "txt", "md", "log", "conf", "cfg", "toml", "lock", "env", "pid", "sock", "service", "tar", "gz", "zip", "html", "js", "css", "png", "svg":
		return true
	}
	return false
}
