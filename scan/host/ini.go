package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// ini reads sections with keys and values; a value goes on in the lines that are indented more than its key. In a
// systemd unit it goes on after a backslash instead.
func (r *reader) ini() {
	r.Mark(0, len(r.src), site.Data, "value", "a value that nothing known runs")
	s := r.settings()
	all := lines(r.src)
	section := ""
	for i := 0; i < len(all); {
		l := all[i]
		text := strings.TrimPrefix(l.text(r.src), "\xef\xbb\xbf")
		trimmed := strings.TrimSpace(text)
		switch {
		case trimmed == "":
			i++
		case strings.ContainsRune("#;", rune(trimmed[0])):
			r.Mentions(l.start, l.end, site.Comment, "comment", "a comment")
			i++
		case trimmed[0] == '[' && strings.Contains(trimmed, "]"):
			section = strings.TrimSpace(trimmed[1:strings.LastIndexByte(trimmed, ']')])
			r.Mentions(l.start, l.end, site.Identifier, "section", "the name of a section")
			i++
		default:
			i = s.iniValue(all, i, section)
		}
	}
	s.environments()
}

// iniValue reads the value that begins in line i, and returns the line after it.
func (s *settings) iniValue(all []line, i int, section string) int {
	l := all[i]
	text := l.text(s.src)
	eq := strings.IndexAny(text, "=:")
	if s.kind == Systemd {
		eq = strings.IndexByte(text, '=')
	}
	if eq < 0 {
		s.Mentions(l.start, l.end, site.Identifier, "key", "a key without a value")
		return i + 1
	}
	key := strings.TrimSpace(text[:eq])
	s.Mentions(l.start, l.start+eq, site.Identifier, "key", "a key")
	var b builder
	b.copy(s.src, l.start+eq+1, l.end)
	last := l
	for i++; i < len(all); i++ {
		next := all[i].text(s.src)
		if s.kind == Systemd {
			if !oddBackslashes(last.text(s.src)) {
				break
			}
		} else if blankLine(next) || indentOf(next) <= indentOf(text) {
			if !blankLine(next) || !s.goesOn(all, i, indentOf(text)) {
				break
			}
		}
		if t := strings.TrimSpace(next); t != "" && strings.ContainsRune("#;", rune(t[0])) {
			s.Mentions(all[i].start, all[i].end, site.Comment, "comment", "a comment")
			b.skip(last.end, all[i].end)
			last = all[i]
			continue
		}
		b.atom("\n", last.end, all[i].start)
		b.copy(s.src, all[i].start, all[i].end)
		last = all[i]
	}
	s.iniLeaf(b.piece().trim(), section, key)
	return i
}

// goesOn reports whether the next line that is not empty is indented more than indent.
func (s *settings) goesOn(all []line, i, indent int) bool {
	for ; i < len(all); i++ {
		if text := all[i].text(s.src); !blankLine(text) {
			return indentOf(text) > indent
		}
	}
	return false
}

func (s *settings) iniLeaf(val piece, section, key string) {
	if val.text == "" {
		return
	}
	v := leaf{path: extend(strings.Split(section, "."), key), span: val.span(), text: val, render: iniRender}
	if rule, ok := s.find(v.path); ok && strings.HasPrefix(rule.Takes, "split") {
		if s.kind == Systemd {
			v.text = val.cut(len(val.text)-len(strings.TrimLeft(val.text, "-@:+!|")), len(val.text))
		}
	}
	s.leaf(v)
}
