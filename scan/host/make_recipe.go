package host

import (
	"errors"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// function reports whether make knows a function of this name.
func function(name string) bool {
	switch name {
	case "subst", "patsubst", "strip", "findstring", "filter", "filter-out", "sort", "word", "wordlist", "words", "firstword", "lastword",
		"dir", "notdir", "suffix", "basename", "addsuffix", "addprefix", "join", "wildcard", "realpath", "abspath", "error", "warning", "info",
		"shell", "origin", "flavor", "let", "foreach", "if", "or", "and", "call", "eval", "file", "value", "intcmp", "guile":
		return true
	}
	return false
}

// function expands one call. Args is what follows the function's name.
func (e *expander) function(fn string, ref, args piece) {
	list := arguments(args)
	switch fn {
	case "shell":
		if !e.quiet {
			e.shell(args, "$(shell)", e.args)
		}
		e.hole(ref)
		return
	case "info", "warning", "error":
		e.note(ref, site.Message, "message", "a message that make prints")
		e.inner(args)
		return
	case "strip":
		e.choose(ref, list)
		return
	case "if", "or", "and":
		if fn == "if" && len(list) > 0 {
			e.inner(list[0])
			list = list[1:]
		}
		e.note(ref, site.Unexplained, "choice", "one of the values that $("+fn+") chooses from; which one is not known before make runs")
		e.choose(ref, list)
		return
	case "call":
		e.call(ref, list)
		return
	case "foreach":
		e.note(ref, site.Data, "function", "an argument of make's function "+fn)
		if len(list) == 3 {
			e.choose(ref, list[2:])
			return
		}
	case "wildcard", "dir", "notdir", "realpath", "abspath", "addprefix", "addsuffix", "basename", "suffix":
		e.note(ref, site.Path, "path", "a path that make's function "+fn+" works on")
	default:
		e.note(ref, site.Data, "function", "an argument of make's function "+fn)
	}
	e.inner(args)
	e.hole(ref)
}

// inner reads a text for the calls of $(shell) and the names in it; what it expands to is not used.
func (e *expander) inner(p piece) {
	if e.quiet || e.depth > maxCalls {
		return
	}
	sub := e.child()
	sub.quiet = false
	sub.expand(p)
}

// choose puts the first of the pieces that names the program when it is expanded, or a placeholder. The others may be what is
// run as well.
func (e *expander) choose(ref piece, list []piece) {
	for i, p := range list {
		e.inner(p)
		sub := e.child()
		sub.expand(p.trim())
		if e.names(&sub.out) {
			e.adopt(sub)
			for _, other := range list[i+1:] {
				if at := other.m.At(0); at.File == "" {
					s := other.span()
					e.Mentions(s.Start, s.End, site.Unexplained, "choice", "one of several values; which one is run is not known before make runs")
				}
			}
			return
		}
	}
	e.hole(ref)
}

// call expands $(call name,args): the variable's text with $(1) and so on replaced.
func (e *expander) call(ref piece, list []piece) {
	for _, p := range list[min(1, len(list)):] {
		e.inner(p)
	}
	e.note(ref, site.Data, "function", "an argument of $(call)")
	if len(list) == 0 {
		e.hole(ref)
		return
	}
	d := e.value(strings.TrimSpace(list[0].text))
	if d == nil {
		e.hole(ref)
		return
	}
	sub := e.child()
	sub.args = make([]piece, 0, len(list))
	for _, p := range list {
		arg := e.child()
		arg.expand(p)
		sub.args = append(sub.args, p)
	}
	sub.expand(d.val)
	if !e.names(&sub.out) {
		e.hole(ref)
		return
	}
	d.used = true
	e.adopt(sub)
}

// arguments splits a function's arguments at commas outside brackets.
func arguments(p piece) []piece {
	var out []piece
	depth, from := 0, 0
	for i := 0; i < len(p.text); i++ {
		switch p.text[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, p.cut(from, i))
				from = i + 1
			}
		}
	}
	return append(out, p.cut(from, len(p.text)))
}

// functions reads a line outside recipes for the calls of $(shell) and the names in it.
func (m *makefile) functions(p piece) {
	if strings.Contains(p.text, "$") {
		m.fuel = maxFuel
		e := &expander{makefile: m}
		e.expand(p)
	}
}

// shell makes the script of a text that make hands to a shell for its output.
func (m *makefile) shell(p piece, where string, args []piece) {
	e := &expander{makefile: m, args: args, depth: 1}
	e.expand(p)
	m.expanded(e, where, "()")
}

// recipe makes the embedded scripts of one recipe: one for each logical line, or one for all under .ONESHELL.
func (m *makefile) recipe(rec recipe) {
	where := "recipe of " + clip(rec.targets)
	var all *expander
	for _, l := range rec.lines {
		if all == nil || !m.oneshell {
			all = &expander{makefile: m, target: rec.targets, quiet: rec.file != ""}
			l = prefixes(l)
		} else {
			all.out.gap("\n", 0)
		}
		m.fuel = maxFuel
		all.expand(l)
		if !m.oneshell {
			m.line(all, rec, where)
		}
	}
	if m.oneshell && all != nil {
		m.line(all, rec, where)
	}
}

