package python

import (
	"bytes"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

var (
	oldInterpreter = lazyregexp.New(`^#!.*python(?:2(?:\.\d+)?|3\.[0-5])(?:\s|$)`)
	oldExcept      = lazyregexp.New(`(?m)^[ \t]*except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:`)
)

// Old says why a file is for an interpreter that reads neither annotations nor f-strings, which is every one before 3.6;
// empty when nothing in it tells so.
func Old(tree *syntax.Tree) string {
	first, _, _ := bytes.Cut(tree.Src, []byte("\n"))
	switch {
	case oldInterpreter.Match(bytes.TrimRight(first, "\r")):
		return "its first line names an interpreter before Python 3.6, whose syntax the fix would not be: change it by hand"
	case oldExcept.Match(tree.Src), tree.Has("print_statement", "exec_statement"):
		return "it is written in Python 2, whose syntax the fix would not be: change it by hand"
	}
	return ""
}
