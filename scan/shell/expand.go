package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// partial is one alternative of a word while its parts are put together.
type partial struct {
	done []field
	cur  field
	has  bool // cur is a word, even if it is empty
}

// option is one value of an expansion.
type option struct {
	fields []field
	array  bool // each field is a word of its own: "$@"
}

// expand is every list of words that a word of the text may become.
func (r *reader) expand(w *syntax.Word) [][]field {
	alts := r.parts(w.Parts, []partial{{}}, 0)
	out := make([][]field, 0, len(alts))
	for _, p := range alts {
		fields := p.done
		if p.has {
			fields = append(slices.Clip(fields), p.cur)
		}
		for i := range fields {
			fields[i].text, fields[i].at, fields[i].word = r.t, span(w), w
			if first := fields[i].first; first == nil || first.value && len(fields) == 1 {
				fields[i].first = &rendered{text: r.t, at: span(w), word: w, order: r.order}
			}
		}
		out = append(out, fields)
	}
	return out
}

// single is every text that a word may become where the shell does not split it: an assignment, a pattern.
func (r *reader) single(w *syntax.Word) []field {
	if w == nil {
		return nil
	}
	alts := r.parts(w.Parts, []partial{{}}, '=')
	var out []field
	for _, p := range alts {
		f := p.cur
		if len(p.done) > 0 {
			f = joined(append(slices.Clip(p.done), p.cur))
		}
		f.text, f.at, f.word = r.t, span(w), w
		out = append(out, f)
	}
	return out
}

// joined is the fields with blanks between them.
func joined(fields []field) field {
	var out field
	for i, f := range fields {
		if i > 0 {
			blank := field{Word: Word{Text: " "}}
			blank.Map.Append(source.Segment{Len: 1})
			out.add(blank)
		}
		out.add(f)
	}
	if len(fields) > 0 {
		out.text, out.at, out.word = fields[0].text, fields[0].at, fields[0].word
	}
	return out
}

// parts adds the parts of a word to each alternative. The quoting is 0, '"', 'h' for the body of a here-document, or '='
// where nothing is split.
func (r *reader) parts(parts []syntax.WordPart, alts []partial, quote byte) []partial {
	for _, p := range parts {
		for i := range alts {
			r.charge(alts[i].cur.grown() + len(alts[i].done))
		}
		if r.over() {
			return alts
		}
		switch p := p.(type) {
		case *syntax.Lit:
			alts = r.filled(alts, p, quote)
		case *syntax.SglQuoted:
			alts = literal(alts, r.quoted(p))
		case *syntax.DblQuoted:
			for i := range alts {
				alts[i].has = true
			}
			alts = r.parts(p.Parts, alts, '"')
		case *syntax.ParamExp:
			alts = combine(alts, r.refer(p, r.param(p, quote), quote), quote)
		case *syntax.CmdSubst:
			alts = combine(alts, r.substitute(p), quote)
		case *syntax.ArithmExp:
			r.inside(p.X)
			alts = literal(alts, r.t.hole(span(p)))
		case *syntax.ProcSubst:
			r.subshell(p.Stmts)
			alts = literal(alts, r.t.hole(span(p)))
		default:
			r.visit(span(p), 0)
			alts = literal(alts, r.t.piece(span(p)))
		}
	}
	return alts
}

// literal is the text of a literal part; where the program's word stands in it, the place is remembered.
func (r *reader) literal(l *syntax.Lit, quote byte) field {
	s := span(l)
	switch quote {
	case '"':
		r.visit(s, '"')
		return r.t.unescape(s, "$`\"\\")
	case 'h':
		s.End = max(s.Start, min(s.End, r.bodyEnd))
		r.visit(s, 'h')
		return r.t.unescape(s, "$`\\")
	}
	// Inside nested backticks the parser counts the backslash of the closing one to the word before it.
	if n := s.End; n > s.Start && n < len(r.t.src) && r.t.src[n-1] == '\\' && r.t.src[n] == '`' && !strings.HasSuffix(l.Value, "\\") {
		s.End--
	}
	// A line that ends with a carriage return and a newline is meant to end before the return.
	if n := s.End; n > s.Start && n <= len(r.t.src) && r.t.src[n-1] == '\r' && (n == len(r.t.src) || r.t.src[n] == '\n') {
		s.End--
	}
	r.visit(s, 0)
	return r.t.unescape(s, "")
}

