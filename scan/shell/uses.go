package shell

import (
	"regexp"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// wholeExpansion is a word that is the value of one variable and nothing else.
var wholeExpansion = regexp.MustCompile(`^("?)\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})("?)$`)

// useSlots are what a fix needs to know at the place that runs a variable's value: one slot, and none when the value is more
// than the program's name, or when the place is no word of the script itself.
func (r *reader) useSlots(u Use, f field, fields []field, here source.Place) []*site.Slot {
	if f.text == nil || f.text.outer != nil || r.embedded.Host != "" || here.File != "" || u.Place != "" && u.Root == nil || f.Text != r.program {
		return nil
	}
	if m := wholeExpansion.FindStringSubmatch(f.text.raw(f.at)); m == nil || m[1] != m[2] {
		return nil
	}
	root, value := r.ownRoot(u, fields), ""
	if u.Root == nil && root == "" {
		root, value = r.rootHere()
	}
	if root == elsewhere {
		return nil
	}
	s := &site.Slot{Form: site.ShellWord, Language: "shell", Span: here.Span, At: f.at, Names: r.names(r.t), Place: u.Place}
	if root != "" {
		s.Root = &site.Name{Expr: root, How: "root", Value: value}
	}
	return []*site.Slot{s}
}

// mergeSlots are the slots of two lists, one for each place. A place that is reached in two ways which name different
// roots has none: the first of them may be wrong for the second.
func mergeSlots(a, b []*site.Slot) []*site.Slot {
	out := slices.Clone(a)
	for _, s := range b {
		i := slices.IndexFunc(out, func(o *site.Slot) bool { return o.Span == s.Span })
		switch {
		case i < 0:
			out = append(out, s)
		case rootOf(out[i]) != rootOf(s):
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

func rootOf(s *site.Slot) string {
	if s.Root == nil {
		return ""
	}
	return s.Root.Expr
}

// movable reports whether each place that runs a value can be given a path of its own, so that the value is not needed.
func movable(o *site.Occurrence) bool { return len(o.Uses) > 0 && len(o.UseSlots) == len(o.Uses) }
