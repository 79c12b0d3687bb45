package python

import (
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Explain says what the program's word at at is when no call that runs it was found: its class, the name of the rule
// that decided, and the reason for a person. The class is never one of a site. Src is the text of tree.
func Explain(tree *syntax.Tree, src []byte, at source.Span, pack *rules.Pack) (class site.Class, rule, reason string) {
	return site.Unexplained, pack.Program.Name + "/python-unexplained", ""
}

// Suspect reports whether the word at at begins a text or list that spells a command of the program and is given to a
// function whose name says that it runs what it is given. It is for a word that no known call reaches: such a place is a
// site for a person to decide, and the reason says so.
func Suspect(tree *syntax.Tree, src []byte, at source.Span, pack *rules.Pack) (reason string, ok bool) {
	return "", false
}
