package yaml

import "strings"

// header is the first line of a block scalar.
type header struct {
	folded bool
	chomp  byte // '-', '+' or 0
	indent int  // the indentation indicator, 0 when there is none
	end    int  // where the next line begins
	ok     bool // nothing but a comment follows the indicators
}

func (l *lexer) header(i int) header {
	h := header{folded: l.src[i] == '>'}
	i++
	for n := 0; n < 2 && i < len(l.src); n++ {
		switch c := l.src[i]; {
		case (c == '+' || c == '-') && h.chomp == 0:
			h.chomp = c
			i++
		case '1' <= c && c <= '9' && h.indent == 0:
			h.indent = int(c - '0')
			i++
		}
	}
	line := l.lineEnd(i)
	rest := strings.Trim(l.src[i:line], " \t")
	h.ok = rest == "" || rest[0] == '#' && l.blank(i)
	h.end = line + l.breakLen(line)
	return h
}

// block reads the literal or folded scalar at i and gives its end, which is the beginning of the first line that is no
// part of it, and the indentation of its lines. Floor is the indentation of what holds it, -1 for a document.
func (l *lexer) block(i, floor int, b *builder) (end, indent int) {
	h := l.header(i)
	if h.indent > 0 {
		indent = max(floor, 0) + h.indent
	} else {
		indent = l.detect(h.end, floor)
	}
	s := blockScalar{lexer: l, b: b, indent: indent, header: h}
	return s.read(h.end), indent
}

// detect is the indentation of the first line with content at or after i, but more than floor.
func (l *lexer) detect(i, floor int) int {
	deepest := 0
	for i < len(l.src) {
		i = l.present(i)
		line := i
		for i < len(l.src) && l.src[i] == ' ' {
			i++
		}
		deepest = max(deepest, i-line)
		n := l.breakLen(i)
		if n == 0 {
			break
		}
		i += n
	}
	return max(deepest, floor+1, 0)
}

// pending is a run of breaks or indentation whose meaning is not yet decided.
type pending struct {
	text       string
	start, end int
}

// blockScalar reads the lines of one block scalar.
type blockScalar struct {
	*lexer
	b      *builder
	indent int
	header header

	leading  pending   // the break that ended the last line with content
	trailing []pending // the breaks of the empty lines since
	from     int       // the indentation before the next line with content begins here
}

func (s *blockScalar) read(i int) int {
	i, end := s.empty(i), i
	indented := false // the last line began with white space
	for i < len(s.src) && i-s.from == s.indent {
		white := s.blank(i) && !s.control[i]
		s.join(indented, white)
		s.b.skip(s.from, i)
		indented = white
		line := s.lineEnd(i)
		s.b.copy(s.src, i, line)
		n := s.breakLen(line)
		s.leading = pending{start: line, end: line + n}
		if n > 0 {
			s.leading.text = s.breakText(line, n)
		} else if strings.Trim(s.src[i:line], " \t") == "" {
			s.leading.text = "\n" // a last line of white space counts as ended
		}
		end = line + n
		i = s.empty(end)
	}
	if len(s.trailing) > 0 {
		end = max(end, s.trailing[len(s.trailing)-1].end)
	}
	s.chomp()
	return end
}

// empty passes over empty lines from i on, and the indentation of the next line with content.
func (s *blockScalar) empty(i int) int {
	for {
		if next := s.present(i); next > i {
			s.trailing = append(s.trailing, pending{"", i, next})
			i = next
		}
		s.from = i
		for i < len(s.src) && i-s.from < s.indent && s.src[i] == ' ' {
			i++
		}
		n := s.breakLen(i)
		if n == 0 {
			if i >= len(s.src) && i > s.from && i-s.from <= s.indent {
				s.trailing = append(s.trailing, pending{"\n", s.from, i})
			}
			return i
		}
		s.trailing = append(s.trailing, pending{s.breakText(i, n), s.from, i + n})
		i += n
	}
}

// join writes the breaks between two lines with content.
func (s *blockScalar) join(before, after bool) {
	if s.b != nil && s.leading.text != "" {
		if !s.header.folded || before || after || s.leading.text != "\n" {
			s.put(s.leading)
		} else if !s.empties() {
			for _, p := range s.trailing {
				s.leading.end = p.end
			}
			s.trailing = s.trailing[:0]
			// The next line's indentation belongs to the space that the break is read as.
			s.b.atom(" ", s.leading.start, s.from+s.indent)
			s.from += s.indent
		} else {
			s.b.skip(s.leading.start, s.leading.end)
		}
	}
	for _, p := range s.trailing {
		s.put(p)
	}
	s.leading, s.trailing = pending{}, s.trailing[:0]
}

// empties reports whether there are empty lines since the last one with content.
func (s *blockScalar) empties() bool {
	for _, p := range s.trailing {
		if p.text != "" {
			return true
		}
	}
	return false
}

func (s *blockScalar) put(p pending) {
	if s.b == nil {
		return
	}
	if p.text == "" {
		s.b.skip(p.start, p.end)
		return
	}
	if p.text == s.src[p.start:p.end] {
		s.b.copy(s.src, p.start, p.end)
		return
	}
	s.b.atom(p.text, p.start, p.end)
}

// chomp writes what is left of the breaks at the end.
func (s *blockScalar) chomp() {
	if s.header.chomp != '-' && s.leading.text != "" {
		s.put(s.leading)
	}
	if s.header.chomp == '+' {
		for _, p := range s.trailing {
			s.put(p)
		}
	}
}
