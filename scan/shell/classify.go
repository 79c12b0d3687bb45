package shell

import (
	"cmp"
	"path"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// runner follows the interpreter of a programming language: a module that it runs, or code that it is given.
func (l *line) runner(name string, list []int) bool {
	for _, r := range l.pack.Shell.Runners {
		if !like(name, r.Names) {
			continue
		}
		l.inert, l.kind = name, arguments
		for at := 1; at < len(list); {
			text := l.text(list[at])
			switch {
			case r.Module != "" && at+1 < len(list) && (text == r.Module || moduleLetters(text, r.Module)):
				l.module(list, at+1)
				return true
			case r.Code != "" && (text == r.Code || moduleLetters(text, r.Code)) && at+1 < len(list):
				l.code(r, list[at+1])
				return true
			case !strings.HasPrefix(text, "-"): // a script, which may run what it is given
				l.inert, l.kind = text, unknown
				if at == len(list)-1 || r.Program {
					l.kind = arguments
				}
				if r.Program {
					l.code(r, list[at])
				} else {
					l.passed(list[at:])
				}
				return true
			}
			at += l.width(list, at, r.Options)
		}
		return true
	}
	return false
}

// moduleLetters reports whether text is letters that end with the module option: -Im.
func moduleLetters(text, option string) bool {
	return len(text) > 2 && text[0] == '-' && text[1] != '-' && len(option) == 2 && text[len(text)-1] == option[1]
}

// module reads the command that runs the module named by list[at].
func (l *line) module(list []int, at int) {
	i := list[at]
	top, _, _ := strings.Cut(l.text(i), ".")
	if !slices.Contains(l.pack.Program.Modules, top) || len(l.words[i].Holes) > 0 {
		l.run(list[at:])
		return
	}
	spans := site.Find([]byte(l.text(i)), l.pack.Program.Name)
	if len(spans) == 0 {
		return
	}
	l.option(list[at+1:])
	u := Use{
		Class: site.Invocation, Action: site.Rewrite, Kind: "module", Rule: l.rule("shell-module"), Word: i, From: list[0],
		At: spans[0], Whole: source.Span{End: len(l.text(i))}, Argv: append([]string{l.pack.Program.Name}, l.argv(list[at+1:])...),
		Root: l.root, Place: l.place, Reason: "runs " + l.pack.Program.Name + " as a module of " + l.text(list[0]),
	}
	switch interpreter := l.text(list[0]); {
	case l.environment(list[0], strings.LastIndexByte(interpreter, '/')+1) == instanceEnv:
		u.Action, u.Rule, u.Reason = site.Done, l.rule("shell-done"), "runs the environment of an instance already"
	case l.active != "" && !strings.Contains(interpreter, "/"):
		u.Action, u.Rule, u.Reason = site.Done, l.rule("shell-done"), l.active
	case l.own != "" || strings.Contains(interpreter, "/"):
		u.Action = site.Review
		u.Reason += ", whose environment is no instance's"
	}
	l.add(u)
}

// code explains the program's name in code of another language.
func (l *line) code(r rules.Runner, i int) {
	text := l.text(i)
	runs := slices.ContainsFunc(r.Runs, func(w string) bool { return strings.Contains(text, w) })
	for _, s := range site.Find([]byte(text), l.pack.Program.Name) {
		u := Use{
			Class: site.Data, Kind: "code", Rule: l.rule("shell-data"), Word: i, From: i, At: s, Whole: s,
			Reason: "a value in code in " + r.Language + " that runs nothing",
		}
		switch {
		case importing(text, l.pack.Program.Name):
			u.Class, u.Rule, u.Reason = site.Import, l.rule("shell-import"), "code in "+r.Language+" that uses the package"
		case runs && text[s.Start:s.End] == l.pack.Program.Name:
			u.Class, u.Action, u.Rule = site.Invocation, site.Review, l.rule("shell-command")
			u.Reason = "code in " + r.Language + " that is given to the interpreter in the shell may run it"
		}
		l.add(u)
	}
}

// importing reports whether code imports the program's package.
func importing(text, program string) bool {
	for _, s := range site.Find([]byte(text), program) {
		before := strings.TrimRight(text[:s.Start], " \t")
		if strings.HasSuffix(before, "import") || strings.HasSuffix(before, "from") || strings.HasSuffix(before, "require") {
			return true
		}
	}
	return strings.Contains(text, "importlib") || strings.Contains(text, "pkg_resources")
}

// lookup recognises a command that finds executables.
func (l *line) lookup(list []int) bool {
	for _, k := range l.pack.Shell.Lookups {
		for _, name := range k.Names {
			n := l.named(name, list, nil)
			if n == 0 || len(k.Needs) > 0 && !l.anyOption(list[n:], k.Needs) {
				continue
			}
			l.inert, l.kind = name, found
			for _, i := range list[n:] {
				l.find(i, name)
			}
			return true
		}
	}
	return false
}

// anyOption reports whether one of the options is given, alone or among other letters.
func (l *line) anyOption(list []int, options []string) bool {
	for _, i := range list {
		text := l.text(i)
		if !strings.HasPrefix(text, "-") {
			return false
		}
		for _, o := range options {
			if given(text, o) {
				return true
			}
		}
	}
	return false
}

// find records that word i is looked up, when it is the program.
func (l *line) find(i int, by string) {
	base, at := l.base(i)
	if base != l.pack.Program.Name {
		return
	}
	u := Use{
		Class: site.Lookup, Action: site.Rewrite, Kind: "lookup", Rule: l.rule("shell-lookup"), Word: i, From: i,
		At: source.Span{Start: at, End: len(l.text(i))}, Whole: source.Span{End: len(l.text(i))}, Argv: l.argv([]int{i}),
		Root: l.root, Place: l.place, Reason: by + " finds the executable without running it",
	}
	reason := u.Reason
	l.judge(&u)
	if u.Action == site.Rewrite {
		u.Reason = reason
	}
	l.add(u)
}

// install recognises a command that installs packages.
func (l *line) install(list []int) bool {
	w, name, _ := l.match(l.pack.Shell.Installers, list)
	if w == nil {
		return false
	}
	l.inert, l.kind = name, installed
	return true
}

// passed looks for the program among the words of a command that is not known: it may run its words.
func (l *line) passed(list []int) {
	if l.kind != unknown {
		return
	}
	if like(l.inert, l.pack.Shell.Suspects) {
		l.suspected(list[1:])
	}
	for n, i := range list {
		base, from := l.base(i)
		if n == 0 || base != l.pack.Program.Name || strings.Contains(l.text(i), "://") || !l.knownNext(list[n+1:]) {
			continue
		}
		before := len(l.uses)
		l.program(list[n:], from)
		if len(l.uses) > before {
			u := &l.uses[before]
			if u.Action == site.Rewrite {
				u.Action, u.Kind = site.Review, "passed"
				u.Reason = cmp.Or(l.inert, "a command that is not known") + " is given a command, which it seems to run; what it does is not known here"
			}
		}
		return
	}
}

// suspected looks for shell text among the words of a command whose name says that it runs something.
func (l *line) suspected(list []int) {
	for _, i := range list {
		text := l.text(i)
		first, rest, ok := strings.Cut(text, " ")
		word, _, _ := strings.Cut(rest, " ")
		if !ok || first != l.pack.Program.Name || inHole(l.words[i].Holes, source.Span{End: len(first)}) ||
			!slices.Contains(l.pack.Program.Commands, word) && !slices.Contains(l.pack.Instance.RootOptions, word) && word != "--version" {
			continue
		}
		s := source.Span{End: len(first)}
		l.add(Use{
			Class: site.Invocation, Action: site.Review, Kind: "passed", Rule: l.rule("shell-command"), Word: i, From: i, At: s, Whole: s,
			Argv: strings.Fields(text), Place: l.place, Reason: l.inert + " is given shell text, which it seems to run; what it does is not known here",
		})
	}
}

// rest explains every occurrence in the words that no use names yet.
func (l *line) rest() {
	for i, w := range l.words {
		if w.Many {
			continue
		}
		for _, s := range w.find(l.pack.Program.Name) {
			if len(l.uses) > maxFields {
				return
			}
			if l.classified(i, s) || inHole(w.Holes, s) {
				continue
			}
			u := l.argument(i, s)
			u.Word, u.From, u.At, u.Whole = i, i, s, s
			l.add(u)
		}
	}
}

// inHole reports whether s reaches into one of the holes, which are in order.
func inHole(holes []source.Hole, s source.Span) bool {
	i := sort.Search(len(holes), func(i int) bool { return holes[i].End > s.Start })
	return i < len(holes) && holes[i].Start < s.End
}

// explained reports whether a use, or shell text that is read on its own, holds the occurrence.
func (l *line) classified(i int, s source.Span) bool {
	for _, u := range l.uses {
		switch {
		case u.Text != nil:
			// Text reaches from its first word to its last; every occurrence in it is explained by reading it.
			if i == u.Word || i > u.Word && i < u.Args && strings.Contains(u.Text.Text, l.text(i)) {
				return true
			}
		case u.Word == i && u.At == s, u.Word == i && u.Kind == "module" && u.Whole.Covers(s):
			return true
		}
	}
	return false
}

// argument says what an occurrence is in the words of a command that does not run it.
func (l *line) argument(i int, s source.Span) Use {
	text := l.text(i)
	by := l.inert
	if by == "" {
		by = "a command that is not known"
	}
	switch {
	case i == 0:
		return l.commandName(text)
	case l.kind == installed:
		return Use{Class: site.Install, Kind: "install", Rule: l.rule("shell-install"), Reason: by + " names the package"}
	case l.kind == shown && !strings.ContainsAny(text, " \t\n") && strings.Contains(text[:s.Start], "/") && shape(text, s).Class == site.Path:
		return Use{Class: site.Path, Kind: "path", Rule: l.rule("shell-path"), Reason: "a path that " + by + " prints"}
	case l.kind == shown:
		return Use{Class: site.Message, Kind: "message", Rule: l.rule("shell-message"), Reason: "text that " + by + " shows"}
	}
	u := shape(text, s)
	if u.Class == site.Path && like(l.inertBase(), l.pack.Shell.Patterns) && !pathStart(text) {
		u = Use{Class: site.Data, Reason: "a part of a pattern"}
	}
	if u.Class == site.Path && like(l.inertBase(), l.pack.Shell.Images) && !pathStart(text) && !strings.HasPrefix(text, "/") {
		u = Use{Class: site.Data, Reason: "the name of an image, container or registry"}
	}
	if u.Reason == "" {
		u.Reason = "an argument of " + by
	}
	u.Kind = string(u.Class)
	u.Rule = l.rule(ruleOf(u.Class))
	u.Shown = l.kind == arguments || l.kind == found || l.labelled(i)
	return u
}

// labelled reports whether word i is the argument of an option that describes something: --message TEXT.
func (l *line) labelled(i int) bool {
	return i > 0 && slices.Contains(l.pack.Shell.Labels, l.text(i-1))
}

// pathStart reports whether a text begins as a path that can be nothing else.
func pathStart(text string) bool {
	return strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") || strings.HasPrefix(text, "~/")
}

// inertBase is the first word of the command whose words are explained.
func (l *line) inertBase() string {
	name, _, _ := strings.Cut(l.inert, " ")
	return path.Base(name)
}

// commandName explains the occurrence in a word that runs another command.
func (l *line) commandName(text string) Use {
	if strings.Contains(text, "/") && !strings.ContainsAny(text, " ;|&") {
		return Use{Class: site.Path, Kind: "path", Rule: l.rule("shell-path"), Reason: "the path of another command"}
	}
	return Use{Class: site.Identifier, Kind: "name", Rule: l.rule("shell-name"), Reason: "the name of another command"}
}

// ruleOf is the short name of the rule that explains a class.
func ruleOf(c site.Class) string {
	switch c {
	case site.Path:
		return "shell-path"
	case site.Identifier:
		return "shell-name"
	case site.Message:
		return "shell-message"
	case site.Comment:
		return "shell-comment"
	}
	return "shell-data"
}

// shape explains an occurrence by the text of the word around it. An empty reason leaves it to the caller.
func shape(text string, s source.Span) Use {
	const window = 1 << 10 // bytes on each side that can say something
	from := max(0, s.Start-window)
	text = text[:min(len(text), s.End+window)]
	lo := from + strings.LastIndexAny(text[from:s.Start], " \t\n\"'=,;()") + 1
	hi := s.End
	if n := strings.IndexAny(text[s.End:], " \t\n\"',;()"); n >= 0 {
		hi += n
	} else {
		hi = len(text)
	}
	piece := text[lo:hi]
	switch before, after := text[lo:s.Start], text[s.End:hi]; {
	case strings.Contains(before, "://"), strings.Contains(before, "@") && strings.Contains(before, ":"):
		return Use{Class: site.Data, Reason: "an address"}
	case lo == 0 && strings.HasPrefix(before, "-"):
		return Use{Class: site.Identifier, Reason: "the name of an option"}
	case strings.Contains(piece, "/") && !strings.ContainsAny(piece, "^|[]<>!?\\"), extension(after):
		return Use{Class: site.Path, Reason: "a path"}
	case strings.HasPrefix(after, "=") && lo == 0 && variableName(text[:s.End]):
		return Use{Class: site.Identifier, Reason: "the name of a variable or option"}
	}
	return Use{Class: site.Data}
}

// extension reports whether what follows a name makes it a file's: ".yml", "-data.tar.gz".
func extension(after string) bool {
	dot := strings.LastIndexByte(after, '.')
	if dot < 0 || len(after)-dot < 2 || len(after)-dot > 6 {
		return false
	}
	for _, r := range after[dot+1:] {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	for _, r := range after[:dot] {
		if r != '.' && r != '-' && r != '_' && r != '*' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}
