package ruby

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// command reports whether the word begins something that reads as a command of the program: it stands at the start of a
// word of shell text, and a known subcommand or an option follows, in the same text or as the next word of a list.
func (e *classifier) command() bool {
	if !e.begins() {
		return false
	}
	rest := string(e.src[e.at.End:max(e.at.End, min(e.text.End, len(e.src)))])
	if next, ok := e.nextWord(rest); ok {
		return e.subcommand(next)
	}
	for n := e.lit; n.OK() && n.Is("string", "bare_string", "call", "argument_list", "array", "string_array"); n = n.Parent() {
		sibling := n.Next()
		for sibling.OK() && !sibling.Named() {
			sibling = sibling.Next()
		}
		if !n.Parent().Is("array", "argument_list", "string_array") {
			continue
		}
		return sibling.Is("string", "bare_string", "simple_symbol") && e.subcommand(strings.Trim(literalText(sibling), " :"))
	}
	return false
}

// begins reports whether the word stands where a command may begin.
func (e *classifier) begins() bool {
	if string(e.src[e.at.Start:e.at.End]) != e.pack.Program.Name {
		return false
	}
	before := string(e.src[min(e.text.Start, e.at.Start):e.at.Start])
	if e.lit.Is("bare_string") {
		return before == ""
	}
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	} else if e.lit.Is("string") && before != "" {
		before = strings.TrimLeft(strings.TrimPrefix(before, "%"), "qQ")
		before = before[min(1, len(before)):]
	}
	before = strings.TrimSpace(before)
	if before == "" {
		return true
	}
	switch before[len(before)-1] {
	case ';', '&', '|', '(', '`', '{', '}', '$', '!':
		return true
	}
	last := before[strings.LastIndexByte(before, ' ')+1:]
	return strings.Contains(last, "=") || slices.Contains([]string{"sudo", "exec", "time", "env", "then", "do", "else", "--"}, last)
}

// nextWord is the word of the same text that follows the program's; ok is false when the text ends with it.
func (e *classifier) nextWord(rest string) (word string, ok bool) {
	if rest == "" || !strings.ContainsAny(rest[:1], " \t") {
		return "", rest != "" && !strings.ContainsAny(rest[:1], "\"')]}>")
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return "", false
	}
	if e.lit.Is("bare_string") {
		return "", false
	}
	return strings.Trim(fields[0], "\"'`)]};,."), true
}

// subcommand reports whether a word is what follows the program in a command.
func (e *classifier) subcommand(word string) bool {
	return strings.HasPrefix(word, "-") && len(word) > 1 || slices.Contains(e.pack.Program.Commands, word)
}

// literalText is the text between the quotes of a plain literal.
func literalText(n syntax.Node) string {
	if n.Is("string") {
		return symbolName(n)
	}
	return n.Text()
}

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
