package golang

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Explain says what the program's word at at is when no call that runs it was found: its class, the name of the rule
// that decided, and the reason for a person. The class is never one of a site.
func (t *Tree) Classify(at source.Span, pack *rules.Pack) (class site.Class, rule, reason string) {
	e := t.classifier(at, pack)
	class, rule, reason = e.classify()
	return class, pack.Program.Name + "/go-" + rule, reason
}

// Suspect reports whether the word at at begins a text or list that writes a command of the program and is given to a
// function whose name says that it runs what it is given. It is for a word that no known call reaches: such a place is a
// site for a person to decide, and the reason says so.
func (t *Tree) Suspect(at source.Span, pack *rules.Pack) (reason string, ok bool) {
	e := t.classifier(at, pack)
	if e.lit == nil || !site.ReadsAsCall(e.t.Src, e.at, &e.pack.Program) {
		return "", false
	}
	for i := len(e.path) - 2; i >= 0; i-- {
		switch n := e.path[i].(type) {
		case *ast.FuncDecl, *ast.FuncLit, *ast.BlockStmt, *ast.GenDecl:
			return "", false
		case *ast.CallExpr:
			name := e.callee(n)
			if e.listed(e.lang.Messages, name) || e.listed(e.lang.Inert, name) {
				return "", false
			}
			if last := name[strings.LastIndexByte(name, '.')+1:]; runLike(last) {
				return "the text reads as a command of " + pack.Program.Name + " and is given to " + last + ", which nobody could follow: a person must look", true
			}
		}
	}
	return "", false
}

// runLike reports whether a function's name says that it runs what it is given.
func runLike(name string) bool {
	for _, part := range words(name) {
		switch part {
		case "run", "runs", "exec", "execute", "system", "sh", "shell", "bash", "spawn", "popen", "cmd", "command", "commands",
			"invoke", "ssh", "output", "capture", "remote", "script", "sudo", "process", "launch":
			return true
		}
	}
	return false
}

// words are the parts of a name in lower case: RunCommand is run and command.
func words(name string) []string {
	var out []string
	start := 0
	for i := 1; i <= len(name); i++ {
		if i == len(name) || name[i] == '_' || upper(name[i]) && (!upper(name[i-1]) || i+1 < len(name) && lower(name[i+1])) {
			out = append(out, strings.ToLower(strings.Trim(name[start:i], "_")))
			start = i
		}
	}
	return out
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func lower(c byte) bool { return 'a' <= c && c <= 'z' }

// classifier looks at one occurrence.
type classifier struct {
	t    *Tree
	at   source.Span
	pack *rules.Pack
	lang rules.Language
	path []ast.Node    // the nodes around the word, the outermost first
	lit  *ast.BasicLit // the string literal that holds it, or nil
	text source.Span   // between the literal's quotes
}

func (t *Tree) classifier(at source.Span, pack *rules.Pack) *classifier {
	e := &classifier{t: t, at: at, pack: pack, lang: pack.Languages["go"], path: t.path(at.Start)}
	if n := len(e.path); n > 0 {
		if lit, ok := e.path[n-1].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			e.lit = lit
			e.text = t.Span(lit)
			e.text.Start, e.text.End = e.text.Start+1, max(e.text.Start+1, e.text.End-1)
		}
	}
	return e
}

func (e *classifier) comment() bool {
	for _, g := range e.t.File.Comments {
		if e.t.Span(g).Covers(e.at) {
			return true
		}
	}
	return false
}

func (e *classifier) classify() (site.Class, string, string) {
	switch {
	case e.comment():
		return site.Comment, "comment", "a comment"
	case e.lit == nil && len(e.path) > 0 && e.named():
		return site.Identifier, "name", "a name in code"
	case e.lit == nil:
		return site.Unexplained, "unexplained", "the code around it could not be read"
	}
	if class, rule, reason := e.role(); class != "" {
		return class, rule, reason
	}
	token := e.token()
	switch {
	case strings.Contains(token, "://"):
		return site.Data, "data", "a part of the address " + token
	case strings.Contains(token, "/") || strings.HasPrefix(token, "~"):
		return site.Path, "path", "a part of the path " + token
	case site.ReadsAsCall(e.t.Src, e.at, &e.pack.Program):
		return site.Unexplained, "unexplained", "the text reads as a command of " + e.pack.Program.Name + ", but no call that runs it was found"
	case path.Ext(token) != "" && len(path.Ext(token)) < 6 && !strings.HasSuffix(token, "."):
		return site.Path, "path", "the file name " + token
	case strings.ContainsAny(token, "-=:"):
		return site.Data, "data", "a part of " + token + ", a value that is not run"
	}
	return site.Data, "data", "a value that is neither run nor shown"
}

func (e *classifier) named() bool {
	_, ok := e.path[len(e.path)-1].(*ast.Ident)
	return ok
}

