package host

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// expander replaces make's variables and functions in a text: by the value when the program is named in it, by a
// placeholder when it is not.
type expander struct {
	*makefile
	target string
	args   []piece // of $(call …): $(0), $(1), …
	out    builder
	holes  []source.Hole
	refs   []source.Ref
	quiet  bool // no embedded scripts and no marks: the text is read elsewhere
	depth  int

	operand bool // the output begins in the place of an operand, not of a command
}

const (
	maxExpansion = 1 << 18 // bytes that one recipe may grow to
	maxCalls     = 20      // variables inside variables
	maxFuel      = 5000    // references that one recipe line may hold, those inside its variables included

	maxReferences = 500_000 // and all lines together
)

// expand adds p with its references replaced.
func (e *expander) expand(p piece) {
	from := 0
	for i := 0; i < len(p.text); i++ {
		if p.text[i] != '$' {
			continue
		}
		e.out.add(p.cut(from, i))
		ref, name, end := reference(p, i)
		switch {
		case end == i+1, end == i+2 && !automatic(p.text[i+1]):
			e.out.add(p.cut(i, end))
		case p.text[i:end] == "$$":
			var b builder
			b.atom("$", i, end)
			e.out.add(b.piece().through(p))
		case e.depth > maxCalls || e.out.len() > maxExpansion || e.spent():
			e.hole(ref)
		default:
			e.reference(ref, name)
		}
		i, from = end-1, end
	}
	e.out.add(p.cut(from, len(p.text)))
}

// automatic reports whether a reference may be a dollar sign and this byte alone.
func automatic(c byte) bool { return nameByte(c) || strings.IndexByte("@%<?^+|*", c) >= 0 }

// spent counts a reference, and reports whether the recipe has had more than its share.
func (e *expander) spent() bool {
	e.fuel--
	if e.total++; e.total == maxReferences {
		e.Problem(0, len(e.src), "more references to variables than are followed in one makefile: commands that they hold may be missing")
	}
	return (e.fuel < 0 || e.total >= maxReferences) && e.depth > 0
}

// reference is the $… at i: the whole of it, what stands between its brackets, and where it ends.
func reference(p piece, i int) (ref, name piece, end int) {
	if i+1 >= len(p.text) {
		return p.cut(i, i+1), piece{}, i + 1
	}
	open, closing := p.text[i+1], byte(0)
	switch open {
	case '(':
		closing = ')'
	case '{':
		closing = '}'
	default:
		return p.cut(i, i+2), p.cut(i+1, i+2), i + 2
	}
	depth := 0
	for j := i + 1; j < len(p.text); j++ {
		switch p.text[j] {
		case open:
			depth++
		case closing:
			if depth--; depth == 0 {
				return p.cut(i, j+1), p.cut(i+2, j), j + 1
			}
		}
	}
	return p.cut(i, len(p.text)), p.cut(i+2, len(p.text)), len(p.text)
}

func (e *expander) reference(ref, name piece) {
	if fn, rest, ok := strings.Cut(name.text, " "); ok && function(fn) {
		e.function(fn, ref, name.cut(len(name.text)-len(rest), len(name.text)).trim())
		return
	}
	e.note(ref, site.Identifier, "variable-use", "the name of a make variable; its value is what counts")
	key, _, _ := strings.Cut(name.text, ":") // $(NAME:.c=.o)
	if len(e.args) > 0 && len(key) == 1 && '0' <= key[0] && key[0] <= '9' {
		if n := int(key[0] - '0'); n < len(e.args) {
			e.nested(e.args[n])
		}
		return
	}
	d := e.value(key)
	if d == nil {
		if s := ref.span(); !e.quiet && e.command(e.out.len()) {
			e.Mentions(s.Start, s.End, site.Invocation, "variable-run", "runs what the variable holds, which this file does not define: look where it is set")
		}
		e.hole(ref)
		return
	}
	if onlyPrefixes(d.val.text) {
		return
	}
	before := e.out.len()
	sub := e.child()
	for _, part := range e.parts(d) {
		if part != d {
			sub.out.gap(" ", 0)
		}
		sub.expand(part.val)
	}
	if sub.out.len() == 0 || !e.names(&sub.out) && !e.rooted(&sub.out) && !(e.command(before) && e.wraps(&sub.out)) || (!e.command(before) && strings.Contains(sub.out.text.String(), "/") && !strings.ContainsAny(sub.out.text.String(), " \t")) {
		e.hole(ref)
		return
	}
	for _, part := range e.parts(d) {
		part.used = true
	}
	e.adopt(sub)
	if at, ok := ref.m.Host(source.Span{End: len(ref.text)}); ok {
		e.refs = append(e.refs, source.Ref{Span: source.Span{Start: before, End: e.out.len()}, At: at, Shared: len(e.parts(d)) > 1 || len(e.defs[d.name]) > 1})
	}
}

// onlyPrefixes reports whether a value is nothing but what make takes off a recipe line: Q = @.
func onlyPrefixes(text string) bool { return text != "" && strings.Trim(text, "@-+ ") == "" }

// names reports whether the program is named in the text.
func (e *expander) names(b *builder) bool {
	return len(site.Find([]byte(b.text.String()), e.Program)) > 0
}

