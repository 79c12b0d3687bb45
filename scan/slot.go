package scan

import (
	"cmp"
	"fmt"
	"path"
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
	slot := &site.Slot{Language: string(c.lang.kind), Span: where.Span, Form: site.Part, UnsafeReason: m.old}
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
	at := where
	if origin.Own && cmd.Call.File == where.File { // the name is replaced where it is run
		at.Span = cmd.Call.Span
	}
	c.surround(cmd, occ, at, slot)
	// A value that stands outside of functions moves to the places that read it, each with a root of its own.
	if slot.OwnerAt.Len() > 0 && slot.Root == nil && slot.Foreign == "" && (cmd.Way != nil || occ.Slot != nil && occ.Slot.Root != nil) {
		slot.UnsafeReason = cmp.Or(slot.UnsafeReason, "the call names its own root directory, which cannot be written at this place")
	}
	return slot
}

// surround tells a slot which names are at hand at its place, and what the command says of its root directory.
func (c *codebase) surround(cmd *flow.Command, occ site.Occurrence, where source.Place, slot *site.Slot) {
	slot.Names, slot.Owner, slot.OwnerAt = c.modules[where.File].named(where.Span)
	if slot.Root = c.root(cmd, occ, where, slot); slot.Root == nil {
		slot.Root = c.written(cmd, occ, where, slot)
	}
	if occ.Slot != nil {
		carry(occ.Slot, slot)
	}
	slot.Place = cmp.Or(slot.Place, cmd.Sink.Place)
	if made := c.madeRoot(cmd, occ); temporary.MatchString(made) {
		slot.Foreign, slot.Root = made, nil
	}
	if held := c.heldRoot(cmd, occ); held != "" && !c.s.inInstances(held) {
		slot.Foreign, slot.Root = held, nil
	}
	if named := occ.Slot; named != nil && named.Root != nil && slot.Root == nil && !c.s.inInstances(named.Root.Expr) {
		slot.Foreign = named.Root.Expr
	}
}

// madeRoot is the call that made the root directory which a command names: in itself, or because it is written from the
// directory that the command runs in.
func (c *codebase) madeRoot(cmd *flow.Command, occ site.Occurrence) string {
	if occ.Slot == nil || occ.Slot.Root == nil {
		return cmd.Made
	}
	root := strings.Trim(occ.Slot.Root.Expr, `"'`)
	if h, ok := firstHole(cmd.Script, root); ok {
		return originAt(cmd, h.Start).Made
	}
	if path.IsAbs(root) || computed(root) {
		return ""
	}
	return cmd.Dir
}

// heldRoot is the text of the root directory that a command names by an expression, where that is known.
func (c *codebase) heldRoot(cmd *flow.Command, occ site.Occurrence) string {
	switch {
	case occ.Slot != nil && occ.Slot.Place != "":
		return "" // what is known here may not be what holds where the command runs
	case occ.Slot == nil || occ.Slot.Root == nil:
		return cmd.Held
	}
	if h, ok := holeOf(cmd.Script, occ.Slot.Root.Expr); ok {
		return originAt(cmd, h.Start).Held
	}
	return ""
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
	slot.UnsafeReason = "the path of the executable is put together from several parts: put the instance's in its place by hand"
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
		slot.UnsafeReason = cmp.Or(slot.UnsafeReason, there.UnsafeReason)
	case slot.Root == nil:
		slot.UnsafeReason = cmp.Or(slot.UnsafeReason, fmt.Sprintf("the command names its root directory %s as it is in a container or on another machine, which cannot be written at this place", there.Root.Expr))
	}
}

// takes is the place where a command reads the name that its program is given: the first at which its instance is known, or
// else the last. There is none for a program that is given to no name.
func (c *codebase) takes(cmd *flow.Command, origin *flow.Origin, given *site.Slot) []site.Take {
	ident := ""
	var out []site.Take
	for _, st := range origin.Steps {
		if name, ok := strings.CutPrefix(st.What, "assigned to "); ok && ident == "" {
			ident = name
		}
		expr := c.rendered(flow.Place{File: st.File, Span: st.Span})
		if st.What != flow.Taken || ident == "" || c.modules[st.File] == nil || expr[strings.LastIndexAny(expr, ".:")+1:] != ident {
			continue
		}
		slot := &site.Slot{Language: string(c.lang.kind), Span: st.Span, Form: site.Part}
		c.surround(cmd, site.Occurrence{Slot: given}, source.Place{File: st.File, Span: st.Span}, slot)
		out = []site.Take{{File: st.File, Slot: slot}}
		if slot.Root != nil || len(slot.Names) > 0 {
			break
		}
	}
	return out
}
