package transaction

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

type opJSON struct {
	Root   edit.Text   `json:"root"`
	Path   edit.Text   `json:"path"`
	Before Fingerprint `json:"before"`
	After  State       `json:"after"`
}

// MarshalJSON writes {"root", "path", "before", "after"}; root and path are an
// edit.Text.
func (o Op) MarshalJSON() ([]byte, error) {
	return json.Marshal(opJSON{edit.Text(o.Root), edit.Text(o.Path), o.Before, o.After})
}

// UnmarshalJSON reads what MarshalJSON writes; other keys are errors.
func (o *Op) UnmarshalJSON(data []byte) error {
	var j opJSON
	if err := edit.Strict(data, &j); err != nil {
		return fmt.Errorf("operation: %w", err)
	}
	*o = Op{string(j.Root), string(j.Path), j.Before, j.After}
	return nil
}

type stateJSON struct {
	Exists  bool        `json:"exists"`
	Content edit.Text   `json:"content,omitempty"`
	Mode    fs.FileMode `json:"mode,omitempty"`
}

// MarshalJSON writes {"exists", "content", "mode"}; content is an edit.Text.
func (s State) MarshalJSON() ([]byte, error) {
	return json.Marshal(stateJSON{s.Exists, edit.Text(s.Content), s.Mode})
}

// UnmarshalJSON reads what MarshalJSON writes; other keys are errors.
func (s *State) UnmarshalJSON(data []byte) error {
	var j stateJSON
	if err := edit.Strict(data, &j); err != nil {
		return fmt.Errorf("state of a file: %w", err)
	}
	*s = State{Exists: j.Exists, Mode: j.Mode}
	if j.Content != "" {
		s.Content = []byte(j.Content)
	}
	return nil
}
