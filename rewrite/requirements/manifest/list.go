package manifest

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// scanner reads the bracketed lists of strings that TOML and Python share.
type scanner struct {
	src   []byte
	where string
	group int // the next list's number
	out   []Dependency
}

// list reads what stands between the bracket at at and its partner, and returns the place behind that. Strings that are
// keys, or parts of a longer expression, are left out.
func (s *scanner) list(at int) int {
	group := s.group
	s.group++
	alone := true // nothing stands between the last comma or bracket and here
	for i := at + 1; i < len(s.src); {
		switch c := s.src[i]; c {
		case '#':
			i = lineEnd(s.src, i)
		case '[', '(', '{':
			known := len(s.out)
			i = s.list(i)
			if c == '(' && !alone {
				s.out = s.out[:known] // a call
			}
			alone = false
		case ']', ')', '}':
			return i + 1
		case '"', '\'':
			text, end := s.text(i)
			if alone && s.ends(end) && !strings.Contains(text, `\`) {
				s.out = add(s.out, text, Dependency{Start: i, End: end, Where: s.where, group: group})
			}
			i, alone = end, false
		case ',', ':':
			alone = true
			i++
		case ' ', '\t', '\r', '\n':
			i++
		default:
			alone = false
			i++
		}
	}
	return len(s.src)
}

// ends reports whether a comma or a closing bracket follows, comments aside.
func (s *scanner) ends(i int) bool {
	for i < len(s.src) {
		switch s.src[i] {
		case ' ', '\t', '\r', '\n':
			i++
		case '#':
			i = lineEnd(s.src, i)
		case ',', ']', ')', '}':
			return true
		default:
			return false
		}
	}
	return false
}

// text reads a string literal with its escapes as they stand, and gives the place behind it.
func (s *scanner) text(at int) (string, int) {
	quote := string(s.src[at])
	if strings.HasPrefix(string(s.src[at:]), quote+quote+quote) {
		quote += quote + quote
	}
	for i := at + len(quote); i < len(s.src); i++ {
		switch {
		case s.src[i] == '\\':
			i++
		case strings.HasPrefix(string(s.src[i:min(len(s.src), i+3)]), quote):
			return string(s.src[at+len(quote) : i]), i + len(quote)
		case s.src[i] == '\n' && len(quote) == 1:
			return "", i
		}
	}
	return "", len(s.src)
}

var requires = lazyregexp.New(`(?m)\b(install_requires|tests_require|setup_requires|extras_require|[A-Za-z_]*(?i:requires|requirements|dependencies))["']?\s*[=:]\s*`)

// readPython reads the lists that setup.py gives to setup(), there or in a variable with a telling name.
func readPython(src []byte) []Dependency {
	s := &scanner{src: src}
	last := 0
	for _, m := range requires.FindAllSubmatchIndex(src, -1) {
		if m[0] < last || m[1] >= len(src) || !strings.ContainsRune("[({", rune(src[m[1]])) || inComment(src, m[0]) {
			continue
		}
		s.where = string(src[m[2]:m[3]])
		last = s.list(m[1])
	}
	return s.out
}

func inComment(src []byte, at int) bool {
	return strings.Contains(string(src[lineStart(src, at):at]), "#")
}
