package site

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// maxCallHead and maxCallWord bound, in bytes, what is looked at before and after a word.
const (
	maxCallHead = 300
	maxCallWord = 100
)

// ReadsAsCall reports whether the program's word at a place of src reads as a call: it, or a path that ends in it, is the
// first word of a command or of a quoted argument, and one of its commands, an option or a placeholder for them follows,
// as the next word or as the next element of a list. It knows no language: where nothing better is known this decides
// whether a person is asked.
func ReadsAsCall(src []byte, at source.Span, p *rules.Program) bool {
	if string(src[at.Start:at.End]) != p.Name {
		return false
	}
	follows, listed := callFollows(src[at.End:], p)
	before := src[max(0, at.Start-maxCallHead):at.Start]
	return follows && (!listed || listBegins(before)) && commandBegins(before, p)
}

// listBegins reports whether the quoted word that a text breaks off in is an element of a list or an argument, and no value.
func listBegins(before []byte) bool {
	quote := bytes.LastIndexAny(before, "\"'")
	head := bytes.TrimRight(before[:max(0, quote)], " \t\r\n")
	return len(head) == 0 || bytes.IndexByte([]byte(":="), head[len(head)-1]) < 0
}

// commandBegins reports whether a command can begin where the text before it ends.
func commandBegins(before []byte, p *rules.Program) bool {
	if bytes.HasSuffix(before, []byte("/")) {
		before = beforePath(before)
		if before == nil {
			return false
		}
	}
	head := bytes.TrimRight(before, " \t")
	if len(head) == 0 {
		return true
	}
	blanks := len(before) - len(head)
	switch last := head[len(head)-1]; last {
	case '\n', '\r', ';', '&', '|', '(', '{', '!', '"', '\'', '=', '[':
		return true
	case '@': // make's prefix
		return blanks == 0 && emptyLine(head[:len(head)-1])
	case '`': // in running text it quotes a name
		open := bytes.TrimRight(head[:len(head)-1], " \t")
		return len(open) == 0 || bytes.IndexByte([]byte("\n=([{,?+"), open[len(open)-1]) >= 0
	case '>', '$', '%':
		return blanks > 0 && emptyLine(head[:len(head)-1]) || last == '>' && blanks == 0 // a prompt; the end of a tag
	case ':', ',':
		return blanks > 0
	case '-', '+', '*':
		return blanks > 0 && emptyLine(head[:len(head)-1])
	case '\\':
		return blanks == 0
	}
	if blanks > 1 || before[len(before)-1] == '\t' {
		return true // a column of its own
	}
	word := head[bytes.LastIndexAny(head, " \t\n\"'`(;&|[")+1:]
	return blanks > 0 && (slices.Contains(p.Before, string(word)) || bytes.ContainsRune(word, '=') && word[0] != '-')
}

// beforePath is the text before the path that a text ends with; nil when the path is an address.
func beforePath(text []byte) []byte {
	i := len(text)
	for i > 0 {
		switch c := text[i-1]; {
		case c == '}' && i > 1 && text[i-2] == '}': // an expression of a template
			open := bytes.LastIndex(text[:i], []byte("{{"))
			if open < 0 {
				return text[:i]
			}
			i = open
		case c == '(' && (i < 2 || text[i-2] != '$'):
			return text[:i]
		case bytes.IndexByte([]byte(" \t\r\n\"'`;&|<>=,["), c) >= 0:
			return text[:i]
		case c == ':' && bytes.HasPrefix(text[i:], []byte("//")):
			return nil
		default:
			i--
		}
	}
	return text[:0]
}

func emptyLine(head []byte) bool {
	return len(bytes.TrimSpace(head[bytes.LastIndexByte(head, '\n')+1:])) == 0
}

// argumentsKey is what stands between a program and its first argument where each is the value of a key of its own.
var argumentsKey = lazyregexp.New(`^,?\s*["']?\w*(?i:args?|arguments|argv)["']?\s*[:=]\s*\[?\s*(?:-\s+)?["']?`)

// callFollows reports whether a text goes on as a call of the program does after its name, and whether it is a list.
func callFollows(after []byte, p *rules.Program) (follows, listed bool) {
	after = after[:min(len(after), maxCallHead)]
	quoted := len(after) > 0 && (after[0] == '"' || after[0] == '\'')
	if quoted {
		after = after[1:]
	}
	rest := bytes.TrimLeft(after, " \t")
	switch key := argumentsKey.FindSubmatchIndex(after); {
	case key != nil:
		return startsCall(after[key[1]:], p), false
	case bytes.HasPrefix(rest, []byte(",")): // the next element of a list
		rest = bytes.TrimLeft(rest[1:], " \t\r\n[")
		return oneWord(rest) && startsCall(unquote(rest), p), quoted
	case bytes.HasPrefix(after, []byte("</")): // the next element of a list of elements
		_, rest, _ = bytes.Cut(after, []byte(">"))
		rest = bytes.TrimLeft(rest, " \t\r\n")
		_, word, ok := bytes.Cut(rest, []byte(">"))
		return ok && rest[0] == '<' && startsCall(word, p), false
	case len(rest) == len(after):
		return false, false
	case bytes.HasPrefix(rest, []byte("\\\n")):
		rest = bytes.TrimLeft(rest[2:], " \t")
	}
	return startsCall(unquote(rest), p), false
}

// oneWord reports whether a quoted element that a text begins with is a single word; one without quotes always is.
func oneWord(text []byte) bool {
	inside := unquote(text)
	if len(inside) == len(text) {
		return true
	}
	element, _, _ := bytes.Cut(inside, text[:1])
	return !bytes.ContainsAny(element, " \t\n")
}

func unquote(text []byte) []byte {
	if len(text) > 1 && (text[0] == '"' || text[0] == '\'') {
		return text[1:]
	}
	return text
}

// startsCall reports whether the first word of a text is what stands after the program in a call.
func startsCall(text []byte, p *rules.Program) bool {
	text = text[:min(len(text), maxCallWord)]
	if i := bytes.IndexAny(text, " \t\r\n\"'`;&|),]<"); i > 0 && text[0] != '[' && text[0] != '<' {
		text = text[:i]
	}
	word := strings.TrimRight(string(text), ".:\\")
	switch {
	case slices.Contains(p.Commands, word):
		return true
	case len(word) > 1 && word[0] == '-':
		return letter(word[1]) && !slices.Contains(comparisons, word) || word[1] == '-' && len(word) > 2 && letter(word[2])
	case strings.HasPrefix(word, "$@"), strings.HasPrefix(word, "$*"), strings.HasPrefix(word, "${@"), strings.HasPrefix(word, "${*"):
		return true
	case strings.HasPrefix(string(text), "..."), strings.HasPrefix(string(text), "…"):
		return true
	case len(word) > 1 && word[0] == '*' && letter(word[1]): // arguments that a list holds
		return true
	case len(word) > 1 && word[0] == '$' && letter(word[1]):
		return true
	}
	return strings.HasPrefix(word, "[") && alternatives(word, p)
}

// alternatives reports whether a word is a choice of commands: [dev|local|k8s].
func alternatives(word string, p *rules.Program) bool {
	inside, _, ok := strings.Cut(word[1:], "]")
	return ok && slices.ContainsFunc(strings.Split(inside, "|"), func(s string) bool { return slices.Contains(p.Commands, strings.TrimSpace(s)) })
}

// comparisons are operators that look like options.
var comparisons = []string{"-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-match", "-notmatch", "-like", "-notlike", "-in", "-contains", "-o", "-a"}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