// wraps reports whether the text begins with a command that may run the one behind it, or that shows it: docker run, echo.
func (e *expander) wraps(b *builder) bool {
	words := strings.Fields(b.text.String())
	if len(words) == 0 {
		return false
	}
	return slices.Contains(e.in.Pack.Shell.Messages, words[0]) || slices.ContainsFunc(e.in.Pack.Shell.Wrappers, func(w rules.Wrapper) bool {
		return slices.ContainsFunc(w.Names, func(name string) bool { first, _, _ := strings.Cut(name, " "); return first == words[0] })
	})
}

// rooted reports whether the text gives the program its root directory.
func (e *expander) rooted(b *builder) bool {
	return slices.ContainsFunc(strings.Fields(b.text.String()), func(word string) bool {
		flag, _, _ := strings.Cut(word, "=")
		return slices.Contains(e.in.Pack.Instance.RootOptions, flag)
	})
}

// command reports whether what comes next in the output is in the place of a command, so that a path there is run.
func (e *expander) command(at int) bool {
	before := e.out.text.String()[:at]
	if n := len(before); n > 0 && strings.IndexByte(`"'`, before[n-1]) >= 0 {
		before = before[:n-1]
	}
	word := strings.TrimRight(before, "@-+ \t\\\n")
	if word == "" {
		return !e.operand
	}
	if strings.ContainsRune(";&|({`!", rune(word[len(word)-1])) {
		return true
	}
	if word == before {
		return false
	}
	before = word
	word = before[strings.LastIndexAny(before, " \t\n;&|(")+1:]
	switch word {
	case "then", "do", "else", "exec", "sudo", "env", "time", "if", "while", "until":
		return true
	}
	return strings.Contains(word, "=") && !strings.HasPrefix(word, "-")
}

func (e *expander) child() *expander {
	return &expander{makefile: e.makefile, target: e.target, args: e.args, quiet: true, depth: e.depth + 1, operand: !e.command(e.out.len())}
}

// adopt appends what a child made.
func (e *expander) adopt(sub *expander) {
	n := e.out.len()
	for _, h := range sub.holes {
		h.Start, h.End = h.Start+n, h.End+n
		e.holes = append(e.holes, h)
	}
	for _, r := range sub.refs {
		r.Start, r.End = r.Start+n, r.End+n
		e.refs = append(e.refs, r)
	}
	e.out.add(sub.out.piece())
}

// nested expands a piece in place, one level deeper.
func (e *expander) nested(p piece) {
	sub := e.child()
	sub.args = nil
	sub.expand(p)
	e.adopt(sub)
}

// value is the definition that holds for the recipe: that of its target before the common one, the last before the first.
// A value that names the program is preferred to one that does not, for either may be the one of the day.
func (e *expander) value(name string) *definition {
	var best *definition
	for _, d := range e.defs[name] {
		if d.op == "!=" || d.target != "" && !hasField(e.target, d.target) {
			continue
		}
		named := len(site.Find([]byte(d.val.text), e.Program)) > 0
		if best == nil || d.target != "" || named && d.op != "+=" {
			if d.op == "+=" && best != nil {
				continue
			}
			best = d
		}
	}
	return best
}

func hasField(list, name string) bool {
	for _, f := range strings.Fields(list) {
		if f == name {
			return true
		}
	}
	return false
}

// parts are a definition and what += adds to it.
func (e *expander) parts(d *definition) []*definition {
	out := []*definition{d}
	after := false
	for _, other := range e.defs[d.name] {
		if other == d {
			after = true
		} else if after && other.op == "+=" && (other.target == "" || hasField(e.target, other.target)) {
			out = append(out, other)
		}
	}
	return out
}

// hole puts a placeholder of word characters for a reference whose value is not known.
func (e *expander) hole(ref piece) {
	expr := strings.TrimPrefix(ref.text, "$")
	if n := len(expr); n > 1 && strings.IndexByte("({", expr[0]) >= 0 {
		expr = strings.TrimRight(expr[1:], ")}")
	}
	start := e.out.len()
	var b builder
	b.atom(placeholder(ref.text), 0, len(ref.text))
	e.out.add(b.piece().through(ref))
	rendered := ref.text
	if len(rendered) == 2 && nameByte(rendered[1]) {
		rendered = "$(" + rendered[1:] + ")" // the same to make, and not the beginning of another name
	}
	e.holes = append(e.holes, source.Hole{Span: source.Span{Start: start, End: e.out.len()}, Expr: expr, Source: rendered})
}

// placeholder is a word as long as the text, the same for the same text, that no program is called by.
func placeholder(text string) string {
	const letters = "bcdfghjkmnpqrvwz"
	h := uint32(2166136261)
	for i := 0; i < len(text); i++ {
		h = (h ^ uint32(text[i])) * 16777619
	}
	out := make([]byte, max(len(text), 2))
	for i := range out {
		h = h*1664525 + 1013904223
		out[i] = letters[h>>28]
	}
	out[0] = '_'
	return string(out)
}

func (e *expander) note(p piece, class site.Class, shape, reason string) {
	if !e.quiet {
		s := p.span()
		e.Mark(s.Start, s.End, class, shape, reason)
	}
}
