package edit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"unicode/utf8"
)

// A text that is not UTF-8 cannot be a JSON string without loss, so it is
// written as base64 under a second key.

type editJSON struct {
	Start    int    `json:"start"`
	End      int    `json:"end"`
	New      string `json:"new"`
	Base64   []byte `json:"new_base64,omitempty"`
	Additive bool   `json:"additive,omitempty"`
}

// MarshalJSON writes {"start", "end", "new", "additive"}; a New that is not
// UTF-8 is written as "new_base64" and "new" is empty.
func (e Edit) MarshalJSON() ([]byte, error) {
	j := editJSON{Start: e.Start, End: e.End, Additive: e.Additive}
	j.New, j.Base64 = split(e.New)
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes; other keys are errors.
func (e *Edit) UnmarshalJSON(data []byte) error {
	var j editJSON
	if err := strict(data, &j); err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	text, err := join(j.New, j.Base64)
	if err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	*e = Edit{Start: j.Start, End: j.End, New: text, Additive: j.Additive}
	return nil
}

type creationJSON struct {
	Content string      `json:"content"`
	Base64  []byte      `json:"content_base64,omitempty"`
	Mode    fs.FileMode `json:"mode,omitempty"`
}

// MarshalJSON writes {"content", "mode"}; a content that is not UTF-8 is
// written as "content_base64" and "content" is empty.
func (c Creation) MarshalJSON() ([]byte, error) {
	j := creationJSON{Mode: c.Mode}
	j.Content, j.Base64 = split(c.Content)
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes; other keys are errors.
func (c *Creation) UnmarshalJSON(data []byte) error {
	var j creationJSON
	if err := strict(data, &j); err != nil {
		return fmt.Errorf("creation: %w", err)
	}
	text, err := join(j.Content, j.Base64)
	if err != nil {
		return fmt.Errorf("creation: %w", err)
	}
	*c = Creation{Content: text, Mode: j.Mode}
	return nil
}

func split(s string) (text string, other []byte) {
	if utf8.ValidString(s) {
		return s, nil
	}
	return "", []byte(s)
}

func join(text string, other []byte) (string, error) {
	if text != "" && len(other) > 0 {
		return "", fmt.Errorf("both a text and its base64 form are given")
	}
	return text + string(other), nil
}

func strict(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(to)
}
