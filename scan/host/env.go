package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// env reads NAME=value lines.
func (r *reader) env() {
	r.Mark(0, len(r.src), site.Data, "variable", "the value of an environment variable")
	for _, l := range lines(r.src) {
		text := l.text(r.src)
		if strings.HasPrefix(strings.TrimSpace(text), "#") {
			r.Mentions(l.start, l.end, site.Comment, "comment", "a comment")
		} else if m := setVar.FindStringSubmatchIndex(text); m != nil {
			r.Mentions(l.start+m[2], l.start+m[3], site.Identifier, "variable-name", "the name of a variable")
		}
	}
}
