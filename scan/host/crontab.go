package host

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var (
	cronTime = lazyregexp.New(`^\s*(?:@\w+|(?:[\d*/,\-A-Za-z~?LW#]+\s+){4}[\d*/,\-A-Za-z~?LW#]+)\s+`)
	cronUser = lazyregexp.New(`^[a-z_][\w-]*\s+`)
	// The comment that heads a table whose entries name a user, or an entry of the user that such tables are for.
	cronHeader  = lazyregexp.New(`(?mi)^#.*\bdow\s+user\b|^\s*(?:@\w+|(?:[\d*/,-]+\s+){5})\s*root\s`)
	cronEntry   = lazyregexp.New(entryForm)
	cronEntries = lazyregexp.New(`(?m)` + entryForm)
	setVar      = lazyregexp.New(`^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*[=:]\s*`)
)

// entryForm is a line that begins with a time as cron has it, and nothing else does: digits, stars, names of days.
const entryForm = `^\s*(?:@(?:reboot|hourly|daily|midnight|weekly|monthly|yearly|annually)|(?:(?:\*|\d{1,2})[\d*/,\-]*\s+){3}(?:(?:\*|\d{1,2}|[A-Za-z]{3})[\w*/,\-]*\s+)(?:\*|\d|[A-Za-z]{3})[\w*/,\-]*)\s+(\S+)\s`

// cronTable reports whether a text has the shape of a table of cron: entries, and between them only settings and comments.
func cronTable(src []byte) bool {
	entries, starred := 0, false
	for line := range bytes.Lines(src[:min(len(src), 8000)]) {
		trimmed := bytes.TrimSpace(line)
		switch {
		case len(trimmed) == 0, trimmed[0] == '#', len(src) > 8000 && line[len(line)-1] != '\n': // the last line may be cut
		case cronEntry.Match(line):
			entries++
			starred = starred || bytes.ContainsAny(line, "*@")
		case !setVar.Match(line):
			return false
		}
	}
	return entries > 0 && starred // a table of numbers has none
}

// cronUsers reports whether every entry of a table names the same user before its command.
func (r *reader) cronUsers() bool {
	user, n := "", 0
	for _, m := range cronEntries.FindAllStringSubmatch(r.src, -1) {
		word := m[1]
		if user != "" && word != user || word == r.Program || !cronUser.MatchString(word+" ") || slices.Contains(r.pack.Shell.Plain, word) {
			return false
		}
		user, n = word, n+1
	}
	return n > 1
}

// crontab reads time specifications with the commands after them.
func (r *reader) crontab() {
	system := strings.Contains("/"+r.in.Path, "/cron.d/") || strings.HasSuffix("/"+r.in.Path, "/etc/crontab") || cronHeader.MatchString(r.src) || r.cronUsers()
	var env []source.Var
	for _, l := range lines(r.src) {
		text := l.text(r.src)
		trimmed := strings.TrimSpace(text)
		switch m := setVar.FindStringSubmatchIndex(text); {
		case trimmed == "":
		case trimmed[0] == '#':
			r.Mentions(l.start, l.end, site.Comment, "comment", "a comment")
		case m != nil:
			r.Mentions(l.start, l.end, site.Data, "variable", "the value of an environment variable")
			p := r.raw(l.start+m[1], l.end)
			env = append(env, source.Var{Name: text[m[2]:m[3]], Value: &source.Script{
				Text: p.text, Map: p.m, Language: "shell", Host: string(r.kind), Where: "value", Render: OneLine,
			}})
		default:
			at := l.start + len(cronTime.FindString(text))
			if at == l.start {
				r.Mentions(l.start, l.end, site.Unexplained, "unread", "the line does not begin with a time")
				r.Problem(l.start, l.end, "no time at the beginning of the line")
				continue
			}
			r.Mentions(l.start, at, site.Data, "time", "when a command is run")
			if system {
				n := len(cronUser.FindString(r.src[at:l.end]))
				r.Mentions(at, at+n, site.Data, "user", "the user who runs the command")
				at += n
			}
			r.cronCommand(at, l.end, env)
		}
	}
}

// cronCommand makes the script of a command: a bare % is a newline and ends the shell's text, \% is a %.
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
	r.Mentions(at, end, site.Data, "input", "the input of the command")
	p := b.piece()
	r.embedded(&source.Script{
		Text: p.text, Map: p.m, Language: "shell", Dialect: "sh", Where: "command", Env: append([]source.Var(nil), env...),
		Render: func(at source.Span, text string) (string, error) {
			text, err := OneLine(at, text)
			return strings.ReplaceAll(text, "%", `\%`), err
		},
	})
}
