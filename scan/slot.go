package scan

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// slot says what may be put in the place of a command's program, and which names are at hand there.
func (c *codebase) slot(cmd *flow.Command, occ site.Occurrence, origin *flow.Origin, where source.Place, whole bool) *site.Slot {
	m := c.modules[where.File]
	if !whole || m == nil {
		return nil
	}
	slot := &site.Slot{Language: string(c.lang.kind), Span: where.Span, Form: site.Part}
	if lit := origin.Literal; lit != nil {
		slot.Literal = lit.Literal
		switch {
		case strings.HasPrefix(lit.Kind, "%"):
			slot.Form = site.Word
		case lit.Text == c.s.pack.Program.Name && quotesOnly(c.src[where.File], lit):
			slot.Form = site.Whole
		}
	}
	c.widen(cmd, occ, slot)
	slot.Names, slot.Owner, slot.OwnerAt = m.names(where.Span)
	slot.Root = c.root(cmd, occ, where, slot)
	if occ.Slot != nil {
		carry(occ.Slot, slot)
	}
	if named := occ.Slot; named != nil && named.Root != nil && slot.Root == nil && !c.s.inInstances(named.Root.Expr) {
		slot.Foreign = named.Root.Expr
	}
	return slot
}

// widen makes a slot cover the whole path when the word is the end of one: /usr/local/bin/tutor. A path that is put
// together from parts cannot be replaced in one place.
func (c *codebase) widen(cmd *flow.Command, occ site.Occurrence, slot *site.Slot) {
	if occ.Slot == nil || occ.Slot.At.Len() <= slot.Span.Len() {
		return
	}
	whole, ok := cmd.Script.Map.Host(occ.Slot.At)
	if ok && slot.Literal.Covers(whole.Span) && whole.Span.Covers(slot.Span) {
		slot.Span = whole.Span
		return
	}
	slot.Safe = "the path of the executable is put together from several parts: put the instance's in its place by hand"
}

// quotesOnly reports whether a literal is nothing but its text in quotes: no other piece stands in it.
func quotesOnly(src []byte, lit *flow.Lit) bool {
	if lit.Map.Len() == 0 || lit.Literal.End > len(src) {
		return false
	}
	first := lit.Map.At(0).Start
	last := lit.Map.At(lit.Map.Len() - 1).End
	if first < lit.Literal.Start || last > lit.Literal.End {
		return false
	}
	around := string(src[lit.Literal.Start:first]) + string(src[last:lit.Literal.End])
	return len(around) <= 8 && !strings.ContainsAny(around, "{}#$ \n")
}

// carry gives a slot what the shell's reader knows of the place where the command runs: a container or another machine has
// directories of its own, so only the root directory that the command names there tells where the environment is.
func carry(there, slot *site.Slot) {
	slot.Place = there.Place
	switch {
	case there.Place == "":
	case there.Root == nil:
		slot.Safe = cmp.Or(slot.Safe, there.Safe)
	case slot.Root == nil:
		slot.Safe = cmp.Or(slot.Safe, fmt.Sprintf("the command names its root directory %s as it is in a container or on another machine, which cannot be spelled at this place", there.Root.Expr))
	}
}

// root is the expression that gives the call its root directory, when it stands in the same function as the word.
func (c *codebase) root(cmd *flow.Command, occ site.Occurrence, where source.Place, slot *site.Slot) *site.Name {
	expr, at := cmd.Root.Expr, flow.Place{File: cmd.Call.File, Span: cmd.Root.Span}
	if there := occ.Slot; there != nil && (there.Root != nil || there.Place != "") {
		if there.Root == nil {
			return nil // what the call is given holds here, not where the command runs
		}
		h, ok := holeOf(cmd.Script, there.Root.Expr)
		if !ok && (there.Place != "" || c.s.inInstances(there.Root.Expr) && c.writtenFor(cmd, where, there.Root.Expr)) {
			return c.path(cmd.Script, there.Root.Expr, where, slot)
		}
		if !ok {
			return nil
		}
		expr, at = h.Expr, placeOf(cmd.Script, h)
	}
	if expr == "" || !c.reaches(at, where, slot) {
		return nil
	}
	return &site.Name{Expr: expr, How: "root"}
}

