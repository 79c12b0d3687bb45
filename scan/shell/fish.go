package shell

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// fish follows a text in fish, whose grammar neither parser knows: commands are cut at line ends and separators, words
// are put together from quoted and plain pieces, and `set` assigns. Blocks need no more than that their keywords are
// taken off.
func (r *reader) fish(t *text) {
	if r.refused(t) {
		return
	}
	r.t = t
	r.fishText(source.Span{End: len(t.src)}, 0)
	r.second(t, false, true)
}

// fishWord is a word while it is read.
type fishWord struct {
	field
	at    source.Span
	quote byte
	list  []field // the elements of the variable that is all of the word
}

// fishText follows the commands in the bytes s.
func (r *reader) fishText(s source.Span, depth int) {
	if depth > maxNesting {
		return
	}
	var words []fishWord
	end := func() {
		r.fishCommand(words)
		words = nil
	}
	lineEnd := s.Start
	for i := s.Start; i < s.End && !r.over(); {
		switch c := r.t.src[i]; {
		case c == ' ', c == '\t', c == '\r':
			i++
		case c == '\\' && i+1 < s.End && (r.t.src[i+1] == '\n' || r.t.src[i+1] == '\r'):
			i += 2
		case c == '#':
			n := strings.IndexByte(r.t.src[i:s.End], '\n')
			if n < 0 {
				n = s.End - i
			}
			r.note(r.t.piece(source.Span{Start: i, End: i + n}), note{"comment", "shell-comment", "a comment", reading.Remark, false})
			i += n
		case strings.IndexByte("\n;|&)", c) >= 0:
			end()
			i++
		case c == '<' || c == '>':
			i++
		default:
			if len(words) == 0 {
				if i >= lineEnd {
					lineEnd = fishEnd(r.t.src[:s.End], i)
				}
				r.statement = source.Span{Start: i, End: lineEnd}
			}
			w, next := r.fishWord(i, s.End, depth)
			words = append(words, w)
			i = max(next, i+1)
		}
	}
	end()
}

// fishEnd is the end of the line that holds the byte at off.
func fishEnd(src string, off int) int {
	if n := strings.IndexByte(src[off:], '\n'); n >= 0 {
		return off + n
	}
	return len(src)
}

// fishWord reads the word at off.
func (r *reader) fishWord(off, end, depth int) (fishWord, int) {
	w := fishWord{at: source.Span{Start: off}}
	from, i := off, off
	plain := func(to int) {
		if to > from {
			r.charge(w.grown())
			r.visit(source.Span{Start: from, End: to}, w.quote)
			w.add(r.t.unescape(source.Span{Start: from, End: to}, ""))
		}
	}
	for i < end && strings.IndexByte(" \t\r\n;|&<>)", r.t.src[i]) < 0 {
		switch c := r.t.src[i]; c {
		case '\\':
			i += 2
			continue
		case '\'', '"':
			plain(i)
			close := fishClose(r.t.src[:end], i)
			w.quote = c
			for from = i + 1; c == '"' && from < close; {
				n := strings.IndexByte(r.t.src[from:close], '$')
				if n < 0 {
					break
				}
				plain(from + n)
				from = r.fishVariable(&w, from+n, close)
			}
			plain(close)
			w.quote = 0
			i = close + 1
			from = i
			continue
		case '$':
			plain(i)
			i = r.fishVariable(&w, i, end)
			from = i
			continue
		case '(':
			plain(i)
			close := fishParen(r.t.src[:end], i)
			at := source.Span{Start: i, End: min(close+1, end)}
			r.fishText(source.Span{Start: i + 1, End: close}, depth+1)
			w.add(r.t.hole(at))
			i = at.End
			from = i
			continue
		}
		i++
	}
	i = min(i, end)
	plain(i)
	w.at.End = i
	w.text, w.field.at = r.t, w.at
	w.first = &rendered{text: r.t, at: w.at}
	if w.list != nil && (r.t.src[off] != '$' || strings.ContainsAny(r.t.src[off+1:i], "$'\"/(")) {
		w.list = nil
	}
	return w, i
}

