package host

import (
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// heredoc is a here-document of a Dockerfile instruction.
type heredoc struct {
	word   string // as the instruction has it: <<-"EOF"
	chomp  bool
	quoted bool
	body   []line
	end    line // the terminator
	closed bool
}

var heredocWord = lazyregexp.New(`^(\d*)<<(-?)([^<\s]+)$`)

// heredocs reads the here-documents that the instruction opens; their lines follow it.
func (d *docker) heredocs(name string, p piece) []heredoc {
	switch name {
	case "RUN", "COPY", "ADD":
	default:
		return nil
	}
	if !strings.Contains(p.text, "<<") {
		return nil
	}
	var docs []heredoc
	for _, w := range d.split(p) {
		m := heredocWord.FindStringSubmatch(w.text)
		if m == nil {
			continue
		}
		doc := heredoc{word: w.text, chomp: m[2] == "-", quoted: strings.ContainsAny(m[3], `'"`)}
		mark := strings.NewReplacer(`'`, "", `"`, "", `\`, "").Replace(m[3])
		if mark == "" {
			continue
		}
		d.body(&doc, mark)
		docs = append(docs, doc)
	}
	return docs
}

// body takes the lines of a here-document up to its terminator.
func (d *docker) body(doc *heredoc, mark string) {
	first := d.next
	for ; d.next < len(d.lines); d.next++ {
		l := d.lines[d.next]
		text := strings.TrimRight(l.text(d.src), "\r")
		if doc.chomp {
			text = strings.TrimLeft(text, "\t")
		}
		if text == mark {
			doc.end, doc.closed = l, true
			d.next++
			return
		}
		doc.body = append(doc.body, l)
	}
	if first < len(d.lines) {
		d.Problem(d.lines[first].start, len(d.src), "here-document "+clip(mark)+" is never closed")
	}
}

// script makes the script of a RUN with here-documents. One that is only a here-document is that script; else the
// documents belong to the shell text, as in any script.
func (d *docker) script(g *source.Script, body piece, docs []heredoc) {
	var b builder
	bare := len(docs) == 1 && body.text == docs[0].word
	if !bare {
		b.add(body)
		b.gap("\n", body.span().End)
	}
	for _, doc := range docs {
		for _, l := range doc.body {
			start := l.start
			if bare && doc.chomp {
				start += len(l.text(d.src)) - len(strings.TrimLeft(l.text(d.src), "\t"))
				b.skip(l.start, start)
			}
			b.copy(d.src, start, l.next)
		}
		if !bare && doc.closed {
			b.copy(d.src, doc.end.start, doc.end.next)
		}
	}
	p := b.piece()
	g.Text, g.Map, g.Render = p.text, p.m, nil
	if bare && strings.HasPrefix(p.text, "#!") {
		first, _, _ := strings.Cut(p.text[2:], "\n")
		if k := interpreter(first); k != "" {
			g.Language, g.Dialect = string(k), ""
		}
	}
	if !bare {
		g.Render = d.renderDocs(body.span())
	}
	d.embedded(g)
}

// renderDocs refuses a newline in the instruction's own line, and admits it in its here-documents.
func (d *docker) renderDocs(line source.Span) renderer {
	n := line.Len()
	return func(at source.Span, text string) (string, error) {
		if at.Start <= n {
			return d.renderShell(at, text)
		}
		return text, nil
	}
}

// copied makes embedded scripts of the files that COPY writes from here-documents.
func (d *docker) copied(p piece, docs []heredoc) {
	if len(docs) == 0 {
		return
	}
	words := strings.Fields(p.text)
	dest := words[len(words)-1]
	for _, doc := range docs {
		var b builder
		for _, l := range doc.body {
			start := l.start
			if doc.chomp {
				start += len(l.text(d.src)) - len(strings.TrimLeft(l.text(d.src), "\t"))
				b.skip(l.start, start)
			}
			b.copy(d.src, start, l.next)
		}
		body := b.piece()
		s := body.span()
		d.Mark(s.Start, s.End, site.Data, "file", "the content of a file that COPY writes")
		switch k := Detect(path.Clean(dest), []byte(body.text)); k {
		case Shell, Python, Ruby, YAML:
			d.embedded(&source.Script{Text: body.text, Map: body.m, Language: string(k), Where: "COPY " + clip(dest)})
		}
	}
}

// split cuts an instruction's text into words at blanks outside quotes. The words keep their quotes.
func (d *docker) split(p piece) []piece {
	var out []piece
	start, quote := -1, byte(0)
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case quote == 0 && strings.IndexByte(space, c) >= 0:
			if start >= 0 {
				out = append(out, p.cut(start, i))
			}
			start = -1
			continue
		case start < 0:
			start = i
		}
		switch {
		case c == d.escape && quote != '\'':
			i++
		case quote == c:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
	}
	if start >= 0 {
		out = append(out, p.cut(start, len(p.text)))
	}
	return out
}

// assign reads NAME=value pairs, or the old form NAME value.
func (d *docker) assign(p piece, what string) {
	d.pieceMark(p, site.Data, "variable", "the value of "+what)
	words := d.split(p)
	if len(words) > 1 && !strings.Contains(words[0].text, "=") && strings.HasPrefix(what, "an env") {
		n := len(words[0].text)
		d.variable(words[0], p.cut(n, len(p.text)).trim())
		d.keep()
		return
	}
	for _, w := range words {
		name, _, ok := strings.Cut(w.text, "=")
		if ok {
			d.variable(w.cut(0, len(name)), w.cut(len(name)+1, len(w.text)))
		} else {
			d.variable(w, piece{})
		}
	}
	d.keep()
}

// variable notes one variable with its value unquoted.
func (d *docker) variable(name, val piece) {
	d.pieceMark(name, site.Identifier, "variable-name", "the name of a variable")
	if len(val.m.Segments) == 0 && val.text == "" {
		return
	}
	dec := d.unquote(val)
	g := &source.Script{
		Text: dec.text, Map: dec.m, Language: "shell", Host: string(d.kind), Where: "value of " + clip(name.text), Render: refuse("\r\n\"'`\\ \t"),
	}
	for i, v := range d.stage.env {
		if v.Name == name.text {
			env := append([]source.Var(nil), d.stage.env...)
			env[i].Value = g
			d.stage.env = env
			return
		}
	}
	if len(d.stage.env) == maxVariables {
		d.Problem(name.span().Start, name.span().End, "more variables than are followed in one image: what later ones hold is not known")
		return
	}
	d.stage.env = append(slices.Clip(d.stage.env), source.Var{Name: name.text, Value: g})
}

// maxVariables bounds the variables of a stage that commands see.
const maxVariables = 500

// unquote removes the quotes and escapes of a value. What the builder would put in place of $NAME stays as it is
// written, for the shell writes it the same.
func (d *docker) unquote(p piece) piece {
	var b builder
	quote := byte(0)
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case quote == c && c != 0, quote == 0 && (c == '"' || c == '\''):
			if quote == 0 {
				quote = c
			} else {
				quote = 0
			}
			b.skip(i, i+1)
		case c == d.escape && quote != '\'' && i+1 < len(p.text):
			if next := p.text[i+1]; quote == '"' && next != '"' && next != d.escape && next != '$' {
				b.copy(p.text, i, i+1)
				continue
			}
			b.atom(p.text[i+1:i+2], i, i+2)
			i++
		default:
			b.copy(p.text, i, i+1)
		}
	}
	return b.piece().through(p)
}
