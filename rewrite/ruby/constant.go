package ruby

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// constant is a constant whose value is the program's name: the literal itself, frozen or not, or the default of a
// variable of the environment.
type constant struct {
	name  syntax.Node
	value syntax.Node // the whole of what it is given
	lit   source.Span // the literal in it
}

// constantOf is the constant that is given the literal.
func (d *document) constantOf(lit ruby.Literal) (*constant, bool) {
	n := d.tree.Exactly(lit.Span)
	for up := n.Parent(); up.OK(); n, up = up, up.Parent() {
		switch {
		case up.Is("call") && up.Field("method").Text() == "freeze" && up.Field("receiver").Span() == n.Span():
		case up.Is("argument_list") && up.Parent().Is("call") && strings.HasPrefix(up.Parent().Text(), "ENV.fetch("):
		case up.Is("call") && strings.HasPrefix(up.Text(), "ENV.fetch("):
		case up.Is("binary") && up.Field("operator").Kind() == "||" && strings.HasPrefix(up.Text(), "ENV["):
		case up.Is("assignment") && up.Field("right").Span() == n.Span() && up.Field("left").Is("constant"):
			return &constant{name: up.Field("left"), value: n, lit: lit.Span}, true
		default:
			return nil, false
		}
	}
	return nil, false
}

// at is what takes the place of the constant where an instance is known: its value, with the path for the literal.
func (c *constant) at(d *document, call string) string {
	text := string(d.Src[c.value.Start():c.lit.Start]) + call + string(d.Src[c.lit.End:c.value.End()])
	return strings.TrimSuffix(text, ".freeze")
}

// valueOf is the constant that a site's literal is given to, which says the program's name and no more.
func (p *project) valueOf(pl *render.Draft) (*document, *constant, error) {
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return nil, nil, err
	}
	slot := pl.Site.Occurrence.Slot
	lit, ok := ruby.LiteralAt(d.tree, slot.Span.Start)
	if !ok {
		return nil, nil, errors.New("the word stands in no string, so there is nothing to put a path into")
	}
	c, ok := d.constantOf(lit)
	switch {
	case !ok:
		return nil, nil, errors.New("")
	case lit.Content != slot.Span:
		return nil, nil, fmt.Errorf("%s is set where no instance is in scope, and holds more than the program's name", c.name.Text())
	}
	return d, c, nil
}

// Take puts the path where a constant is read.
func (p *project) Take(pl *render.Draft, t site.Take) error {
	home, c, err := p.valueOf(pl)
	if err != nil {
		return err
	}
	d, err := p.docs.Open(t.File)
	if err != nil {
		return err
	}
	byRoot := t.Instance.How == "root"
	pl.Call(d.File, byRoot)
	pl.Edit(d.File, t.Slot.Span.Start, t.Slot.Span.End, c.at(home, p.Called(d.expression(t.Instance), byRoot)))
	return nil
}

// Moved takes a constant away that nothing reads any more.
func (p *project) Moved(pl *render.Draft, n int) error {
	d, c, err := p.valueOf(pl)
	if err != nil {
		return err
	}
	lines, above, alone := d.Alone(c.name.Parent().Span(), "")
	if ofComment := strings.HasPrefix(above, "#"); alone && !ofComment && p.mentions(c.name.Text()) == n+1 {
		pl.Edit(d.File, lines.Start, lines.End, "")
	}
	return nil
}

// mentions is how often a name stands in the root's programs, its definition included.
func (p *project) mentions(ident string) int {
	n := 0
	var count func(at syntax.Node)
	count = func(at syntax.Node) {
		if at.Is("identifier", "constant", "simple_symbol") && strings.TrimPrefix(at.Text(), ":") == ident {
			n++
		}
		for c := at.First(); c.OK(); c = c.Next() {
			count(c)
		}
	}
	for _, file := range p.in.Files {
		src, err := p.in.Read(file)
		if err != nil || !bytes.Contains(src, []byte(ident)) || host.Detect(file, src) != host.Ruby {
			continue
		}
		if d, err := p.docs.Open(file); err == nil {
			count(d.tree.Root())
		}
	}
	return n
}
