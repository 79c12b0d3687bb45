package host

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var (
	inlineKey   = lazyregexp.New(`(?:\binline:|:inline\s*=>|["']inline["']\s*=>|\.inline\s*=)\s*`)
	rubyHeredoc = lazyregexp.New(`^<<([-~]?)(["']?)(\w+)(["']?)`)
	rubyName    = lazyregexp.New(`^[$@]?\w+`)
)

// vagrantfile reads a Vagrantfile: Ruby, with the shell text of its provisioners.
func (r *reader) vagrantfile() {
	text := []byte(r.src)
	g := &source.Script{Language: "ruby", Where: "Vagrantfile", Map: source.Identity(0, len(text))}
	var taken []source.Span
	for _, m := range inlineKey.FindAllStringIndex(r.src, -1) {
		p, render, ok := r.rubyText(m[1])
		if !ok {
			continue
		}
		s := p.span()
		if p.text == "" || slices.ContainsFunc(taken, func(t source.Span) bool { return t.Start < s.End && s.Start < t.End }) {
			continue
		}
		taken = append(taken, s)
		r.embedded(&source.Script{Text: p.text, Map: p.m, Language: "shell", Where: "shell provisioner", Render: render})
		blankLetters(text[s.Start:s.End])
		g.Holes = append(g.Holes, source.Hole{Span: s, Expr: "inline", Source: r.src[s.Start:s.End]})
	}
	sort.Slice(g.Holes, func(i, j int) bool { return g.Holes[i].Start < g.Holes[j].Start })
	g.Text = string(text)
	r.Scripts = append([]*source.Script{g}, r.Scripts...)
	g.Host = string(r.kind)
}

// blankLetters hides a text that has to keep its lines.
func blankLetters(text []byte) {
	for i, c := range text {
		if strings.IndexByte(space, c) < 0 {
			text[i] = '_'
		}
	}
}

// rubyText is the text that the expression at off writes: a here-document, a string, or a variable with either.
func (r *reader) rubyText(off int) (piece, renderer, bool) {
	rest := r.src[off:]
	if m := rubyHeredoc.FindStringSubmatch(rest[:min(len(rest), 200)]); m != nil && m[2] == m[4] {
		return r.rubyHeredoc(off, m[1], m[2] == "'", m[3])
	}
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		lex := notation{quotes: []string{`"`, `'`}, multi: `"'`}
		quote, end := lex.string(r.src, off)
		if end == off {
			return piece{}, nil, false
		}
		p, _ := lex.decode(r.src, token{Span: source.Span{Start: off, End: end}, quote: quote})
		return p, lex.render(quote), true
	}
	name := rubyName.FindString(rest[:min(len(rest), 200)])
	if name == "" {
		return piece{}, nil, false
	}
	m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(name) + `\s*=\s*`).FindStringIndex(r.src)
	if m == nil || strings.HasPrefix(r.src[m[1]:], name) {
		return piece{}, nil, false
	}
	if c := r.src[m[1]:]; c == "" || c[0] != '<' && c[0] != '"' && c[0] != '\'' {
		return piece{}, nil, false
	}
	return r.rubyText(m[1])
}

// rubyHeredoc is the body of a here-document, with the indentation taken off that <<~ takes off.
func (r *reader) rubyHeredoc(off int, dash string, raw bool, mark string) (piece, renderer, bool) {
	var body []line
	closed := false
	width := 1 << 30
	for at := lineAt(r.src, off).next; at < len(r.src); {
		l := lineAt(r.src, at)
		text := l.text(r.src)
		if text == mark || dash != "" && strings.TrimSpace(text) == mark {
			closed = true
			break
		}
		if !blankLine(text) {
			width = min(width, len(text)-len(strings.TrimLeft(text, " \t")))
		}
		body = append(body, l)
		at = l.next
	}
	if !closed {
		r.Problem(off, len(r.src), "here-document "+clip(mark)+" is never closed")
		return piece{}, nil, false
	}
	if dash != "~" {
		width = 0
	}
	var b builder
	for _, l := range body {
		text := l.text(r.src)
		at := l.start + min(width, len(text)-len(strings.TrimLeft(text, " \t")))
		b.skip(l.start, at)
		for i := at; i < l.next; i++ {
			if r.src[i] == '\\' && !raw && i+1 < l.end {
				b.atom(r.src[i+1:i+2], i, i+2)
				i++
				continue
			}
			b.copy(r.src, i, i+1)
		}
	}
	if raw {
		return b.piece(), OneLine, true
	}
	return b.piece(), heredocRender, true
}

var heredocEscape = strings.NewReplacer(`\`, `\\`, `#{`, `\#{`)

func heredocRender(at source.Span, text string) (string, error) {
	text, err := OneLine(at, text)
	return heredocEscape.Replace(text), err
}
