package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Version is the version of the saved form.
const Version = 1

// Saved is a plan as a file: the operations that are carried out, and for people who read it the fixes behind them.
type Saved struct {
	Version   int              `json:"version"`
	Tool      string           `json:"tool"`
	Roots     []SavedRoot      `json:"roots"`
	Fixes     []*edit.Fix      `json:"fixes"`
	Dropped   []SavedDropped   `json:"dropped"`
	Withdrawn int              `json:"withdrawn"` // how many of the dropped fixes are mistakes of a rule
	Left      []SavedSite      `json:"left"`      // the sites that a person must decide
	Notes     []step.Note      `json:"notes"`
	Ops       []transaction.Op `json:"operations"`
}

// SavedRoot is a root of the plan.
type SavedRoot struct {
	Key  string `json:"path"`
	Dir  string `json:"dir"` // absolute
	Role string `json:"role"`
}

// SavedDropped is a fix that the plan leaves out.
type SavedDropped struct {
	Fix    *edit.Fix   `json:"fix"`
	Reason edit.Reason `json:"reason"`
	Detail string      `json:"detail"`
	Other  string      `json:"other"` // the fix that it conflicts with, as "place: rule"
}

// SavedSite is a site that the plan leaves to a person.
type SavedSite struct {
	Place      edit.Place `json:"place"`
	Class      site.Class `json:"class"`
	Reason     string     `json:"reason"`
	Suggestion string     `json:"suggestion,omitempty"`
}

// Save writes a plan as JSON that Load reads.
func Save(w io.Writer, p *Plan, tool string) error {
	s := Saved{Version: Version, Tool: "grove-migrate " + tool, Roots: []SavedRoot{}, Fixes: p.Fixes, Dropped: []SavedDropped{}, Withdrawn: len(p.Withdrawn()), Left: []SavedSite{}, Notes: p.Notes, Ops: p.Ops()}
	for _, r := range p.Report.Roots {
		s.Roots = append(s.Roots, SavedRoot{r.Key, r.Dir, r.Role})
	}
	for _, d := range p.Dropped {
		other := ""
		if d.Other != nil {
			other = d.Other.String()
		}
		s.Dropped = append(s.Dropped, SavedDropped{d.Fix, d.Reason, d.Detail, other})
	}
	for f, occ := range p.Report.Sites() {
		if occ.Action == site.Review {
			at := edit.Place{File: edit.File{Root: f.Root.Key, Path: f.Path}, Offset: occ.Start}
			at.Line, at.Column = f.Lines.Position(occ.Start)
			s.Left = append(s.Left, SavedSite{at, occ.Class, occ.Reason, occ.Suggestion})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(s); err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	return nil
}

// Load reads a saved plan. It errs when the text is no plan, is of another version, or names a file outside of its roots.
func Load(src []byte) (*Saved, error) {
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(src, &version); err != nil || version.Version == 0 {
		return nil, errors.New("is no plan")
	}
	if version.Version != Version {
		return nil, fmt.Errorf("is a plan of version %d, and this tool reads version %d", version.Version, Version)
	}
	s := &Saved{}
	if err := edit.Strict(src, s); err != nil {
		return nil, fmt.Errorf("is no plan: %w", err)
	}
	roots := map[string]bool{}
	for _, r := range s.Roots {
		roots[r.Dir] = true
	}
	for _, op := range s.Ops {
		if !roots[op.Root] {
			return nil, errors.New("names a file in " + op.Root + ", which is none of its roots")
		}
	}
	return s, nil
}