// line hands over one shell text. A recipe of an included file is read with that file; here it counts only when a
// definition of this makefile gives it the program.
func (m *makefile) line(e *expander, rec recipe, where string) {
	if rec.file != "" {
		mine := false
		for _, w := range site.Find([]byte(e.out.text.String()), m.Program) {
			mine = mine || e.out.m.At(w.Start).File == ""
		}
		if !mine {
			return
		}
	}
	g := m.expanded(e, where, "")
	if g != nil {
		g.Env = m.exports(rec.targets)
	}
}

// exports are the variables that make hands to the recipe's shell.
func (m *makefile) exports(targets string) []source.Var {
	if out, ok := m.handed[targets]; ok {
		return slices.Clip(out)
	}
	if m.handed == nil {
		m.handed = map[string][]source.Var{}
	}
	var out []source.Var
	for _, d := range m.order {
		if !d.exported || d.define || d.op == "!=" || d.target != "" && !hasField(targets, d.target) || len(out) > maxExports {
			continue
		}
		m.fuel = maxFuel
		e := &expander{makefile: m, target: targets, quiet: true, operand: true}
		e.expand(d.val)
		p := e.out.piece()
		out = append(out, source.Var{Name: d.name, Value: &source.Script{
			Text: p.text, Map: p.m, Holes: e.holes, Language: "shell", Host: string(m.kind), Where: "value of " + clip(d.name), Render: m.render(p.m, ""),
		}})
	}
	m.handed[targets] = out
	return slices.Clip(out)
}

const maxExports = 100

// prefixes passes over what tells make how to run a recipe line.
func prefixes(p piece) piece {
	i := len(p.text) - len(strings.TrimLeft(p.text, "@-+ \t"))
	return p.cut(i, len(p.text))
}

// expanded makes the script of what e expanded. Forbidden are characters that the host's text cannot hold there.
func (m *makefile) expanded(e *expander, where, forbidden string) *source.Script {
	p := e.out.piece()
	if strings.TrimSpace(p.text) == "" {
		return nil
	}
	g := &source.Script{Text: p.text, Map: p.m, Language: "shell", Where: where, Holes: e.holes, Refs: e.refs, Render: m.render(p.m, forbidden)}
	m.embedded(g)
	return g
}

// write writes shell text in a recipe, or in a definition where the map leads there.
func (m *makefile) render(to source.Map, forbidden string) renderer {
	return func(at source.Span, text string) (string, error) {
		if strings.ContainsAny(text, "\r\n") {
			return "", errNewline
		}
		if strings.ContainsAny(text, forbidden) {
			return "", errors.New("a bracket inside a function of make would end it")
		}
		text = strings.ReplaceAll(text, "$", "$$")
		if strings.HasSuffix(text, `\`) {
			return "", errors.New("a backslash here could join the next line")
		}
		if place, ok := to.Host(at); ok && m.defined(place) {
			if strings.Contains(text, `\#`) {
				return "", errors.New("an escaped # cannot be written in a definition")
			}
			text = strings.ReplaceAll(text, "#", `\#`)
		}
		return text, nil
	}
}

// defined reports whether the place is in the value of a definition, where # begins a comment.
func (m *makefile) defined(at source.Place) bool {
	for _, d := range m.order {
		if d.file == at.File && !d.define && d.val.span().Covers(at.Span) {
			return true
		}
	}
	return false
}

// leftover makes embedded scripts of the definitions that are shell text by their look and that no recipe was seen to run:
// templates for $(eval), and the other values of a variable that is used.
func (m *makefile) leftover() {
	used := map[string]bool{}
	for _, d := range m.order {
		used[d.name] = used[d.name] || d.used
	}
	for _, d := range m.order {
		if d.used || d.file != "" || len(site.Find([]byte(d.val.text), m.Program)) == 0 {
			continue
		}
		if !d.define && !used[d.name] {
			continue
		}
		for _, p := range commands(d) {
			m.fuel = maxFuel
			e := &expander{makefile: m, target: d.target, quiet: true}
			e.expand(p)
			m.expanded(e, "value of "+clip(d.name), "")
		}
	}
}

// commands are the parts of a definition that are shell text: the recipe lines of a template for rules, or all of it.
func commands(d *definition) []piece {
	var out []piece
	for at := 0; d.define && at < len(d.val.text); {
		l := lineAt(d.val.text, at)
		if strings.HasPrefix(d.val.text[at:], "\t") {
			for oddBackslashes(l.text(d.val.text)) && l.next < len(d.val.text) {
				more := lineAt(d.val.text, l.next)
				l.end, l.next = more.end, more.next
			}
			out = append(out, prefixes(d.val.cut(at, l.end)))
		}
		at = l.next
	}
	if out == nil {
		return []piece{d.val}
	}
	return out
}
