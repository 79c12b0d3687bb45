package commands

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// application is a Typer application, a group of Click or the commands of an argparse parser, and where a group of commands is registered in it.
type application struct {
	framework
	file   string
	src    []byte
	name   string // of the variable
	line   int    // 1-based, of its definition
	indent string // of the definition
	end    int    // byte behind the definition and the calls that register groups
	dir    string // where modules are added
	prefix string // of what they are imported by, "grove."
	module string // what the tests import the application from
	tests  string // directory of the tests, empty when there is none
}

var (
	registered = lazyregexp.New(`(?m)^(\w+)\.add_(?:typer|command)\(\s*(\w+)`)
	imported   = lazyregexp.New(`(?m)^from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n(\\]*)\r?\n`)
	used       = lazyregexp.New(`(?m)^[ \t]*@?(\w+)(?:\.command|\.callback|\.group|\.add_typer|\.add_command)?\(|\b(\w+)\.add_parser\(`)
)

// found is what a root has of command lines.
type found struct {
	apps     []application // those that are no group of another one
	group    *group        // of environments, whether it is registered or not
	attached bool          // it is
	single   edit.Place    // a command called venv that is no group, if there is one
	other    string        // a command line that is made with something else: "cli.py, with Click"
}

// find looks for applications, and for what they have of the commands already.
func find(root *step.Root) found {
	var out found
	grouped := map[string]bool{}
	for _, file := range root.Files {
		if path.Ext(file) != ".py" || isTest(file) {
			continue
		}
		src, err := root.Read(file)
		if err != nil {
			continue
		}
		if m := otherKind.FindSubmatch(src); m != nil && out.other == "" {
			out.other = file + ", with " + string(m[1])
		}
		if !makesCommands.Match(src) {
			continue
		}
		if addsVenv.Match(src) {
			out.group, out.attached = &group{file: file}, true
			return out
		}
		if g, ok := attachedGroup(root, file, src); ok {
			out.group, out.attached = &g, true
			return out
		}
		if m := single.Compiled().FindIndex(src); m != nil {
			out.single = edit.Place{File: edit.File{Root: root.Key, Path: file}, Line: 1 + bytes.Count(src[:m[0]], []byte("\n")), Column: 1}
		}
		for _, m := range registered.FindAllSubmatch(src, -1) {
			grouped[file+":"+string(m[2])] = true
			for _, from := range importedAs(src, string(m[2])) {
				grouped[from[0][strings.LastIndexByte(from[0], '.')+1:]+":"+from[1]] = true
				grouped["module:"+from[1]] = true
			}
		}
		out.add(file, src)
	}
	out.apps = slices.DeleteFunc(out.apps, func(a application) bool {
		stem := strings.TrimSuffix(path.Base(a.file), ".py")
		return grouped[a.file+":"+a.name] || grouped[stem+":"+a.name] || grouped["module:"+stem]
	})
	parses := func(a application) bool { return a.export == "add_venv" }
	if slices.ContainsFunc(out.apps, func(a application) bool { return !parses(a) }) { // scripts beside the command line read their options with argparse
		out.apps = slices.DeleteFunc(out.apps, parses)
	}
	for i := range out.apps {
		out.apps[i].settle(root)
	}
	return out
}

// otherKind is the beginning of a command line that is made with neither Typer nor Click.
var otherKind = lazyregexp.New(`(?m)^(?:import|from)[ \t]+(argparse|docopt|fire)\b`)

var makesCommands = lazyregexp.New(`Typer\(|\.add_typer\(|[@.]group\(|\.add_command\(|\.add_subparsers\(`)

// addsVenv is a parser that has the commands already.
var addsVenv = lazyregexp.New(`\badd_venv\(|\.add_parser\(\s*["']venv["']`)

// add takes in the applications that a file makes; one that keeps environments is the group.
func (f *found) add(file string, src []byte) {
	for _, kind := range frameworks() {
		for _, m := range kind.made.FindAllSubmatchIndex(src, -1) {
			a := application{framework: kind, file: file, src: src, name: string(src[m[2]:m[3]]), line: 1 + bytes.Count(src[:m[0]], []byte("\n"))}
			a.indent = string(src[m[0] : m[0]+len(src[m[0]:])-len(bytes.TrimLeft(src[m[0]:], " \t"))])
			if a.end = kind.end(src, m[1]-1); a.end == 0 || !a.commands() {
				continue
			}
			if g, ok := readGroup(file, src, a.name); ok && g.keepsEnvironments() {
				f.group = &g
				continue
			}
			f.apps = append(f.apps, a)
		}
	}
}

func isTest(file string) bool {
	base := path.Base(file)
	return strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") || base == "conftest.py" || strings.Contains("/"+file, "/tests/")
}

// importedAs are the modules that a file imports a name from, each with what it is called there.
func importedAs(src []byte, name string) (out [][2]string) {
	for _, m := range imported.FindAllSubmatch(src, -1) {
		for _, item := range strings.Split(strings.Trim(string(m[2]), "() \t\r\n"), ",") {
			if words := strings.Fields(item); len(words) > 0 && words[len(words)-1] == name {
				out = append(out, [2]string{string(m[1]), words[0]})
			}
		}
	}
	return out
}

// commands reports whether anything is registered in the application.
func (a application) commands() bool {
	for _, m := range used.FindAllSubmatch(a.src, -1) {
		if string(m[1]) == a.name || string(m[2]) == a.name {
			return true
		}
	}
	return false
}

