package shell

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// second reads the text with the other parser: for what the first could not read, and to notice where they disagree.
func (r *reader) second(t *text, broken, some bool) {
	if len(t.src) > maxBytes {
		r.reading.Bad = true
		return
	}
	parser := r.opt.Parser
	if parser == nil {
		parser = &syntax.Parser{}
		defer parser.Close()
	}
	tree, err := parser.Parse(syntax.Bash, []byte(t.src))
	if err != nil {
		r.reading.Bad = broken && !some
		r.reading.Problems = append(r.reading.Problems, Problem{source.Span{End: len(t.src)}, err.Error()})
		return
	}
	r.reading.Bad = broken && !some && tree.Broken()
	r.t = t
	for _, s := range site.Find([]byte(t.src), r.program) {
		c := r.claims[place{"", s}]
		switch {
		case c == nil && !r.reading.Bad:
			r.only(t, tree, s)
		case c != nil && !broken && !tree.Broken():
			r.compare(t, tree, s, c)
		}
	}
}

// sighting is what the second reader says of an occurrence.
type sighting struct {
	use   Use
	known bool
	blind bool // the reader is known to lose commands there
}

// sight reads the command around an occurrence as the second reader cuts it.
func (r *reader) sight(t *text, tree *syntax.Tree, s source.Span) sighting {
	n := tree.At(s.Start)
	for p := n; p.OK(); p = p.Parent() {
		switch {
		case p.Is("comment"):
			return sighting{use: Use{Class: site.Comment, Rule: r.rule("shell-comment"), Reason: "a comment"}, known: true}
		case p.Failed(), strings.HasPrefix(p.Kind(), "heredoc"), p.Is("command_substitution") && strings.HasPrefix(p.Text(), "`"):
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

// sightCommand reads one command of the second reader.
func (r *reader) sightCommand(t *text, n syntax.Node, s source.Span) sighting {
	var words []Word
	open := false // a word that is not known may be a wrapper
	for _, c := range n.NamedChildren() {
		if c.Is("variable_assignment") || strings.HasSuffix(c.Kind(), "redirect") {
			continue
		}
		w := t.secondWord(c)
		open = open || len(w.Holes) > 0 && c.Start() < s.Start
		words = append(words, w)
	}
	if len(words) > 0 && (words[0].Text == "time" || words[0].Text == "coproc") {
		open = true // the grammar takes these for commands, even in front of a compound one
	}
	for _, u := range Words(words, Options{Pack: r.pack}) {
		if u.Text != nil {
			if p, ok := u.Text.Map.Host(source.Span{End: len(u.Text.Text)}); ok && p.Covers(s) {
				return sighting{blind: true}
			}
			continue
		}
		if p, ok := words[u.Word].Map.Host(u.At); ok && p.Span == s {
			return sighting{use: u, known: true, blind: open && u.Class != site.Invocation}
		}
	}
	return sighting{blind: open}
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
func (r *reader) only(t *text, tree *syntax.Tree, s source.Span) {
	seen := r.sight(t, tree, s)
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
	r.claim(place{"", s}, claim{Occurrence: o, rank: rankOf(u.Class)})
}

// compare notices an occurrence that only one reader takes for a command.
func (r *reader) compare(t *text, tree *syntax.Tree, s source.Span, c *claim) {
	ctx := r.contexts[place{"", s}]
	if ctx == nil || ctx.text != t || ctx.quotes[0] != 0 && ctx.quotes[0] != '#' {
		return
	}
	direct := c.Class == site.Invocation && c.Action == site.Rewrite && c.Kind == "shell-command" && len(c.Uses) == 0
	if direct && !separate(t.src, s) {
		return // a part of a word: the first reader resolved it, the second does not try
	}
	if !direct && !slices.Contains([]site.Class{site.Comment, site.Data, site.Message}, c.Class) {
		return
	}
	seen := r.sight(t, tree, s)
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
