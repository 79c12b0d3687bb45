package shell

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// second reads the text with the other parser: for what the first could not read, and to notice where they disagree.
func (r *reader) second(t *text, broken, some bool) {
	if broken && len(t.src) > maxBroken {
		r.bad = !some
		return
	}
	parser := r.opt.Parser
	if parser == nil {
		parser = &syntax.Parser{}
		defer parser.Close()
	}
	tree, err := parser.Parse(syntax.Bash, []byte(t.src))
	if err != nil {
		r.bad = broken && !some
		r.result.Problems = append(r.result.Problems, reading.Problem{Span: source.Span{End: len(t.src)}, Text: err.Error()})
		return
	}
	r.bad = broken && !some && tree.Broken()
	r.t = t
	second := &second{text: t, tree: tree, commands: map[source.Span]*secondCommand{}}
	for _, s := range site.Find([]byte(t.src), r.program) {
		c := r.findings[place{"", s}]
		switch {
		case c == nil && !r.bad:
			r.only(second, s)
		case c != nil && !broken && !tree.Broken():
			r.compare(second, s, c)
		}
	}
}

// second is a text as the second reader sees it.
type second struct {
	*text
	tree     *syntax.Tree
	commands map[source.Span]*secondCommand // those that were looked at
}

// secondCommand is one command of the second reader: a command may hold the program many times.
type secondCommand struct {
	words []Word
	from  []int // where each word starts
	uses  []Use
}

// sighting is what the second reader says of an occurrence.
type sighting struct {
	use   Use
	known bool
	blind bool // the reader is known to lose commands there
}

// sight reads the command around an occurrence as the second reader cuts it.
func (r *reader) sight(t *second, s source.Span) sighting {
	n := t.tree.At(s.Start)
	for p := n; p.OK(); p = p.Parent() {
		switch {
		case p.Is("comment"):
			return sighting{use: Use{Class: site.Comment, Rule: r.rule("shell-comment"), Reason: "a comment"}, known: true}
		case p.Failed(), strings.HasPrefix(p.Kind(), "heredoc"), p.Is("command_substitution") && t.src[p.Start()] == '`':
			return sighting{blind: true}
		case p.Is("variable_assignment"), p.Is("declaration_command"):
			return sighting{use: Use{Class: site.Data, Rule: r.rule("shell-data"), Reason: "a value that is assigned"}, known: true}
		case p.Is("function_definition"):
			return sighting{}
		case p.Is("command"):
			return r.sightCommand(t, p, s)
		}
	}
	return sighting{}
}

// sightCommand reads the occurrence in s as a word of one command of the second reader.
func (r *reader) sightCommand(t *second, n syntax.Node, s source.Span) sighting {
	c := t.commands[n.Span()]
	if c == nil {
		c = r.secondCommand(t, n)
		t.commands[n.Span()] = c
	}
	open := len(c.words) > 0 && (c.words[0].Text == "time" || c.words[0].Text == "coproc") // the grammar takes these for commands, even in front of a compound one
	for i, w := range c.words {
		open = open || len(w.Holes) > 0 && c.from[i] < s.Start // a word that is not known may be a wrapper
	}
	for _, u := range c.uses {
		if u.Text != nil {
			if p, ok := u.Text.Map.Host(source.Span{End: len(u.Text.Text)}); ok && p.Covers(s) {
				return sighting{blind: true}
			}
			continue
		}
		if p, ok := c.words[u.Word].Map.Host(u.At); ok && p.Span == s {
			return sighting{use: u, known: true, blind: open && u.Class != site.Invocation}
		}
	}
	return sighting{blind: open}
}

// secondCommand reads the words of one command of the second reader.
func (r *reader) secondCommand(t *second, n syntax.Node) *secondCommand {
	c := &secondCommand{}
	for _, w := range n.NamedChildren() {
		if w.Is("variable_assignment") || strings.HasSuffix(w.Kind(), "redirect") {
			continue
		}
		if len(c.words) == maxFields {
			break
		}
		c.words, c.from = append(c.words, t.secondWord(w)), append(c.from, w.Start())
	}
	c.uses = Words(c.words, Options{Pack: r.pack})
	return c
}

// secondWord is a word of the second reader; only plain and simply quoted ones are known.
func (t *text) secondWord(n syntax.Node) Word {
	s := n.Span()
	raw := t.src[s.Start:s.End]
	if len(raw) >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[len(raw)-1] == raw[0] {
		s = source.Span{Start: s.Start + 1, End: s.End - 1}
		raw = raw[1 : len(raw)-1]
	}
	const special = "\"'`$\\"
	first, last := strings.IndexAny(raw, special), strings.LastIndexAny(raw, special)
	if first < 0 {
		return t.piece(s).Word
	}
	// The known beginning and end are kept: NAME="$value" is an assignment, "$dir"/name ends with a name.
	if slash := strings.LastIndexByte(raw, '/'); slash > last {
		last = slash - 1
	}
	if raw[last] == '$' {
		last += nameLength(raw[last+1:])
	}
	f := t.piece(source.Span{Start: s.Start, End: s.Start + first})
	f.add(t.hole(source.Span{Start: s.Start + first, End: s.Start + last + 1}))
	f.add(t.piece(source.Span{Start: s.Start + last + 1, End: s.End}))
	return f.Word
}

// nameLength is how many bytes at the beginning of s name a variable.
func nameLength(s string) int {
	n := 0
	for n < len(s) && variableName(s[:n+1]) {
		n++
	}
	return n
}

// only explains an occurrence that the first reader did not see.
func (r *reader) only(t *second, s source.Span) {
	seen := r.sight(t, s)
	if !seen.known {
		return
	}
	u := seen.use
	o := site.Occurrence{Class: u.Class, Kind: u.Kind, Action: u.Action, Argv: u.Argv, Rule: u.Rule, Reason: u.Reason}
	if u.Class.Site() {
		o.Action, o.Rule = site.Review, r.rule("shell-disagree")
		o.Reason = "readers disagree: only one of two parsers could read the command here"
	}
	r.visit(s, 0)
	r.finding(place{"", s}, finding{Finding: reading.Of(o)})
}

// compare notices an occurrence that only one reader takes for a command.
func (r *reader) compare(t *second, s source.Span, c *finding) {
	ctx := r.contexts[place{"", s}]
	if ctx == nil || ctx.text != t.text || ctx.quotes[0] != 0 && ctx.quotes[0] != '#' {
		return
	}
	direct := c.Class == site.Invocation && c.Action == site.Rewrite && c.Kind == "shell-command" && len(c.Uses) == 0
	if direct && !separate(t.src, s) {
		return // a part of a word: the first reader resolved it, the second does not try
	}
	if !direct && !slices.Contains([]site.Class{site.Comment, site.Data, site.Message}, c.Class) {
		return
	}
	seen := r.sight(t, s)
	command := seen.known && seen.use.Class == site.Invocation
	if seen.blind || command == direct || direct && !seen.known {
		return
	}
	c.Class, c.Action, c.Rule, c.Kind = site.Invocation, site.Review, r.rule("shell-disagree"), "shell-command"
	c.Reason = "readers disagree: only one of two parsers sees a command here"
}

// separate reports whether the bytes in s are a word of their own.
func separate(src string, s source.Span) bool {
	const ends = " \t\r\n;&|()<>`"
	return (s.Start == 0 || strings.IndexByte(ends, src[s.Start-1]) >= 0) && (s.End == len(src) || strings.IndexByte(ends, src[s.End]) >= 0)
}
