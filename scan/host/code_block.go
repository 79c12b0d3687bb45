package host

import (
	"cmp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// block is a code block of a document.
type block struct {
	body     piece
	language string // as the document names it, lower case; empty when it does not
	where    string
	write    renderer // how the document writes text in the block; nil when it does as it is
}

// session says how the commands of a code block are told from the rest.
type session int

const (
	notShell session = iota
	script           // every line is a command
	console          // lines after a prompt are commands
	unknown          // lines that read as commands are
)

// block makes embedded scripts of a code block.
func (r *reader) block(b block) {
	s := b.body.span()
	r.Mentions(s.Start, s.End, site.Prose, "code-text", "text of a code block that is no command")
	if drawing(b.language) {
		r.Mentions(s.Start, s.End, site.Prose, "drawing", "the text of a drawing")
		return
	}
	kind, how := kindOf(b)
	g := source.Script{Where: b.where, Document: true, Render: renderThrough(r.prefixed(b), b.write)}
	switch {
	case kind == Shell:
		r.session(b, how, g)
	case kind == Other:
	case r.Has(s.Start, s.End):
		r.nest(kind, b.body, g)
	}
}

// prefixed writes text of a block whose lines all begin with the same blanks or quote marks: a new line begins with them.
func (r *reader) prefixed(b block) renderer {
	prefix, first := "", true
	for _, l := range lines(b.body.text) {
		host, ok := b.body.m.Host(source.Span{Start: l.start, End: l.start + 1})
		if l.start == l.end || !ok {
			continue
		}
		own := r.src[strings.LastIndexByte(r.src[:host.Start], '\n')+1 : host.Start]
		if !first && own != prefix {
			return OneLine
		}
		prefix, first = own, false
	}
	end := "\n"
	if strings.Contains(r.src, "\r\n") {
		end = "\r\n"
	}
	return func(_ source.Span, text string) (string, error) {
		return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", end+prefix), nil
	}
}

var (
	prompt    = lazyregexp.New(`^[ \t]*(?:\([\w.~-]+\)[ \t]*)?(?:[\w.-]+@[\w.-]+(?::[^\s$#%]*)?[ \t]*|(?:ba|z|k|da)?sh-[\d.]+|\[[^\]\n]{1,80}\][ \t]*|[~/][\w/.~-]*[ \t]*|PS[ \t][^>\n]{0,80}|[A-Z]:\\[^>\n]{0,80})?(\$|%|❯|➜|#|>)[ \t]+`)
	secondary = lazyregexp.New(`^[ \t]*>(?:[ \t]|$)`)
	hereWord  = lazyregexp.New(`<<-?[ \t]*["'\\]?([\w.-]+)`)
)

// pythonLine tells Python in a block that names no language.
var pythonLine = lazyregexp.New(`(?m)^(?:from [\w.]+ import |import [\w.]+(?: as \w+)?$|def \w+\(.*:$)`)

// row is one line of a code block.
type row struct {
	line
	prompt int  // length of the prompt; 0 when there is none
	sign   byte // last byte of the prompt's sign
}

func rows(text string) []row {
	var out []row
	for _, l := range lines(text) {
		w := row{line: l}
		w.prompt, w.sign = promptOf(l.text(text))
		out = append(out, w)
	}
	return out
}

// promptOf is the length of the prompt that a line begins with, and the last byte of its sign.
func promptOf(line string) (int, byte) {
	bare := strings.TrimLeft(line, " \t")
	n := len(line) - len(bare)
	if len(bare) > 1 && strings.IndexByte("$%#>", bare[0]) >= 0 && (bare[1] == ' ' || bare[1] == '\t') {
		return n + len(bare) - len(strings.TrimLeft(bare[1:], " \t")), bare[0]
	}
	if !strings.ContainsAny(bare[:min(len(bare), 200)], "$%#>❯➜") {
		return 0, 0
	}
	if m := prompt.FindStringSubmatchIndex(line); m != nil {
		sign := line[m[3]-1]
		if sign == '#' && !strings.HasSuffix(line[:m[2]], " ") && m[2] > n {
			sign = '$' // behind a name it is root's prompt, and no comment
		}
		return m[1], sign
	}
	return 0, 0
}

// session reads a code block of shell.
func (r *reader) session(b block, how session, g source.Script) {
	all := rows(b.body.text)
	signs := map[byte]int{}
	for _, w := range all {
		if w.prompt > 0 && strings.TrimSpace(b.body.text[w.start+w.prompt:w.end]) != "" {
			signs[w.sign]++
		}
	}
	prompts := signs['$'] + signs['%'] + signs["❯"[2]] + signs["➜"[2]]
	var out builder
	switch {
	case prompts > 0:
		r.prompted(b, all, &out, func(w row) bool { return w.sign != '#' && w.sign != '>' })
	case how == console && r.asRoot(b.body.text, all):
		r.prompted(b, all, &out, func(w row) bool { return w.sign == '#' })
	case signs['>'] > 0 && onlyPrompts(b.body.text, all):
		r.prompted(b, all, &out, func(w row) bool { return w.sign == '>' })
	case how == script:
		r.every(b, all, &out)
	case pythonLine.MatchString(b.body.text) && !slices.ContainsFunc(strings.Split(b.body.text, "\n"), r.surelyCommand):
		r.nest(Python, b.body, g)
		return
	default:
		r.guessed(b, all, &out)
	}
	p := out.piece()
	if strings.TrimSpace(p.text) == "" {
		return
	}
	g.Language = "shell"
	g.Text, g.Holes = r.fillIn(p.text)
	g.Map = p.m.Through(b.body.m)
	g.Render = renderThrough(OneLine, b.write)
	r.embedded(&g)
}

// asRoot reports whether the sign # is root's prompt in a session: it begins comments where a line without it is a command.
func (r *reader) asRoot(text string, all []row) bool {
	prompt := false
	for i, w := range all {
		switch {
		case w.sign == '#':
			prompt = true
		case i > 0 && oddBackslashes(all[i-1].text(text)):
		case r.surelyCommand(strings.TrimSpace(w.text(text)[w.prompt:])):
			return false
		}
	}
	return prompt
}

// onlyPrompts reports whether every line that holds anything begins with the sign > or is a comment.
func onlyPrompts(text string, all []row) bool {
	for i, w := range all {
		line := strings.TrimSpace(w.text(text))
		more := i > 0 && oddBackslashes(all[i-1].text(text))
		if line != "" && line[0] != '#' && w.sign != '>' && !more {
			return false
		}
	}
	return true
}

// every takes every line of the block.
func (r *reader) every(b block, all []row, out *builder) {
	for _, w := range all {
		out.copy(b.body.text, w.start, w.next)
	}
}

// prompted takes the lines after a prompt, with what continues them.
func (r *reader) prompted(b block, all []row, out *builder, is func(row) bool) {
	text := b.body.text
	for i := 0; i < len(all); i++ {
		w := all[i]
		if w.prompt == 0 || !is(w) {
			r.output(b, w)
			out.skip(w.start, w.next)
			continue
		}
		out.skip(w.start, w.start+w.prompt)
		out.copy(text, w.start+w.prompt, w.next)
		for n := continued(text, all, i); n > 0; n-- {
			i++
			next := all[i]
			at := next.start + len(secondary.FindString(next.text(text)))
			out.skip(next.start, at)
			out.copy(text, at, next.next)
		}
		if w.next == w.end {
			out.gap("\n", w.end)
		}
	}
}

// continued is the number of lines after the i-th that belong to its command: after a backslash, up to the end of a
// here-document, and those that begin with the prompt for more.
func continued(text string, all []row, i int) int {
	n, until := 0, ""
	command := text[all[i].start+all[i].prompt : all[i].end]
	if !strings.Contains(command, "<<") {
		// the usual case, told without a regular expression
	} else if m := hereWord.FindStringSubmatch(command); m != nil {
		for j := i + 1; j < len(all); j++ {
			bare := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(all[j].text(text)), ">"))
			if bare == m[1] {
				until = m[1]
			}
		}
	}
	for j := i + 1; j < len(all); j++ {
		line := all[j].text(text)
		switch {
		case until != "":
			if strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), ">")) == until {
				until = ""
			}
		case oddBackslashes(strings.TrimRight(all[j-1].text(text), " \t")):
		case secondary.MatchString(line) && all[j].sign != '$':
		default:
			return n
		}
		n++
	}
	return n
}

