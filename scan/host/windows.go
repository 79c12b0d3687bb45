package host

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// windows reads the command lines of PowerShell and of Windows' batch files. Each simple command is handed over as a list
// of words; nothing of the languages is evaluated but variables that are set to a text.
type windows struct {
	*reader
	batch bool
	pos   int
	words []piece // of the command that is read
	at    int     // where it begins
	lead  string  // what stands before it: "&" of PowerShell, "=" of an assignment
	file  bool    // the next word is a file that it reads or writes
	vars  []source.Var
}

// errByHand keeps fixes away: the paths of an environment are others on Windows.
var errByHand = errors.New("a command of Windows is moved by hand: its environments have their programs in Scripts")

const maxOpen = 200 // brackets inside one another

func (r *reader) windows() {
	w := &windows{reader: r, batch: r.kind == "batch"}
	r.Mark(0, len(r.src), site.Data, "value", "an argument or a value that nothing runs")
	w.region(len(r.src), 0)
	for _, g := range r.Scripts {
		g.Env = append(g.Env, w.vars...)
	}
}

// region reads commands up to end.
func (w *windows) region(end, depth int) {
	w.begin("")
	for w.pos < end {
		start := w.pos
		c := w.src[w.pos]
		switch {
		case w.comment(end):
		case w.batch && c == '^' && w.pos+1 < end, !w.batch && c == '`' && w.pos+1 < end:
			w.pos += 2 // an escape: most often of the line's end
			if w.src[w.pos-1] == '\r' && w.pos < end {
				w.pos++
			}
		case c == '&' && w.pos > 0 && w.src[w.pos-1] == '>': // 2>&1
			w.pos += 2
			w.file = false
		case !w.batch && c == '@' && w.pos+1 < end && (w.src[w.pos+1] == '"' || w.src[w.pos+1] == '\''):
			w.document(end, depth)
		case c == '\n' || c == ';' && !w.batch || c == '|' || c == '&':
			w.pos++
			w.flush()
			w.begin("")
			if c == '&' && !w.batch && w.pos < end && w.src[w.pos] != '&' {
				w.lead = "&"
			}
		case strings.IndexByte(" \t\r,", c) >= 0, w.batch && c == '@':
			w.pos++
		case strings.IndexByte("(){}", c) >= 0, !w.batch && (c == '$' || c == '@') && w.pos+1 < end && strings.IndexByte("({", w.src[w.pos+1]) >= 0:
			w.bracket(c)
		case !w.batch && c == '=' && len(w.words) == 1:
			w.pos++
			w.assigned(end)
		case strings.IndexByte("<>", c) >= 0:
			w.redirect()
		default:
			w.word(end, depth)
		}
		if w.pos <= start {
			w.pos = start + 1
		}
	}
	w.flush()
}

// bracket ends the command before it and begins another one inside.
func (w *windows) bracket(c byte) {
	w.pos++
	if c == '$' || c == '@' {
		w.pos++
	}
	starts := len(w.words) > 0 && strings.HasSuffix(strings.ToLower(w.words[len(w.words)-1].text), "::start")
	w.flush()
	w.begin("")
	if starts { // a method that is given a command
		w.lead = "&"
	}
}

func (w *windows) begin(lead string) { w.words, w.at, w.lead, w.file = nil, w.pos, lead, false }

// redirect passes the mark of a redirection; the number in front of it is no word of the command.
func (w *windows) redirect() {
	if n := len(w.words); n > 1 && strings.Contains("0123456789*", w.words[n-1].text) && w.words[n-1].span().End == w.pos {
		w.words = w.words[:n-1]
	}
	w.pos++
	w.file = true
}

// document reads a here-string, whose quotes stand at the ends of lines.
func (w *windows) document(end, depth int) {
	quote := w.src[w.pos+1 : w.pos+2]
	from := w.pos + 2
	to := end
	if n := strings.Index(w.src[from:end], "\n"+quote+"@"); n >= 0 {
		to = from + n
	}
	if quote == `"` && depth < maxOpen {
		w.inside(from, to, depth)
	}
	if len(w.words) == 0 && w.lead != "&" {
		w.lead = "text"
	}
	w.words = append(w.words, w.raw(from, to))
	w.pos = min(end, to+3)
}

// comment passes a comment.
func (w *windows) comment(end int) bool {
	rest := w.src[w.pos:end]
	stop := 0
	switch {
	case w.batch:
		lower := strings.ToLower(rest[:min(len(rest), 4)])
		if len(w.words) > 0 || !strings.HasPrefix(lower, "rem") && !strings.HasPrefix(rest, "::") || len(lower) == 4 && lower[:3] == "rem" && nameByte(lower[3]) {
			return false
		}
	case strings.HasPrefix(rest, "<#"):
		if n := strings.Index(rest, "#>"); n >= 0 {
			stop = w.pos + n + 2
		} else {
			stop = end
		}
	case rest[0] != '#':
		return false
	}
	if stop == 0 {
		stop = lineAt(w.src, w.pos).end
	}
	w.Mentions(w.pos, min(stop, end), site.Comment, "comment", "a comment")
	w.pos = min(stop, end)
	return true
}

var (
	batchHole = lazyregexp.New(`%%?~?[A-Za-z_]\w*%?|%~?[0-9*]|![A-Za-z_]\w*!`)
	powerHole = lazyregexp.New(`\$\{[^}]*\}|\$[A-Za-z_][\w:.]*|\$\([^()]*\)`)
)

