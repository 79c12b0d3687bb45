package mask

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// maxExpression bounds the bytes between the delimiters of an expression. Longer ones are no expressions but texts in
// which an opening delimiter happens to stand.
const maxExpression = 4096

// scanner finds the blocks of one text.
type scanner struct {
	src    string
	admits map[Dialect]bool // nil: all
	blocks []Block
	open   []source.Span
	fuel   int            // bytes that may still be looked at behind opening delimiters; keeps the work linear
	absent map[string]int // closing delimiter: there is none at or after this offset
}

func newScanner(src string, dialects []Dialect) *scanner {
	s := &scanner{src: src, fuel: 64*len(src) + 1<<16, absent: make(map[string]int)}
	if len(dialects) > 0 {
		s.admits = make(map[Dialect]bool, len(dialects))
		for _, d := range dialects {
			s.admits[d] = true
		}
	}
	return s
}

func (s *scanner) has(dialects ...Dialect) bool {
	for _, d := range dialects {
		if s.admits == nil || s.admits[d] {
			return true
		}
	}
	return false
}

// next is the offset of the next byte at or after at where a block could begin, or -1.
func (s *scanner) next(at int) int {
	for at < len(s.src) {
		i := strings.IndexAny(s.src[at:], "{$<")
		if i < 0 || at+i+1 >= len(s.src) {
			return -1
		}
		at += i
		switch c := s.src[at+1]; {
		case s.src[at] == '{' && (c == '{' || c == '%' || c == '#'),
			s.src[at] == '$' && (c == '{' || c == '['),
			s.src[at] == '<' && (c == '%' || c == '<'):
			return at
		}
		at++
	}
	return -1
}

// block reads the block that begins at at.
func (s *scanner) block(at int) (Block, bool) {
	rest := s.src[at:]
	dollar := at > 0 && s.src[at-1] == '$'
	switch {
	case strings.HasPrefix(rest, "${{") && s.has(Actions):
		return s.expression(at, 3, "}}")
	case strings.HasPrefix(rest, "$[[") && s.has(GitLab):
		return s.expression(at, 3, "]]")
	case strings.HasPrefix(rest, "{{") && s.has(Jinja, Go):
		return s.braces(at)
	case strings.HasPrefix(rest, "{%") && s.has(Jinja) && !dollar:
		return s.tag(at)
	case strings.HasPrefix(rest, "{#") && s.has(Jinja) && !dollar: // ${#x} is a length in shell
		return s.comment(at)
	case strings.HasPrefix(rest, "<%") && s.has(ERB):
		return s.erb(at)
	case strings.HasPrefix(rest, "<<") && s.has(Circle):
		return s.circle(at)
	}
	return Block{}, false
}

// braces reads {{ … }}, or {{{ … }}} as mustaches have it.
func (s *scanner) braces(at int) (Block, bool) {
	if strings.HasPrefix(s.src[at:], "{{{") && !strings.HasPrefix(s.src[at:], "{{{{") {
		if b, ok := s.expression(at, 3, "}}}"); ok {
			return b, true
		}
	}
	if s.has(Go) {
		if b, ok := s.goComment(at); ok {
			return b, true
		}
	}
	b, ok := s.expression(at, 2, "}}")
	if ok && s.has(Go) && goControl(b.Expr) {
		b.Kind = Control
	}
	return b, ok
}

// goComment reads {{/* … */}}, which holds anything.
func (s *scanner) goComment(at int) (Block, bool) {
	body := s.src[at+2:]
	inner := strings.TrimLeft(strings.TrimPrefix(body, "-"), " \t\r\n")
	if !strings.HasPrefix(inner, "/*") {
		return Block{}, false
	}
	from := len(s.src) - len(inner) + 2
	close := s.find("*/", from)
	if close < 0 {
		return Block{}, false
	}
	tail := strings.TrimPrefix(strings.TrimLeft(s.src[close+2:], " \t\r\n"), "-")
	if !strings.HasPrefix(tail, "}}") {
		return Block{}, false
	}
	end := len(s.src) - len(tail) + 2
	return Block{Span: source.Span{Start: at, End: end}, Kind: Comment, Expr: strings.TrimSpace(s.src[from:close])}, true
}

