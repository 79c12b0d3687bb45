package python

import (
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Suspect reports whether the word at at begins a text or list that spells a command of the program and is given to a
// function whose name says that it runs what it is given. It is for a word that no known call reaches: such a place is a
// site for a person to decide, and the reason says so.
func Suspect(tree *syntax.Tree, src []byte, at source.Span, pack *rules.Pack) (reason string, ok bool) {
	r := &reader{tree: tree, src: src, at: at, pack: pack, program: pack.Program.Name}
	for p := tree.At(at.Start); p.OK(); p = p.Parent() {
		switch p.Kind() {
		case "string":
			if r.alone(p) {
				return "", false
			}
			return r.suspect(p)
		case "comment", "interpolation":
			return "", false
		}
	}
	return "", false
}
