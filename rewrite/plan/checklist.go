package plan

import "gitlab.com/opencraft/dev/grove-migrate/rewrite/checklist"

// List is what a person reads at the end of an apply: what was done per step, what is to be decided, raised and run.
func (p *Plan) List() checklist.List {
	l := checklist.List{Notes: p.Notes}
	for _, root := range p.Report.Roots {
		l.Roots = append(l.Roots, checklist.Root{Key: root.Key, Role: root.Role})
	}
	return l
}
