package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var (
	justSet   = lazyregexp.New(`^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*`)
	justText  = lazyregexp.New(`^("[^"\\]*"|'[^']*')\s*(?:#.*)?$`)
	justHead  = lazyregexp.New(`^@?[A-Za-z_][\w-]*(?:[ \t]+[*+$]*[A-Za-z_][\w-]*(?:[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|\([^)]*\)|[\w-]+(?:\([^)]*\))?))?)*[ \t]*:(?:[^=]|$)`)
	justHoles = lazyregexp.New(`\{\{[^{}]*\}\}`)
)

// justfile reads the recipes of a justfile. A recipe with an interpreter of its own is one text.
func (r *reader) justfile() {
	all := lines(r.src)
	var vars []source.Var
	defer func() {
		for _, g := range r.Scripts {
			g.Env = append(g.Env, vars...)
		}
	}()
	for i := 0; i < len(all); {
		l := all[i]
		text := l.text(r.src)
		i++
		switch m := justSet.FindStringSubmatchIndex(text); {
		case blankLine(text):
		case text[0] == '#':
			r.Mentions(l.start, l.end, site.Comment, "comment", "a comment")
		case m != nil:
			r.Mentions(l.start, l.start+m[3], site.Identifier, "variable-name", "the name of a variable")
			if v := r.justValue(l.start+m[1], l.end); v != nil {
				vars = append(vars, source.Var{Name: text[m[2]:m[3]], Value: v})
			}
		case justHead.MatchString(text):
			r.Mentions(l.start, l.end, site.Identifier, "recipe", "the name of a recipe or of what it depends on")
			i = r.justRecipe(all, i, text[:strings.IndexByte(text, ':')])
		default:
			r.Mentions(l.start, l.end, site.Data, "setting", "a setting or an import")
		}
	}
}

// justValue reads the value of a variable: text between backticks is run, and text between quotes is what recipes put in
// the place of the variable's name.
func (r *reader) justValue(start, end int) *source.Script {
	r.Mentions(start, end, site.Data, "variable", "the value of a variable")
	text := r.src[start:end]
	if m := justText.FindStringSubmatchIndex(text); m != nil {
		p := r.raw(start+m[2]+1, start+m[3]-1)
		return &source.Script{Text: p.text, Map: p.m, Language: "shell", Host: string(r.kind), Where: "value of a variable", Render: refuse(text[:1] + "\\\r\n")}
	}
	i := strings.IndexByte(text, '`')
	if i < 0 {
		return nil
	}
	if j := strings.IndexByte(text[i+1:], '`'); j >= 0 {
		p := r.raw(start+i+1, start+i+1+j)
		r.embedded(&source.Script{Text: p.text, Map: p.m, Language: "shell", Where: "backticks", Render: refuse("`\r\n")})
	}
	return nil
}

func (r *reader) justRecipe(all []line, i int, name string) int {
	first := i
	for i < len(all) && (blankLine(all[i].text(r.src)) || strings.IndexByte(" \t", r.src[all[i].start]) >= 0) {
		i++
	}
	body := all[first:i]
	for _, l := range body {
		for _, m := range justHoles.FindAllStringIndex(l.text(r.src), -1) {
			r.Mentions(l.start+m[0], l.start+m[1], site.Identifier, "name", "a name in an expression")
		}
	}
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
			g := &source.Script{Language: "shell", Map: p.m, Where: "recipe " + clip(name), Render: OneLine}
			if script {
				line, _, _ := strings.Cut(p.text[2:], "\n")
				if k := interpreter(line); k != "" {
					g.Language = string(k)
				}
			}
			g.Text, g.Holes = punch(justHoles.Compiled(), p)
			r.embedded(g)
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
