package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// rst reads a reStructuredText document by its indentation.
type rst struct {
	*reader
	lines     []line
	next      int
	highlight string // language of the literal blocks that name none
}

func (r *reader) rst() {
	r.prose(0, len(r.src))
	d := &rst{reader: r, lines: lines(r.src)}
	for d.next < len(d.lines) {
		d.line()
	}
}

var (
	explicit = lazyregexp.New(`^((?:[ \t]|[-*+•][ \t]|\(?(?:\d+|[a-zA-Z#])[.)][ \t])*)\.\.(?:[ \t]+(.*))?$`)
	dirName  = lazyregexp.New(`^(?:\|[^|]+\|[ \t]+)?([A-Za-z][\w.+:-]*?)[ \t]?::(?:[ \t]+(.*))?$`)
	bullet   = lazyregexp.New(`^[ \t]*(?:(?:[-*+•]|\(?(?:\d+|[a-zA-Z#])[.)])[ \t]+)*`)
	option   = lazyregexp.New(`^[ \t]*:[^:\s][^:]*:(?:[ \t]|$)`)
)

// indentOf is the width of the white space before the text of a line; a tab reaches to the next multiple of 8.
func indentOf(text string) int {
	n := 0
	for _, c := range text {
		switch c {
		case ' ':
			n++
		case '\t':
			n += 8 - n%8
		default:
			return n
		}
	}
	return n
}

func blankLine(text string) bool { return strings.Trim(text, space) == "" }

func (d *rst) line() {
	l := d.lines[d.next]
	text := l.text(d.src)
	d.next++
	if m := explicit.FindStringSubmatchIndex(text); m != nil {
		rest := piece{}
		if m[4] >= 0 {
			rest = d.raw(l.start+m[4], l.start+m[5])
		}
		d.explicit(l, indentOf(strings.Map(blankOut, text[:m[3]])), rest)
		return
	}
	if trimmed := strings.TrimRight(text, space); strings.HasSuffix(trimmed, "::") && !blankLine(text) {
		d.literal(indentOf(strings.Map(blankOut, bullet.FindString(text))), d.highlight, "literal block")
	}
}

// blankOut makes the markers of a list count as indentation.
func blankOut(c rune) rune {
	if c == '\t' {
		return c
	}
	return ' '
}

// explicit reads what follows two dots: a directive, a target, or a comment.
func (d *rst) explicit(l line, indent int, rest piece) {
	m := dirName.FindStringSubmatch(rest.text)
	switch {
	case m != nil:
		d.directive(indent, strings.ToLower(m[1]), m[2], rest)
	case strings.HasPrefix(rest.text, "_") || strings.HasPrefix(rest.text, "["):
		d.Mentions(l.start, l.end, site.Path, "link", "the name or target of a link")
	default:
		end := l.end
		for d.next < len(d.lines) {
			text := d.lines[d.next].text(d.src)
			if !blankLine(text) && indentOf(text) <= indent {
				break
			}
			end = d.lines[d.next].end
			d.next++
		}
		d.Mentions(l.start, end, site.Comment, "comment", "a comment")
	}
}

func (d *rst) directive(indent int, name, arg string, rest piece) {
	s := rest.span()
	arg = strings.TrimSpace(arg)
	language, _, _ := strings.Cut(arg, " ")
	language = strings.ToLower(language)
	switch name {
	case "code-block", "sourcecode", "code", "code-tab", "code-cell", "tabs-code":
		if language == "" {
			language = d.highlight
		}
		d.options()
		d.literal(indent, language, name+" "+language)
	case "prompt":
		d.options()
		d.literal(indent, language, "prompt "+language)
	case "parsed-literal":
		d.options()
		d.literal(indent, "", name)
	case "console", "terminal", "shell", "bash":
		d.options()
		d.literal(indent, name, name)
	case "highlight", "highlights":
		d.highlight = language
	case "program-output", "command-output":
		at := strings.LastIndex(rest.text, arg)
		p := rest.cut(at, at+len(arg))
		d.embedded(&source.Script{Text: p.text, Map: p.m, Language: "shell", Where: name, Render: OneLine})
		d.options()
	case "include", "literalinclude", "image", "figure", "toctree", "csv-table", "download", "video":
		d.Mentions(s.Start, s.End, site.Path, "path", "the path of a file")
		d.options()
		if name == "toctree" {
			d.paths(indent)
		}
	case "raw", "math", "graphviz", "mermaid", "only", "meta", "contents", "index", "module", "automodule", "autoclass", "autofunction", "autoprogram", "argparse", "click", "py:module", "program", "option":
		d.Mentions(s.Start, s.End, site.Data, "directive", "an argument of the directive "+clip(name))
		d.options()
	default:
		d.options()
	}
}

// options marks the options of a directive.
func (d *rst) options() {
	for d.next < len(d.lines) {
		l := d.lines[d.next]
		if !option.MatchString(l.text(d.src)) {
			return
		}
		d.Mentions(l.start, l.end, site.Data, "option", "an option of a directive")
		d.next++
	}
}

// paths marks an indented list of documents.
func (d *rst) paths(indent int) {
	for d.next < len(d.lines) {
		l := d.lines[d.next]
		if text := l.text(d.src); !blankLine(text) && indentOf(text) <= indent {
			return
		}
		d.Mentions(l.start, l.end, site.Path, "path", "the name of a document")
		d.next++
	}
}

// literal reads the block that is indented more than indent, with its own indentation taken off.
func (d *rst) literal(indent int, language, where string) {
	first, last, width := d.extent(indent)
	if first < 0 {
		return
	}
	var b builder
	for _, l := range d.lines[first : last+1] {
		text := l.text(d.src)
		cut, gap := strip(text, width)
		b.skip(l.start, l.start+cut)
		if gap > 0 && !blankLine(text) {
			b.gap(strings.Repeat(" ", gap), l.start+cut)
		}
		b.copy(d.src, l.start+cut, l.end)
		if l.next > l.end+1 {
			b.atom("\n", l.end, l.next)
		} else {
			b.copy(d.src, l.end, l.next)
		}
	}
	body := b.piece()
	s := body.span()
	d.Mentions(s.Start, s.End, site.Prose, "code-text", "text of a code block that is no command")
	d.block(block{body: body, language: language, where: strings.TrimSpace(where)})
	d.next = last + 1
}

// extent finds the first and last line of the block that is indented more than indent, and its own indentation.
func (d *rst) extent(indent int) (first, last, width int) {
	first, last, width = -1, -1, 1<<30
	for i := d.next; i < len(d.lines); i++ {
		text := d.lines[i].text(d.src)
		if blankLine(text) {
			continue
		}
		n := indentOf(text)
		if n <= indent {
			break
		}
		if first < 0 {
			first = i
		}
		last, width = i, min(width, n)
	}
	return first, last, width
}

// strip is how many bytes of white space make up width columns, and how many columns a tab reaches beyond.
func strip(text string, width int) (cut, gap int) {
	n := 0
	for cut < len(text) && n < width {
		switch text[cut] {
		case ' ':
			n++
		case '\t':
			n += 8 - n%8
		default:
			return cut, 0
		}
		cut++
	}
	return cut, n - width
}