func (r *reader) quoted(q *syntax.SglQuoted) field {
	s := source.Span{Start: int(q.Left.Offset()) + 1, End: int(q.Right.Offset())}
	if q.Dollar {
		s.Start++
	}
	if s.End < s.Start || s.End > len(r.t.src) {
		return r.t.hole(span(q))
	}
	if q.Dollar {
		r.visit(s, '$')
		return r.t.unescape(s, "'\"\\")
	}
	r.visit(s, '\'')
	return r.t.piece(s)
}

// literal adds a text to each alternative.
func literal(alts []partial, f field) []partial {
	for i := range alts {
		alts[i].cur = clone(alts[i].cur)
		alts[i].cur.add(f)
		alts[i].has = true
	}
	return alts
}

// clone is a copy whose map and holes can grow on their own.
func clone(f field) field {
	f.Map.Segments = slices.Clone(f.Map.Segments)
	f.Holes = slices.Clone(f.Holes)
	f.refs = slices.Clone(f.refs)
	return f
}

// refer remembers in each value that a variable may have between double quotes where it is expanded.
func (r *reader) refer(p *syntax.ParamExp, options []option, quote byte) []option {
	if quote != '"' && quote != 'h' {
		return options
	}
	for i, o := range options {
		if o.array || len(o.fields) != 1 {
			continue
		}
		f := clone(o.fields[0])
		f.refs = append(f.refs, ref{source.Span{End: len(f.Text)}, &rendered{text: r.t, at: span(p)}})
		options[i].fields = []field{f}
	}
	return options
}

// combine adds each value of an expansion to each alternative.
func combine(alts []partial, options []option, quote byte) []partial {
	var out []partial
	for _, a := range alts {
		for _, o := range options {
			if len(out) == maxAlternatives {
				return out
			}
			out = append(out, a.with(o, quote))
		}
	}
	return out
}

// with is the alternative with one value of an expansion added.
func (a partial) with(o option, quote byte) partial {
	fields := o.fields
	switch {
	case o.array && quote != 'h' && quote != '=':
	case o.array:
		fields = []field{joined(fields)}
	case quote == 0 && len(fields) == 1 && len(fields[0].Holes) == 0:
		fields = fields[0].split()
	case quote == 0 && len(fields) == 1:
		fields = splitKnown(fields[0])
	}
	a.cur = clone(a.cur)
	a.done = slices.Clone(a.done)
	if quote != 0 && !o.array {
		a.has = true
	}
	for i, f := range fields {
		if i > 0 {
			a.done = append(a.done, a.cur)
			a.cur = field{}
		}
		if a.cur.Text == "" {
			many, loose := f.Many, f.loose
			a.cur = clone(f)
			a.cur.Many, a.cur.loose = many, loose
			if !o.array && f.first != nil {
				value := *f.first
				value.value = true
				a.cur.first = &value
			}
		} else {
			a.cur.add(f)
		}
		a.has = true
	}
	return a
}

// splitKnown cuts a field that holds unknown parts at the blanks of its known ones.
func splitKnown(f field) []field {
	if strings.ContainsAny(f.Text, " \t\n") {
		return f.split()
	}
	if f.blank() {
		f.loose = true
	}
	return []field{f}
}

// substitute is what a command substitution may print.
func (r *reader) substitute(c *syntax.CmdSubst) []option {
	out, st, stdin := r.out, r.st, r.stdin
	var printed []field
	r.out, r.st, r.stdin = &printed, r.fork(r.st), nil
	r.stmts(c.Stmts)
	r.out, r.st, r.stdin = out, st, stdin
	var options []option
	for _, f := range printed {
		if len(options) < maxAlternatives {
			options = append(options, option{fields: []field{f}})
		}
	}
	if len(options) == 0 {
		options = []option{{fields: []field{r.t.hole(span(c))}}}
	}
	return options
}

// subshell runs statements that change nothing outside.
func (r *reader) subshell(list []*syntax.Stmt) {
	st, out := r.st, r.out
	r.st, r.out = r.fork(st), nil
	r.stmts(list)
	r.st, r.out = st, out
}

// inside runs the command substitutions in an expression whose value does not matter.
func (r *reader) inside(n syntax.Node) {
	if n == nil {
		return
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			r.substitute(n)
			return false
		case *syntax.ProcSubst:
			r.subshell(n.Stmts)
			return false
		case *syntax.Lit:
			r.name(n, "a name in an expression")
		}
		return true
	})
}
