package python

import (
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Names are the expressions in scope at at that hold an instance's name, as the pack's names and environment variables
// tell them, nearest first. Owner is the function that holds the place, as "Class.method" or "function", and ownerAt its
// bytes; they are empty at the top level.
func Names(tree *syntax.Tree, at source.Span, pack *rules.Pack) (names []site.Name, owner string, ownerAt source.Span) {
	return nil, "", source.Span{}
}
