package host

import (
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// command is the words of the command that a line runs: without the keywords, the conditions and the commands that start
// others, whose options are none of a shell. It is empty when the line runs nothing.
func (w *windows) command(words []piece) []piece {
	if last := len(words) - 1; w.batch && strings.HasPrefix(words[0].text, "'") { // for /f … in ('command')
		words = slices.Clone(words)
		words[0] = words[0].cut(1, len(words[0].text))
		words[last] = words[last].cut(0, len(strings.TrimRight(words[last].text, "'")))
	}
	for n := 0; n < maxHosts && len(words) > 0; n++ {
		rest, done := w.keyword(words)
		if done {
			return headed(rest)
		}
		words = rest
	}
	return headed(words)
}

// keyword takes a keyword, or a command that starts another one, off the words; done when the first word is neither.
func (w *windows) keyword(words []piece) (rest []piece, done bool) {
	name := strings.ToLower(words[0].text)
	name = strings.TrimSuffix(name[strings.LastIndexAny(name, `\/`)+1:], ".exe")
	if w.batch {
		switch name {
		case "call", "else", "do", "not":
			return words[1:], false
		case "if":
			return behindIf(words[1:]), false
		case "for":
			return after(words, "do"), false
		case "set":
			w.set(words[1:])
			return nil, true
		}
		if name != "" && name[0] == ':' || name == "goto" || name == "title" {
			w.label(words)
			return nil, true
		}
		if strings.HasPrefix(name, "echo.") || strings.HasPrefix(name, "echo:") {
			return append([]piece{words[0].cut(0, 4), words[0].cut(5, len(words[0].text))}, words[1:]...), true
		}
	} else {
		switch name {
		case "return", "throw", "else", "try", "do", "finally", "process", "begin", "end", "trap":
			if name == "throw" {
				return words, true
			}
			return words[1:], false
		case "if", "elseif", "while", "until", "foreach", "for", "switch", "function", "filter", "param", "catch", "class", "enum", "using":
			w.label(words)
			return nil, true
		case ".":
			return words[1:], false
		}
	}
	switch name {
	case "start", "start-process", "saps":
		return started(words[1:], w.batch), false
	case "cmd":
		return interpreted(words), false
	case "powershell", "pwsh":
		for i, p := range words {
			if o := strings.ToLower(p.text); len(o) > 1 && o[0] == '-' && strings.HasPrefix("-command", o) {
				return splitAll(words[i+1:]), false
			}
		}
	}
	return words, true
}

// label explains a name that a line defines or goes to.
func (w *windows) label(words []piece) {
	for _, p := range words {
		s := p.span()
		w.Mentions(s.Start, s.End, site.Identifier, "name", "a name in code")
	}
}

// set reads an assignment of a batch file: NAME=value, in quotes or not.
func (w *windows) set(words []piece) {
	if len(words) == 0 {
		return
	}
	name, _, ok := strings.Cut(words[0].text, "=")
	if !ok || strings.HasPrefix(name, "/") {
		return
	}
	s := words[0].span()
	w.Mentions(s.Start, s.Start+len(name), site.Identifier, "name", "the name of a variable")
	value := words[0].cut(len(name)+1, len(words[0].text))
	if len(words) > 1 {
		value = w.raw(value.span().Start, words[len(words)-1].span().End)
	}
	w.variable(strings.ToLower(name), value)
}

// behindIf is what stands behind the condition of a batch file's if.
func behindIf(words []piece) []piece {
	for len(words) > 0 {
		switch name := strings.ToLower(words[0].text); {
		case name == "not" || name == "/i":
			words = words[1:]
			continue
		case name == "exist" || name == "defined" || name == "errorlevel" || name == "cmdextversion":
			return words[min(2, len(words)):]
		case strings.Contains(name, "=="):
			if strings.HasSuffix(name, "==") {
				return words[min(2, len(words)):]
			}
			return words[1:]
		}
		return words[min(3, len(words)):] // a compare b
	}
	return nil
}

// after is the words behind a keyword; none when it is not there.
func after(words []piece, keyword string) []piece {
	for i, p := range words {
		if strings.EqualFold(p.text, keyword) {
			return words[i+1:]
		}
	}
	return nil
}

// started is the command that start or Start-Process starts: its file and the words for it.
func started(words []piece, batch bool) []piece {
	var file, list []piece
	for i := 0; i < len(words); i++ {
		name := strings.ToLower(words[i].text)
		switch {
		case !batch && (name == "-filepath" || name == "-path") && i+1 < len(words):
			i++
			file = words[i : i+1]
		case !batch && strings.HasPrefix(name, "-argumentlist"), !batch && name == "-args":
		case !batch && slices.Contains([]string{"-workingdirectory", "-verb", "-windowstyle", "-redirectstandardoutput", "-credential"}, name):
			i++
		case !batch && strings.HasPrefix(name, "-") && (name == "-wait" || name == "-nonewwindow" || name == "-passthru"):
		case batch && len(list) == 0 && strings.HasPrefix(name, "/"):
		case batch && i == 0 && quotedTitle(words[i]):
		default:
			list = append(list, words[i])
		}
	}
	return append(file, splitAll(list)...)
}

// quotedTitle reports whether a word is the title that start takes in quotes.
func quotedTitle(p piece) bool { return len(p.m.Segments) > 0 && p.m.Segments[0].Len == 0 }

// interpreted is the command that cmd /c runs.
func interpreted(words []piece) []piece {
	for i, p := range words {
		if o := strings.ToLower(p.text); o == "/c" || o == "/k" || o == "/r" {
			return splitAll(words[i+1:])
		}
	}
	return nil
}

// splitAll cuts words at their blanks.
func splitAll(words []piece) []piece {
	var out []piece
	for _, p := range words {
		at := 0
		for _, f := range strings.Fields(p.text) {
			n := at + strings.Index(p.text[at:], f)
			out = append(out, p.cut(n, n+len(f)))
			at = n + len(f)
		}
	}
	return out
}

// headed is the words with the first one as a shell writes it: without .exe, with slashes, in lower case.
func headed(words []piece) []piece {
	if len(words) == 0 {
		return nil
	}
	head := words[0]
	if strings.EqualFold(path.Ext(head.text), ".exe") {
		head = head.cut(0, len(head.text)-4)
	}
	var b builder
	for i := range len(head.text) {
		c := head.text[i]
		switch at := head.at(i); {
		case c == '\\':
			b.atom("/", at, at+1)
		case 'A' <= c && c <= 'Z':
			b.atom(string(c|0x20), at, at+1)
		default:
			b.add(head.cut(i, i+1))
		}
	}
	return append([]piece{b.piece()}, words[1:]...)
}
