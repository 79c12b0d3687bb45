package step

import (
	"bytes"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// WorkspaceCommand is a command of Grove's command line, however a job starts it: what starts it, the command and its words.
var WorkspaceCommand = lazyregexp.New(`(?m)(?:^|[\s;&|'"(])((?:[\w./${}-]*/)?grove(?:\.sh)?|(?:python3? +)?(?:[\w./${}-]*/)?cli\.py)[ \t]+([a-z][\w-]*)((?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|[^\s;&|"']+))*)`)

var saysOnly = lazyregexp.New(`(?:^|[\s;&|"'-])(?:echo|printf|#)`)

// CommandLine is how a pipeline starts Grove's command line; empty where it does not. What a line only says starts nothing.
func CommandLine(src []byte) string {
	if !bytes.Contains(src, []byte("grove")) && !bytes.Contains(src, []byte("cli.py")) {
		return "" // a pipeline may have hundreds of files
	}
	for _, m := range WorkspaceCommand.FindAllSubmatchIndex(src, -1) {
		line := src[bytes.LastIndexByte(src[:m[2]], '\n')+1 : m[2]]
		if !saysOnly.Match(line) {
			return string(src[m[2]:m[3]])
		}
	}
	return ""
}
