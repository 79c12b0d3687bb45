package commands

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// creation is where a function has made an instance.
type creation struct {
	line      int    // 1-based, the last that makes it
	end       int    // byte behind that line
	indent    string // of its statement
	directory string // expression of the instance's directory; empty where none can be used behind
}

var (
	fromDefaults = lazyregexp.New(`(?i)default|template|skel`)
	noInstance   = lazyregexp.New(`(?i)default|template|skel|te?mp|backup`)
	aDirectory   = lazyregexp.New(`(?i)(?:dir|directory|root|folder|instance)$`)
	pathInString = lazyregexp.New(`^([fF]?)(["'])(.+)/(?:config\.yml|\{(\w+)\})["']$`)
	onlyField    = lazyregexp.New(`^\{([\w.]+)\}$`)
	writes       = lazyregexp.New(`^_?(?:write|dump|save)`)
	toWrite      = lazyregexp.New(`["']w[bt+]*["']`)
	lists        = lazyregexp.New(`\.(?:iterdir|r?glob)\(|\b(?:listdir|scandir)\(`)
	word         = lazyregexp.New(`[A-Za-z_]\w*`)
)

// creation finds where a function copies or writes the configuration of a new instance.
func (f routine) creation() (made creation, ok bool) {
	var before syntax.Node
	for _, call := range f.calls() {
		directory, is := f.fills(call)
		if !is || noInstance.MatchString(directory) {
			continue
		}
		stmt := f.statement(call)
		if ok && (stmt.Parent() != before.Parent() || directory != made.directory) || usesAny(directory, bound(stmt)) {
			directory = ""
		}
		before, ok = stmt, true
		made = f.behind(onwards(stmt, directory), directory)
	}
	return made, ok
}

// behind is the line after a statement. A statement that shares its lines with others has none.
func (f routine) behind(stmt syntax.Node, directory string) creation {
	start := bytes.LastIndexByte(f.src[:stmt.Start()], '\n') + 1
	rest, _, found := bytes.Cut(f.src[stmt.End():], []byte("\n"))
	out := creation{line: 1 + bytes.Count(f.src[:stmt.End()], []byte("\n")), end: stmt.End() + len(rest) + 1, indent: string(f.src[start:stmt.Start()]), directory: directory}
	rest = bytes.TrimSpace(rest)
	if !found || strings.TrimSpace(out.indent) != "" || len(rest) > 0 && rest[0] != '#' || stmt.Kind() == "return_statement" || strings.Contains(directory, "\n") {
		out.end, out.directory = stmt.End(), ""
	}
	return out
}

// statement is the one that holds a call: a loop over the files that are copied, else the innermost.
func (f routine) statement(call syntax.Node) syntax.Node {
	stmt := call
	for n := call; n.OK() && n != f.node; n = n.Parent() {
		if n.Parent().Kind() == "block" && (stmt == call || n.Kind() == "for_statement" && f.overFiles(n)) {
			stmt = n
		}
	}
	return stmt
}

// onwards is the last of the statements behind one that write to the same directory.
func onwards(stmt syntax.Node, directory string) syntax.Node {
	for n := stmt.Next(); n.Kind() == "expression_statement" && directory != ""; n = n.Next() {
		called := last(n.First().Field("function"))
		if !writes.MatchString(called) && !strings.HasPrefix(called, "copy") || !strings.Contains(n.Text(), directory) {
			break
		}
		stmt = n
	}
	return stmt
}

// bound are the names that a loop gives values to.
func bound(stmt syntax.Node) (names []string) {
	if stmt.Kind() == "for_statement" {
		for _, n := range all(stmt.Field("left"), "identifier") {
			names = append(names, n.Text())
		}
	}
	return names
}

// usesAny reports whether an expression uses one of the names.
func usesAny(expr string, names []string) bool {
	return slices.ContainsFunc(word.FindAllString(expr, -1), func(w string) bool { return slices.Contains(names, w) })
}

// overFiles reports whether a loop goes over names of files, that of the configuration among them.
func (f routine) overFiles(loop syntax.Node) bool {
	over := loop.Field("right")
	return strings.Contains(over.Text(), "config.yml") || f.lists[last(over)] || lists.MatchString(over.Text()) && fromDefaults.MatchString(over.Text())
}

