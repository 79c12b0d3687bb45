package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// handed is a value that a command hands to something that may run it: make TOOL='tool --root x'.
type handed struct {
	at   source.Span // the program's name
	argv []string
}

// handedIn is the command in the value of a variable, in bytes of the text from byte from on. A value that is the program
// alone counts only when the variable's name says that it is run.
func (l *line) handedIn(variable, text string, from int) (handed, bool) {
	fields := strings.Fields(text[from:])
	if len(fields) == 0 {
		return handed{}, false
	}
	name := fields[0][strings.LastIndexByte(fields[0], '/')+1:]
	if name != l.pack.Program.Name {
		return handed{}, false
	}
	known := len(fields) > 1 && (slices.Contains(l.pack.Program.Commands, fields[1]) || strings.HasPrefix(fields[1], "-"))
	if !known && !(len(fields) == 1 && runsByName(variable, l.pack.Program.Name)) {
		return handed{}, false
	}
	at := from + strings.Index(text[from:], fields[0]) + len(fields[0]) - len(name)
	return handed{source.Span{Start: at, End: at + len(name)}, fields}, true
}

// runsByName reports whether the name of a variable says that its value is run.
func runsByName(variable, program string) bool {
	for _, part := range strings.FieldsFunc(strings.ToLower(variable), func(r rune) bool { return r == '_' || r == '-' }) {
		switch part {
		case program, "cmd", "command", "bin", "binary", "cli", "exe", "executable", "exec", "run", "runner", "tool":
			return true
		}
	}
	return false
}

// builds reports whether word i names a command that takes variables for the commands of its recipes.
func (l *line) builds(i int) bool {
	if name, _ := l.base(i); name != "" {
		return like(name, l.pack.Shell.Builders)
	}
	w := l.words[i]
	return len(w.Holes) == 1 && covered(w) && strings.Trim(w.Holes[0].Expr, "$(){}") == "MAKE"
}

// build reads the variables that a command such as make is given.
func (l *line) build(list []int) bool {
	if !l.builds(list[0]) {
		return false
	}
	l.inert, _ = l.base(list[0])
	l.kind = arguments
	for _, i := range list[1:] {
		name, _, ok := strings.Cut(l.text(i), "=")
		if !ok || !variableName(strings.TrimRight(name, ":?+")) {
			continue
		}
		if h, ok := l.handedIn(name, l.text(i), len(name)+1); ok {
			l.add(Use{
				Class: site.Invocation, Action: site.Review, Kind: "passed", Rule: l.rule("shell-variable"), Word: i, From: i, At: h.at, Whole: h.at,
				Argv: h.argv, Place: l.place, Reason: "a value that is handed to recipes, which run what " + name + " holds",
			})
		}
	}
	return true
}

// handedOn follows the assignments in front of a command that hands its environment to recipes: TOOL=tool make x.
func (r *reader) handedOn(list []*syntax.Assign, fields []field) {
	l := &line{words: []Word{fields[0].Word}, pack: r.pack}
	if len(list) == 0 || !l.builds(0) {
		return
	}
	for _, a := range list {
		if a.Name == nil || a.Value == nil {
			continue
		}
		for _, f := range r.single(a.Value) {
			if h, ok := l.handedIn(a.Name.Value, f.Text, 0); ok {
				r.noteAt(f, h.at, note{site.Invocation, "shell-variable", "a value that is handed to recipes, which run what " + a.Name.Value + " holds", reading.Install, false})
			}
		}
	}
}
