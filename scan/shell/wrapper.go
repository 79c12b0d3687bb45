package shell

import (
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// named reports how many words of list the name of a command takes, its subcommands and the options between them
// included; 0 when the command is another one.
func (l *line) named(name string, list []int, takes []string) int {
	first, more, _ := strings.Cut(name, " ")
	if head, _ := l.base(list[0]); first == "" || !star(head, first) {
		return 0
	}
	at := 1
	for _, p := range strings.Fields(more) {
		for at < len(list) && l.text(list[at]) != p && strings.HasPrefix(l.text(list[at]), "-") {
			at += l.width(list, at, takes)
		}
		if at >= len(list) || l.text(list[at]) != p || len(l.words[list[at]].Holes) > 0 {
			return 0
		}
		at++
	}
	return at
}

// width is how many words the option at list[at] takes.
func (l *line) width(list []int, at int, takes []string) int {
	text := l.text(list[at])
	switch {
	case slices.Contains(takes, text+" 2") && at+2 < len(list):
		return 3
	case slices.Contains(takes, text) && at+1 < len(list):
		return 2
	}
	// Letters that stand together: the last one may take the next word, unless an earlier one takes the rest.
	if len(text) > 2 && text[0] == '-' && text[1] != '-' && !strings.Contains(text, "=") && at+1 < len(list) {
		for k := 1; k < len(text)-1; k++ {
			if slices.Contains(takes, "-"+text[k:k+1]) {
				return 1
			}
		}
		if slices.Contains(takes, "-"+text[len(text)-1:]) {
			return 2
		}
	}
	return 1
}

// match is the wrapper that list runs and how many words its name takes; the longest name wins.
func (l *line) match(wrappers []rules.Wrapper, list []int) (*rules.Wrapper, string, int) {
	var best *rules.Wrapper
	var name string
	most := 0
	head, _ := l.base(list[0])
	for i := range wrappers {
		for _, n := range wrappers[i].Names {
			if n == "" || head == "" || n[0] != head[0] && n[0] != '*' {
				continue // most names are told apart by their first letter
			}
			if got := l.named(n, list, wrappers[i].Options); got > 0 && strings.Count(n, " ") >= most {
				if best != nil && strings.Count(n, " ") == strings.Count(name, " ") {
					continue
				}
				best, name, most = &wrappers[i], n, strings.Count(n, " ")
			}
		}
	}
	if best == nil {
		return nil, "", 0
	}
	return best, name, l.named(name, list, best.Options)
}

// wrapped follows a wrapper to its inner command.
func (l *line) wrapped(list []int) bool {
	w, name, n := l.match(l.pack.Shell.Wrappers, list)
	if w == nil {
		return false
	}
	l.inert, l.kind = name, arguments
	if w.Place != "" {
		l.place, l.outer = w.Place, name
	}
	if w.Own {
		l.own = name
	}
	l.cleared = l.cleared || l.clears(w, list[n:])
	all := list
	list = l.until(w, list)
	if len(w.After) > 0 {
		l.after(w, list[n:])
		return true
	}
	in := l.options(w, name, list, n)
	l.fills(w, list[n:len(list)-len(in.rest)])
	if len(in.rest) == 0 && w.Takes == "either" && len(list) < len(all) { // parallel ::: TEXT TEXT
		l.texts(w, name, all[len(list):])
		return true
	}
	switch {
	case in.without, in.text && w.Takes == "option":
	case in.text && len(in.rest) == 0:
	case w.Takes == "option":
		l.reads(name, in)
		if len(in.rest) > 1 && slices.Contains(l.pack.Shell.Shells, path.Base(name)) { // a script and what it is given
			l.inert, l.kind = l.text(in.rest[0]), unknown
			l.passed(in.rest)
		}
		if in.dashed && !slices.Contains(l.pack.Shell.Shells, path.Base(name)) {
			l.run(in.rest)
		}
	case w.Dash && !in.dashed && w.Operands == 0:
	default:
		l.inner(w, name, in)
	}
	return true
}

// inside is what stands behind a wrapper's options.
type inside struct {
	rest     []int // operands and inner command
	entry    []int // the word that takes the place of the command's first
	dashed   bool  // "--" came before rest
	without  bool  // an option says that nothing runs
	text     bool  // an option held shell text
	standard bool  // -s: the text comes from standard input
	login    bool  // an option says that without a command a shell runs
	argv     bool  // an option says that the command is given as words
	loose    bool  // a word that is not known may have been an option, or not
}

// until cuts the words that end the inner command and what follows them.
func (l *line) until(w *rules.Wrapper, list []int) []int {
	if len(w.After) > 0 {
		return list
	}
	for n, i := range list {
		if slices.Contains(w.Until, l.text(i)) {
			return list[:n]
		}
	}
	return list
}

// texts reads each word as shell text of its own, the words that separate them aside.
func (l *line) texts(w *rules.Wrapper, name string, list []int) {
	for n, i := range list {
		if !slices.Contains(w.Until, l.text(i)) {
			l.shellText(list[n:n+1], 0, len(l.words), name)
		}
	}
}

// after runs each inner command that follows one of the wrapper's marks.
func (l *line) after(w *rules.Wrapper, list []int) {
	for n := 0; n < len(list); n++ {
		if !slices.Contains(w.After, l.text(list[n])) {
			continue
		}
		end := n + 1
		for end < len(list) && !slices.Contains(w.Until, l.text(list[end])) {
			end++
		}
		inert, kind := l.inert, l.kind
		l.run(list[n+1 : end])
		l.inert, l.kind = inert, kind
		n = end
	}
}

// options reads the options of a wrapper, whose name takes n words of list.
func (l *line) options(w *rules.Wrapper, name string, list []int, n int) inside {
	var in inside
	shell := slices.Contains(l.pack.Shell.Shells, name)
	at := n
	for at < len(list) {
		i := list[at]
		text := l.text(i)
		switch {
		case text == "--":
			in.dashed = true
			at++
		case l.words[i].Many, l.blank(i) && w.Dash && l.dashes(list[at:]), l.manyOptions(w, list[at:]):
			in.loose = true
			at++
			continue
		case w.Assigns && text == "-": // env - COMMAND: an empty environment
			at++
			continue
		case w.Assigns && l.assigned(i, 0):
			at++
			continue
		case len(text) > 1 && (text[0] == '-' || text[0] == '+' && shell):
			at += l.wrapperOption(w, list, at, &in)
			continue
		case w.Takes == "option" && !shell, w.Dash && (w.Operands == 0 || l.dashes(list[at:])):
			at++ // operands may stand before the option, or the dashes, that matter
			continue
		}
		break
	}
	in.rest = list[min(at, len(list)):]
	return in
}

// manyOptions reports whether the first word of list, of which nothing is known, stands for options of a wrapper that
// takes an operand after them: options follow it.
func (l *line) manyOptions(w *rules.Wrapper, list []int) bool {
	return w.Operands > 0 && w.Place == "container" && len(list) > 1 && l.blank(list[0]) &&
		strings.HasPrefix(l.text(list[1]), "-") && l.text(list[1]) != "--"
}

// dashes reports whether a word of list is "--".
func (l *line) dashes(list []int) bool {
	return slices.ContainsFunc(list, func(i int) bool { return l.text(i) == "--" })
}

// wrapperOption reads the option at list[at] and says how many words it takes.
func (l *line) wrapperOption(w *rules.Wrapper, list []int, at int, in *inside) int {
	text := l.text(list[at])
	flag, value, joined := strings.Cut(text, "=")
	in.standard = in.standard || text == "-s"
	if slices.Contains(w.Without, text) {
		in.without = true
	}
	in.login = in.login || slices.ContainsFunc(w.Stdin, func(o string) bool { return given(text, o) })
	in.argv = in.argv || slices.Contains(w.Argv, text)
	if slices.Contains(w.Env, flag) {
		if joined {
			l.assigned(list[at], len(text)-len(value))
			return 1
		}
		if at+1 < len(list) {
			l.assigned(list[at+1], 0)
		}
		return 2
	}
	if slices.Contains(w.Entry, flag) {
		switch {
		case joined && value != "":
			in.entry = []int{l.part(list[at], len(flag)+1)}
		case !joined && at+1 < len(list) && l.text(list[at+1]) != "":
			in.entry = []int{list[at+1]}
		}
		return l.width(list, at, w.Options)
	}
	if joined && slices.Contains(w.Text, flag) {
		in.text = true
		l.shellText([]int{list[at]}, len(flag)+1, at+1, flag)
		return 1
	}
	if l.holdsText(w, text) && at+1 < len(list) {
		in.text = true
		args := at + 2
		next := at + 1
		// Options may still stand between the letter and the text: bash -c -e text.
		for next < len(list)-1 && len(l.text(list[next])) > 1 && strings.HasPrefix(l.text(list[next]), "-") {
			next, args = next+1, args+1
		}
		l.shellText([]int{list[next]}, 0, l.indexAt(list, args), flag)
		return args - at
	}
	return l.width(list, at, w.Options)
}

// indexAt is the word at list[n], or the number of words when the list ends before.
func (l *line) indexAt(list []int, n int) int {
	if n < len(list) {
		return list[n]
	}
	return len(l.words)
}

// holdsText reports whether the next word is shell text: -c, or letters that end with one such: -lc.
func (l *line) holdsText(w *rules.Wrapper, text string) bool {
	if slices.Contains(w.Text, text) {
		return true
	}
	return len(text) > 2 && text[0] == '-' && text[1] != '-' && w.Takes == "option" &&
		slices.ContainsFunc(w.Text, func(t string) bool { return len(t) == 2 && strings.Contains(text[1:], t[1:]) }) &&
		!slices.ContainsFunc(w.Options, func(o string) bool { return len(o) == 2 && strings.Contains(text[1:], o[1:]) })
}

// inner runs the command behind the wrapper's operands.
func (l *line) inner(w *rules.Wrapper, name string, in inside) {
	rest := in.rest
	skip := min(w.Operands, len(rest))
	if w.Dash && in.dashed {
		skip = 0 // the operands stood before the dashes
	}
	list := rest[skip:]
	in.loose = in.loose || slices.ContainsFunc(rest[:skip], l.blank)
	// mosh, tmux and the like put "--" between an operand and the command.
	if len(list) > 0 && l.text(list[0]) == "--" {
		list = list[1:]
	}
	if len(list) > 1 && slices.Contains(w.Text, l.text(list[0])) { // flock FILE -c TEXT
		l.shellText(list[1:2], 0, l.indexAt(list, 2), name)
		return
	}
	for len(list) > 1 && number(l.text(list[0])) { // retry 5 COMMAND: no command is called 5
		list = list[1:]
	}
	if w.Assigns {
		for len(list) > 0 && l.assigned(list[0], 0) {
			list = list[1:]
		}
	}
	if len(in.entry) > 0 {
		list = append(in.entry, list...)
	}
	if len(list) == 0 {
		l.stdin = l.stdin || in.login || w.Takes == "text" && w.Place != "" // a remote shell without a command
		return
	}
	switch {
	case w.Takes == "text" && !in.argv, w.Takes == "either" && len(list) == 1 && strings.ContainsAny(l.text(list[0]), " \t\n;|&"):
		l.shellText(list, 0, len(l.words), name)
	case w.Takes == "first":
		l.shellText(list[:1], 0, len(l.words), name)
	default:
		n := len(l.uses)
		if len(w.Fills) > 0 {
			l.filled = list[0]
		}
		l.run(list)
		if n == len(l.uses) {
			l.searched(in, list)
		}
	}
}

// given reports whether a word is the option, alone or among other letters.
func given(text, option string) bool {
	return text == option || len(option) == 2 && strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "--") && strings.Contains(text, option[1:])
}

