package ruby

import (
	"errors"
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Put puts the path in the place of the site's word.
func (p *project) Put(pl *render.Draft, instance site.Name, byRoot bool) error {
	slot := pl.Site.Occurrence.Slot
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return err
	}
	if dir, plain := render.InText(slot, instance.Expr); plain && byRoot && slot.Place != render.JobPlace && !elsewhere(pl.Site) {
		pl.Edit(d.File, slot.Span.Start, slot.Span.End, dir+"/"+p.in.Pack.Executable())
		return nil
	}
	switch instance.Expr = d.expression(instance); {
	case slot.Span.End > len(d.Src) || slot.Span.Len() == 0:
		return errors.New("the word is not written in one piece, so it cannot be replaced")
	case slot.Place == render.JobPlace:
		return errors.New("the command becomes a job's script, where the path is another and nothing builds the environment")
	case elsewhere(pl.Site):
		return errors.New("the command runs on another machine or in another container, where this path need not exist")
	case strings.ContainsAny(instance.Expr, "\n\r"):
		return errors.New("the expression that names the instance reaches over several lines")
	case !p.single(instance.Expr):
		return fmt.Errorf("the instance is given as %s, which is no expression of Ruby", instance.Expr)
	}
	lit, ok := ruby.LiteralAt(d.tree, slot.Span.Start)
	if !ok {
		return errors.New("the word stands in no string, so there is nothing to put a path into")
	}
	edits, err := p.render(d, lit, slot.Span, p.Called(instance.Expr, byRoot), slot.Quote)
	pl.Edits[d.File] = append(pl.Edits[d.File], edits...)
	pl.Call(d.File, byRoot)
	return err
}

// single reports whether text is one expression, whose calls have their arguments in parentheses.
func (p *project) single(text string) bool {
	tree, err := p.parser.Parse(syntax.Ruby, []byte(text))
	if err != nil || tree.Broken() {
		return false
	}
	first := tree.Root().First()
	return first.OK() && !first.Next().OK() && !first.Is("comment") && (!first.Is("call") || strings.HasSuffix(text, ")") || !first.Field("arguments").OK())
}

// elsewhere reports whether the call that runs the command hands it to another machine.
func elsewhere(s render.Site) bool {
	for _, u := range s.Occurrence.Uses {
		switch strings.TrimPrefix(u.What, "run by ") {
		case "*.exec!", "*.exec", "*.sudo", "*.execute", "*.capture", "execute", "execute!", "capture", "*.provision", "*.inline=":
			return true
		}
	}
	return false
}

// write are the edits after which the literal has the value of expr at the place at.
func (p *project) render(d *document, lit ruby.Literal, at source.Span, expr string, quote byte) ([]edit.Edit, error) {
	switch {
	case lit.Words:
		return d.word(lit, at, expr)
	case at == lit.Content && !lit.Heredoc && !strings.HasPrefix(lit.Open, "`") && !strings.HasPrefix(lit.Open, "%x") && !lit.Chained:
		return []edit.Edit{{Start: lit.Start, End: lit.End, New: expr}}, nil
	case lit.Symbol:
		return nil, errors.New("the word is a part of a symbol, which cannot hold a path")
	}
	insert := "#{" + expr + d.escaped(lit, quote) + "}"
	if !lit.Raw {
		return []edit.Edit{{Start: at.Start, End: at.End, New: insert}}, nil
	}
	if lit.Heredoc {
		return d.unquote(lit, at, insert)
	}
	edits := d.requote(lit, at)
	return append(edits, edit.Edit{Start: at.Start, End: at.End, New: insert}), nil
}

// escaped is the call that quotes the path for a shell, where the literal does so with its other values.
func (d *document) escaped(lit ruby.Literal, quote byte) string {
	text := string(d.Src[lit.Content.Start:lit.Content.End])
	if quote == 0 && strings.Contains(text, ".shellescape}") {
		return ".shellescape"
	}
	return ""
}

