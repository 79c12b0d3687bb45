package shell

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// fills notes the characters that stand for what a wrapper reads, as its options say: xargs -I% and xargs -I %.
func (l *line) fills(w *rules.Wrapper, options []int) {
	for n, i := range options {
		for _, o := range w.Fills {
			after, ok := strings.CutPrefix(l.text(i), o)
			switch {
			case !ok, strings.HasPrefix(o, "--") && after != "" && after[0] != '=':
			case strings.TrimPrefix(after, "=") != "":
				l.filler = strings.TrimPrefix(after, "=")
			case o == "-I" && n+1 < len(options):
				l.filler = l.text(options[n+1])
			default:
				l.filler = "{}"
			}
		}
	}
}

// behindEnv reports whether the command has to be run by env when its root directory becomes a part of its first word: what
// xargs reads is filled into the words behind the name of the command that it runs, not into the name.
func (l *line) behindEnv(head int) bool {
	if l.root == nil || l.filler == "" || head != l.filled {
		return false
	}
	return strings.Contains(l.text(l.root.Word)[l.root.At.Start:l.root.At.End], l.filler)
}
