package requirements

import (
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// What is installed for one purpose is no default of all instances: what a file is called, or a comment says, shows it.
var (
	purposes = lazyregexp.New(`(?i)(?:^|[/._-])(experiment(?:s|al)?|sandbox|playground|spike|docs?|documentation|readthedocs)(?:[/._-]|$)`)
	only     = lazyregexp.New(`(?i)\b(?:(?:only|just|meant)\b[^.;,]{0,60}|for (?:the |our |an? )?)\b(experiments?|documentation|docs)\b`)
)

// purpose is the one that a file's name, or the comment at its head, gives; empty when it has none.
func purpose(file string, src []byte) string {
	if m := purposes.FindStringSubmatch(file); m != nil {
		return strings.ToLower(m[1])
	}
	var head []string
	for line := range strings.SplitSeq(string(src), "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") {
			break
		}
		if !strings.HasPrefix(line, "#!") {
			head = append(head, strings.TrimLeft(line, "# "))
		}
	}
	return said("# " + strings.Join(head, " "))
}

// said is the purpose that a comment gives; empty when it gives none.
func said(comment string) string {
	if m := only.FindStringSubmatch(comment); m != nil {
		return strings.ToLower(m[1])
	}
	return ""
}

// setApart keeps the pins of a file that are there for one purpose only, and reports them.
func (s *survey) setApart(src *origin, text []byte) {
	whole := ""
	if src.kind != inDockerfile && !isPipeline(src.file.Path) {
		whole = purpose(src.file.Path, text)
	}
	apart := map[string][]*pin{}
	for _, p := range src.pins {
		why := whole
		if why == "" {
			why = said(strings.Join(append(p.Above, p.Note), " "))
		}
		if why != "" && p.kept == "" {
			p.kept, p.silent = "it is there for one purpose only: "+why, true
			apart[why] = append(apart[why], p)
		}
	}
	for _, why := range sortedKeys(apart) {
		var names []string
		for _, p := range apart[why] {
			names = append(names, p.Text)
		}
		if strings.HasPrefix(why, "doc") || why == "readthedocs" {
			s.note(step.Kept, src.file, apart[why][0].Line, list(names)+" stays: it is there for the documentation, and no default of new instances")
			continue
		}
		s.note(step.Decide, src.file, apart[why][0].Line, fmt.Sprintf("what is for one purpose only (%s) is no default of new instances: %s stays; write it to the requirements of the instance that needs it, and take it out here", why, list(names)))
	}
}
