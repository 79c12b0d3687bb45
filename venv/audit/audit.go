// Package audit lets an environment's own Python say whether what was asked for is there and can be imported.
package audit

import (
	"cmp"
	"context"
	_ "embed" // the program
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

//go:embed audit.py
var program string

// Question is what one environment is asked.
type Question struct {
	// Requirements are pairs: a requirement by name, and the place where it is asked for.
	Requirements [][2]string `json:"requirements"`
	Plugins      []string    `json:"plugins"` // enabled ones
	Files        []string    `json:"files"`   // those of them that are Python files, absolute
}

// Fault is one thing that is not as it was asked for. Codes are listed in section 10 of docs/environments.md.
type Fault struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// usualLimit is long even for a slow disk.
const usualLimit = 2 * time.Minute

// Run asks the environment at env. Its Python runs with these variables, in the form of os.Environ, and is ended after the
// limit; zero means two minutes.
func Run(ctx context.Context, env string, environ []string, q Question, limit time.Duration) ([]Fault, error) {
	text, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	limit = cmp.Or(limit, usualLimit)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it was ended after %s", limit))
	defer cancel()
	var faults []Fault
	err = interpreter.Run(ctx, &faults, environ, filepath.Join(env, "bin", "python"), "-I", "-B", "-c", program, string(text))
	if err == nil {
		return faults, nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return nil, fmt.Errorf("importing Tutor and the enabled plugins: %w", err)
}
