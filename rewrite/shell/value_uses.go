package shell

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
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

// ofValue reports whether a site is a value that is replaced at the places which run it.
func ofValue(s render.Site) bool { return s.Instance.Expr == "" && len(s.Occurrence.Takes) > 0 }

// useOf is the site that one of those places is.
func useOf(s render.Site, t site.Take) render.Site {
	o := *s.Occurrence
	o.Slot, o.Uses, o.Takes = t.Slot, nil, nil
	return render.Site{
		File: cmp.Or(t.File, s.File), Occurrence: &o, Instance: t.Instance,
		ByRoot: t.Instance.How == "root" || t.Instance.How == "place" && t.Slot.Root != nil,
	}
}

// values plans the sites that are values. One goes away with all the places that run it, or stays where that cannot be; these
// places then have sites of their own, those apart that do not name the program.
func (p *project) values(plans []*plan) []*plan {
	type place struct {
		file string
		at   source.Span
	}
	sites := map[place]*plan{}
	var out, values []*plan
	for _, pl := range plans {
		if ofValue(pl.site) {
			values = append(values, pl)
			continue
		}
		sites[place{pl.site.File, pl.site.Occurrence.Slot.Span}] = pl
		out = append(out, pl)
	}
	for _, pl := range values {
		whole := pl.site.Occurrence.Action == site.Rewrite
		if whole {
			pl.err = p.moved(pl)
			out = append(out, pl)
		}
		v, _ := p.value(pl.site)
		if variable, _, _ := strings.Cut(strings.Replace(v.override, "-", ":", 1), ":"); variable == v.name {
			v.override = "" // the value that stays is what it would give
		}
		rest := &plan{site: pl.site, order: pl.order, edits: map[string][]edit.Edit{}}
		for _, use := range pl.uses {
			own := sites[place{use.site.File, use.site.Occurrence.Slot.Span}]
			switch use.override = v.override; {
			case own != nil && whole && pl.err == nil:
				out = slices.DeleteFunc(out, func(o *plan) bool { return o == own })
			case own != nil:
				own.override = v.override
			case whole && pl.err != nil && use.err == nil:
				if list, err := p.edits(use); err == nil {
					rest.uses, rest.edits[use.site.File] = append(rest.uses, use), append(rest.edits[use.site.File], list...)
				}
			}
		}
		if len(rest.uses) > 0 {
			out = append(out, rest)
		}
	}
	slices.SortStableFunc(out, func(a, b *plan) int { return cmp.Compare(a.order, b.order) })
	return out
}

// moved plans the edits that give each place which runs a value the path of its instance's program, and take the value
// away: it would be the name of a program that is not there.
func (p *project) moved(pl *plan) error {
	for _, use := range pl.uses {
		if use.err != nil {
			return use.err
		}
	}
	v, err := p.value(pl.site)
	if err != nil {
		return err
	}
	d := p.docs.Opened(pl.site.File)
	if err := p.unused(d, v, pl.site); err != nil {
		return err
	}
	edits := map[string][]edit.Edit{d.File: {{Start: v.line.Start, End: v.line.End}}}
	for _, use := range pl.uses {
		use.override = v.override
		list, err := p.edits(use)
		if err != nil {
			return err
		}
		edits[use.site.File] = append(edits[use.site.File], list...)
	}
	if script(pl.site.Occurrence.Slot) {
		for file, list := range edits {
			if err := p.parses(p.docs.Opened(file), list); err != nil {
				return err
			}
		}
	}
	pl.edits = edits
	return nil
}

// unused errs when a value is used for something else than to be run: it would be missing there.
func (p *project) unused(d *document, v value, s render.Site) error {
	read := regexp.MustCompile(`(?:\$[{(]?|\{\{ ?)` + v.name + `(?:[^\w-]|$)`)
	for _, file := range p.in.Files {
		src, err := p.in.Read(file)
		if err != nil || file != d.File && !strings.Contains(string(src), path.Base(d.File)) {
			continue
		}
		for _, m := range read.FindAllIndex(src, -1) {
			if at := m[0]; (file != d.File || !v.line.Contains(at)) && !taken(s, file, at) {
				line := 1 + bytes.Count(src[:at], []byte("\n"))
				return fmt.Errorf("%s is used on line %d of %s as well, where it is not run: give each call its instance's path by hand", v.name, line, file)
			}
		}
	}
	return nil
}

// taken reports whether a byte of a file is in one of the places that run the value of a site.
func taken(s render.Site, file string, at int) bool {
	return slices.ContainsFunc(s.Occurrence.Takes, func(t site.Take) bool {
		return cmp.Or(t.File, s.File) == file && t.Slot.Span.Contains(at)
	})
}

// value finds the assignment that a site stands in. It errs when the value is written in another way.
func (p *project) value(s render.Site) (value, error) {
	var v value
	o := s.Occurrence
	d, err := p.docs.Open(s.File)
	if err != nil {
		return v, err
	}
	if !script(o.Slot) {
		return d.hosted(o, p.program)
	}
	f, err := d.parsed()
	if err != nil {
		return v, err
	}
	alone := false
	syntax.Walk(f, func(n syntax.Node) bool {
		if s, ok := n.(*syntax.Stmt); ok && covers(s, o.Span) {
			if c, ok := s.Cmd.(*syntax.CallExpr); ok && len(c.Args) == 0 && len(c.Assigns) == 1 && len(s.Redirs) == 0 && !s.Background {
				v = assigned(c.Assigns[0], p.program)
				v.line, _, alone = d.Alone(source.Span{Start: int(s.Pos().Offset()), End: int(s.End().Offset())}, ";")
			}
		}
		return true
	})
	if v.name == "" || !alone {
		return v, fmt.Errorf("the value is set in a way that cannot be taken apart: give each call its instance's path by hand")
	}
	return v, nil
}

// hostedValue is a line of a makefile or justfile that makes the program's name the value of a variable.
var hostedValue = lazyregexp.New(`^([A-Za-z_][\w-]*)[ \t]*(?:\?|:{1,3})?=[ \t]*["']?([^"'\s]+)["']?[ \t]*\r?\n?$`)

// hosted finds the definition of a site in a file that holds shell text.
func (d *document) hosted(o *site.Occurrence, program string) (value, error) {
	src := string(d.Src)
	from := strings.LastIndexByte(src[:o.Start], '\n') + 1
	line, _, _ := strings.Cut(src[from:], "\n")
	m := hostedValue.FindStringSubmatch(line)
	if m == nil || m[2] != program || o.Host != "makefile" && o.Host != "justfile" {
		return value{}, fmt.Errorf("nothing runs the value any more when its uses have their instances' paths: take it away by hand")
	}
	return value{name: m[1], line: source.Span{Start: from, End: min(from+len(line)+1, len(src))}}, nil
}

// parsed is the script as bash reads it.
func (d *document) parsed() (*syntax.File, error) {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(string(d.Src)), "")
	if err != nil {
		return nil, fmt.Errorf("the script cannot be parsed")
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
		positional := x.Param.Value == "" || x.Param.Value[0] >= '0' && x.Param.Value[0] <= '9' // another one in a function
		if op := x.Exp.Op; !positional && (op == syntax.DefaultUnset || op == syntax.DefaultUnsetOrNull) {
			return value{name: a.Name.Value, override: x.Param.Value + op.String()}
		}
	}
	return value{}
}

func covers(n syntax.Node, s source.Span) bool {
	return int(n.Pos().Offset()) <= s.Start && s.End <= int(n.End().Offset())
}
