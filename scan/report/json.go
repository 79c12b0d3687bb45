package report

import (
	"encoding/json"
	"io"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// The shapes of JSON version 1. Fields are added, never changed or removed; a breaking change is version 2.
type (
	document struct {
		Version     int          `json:"version"`
		Tool        string       `json:"tool"`
		Roots       []rootJSON   `json:"roots"`
		Summary     summaryJSON  `json:"summary"`
		Occurrences []occurrence `json:"occurrences"`
		Skipped     []skipJSON   `json:"skipped"`
		Stale       []staleJSON  `json:"stale"`
	}
	rootJSON struct {
		Path string `json:"path"`
		Role string `json:"role"`
	}
	summaryJSON struct {
		Files       int                 `json:"files"`
		Occurrences int                 `json:"occurrences"`
		Classes     map[site.Class]int  `json:"classes"`
		Actions     map[site.Action]int `json:"actions"`
		Unexplained int                 `json:"unexplained"`
		Skipped     int                 `json:"skipped"`
	}
	occurrence struct {
		Path         string      `json:"path"`
		Root         string      `json:"root"`
		Line         int         `json:"line"`
		Column       int         `json:"column"`
		EndLine      int         `json:"end_line"`
		EndColumn    int         `json:"end_column"`
		Language     string      `json:"language"`
		Host         string      `json:"host"`
		Class        site.Class  `json:"class"`
		Kind         string      `json:"kind"`
		Action       site.Action `json:"action"`
		Argv         []string    `json:"argv"`
		Instance     string      `json:"instance"`
		InstanceFrom string      `json:"instance_from"`
		Rule         string      `json:"rule"`
		Reason       string      `json:"reason"`
		Suggestion   string      `json:"suggestion"`
		Uses         []stepJSON  `json:"uses"`
		Trace        []stepJSON  `json:"chain"`
	}
	stepJSON struct {
		Path   string `json:"path"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
		What   string `json:"what"`
	}
	skipJSON struct {
		Root   string `json:"root"`
		Path   string `json:"path"`
		Reason string `json:"reason"`
	}
	staleJSON struct {
		Root   string `json:"root"`
		Path   string `json:"path"`
		Line   int    `json:"line"` // 0 for a decision
		Reason string `json:"reason"`
	}
)

// JSON writes a report in version 1 of the tool's format, with a newline at the end.
func JSON(w io.Writer, r *scan.Report, o Options) error {
	s := Summarise(r)
	at := NewAtlas(r)
	d := document{Version: 1, Tool: Tool + " " + o.Version, Roots: []rootJSON{}, Occurrences: []occurrence{}, Skipped: []skipJSON{}, Stale: []staleJSON{}}
	d.Summary = summaryJSON(s)
	for _, c := range Classes() {
		s.Classes[c] += 0 // those without an occurrence are listed too
	}
	for _, a := range Actions() {
		s.Actions[a] += 0
	}
	for _, root := range r.Roots {
		d.Roots = append(d.Roots, rootJSON{root.Key, root.Role})
	}
	for _, f := range r.Files {
		for i := range f.Occurrences {
			if occ := &f.Occurrences[i]; o.Classes == nil || o.Classes[occ.Class] {
				d.Occurrences = append(d.Occurrences, jsonOf(at, f, occ))
			}
		}
		for _, st := range f.Stale {
			line, _ := f.Lines.Position(st.Start)
			d.Stale = append(d.Stale, staleJSON{f.Root.Key, f.Path, line, st.Text})
		}
	}
	for _, sk := range r.Skipped {
		d.Skipped = append(d.Skipped, skipJSON{sk.Root.Key, sk.Path, sk.Reason})
	}
	for _, u := range r.Unused {
		d.Stale = append(d.Stale, staleJSON{u.Root.Key, rules.ConfigName, 0, unused(u)})
	}
	return encode(w, d)
}

// encode writes a value as indented JSON, with a newline at the end.
func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func jsonOf(at *Atlas, f *scan.File, occ *site.Occurrence) occurrence {
	line, col := f.Lines.Position(occ.Start)
	endLine, endCol := f.Lines.Position(occ.End)
	out := occurrence{
		Path: f.Path, Root: f.Root.Key, Line: line, Column: col, EndLine: endLine, EndColumn: endCol,
		Language: occ.Language, Host: occ.Host, Class: occ.Class, Kind: occ.Kind, Action: occ.Action, Argv: occ.Argv,
		Instance: occ.Instance, InstanceFrom: occ.InstanceFrom, Rule: occ.Rule, Reason: occ.Reason, Suggestion: occ.Suggestion,
		Uses: stepsJSON(at, f, occ.Uses), Trace: stepsJSON(at, f, occ.Trace),
	}
	if out.Argv == nil {
		out.Argv = []string{}
	}
	return out
}

func stepsJSON(at *Atlas, f *scan.File, steps []site.Step) []stepJSON {
	out := []stepJSON{}
	for _, st := range steps {
		p := at.place(f, st)
		out = append(out, stepJSON{p.Path, p.Line, p.Column, st.What})
	}
	return out
}
