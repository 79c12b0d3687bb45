package edit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"unicode/utf8"
)

// Text is a string of any bytes in JSON: a JSON string, which could not hold
// what is not UTF-8 without loss, or then {"base64": "..."}.
type Text string

// MarshalJSON writes the string, or its bytes as base64.
func (t Text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(map[string][]byte{"base64": []byte(t)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var j struct {
			Base64 []byte `json:"base64"`
		}
		if err := Strict(data, &j); err != nil {
			return fmt.Errorf("text: %w", err)
		}
		*t = Text(j.Base64)
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// Strict reads one JSON value, and takes a key that the value has no field for
// as an error: it is misspelt, or of a version that is not understood.
func Strict(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

type editJSON struct {
	Start    int  `json:"start"`
	End      int  `json:"end"`
	New      Text `json:"new"`
	Additive bool `json:"additive,omitempty"`
}

// MarshalJSON writes {"start", "end", "new", "additive"}; "new" is a Text.
func (e Edit) MarshalJSON() ([]byte, error) {
	return json.Marshal(editJSON{e.Start, e.End, Text(e.New), e.Additive})
}

// UnmarshalJSON reads what MarshalJSON writes; other keys are errors.
func (e *Edit) UnmarshalJSON(data []byte) error {
	var j editJSON
	if err := Strict(data, &j); err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	*e = Edit{j.Start, j.End, string(j.New), j.Additive}
	return nil
}

type creationJSON struct {
	Content Text        `json:"content"`
	Mode    fs.FileMode `json:"mode,omitempty"`
}

// MarshalJSON writes {"content", "mode"}; "content" is a Text.
func (c Creation) MarshalJSON() ([]byte, error) {
	return json.Marshal(creationJSON{Text(c.Content), c.Mode})
}

// UnmarshalJSON reads what MarshalJSON writes; other keys are errors.
func (c *Creation) UnmarshalJSON(data []byte) error {
	var j creationJSON
	if err := Strict(data, &j); err != nil {
		return fmt.Errorf("creation: %w", err)
	}
	*c = Creation{string(j.Content), j.Mode}
	return nil
}

type fileJSON struct {
	Root Text `json:"root"`
	Path Text `json:"path"`
}

// MarshalJSON writes {"root", "path"}, both as a Text.
func (f File) MarshalJSON() ([]byte, error) {
	return json.Marshal(fileJSON{Text(f.Root), Text(f.Path)})
}

// UnmarshalJSON reads what MarshalJSON writes; other keys are errors.
func (f *File) UnmarshalJSON(data []byte) error {
	var j fileJSON
	if err := Strict(data, &j); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	*f = File{string(j.Root), string(j.Path)}
	return nil
}
