package plan

// Checklist is what a person reads at the end of an apply: what was done, what is to be decided, what is to be run.
func Checklist(p *Plan) string {
	out := ""
	for _, n := range p.Notes {
		out += string(n.Step) + ": " + n.Text + "\n"
	}
	return out
}
