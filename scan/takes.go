package scan

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// spread gives each place that reads the name of a value its instance, and the value its action: it is rewritten when none
// of the places is left to a person. It reports whether there are such places.
func (s *scanner) spread(f *File, occ *site.Occurrence) bool {
	occ.Takes = together(occ.Takes)
	var first, kept, left *site.Take
	for i := range occ.Takes {
		t := &occ.Takes[i]
		s.settleTake(f, t)
		if t.File == f.Path {
			t.File = ""
		}
		for action, which := range map[site.Action]**site.Take{site.Rewrite: &first, site.Keep: &kept, site.Review: &left} {
			if t.Action == action && *which == nil {
				*which = t
			}
		}
	}
	if first != nil {
		occ.Instance, occ.InstanceFrom = first.Instance.Expr, FromUses
	}
	switch {
	case left != nil:
		occ.Action, occ.Reason, occ.Suggestion = site.Review, left.Reason, s.suggestion()
	case first != nil:
		occ.Action = site.Rewrite
	case kept != nil:
		occ.Action, occ.Reason = site.Keep, kept.Reason
	}
	return len(occ.Takes) > 0
}

// together are places in order, each once: what any of the commands that read the name there says of its root directory
// holds for it.
func together(takes []site.Take) []site.Take {
	slices.SortStableFunc(takes, func(a, b site.Take) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Slot.Span.Start, b.Slot.Span.Start))
	})
	out := takes[:0]
	for _, t := range takes {
		if n := len(out); n > 0 && out[n-1].File == t.File && out[n-1].Slot.Span == t.Slot.Span {
			switch old := out[n-1].Slot; {
			case t.Slot.Root == nil:
			case old.Root == nil:
				out[n-1] = t
			case old.Root.Expr != t.Slot.Root.Expr:
				old.UnsafeReason = fmt.Sprintf("it is run with different root directories, %s and %s", old.Root.Expr, t.Slot.Root.Expr)
			}
			continue
		}
		out = append(out, t)
	}
	return out
}

// settleTake follows the resolution order for one place.
func (s *scanner) settleTake(f *File, t *site.Take) {
	slot := t.Slot
	in := s.file(f, t.File)
	line, col := in.Lines.Position(slot.Span.Start)
	if slot.Root != nil && !s.instanceRoot(slot) {
		slot.Foreign = slot.Root.Expr
	}
	reason, kept := s.ignoresIn(in).reason(line)
	d, decided := s.decision(in, line)
	switch {
	case kept:
		t.Action, t.Reason = site.Keep, "kept by a comment: "+reason
	case decided && d.Keep != "":
		t.Action, t.Reason = site.Keep, "kept by decision: "+d.Keep
	case decided:
		t.Action, t.Instance = site.Rewrite, site.Name{Expr: d.Instance, How: FromDecision}
	case slot.Foreign != "":
		t.Action, t.Reason = site.Review, foreignRoot(slot)
	case slot.UnsafeReason != "":
		t.Action, t.Reason = site.Review, slot.UnsafeReason
	case slot.Root != nil:
		t.Action, t.Instance = site.Rewrite, *slot.Root
	case len(slot.Names) > 0:
		t.Action, t.Instance = site.Rewrite, slot.Names[0]
	default:
		t.Action = site.Review
		t.Reason = fmt.Sprintf("%s is also used where no instance is in scope, at %s:%d:%d: decide that use in %s",
			in.Src[slot.Span.Start:slot.Span.End], in.Path, line, col, rules.ConfigName)
	}
}

// file is a file of the root: the given one, or another by its path.
func (s *scanner) file(f *File, path string) *File {
	if path == "" || path == f.Path {
		return f
	}
	src, _ := s.loadFile(path)
	return &File{Root: s.root, Path: path, Src: src, Lines: source.NewLines(src)}
}

// decision is the first decision that matches a line.
func (s *scanner) decision(f *File, line int) (rules.Decision, bool) {
	holds := func(part string) bool { return bytes.Contains(f.line(line), []byte(part)) }
	for i, d := range s.root.Config.Decisions {
		if d.Matches(f.Path, line, holds) {
			s.used[i] = true
			return d, true
		}
	}
	return rules.Decision{}, false
}