// writtenFor reports whether a root directory that is written in a command belongs to the program's word at a place: both
// stand in the call, or in one literal, list or argument list. A value that other calls run too may get other roots there.
func (c *codebase) writtenFor(cmd *flow.Command, where source.Place, root string) bool {
	if cmd.Call.File == where.File && cmd.Call.Covers(where.Span) {
		return true
	}
	first, _, _ := strings.Cut(strings.Trim(root, `"'`), "{")
	at := strings.Index(cmd.Script.Text, first)
	if at < 0 || first == "" {
		if h, ok := firstHole(cmd.Script, root); ok {
			at = h.Start
		}
	}
	if at < 0 || at >= len(cmd.Script.Text) {
		return false
	}
	other := cmd.Script.Map.At(at)
	src := c.src[where.File]
	if other.File != where.File || other.Start < where.End || other.Start > len(src) {
		return false
	}
	return enclosed(src[where.End:other.Start])
}

// firstHole is the hole that a rendered text begins with.
func firstHole(g *source.Script, rendered string) (source.Hole, bool) {
	for _, h := range g.Holes {
		if strings.HasPrefix(strings.Trim(rendered, `"'`), h.Source) {
			return h, true
		}
	}
	return source.Hole{}, false
}

// enclosed reports whether the brackets that are open before a text are still open behind it, or none was.
func enclosed(src []byte) bool {
	depth := 0
	for _, c := range src {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return true
}

// reaches reports whether an expression at a place means the same where the word stands: in the same function.
func (c *codebase) reaches(at flow.Place, where source.Place, slot *site.Slot) bool {
	if at.File != where.File {
		return false
	}
	_, _, owner := c.modules[where.File].names(at.Span)
	return owner == slot.OwnerAt
}

// placeOf is where the expression of a hole stands.
func placeOf(g *source.Script, h source.Hole) flow.Place {
	at := g.Map.At(h.Start)
	return flow.Place{File: at.File, Span: at.Span}
}

// plainPath is text that no shell and no language reads as anything but itself.
var plainPath = regexp.MustCompile(`^[\w./@+:-]*$`)

// path is a directory that is written in a command, with expressions in it or not, as a string of the slot's language. It
// is nil when that would take more than one literal.
func (c *codebase) path(g *source.Script, rendered string, where source.Place, slot *site.Slot) *site.Name {
	text := strings.Trim(rendered, `"'`)
	rest, interpolated := text, text
	for _, h := range g.Holes {
		if !strings.Contains(rest, h.Source) {
			continue
		}
		if strings.ContainsAny(h.Expr, "\"\\\n\r") || !c.reaches(placeOf(g, h), where, slot) {
			return nil
		}
		rest = strings.ReplaceAll(rest, h.Source, "")
		interpolated = strings.ReplaceAll(interpolated, h.Source, "#"+h.Source)
	}
	if !plainPath.MatchString(rest) {
		return nil
	}
	switch {
	case rest == text && slot.Language == "ruby":
		text = "'" + text + "'"
	case rest == text:
		text = `"` + text + `"`
	case slot.Language == "python":
		text = `f"` + text + `"`
	case slot.Language == "ruby":
		text = `"` + interpolated + `"`
	default:
		return nil
	}
	return &site.Name{Expr: text, How: "root"}
}

// holeOf is the hole whose placeholder is the whole of an expression of the script.
func holeOf(g *source.Script, expr string) (source.Hole, bool) {
	expr = strings.Trim(expr, `"'`)
	for _, h := range g.Holes {
		if g.Text[h.Start:h.End] == expr || h.Source == expr || h.Expr == expr {
			return h, true
		}
	}
	return source.Hole{}, false
}