// expression reads an expression with an opening delimiter of open bytes.
func (s *scanner) expression(at, open int, closer string) (Block, bool) {
	from := at + open
	if from == len(s.src) || strings.IndexByte(expressionStart, s.src[from]) < 0 && !isWord(s.src[from]) {
		return Block{}, false
	}
	if s.never(closer, from) {
		s.report(at, open)
		return Block{}, false
	}
	end, verdict := s.close(from, closer)
	switch verdict {
	case foreign:
		return Block{}, false
	case unclosed:
		s.report(at, open)
		return Block{}, false
	}
	expr := trimMarks(s.src[from:end])
	if expr == "" || listOfWords(s.src[from:end]) {
		return Block{}, false
	}
	return Block{Span: source.Span{Start: at, End: end + len(closer)}, Kind: Expression, Expr: expr}, true
}

// expressionStart are the bytes besides word characters that may follow an opening delimiter.
const expressionStart = " \t\r\n-+~.$\"'([/@>&#^!`"

// listOfWords reports whether the text between two pairs of braces is an alternative of a shell's brace expansion,
// {{a,b}}, or of a composite literal.
func listOfWords(body string) bool {
	return strings.Contains(body, ",") && !strings.ContainsAny(body, " \t\n\"'(")
}

type verdict int

const (
	closed   verdict = iota
	unclosed         // the text ends first, or maxExpression is reached
	foreign          // the braces do not match: this is another language
)

// close finds the closing delimiter at or after from: outside of quotes and of nested brackets when the text is well
// formed so, else the first one.
func (s *scanner) close(from int, closer string) (int, verdict) {
	limit := min(len(s.src), from+maxExpression)
	end, v := s.balanced(from, limit, closer)
	if v == unclosed {
		// An apostrophe or a bracket that stands alone.
		if i := strings.Index(s.src[from:limit], closer); i >= 0 && !strings.Contains(s.src[from:from+i], "\n") {
			return from + i, closed
		}
	}
	return end, v
}

func (s *scanner) balanced(from, limit int, closer string) (int, verdict) {
	depth := 0
	for i := from; i < limit; i++ {
		s.fuel--
		if s.fuel < 0 {
			return 0, unclosed
		}
		switch c := s.src[i]; c {
		case '"', '\'', '`':
			j := quoted(s.src[:limit], i)
			if j < 0 {
				return 0, unclosed
			}
			s.fuel -= j - i
			i = j
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			if depth == 0 && strings.HasPrefix(s.src[i:], closer) {
				return i, closed
			}
			if depth == 0 {
				return 0, foreign
			}
			depth--
		}
	}
	return 0, unclosed
}

// quoted is the offset of the quote that closes the one at i, or -1.
func quoted(text string, i int) int {
	q := text[i]
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == q && !(q == '\'' && j+1 < len(text) && text[j+1] == q):
			return j
		case text[j] == q: // '' in a single-quoted scalar
			j++
		case text[j] == '\\' && q != '`':
			j++
		}
	}
	return -1
}

// find is the offset of closer at or after from, or -1.
func (s *scanner) find(closer string, from int) int {
	if s.never(closer, from) {
		return -1
	}
	i := strings.Index(s.src[from:], closer)
	if i < 0 {
		return -1
	}
	return from + i
}

// never reports whether there is no closer at or after from. What it learns serves later calls.
func (s *scanner) never(closer string, from int) bool {
	at, known := s.absent[closer]
	if !known {
		at = strings.LastIndex(s.src, closer) + 1
		s.absent[closer] = at
	}
	return from >= at
}

// report notes that the block at at never closes, when white space after its opening delimiter says that it is meant to be one.
func (s *scanner) report(at, length int) {
	if end := at + length; end >= len(s.src) || strings.IndexByte(" \t\r\n-", s.src[end]) < 0 {
		return
	}
	if n := len(s.open); n > 0 && at < s.open[n-1].End {
		return
	}
	s.open = append(s.open, source.Span{Start: at, End: min(at+length, len(s.src))})
}
