package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

const context = 300 // bytes around a mention that are looked at

// around is the text of the line before and after the bytes from start to end, no more than context bytes each.
func (r *reader) around(start, end int) (before, after string) {
	before = r.src[max(0, start-context):start]
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	after = r.src[end:min(len(r.src), end+context)]
	if i := strings.IndexByte(after, '\n'); i >= 0 {
		after = after[:i]
	}
	return before, after
}

// prose explains the mentions in running text.
func (r *reader) prose(start, end int) {
	r.Mark(start, end, site.Prose, "prose", "running text of a document")
	for _, w := range r.Within(start, end) {
		before, after := r.around(w.Start, w.End)
		name := attribute(before)
		switch {
		case linkTarget(before):
			r.Mark(w.Start, w.End, site.Path, "link", "the target of a link")
		case name == "href" || name == "src" || name == "srcset" || name == "action":
			r.Mark(w.Start, w.End, site.Path, "link", "the target of a link")
		case name != "":
			r.Mark(w.Start, w.End, site.Identifier, "attribute", "an attribute of an element")
		case strings.Contains(after, "`") && ticks(before)%2 == 1:
			r.Mark(w.Start, w.End, site.Prose, "inline-code", "a name or command in running text")
		}
	}
}

// linkTarget reports whether a text breaks off inside the target of a link or inside an address.
func linkTarget(before string) bool {
	run := before[strings.LastIndexAny(before, " \t\"'<>`")+1:]
	if strings.Contains(run, "://") || strings.Contains(run, "](") || strings.Contains(run, "www.") || strings.Contains(run, "mailto:") {
		return true
	}
	head := strings.TrimLeft(before, " ")
	if !strings.HasPrefix(head, "[") {
		return strings.HasSuffix(before[:len(before)-len(run)], "](<")
	}
	i := strings.Index(head, "]:")
	return i >= 0 && len(strings.Fields(head[i+2:])) <= 1
}

// attribute is the name of the element's attribute whose value a text breaks off in; empty when it does not.
func attribute(before string) string {
	open := strings.LastIndexByte(before, '<')
	if open < 0 || strings.IndexByte(before[open:], '>') >= 0 {
		return ""
	}
	tag := before[open:]
	eq := strings.LastIndexByte(tag, '=')
	if eq < 0 {
		return ""
	}
	value := strings.TrimLeft(tag[eq+1:], " ")
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		if strings.IndexByte(value[1:], value[0]) >= 0 {
			return ""
		}
	} else if strings.ContainsAny(value, " \t") {
		return ""
	}
	head := strings.TrimRight(tag[:eq], " ")
	return strings.ToLower(head[strings.LastIndexAny(head, " \t<")+1:])
}

// ticks is the number of runs of backticks in a text.
func ticks(text string) int {
	n := 0
	for i := range len(text) {
		if text[i] == '`' && (i == 0 || text[i-1] != '`') {
			n++
		}
	}
	return n
}
