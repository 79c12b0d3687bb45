package host

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// makefile is one makefile with the definitions of those that it includes.
type makefile struct {
	*reader
	defs     map[string][]*definition
	order    []*definition
	recipes  []recipe
	prefix   byte // what begins a recipe line
	oneshell bool
	included int
	fuel     int                     // references that may still be expanded for the line at hand
	total    int                     // references that were expanded in all
	handed   map[string][]source.Var // what exports answered, by targets
}

// definition is a variable and one value that it is given.
type definition struct {
	name, target string // target is empty unless the value holds for one target only
	op           string
	val          piece
	file         string // key of an included file; empty for the makefile itself
	define       bool   // given by define, may hold several lines
	exported     bool
	used         bool
}

// recipe is what make hands to the shell for one rule.
type recipe struct {
	targets string
	lines   []piece // as they stand, without the recipe prefix
	file    string
}

// makeText is one makefile's text while it is read.
type makeText struct {
	*makefile
	file   string // key; empty for the makefile itself
	text   string
	lines  []line
	next   int
	active *recipe
}

const maxIncluded = 50

func (r *reader) makefile() {
	m := &makefile{reader: r, defs: map[string][]*definition{}, prefix: '\t'}
	m.readText("", r.src)
	for _, rec := range m.recipes {
		m.recipe(rec)
	}
	m.leftover()
}

func (m *makefile) readText(file, text string) {
	t := &makeText{makefile: m, file: file, text: text, lines: lines(text)}
	for t.next < len(t.lines) {
		t.statement()
	}
}

// raw is a piece of the makefile that is being read.
func (t *makeText) raw(start, end int) piece {
	p := piece{t.text[start:end], source.Identity(start, end-start)}
	p.m.Segments[0].File = t.file
	return p
}

// note marks bytes of the makefile itself; an included file is explained when it is read.
func (t *makeText) note(p piece, class site.Class, shape, reason string) {
	if t.file == "" {
		s := p.span()
		t.Mark(s.Start, s.End, class, shape, reason)
	}
}

// statement reads one logical line outside or inside a rule.
func (t *makeText) statement() {
	l := t.lines[t.next]
	text := l.text(t.text)
	if t.active != nil && text != "" && text[0] == t.prefix {
		t.recipeLine()
		return
	}
	p := t.joined()
	p, comment := t.uncomment(p)
	t.note(comment, site.Comment, "comment", "a comment")
	p = p.trim()
	if p.text == "" {
		return
	}
	t.line(p)
}

// joined is the logical line at t.next: a backslash at a line's end, and the white space around it, is one blank.
func (t *makeText) joined() piece {
	var b builder
	for first := true; t.next < len(t.lines); first = false {
		l := t.lines[t.next]
		t.next++
		start, end := l.start, l.end
		if !first {
			start += len(t.text[start:end]) - len(strings.TrimLeft(t.text[start:end], " \t"))
		}
		more := oddBackslashes(t.text[start:end]) && t.next < len(t.lines)
		if more {
			end--
			end = start + len(strings.TrimRight(t.text[start:end], " \t"))
		}
		b.add(t.raw(start, end))
		if !more {
			break
		}
		after := t.lines[t.next]
		stop := after.start + len(after.text(t.text)) - len(strings.TrimLeft(after.text(t.text), " \t"))
		b.text.WriteByte(' ')
		b.m.Append(source.Segment{Len: 1, Host: end, HostLen: stop - end, Atomic: true, File: t.file})
	}
	return b.piece()
}

// oddBackslashes reports whether text ends in a backslash that is not itself escaped.
func oddBackslashes(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}

// uncomment splits a line at the # that begins a comment. A # in parentheses of a function counts, as make has it.
func (t *makeText) uncomment(p piece) (code, comment piece) {
	var b builder
	for i := 0; i < len(p.text); i++ {
		switch {
		case p.text[i] == '\\' && i+1 < len(p.text) && p.text[i+1] == '#':
			b.atom("#", i, i+2)
			i++
		case p.text[i] == '#':
			return b.piece().through(p), p.cut(i, len(p.text))
		default:
			b.copy(p.text, i, i+1)
		}
	}
	return b.piece().through(p), piece{}
}

var (
	assignment = lazyregexp.New(`^((?:(?:override|export|private)\s+)*)([^\s:#=+?!]+(?:\([^)]*\)|[^\s:#=+?!])*)\s*(:::=|::=|:=|\?=|\+=|!=|=)`)
	define     = lazyregexp.New(`^((?:(?:override|export)\s+)*)define\s+(\S+)\s*(:::=|::=|:=|\?=|\+=|!=|=)?$`)
	include    = lazyregexp.New(`^(?:-include|sinclude|include)\s+`)
	condition  = lazyregexp.New(`^(?:ifeq|ifneq|ifdef|ifndef|else|endif)\b`)
	listing    = lazyregexp.New(`^(?:export|unexport|vpath|undefine)\b`)
)

// line reads a logical line that is no recipe.
func (t *makeText) line(p piece) {
	if t.file == "" {
		t.functions(p)
	}
	switch {
	case define.MatchString(p.text):
		t.active = nil
		t.define(p, define.FindStringSubmatch(p.text))
	case include.MatchString(p.text):
		t.active = nil
		t.note(p, site.Path, "path", "the name of an included makefile")
		t.include(p)
	case condition.MatchString(p.text):
		t.note(p, site.Data, "condition", "what a condition compares")
	case assignment.MatchString(p.text):
		t.active = nil
		t.assign(p, "")
	case listing.MatchString(p.text):
		t.note(p, site.Identifier, "variable-name", "the name of a variable")
		t.export(p)
	case strings.Contains(p.text, ":"):
		t.rule(p)
	default:
		t.note(p, site.Unexplained, "unread", "the line is no rule and no definition")
	}
}

