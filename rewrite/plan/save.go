package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
)

// Version is the version of the saved form.
const Version = 1

// Saved is a plan as a file: the operations that are carried out, and for people who read it the fixes behind them.
type Saved struct {
	Version int              `json:"version"`
	Tool    string           `json:"tool"`
	Roots   []SavedRoot      `json:"roots"`
	Fixes   []*edit.Fix      `json:"fixes"`
	Dropped []SavedDropped   `json:"dropped"`
	Notes   []step.Note      `json:"notes"`
	Ops     []transaction.Op `json:"operations"`
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

// Save writes a plan as JSON that Load reads.
func Save(w io.Writer, p *Plan, tool string) error {
	s := Saved{Version: Version, Tool: "grove-migrate " + tool, Roots: []SavedRoot{}, Fixes: p.Fixes, Dropped: []SavedDropped{}, Notes: p.Notes, Ops: p.Ops()}
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