// output marks a line that is no command.
func (r *reader) output(b block, w row) {
	s := b.body.cut(w.start, w.end).span()
	if strings.HasPrefix(strings.TrimLeft(w.text(b.body.text), " \t"), "#") {
		r.Mentions(s.Start, s.End, site.Comment, "code-comment", "a comment in a code block")
		return
	}
	r.Mentions(s.Start, s.End, site.Message, "output", "output of a command, shown in a code block")
}

// guessed takes a block without a language and without prompts: as a whole when all its lines read as commands, else
// those lines that begin with the program and one of its known subcommands or options.
func (r *reader) guessed(b block, all []row, out *builder) {
	text := b.body.text
	whole := true
	for i, w := range all {
		line := strings.TrimSpace(w.text(text))
		after := i > 0 && oddBackslashes(all[i-1].text(text))
		whole = whole && (line == "" || after || r.readsAsCommand(line))
	}
	if whole {
		r.every(b, all, out)
		return
	}
	first := true // of the lines that hold anything
	for i := 0; i < len(all); i++ {
		w := all[i]
		line := strings.TrimSpace(w.text(text)[w.prompt:])
		command := r.surelyCommand(line)
		if !command && r.pluginCommand(line) {
			command = first
			s := b.body.cut(w.start, w.end).span()
			r.Mentions(s.Start, s.End, site.Unexplained, "unread", "a plugin may add this command, and it stands among lines that are none")
		}
		first = first && line == ""
		if !command {
			out.skip(w.start, w.next)
			continue
		}
		out.skip(w.start, w.start+w.prompt)
		out.copy(text, w.start+w.prompt, w.next)
		for n := continued(text, all, i); n > 0; n-- {
			i++
			out.copy(text, all[i].start, all[i].next)
		}
	}
}

