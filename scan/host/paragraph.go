package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

const maxParagraph = 20 // lines that are looked at

var (
	ordinal   = lazyregexp.New(`^[ \t>]*(?:\(?\d+[.)]|(?i:step)[ \t]+\d+[.):]?)[ \t]+`)
	codeSpan  = lazyregexp.New("^(`{1,2})(?:\\$[ \t]+)?([^`]+)(`{1,2})$")
	underline = lazyregexp.New(`^[ \t]*[=\-~^"'*+#.:_]{3,}[ \t]*$`)
)

// paragraphs reads the paragraphs of running text that are a command and nothing else.
func (r *reader) paragraphs() {
	for _, w := range r.Unmarked("prose", "inline-code") {
		r.paragraph(w)
	}
}

// paragraph reads the paragraph that begins in the line of a mention: a code span by itself, or a line as it is typed, is a
// command. What only begins like one is for a person.
func (r *reader) paragraph(at source.Span) {
	first, last, ok := r.paragraphFrom(at)
	if !ok {
		return
	}
	text := first.text(r.src)
	start := first.start + len(ordinal.FindString(text))
	start += len(r.src[start:first.end]) - len(strings.TrimLeft(r.src[start:first.end], " \t>"))
	text = strings.TrimRight(r.src[start:last.end], space)
	if m := codeSpan.FindStringSubmatchIndex(text); m != nil && m[3]-m[2] == m[7]-m[6] {
		if r.surelyCommand(text[m[4]:m[5]]) {
			r.typed(start+m[4], start+m[5], "code by itself")
		}
		return
	}
	one, _, more := strings.Cut(text, "\n")
	switch {
	case strings.ContainsAny(text[len(text)-1:], ".:;,!?)`"), len(strings.Fields(one)) < 2, !r.surelyCommand(strings.ReplaceAll(one, "$(", "(")): // the place that a sentence names is none
	case more && !strings.ContainsAny(one, "=/\\$'\"|&{"): // a sentence that is wrapped
	case more:
		r.Mark(at.Start, at.End, site.Unexplained, "unread", "the paragraph begins with a command, and is no code block")
	default:
		r.typed(start, start+len(text), "a line by itself")
	}
}

// typed makes a script of a command that stands in running text.
func (r *reader) typed(start, end int, where string) {
	p := r.raw(start, end)
	text, holes := r.fillIn(p.text)
	r.embedded(&source.Script{Text: text, Map: p.m, Holes: holes, Language: "shell", Where: where, Document: true, Render: OneLine})
}

// paragraphFrom is the first and last line of the paragraph that begins in the line of a mention. A heading, the term of a
// definition and what is longer than maxParagraph are none.
func (r *reader) paragraphFrom(at source.Span) (first, last line, ok bool) {
	first = lineAt(r.src, strings.LastIndexByte(r.src[:at.Start], '\n')+1)
	item := ordinal.MatchString(first.text(r.src))
	if first.start > 0 && !item {
		before := lineAt(r.src, strings.LastIndexByte(r.src[:first.start-1], '\n')+1).text(r.src)
		below := strings.HasSuffix(strings.TrimRight(before, space), ":") && indentOf(first.text(r.src)) > indentOf(before)
		if !blankLine(before) && !strings.HasPrefix(before, "#") && !below {
			return first, first, false
		}
	}
	last = first
	for n := 0; last.next < len(r.src); n++ {
		next := lineAt(r.src, last.next)
		text := next.text(r.src)
		switch {
		case blankLine(text), item && ordinal.MatchString(text):
			return first, last, true
		case n == maxParagraph, underline.MatchString(text), n == 0 && !item && indentOf(text) > indentOf(first.text(r.src)):
			return first, first, false
		}
		last = next
	}
	return first, last, true
}
