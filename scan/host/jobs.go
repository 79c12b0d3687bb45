package host

import (
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var (
	cronTime  = regexp.MustCompile(`^\s*(?:@\w+|(?:[\d*/,\-A-Za-z~?LW#]+\s+){4}[\d*/,\-A-Za-z~?LW#]+)\s+`)
	cronUser  = regexp.MustCompile(`^[a-z_][\w-]*\s+`)
	setVar    = regexp.MustCompile(`^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*[=:]\s*`)
	procName  = regexp.MustCompile(`^\s*[\w-]+:\s*`)
	justSet   = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*`)
	justHead  = regexp.MustCompile(`^@?[A-Za-z_][^\n=]*:(?:[^=]|$)`)
	justHoles = regexp.MustCompile(`\{\{[^{}]*\}\}`)
)

// crontab reads time specifications with the commands after them.
func (r *reader) crontab() {
	system := strings.Contains("/"+r.in.Path, "/cron.d/") || strings.HasSuffix("/"+r.in.Path, "/etc/crontab")
	var env []source.Var
	for _, l := range lines(r.src) {
		text := l.text(r.src)
		trimmed := strings.TrimSpace(text)
		switch m := setVar.FindStringSubmatchIndex(text); {
		case trimmed == "":
		case trimmed[0] == '#':
			r.mentions(l.start, l.end, site.Comment, "comment", "a comment")
		case m != nil:
			r.mentions(l.start, l.end, site.Data, "variable", "the value of an environment variable")
			p := r.raw(l.start+m[1], l.end)
			env = append(env, source.Var{Name: text[m[2]:m[3]], Value: &source.Guest{
				Text: p.text, Map: p.m, Language: "shell", Host: string(r.kind), Where: "value", Spell: oneLine}})
		default:
			at := l.start + len(cronTime.FindString(text))
			if at == l.start {
				r.mentions(l.start, l.end, site.Unexplained, "unread", "the line does not begin with a time")
				r.problem(l.start, l.end, "no time at the beginning of the line")
				continue
			}
			r.mentions(l.start, at, site.Data, "time", "when a command is run")
			if system {
				n := len(cronUser.FindString(r.src[at:l.end]))
				r.mentions(at, at+n, site.Data, "user", "the user who runs the command")
				at += n
			}
			r.cronCommand(at, l.end, env)
		}
	}
}

// cronCommand makes the guest of a command: a bare % is a newline and ends the shell's text, \% is a %.
func (r *reader) cronCommand(at, end int, env []source.Var) {
	var b builder
	for ; at < end && r.src[at] != '%'; at++ {
		if strings.HasPrefix(r.src[at:end], `\%`) {
			b.atom("%", at, at+2)
			at++
			continue
		}
		b.copy(r.src, at, at+1)
	}
	r.mentions(at, end, site.Data, "input", "the input of the command")
	p := b.piece()
	r.guest(&source.Guest{Text: p.text, Map: p.m, Language: "shell", Dialect: "sh", Where: "command", Env: append([]source.Var(nil), env...),
		Spell: func(at source.Span, text string) (string, error) {
			text, err := oneLine(at, text)
			return strings.ReplaceAll(text, "%", `\%`), err
		}})
}

// procfile reads `name: command` lines.
func (r *reader) procfile() {
	for _, l := range lines(r.src) {
		text := l.text(r.src)
		switch n := len(procName.FindString(text)); {
		case strings.HasPrefix(strings.TrimSpace(text), "#"):
			r.mentions(l.start, l.end, site.Comment, "comment", "a comment")
		case n > 0:
			r.mentions(l.start, l.start+n, site.Identifier, "process", "the name of a process")
			p := r.raw(l.start+n, l.end)
			r.guest(&source.Guest{Text: p.text, Map: p.m, Language: "shell", Where: strings.TrimSpace(text[:n]), Spell: oneLine})
		default:
			r.mentions(l.start, l.end, site.Unexplained, "unread", "the line names no process")
		}
	}
}

// env reads NAME=value lines.
func (r *reader) env() {
	r.mark(0, len(r.src), site.Data, "variable", "the value of an environment variable")
	for _, l := range lines(r.src) {
		text := l.text(r.src)
		if strings.HasPrefix(strings.TrimSpace(text), "#") {
			r.mentions(l.start, l.end, site.Comment, "comment", "a comment")
		} else if m := setVar.FindStringSubmatchIndex(text); m != nil {
			r.mentions(l.start+m[2], l.start+m[3], site.Identifier, "variable-name", "the name of a variable")
		}
	}
}

// justfile reads the recipes of a justfile. A recipe with an interpreter of its own is one text.
func (r *reader) justfile() {
	all := lines(r.src)
	for i := 0; i < len(all); {
		l := all[i]
		text := l.text(r.src)
		i++
		switch m := justSet.FindStringSubmatchIndex(text); {
		case blankLine(text):
		case text[0] == '#':
			r.mentions(l.start, l.end, site.Comment, "comment", "a comment")
		case m != nil:
			r.mentions(l.start, l.start+m[3], site.Identifier, "variable-name", "the name of a variable")
			r.justValue(l.start+m[1], l.end)
		case justHead.MatchString(text):
			r.mentions(l.start, l.end, site.Identifier, "recipe", "the name of a recipe or of what it depends on")
			i = r.justRecipe(all, i, text[:strings.IndexByte(text, ':')])
		default:
			r.mentions(l.start, l.end, site.Data, "setting", "a setting or an import")
		}
	}
}

// justValue reads the value of a variable: text between backticks is run.
func (r *reader) justValue(start, end int) {
	r.mentions(start, end, site.Data, "variable", "the value of a variable")
	text := r.src[start:end]
	i := strings.IndexByte(text, '`')
	if i < 0 {
		return
	}
	if j := strings.IndexByte(text[i+1:], '`'); j >= 0 {
		p := r.raw(start+i+1, start+i+1+j)
		r.guest(&source.Guest{Text: p.text, Map: p.m, Language: "shell", Where: "backticks", Spell: refuse("`\r\n")})
	}
}

func (r *reader) justRecipe(all []line, i int, name string) int {
	first := i
	for i < len(all) && (blankLine(all[i].text(r.src)) || strings.IndexByte(" \t", r.src[all[i].start]) >= 0) {
		i++
	}
	body := all[first:i]
	for len(body) > 0 && blankLine(body[len(body)-1].text(r.src)) {
		body = body[:len(body)-1]
	}
	if len(body) == 0 {
		return i
	}
	width := len(body[0].text(r.src)) - len(strings.TrimLeft(body[0].text(r.src), " \t"))
	script := strings.HasPrefix(body[0].text(r.src)[width:], "#!")
	var b builder
	flush := func() {
		if p := b.piece(); strings.TrimSpace(p.text) != "" {
			g := &source.Guest{Language: "shell", Map: p.m, Where: "recipe " + clip(name), Spell: oneLine}
			if script {
				line, _, _ := strings.Cut(p.text[2:], "\n")
				if k := interpreter(line); k != "" {
					g.Language = string(k)
				}
			}
			g.Text, g.Holes = punch(justHoles, p)
			r.guest(g)
		}
		b = builder{}
	}
	for _, l := range body {
		at := l.start + min(width, len(l.text(r.src)))
		fresh := b.len() == 0
		if !script && fresh {
			at += len(r.src[at:l.end]) - len(strings.TrimLeft(r.src[at:l.end], "@-"))
		}
		b.skip(l.start, at)
		b.copy(r.src, at, l.next)
		if !script && !oddBackslashes(l.text(r.src)) {
			flush()
		}
	}
	flush()
	return i
}
