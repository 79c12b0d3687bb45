package gitignore

import (
	"regexp"
	"strings"
)

// pattern is one line of a .gitignore that says something.
type pattern struct {
	negated bool
	dirOnly bool
	form    *regexp.Regexp // of the path relative to the file's directory
}

// parse reads a line. It is false for blank lines, comments and what git would not understand either.
func parse(line string) (pattern, bool) {
	line = strings.TrimSuffix(line, "\r")
	if !strings.HasSuffix(line, `\ `) {
		line = strings.TrimRight(line, " ")
	}
	if line == "" || line[0] == '#' {
		return pattern{}, false
	}
	var p pattern
	line, p.negated = strings.CutPrefix(line, "!")
	line, p.dirOnly = strings.CutSuffix(line, "/")
	anchored := strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	form := translate(line)
	if !anchored {
		form = "(?:.*/)?" + form
	}
	re, err := regexp.Compile("^" + form + "$")
	if err != nil || line == "" {
		return pattern{}, false
	}
	p.form = re
	return p, true
}

// translate is the regular expression for a glob as git reads it.
func translate(glob string) string {
	var b strings.Builder
	for i := 0; i < len(glob); {
		switch rest := glob[i:]; {
		case strings.HasPrefix(rest, "**/") && (i == 0 || glob[i-1] == '/'):
			b.WriteString("(?:.*/)?")
			i += 3
		case rest == "**" && i > 0 && glob[i-1] == '/':
			b.WriteString(".+")
			i += 2
		case rest[0] == '*':
			b.WriteString("[^/]*")
			i++
		case rest[0] == '?':
			b.WriteString("[^/]")
			i++
		case rest[0] == '[' && strings.IndexByte(rest[1:], ']') > 0:
			end := strings.IndexByte(rest[1:], ']') + 2
			b.WriteString(strings.Replace(rest[:end], "[!", "[^", 1))
			i += end
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(regexp.QuoteMeta(rest[1:2]))
			i += 2
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			i++
		}
	}
	return b.String()
}

// ignores reports whether the lines of a .gitignore ignore a path that is relative to the file's directory. The last
// line that matches decides, and nothing below an ignored directory comes back.
func ignores(text, file string, dir bool) bool {
	for at := range len(file) {
		if file[at] == '/' && decided(text, file[:at], true) {
			return true
		}
	}
	return decided(text, file, dir)
}

func decided(text, file string, dir bool) bool {
	ignored := false
	for line := range strings.SplitSeq(text, "\n") {
		if p, ok := parse(line); ok && (dir || !p.dirOnly) && p.form.MatchString(file) {
			ignored = !p.negated
		}
	}
	return ignored
}