func number(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// searched looks for the program behind words that are not known: how many words an unknown one stands for decides which
// word is the command.
func (l *line) searched(in inside, list []int) {
	loose := in.loose
	for n, i := range list {
		if loose && l.text(i) == l.pack.Program.Name && (l.knownNext(list[n+1:]) || n > 0 && n+1 < len(list) && l.words[list[n+1]].Many) {
			l.program(list[n:], 0)
			return
		}
		loose = loose || l.blank(i)
	}
}

// knownNext reports whether the words look like the program's own.
func (l *line) knownNext(list []int) bool {
	for _, i := range list {
		text := l.text(i)
		if slices.Contains(l.pack.Program.Commands, text) || text == "--version" || text == "--help" {
			return true
		}
		if !strings.HasPrefix(text, "-") {
			return false
		}
		for _, o := range l.pack.Instance.RootOptions {
			if text == o || strings.HasPrefix(text, o+"=") {
				return true
			}
		}
	}
	return false
}

// shellText records that the words in list, joined by blanks, are shell text. The first is cut at byte from.
func (l *line) shellText(list []int, from, args int, by string) {
	g := &source.Script{Language: "shell", Host: "shell", Where: "text that " + by + " runs"}
	var b strings.Builder
	var renders []renderer
	for n, i := range list {
		w := l.words[i]
		lo := 0
		if n == 0 {
			lo = from
		} else {
			b.WriteByte(' ')
			g.Map.Append(source.Segment{Len: 1})
		}
		at := b.Len()
		b.WriteString(w.Text[lo:])
		for _, seg := range w.Map.Slice(source.Span{Start: lo, End: len(w.Text)}).Segments {
			g.Map.Append(seg)
		}
		for _, h := range w.Holes {
			if h.Start >= lo {
				h.Start, h.End = h.Start-lo+at, h.End-lo+at
				g.Holes = append(g.Holes, h)
			}
		}
		renders = append(renders, renderer{source.Span{Start: at, End: b.Len()}, lo, w})
	}
	g.Text = b.String()
	g.Render = renderThrough(renders)
	l.uses = append(l.uses, Use{Word: list[0], From: list[0], Text: g, Args: min(args, len(l.words)), Place: l.place, Own: l.own, Root: l.root, Cleared: l.cleared})
}

// clears reports whether a wrapper with the words of list behind its name runs its inner command without the variables of
// the caller.
func (l *line) clears(w *rules.Wrapper, list []int) bool {
	cleared := slices.Contains(w.Clears, "*")
	for at, width := 0, 1; at < len(list); at += width {
		text := l.text(list[at])
		option := strings.HasPrefix(text, "-")
		if !option && w.Takes != "option" && !strings.Contains(text, "=") {
			break
		}
		width = 1
		if option { // what follows -u is its argument, not the inner command
			width = l.width(list, at, w.Options)
		}
		flag, _, _ := strings.Cut(text, "=")
		if option && slices.ContainsFunc(w.Keeps, func(o string) bool { return given(flag, o) }) {
			return false
		}
		cleared = cleared || option && slices.ContainsFunc(w.Clears, func(o string) bool { return o != "*" && given(flag, o) })
	}
	return cleared
}

// form is the part of a joined text that one word holds.
type renderer struct {
	at   source.Span // in the joined text
	from int         // where the part begins in the word
	word Word
}

// renderThrough writes a replacement in the word that holds the replaced bytes.
func renderThrough(parts []renderer) func(source.Span, string) (string, error) {
	if !slices.ContainsFunc(parts, func(p renderer) bool { return p.word.Render != nil }) {
		return nil
	}
	return func(at source.Span, text string) (string, error) {
		for _, p := range parts {
			if p.at.Covers(at) && p.word.Render != nil {
				shift := p.from - p.at.Start
				return p.word.Render(source.Span{Start: at.Start + shift, End: at.End + shift}, text)
			}
		}
		return text, nil
	}
}

// reads notes that a shell, or a command that starts one, reads its text from standard input.
func (l *line) reads(name string, in inside) {
	switch {
	case !slices.Contains(l.pack.Shell.Shells, path.Base(name)):
		l.stdin = !in.dashed
	case len(in.rest) == 0, l.text(in.rest[0]) == "-", l.text(in.rest[0]) == "/dev/stdin", in.standard:
		l.stdin = true
	}
}
