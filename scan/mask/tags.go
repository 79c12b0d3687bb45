package mask

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// tag reads {% … %}. Its first word tells it from a format such as {%s}.
func (s *scanner) tag(at int) (Block, bool) {
	body := strings.TrimLeft(strings.TrimLeft(s.src[at+2:min(len(s.src), at+64)], "-+"), " \t\r\n")
	word := 0
	for word < len(body) && isWord(body[word]) {
		word++
	}
	if word == 0 || word < len(body) && !strings.ContainsRune(" \t\r\n-+%(\"'", rune(body[word])) {
		return Block{}, false
	}
	end, v := s.tagEnd(at + 2)
	if v != closed {
		s.report(at, 2)
		return Block{}, false
	}
	kind := Control
	if body[:word] == "comment" {
		kind = Comment
	}
	return Block{Span: source.Span{Start: at, End: end + 2}, Kind: kind, Expr: trimMarks(s.src[at+2 : end])}, true
}

// tagEnd is the offset of the %} that closes a tag whose text begins at from.
func (s *scanner) tagEnd(from int) (int, verdict) {
	if s.never("%}", from) {
		return 0, unclosed
	}
	limit := min(len(s.src), from+maxExpression)
	for i := from; i < limit && s.fuel > 0; i++ {
		s.fuel--
		switch s.src[i] {
		case '"', '\'':
			if j := quoted(s.src[:limit], i); j >= 0 {
				s.fuel -= j - i
				i = j
			}
		case '%':
			if strings.HasPrefix(s.src[i:], "%}") {
				return i, closed
			}
		case '{':
			if strings.HasPrefix(s.src[i:], "{%") {
				return 0, unclosed
			}
		}
	}
	if i := strings.Index(s.src[from:limit], "%}"); i >= 0 {
		return from + i, closed
	}
	return 0, unclosed
}

// comment reads {# … #}. One that holds more than its line begins with a space or a dash: {#name} is an anchor of a
// heading and {#1} an argument of TeX.
func (s *scanner) comment(at int) (Block, bool) {
	end := s.find("#}", at+2)
	spaced := at+2 < len(s.src) && strings.IndexByte(" \t\r\n-+#", s.src[at+2]) >= 0
	if end < 0 {
		if spaced {
			s.report(at, 2)
		}
		return Block{}, false
	}
	body := s.src[at+2 : end]
	if !spaced && strings.ContainsAny(body, "\n{}") {
		return Block{}, false
	}
	return Block{Span: source.Span{Start: at, End: end + 2}, Kind: Comment, Expr: trimMarks(body)}, true
}

// erb reads <% … %>. In <%% the text is shown as it is.
func (s *scanner) erb(at int) (Block, bool) {
	if at+2 >= len(s.src) || strings.IndexByte("=-#| \t\r\n", s.src[at+2]) < 0 {
		return Block{}, false
	}
	end := s.find("%>", at+2)
	if end < 0 {
		s.report(at, 2)
		return Block{}, false
	}
	body := s.src[at+2 : end]
	b := Block{Span: source.Span{Start: at, End: end + 2}, Kind: Control}
	switch {
	case strings.HasPrefix(body, "="), strings.HasPrefix(body, "-="), strings.HasPrefix(body, "|="):
		b.Kind = Expression
	case strings.HasPrefix(body, "#"), strings.HasPrefix(body, "-#"):
		b.Kind = Comment
	}
	b.Expr = strings.TrimSpace(strings.TrimSuffix(strings.TrimLeft(body, "=-#|"), "-"))
	return b, b.Expr != "" || b.Kind != Expression
}

// circle reads << parameters.name >>; every other << is a redirection.
func (s *scanner) circle(at int) (Block, bool) {
	limit := min(len(s.src), at+256)
	end := strings.Index(s.src[at:limit], ">>")
	if end < 0 {
		return Block{}, false
	}
	expr := strings.Trim(s.src[at+2:at+end], " \t")
	scope, name, _ := strings.Cut(expr, ".")
	if scope != "parameters" && scope != "pipeline" && scope != "matrix" || name == "" {
		return Block{}, false
	}
	for i := 0; i < len(name); i++ {
		if !isWord(name[i]) && name[i] != '.' && name[i] != '-' {
			return Block{}, false
		}
	}
	return Block{Span: source.Span{Start: at, End: at + end + 2}, Kind: Expression, Expr: expr}, true
}

// goControl reports whether the text between {{ and }} is an action of a Go template that puts no text in its place,
// or puts lines of the host's own structure there.
func goControl(expr string) bool {
	word := expr
	if i := strings.IndexFunc(expr, func(r rune) bool { return r > 127 || !isWord(byte(r)) }); i >= 0 {
		word = expr[:i]
	}
	alone := word == expr
	switch word {
	case "end", "break", "continue":
		return alone
	case "else":
		return alone || strings.HasPrefix(expr, "else if ") || strings.HasPrefix(expr, "else with ")
	case "if", "range", "with", "define", "block":
		return !alone && strings.IndexByte(" \t\n($", expr[len(word)]) >= 0 && !strings.HasPrefix(strings.TrimLeft(expr[len(word):], " "), "|")
	}
	if strings.HasPrefix(expr, "$") && (strings.Contains(expr, ":=") || strings.Contains(expr, " = ")) {
		return true
	}
	return strings.Contains(expr, "| nindent ") || strings.Contains(expr, "| indent ") || strings.HasPrefix(expr, "toYaml ")
}

// trimMarks takes the trim marks and white space off what stands between two delimiters.
func trimMarks(body string) string {
	if n := len(body); n > 0 && strings.IndexByte("-+~", body[0]) >= 0 {
		body = body[1:]
	}
	if n := len(body); n > 0 && strings.IndexByte("-+~", body[n-1]) >= 0 {
		body = body[:n-1]
	}
	return strings.TrimSpace(body)
}

func isWord(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
