package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var procName = lazyregexp.New(`^\s*[\w-]+:\s*`)

// procfile reads `name: command` lines.
func (r *reader) procfile() {
	for _, l := range lines(r.src) {
		text := l.text(r.src)
		switch n := len(procName.FindString(text)); {
		case strings.HasPrefix(strings.TrimSpace(text), "#"):
			r.Mentions(l.start, l.end, site.Comment, "comment", "a comment")
		case n > 0:
			r.Mentions(l.start, l.start+n, site.Identifier, "process", "the name of a process")
			p := r.raw(l.start+n, l.end)
			r.embedded(&source.Script{Text: p.text, Map: p.m, Language: "shell", Where: strings.TrimSpace(text[:n]), Render: OneLine})
		default:
			r.Mentions(l.start, l.end, site.Unexplained, "unread", "the line names no process")
		}
	}
}