// word reads one word, in quotes or not; commands inside a text of PowerShell are read as well.
func (w *windows) word(end, depth int) {
	var b builder
	start := w.pos
	quoted := w.src[w.pos] == '"' || w.src[w.pos] == '\'' && !w.batch
	for w.pos < end {
		c := w.src[w.pos]
		if c == '"' || c == '\'' && !w.batch {
			from, to := w.quoted(end, c)
			b.skip(w.pos, from)
			b.copy(w.src, from, to)
			if c == '"' && !w.batch && depth < maxOpen {
				w.inside(from, to, depth)
			}
			b.skip(to, min(to+1, end))
			w.pos = min(to+1, end)
			continue
		}
		if strings.IndexByte(" \t\r\n,;|&(){}<>", c) >= 0 || w.batch && c == '^' || !w.batch && c == '`' {
			break
		}
		if !w.batch && c == '=' && len(w.words) == 0 && w.src[start] == '$' {
			break
		}
		b.copy(w.src, w.pos, w.pos+1)
		w.pos++
	}
	if quoted && len(w.words) == 0 && !w.batch && w.lead != "&" {
		w.lead = "text" // an expression, whose value is a text
	}
	if w.file {
		w.file = false
		w.Mentions(start, w.pos, site.Path, "path", "the path of a file that is read or written")
		return
	}
	w.words = append(w.words, b.piece())
}

// quoted is where the text between quotes stands; one that is not closed ends with its line.
func (w *windows) quoted(end int, quote byte) (from, to int) {
	from = w.pos + 1
	for to = from; to < end && w.src[to] != quote; to++ {
		if w.src[to] == '`' && !w.batch && quote == '"' {
			to++
		}
		if to < end && w.src[to] == '\n' && w.batch {
			break
		}
	}
	return from, min(to, end)
}

// inside reads the commands that a text in double quotes runs: $(…).
func (w *windows) inside(from, to, depth int) {
	for at := from; ; {
		n := strings.Index(w.src[at:to], "$(")
		if n < 0 {
			return
		}
		open, level := at+n+2, 1
		for at = open; at < to && level > 0; at++ {
			switch w.src[at] {
			case '(':
				level++
			case ')':
				level--
			}
		}
		sub := &windows{reader: w.reader, pos: open}
		sub.region(at-1, depth+1)
	}
}

// assigned reads what stands behind the equals sign of an assignment of PowerShell.
func (w *windows) assigned(end int) {
	name := strings.TrimPrefix(strings.ToLower(w.words[0].text), "$")
	w.Mentions(w.at, w.pos, site.Identifier, "name", "the name of a variable")
	for w.pos < end && (w.src[w.pos] == ' ' || w.src[w.pos] == '\t') {
		w.pos++
	}
	if w.pos < end && (w.src[w.pos] == '"' || w.src[w.pos] == '\'') {
		from, to := w.quoted(end, w.src[w.pos])
		w.variable(strings.TrimPrefix(name, "env:"), w.raw(from, to))
	}
	w.begin("=")
}

// variable remembers the value of a variable.
func (w *windows) variable(name string, value piece) {
	g := &source.Script{Map: value.m, Language: "shell", Host: string(w.kind), Where: "value of " + clip(name), Render: byHand}
	g.Text, g.Holes = punch(w.hole(), value)
	w.vars = append(w.vars, source.Var{Name: name, Value: g})
}

func byHand(source.Span, string) (string, error) { return "", errByHand }

func (w *windows) hole() *regexp.Regexp {
	if w.batch {
		return batchHole.Compiled()
	}
	return powerHole.Compiled()
}

// flush hands over the command that was read.
func (w *windows) flush() {
	words := w.words
	w.words = nil
	if len(words) == 0 || !w.Has(w.at, w.pos) && !w.uses(words) {
		return
	}
	if w.lead == "text" || !w.batch && w.lead != "&" && strings.HasPrefix(words[0].text, "$") {
		w.expression(words)
		return
	}
	if words = w.command(words); len(words) == 0 {
		return
	}
	g := execForm(words)
	g.Text, g.Holes = punch(w.hole(), piece{g.Text, g.Map})
	for i := range g.Holes {
		g.Holes[i].Expr = strings.ToLower(strings.Trim(g.Holes[i].Source, "%!${}"))
		g.Holes[i].Expr = strings.TrimPrefix(g.Holes[i].Expr, "env:")
	}
	g.Where, g.Render = "a command", byHand
	w.embedded(g)
}

// uses reports whether a word holds a variable, which may be the program.
func (w *windows) uses(words []piece) bool {
	return slices.ContainsFunc(words, func(p piece) bool { return w.hole().MatchString(p.text) })
}

// expression explains the words of an expression: texts, and what members of variables are given.
func (w *windows) expression(words []piece) {
	for _, p := range words {
		s := p.span()
		switch {
		case strings.HasPrefix(p.text, "$"):
			w.Mentions(s.Start, s.End, site.Identifier, "name", "the name of a variable")
		case strings.ContainsAny(p.text, `\/`) && !strings.ContainsAny(p.text, " "):
			w.Mentions(s.Start, s.End, site.Path, "path", "a path")
		}
	}
}
