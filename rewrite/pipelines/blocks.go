package pipelines

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
)

// control is a statement of a template: one that opens a condition or a loop, goes on with another branch of it, or ends it.
type control struct {
	start int
	word  string // "open", "else" or "end"
	loop  string // the variables of a loop
	macro bool
}

var (
	jinja = lazyregexp.New(`^(if|for|macro|call|filter|elif|else|end\w+)\b\s*(.*)`)
	ruby  = lazyregexp.New(`^(?:(if|unless|while|case)\b|(elsif|else|when)\b|(end)\b|.*\bdo\s*(?:\|([^|]*)\|)?$|.*\{\s*\|([^|]*)\|$)`)
)

// controls are the statements of the template that a file is, in order.
func (f *file) controls() []control {
	var out []control
	for _, b := range f.blocks {
		if b.Kind != mask.Control {
			continue
		}
		c := control{start: b.Start}
		if f.src[b.Start+1] == '%' && f.src[b.Start] == '{' {
			c.word, c.loop, c.macro = readJinja(b.Expr)
		} else {
			c.word, c.loop = readRuby(b.Expr)
		}
		if c.word != "" {
			out = append(out, c)
		}
	}
	return out
}

func readJinja(expr string) (word, loop string, macro bool) {
	m := jinja.FindStringSubmatch(expr)
	switch {
	case m == nil:
		return "", "", false
	case strings.HasPrefix(m[1], "end"):
		return "end", "", false
	case m[1] == "elif" || m[1] == "else":
		return "else", "", false
	case m[1] == "for":
		loop, _, _ = strings.Cut(m[2], " in ")
	}
	return "open", loop, m[1] == "macro"
}

func readRuby(expr string) (word, loop string) {
	m := ruby.FindStringSubmatch(expr)
	switch {
	case m == nil && expr == "}":
		return "end", ""
	case m == nil:
		return "", ""
	case m[3] != "":
		return "end", ""
	case m[2] != "":
		return "else", ""
	}
	return "open", m[4] + m[5]
}

// branches are the conditions and loops of a template that a byte stands in: the offset of each to the number of its branch.
func (f *file) branches(at int) map[int]int {
	out := map[int]int{}
	for _, o := range f.open(at) {
		out[o.start] = o.branch
	}
	return out
}

type openControl struct {
	control
	branch int
}

// open are the statements that hold a byte, outermost first.
func (f *file) open(at int) []openControl {
	var stack []openControl
	for _, c := range f.controls() {
		switch {
		case c.start >= at:
			return stack
		case c.word == "open":
			stack = append(stack, openControl{c, 0})
		case len(stack) == 0:
		case c.word == "end":
			stack = stack[:len(stack)-1]
		default:
			stack[len(stack)-1].branch++
		}
	}
	return stack
}

// exclusive reports whether two places stand in different branches of one condition, so that no pipeline has both.
func exclusive(a, b map[int]int) bool {
	for at, branch := range a {
		if other, both := b[at]; both && other != branch {
			return true
		}
	}
	return false
}

// macro reports whether a byte stands in a macro of the template, which is written out as often as it is called.
func (f *file) macro(at int) bool {
	for _, o := range f.open(at) {
		if o.macro {
			return true
		}
	}
	return false
}

// expression is what a template puts a value in: `{{ name }}`, `<%= name %>`, `{name}` of Python's format, `%(name)s`,
// `$[[ inputs.name ]]` of GitLab.
var expression = lazyregexp.New(`\$\[\[\s*([\w.-]+)[^\]]*\]\]|\{\{-?\s*([\w.@]+)[^{}]*\}\}|<%=\s*([\w.@\[\]:"']+)[^%]*%>|\{(\w[\w.]*)\}|%\((\w+)\)s`)

// dollar is where string.Template of Python puts a value in, in its first group; $$ stands for a dollar sign.
var dollar = lazyregexp.New(`(?:^|[^$])(\$(?:\{([a-z_]\w*)\}|([a-z_]\w*)))`)

// dollars reports whether a file is such a template: the names of its jobs have places, where GitLab knows no variables.
func (f *file) dollars() bool {
	return slices.ContainsFunc(f.jobs, func(j *job) bool { return dollar.MatchString(j.name) })
}

// expressions are those of a text, with the variable that each of them shows.
func expressions(text string) (out [][2]string) {
	for _, m := range expression.FindAllStringSubmatchIndex(text, -1) {
		whole := text[m[0]:m[1]]
		if m[0] > 0 && strings.ContainsRune("$#{", rune(text[m[0]-1])) {
			continue // ${name} of a shell, #{name} of Ruby
		}
		for i := 2; i < len(m); i += 2 {
			if m[i] >= 0 {
				out = append(out, [2]string{whole, text[m[i]:m[i+1]]})
			}
		}
	}
	return out
}