// fishClose is the offset of the quote that closes the one at off.
func fishClose(src string, off int) int {
	for i := off + 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case src[off]:
			return i
		}
	}
	return len(src)
}

// fishParen is the offset of the bracket that closes the one at off.
func fishParen(src string, off int) int {
	depth := 0
	for i := off; i < len(src); i++ {
		switch src[i] {
		case '\'', '"':
			i = fishClose(src, i)
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(src)
}

// fishVariable adds the value of the variable at off, and gives the offset behind its name.
func (r *reader) fishVariable(w *fishWord, off, end int) int {
	i := off + 1
	for i < end && (r.t.src[i] == '_' || r.t.src[i] >= '0' && r.t.src[i] <= '9' || r.t.src[i]|0x20 >= 'a' && r.t.src[i]|0x20 <= 'z') {
		i++
	}
	name := r.t.src[off+1 : i]
	r.note(r.t.piece(source.Span{Start: off + 1, End: i}), nameNote)
	if v := r.st.vars[name]; v != nil && len(v.alts) > 0 {
		w.add(joined(v.alts[0].fields))
		w.list = v.alts[0].fields
		return i
	}
	w.add(r.t.hole(source.Span{Start: off, End: i}))
	return i
}

// fishCommand follows one command.
func (r *reader) fishCommand(words []fishWord) {
	for len(words) > 0 {
		switch words[0].Text {
		case "and", "or", "not", "if", "while", "begin", "else", "end", "!", "time":
			words = words[1:]
			continue
		case "for", "function", "switch", "case":
			r.fishHead(words)
			return
		}
		break
	}
	if len(words) == 0 {
		return
	}
	if words[0].Text == "set" {
		r.fishSet(words[1:])
		return
	}
	if words[0].Text == "alias" && len(words) == 3 && !strings.Contains(words[1].Text, "=") {
		r.note(words[1].field, nameNote)
		r.nested(words[2].field, nested{by: "alias " + words[1].Text, kind: "shell-alias"})
		return
	}
	var fields []field
	for _, w := range words {
		if w.list == nil {
			fields = append(fields, w.field)
		}
		for _, f := range w.list {
			f.text, f.at = r.t, w.at
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return
	}
	if assigned := fields[0]; len(fields) > 1 && strings.Contains(assigned.Text, "=") && variableName(strings.SplitN(assigned.Text, "=", 2)[0]) {
		r.note(assigned, assignNote)
		fields = fields[1:]
	}
	r.command(invocation{fields: fields})
}

// fishHead follows the first line of a block.
func (r *reader) fishHead(words []fishWord) {
	n := patternNote
	if words[0].Text == "function" {
		n = nameNote
	}
	for _, w := range words[1:] {
		r.note(w.field, n)
	}
	if words[0].Text == "for" && len(words) > 3 {
		v := variable{how: "loop variable", open: true}
		for _, w := range words[3:] {
			v.alts = append(v.alts, alternative{fields: []field{w.field}})
		}
		r.assign(words[1].Text, v)
	}
}

// fishSet follows an assignment.
func (r *reader) fishSet(words []fishWord) {
	v := variable{how: "variable"}
	for len(words) > 0 && strings.HasPrefix(words[0].Text, "-") {
		v.exported = v.exported || strings.Contains(words[0].Text, "x")
		words = words[1:]
	}
	if len(words) == 0 {
		return
	}
	r.note(words[0].field, nameNote)
	var value []field
	for _, w := range words[1:] {
		r.note(w.field, assignNote)
		value = append(value, w.field)
	}
	v.alts = []alternative{{fields: value, array: len(value) > 1}}
	r.assign(words[0].Text, v)
	r.defined(words[0].Text, "variable", value, v.exported)
}