func (t *makeText) export(p piece) {
	words := strings.Fields(p.text)
	for _, w := range words[1:] {
		for _, d := range t.defs[w] {
			d.exported = words[0] == "export"
		}
	}
}

// assign reads NAME op value; target is set for a value that holds for one target only.
func (t *makeText) assign(p piece, target string) {
	at := assignment.FindStringSubmatchIndex(p.text)
	t.note(p.cut(at[4], at[5]), site.Identifier, "variable-name", "the name of a make variable")
	op := p.text[at[6]:at[7]]
	val := p.cut(at[7], len(p.text)).trim()
	if val.text == "" {
		return
	}
	t.note(val, site.Data, "variable", "the value of a make variable that no recipe runs")
	d := &definition{name: p.text[at[4]:at[5]], target: target, op: op, val: val, file: t.file, exported: strings.Contains(p.text[:at[4]], "export")}
	switch d.name {
	case ".RECIPEPREFIX":
		t.prefix = val.text[0]
	}
	if op == "!=" && t.file == "" {
		t.shell(val, "value of "+clip(d.name), nil)
	}
	t.store(d)
}

func (t *makeText) store(d *definition) {
	t.defs[d.name] = append(t.defs[d.name], d)
	t.order = append(t.order, d)
}

// define reads the lines up to endef.
func (t *makeText) define(p piece, m []string) {
	var b builder
	d := &definition{name: m[2], op: "=", file: t.file, define: true, exported: strings.Contains(m[1], "export")}
	t.note(p, site.Identifier, "variable-name", "the name of a make variable")
	start, depth := t.next, 1
	for ; t.next < len(t.lines); t.next++ {
		l := t.lines[t.next]
		switch word := strings.TrimSpace(l.text(t.text)); {
		case define.MatchString(word):
			depth++
		case word == "endef" || strings.HasPrefix(word, "endef "):
			depth--
		}
		if depth == 0 {
			t.next++
			break
		}
		t.addLine(&b, l.start, l)
	}
	d.val = b.piece()
	if depth > 0 && t.file == "" && start < len(t.lines) {
		t.Problem(t.lines[start].start, len(t.text), "define "+clip(d.name)+" has no endef")
	}
	t.note(d.val, site.Data, "variable", "the text of a make variable")
	if t.file == "" {
		t.functions(d.val)
	}
	t.store(d)
}

// include reads the named makefiles for their definitions and rules.
func (t *makeText) include(p piece) {
	if t.in.Load == nil {
		return
	}
	for _, name := range strings.Fields(p.text)[1:] {
		name = strings.TrimPrefix(name, "./")
		if strings.ContainsAny(name, "$*?[") || t.included >= maxIncluded {
			continue
		}
		dir := path.Dir(t.in.Path)
		for _, key := range []string{path.Join(dir, name), name} {
			data, ok := t.in.Load(key)
			if ok && key != t.in.Path && key != t.file {
				t.included++
				t.readText(key, string(data))
				break
			}
		}
	}
}

// rule reads targets : prerequisites, with a recipe after a semicolon or a value for these targets.
func (t *makeText) rule(p piece) {
	colon := strings.IndexByte(p.text, ':')
	targets := strings.TrimSpace(p.text[:colon])
	after := colon + 1
	for after < len(p.text) && p.text[after] == ':' || after < len(p.text) && p.text[after] == '&' {
		after++
	}
	t.note(p, site.Identifier, "target", "the name of a target or prerequisite")
	rest := p.cut(after, len(p.text)).trim()
	if assignment.MatchString(rest.text) {
		for _, target := range strings.Fields(targets) {
			t.assign(rest, target)
		}
		return
	}
	if targets == ".ONESHELL" {
		t.oneshell = true
	}
	t.recipes = append(t.recipes, recipe{targets: targets, file: t.file})
	t.active = &t.recipes[len(t.recipes)-1]
	if i := strings.IndexByte(rest.text, ';'); i >= 0 {
		t.active.lines = append(t.active.lines, rest.cut(i+1, len(rest.text)))
	}
}

// recipeLine reads one logical line of a recipe. The shell sees the backslash and the line's end; the recipe prefix of
// the continued lines is dropped.
func (t *makeText) recipeLine() {
	var b builder
	for t.next < len(t.lines) {
		l := t.lines[t.next]
		t.next++
		start := l.start
		if start < l.end && t.text[start] == t.prefix {
			b.m.Append(source.Segment{Host: start, HostLen: 1, File: t.file})
			start++
		}
		more := oddBackslashes(t.text[start:l.end]) && t.next < len(t.lines)
		if !more {
			b.add(t.raw(start, l.end))
			break
		}
		t.addLine(&b, start, l)
	}
	t.active.lines = append(t.active.lines, b.piece())
}

// addLine adds a line from start on with its end, which make reads as LF whatever it is.
func (t *makeText) addLine(b *builder, start int, l line) {
	b.add(t.raw(start, l.end))
	if l.next > l.end {
		b.text.WriteByte('\n')
		b.m.Append(source.Segment{Len: 1, Host: l.end, HostLen: l.next - l.end, Atomic: l.next > l.end+1, File: t.file})
	}
}
