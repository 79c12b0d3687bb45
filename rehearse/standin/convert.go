package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v4"
)

// Convert reads documents of YAML and writes them as one list of JSON.
func Convert(in io.Reader, out io.Writer) error {
	documents := []any{}
	for d := yaml.NewDecoder(in); ; {
		var one any
		err := d.Decode(&one)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read YAML: %w", err)
		}
		documents = append(documents, plain(one))
	}
	if err := json.NewEncoder(out).Encode(documents); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// plain is a value without what JSON does not have.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
	case map[any]any:
		out := map[string]any{}
		for key, value := range v {
			out[fmt.Sprint(key)] = plain(value)
		}
		return out
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return v
}