// role says what the place of the literal makes of it; the class is empty when the place tells nothing.
func (e *classifier) role() (site.Class, string, string) {
	for i := len(e.path) - 2; i >= 0; i-- {
		below := e.path[i+1]
		switch n := e.path[i].(type) {
		case *ast.ImportSpec:
			return site.Import, "import", "a package that is imported"
		case *ast.Field:
			return site.Identifier, "name", "the tag of a field"
		case *ast.IndexExpr:
			if n.Index == below {
				return site.Identifier, "name", "a key that is looked up"
			}
		case *ast.KeyValueExpr:
			if n.Key == below {
				return site.Identifier, "name", "a key"
			}
			if id, ok := n.Key.(*ast.Ident); ok && messageName(id.Name) {
				return site.Message, "message", "the text of " + id.Name
			}
		case *ast.BinaryExpr:
			if n.Op != token.ADD {
				return site.Data, "data", "a value that is compared"
			}
		case *ast.CaseClause:
			if expr, ok := below.(ast.Expr); ok && slices.Contains(n.List, expr) {
				return site.Data, "data", "a value that is compared"
			}
		case *ast.CallExpr:
			if class, rule, reason := e.argument(n, below); class != "" {
				return class, rule, reason
			}
		case *ast.ValueSpec:
			return e.assigned(n.Names[0].Name)
		case *ast.AssignStmt:
			if len(n.Lhs) > 0 {
				return e.assigned(e.t.rendered(n.Lhs[0]))
			}
		case *ast.FuncLit, *ast.FuncDecl, *ast.BlockStmt:
			return "", "", ""
		}
	}
	return "", "", ""
}

func (t *Tree) rendered(n ast.Node) string {
	s := t.Span(n)
	return string(t.Src[s.Start:s.End])
}

func (e *classifier) assigned(name string) (site.Class, string, string) {
	name = name[strings.LastIndexByte(name, '.')+1:]
	if messageName(name) {
		return site.Message, "message", "the text of " + name
	}
	return "", "", ""
}

// argument says what a call makes of the literal among its arguments.
func (e *classifier) argument(call *ast.CallExpr, below ast.Node) (site.Class, string, string) {
	if call.Fun == below {
		return "", "", ""
	}
	name := e.callee(call)
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case e.listed(e.lang.Messages, name):
		return site.Message, "message", "text that " + last + " shows"
	case e.listed(e.lang.Inert, name):
		return site.Data, "data", "an argument of " + last + ", which runs nothing"
	case compares(name):
		return site.Data, "data", "a value that is compared"
	case paths(name):
		return site.Path, "path", "part of a file's path: " + name
	}
	return "", "", ""
}

func compares(name string) bool {
	switch name {
	case "strings.HasPrefix", "strings.HasSuffix", "strings.Contains", "strings.EqualFold", "strings.Index", "strings.Count",
		"strings.TrimPrefix", "strings.TrimSuffix", "strings.Replace", "strings.ReplaceAll", "strings.Cut", "strings.CutPrefix",
		"bytes.Contains", "bytes.HasPrefix", "slices.Contains", "regexp.MustCompile", "regexp.Compile", "regexp.MatchString":
		return true
	}
	return false
}

// paths reports whether a function of the standard library takes paths of files.
func paths(name string) bool {
	pkg, fn, _ := strings.Cut(name, ".")
	switch pkg {
	case "filepath", "path":
		return true
	case "os":
		switch fn {
		case "Open", "OpenFile", "Create", "Stat", "Lstat", "ReadFile", "ReadDir", "Mkdir", "MkdirAll", "MkdirTemp", "CreateTemp",
			"Remove", "RemoveAll", "Rename", "Chdir", "Chmod", "Chown", "Symlink", "Readlink", "DirFS", "CopyFS", "OpenRoot":
			return true
		}
	}
	return false
}

// messageName reports whether a variable, field or key of that name holds text for a person.
func messageName(name string) bool {
	for _, part := range words(name) {
		switch part {
		case "usage", "help", "message", "messages", "msg", "description", "desc", "summary", "title", "text", "error", "errors",
			"warning", "hint", "notice", "note", "label", "prompt", "doc", "docs", "short", "long", "example", "examples", "banner", "footer":
			return true
		}
	}
	return false
}

// callee is the full name of what a call calls: the package's name and the function's, or the variable's and the method's.
func (e *classifier) callee(call *ast.CallExpr) string {
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		switch x := fn.X.(type) {
		case *ast.Ident:
			return x.Name + "." + fn.Sel.Name
		case *ast.SelectorExpr:
			return x.Sel.Name + "." + fn.Sel.Name
		case *ast.CallExpr:
			inner := e.callee(x)
			return inner[strings.LastIndexByte(inner, '.')+1:] + "." + fn.Sel.Name
		}
		return "." + fn.Sel.Name
	}
	return ""
}

// listed reports whether a call is among patterns such as "fmt.Print*", "*.Fatalf".
func (e *classifier) listed(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}
