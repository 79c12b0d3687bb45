package yaml

import (
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// mark says what the mentions in a span are.
type mark struct {
	source.Span
	class  site.Class
	shape  string // short term; makes the rule's name
	reason string
	node   *Node // of a value whose class its text decides
	name   string
}

// account gives each mention that no script holds its class.
func (w *walker) classify(words []source.Span, scripts []*source.Script) []site.Occurrence {
	held := w.held(scripts)
	var marks []mark
	if len(words) > len(held) {
		marks = w.marks()
	}
	var out []site.Occurrence
	next := 0
	for _, at := range words {
		if held[at] {
			continue
		}
		for next < len(marks) && marks[next].End <= at.Start {
			next++
		}
		m := mark{class: site.Unexplained, shape: "unread", reason: "this part of the file could not be read as YAML"}
		if next < len(marks) && marks[next].Start < at.End {
			m = marks[next]
		}
		if m.node != nil {
			m.class, m.shape, m.reason = w.valueClass(m, at)
		}
		if b := w.blocksIn(source.Span{Start: at.Start - 1, End: at.End + 1}); len(b) > 0 {
			m = templateMark(m, b, at)
		}
		out = append(out, site.Occurrence{
			Span: at, Language: "yaml", Class: m.class, Kind: m.shape,
			Rule: w.program + "/yaml-" + m.shape, Reason: m.reason,
		})
	}
	return out
}

// held are the mentions that the embedded scripts' texts have as whole words.
func (w *walker) held(scripts []*source.Script) map[source.Span]bool {
	out := make(map[source.Span]bool)
	for _, g := range scripts {
		for _, at := range site.Find([]byte(g.Text), w.program) {
			if p, ok := g.Map.Host(at); ok && p.File == "" {
				out[p.Span] = true
			}
		}
	}
	return out
}

// templateMark says what a mention is that stands in template blocks, or next to one. M is what it would be otherwise.
func templateMark(m mark, blocks []mask.Block, at source.Span) mark {
	for _, b := range blocks {
		switch {
		case b.Kind == mask.Comment && b.Covers(at):
			return mark{class: site.Comment, shape: "comment", reason: "a comment of the template"}
		case b.Start < at.End && at.Start < b.End:
			return mark{class: site.Data, shape: "template", reason: "part of a template block, which is filled in before the file is read"}
		case b.Kind == mask.Expression && b.End == at.Start && m.class == site.Unexplained:
			m.shape, m.reason = "template", "a template expression stands right before the name, so the whole word is known only when the template is filled in"
		case b.Kind == mask.Expression && b.Start == at.End && m.class == site.Unexplained:
			return mark{class: site.Data, shape: "template", reason: "a template expression continues the word, so it is not the program's name"}
		}
	}
	return m
}

// marks are the comments, keys and values of the file, in order.
func (w *walker) marks() []mark {
	var out []mark
	for _, c := range w.tree.Comments {
		out = append(out, mark{Span: c, class: site.Comment, shape: "comment", reason: "a comment"})
	}
	for _, doc := range w.tree.Docs {
		w.steps = w.steps[:0]
		out = w.mark(out, doc)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out
}

// mark adds the marks of n and of what it holds.
func (w *walker) mark(out []mark, n *Node) []mark {
	if n == nil {
		return out
	}
	if n.Anchor != "" || n.Tag != "" {
		out = append(out, mark{
			Span:  source.Span{Start: n.Span.Start - w.propertyBytes(n), End: n.Span.Start},
			class: site.Identifier, shape: "anchor", reason: "the name of an anchor or a tag",
		})
	}
	switch n.Kind {
	case Alias:
		return append(out, mark{Span: n.Span, class: site.Identifier, shape: "anchor", reason: "the name of an anchor"})
	case Scalar:
		m := mark{Span: n.Span, node: n}
		m.class, m.shape, m.reason = w.keyed()
		if m.class != "" {
			m.node = nil
		} else if w.visits[n] {
			m.name = "variable"
		}
		return append(out, m)
	}
	for i, item := range n.Items {
		s := step{item: n.Kind == Sequence}
		if !s.item {
			k := n.Keys[i]
			s.key = w.tree.Text(k)
			if k != nil && k.Kind == Scalar {
				out = append(out, mark{Span: k.Span, class: site.Identifier, shape: "key", reason: "a key"})
			} else {
				out = w.mark(out, k)
			}
		}
		w.steps = append(w.steps, s)
		out = w.mark(out, item)
		w.steps = w.steps[:len(w.steps)-1]
	}
	return out
}

// propertyBytes is the number of bytes before n that its anchor and tag can take.
func (w *walker) propertyBytes(n *Node) int {
	before := w.tree.lexer.src[:n.Span.Start]
	rest := strings.TrimRight(before, " \t\r\n")
	for _, p := range []string{"&" + n.Anchor, n.Tag, "&" + n.Anchor} {
		if len(p) > 1 {
			rest = strings.TrimRight(strings.TrimSuffix(rest, p), " \t\r\n")
		}
	}
	return len(before) - len(rest)
}

// keyed is the class that the pack gives to the value at the path.
func (w *walker) keyed() (site.Class, string, string) {
	if len(w.steps) == 0 {
		return "", "", ""
	}
	last := w.steps[len(w.steps)-1]
	for _, v := range w.kind.values {
		if !v.pattern.last(last) {
			continue
		}
		if _, ok := v.pattern.match(w.steps); ok {
			return site.Class(v.Class), v.Class, v.Reason
		}
	}
	return "", "", ""
}

// valueClass says what a mention in a value is, by the text around it.
func (w *walker) valueClass(m mark, at source.Span) (site.Class, string, string) {
	if m.name == "variable" {
		return site.Data, "variable", "the value of a variable"
	}
	src := w.tree.lexer.src
	token := around(src, at, m.Span)
	word := src[token.Start:token.End]
	after := src[at.End:token.End]
	if w.last.node != m.node {
		text := w.tree.Text(m.node)
		w.last = textFacts{m.node, w.reads(text), !strings.ContainsAny(strings.TrimSpace(text), " \t\n")}
	}
	switch {
	case w.last.reads:
		return site.Unexplained, "value", "this reads like a command, under a key that is not known to run anything"
	case strings.Contains(word, "://"):
		return site.Data, "value", "part of a URL"
	case requirement(after):
		return site.Requirement, "requirement", "names the package with its version"
	case strings.Contains(word, "/"):
		return site.Path, "value", "part of a path"
	case w.last.word:
		return site.Data, "value", "a value that is neither run nor shown"
	}
	return site.Message, "value", "text for people: it does not read like a command"
}

// textFacts are what is known of the text of a value, kept while its mentions are classified.
type textFacts struct {
	node  *Node
	reads bool // it reads like a command
	word  bool // it is one word
}

// requirement reports whether what follows the program's name is a version as pip takes it.
func requirement(after string) bool {
	for _, op := range []string{"==", ">=", "<=", "~=", "!=", "===", "[", "<", ">"} {
		if strings.HasPrefix(after, op) {
			return len(after) > len(op)
		}
	}
	return false
}

// around is the run of bytes without white space and quotes around at, inside of limit.
func around(src string, at, limit source.Span) source.Span {
	const ends = " \t\r\n\"'`,;()"
	for at.Start > limit.Start && strings.IndexByte(ends, src[at.Start-1]) < 0 {
		at.Start--
	}
	for at.End < limit.End && strings.IndexByte(ends, src[at.End]) < 0 {
		at.End++
	}
	return at
}

// runs reports whether a script's text reads as a command of the program.
func (w *walker) runs(g *source.Script) bool {
	if len(g.Argv) > 0 {
		for i, a := range g.Argv {
			if base(g.Text[a.Start:a.End]) == w.program && (i == 0 || i+1 == len(g.Argv) || w.argument(g.Text[g.Argv[i+1].Start:g.Argv[i+1].End])) {
				return true
			}
			if strings.Contains(g.Text[a.Start:a.End], " ") && w.reads(g.Text[a.Start:a.End]) {
				return true
			}
		}
		return false
	}
	text := strings.Trim(g.Text, " \t\r\n\"'")
	return w.reads(g.Text) || strings.TrimSpace(g.Text) == w.program || strings.HasSuffix(text, "/bin/"+w.program)
}

// base is the last element of a path, without quotes.
func base(s string) string { return strings.Trim(s[strings.LastIndexByte(s, '/')+1:], "\"'") }

// reads reports whether a text has the program's name as the word of a command, with an argument that the program knows
// behind it.
func (w *walker) reads(text string) bool {
	for _, at := range site.Find([]byte(text), w.program) {
		if text[at.Start:at.End] != w.program || at.Start > 0 && strings.IndexByte(" \t\n;&|(`/\"'$", text[at.Start-1]) < 0 {
			continue
		}
		rest := strings.TrimLeft(text[at.End:], "\"'")
		next := strings.TrimLeft(rest, " \t\\\n")
		if next == rest {
			continue
		}
		if i := strings.IndexAny(next, " \t\n;&|)\"'"); i >= 0 {
			next = next[:i]
		}
		if w.argument(next) {
			return true
		}
	}
	return false
}

// argument reports whether s is a subcommand of the program, or an option.
func (w *walker) argument(s string) bool {
	if strings.HasPrefix(s, "-") && len(s) > 1 {
		return true
	}
	for _, c := range w.in.Pack.Program.Commands {
		if c == s {
			return true
		}
	}
	return false
}
