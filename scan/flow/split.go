package flow

import "strings"

// splitAll is text split into parts. Without a separator, or with a blank, the parts are words, quotes taken off. An
// unknown part belongs to the part it touches.
func (s *solver) splitAll(v value, separator string) value {
	var out []value
	for _, o := range options(v) {
		t, ok := o.(*text)
		if !ok {
			continue
		}
		if separator == "" || separator == " " {
			out = append(out, s.split(t))
		} else {
			out = append(out, s.splitAt(t, separator))
		}
	}
	return either(out...)
}

// splitAt is text split at a separator.
func (s *solver) splitAt(t *text, separator string) value {
	var parts []value
	var part []piece
	for _, p := range t.pieces {
		if p.hole != nil {
			part = append(part, p)
			continue
		}
		for at := 0; at < len(p.text); {
			i := strings.Index(p.text[at:], separator)
			if i < 0 {
				part = append(part, s.slice(p, at, len(p.text)))
				break
			}
			if i > 0 {
				part = append(part, s.slice(p, at, at+i))
			}
			parts, part = append(parts, &text{part}), nil
			at += i + len(separator)
		}
	}
	if len(part) > 0 { // nothing follows the end of the last line
		parts = append(parts, &text{part})
	}
	return newSequence(parts, false)
}

func (s *solver) split(t *text) value {
	var words []value
	var word []piece
	flush := func() {
		if len(word) > 0 {
			words = append(words, &text{word})
			word = nil
		}
	}
	for _, p := range t.pieces {
		if p.hole != nil {
			word = append(word, p)
			continue
		}
		for at := 0; at < len(p.text); {
			i := strings.IndexAny(p.text[at:], " \t\n\"'")
			if i < 0 {
				word = append(word, s.slice(p, at, len(p.text)))
				break
			}
			if i > 0 {
				word = append(word, s.slice(p, at, at+i))
			}
			if c := p.text[at+i]; c != '"' && c != '\'' {
				flush()
			}
			at += i + 1
		}
	}
	flush()
	return newSequence(words, false)
}

// base is the last part of a path; the script's own name when the path is the one that it was called by.
func (f *frame) base(t *text, e Expr) value {
	for i := len(t.pieces) - 1; i >= 0; i-- {
		p := t.pieces[i]
		if p.own {
			return f.ownName(e)
		}
		if at := strings.LastIndexByte(p.text, '/'); at >= 0 {
			return &text{append([]piece{f.s.slice(p, at+1, len(p.text))}, t.pieces[i+1:]...)}
		}
	}
	return t
}