// word puts the path in the place of one word of a word list. The list becomes one that interpolates, when all its other
// words stay as they are; else the path stands beside it in an array.
func (d *document) word(lit ruby.Literal, at source.Span, expr string) ([]edit.Edit, error) {
	insert := edit.Edit{Start: at.Start, End: at.End, New: "#{" + expr + "}"}
	if !lit.Raw {
		return []edit.Edit{insert}, nil
	}
	text := string(d.Src[lit.Content.Start:lit.Content.End])
	if !strings.Contains(text, `\`) && !interpolating(text) {
		kind := lit.Start + 1
		return []edit.Edit{{Start: kind, End: kind + 1, New: strings.ToUpper(string(d.Src[kind]))}, insert}, nil
	}
	if lit.Symbol {
		return nil, errors.New("the list of symbols holds escapes, so a path cannot be put into it")
	}
	before, after := string(d.Src[lit.Content.Start:at.Start]), string(d.Src[at.End:lit.Content.End])
	if !edgeOfWord(before, after) {
		return nil, errors.New("the word is only a part of one of the list's words")
	}
	open, end := lit.Open, string(d.Src[lit.Content.End:lit.End])
	var parts []string
	if strings.TrimSpace(before) != "" {
		parts = append(parts, "*"+open+strings.TrimRight(before, " \t\r\n")+end)
	}
	parts = append(parts, expr)
	if strings.TrimSpace(after) != "" {
		parts = append(parts, "*"+open+strings.TrimLeft(after, " \t\r\n")+end)
	}
	return []edit.Edit{{Start: lit.Start, End: lit.End, New: "[" + strings.Join(parts, ", ") + "]"}}, nil
}

func edgeOfWord(before, after string) bool {
	blank := func(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 }
	return (before == "" || blank(before[len(before)-1])) && (after == "" || blank(after[0]))
}

// interpolating reports whether text would interpolate in double quotes.
func interpolating(text string) bool {
	return strings.Contains(text, "#{") || strings.Contains(text, "#$") || strings.Contains(text, "#@")
}

// unquote makes a here-document interpolate whose terminator is in single quotes.
func (d *document) unquote(lit ruby.Literal, at source.Span, insert string) ([]edit.Edit, error) {
	text := string(d.Src[lit.Content.Start:lit.Content.End])
	if strings.Contains(text, `\`) || interpolating(text) {
		return nil, fmt.Errorf("the here-document %s is quoted and holds backslashes or #{}, which would get a meaning", lit.Open)
	}
	quoted := strings.IndexByte(lit.Open, '\'')
	word := lit.Open[quoted+1 : len(lit.Open)-1]
	open := lit.Open[:quoted] + word
	if strings.ContainsAny(word, " \t-.") {
		open = lit.Open[:quoted] + `"` + word + `"`
	}
	return []edit.Edit{{Start: lit.Start, End: lit.End, New: open}, {Start: at.Start, End: at.End, New: insert}}, nil
}

// requote are the edits that make a literal in single quotes or %q one that interpolates, with the same value. What
// stands at the place at is left to the caller.
func (d *document) requote(lit ruby.Literal, at source.Span) []edit.Edit {
	var out []edit.Edit
	percent := strings.HasPrefix(lit.Open, "%")
	if percent {
		out = append(out, edit.Edit{Start: lit.Start + 1, End: lit.Start + 2, New: "Q"})
	} else {
		start := lit.Content.Start - 1
		out = append(out, edit.Edit{Start: start, End: start + 1, New: `"`}, edit.Edit{Start: lit.Content.End, End: lit.Content.End + 1, New: `"`})
	}
	open := lit.Open[len(lit.Open)-1]
	end := d.Src[lit.Content.End]
	for i := lit.Content.Start; i < lit.Content.End; i++ {
		c := d.Src[i]
		var next byte
		if i+1 < lit.Content.End {
			next = d.Src[i+1]
		}
		switch {
		case i >= at.Start && i < at.End:
		case c == '\\' && next == '\\':
			i++
		case c == '\\' && (next == open || next == end):
			if !percent {
				out = append(out, edit.Edit{Start: i, End: i + 1})
			}
			i++
		case c == '\\':
			out = append(out, edit.Edit{Start: i, End: i + 1, New: `\\`})
		case c == '"' && !percent:
			out = append(out, edit.Edit{Start: i, End: i + 1, New: `\"`})
		case c == '#' && (next == '{' || next == '$' || next == '@'):
			out = append(out, edit.Edit{Start: i, End: i + 1, New: `\#`})
		}
	}
	return out
}
