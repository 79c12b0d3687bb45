package shell

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Words says what a command that is given as a list of words does with the program: through wrappers, as in a shell
// command. It has one use for each occurrence of the program in the words, and one for each shell text in them.
func Words(words []Word, opt Options) []Use {
	l := &line{words: words, pack: opt.Pack}
	l.read()
	return l.uses
}

// maxNesting bounds how many wrappers are followed in one command.
const maxNesting = 32

// line is one command while it is read.
type line struct {
	words   []Word
	pack    *rules.Pack
	active  string             // why the environment of an instance is active, or empty
	other   string             // why another environment is active, or empty
	roots   []string           // the root directories that the command gets, as the text writes them
	raw     func(i int) string // a word as its text writes it; nil when no text does
	uses    []Use
	given   int    // how many of the words the command has; those behind are parts of them
	parts   []part // of each word behind the given ones
	root    *Root
	filler  string // what stands for what xargs reads; empty when nothing does
	filled  int    // the word that xargs runs, in which it stands for itself
	place   string // where the inner command runs
	outer   string // the wrapper that decides the place
	own     string // the tool that has an environment of its own
	cleared bool   // the inner command gets none of the caller's variables
	nested  int
	stdin   bool   // the command is a shell that reads its text from standard input
	inert   string // the command whose words the rest are
	kind    class
}

// class says what the words of a command that runs nothing are.
type class int

const (
	arguments class = iota
	shown
	installed
	found
	unknown // the command is not known: it may run its words
)

func (l *line) read() {
	if len(l.words) == 0 {
		return
	}
	all := make([]int, len(l.words))
	for i := range all {
		all[i] = i
	}
	l.given = len(all)
	l.run(all)
	l.words = l.words[:l.given]
	l.rest()
}

// part is where the rest of a word stands: the value of --entrypoint=NAME.
type part struct{ word, from int }

// part is the rest of word i from byte from on, as a word of its own.
func (l *line) part(i, from int) int {
	w := l.words[i]
	rest := Word{Text: w.Text[from:], Map: w.Map.Slice(source.Span{Start: from, End: len(w.Text)})}
	for _, h := range w.Holes {
		if h.Start >= from {
			h.Start, h.End = h.Start-from, h.End-from
			rest.Holes = append(rest.Holes, h)
		}
	}
	l.words = append(l.words, rest)
	l.parts = append(l.parts, part{i, from})
	return len(l.words) - 1
}

// whole turns a use of the rest of a word into one of that word.
func (l *line) whole(u Use) Use {
	if u.Word < l.given || u.Word-l.given >= len(l.parts) {
		return u
	}
	p := l.parts[u.Word-l.given]
	u.Word, u.From = p.word, p.word
	for _, s := range []*source.Span{&u.At, &u.Whole} {
		s.Start, s.End = s.Start+p.from, s.End+p.from
	}
	return u
}

// text is the text of word i.
func (l *line) text(i int) string { return l.words[i].Text }

// blank reports whether nothing is known of word i.
func (l *line) blank(i int) bool {
	w := l.words[i]
	return w.Many || len(w.Holes) > 0 && w.Holes[0].Start == 0 && w.Holes[len(w.Holes)-1].End == len(w.Text) && covered(w)
}

// covered reports whether the holes of the word leave no byte.
func covered(w Word) bool {
	n := 0
	for _, h := range w.Holes {
		n += h.Len()
	}
	return n == len(w.Text)
}

// base is the last element of the path that word i writes, and where it starts. It is empty when that part is not known.
func (l *line) base(i int) (string, int) {
	w := l.words[i]
	at := strings.LastIndexByte(w.Text, '/') + 1
	for _, h := range w.Holes {
		if h.End > at {
			return "", at
		}
	}
	return w.Text[at:], at
}

// run reads the command whose words are those in list.
func (l *line) run(list []int) {
	if l.nested++; l.nested > maxNesting || len(list) == 0 {
		return
	}
	head := list[0]
	name, at := l.base(head)
	switch {
	case l.build(list):
	case name == "":
		if l.prefix(head) {
			l.run(list[1:])
			return
		}
		l.inert, l.kind = "", unknown
		l.passed(list)
	case len(list) > 1 && name[0] == '-':
		l.dashed(list)
	case name == l.pack.Program.Name:
		l.inert, l.kind = name, arguments
		l.program(list, at)
	case l.runner(name, list), l.lookup(list), l.install(list), l.wrapped(list):
	default:
		l.inert, l.kind = name, l.inertKind(name)
		l.passed(list)
	}
}

// dashed goes on behind options that stand where a command should: the shell's own time has none but -p, so a reader
// takes the options of the program of that name for the command.
func (l *line) dashed(list []int) {
	var takes []string
	for _, w := range l.pack.Shell.Wrappers {
		if slices.Contains(w.Names, "time") {
			takes = w.Options
		}
	}
	at := 0
	for at < len(list) && strings.HasPrefix(l.text(list[at]), "-") {
		at += l.width(list, at, takes)
	}
	l.run(list[min(at, len(list)):])
}

// prefix reports whether word i is a variable that is named after a wrapper and not known: $SUDO in front of a command.
func (l *line) prefix(i int) bool {
	w := l.words[i]
	if w.Many || len(w.Holes) != 1 || !covered(w) {
		return false
	}
	name := strings.ToLower(strings.Trim(w.Holes[0].Expr, `"${}`))
	return slices.ContainsFunc(l.pack.Shell.Wrappers, func(k rules.Wrapper) bool { return k.Place == "" && k.Takes == "" && slices.Contains(k.Names, name) })
}

