package host

import (
	"regexp"
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

var (
	ticks   = regexp.MustCompile("`+")
	target  = regexp.MustCompile(`(?:\]\(<?|^\s{0,3}\[[^\]]+\]:\s*<?)[^\s)]*$`)
	url     = regexp.MustCompile(`(?i)(?:\b(?:[a-z][a-z0-9+.-]*://|www\.)|mailto:)[^\s"'<>` + "`" + `)]*$`)
	address = regexp.MustCompile(`(?i)\b(?:href|src|srcset|action|poster)\s*=\s*(?:"[^"]*|'[^']*|[^\s"'>]*)$`)
	attr    = regexp.MustCompile(`(?i)\b(?:content|data-[\w-]+|id|name|class|for|value|type|rel)\s*=\s*(?:"[^"]*|'[^']*|[^\s"'>]*)$`)
)

// prose explains the mentions in running text.
func (r *reader) prose(start, end int) {
	r.mark(start, end, site.Prose, "prose", "running text of a document")
	for _, w := range r.within(start, end) {
		before, after := r.around(w.Start, w.End)
		switch {
		case target.MatchString(before), url.MatchString(before):
			r.mark(w.Start, w.End, site.Path, "link", "the target of a link")
		case address.MatchString(before) && strings.Contains(before, "<"):
			r.mark(w.Start, w.End, site.Path, "link", "the target of a link")
		case attr.MatchString(before) && strings.Contains(before, "<"):
			r.mark(w.Start, w.End, site.Identifier, "attribute", "an attribute of an element")
		case ticks.MatchString(after) && len(ticks.FindAllString(before, -1))%2 == 1:
			r.mark(w.Start, w.End, site.Prose, "inline-code", "a name or command in running text")
		}
	}
}
