package host

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// docker reads a Dockerfile, instruction by instruction.
type docker struct {
	*reader
	escape  byte
	lines   []line
	next    int // index of the next line
	stages  map[string]stage
	stage   stage
	stageAs string
}

// stage is what a build stage hands down to its commands.
type stage struct {
	shell []string
	env   []source.Var
}

func (r *reader) dockerfile() {
	d := &docker{reader: r, escape: '\\', lines: lines(r.src), stages: map[string]stage{}}
	d.directives()
	for d.next < len(d.lines) {
		d.instruction()
	}
}

var directive = lazyregexp.New(`^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$`)

// directives reads the parser directives, which end at the first line that is none.
func (d *docker) directives() {
	for i, l := range d.lines {
		text := l.text(d.src)
		if i == 0 {
			text = strings.TrimPrefix(text, "\xef\xbb\xbf")
		}
		m := directive.FindStringSubmatch(strings.TrimLeft(text, space))
		if m == nil {
			return
		}
		switch name := strings.ToLower(m[1]); name {
		case "escape":
			if m[2] == "`" || m[2] == `\` {
				d.escape = m[2][0]
			}
		case "syntax", "check":
		default:
			return
		}
		d.Mark(l.start, l.end, site.Data, "directive", "a directive for the builder")
	}
}

func isComment(text string) bool {
	text = strings.TrimLeft(text, space)
	return text != "" && text[0] == '#'
}

// instruction reads one logical line: continuations joined, comments between them dropped.
func (d *docker) instruction() {
	var b builder
	begun := false
	for ; d.next < len(d.lines); d.next++ {
		l := d.lines[d.next]
		text := l.text(d.src)
		start := l.start
		if l.start == 0 && strings.HasPrefix(text, "\xef\xbb\xbf") {
			start, text = 3, text[3:]
		}
		if isComment(text) {
			d.Mark(start, l.end, site.Comment, "comment", "a comment")
			b.skip(start, l.next)
			continue
		}
		if strings.Trim(text, space) == "" {
			b.skip(start, l.next)
			continue
		}
		end, more := d.continued(text)
		if !begun {
			end = max(end, len(text)-len(strings.TrimLeft(text, space)))
		}
		begun = true
		b.copy(d.src, start, start+end)
		if !more {
			d.next++
			break
		}
		b.skip(start+end, l.next)
	}
	if begun {
		d.dispatch(b.piece().trim(), nil)
	}
}

// continued tells where the line's own text ends, and whether the next line belongs to it: when its last character but
// blanks is the escape character, and not one of two.
func (d *docker) continued(text string) (end int, more bool) {
	end = len(strings.TrimRight(text, " \t"))
	if end == 0 || text[end-1] != d.escape || (end > 1 && text[end-2] == d.escape) {
		return len(text), false
	}
	return end - 1, true
}

// dispatch reads one instruction. Outer names the instructions that it stands in.
func (d *docker) dispatch(p piece, outer []string) {
	name, rest := p.text, piece{}
	if i := strings.IndexAny(p.text, space); i >= 0 {
		name, rest = p.text[:i], p.cut(i, len(p.text)).trim()
	}
	name = strings.ToUpper(name)
	docs := d.heredocs(name, rest)
	switch name {
	case "RUN":
		d.command(name, rest, docs, true)
	case "CMD", "ENTRYPOINT":
		d.command(name, rest, nil, true)
	case "SHELL":
		d.shell(rest)
	case "HEALTHCHECK":
		d.healthcheck(rest)
	case "ONBUILD":
		if len(outer) == 0 {
			d.dispatch(rest, []string{name})
			return
		}
		d.pieceMark(rest, site.Unexplained, "unread", "ONBUILD inside ONBUILD is refused by the builder")
	case "ENV":
		d.assign(rest, "an environment variable of the image")
	case "ARG":
		d.assign(rest, "a build argument")
	case "FROM":
		d.from(rest)
	default:
		d.data(name, p, rest, docs)
	}
}

func (d *docker) pieceMark(p piece, class site.Class, shape, reason string) {
	s := p.span()
	d.Mark(s.Start, s.End, class, shape, reason)
}

var copyFrom = lazyregexp.New(`^(?:--\S+[ \t]+)*--from=(\S+)`)

// data marks the instructions that run nothing.
func (d *docker) data(name string, p, rest piece, docs []heredoc) {
	switch name {
	case "COPY", "ADD", "WORKDIR", "VOLUME":
		d.pieceMark(rest, site.Path, "path", "a path of "+name)
		if m := copyFrom.FindStringSubmatchIndex(rest.text); m != nil && name == "COPY" {
			d.pieceMark(rest.cut(m[2], m[3]), site.Data, "image", "the name of an image or a build stage")
		}
		d.copied(rest, docs)
	case "LABEL", "USER", "EXPOSE", "STOPSIGNAL":
		d.pieceMark(rest, site.Data, "value", "a value of "+name+", which runs nothing")
	case "MAINTAINER":
		d.pieceMark(rest, site.Data, "value", "the name of a person")
	default:
		if d.earthfile() && d.earthly(name, p, rest) {
			return
		}
		if d.masked && strings.HasPrefix(name, "_") {
			return // a template's expression that makes whole instructions
		}
		s := p.span()
		d.Problem(s.Start, s.End, "unknown instruction "+clip(name))
		d.pieceMark(p, site.Unexplained, "unread", "the instruction "+clip(name)+" is not known")
	}
}

// clip shortens a text for a message.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

func (d *docker) from(p piece) {
	d.pieceMark(p, site.Data, "image", "the name of an image or a build stage")
	words := strings.Fields(p.text)
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		words = words[1:]
	}
	d.stage = stage{}
	if len(words) == 0 {
		return
	}
	d.stage = d.stages[strings.ToLower(words[0])]
	d.stageAs = ""
	if len(words) == 3 && strings.EqualFold(words[1], "as") {
		d.stageAs = strings.ToLower(words[2])
	}
	d.keep()
}

// keep notes the stage's state, for stages that build on it.
func (d *docker) keep() {
	if d.stageAs != "" {
		d.stages[d.stageAs] = stage{d.stage.shell, append([]source.Var(nil), d.stage.env...)}
	}
}

func (d *docker) shell(p piece) {
	d.pieceMark(p, site.Data, "shell", "the shell that runs the commands of this stage")
	words, ok := jsonStrings(p)
	if !ok || len(words) == 0 {
		s := p.span()
		d.Problem(s.Start, s.End, "SHELL wants a JSON list of strings")
		return
	}
	d.stage.shell = nil
	for _, w := range words {
		d.stage.shell = append(d.stage.shell, w.str.text)
	}
	d.keep()
}

func (d *docker) healthcheck(p piece) {
	rest := flags(p, d.escape)
	d.pieceMark(p, site.Data, "value", "an option of HEALTHCHECK")
	if len(rest.text) < 4 || !strings.EqualFold(rest.text[:3], "CMD") || strings.IndexByte(space, rest.text[3]) < 0 {
		return
	}
	d.command("HEALTHCHECK CMD", rest.cut(3, len(rest.text)).trim(), nil, false)
}

// flags is p without the builder's options before the command: --mount=…, --interval=….
func flags(p piece, escape byte) piece {
	at := 0
	for strings.HasPrefix(p.text[at:], "--") {
		end, last := at, byte(0)
		for ; end < len(p.text); end++ {
			c := p.text[end]
			switch {
			case c == escape:
				end++
			case last != 0:
				if c == last {
					last = 0
				}
			case c == '"' || c == '\'':
				last = c
			}
			if last == 0 && end < len(p.text) && c != escape && strings.IndexByte(space, c) >= 0 {
				break
			}
		}
		end = min(end, len(p.text))
		bare := p.text[at:end] == "--"
		for end < len(p.text) && strings.IndexByte(space, p.text[end]) >= 0 {
			end++
		}
		at = end
		if bare {
			break
		}
	}
	return p.cut(at, len(p.text))
}

// command makes the script of an instruction that runs something.
func (d *docker) command(name string, p piece, docs []heredoc, options bool) {
	body := p
	if options {
		body = flags(p, d.escape)
		if n := len(p.text) - len(body.text); n > 0 {
			d.pieceMark(p.cut(0, n), site.Data, "value", "an option for the builder")
		}
	}
	env := slices.Clip(d.stage.env) // shared: a file may hold thousands of commands
	if words, ok := jsonStrings(body); ok {
		var pieces []piece
		for _, w := range words {
			pieces = append(pieces, w.str)
		}
		d.pieceMark(body, site.Data, "value", "a list of words")
		if len(pieces) > 0 {
			g := execForm(pieces)
			g.Where, g.Env = name, env
			d.embedded(g)
		}
		return
	}
	if body.text == "" {
		return
	}
	language, dialect := interpreterOf(d.stage.shell)
	g := &source.Script{Text: body.text, Map: body.m, Language: language, Dialect: dialect, Where: name, Env: env, Render: d.renderShell}
	if len(docs) == 0 {
		d.embedded(g)
		return
	}
	d.script(g, body, docs)
}

// renderShell writes shell text in an instruction, where a line's end would end it, or an escape there would not.
func (d *docker) renderShell(_ source.Span, text string) (string, error) {
	if strings.ContainsAny(text, "\r\n") {
		return "", errNewline
	}
	if strings.HasSuffix(strings.TrimRight(text, " \t"), string(d.escape)) {
		return refuse(string(d.escape))(source.Span{}, text)
	}
	if strings.HasPrefix(strings.TrimLeft(text, space), "#") {
		return refuse("#")(source.Span{}, text)
	}
	return text, nil
}

// interpreterOf is the language and dialect that a SHELL instruction chooses.
func interpreterOf(shell []string) (language, dialect string) {
	if len(shell) == 0 {
		return "shell", "sh"
	}
	name := shell[0][strings.LastIndexAny(shell[0], `/\`)+1:]
	switch name = strings.TrimSuffix(strings.ToLower(name), ".exe"); name {
	case "sh", "ash", "dash":
		return "shell", "sh"
	case "bash", "zsh", "fish", "ksh":
		return "shell", name
	case "powershell", "pwsh":
		return "powershell", ""
	case "cmd":
		return "batch", ""
	case "python", "python3":
		return "python", ""
	}
	return "shell", ""
}
