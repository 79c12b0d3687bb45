package yaml

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// classify gives each mention that no script holds its class.
func (w *walker) classify() reading.Result {
	for _, c := range w.tree.Comments {
		w.mark(c, site.Comment, "comment", "a comment")
	}
	for _, doc := range w.tree.Docs {
		w.steps = w.steps[:0]
		w.node(doc)
	}
	return w.Classify(func(at source.Span, m reading.Mark) site.Occurrence {
		if m.Class == "" {
			m = reading.Mark{Class: site.Unexplained, Shape: "unread", Reason: "this part of the file could not be read as YAML"}
		}
		if b := w.blocksIn(source.Span{Start: at.Start - 1, End: at.End + 1}); len(b) > 0 {
			m = templateMark(m, b, at)
		}
		return site.Occurrence{
			Span: at, Language: "yaml", Class: m.Class, Kind: m.Shape,
			Rule: w.Program + "/yaml-" + m.Shape, Reason: m.Reason,
		}
	})
}

// mark classifies the mentions in a span.
func (w *walker) mark(s source.Span, class site.Class, shape, reason string) {
	w.Mark(s.Start, s.End, class, shape, reason)
}

// templateMark says what a mention is that stands in template blocks, or next to one. M is what it would be otherwise.
func templateMark(m reading.Mark, blocks []mask.Block, at source.Span) reading.Mark {
	for _, b := range blocks {
		switch {
		case b.Kind == mask.Comment && b.Covers(at):
			return reading.Mark{Class: site.Comment, Shape: "comment", Reason: "a comment of the template"}
		case b.Start < at.End && at.Start < b.End:
			return reading.Mark{Class: site.Data, Shape: "template", Reason: "part of a template block, which is filled in before the file is read"}
		case b.Kind == mask.Expression && b.End == at.Start && m.Class == site.Unexplained:
			m.Shape, m.Reason = "template", "a template expression stands right before the name, so the whole word is known only when the template is filled in"
		case b.Kind == mask.Expression && b.Start == at.End && m.Class == site.Unexplained:
			return reading.Mark{Class: site.Data, Shape: "template", Reason: "a template expression continues the word, so it is not the program's name"}
		}
	}
	return m
}

// node marks what n and what it holds are.
func (w *walker) node(n *Node) {
	if n == nil {
		return
	}
	if n.Anchor != "" || n.Tag != "" {
		w.Mark(n.Span.Start-w.propertyBytes(n), n.Span.Start, site.Identifier, "anchor", "the name of an anchor or a tag")
	}
	switch n.Kind {
	case Alias:
		w.mark(n.Span, site.Identifier, "anchor", "the name of an anchor")
	case Scalar:
		w.scalar(n)
	}
	for i, item := range n.Items {
		s := step{item: n.Kind == Sequence}
		if !s.item {
			k := n.Keys[i]
			s.key = w.tree.Text(k)
			if k != nil && k.Kind == Scalar {
				w.mark(k.Span, site.Identifier, "key", "a key")
			} else {
				w.node(k)
			}
		}
		w.steps = append(w.steps, s)
		w.node(item)
		w.steps = w.steps[:len(w.steps)-1]
	}
}

// scalar marks the mentions in a value.
func (w *walker) scalar(n *Node) {
	words := w.Within(n.Span.Start, n.Span.End)
	if len(words) == 0 {
		return
	}
	class, shape, reason := w.keyed()
	if class == "" && w.visits[n] {
		class, shape, reason = site.Data, "variable", "the value of a variable"
	}
	if class != "" {
		w.mark(n.Span, class, shape, reason)
		return
	}
	text := w.tree.Text(n)
	reads, word := w.reads(text), !strings.ContainsAny(strings.TrimSpace(text), " \t\n")
	for _, at := range words {
		class, shape, reason := w.valueClass(n, at, reads, word)
		w.mark(at, class, shape, reason)
	}
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

// valueClass says what a mention in a value is, by the text around it. Reads says that the value reads like a command, word
// that it is a single word.
func (w *walker) valueClass(n *Node, at source.Span, reads, word bool) (site.Class, string, string) {
	src := w.tree.lexer.src
	token := around(src, at, n.Span)
	switch run := src[token.Start:token.End]; {
	case reads:
		return site.Unexplained, "value", "this reads like a command, under a key that is not known to run anything"
	case strings.Contains(run, "://"):
		return site.Data, "value", "part of a URL"
	case requirement(src[at.End:token.End]):
		return site.Requirement, "requirement", "names the package with its version"
	case strings.Contains(run, "/"):
		return site.Path, "value", "part of a path"
	case word:
		return site.Data, "value", "a value that is neither run nor shown"
	}
	return site.Message, "value", "text for people: it does not read like a command"
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
			if base(g.Text[a.Start:a.End]) == w.Program && (i == 0 || i+1 == len(g.Argv) || w.argument(g.Text[g.Argv[i+1].Start:g.Argv[i+1].End])) {
				return true
			}
			if strings.Contains(g.Text[a.Start:a.End], " ") && w.reads(g.Text[a.Start:a.End]) {
				return true
			}
		}
		return false
	}
	text := strings.Trim(g.Text, " \t\r\n\"'")
	return w.reads(g.Text) || strings.TrimSpace(g.Text) == w.Program || strings.HasSuffix(text, "/bin/"+w.Program)
}

// base is the last element of a path, without quotes.
func base(s string) string { return strings.Trim(s[strings.LastIndexByte(s, '/')+1:], "\"'") }

// reads reports whether a text has the program's name as the word of a command, with an argument that the program knows
// behind it.
func (w *walker) reads(text string) bool {
	for _, at := range site.Find([]byte(text), w.Program) {
		if text[at.Start:at.End] != w.Program || at.Start > 0 && strings.IndexByte(" \t\n;&|(`/\"'$", text[at.Start-1]) < 0 {
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
