package host

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// dialects are the template languages that may be mixed into a file of the kind; none where their delimiters mean
// something else, or where the script's reader knows them.
func (r *reader) dialects() []mask.Dialect {
	switch r.kind {
	case ERB:
		return []mask.Dialect{mask.ERB}
	case Jinja:
		return []mask.Dialect{mask.Jinja, mask.Go}
	case Dockerfile, INI, Systemd, JSON, TOML, Crontab, Procfile, Requirements, Env, Makefile, HTML:
		for _, d := range []struct {
			open    string
			dialect mask.Dialect
		}{{"{{", mask.Jinja}, {"{%", mask.Jinja}, {"{#", mask.Jinja}, {"<%", mask.ERB}} {
			if strings.Contains(r.src, d.open) {
				return []mask.Dialect{d.dialect}
			}
		}
	}
	return nil
}

// template hides the template's blocks, reads the file that it makes, and puts the blocks back as holes.
func (r *reader) template(dialects []mask.Dialect) {
	m := mask.Read(r.src, dialects...)
	r.Mark(0, len(r.src), site.Identifier, "name", "a part of a word that the template completes")
	kind, name := r.kind, r.in.Path
	if r.kind == Jinja || r.kind == ERB {
		name = strings.TrimSuffix(name, path.Ext(name))
		kind = Detect(name, []byte(m.Text))
	}
	for _, b := range m.Blocks {
		r.templateBlock(b)
	}
	r.insideBlocks(m.Blocks)
	for _, o := range m.Open {
		r.Problem(o.Start, o.End, "a template block that never closes")
	}
	in := r.in
	in.Path, in.Src = name, []byte(m.Text)
	sub := newReader(kind, in)
	sub.depth = r.depth + 1
	if sub.depth > maxHosts {
		return
	}
	sub.masked = kind != Jinja && kind != ERB
	sub.read()
	first := len(r.Scripts)
	r.take(sub.Classify(sub.occurrence), r.raw(0, len(r.src)), source.Script{})
	holes := m.Holes(r.src)
	for _, g := range r.Scripts[first:] {
		g.Pierce(holes)
		for _, v := range g.Env {
			v.Value.Pierce(holes)
		}
	}
}

// templateBlock says what the mentions inside a template block are.
func (r *reader) templateBlock(b mask.Block) {
	if b.Kind == mask.Comment {
		r.Mentions(b.Start, b.End, site.Comment, "comment", "a comment of the template")
		return
	}
	r.Mentions(b.Start, b.End, site.Identifier, "name", "a name or value in a template's expression")
}

// insideBlocks makes an embedded script of the Ruby code of an ERB template.
func (r *reader) insideBlocks(blocks []mask.Block) {
	if r.kind != ERB || strings.HasSuffix(r.in.Path, ".epp") {
		return
	}
	var b builder
	for _, block := range blocks {
		if block.Kind == mask.Comment {
			continue
		}
		at := block.Start + strings.Index(r.src[block.Start:block.End], block.Expr)
		if at < block.Start {
			continue
		}
		b.copy(r.src, at, at+len(block.Expr))
		b.gap("\n", block.End)
	}
	p := b.piece()
	if s := p.span(); p.text != "" && r.Has(s.Start, s.End) && len(site.Find([]byte(p.text), r.Program)) > 0 {
		r.embedded(&source.Script{Text: p.text, Map: p.m, Language: "ruby", Where: "code of the template"})
	}
}
