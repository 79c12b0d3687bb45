package host

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// nixCallee names what the string at token i of a Nix expression is given to: the attribute that it is the value of, with
// a colon, or the function that it is the last argument of.
func (c *code) nixCallee(i int) string {
	if i >= 2 && c.tokens[i-1].text == "=" {
		key := c.tokens[i-2].text
		if key == "text" && c.nixInside(i) == "writeShellApplication" {
			return key + ":"
		}
		if _, ok := c.calls[key+":"]; ok && key != "text" {
			return key + ":"
		}
		return key
	}
	if i+1 < len(c.tokens) && !slices.Contains([]string{";", ")", "}", "]", "in", "/", "+", "|"}, c.tokens[i+1].text) {
		return "" // more arguments follow
	}
	for j, depth, n := i-1, 0, 0; j >= 0 && n < 40; j, n = j-1, n+1 {
		t := c.tokens[j]
		switch {
		case t.what == stringToken:
		case t.text == "}" || t.text == ")" || t.text == "]":
			depth++
		case t.text == "{" || t.text == "(" || t.text == "[":
			if depth--; depth < 0 {
				return ""
			}
		case depth > 0:
		case t.text == "=" || t.text == ";" || t.text == ":":
			return ""
		case c.calls[t.text].Call != "":
			return t.text
		}
	}
	return ""
}

// nixInside is the function whose attributes the token i is one of.
func (c *code) nixInside(i int) string {
	for j, depth := i-1, 0; j > 0; j-- {
		switch c.tokens[j].text {
		case "}":
			depth++
		case "{":
			if depth--; depth < 0 {
				return c.tokens[j-1].text
			}
		}
	}
	return ""
}

// nixInner reads the expressions of several lines that a string puts in its text: whole scripts may stand there.
func (c *code) nixInner(t token) {
	if c.depth >= maxHosts {
		return
	}
	for i := t.Start; i < t.End; i++ {
		if !strings.HasPrefix(c.src[i:t.End], "${") {
			continue
		}
		n := interpolation(c.src[i:t.End], false)
		if n > 0 && strings.Contains(c.src[i:i+n], "\n") {
			sub := &code{reader: c.reader, lex: c.lex, calls: c.calls}
			for _, t := range c.lex.tokens(c.src[i+2 : i+n-1]) {
				t.Start, t.End = t.Start+i+2, t.End+i+2
				sub.tokens = append(sub.tokens, t)
			}
			c.Mentions(i, i+n, site.Identifier, "name", "a name in code")
			c.depth++
			sub.walk()
			c.depth--
		}
		i += max(0, n-1)
	}
}

// nixString is where the indented string that begins at i ends: two quotes, unless they escape something.
func nixString(src string, i int) int {
	for j := i + 2; j+1 < len(src); j++ {
		if strings.HasPrefix(src[j:], "${") {
			j += max(1, interpolation(src[j:], false)) - 1
			continue
		}
		if src[j] != '\'' || src[j+1] != '\'' {
			continue
		}
		switch {
		case strings.HasPrefix(src[j+2:], "'"):
			j += 2
		case strings.HasPrefix(src[j+2:], "$"), strings.HasPrefix(src[j+2:], `\`):
			j += 3
		default:
			return j + 2
		}
	}
	return i
}

// nixEscape is the text of an escape at the beginning of an indented string's rest, and how many bytes it takes.
func nixEscape(s string) (string, int) {
	switch {
	case strings.HasPrefix(s, "''$"):
		return "$", 3
	case strings.HasPrefix(s, "'''"):
		return "''", 3
	case strings.HasPrefix(s, `''\n`):
		return "\n", 4
	case strings.HasPrefix(s, "$${"):
		return "$$", 2
	}
	return "", 0
}
