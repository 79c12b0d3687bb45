package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// programLike is the name of a constant that can hold nothing but a program.
var programLike = lazyregexp.New(`(?i)(?:^|_)(?:bin|binary|exe|executable|program|cmd|command|cli)$|[a-z](?:Bin|Binary|Exe|Executable|Program|Cmd|Command|Cli)$`)

// ofUnknown reports whether the callee of the argument at token i is the exec of something that may be a pattern or a database.
func (c *code) ofUnknown(callee string, i int) bool {
	return c.kind == JavaScript && callee == "exec" && i > 3 && c.before(i) == "(" && c.before(i-2) == "." && !processes[c.before(i-3)]
}

// processes are names of modules whose exec runs a program.
var processes = map[string]bool{"child_process": true, "childProcess": true, "cp": true, "exec": true, "shell": true, "proc": true}

// constant explains the string at token i when it is the program, or a path of it, and a name is bound to it that is run in
// this file, or whose name says that it is somewhere.
func (c *code) constant(i int, text string) bool {
	if text[strings.LastIndexByte(text, '/')+1:] != c.Program {
		return false
	}
	name := c.boundTo(i)
	t := c.tokens[i]
	switch {
	case name == "":
		return false
	case c.runNames()[name]:
		c.Mentions(t.Start, t.End, site.Invocation, "call", "the value of "+clip(name)+", which is given to a call that runs it")
	case programLike.MatchString(name):
		c.Mentions(t.Start, t.End, site.Unexplained, "unfollowed", "the value of "+clip(name)+", and values are not followed in "+string(c.kind))
	default:
		return false
	}
	return true
}

// maxBinding bounds, in tokens, how far before a string the name that it is bound to is looked for.
const maxBinding = 16

// boundTo is the name that the string at token i is bound to, by itself or as the default of another value: NAME = "…",
// NAME = environment ?? "…".
func (c *code) boundTo(i int) string {
	switch c.before(i) {
	case "=", "?", "|":
	default:
		return ""
	}
	for j := i - 1; j > 0 && j > i-maxBinding; j-- {
		switch c.tokens[j].text {
		case ";", "{", "}", ",":
			return ""
		case "=":
			if strings.ContainsAny(c.before(j), "=!<>") || j+1 < i && strings.ContainsAny(c.tokens[j+1].text, "=>") {
				return ""
			}
			if j > 2 && c.before(j-1) == ":" { // TypeScript: NAME: string =
				return c.before(j - 2)
			}
			return c.before(j)
		}
	}
	return ""
}

// runNames are the names that stand first in a call that runs programs: one that is known, another name of it, and one that
// gets the words of a command of the program after it.
func (c *code) runNames() map[string]bool {
	if c.run != nil {
		return c.run
	}
	c.run = map[string]bool{}
	runs := map[string]bool{}
	for i, t := range c.tokens {
		_, known := c.calls[t.text]
		if t.what != codeToken || !known && !runs[t.text] || i < 2 {
			continue
		}
		if at := i - 1; c.tokens[at].text == "=" || c.tokens[at].text == "(" && i > 3 && c.before(at) != "" && c.tokens[i-3].text == "=" { // NAME = spawn, NAME = promisify(spawn)
			if c.tokens[at].text == "(" {
				at = i - 3
			}
			runs[c.before(at)] = true
		}
	}
	for i, t := range c.tokens {
		if t.what != codeToken || i < 2 || i+1 >= len(c.tokens) || t.text == "" || !nameByte(t.text[0]) {
			continue
		}
		callee, next := c.tokens[i-2].text, c.tokens[i+1].text
		_, known := c.calls[callee]
		known = known && !c.ofUnknown(callee, i)
		switch {
		case c.before(i) == "(" && (known || runs[callee]) && (next == "," || next == ")"),
			(c.before(i) == "(" || c.before(i) == "[") && next == "," && c.commandFollows(i+2):
			c.run[t.text] = true
		}
	}
	return c.run
}

// commandFollows reports whether the string at token i, or in the list that begins there, is a command of the program.
func (c *code) commandFollows(i int) bool {
	if i < len(c.tokens) && c.tokens[i].text == "[" {
		i++
	}
	if i >= len(c.tokens) || c.tokens[i].what != stringToken {
		return false
	}
	p, _ := c.lex.decode(c.src, c.tokens[i])
	return c.surelyCommand(c.Program + " " + p.text)
}