// settle finds where modules and tests go, and where the group is registered.
func (a *application) settle(root *step.Root) {
	for _, m := range registered.FindAllSubmatchIndex(a.src, -1) {
		if string(a.src[m[2]:m[3]]) == a.name {
			if open := m[0] + bytes.IndexByte(a.src[m[0]:], '('); statementEnd(a.src, open) > a.end {
				a.end, a.registration = statementEnd(a.src, open), strings.TrimLeft(a.registration, "\n")
			}
		}
	}
	a.dir = path.Dir(a.file)
	a.module = strings.TrimSuffix(path.Base(a.file), ".py")
	if pack := path.Base(a.dir); root.Has(path.Join(a.dir, "__init__.py")) || a.importsFrom(pack) || a.importsFrom("") { // a namespace package has no file of its own
		a.prefix, a.module = pack+".", pack+"."+a.module
	} else if pack := a.uses(root); pack != "" {
		a.prefix, a.dir = pack+".", path.Join(a.dir, pack)
	}
	a.tests = testsOf(root, path.Dir(a.file))
}

// importsFrom reports whether the file imports from a package of that name.
func (a *application) importsFrom(pack string) bool {
	return slices.ContainsFunc(imported.FindAllSubmatch(a.src, -1), func(m [][]byte) bool {
		first, _, _ := strings.Cut(string(m[1]), ".")
		return first == pack
	})
}

// uses is the package beside the module that it imports from, or nothing. A namespace package has no file of its own.
func (a *application) uses(root *step.Root) string {
	for _, m := range imported.FindAllSubmatch(a.src, -1) {
		pack, _, _ := strings.Cut(string(m[1]), ".")
		below := path.Join(path.Dir(a.file), pack) + "/"
		if pack != "" && slices.ContainsFunc(root.Files, func(f string) bool { return strings.HasPrefix(f, below) && path.Ext(f) == ".py" }) {
			return pack
		}
	}
	return ""
}

// testsOf is the directory of tests nearest to dir: in it, or beside it.
func testsOf(root *step.Root, dir string) string {
	for _, base := range []string{dir, path.Dir(dir)} {
		for _, name := range []string{"tests", "test"} {
			at := path.Join(base, name)
			if slices.ContainsFunc(root.Files, func(f string) bool { return path.Dir(f) == at && isTest(f) && path.Ext(f) == ".py" }) {
				return at
			}
		}
		if dir == "." {
			break
		}
	}
	return ""
}

// register are the edits that import the group and add it, in the manner of the file.
func (a application) register(module, variable string) []edit.Edit {
	newline := source.Newline(a.src)
	group := "venv"
	if variable == "add_venv" {
		group = variable
	} else if lazyregexp.New(`\bvenv\b`).Match(a.src) {
		group = "venv_commands"
	}
	quote := `"`
	if bytes.Count(a.src, []byte("'")) > 2*bytes.Count(a.src, []byte(`"`)) {
		quote = "'"
	}
	at := a.importsEnd(module)
	what := variable + " as " + group
	if variable == group {
		what = group
	}
	line := "from " + a.rendered(module) + " import " + what + newline
	call := strings.NewReplacer("APP", a.name, "GROUP", group, "NAME", quote+"venv"+quote, "\n", newline).Replace(a.indent + a.registration)
	return []edit.Edit{{Start: at, End: at, New: line, Additive: true}, {Start: a.end, End: a.end, New: call}}
}

// rendered is how the file names a module of its own package: relative when its other imports are.
func (a application) rendered(module string) string {
	for _, m := range imported.FindAllSubmatch(a.src, -1) {
		if bytes.HasPrefix(m[1], []byte(".")) && strings.HasPrefix(a.module, a.prefix) && a.prefix != "" {
			return "." + strings.TrimPrefix(module, a.prefix)
		}
	}
	return module
}

// importsEnd is where the import goes: sorted among those of the package, else behind the last import.
func (a application) importsEnd(module string) int {
	before := bytes.Index(a.src, []byte(a.name+" "))
	if m := a.made.FindIndex(a.src); m != nil {
		before = m[0]
	}
	rendered, at := a.rendered(module), -1
	own, _, _ := strings.Cut(rendered, ".")
	for _, m := range imported.FindAllSubmatchIndex(a.src, -1) {
		if m[0] >= before {
			break
		}
		name := string(a.src[m[2]:m[3]])
		if first, _, _ := strings.Cut(name, "."); first == own && name > rendered {
			return m[0]
		}
		at = m[1]
	}
	if at < 0 {
		for _, m := range lazyregexp.New(`(?m)^import [^\n]*\n`).FindAllIndex(a.src[:before], -1) {
			at = m[1]
		}
	}
	return max(at, 0)
}

// statementEnd is the byte behind the line on which the parenthesis that opens at open is closed, 0 when none closes it.
func statementEnd(src []byte, open int) int {
	depth := 0
	for i := open; i < len(src); i++ {
		switch c := src[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				if n := bytes.IndexByte(src[i:], '\n'); n >= 0 {
					return i + n + 1
				}
				return 0
			}
		case '#':
			for i < len(src) && src[i] != '\n' {
				i++
			}
		case '"', '\'':
			for i++; i < len(src) && src[i] != c && src[i] != '\n'; i++ {
				if src[i] == '\\' {
					i++
				}
			}
		}
	}
	return 0
}
