package commands

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// group is an application whose commands keep environments: it is there already, whole or in part.
type group struct {
	file     string // that makes it
	src      []byte
	name     string         // of the variable
	line     int            // 1-based, of its definition
	end      int            // byte behind the definition; 0 when that is not here
	commands map[string]int // by name: where its decorator or registration begins
	stacks   bool           // a function can be decorated as two commands
}

var (
	attached  = lazyregexp.New(`\.(?:add_typer|add_command)\(\s*([\w.]+)\s*,\s*(?:[^)]*\bname\s*=\s*)?["']venv["']`)
	decorated = lazyregexp.New(`(?m)^@(\w+)\.command\(\s*(?:["']([\w-]+)["'])?`)
	function  = lazyregexp.New(`(?m)^(?:async[ \t]+)?def[ \t]+(\w+)`)
	called    = lazyregexp.New(`(?m)^(\w+)\.command\(\s*["']([\w-]+)["'][^)]*\)\(`)
	single    = lazyregexp.New(`(?m)^@\w+\.(?:command|group)\(\s*["']venv["']|^@\w+\.(?:command|group)\(\)\s*\n(?:async[ \t]+)?def[ \t]+venv\(`)
)

// wanted are the commands that a group has in the end.
var wanted = []string{"update", "reset", "activate"}

// readGroup reads the commands that a file registers in one of its variables.
func readGroup(file string, src []byte, name string) (group, bool) {
	g := group{file: file, src: src, name: name, commands: map[string]int{}}
	for _, kind := range frameworks() {
		for _, m := range kind.made.FindAllSubmatchIndex(src, -1) {
			if string(src[m[2]:m[3]]) == name {
				g.line, g.end, g.stacks = 1+bytes.Count(src[:m[0]], []byte("\n")), kind.end(src, m[1]-1), kind.stacks
			}
		}
	}
	for _, m := range decorated.FindAllSubmatchIndex(src, -1) {
		f := function.FindSubmatch(src[m[1]:])
		switch {
		case string(src[m[2]:m[3]]) != name:
		case m[4] >= 0:
			g.commands[string(src[m[4]:m[5]])] = m[0]
		case f != nil:
			g.commands[strings.ReplaceAll(string(f[1]), "_", "-")] = m[0]
		}
	}
	for _, m := range called.FindAllSubmatchIndex(src, -1) {
		if string(src[m[2]:m[3]]) == name {
			g.commands[string(src[m[4]:m[5]])] = m[0]
		}
	}
	return g, g.end > 0
}

// keepsEnvironments reports whether a group that nobody named is the one of environments.
func (g group) keepsEnvironments() bool {
	_, update := g.commands["update"]
	_, activate := g.commands["activate"]
	_, shell := g.commands["shell"]
	return update && (activate || shell)
}

// missing are the commands that it lacks.
func (g group) missing() []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(c string) bool { _, there := g.commands[c]; return there })
}

// attachedGroup is the group that a file registers as "venv".
func attachedGroup(root *step.Root, file string, src []byte) (group, bool) {
	m := attached.FindSubmatch(src)
	if m == nil {
		return group{}, false
	}
	module, name, dotted := strings.Cut(string(m[1]), ".")
	if !dotted {
		if g, ok := readGroup(file, src, module); ok {
			return g, true
		}
	}
	for _, from := range importedAs(src, module) {
		where, variable := from[0], from[1]
		if dotted {
			where, variable = where+"."+variable, name
		}
		if g, ok := groupOf(root, strings.TrimLeft(where, "."), variable); ok {
			return g, true
		}
	}
	return group{file: file}, true
}

// groupOf reads a group in the module that a name stands for.
func groupOf(root *step.Root, module, variable string) (group, bool) {
	end := strings.ReplaceAll(module, ".", "/") + ".py"
	for _, f := range root.Files {
		if f == end || strings.HasSuffix(f, "/"+end) || path.Base(f) == path.Base(end) && !isTest(f) {
			if src, err := root.Read(f); err == nil {
				if g, ok := readGroup(f, src, variable); ok {
					return g, true
				}
			}
		}
	}
	return group{}, false
}

// alias is the edit that gives the command of one name another one.
func (g group) alias(of, name string) edit.Edit {
	at := g.commands[of]
	quote := `"`
	if bytes.Count(g.src, []byte("'")) > 2*bytes.Count(g.src, []byte(`"`)) {
		quote = "'"
	}
	return edit.Edit{Start: at, End: at, New: "@" + g.name + ".command(" + quote + name + quote + ")\n"}
}
