package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// value is the assignment of a script that makes the program's name the value of a variable: TUTOR=tutor, or
// TUTOR="${TUTOR_BIN:-tutor}", which another variable overrides.
type value struct {
	name     string
	override string      // "TUTOR_BIN:-": what stands before the name in the expansion; empty for a plain name
	line     source.Span // the bytes of its line, line end included
}

// byUses reports whether a site is a value that the places which run it give an instance, each its own.
func byUses(s render.Site) bool {
	o := s.Occurrence
	return s.Instance.Expr == "" && len(o.UseSlots) > 0 && len(o.UseSlots) == len(o.Uses)
}

// use is the site that one of those places is.
func use(s render.Site, slot *site.Slot) render.Site {
	o := *s.Occurrence
	o.Slot, o.Uses, o.UseSlots = slot, nil, nil
	s.Occurrence = &o
	if slot.Root != nil {
		s.Instance, s.ByRoot = *slot.Root, true
	} else if len(slot.Names) > 0 {
		s.Instance, s.ByRoot = slot.Names[0], false
	}
	return s
}

// atUses says whether a place that runs the value of a site will need the function.
func (p *project) atUses(s render.Site) (word, error) {
	var w word
	for _, slot := range s.Occurrence.UseSlots {
		one, err := p.render(&plan{site: use(s, slot)})
		if err != nil {
			return w, err
		}
		w.function = w.function || one.function
	}
	return w, nil
}

// moved are the edits that give each place which runs a value the path of its instance's program, and take the value
// away: it would be the name of a program that is not there.
func (p *project) moved(pl *plan) ([]edit.Edit, error) {
	d, err := p.document(pl.site.File)
	if err != nil {
		return nil, err
	}
	v, err := d.value(pl.site.Occurrence, p.program)
	if err != nil {
		return nil, err
	}
	if file := p.mentions(d.file, v.name); file != "" {
		return nil, refuse("%s is used in %s as well, which reads this file: give each call its instance's path by hand", v.name, file)
	}
	list := []edit.Edit{{Start: v.line.Start, End: v.line.End}}
	for _, slot := range pl.site.Occurrence.UseSlots {
		one := plan{site: use(pl.site, slot)}
		if one.word, err = p.render(&one); err != nil {
			return nil, err
		}
		text := one.word.text
		if v.override != "" {
			text = "${" + v.override + text + "}"
		}
		list = append(list, edit.Edit{Start: slot.Span.Start, End: slot.Span.End, New: `"` + text + `"`})
		if one.word.function {
			list = append(list, p.homes[d.file].edits...)
		}
	}
	return list, p.parses(d, list)
}

// value finds the assignment that a site stands in. It errs when the value is written in another way, or is used for
// something else than to be run.
func (d *document) value(o *site.Occurrence, program string) (value, error) {
	var v value
	f, err := d.parsed()
	if err != nil {
		return v, err
	}
	var other []int
	syntax.Walk(f, func(n syntax.Node) bool {
		if s, ok := n.(*syntax.Stmt); ok && covers(s, o.Span) {
			if c, ok := s.Cmd.(*syntax.CallExpr); ok && len(c.Args) == 0 && len(c.Assigns) == 1 && len(s.Redirs) == 0 && !s.Background {
				v = assigned(c.Assigns[0], program)
				v.line = d.line(s)
			}
		}
		return true
	})
	if v.name == "" || v.line.Len() == 0 {
		return v, refuse("the value is set in a way that cannot be taken apart: give each call its instance's path by hand")
	}
	syntax.Walk(f, func(n syntax.Node) bool {
		if x, ok := n.(*syntax.ParamExp); ok && x.Param != nil && x.Param.Value == v.name && !covers(x, o.Span) && !ranAt(o, x) {
			other = append(other, int(x.Pos().Line()))
		}
		return true
	})
	if len(other) > 0 {
		return v, refuse("%s is used on line %d as well, where it is not run: give each call its instance's path by hand", v.name, other[0])
	}
	return v, nil
}

// parsed is the script as bash reads it.
func (d *document) parsed() (*syntax.File, error) {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(string(d.src)), "")
	if err != nil {
		return nil, refuse("the script cannot be parsed")
	}
	return f, nil
}

// assigned reads NAME=tutor, NAME="tutor", NAME=${OTHER:-tutor} and NAME="${OTHER-tutor}".
func assigned(a *syntax.Assign, program string) value {
	if a.Append || a.Name == nil || a.Value == nil || len(a.Value.Parts) != 1 {
		return value{}
	}
	part := a.Value.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
		part = q.Parts[0]
	}
	switch x := part.(type) {
	case *syntax.Lit:
		if x.Value == program {
			return value{name: a.Name.Value}
		}
	case *syntax.ParamExp:
		if x.Exp == nil || x.Exp.Word == nil || x.Exp.Word.Lit() != program {
			return value{}
		}
		if op := x.Exp.Op; op == syntax.DefaultUnset || op == syntax.DefaultUnsetOrNull {
			return value{name: a.Name.Value, override: x.Param.Value + op.String()}
		}
	}
	return value{}
}

func covers(n syntax.Node, s source.Span) bool {
	return int(n.Pos().Offset()) <= s.Start && s.End <= int(n.End().Offset())
}

// ranAt reports whether an expansion is one of the places that run a value.
func ranAt(o *site.Occurrence, n syntax.Node) bool {
	for _, slot := range o.UseSlots {
		if slot.Span.Start <= int(n.Pos().Offset()) && int(n.End().Offset()) <= slot.Span.End {
			return true
		}
	}
	return false
}

// line is the line of a statement that stands alone on it, and empty for another.
func (d *document) line(s *syntax.Stmt) source.Span {
	start, end := int(s.Pos().Offset()), int(s.End().Offset())
	from := strings.LastIndexByte(string(d.src[:start]), '\n') + 1
	rest, _, _ := strings.Cut(string(d.src[end:]), "\n")
	if strings.TrimSpace(string(d.src[from:start])) != "" || strings.Trim(rest, " \t\r;") != "" {
		return source.Span{}
	}
	at := source.Span{Start: from, End: min(end+len(rest)+1, len(d.src))}
	if nl := d.newline(); (at.Start == 0 || strings.HasSuffix(string(d.src[:at.Start]), nl+nl)) && strings.HasPrefix(string(d.src[at.End:]), nl) {
		at.End += len(nl) // it was a paragraph of its own
	}
	return at
}

// mentions is a file that names the script, as one does that sources it, and expands the variable.
func (p *project) mentions(script, name string) string {
	for _, file := range p.in.Files {
		if file == script {
			continue
		}
		src, err := p.in.Read(file)
		if err != nil || !strings.Contains(string(src), path.Base(script)) {
			continue
		}
		if text := string(src); strings.Contains(text, "$"+name) || strings.Contains(text, "${"+name) {
			return file
		}
	}
	return ""
}