var assigns = lazyregexp.New(`^(?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S*)[ \t]+)+`)

// pluginWord is a word that may be a command which a plugin adds to the program, unless it goes on a sentence as afterNoun do.
var (
	pluginWord = lazyregexp.New(`^[a-z][a-z0-9-]*$`)
	afterNoun  = []string{"is", "was", "are", "has", "will", "can", "and", "or", "of", "for", "in", "on", "to", "the", "a", "an", "not", "with", "from", "as", "at", "by", "that", "who", "started"}
)

// readsAsCommand reports whether a line could have been typed at a prompt.
func (r *reader) readsAsCommand(line string) bool {
	if strings.HasPrefix(line, "#") {
		return true
	}
	if r.surelyCommand(line) {
		return true
	}
	words := strings.Fields(assigns.ReplaceAllString(line, ""))
	if len(words) == 0 || r.pluginCommand(line) {
		return true
	}
	if strings.HasPrefix(words[0], "./") && len(words[0]) > 2 {
		return true
	}
	return slices.Contains(r.pack.Hosts.Documents.Commands, words[0])
}

// pluginCommand reports whether a line is the program with a word that a plugin may add as a command, and no sentence.
func (r *reader) pluginCommand(line string) bool {
	words := strings.Fields(assigns.ReplaceAllString(line, ""))
	if len(words) < 2 || words[0] != r.Program || !pluginWord.MatchString(words[1]) || slices.Contains(afterNoun, words[1]) {
		return false
	}
	return !strings.ContainsAny(line[len(line)-1:], ".:,;!?")
}

// surelyCommand reports whether a line runs the program as far as its first words tell.
func (r *reader) surelyCommand(line string) bool {
	for rest, n := line, 0; n < 5; n++ {
		_, after, ok := strings.Cut(rest, "$(")
		if !ok {
			break
		}
		if r.surelyCommand(strings.SplitN(after, ")", 2)[0]) {
			return true
		}
		rest = after
	}
	words := strings.Fields(assigns.ReplaceAllString(line, ""))
	if len(words) > 1 && (words[0] == "sudo" || words[0] == "exec") {
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	name := strings.Trim(words[0], `"'`)
	if name[strings.LastIndexByte(name, '/')+1:] != r.Program {
		return false
	}
	if len(words) == 1 || strings.IndexByte("<>|&;2", words[1][0]) >= 0 {
		return true
	}
	if strings.HasPrefix(words[1], "-") && len(words[1]) > 1 || strings.HasPrefix(words[0], "./") {
		return true
	}
	first, _, several := strings.Cut(strings.TrimLeft(words[1], "[<{("), "|") // [dev|local|k8s]
	if !several {
		first = words[1]
	}
	return slices.Contains(r.pack.Program.Commands, first)
}

var blank = lazyregexp.New(`<[A-Za-z][\w .:/-]{0,60}>`)

// choice is one of several words, after the name of a command: [dev|local|k8s], <dev|local>, dev|local. A bare one has to
// begin with a command of the program.
var choice = lazyregexp.New(`(?m)(?:^|[\s/;&("'])([\w-]+)[ \t]+([\[<{(]?)([\w-]+)(?:[ ]?\|[ ]?[\w-]+)+[\]>})]?`)

// fillIn hides what a document leaves to its reader, `<instance name>` or `[dev|local]`, behind placeholders of the same length.
func (r *reader) fillIn(text string) (string, []source.Hole) {
	if strings.IndexByte(text, '<') < 0 && strings.IndexByte(text, '|') < 0 {
		return text, nil
	}
	var holes []source.Hole
	out := []byte(text)
	for _, m := range choice.FindAllStringSubmatchIndex(text, -1) {
		if text[m[2]:m[3]] != r.Program || !slices.Contains(r.pack.Program.Commands, text[m[6]:m[7]]) {
			continue
		}
		from := text[m[4]:m[1]]
		copy(out[m[4]:], placeholder(from))
		holes = append(holes, source.Hole{Span: source.Span{Start: m[4], End: m[1]}, Expr: strings.Trim(from, "[]<>{}()"), Source: from})
	}
	for _, m := range blank.FindAllStringIndex(text, -1) {
		if m[0] > 0 && text[m[0]-1] == '<' || strings.TrimSpace(text[m[0]+1:m[1]-1]) != text[m[0]+1:m[1]-1] {
			continue
		}
		from := text[m[0]:m[1]]
		copy(out[m[0]:], placeholder(from))
		holes = append(holes, source.Hole{Span: source.Span{Start: m[0], End: m[1]}, Expr: from[1 : len(from)-1], Source: from})
	}
	slices.SortFunc(holes, func(a, b source.Hole) int { return cmp.Compare(a.Start, b.Start) })
	return string(out), holes
}
