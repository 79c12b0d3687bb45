package ruby

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
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
	uses  int         // places that use the constant
	moved int         // places that were given the path
	left  error       // why the first place that needs an instance has none
	kept  string      // why a person keeps the first place that is kept
	edits byFile
}

// constantOf is the constant that is given the literal.
func (d *document) constantOf(lit ruby.Literal) (*constant, bool) {
	n := d.tree.At(lit.Start)
	for n.OK() && n.Span() != lit.Span {
		n = n.Parent()
	}
	for up := n.Parent(); up.OK(); n, up = up, up.Parent() {
		switch {
		case up.Is("call") && up.Field("method").Text() == "freeze" && up.Field("receiver").Span() == n.Span():
		case up.Is("argument_list") && up.Parent().Is("call") && strings.HasPrefix(up.Parent().Text(), "ENV.fetch("):
		case up.Is("call") && strings.HasPrefix(up.Text(), "ENV.fetch("):
		case up.Is("binary") && up.Field("operator").Kind() == "||" && strings.HasPrefix(up.Text(), "ENV["):
		case up.Is("assignment") && up.Field("right").Span() == n.Span() && up.Field("left").Is("constant"):
			return &constant{name: up.Field("left"), value: n, lit: lit.Span, edits: byFile{}}, true
		default:
			return nil, false
		}
	}
	return nil, false
}

// at is what takes the place of the constant where an instance is known: its value, with the path for the literal.
func (c *constant) at(d *document, call string) string {
	text := string(d.src[c.value.Start():c.lit.Start]) + call + string(d.src[c.lit.End:c.value.End()])
	return strings.TrimSuffix(text, ".freeze")
}

// moveConstant puts the path where a constant is used that says only the program's name, for the instance that is in
// scope there or that a person has named. A use that has none goes on to use the constant; one that nothing uses
// afterwards goes.
func (p *project) moveConstant(d *document, c *constant, whole bool) (byFile, error) {
	ident := c.name.Text()
	if !whole {
		return nil, fmt.Errorf("%s is set where no instance is in scope, and holds more than the program's name", ident)
	}
	for _, file := range p.in.Files {
		if file != d.file && path.Ext(file) != ".rb" && path.Ext(file) != ".rake" && path.Base(file) != "Rakefile" {
			continue
		}
		src, err := p.in.Read(file)
		if err != nil || !bytes.Contains(src, []byte(ident)) {
			continue
		}
		other, err := p.document(file)
		if err != nil {
			return nil, err
		}
		if err := p.usesIn(other, d, c); err != nil {
			return nil, err
		}
	}
	switch {
	case c.moved > 0:
	case c.left != nil:
		return nil, c.left
	case c.kept != "":
		return nil, &keptError{c.kept}
	default:
		return nil, fmt.Errorf("%s is set where no instance is in scope, and no place that runs it was found", ident)
	}
	if line, ok := d.line(c.name.Parent()); ok && c.moved == c.uses {
		c.edits[d.file] = append(c.edits[d.file], edit.Edit{Start: line.Start, End: line.End})
	}
	return c.edits, c.left
}

// keptError says that all that is left of a site stays as a person has decided.
type keptError struct{ why string }

func (e *keptError) Error() string { return "kept by decision: " + e.why }

// line is the line that a statement fills, when it fills one and no comment above belongs to it. A blank line after it
// goes with it where one stands before.
func (d *document) line(n syntax.Node) (source.Span, bool) {
	start := bytes.LastIndexByte(d.src[:n.Start()], '\n') + 1
	end, _, _ := d.afterLine(n.End(), "")
	if strings.TrimSpace(string(d.src[start:end])) != n.Text() {
		return source.Span{}, false
	}
	above := strings.TrimSpace(string(d.src[bytes.LastIndexByte(d.src[:max(0, start-1)], '\n')+1 : start]))
	if strings.HasPrefix(above, "#") {
		return source.Span{}, false
	}
	if next, _, _ := d.afterLine(end, ""); above == "" && next > end && strings.TrimSpace(string(d.src[end:next])) == "" {
		end = next
	}
	return source.Span{Start: start, End: end}, true
}

// usesIn adds the edits of one file that uses the constant.
func (p *project) usesIn(d, home *document, c *constant) error {
	ident := c.name.Text()
	uses, defined := d.constantUses(ident)
	if d == home && defined > 1 {
		return fmt.Errorf("%s is set more than once", ident)
	}
	if d != home && defined > 0 {
		return nil // a constant of its own
	}
	c.uses += len(uses)
	for _, u := range uses {
		if !runs(u) {
			continue
		}
		decision := p.decision(d, u)
		if decision.Keep != "" {
			c.kept = cmp.Or(c.kept, decision.Keep)
			continue
		}
		instance := d.expression(site.Name{Expr: decision.Instance, How: fromDecision})
		if names, _, _ := ruby.Names(d.tree, u.Span(), p.in.Pack); instance == "" && len(names) > 0 {
			instance = names[0].Expr
		}
		if instance == "" {
			if c.left == nil {
				c.left = fmt.Errorf("%s is also used where no instance is in scope, at %v: decide that use in %s", ident, d.place(u.Start()), rules.ConfigName)
			}
			continue
		}
		c.moved++
		text := c.at(home, p.names.byName+"("+instance+")")
		c.edits[d.file] = append(c.edits[d.file], edit.Edit{Start: u.Start(), End: u.End(), New: text})
	}
	return nil
}

// decision is what a person has decided about one use of a constant; the zero decision when nothing is decided.
func (p *project) decision(d *document, u syntax.Node) rules.Decision {
	if p.in.Decided == nil {
		return rules.Decision{}
	}
	decision, _ := p.in.Decided(d.file, u.Start())
	return decision
}

// constantUses are the places of a file that use a constant, and how often it is set there.
func (d *document) constantUses(ident string) (uses []syntax.Node, defined int) {
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		if n.Is("constant") && n.Text() == ident {
			switch up := n.Parent(); {
			case up.Is("assignment", "operator_assignment") && n.FieldName() == "left":
				defined++
			case up.Is("scope_resolution") && n.FieldName() == "name":
				uses = append(uses, up)
			case up.Is("scope_resolution", "class", "module", "superclass"):
			default:
				uses = append(uses, n)
			}
		}
		for c := n.First(); c.OK(); c = c.Next() {
			walk(c)
		}
	}
	walk(d.tree.Root())
	return uses, defined
}

// runs reports whether a value may be run where it is used, and is not only shown or compared.
func runs(n syntax.Node) bool {
	for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
		switch p.Kind() {
		case "binary":
			switch p.Field("operator").Kind() {
			case "==", "!=", "=~", "===", "!~":
				return false
			}
		case "pattern":
			return false
		case "pair":
			if n.FieldName() == "key" {
				return false
			}
		case "call":
			switch p.Field("method").Text() {
			case "puts", "print", "warn", "raise", "abort", "p", "pp", "info", "debug", "error", "fatal", "fail", "desc", "include?", "start_with?", "banner", "say":
				return false
			}
			if n.FieldName() != "receiver" {
				return true
			}
		case "method", "singleton_method", "class", "module", "program", "block", "do_block":
			return true
		}
	}
	return true
}
