package venv

import (
	"maps"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Change is one package that a build changes, or Python.
type Change struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"` // version, and commit of what came from git; empty when it was not there
	To   string `json:"to,omitempty"`   // empty when it is gone
}

func (c Change) String() string {
	switch {
	case c.From == "":
		return "+ " + c.Name + " " + c.To
	case c.To == "":
		return "− " + c.Name
	}
	return c.Name + " " + c.From + " → " + c.To
}

// Changed joins changes in words.
func Changed(changes []Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, c.String())
	}
	return strings.Join(out, ", ")
}

// changes lists what differs between two contents: what moved, what came, what
// went, each by name.
func changes(was, now map[string]string) []Change {
	var moved, came, went []Change
	for _, name := range slices.Sorted(maps.Keys(now)) {
		switch from, there := was[name]; {
		case !there:
			came = append(came, Change{Name: name, To: now[name]})
		case from != now[name]:
			moved = append(moved, Change{name, from, now[name]})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if _, there := now[name]; !there {
			went = append(went, Change{Name: name, From: was[name]})
		}
	}
	return append(append(moved, came...), went...)
}

// content is what an environment holds, as changes show it.
func (s State) content() map[string]string {
	out := map[string]string{}
	if s.Python.Version != "" {
		out["Python"] = s.Python.Version
	}
	for name, v := range s.Packages {
		out[name] = v
		if from, git := s.Sources[name]; git {
			out[name] = v + " (" + short(from.Commit) + ")"
		}
	}
	return out
}

// coming is what an environment would hold after a build of these pins.
func (b *build) coming(pins []requirement.Pin) map[string]string {
	now, out := b.state.content(), map[string]string{"Python": b.python.Version}
	for _, p := range pins {
		_, commit := requirement.Ref(p.URL)
		there, known := now[p.Name]
		switch {
		case p.URL == "":
			out[p.Name] = p.Version
		case strings.HasPrefix(p.URL, "git+") && b.state.Sources[p.Name].Commit != commit:
			out[p.Name] = "(" + short(commit) + ")"
		case known:
			out[p.Name] = there
		default:
			out[p.Name] = requirement.Bare(p.URL)
		}
	}
	if pip, there := now["pip"]; there && out["pip"] == "" {
		out["pip"] = pip
	}
	return out
}

func short(commit string) string { return commit[:min(7, len(commit))] }
