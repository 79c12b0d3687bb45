package scan

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// means reports whether an expression that stands at one place of a file means the same at another one: each name that it
// uses is bound there, and is the same. Both places may be one.
func (m *module) means(expr string, from, at source.Span) bool {
	for _, name := range namesIn(expr, m.kind) {
		if !m.bound(name, from, at) {
			return false
		}
	}
	return true
}

// named are the names in scope at a place that could hold the instance, those that are not bound there left out, and the
// function that holds the place.
func (m *module) named(at source.Span) (names []site.Name, owner string, ownerAt source.Span) {
	names, owner, ownerAt = m.names(at)
	return slices.DeleteFunc(names, func(n site.Name) bool { return !m.means(n.Expr, at, at) }), owner, ownerAt
}

// keywords are words of the languages that are no names, and names that are always there.
var keywords = strings.Fields("and or not in is if else elsif for lambda None True False nil true false do end then unless await func string")

var (
	nameToken = lazyregexp.New(`^(@@?|\$)?[A-Za-z_]\w*[?!]?`)
	argument  = lazyregexp.New(`^\s*=[^=~>]`)
)

// namesIn are the names that an expression reads. Members after a dot, names of arguments and text are none; what stands
// in an interpolation counts.
func namesIn(expr string, kind host.Kind) []string {
	var out []string
	for i := 0; i < len(expr); {
		c := expr[i]
		if c == '"' || c == '\'' || c == '`' {
			end := closing(expr, i)
			interpolated := kind == host.Python && i > 0 && strings.ContainsRune("fF", rune(expr[i-1])) || kind == host.Ruby && c != '\''
			if interpolated {
				for _, part := range interpolations(expr[i+1 : max(i+1, end-1)]) {
					out = append(out, namesIn(part, kind)...)
				}
			}
			i = end
			continue
		}
		token := nameToken.FindString(expr[i:])
		if token == "" {
			i++
			continue
		}
		before, after := strings.TrimRight(expr[:i], " "), expr[i+len(token):]
		i += len(token)
		switch {
		case strings.HasSuffix(before, ".") && !strings.HasSuffix(before, ".."), strings.HasSuffix(before, "::"):
		case kind == host.Ruby && strings.HasSuffix(before, ":") && before == expr[:i-len(token)]: // a symbol
		case kind == host.Ruby && strings.HasPrefix(after, ":") && !strings.HasPrefix(after, "::"):
		case kind == host.Python && argument.MatchString(after):
		case strings.HasPrefix(after, `"`) || strings.HasPrefix(after, "'"): // the prefix of a string
		case c >= '0' && c <= '9', slices.Contains(keywords, token), slices.Contains(out, token):
		default:
			out = append(out, token)
		}
	}
	return out
}

// closing is the offset behind the string that begins at an offset.
func closing(expr string, at int) int {
	for i := at + 1; i < len(expr); i++ {
		switch expr[i] {
		case '\\':
			i++
		case expr[at]:
			return i + 1
		}
	}
	return len(expr)
}

// interpolations are the texts in the braces of a string.
func interpolations(text string) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			if depth++; depth == 1 {
				start = i + 1
			}
		case '}':
			if depth--; depth == 0 {
				out = append(out, text[start:i])
			}
		}
	}
	return out
}
