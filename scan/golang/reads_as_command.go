package golang

import (
	"go/ast"
	"slices"
	"strings"
)

// command reports whether the word begins something that reads as a command of the program: it stands at the start of a
// word of shell text, and a known subcommand or an option follows, in the same text or as the next word of a list.
func (e *classifier) command() bool {
	if !e.begins() {
		return false
	}
	rest := string(e.t.Src[e.at.End:max(e.at.End, e.text.End)])
	if rest != "" {
		if rest[0] != ' ' && rest[0] != '\t' {
			return false
		}
		fields := strings.Fields(rest)
		return len(fields) > 0 && e.subcommand(strings.Trim(fields[0], "\"'`)]};,."))
	}
	if len(e.path) < 2 {
		return false
	}
	var list []ast.Expr
	switch n := e.path[len(e.path)-2].(type) {
	case *ast.CallExpr:
		list = n.Args
	case *ast.CompositeLit:
		list = n.Elts
	}
	i := slices.Index(list, ast.Expr(e.lit))
	if i < 0 || i+1 >= len(list) {
		return false
	}
	next, ok := list[i+1].(*ast.BasicLit)
	return ok && e.subcommand(strings.Trim(next.Value, "\"`"))
}

// begins reports whether the word stands where a command may begin.
func (e *classifier) begins() bool {
	if string(e.t.Src[e.at.Start:e.at.End]) != e.pack.Program.Name {
		return false
	}
	before := string(e.t.Src[min(e.text.Start, e.at.Start):e.at.Start])
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	if i := strings.LastIndex(before, `\n`); i >= 0 && e.t.Src[e.text.Start-1] == '"' {
		before = before[i+2:]
	}
	before = strings.TrimSpace(before)
	if before == "" {
		return true
	}
	switch before[len(before)-1] {
	case ';', '&', '|', '(', '`', '{', '$', '!':
		return true
	}
	last := before[strings.LastIndexByte(before, ' ')+1:]
	return strings.Contains(last, "=") || slices.Contains([]string{"sudo", "exec", "time", "env", "then", "do", "else", "--"}, last)
}

// subcommand reports whether a word is what follows the program in a command.
func (e *classifier) subcommand(word string) bool {
	return strings.HasPrefix(word, "-") && len(word) > 1 || slices.Contains(e.pack.Program.Commands, word)
}

// token is the run of characters around the word that are no blanks, quotes or brackets.
func (e *classifier) token() string {
	ends := " \t\r\n\"'`()[]{}<>,;|"
	start, end := e.at.Start, e.at.End
	for start > e.text.Start && !strings.ContainsRune(ends, rune(e.t.Src[start-1])) {
		start--
	}
	for end < e.text.End && !strings.ContainsRune(ends, rune(e.t.Src[end])) {
		end++
	}
	return string(e.t.Src[start:end])
}