// fills reports whether a call copies or writes the configuration of a new instance, and to which directory.
func (f routine) fills(call syntax.Node) (directory string, ok bool) {
	called := call.Field("function")
	name := last(called)
	args := slices.DeleteFunc(call.Field("arguments").NamedChildren(), func(n syntax.Node) bool { return n.Is("keyword_argument", "comment") })
	switch {
	case strings.HasPrefix(name, "copy") && len(args) > 1:
		if !f.isDefault(args[0]) {
			return "", false
		}
		if directory, ok = f.folder(args[1]); ok {
			return directory, true
		}
		if _, ok = f.folder(args[0]); name == "copytree" || ok && f.isDirectory(args[1]) {
			return args[1].Text(), true
		}
		return "", ok && (args[1].Is("identifier", "attribute") || strings.Contains(args[1].Text(), "instance"))
	case len(args) > 0 && args[0].Is("list", "tuple"):
		return f.copies(args[0].NamedChildren())
	case writes.MatchString(name), name == "open" && toWrite.MatchString(call.Text()):
		if called.Kind() == "attribute" {
			args = append(args, called.Field("object"))
		}
		for _, n := range args {
			if directory, ok = f.folder(n); ok {
				return directory, fromDefaults.MatchString(f.node.Text())
			}
		}
	}
	return "", false
}

// isDefault reports whether what is copied is named for the defaults: the expression, what it is given, or what a loop goes over.
func (f routine) isDefault(n syntax.Node) bool {
	text := n.Text() + " " + f.value(n).Text()
	for loop := n.Ancestor("for_statement"); loop.OK(); loop = loop.Ancestor("for_statement") {
		if usesAny(n.Text(), bound(loop)) {
			text += " " + loop.Field("right").Text()
		}
	}
	return fromDefaults.MatchString(text)
}

// copies reports whether the words of a command copy the defaults, and to which directory.
func (f routine) copies(words []syntax.Node) (directory string, ok bool) {
	n := len(words) - 1
	if n < 2 || !fromDefaults.MatchString(words[n-1].Text()) || !slices.Contains([]string{"cp", "rsync"}, strings.Trim(words[0].Text(), `"'`)) {
		return "", false
	}
	if inner := words[n].Field("arguments").NamedChildren(); words[n].Field("function").Text() == "str" && len(inner) == 1 {
		return inner[0].Text(), true
	}
	return words[n].Text(), !words[n].Is("list_splat")
}

// isDirectory reports whether a name is that of a directory, or is given the path of what has no ending.
func (f routine) isDirectory(n syntax.Node) bool {
	right := f.value(n).Field("right")
	return aDirectory.MatchString(n.Text()) || right.OK() && !strings.Contains(right.Text(), ".") && n.Kind() == "identifier"
}

// folder is the directory of a path that ends in the name of the configuration, as an expression.
func (f routine) folder(path syntax.Node) (string, bool) {
	if inner := path.Field("arguments").NamedChildren(); path.Field("function").Text() == "str" && len(inner) == 1 {
		path = inner[0]
	}
	if inner := path.NamedChildren(); path.Kind() == "parenthesized_expression" && len(inner) == 1 {
		path = inner[0]
	}
	path = f.value(path)
	switch path.Kind() {
	case "binary_operator":
		return path.Field("left").Text(), f.isConfig(path.Field("right"))
	case "call":
		parts := path.Field("arguments").NamedChildren()
		n := len(parts) - 1
		if last(path.Field("function")) != "join" || n < 1 || !f.isConfig(parts[n]) {
			return "", false
		}
		if n == 1 {
			return parts[0].Text(), true
		}
		return path.Text()[:parts[n-1].End()-path.Start()] + ")", true
	case "string":
		m := pathInString.FindStringSubmatch(path.Text())
		if m == nil {
			return "", false
		}
		if names := all(path, "identifier"); m[4] != "" && (len(names) == 0 || !f.isConfig(names[len(names)-1])) {
			return "", false
		}
		if whole := onlyField.FindStringSubmatch(m[3]); whole != nil && m[1] != "" {
			return whole[1], true
		}
		return m[1] + m[2] + m[3] + m[2], true
	}
	return "", false
}

// value is what a name is given in the function, where that happens once.
func (f routine) value(n syntax.Node) syntax.Node {
	if n.Kind() != "identifier" {
		return n
	}
	given := slices.DeleteFunc(all(f.node, "assignment"), func(a syntax.Node) bool { return a.Field("left").Text() != n.Text() || !a.Field("right").OK() })
	if len(given) != 1 {
		return n
	}
	return given[0].Field("right")
}

// isConfig reports whether an expression is the name of the configuration, or what a loop goes over that names it.
func (f routine) isConfig(n syntax.Node) bool {
	if n.Kind() == "string" {
		return strings.Trim(n.Text(), `"'`) == "config.yml"
	}
	if n.Kind() == "attribute" && last(n) == "name" {
		n = n.Field("object")
	} else if n.Kind() == "call" && last(n.Field("function")) == "basename" {
		n = n.Field("arguments").First().Next()
	}
	for loop := n.Ancestor("for_statement"); n.Kind() == "identifier" && loop.OK(); loop = loop.Ancestor("for_statement") {
		if slices.Contains(bound(loop), n.Text()) {
			return f.overFiles(loop)
		}
	}
	return false
}
