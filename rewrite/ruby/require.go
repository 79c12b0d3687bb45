package ruby

import (
	"bytes"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// required is one require at the top of a file.
type required struct {
	node     syntax.Node
	path     string
	relative bool
}

// requires are the requires that a file begins with: up to the first statement that is something else. Statements that
// set where libraries are looked for stand among them.
func (d *document) requires() []required {
	var out []required
	for c := d.tree.Root().First(); c.OK(); c = c.Next() {
		switch {
		case c.Is("comment"):
		case c.Is("call") && !c.Field("receiver").OK() && strings.HasPrefix(c.Field("method").Text(), "require"):
			args := c.Field("arguments").NamedChildren()
			r := required{node: c, relative: c.Field("method").Text() == "require_relative"}
			if len(args) == 1 {
				r.path = strings.Trim(args[0].Text(), `'"`)
			}
			out = append(out, r)
		case strings.HasPrefix(c.Text(), "$LOAD_PATH"), strings.HasPrefix(c.Text(), "$:"):
		default:
			return out
		}
	}
	return out
}

// requireAt is where a line that requires a file of the repository stands, and the texts around it: after the last such
// line, after the last other require, or after the comments that a file begins with.
func (d *document) requireAt() (at int, before, after string) {
	all := d.requires()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].relative {
			return d.afterLine(all[i].node.End(), "")
		}
	}
	if n := len(all); n > 0 {
		return d.afterLine(all[n-1].node.End(), d.Newline)
	}
	at, before, after = d.opening()
	return at, before, d.Newline + after
}

// afterLine is the place after the line that holds off.
func (d *document) afterLine(off int, gap string) (at int, before, after string) {
	if at = d.LineEnd(off); at > off && d.Src[at-1] == '\n' {
		return at, gap, d.Newline
	}
	return at, d.Newline + gap, ""
}

// opening is where a file's own text begins: after the requires, or else after what its first lines tell the interpreter
// and the comments about the whole file, which a blank line follows. The texts around what is put there keep it apart by
// blank lines.
func (d *document) opening() (at int, before, after string) {
	if all := d.requires(); len(all) > 0 {
		at, before, _ = d.afterLine(all[len(all)-1].node.End(), d.Newline)
	} else if at = d.header(); string(d.Src[:at]) != "" && string(d.Src[:at]) != "\ufeff" {
		before = d.Newline
	}
	blank := at >= len(d.Src) || bytes.HasPrefix(d.Src[at:], []byte(d.Newline))
	if !blank {
		after = d.Newline
	}
	return at, before, after
}

// header is the length in bytes of the lines that a file begins with and that come before everything else.
func (d *document) header() int {
	at, end := 0, 0
	if bytes.HasPrefix(d.Src, []byte("\xef\xbb\xbf")) {
		at, end = 3, 3
	}
	told := true // only lines for the interpreter so far
	for at < len(d.Src) {
		next := d.LineEnd(at)
		line := strings.TrimSpace(string(d.Src[at:next]))
		switch {
		case line == "":
			if at > 0 && strings.TrimSpace(string(d.Src[end:at])) != "" {
				end = at
			}
			told = false
		case !strings.HasPrefix(line, "#"):
			return end
		case told && magic(line):
			end = next
		default:
			told = false
		}
		at = next
	}
	return end
}

// magic reports whether a comment tells the interpreter something, so that it must stay where it is.
func magic(line string) bool {
	line = strings.ToLower(line)
	for _, word := range []string{"coding", "frozen_string_literal", "warn_indent", "shareable_constant_value", "typed:"} {
		if strings.Contains(line, word) {
			return true
		}
	}
	return strings.HasPrefix(line, "#!")
}

// requireQuote are the quotes that the file's own requires are written with.
func (d *document) requireQuote() string {
	for _, r := range d.requires() {
		if args := r.node.Field("arguments").NamedChildren(); len(args) == 1 && args[0].Is("string") {
			return args[0].Text()[:1]
		}
	}
	return d.quote
}
