package shell

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
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

// searchesInstances notes whether find looks in the directory of the instances, so that {} is one of them.
func (l *line) searchesInstances(operands []int) {
	in := l.pack.Instance
	for _, i := range operands {
		text := l.text(i)
		if strings.HasPrefix(text, "-") || text == "(" || text == "!" {
			return
		}
		last := lastOf(strings.TrimRight(text, "/"))
		hole := slices.ContainsFunc(l.words[i].Holes, func(h source.Hole) bool {
			return h.End == len(strings.TrimRight(text, "/")) && h.Start == len(text)-len(last) && namesDir(h.Expr, in)
		})
		l.searches = l.searches || last == in.Dir || hole
	}
}

// unfilled says why the root directory of a command cannot become the path of its first word: what stands for a part of
// it is not filled in there, or stands for all of it, which may be anything.
func (l *line) unfilled(head int) string {
	if l.root == nil {
		return ""
	}
	root := l.text(l.root.Word)[l.root.At.Start:l.root.At.End]
	switch {
	case l.filler != "" && head == l.filled && strings.Contains(root, l.filler):
		return "xargs does not fill in " + l.filler + " in the name of the command that it runs: put env before it, or run it with sh -c, and name the instance's environment there"
	case root == "{}" && l.filler == "" && l.searches && root != l.text(l.root.Word):
		return "" // the command itself counts on find to fill in a part of a word
	case root == "{}" || l.filler != "" && root == l.filler:
		return "its root directory is what " + root + " stands for when it runs, which need not be an instance's: name the instance's environment by hand"
	}
	return ""
}