// inertKind is what the words of a command are that runs nothing known.
func (l *line) inertKind(name string) class {
	switch {
	case like(name, l.pack.Shell.Messages):
		return shown
	case like(name, l.pack.Shell.Plain):
		return arguments
	}
	return unknown
}

// like reports whether name is one of the patterns; a star stands for any letters.
func like(name string, patterns []string) bool {
	for _, p := range patterns {
		if p != "" && name != "" && (p[0] == name[0] || p[0] == '*') && star(name, p) {
			return true
		}
	}
	return false
}

// star matches a name against a pattern with one star, or one at each end.
func star(name, pattern string) bool {
	if n := len(pattern); n > 2 && pattern[0] == '*' && pattern[n-1] == '*' {
		return strings.Contains(name, pattern[1:n-1])
	}
	before, after, ok := strings.Cut(pattern, "*")
	if !ok {
		return name == pattern
	}
	return len(name) >= len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

// program records that the first word of list runs the program.
func (l *line) program(list []int, at int) {
	head := list[0]
	u := Use{
		Class: site.Invocation, Action: site.Rewrite, Kind: "shell-command", Rule: l.rule("shell-command"),
		Word: head, From: head, At: source.Span{Start: at, End: len(l.text(head))}, Place: l.place,
	}
	u.Whole = source.Span{End: len(l.text(head))}
	u.Argv = l.argv(list)
	u.Reason = "runs " + l.pack.Program.Name
	l.option(list[1:])
	u.Root = l.root
	l.judge(&u)
	u.Env = l.behindEnv(head)
	l.add(u)
}

// argv shows the words of a command, unknown parts as their source.
func (l *line) argv(list []int) []string {
	var out []string
	for _, i := range list {
		g := source.Script{Text: l.text(i), Holes: l.words[i].Holes}
		out = append(out, g.Reveal(source.Span{End: len(g.Text)}))
	}
	return out
}

// option looks for the program's own root option.
func (l *line) option(list []int) {
	for n, i := range list {
		text := l.text(i)
		if text == "--" {
			return
		}
		for _, o := range l.pack.Instance.RootOptions {
			switch {
			case text == o && n+1 < len(list):
				next := list[n+1]
				l.root = &Root{next, source.Span{End: len(l.text(next))}}
				return
			case strings.HasPrefix(text, o+"="):
				l.root = &Root{i, source.Span{Start: len(o) + 1, End: len(text)}}
				return
			}
		}
		// The root option is the program's own; a subcommand may use the same letter for something else.
		if !strings.HasPrefix(text, "-") && slices.Contains(l.pack.Program.Commands, text) {
			return
		}
	}
}

// assigned notes that word i, from byte at on, sets the environment of what runs in it.
func (l *line) assigned(i, at int) bool {
	name, value, ok := strings.Cut(l.text(i)[at:], "=")
	if !ok || !variableName(name) {
		return false
	}
	if slices.Contains(l.pack.Instance.RootEnv, name) && value != "" {
		l.root = &Root{i, source.Span{Start: at + len(name) + 1, End: len(l.text(i))}}
	}
	return true
}

func variableName(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// rule is the full name of a rule.
func (l *line) rule(name string) string { return l.pack.Program.Name + "/" + name }

func (l *line) add(u Use) {
	u = l.whole(u)
	for _, o := range l.uses {
		if o.Text == nil && u.Text == nil && o.Word == u.Word && o.At == u.At {
			return
		}
	}
	l.uses = append(l.uses, u)
}

// judge decides what happens to an invocation by the path that names its executable.
func (l *line) judge(u *Use) {
	path := l.text(u.Word)[:u.At.Start]
	switch env := l.environment(u.Word, u.At.Start); {
	case slices.Contains(l.pack.Program.Wrappers, l.text(u.Word)), wrapperPath(l.text(u.Word), l.pack.Program.Wrappers):
		*u = Use{
			Class: site.Wrapper, Kind: "wrapper", Rule: l.rule("shell-wrapper"), Word: u.Word, From: u.Word, At: u.At, Whole: u.Whole, Argv: u.Argv,
			Reason: "calls the wrapper on the host, which takes the instance as its first argument",
		}
	case env == instanceEnv:
		u.Action, u.Rule, u.Reason = site.Done, l.rule("shell-done"), "runs the environment of an instance already"
	case env == globalPath && l.own == "":
		if path != "" {
			u.Reason = "runs the global " + l.pack.Program.Name + " by its path"
		}
	case env == otherEnv:
		u.Action, u.Rule = site.Review, l.rule("shell-other-environment")
		u.Reason = "runs " + strings.Join(u.Argv[:1], "") + ", which is no instance's environment"
	}
	if l.own != "" && u.Action == site.Rewrite {
		u.Action, u.Rule = site.Review, l.rule("shell-other-environment")
		u.Reason = l.own + " runs it in an environment of its own"
	}
	if l.active != "" && path == "" && l.place == "" && u.Action == site.Rewrite {
		u.Action, u.Rule, u.Reason = site.Done, l.rule("shell-done"), l.active
	}
	if l.other != "" && path == "" && l.place == "" && u.Action == site.Rewrite {
		u.Action, u.Rule, u.Reason = site.Review, l.rule("shell-other-environment"), l.other
	}
	switch l.place {
	case "container":
		u.Reason += "; it runs inside the container that " + l.outer + " names"
	case "machine":
		u.Reason += "; it runs on the machine that " + l.outer + " names"
	}
}

// wrapperPath reports whether a path, its computed or relative beginning aside, is one of the wrapper's.
func wrapperPath(path string, wrappers []string) bool {
	for _, w := range wrappers {
		if !strings.HasPrefix(w, "./") && strings.Contains(w, "/") && strings.HasSuffix(path, "/"+w) {
			return true
		}
	}
	return false
}
