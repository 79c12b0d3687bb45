package plan

import (
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/checklist"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// Checklist is what a person reads at the end of an apply: what was done per step, what is to be decided, raised and run.
func Checklist(p *Plan) string { return checklist.Text(p.Notes, roots(p.Report)) }

// Screen is the short form of the checklist: what is to be decided and what comes next, after the given first lines.
func Screen(p *Plan, first []string, name func(edit.File) string) string {
	return checklist.Screen(p.Notes, roots(p.Report), first, name)
}

// Markdown is the checklist for the description of a merge request.
func Markdown(p *Plan) string { return checklist.Markdown(p.Notes, roots(p.Report)) }

func roots(r *scan.Report) []checklist.Root {
	var out []checklist.Root
	for _, root := range r.Roots {
		out = append(out, checklist.Root{Key: root.Key, Role: root.Role})
	}
	return out
}
