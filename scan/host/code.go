package host

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// token is a comment, a string, or one mark of code.
type token struct {
	source.Span
	what  tokenKind
	text  string // of code: a name or a single byte
	quote string // of a string
}

type tokenKind int

const (
	codeToken tokenKind = iota
	commentToken
	stringToken
)

// code reads a file of a language of which only the comments, strings and calls are known.
type code struct {
	*reader
	lex    notation
	tokens []token
	calls  map[string]rules.HostCall
	run    map[string]bool // what runNames found; nil before
}

func (r *reader) code(lex notation) {
	r.Mark(0, len(r.src), site.Identifier, "name", "a name in code")
	c := &code{reader: r, lex: lex, calls: map[string]rules.HostCall{}}
	for _, call := range r.pack.Hosts.Calls {
		if has(call.Kinds, string(r.kind)) {
			c.calls[call.Call] = call
		}
	}
	c.tokens = lex.tokens(r.src)
	c.walk()
	c.variables()
}

// titleReference stands for the callee in the brackets of Exec['title'], which names a resource of Puppet.
const titleReference = "reference"

// walk reads the tokens in order.
func (c *code) walk() {
	var open []string // the callee of each open bracket
	for i := 0; i < len(c.tokens); i++ {
		t := c.tokens[i]
		switch {
		case t.what == commentToken:
			c.Mentions(t.Start, t.End, site.Comment, "comment", "a comment")
		case t.what == stringToken:
			if c.kind == "nix" {
				c.nixInner(t)
			}
			i = c.string(i, open)
		case t.text == "(" || t.text == "[" || t.text == "{":
			name := ""
			if i > 0 {
				name = c.tokens[i-1].text
			}
			if c.kind == Puppet && t.text == "[" && name != "" && 'A' <= name[0] && name[0] <= 'Z' {
				name = titleReference
			} else if t.text != "(" && name != "exec" && len(open) > 0 {
				name = open[len(open)-1]
			}
			open = append(open, name)
		case (t.text == ")" || t.text == "]" || t.text == "}") && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
}

// variables gives the embedded scripts the names that are set to a string: text in which they are put in place uses them. A name
// that tells the instance must be one that the shell sees as well, so it counts in the environment of a pipeline only.
func (c *code) variables() {
	var vars []source.Var
	env, depth := 0, 0 // the depth of the environment's block, and the present one
	for i, t := range c.tokens {
		switch {
		case t.text == "{":
			if depth++; env == 0 && c.before(i) == "environment" {
				env = depth
			}
		case t.text == "}":
			if depth--; depth < env {
				env = 0
			}
		}
		if t.what != stringToken || i < 2 || c.tokens[i-1].text != "=" || c.tokens[i-2].what != codeToken || !nameByte(c.src[c.tokens[i-2].Start]) {
			continue
		}
		name := c.tokens[i-2].text
		if in := c.pack.Instance; env == 0 && (in.Holds(name) || slices.Contains(in.RootEnv, name) || slices.Contains(in.Environment, name)) {
			continue
		}
		p, holes := c.lex.decode(c.src, t)
		if strings.Contains(p.text, "\n") {
			continue // a script or a document, not a word of one
		}
		vars = append(vars, source.Var{Name: name, Value: &source.Script{
			Text: p.text, Map: p.m, Holes: holes, Language: "shell",
			Host: string(c.kind), Where: "value of " + clip(name), Render: c.lex.render(t.quote),
		}})
	}
	for _, g := range c.Scripts {
		g.Env = append(g.Env, vars...)
	}
}

// string reads the string at token i, and the rest of the command when the call takes several. It returns the last
// token that it read.
func (c *code) string(i int, open []string) int {
	t := c.tokens[i]
	p, holes := c.lex.decode(c.src, t)
	if c.kind == "nix" && slices.ContainsFunc(holes, func(h source.Hole) bool { return strings.Contains(h.Source, "\n") }) {
		return i // a text around whole expressions, which were read by themselves
	}
	callee := c.callee(i, open)
	if c.kind == Puppet && (callee == titleReference || c.title(i)) {
		c.Mentions(t.Start, t.End, site.Identifier, "title", "the title of a resource, which runs what its command says")
		return i
	}
	call, ok := c.calls[callee]
	if callee == "$" && t.quote != "`" {
		ok = false // jQuery's
	}
	if ok && c.ofUnknown(callee, i) && !slices.ContainsFunc(strings.Split(p.text, "\n"), c.surelyCommand) {
		ok = false // a statement for a database
	}
	if !ok && c.programAndWords(i, p.text) {
		c.Mentions(t.Start, t.End, site.Invocation, "call", "given with its words to "+clip(callee)+", which nothing is known of")
		return i
	}
	if ok && (c.argument(i) || strings.HasSuffix(callee, ":") || c.kind == "nix") {
		if call.Takes == "words" || c.before(i) == "[" {
			return c.words(i, callee)
		}
		s := p.m
		g := &source.Script{Text: p.text, Map: s, Language: cmp.Or(call.Language, "shell"), Where: callee, Holes: holes, Render: c.lex.render(t.quote)}
		if c.Has(t.Start, t.End) && c.referred(i) {
			g.Render = func(source.Span, string) (string, error) {
				return "", errors.New("the manifest refers to the resource by this title")
			}
		}
		if strings.TrimSpace(p.text) != "" {
			c.embedded(g)
		}
		return i
	}
	if c.property(i) {
		c.Mentions(t.Start, t.End, site.Identifier, "name", "the name of a property")
		return i
	}
	if !c.constant(i, p.text) {
		c.text(t, p, callee)
	}
	return i
}

// before is the code token before token i; empty when there is none.
func (c *code) before(i int) string {
	if i == 0 || c.tokens[i-1].what != codeToken {
		return ""
	}
	return c.tokens[i-1].text
}

// callee names what the string at token i is given to: `name(`, `name "…"`, `key:`, or the call around it.
func (c *code) callee(i int, open []string) string {
	if c.kind == "nix" {
		return c.nixCallee(i)
	}
	prev := c.before(i)
	switch prev {
	case ":", ">":
		j := i - 2
		if prev == ">" {
			j = i - 3
		}
		if j >= 0 && c.tokens[j].what == codeToken && (prev == ":" || c.tokens[i-2].text == "=") {
			if key := c.tokens[j].text + ":"; c.calls[key].Call != "" {
				return key
			}
		}
	case "[":
		if i >= 3 && (c.tokens[i-2].text == ":" || c.tokens[i-2].text == ">") {
			return c.callee(i-1, nil)
		}
	}
	if _, ok := c.calls[prev]; ok || shows(prev) {
		return prev
	}
	if len(open) > 0 {
		return open[len(open)-1]
	}
	return prev
}

// argument reports whether the string at token i is the first argument of its call: nothing but the call's name, its
// bracket and the name of the argument stand before it.
func (c *code) argument(i int) bool {
	prev := c.before(i)
	if prev == "(" || prev == "[" || prev == "{" {
		return true
	}
	if _, ok := c.calls[prev]; ok {
		return true
	}
	return prev == ":" && i >= 2 && (c.tokens[i-2].text == "script" || c.tokens[i-2].text == "command")
}

// programAndWords reports whether the string at token i is the program, and the next string of the same call a command
// of it: a function of the file's own that runs what it is given.
func (c *code) programAndWords(i int, text string) bool {
	if c.before(i) != "(" || text != c.Program {
		return false
	}
	for j := i + 1; j < len(c.tokens) && j < i+6; j++ {
		switch t := c.tokens[j]; {
		case t.what == stringToken && c.tokens[j-1].text != "," && c.tokens[j-1].text != "[" && c.tokens[j-1].text != "{":
			return false
		case t.what == stringToken:
			p, _ := c.lex.decode(c.src, t)
			return j > i+1 && p.text != "" && c.surelyCommand(text+" "+p.text)
		case j == i+1 && t.text != ",", t.text == ")", t.text == ";":
			return false
		}
	}
	return false
}

// property reports whether the string at token i names a property of an object.
func (c *code) property(i int) bool {
	prev := c.before(i)
	return c.kind == "javascript" && (prev == "{" || prev == ",") && i+1 < len(c.tokens) && c.tokens[i+1].text == ":"
}

// title reports whether the string at token i names a resource of Puppet whose command is given by an attribute.
func (c *code) title(i int) bool {
	if c.kind != Puppet || i+1 >= len(c.tokens) || c.tokens[i+1].text != ":" {
		return false
	}
	for _, t := range c.tokens[i+1:] {
		switch t.text {
		case "command":
			return true
		case "}", ";":
			return false
		}
	}
	return false
}

// referred reports whether the string at token i is the title of a resource of Puppet that a reference names.
func (c *code) referred(i int) bool {
	if c.kind != Puppet || i+1 >= len(c.tokens) || c.tokens[i+1].text != ":" {
		return false
	}
	title, _ := c.lex.decode(c.src, c.tokens[i])
	for j := 2; j < len(c.tokens); j++ {
		if t := c.tokens[j]; t.what == stringToken && j != i && t.End-t.Start == c.tokens[i].End-c.tokens[i].Start && (c.before(j) == "[" || c.before(j) == ",") {
			if text, _ := c.lex.decode(c.src, t); text.text == title.text {
				return true
			}
		}
	}
	return false
}

// words makes an embedded script of the strings from token i to the end of the call; another expression is an unknown word.
func (c *code) words(i int, callee string) int {
	var words []piece
	var renders []renderer
	depth, last := 0, i
	for ; i < len(c.tokens) && depth >= 0 && len(words) < 1000; i++ {
		t := c.tokens[i]
		switch {
		case t.what == stringToken:
			p, _ := c.lex.decode(c.src, t)
			words, last = append(words, p), i
			renders = append(renders, c.lex.render(t.quote))
		case t.what == commentToken:
			c.Mentions(t.Start, t.End, site.Comment, "comment", "a comment")
		case t.text == "[" || t.text == "(":
			depth++
		case t.text == "]" || t.text == ")":
			depth--
		case t.text == "{" || t.text == ";" || t.text == "}":
			depth = -1
		case t.text == ",":
		default:
			var b builder
			b.atom(placeholder(t.text), t.Start, t.End)
			words = append(words, b.piece())
			renders = append(renders, refuse("\x00"))
		}
	}
	g := execForm(words)
	g.Where = callee
	g.Render = parts(g.Argv, renders)
	c.embedded(g)
	return last
}

var pathLike = lazyregexp.New(`^[\w.@~$:{}-]*[/\\][^\s]*$`)

// text explains the mentions in a string that is given to no known call.
func (c *code) text(t token, p piece, callee string) {
	if !c.Has(t.Start, t.End) {
		return
	}
	text := strings.TrimSpace(p.text)
	if strings.HasPrefix(text, "#!") && interpreter(strings.SplitN(text[2:], "\n", 2)[0]) == Shell {
		c.embedded(&source.Script{Text: p.text, Map: p.m, Language: "shell", Where: "a script", Render: c.lex.render(t.quote)})
		return
	}
	switch {
	case shows(callee):
		c.Mentions(t.Start, t.End, site.Message, "message", "text given to "+clip(callee)+", which shows it")
	case callee == "require" || callee == "from" || callee == "import":
		c.Mentions(t.Start, t.End, site.Path, "module", "the name of a module")
	case strings.ContainsAny(text, " \t") && slices.ContainsFunc(strings.Split(text, "\n"), c.surelyCommand):
		c.Mentions(t.Start, t.End, site.Unexplained, "unfollowed", "the text reads as a command, and values are not followed in "+string(c.kind))
	case strings.EqualFold(text, c.Program):
		c.Mentions(t.Start, t.End, site.Data, "string", "a string that is given to no call known to run things")
	case pathLike.MatchString(text):
		c.Mentions(t.Start, t.End, site.Path, "path", "a path")
	case strings.ContainsAny(text, " \t\n"):
		c.Mentions(t.Start, t.End, site.Message, "text", "a text")
	default:
		c.Mentions(t.Start, t.End, site.Data, "string", "a string that is given to no call known to run things")
	}
}

// shows reports whether a function of this name shows its text to a person in most languages.
func shows(name string) bool {
	switch strings.ToLower(strings.TrimSuffix(name, ":")) {
	case "log", "warn", "error", "info", "debug", "print", "println", "printf", "echo", "notify", "fail", "notice", "err", "alert", "crit", "puts",
		"write", "say", "die", "describe", "it", "test", "description", "title", "help", "usage", "message":
		return true
	}
	return false
}
