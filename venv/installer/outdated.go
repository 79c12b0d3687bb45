package installer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Newer is a package of which an index has a newer version than is installed,
// whatever the requirements allow.
type Newer struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Latest  string `json:"latest_version"`
}

// Outdated lists what is newer than in job.Env.
func (u *UV) Outdated(ctx context.Context, job Job) ([]Newer, error) {
	job.Lines = sources(job.Lines)
	return newer(ctx, u.pip(job, "list", "--outdated", "--format", "json"))
}

// Outdated lists what is newer than in job.Env.
func (p Pip) Outdated(ctx context.Context, job Job) ([]Newer, error) {
	job.Lines = sources(job.Lines)
	return newer(ctx, p.command(job, "list", "--outdated", "--format", "json"))
}

func newer(ctx context.Context, c command) ([]Newer, error) {
	var out bytes.Buffer
	c.capture = &out
	if err := c.run(ctx); err != nil {
		return nil, failure("asking for newer versions", err)
	}
	var found []Newer
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		return nil, fmt.Errorf("asking for newer versions: %w", err)
	}
	for i := range found {
		found[i].Name = requirement.Normalise(found[i].Name)
	}
	return found, nil
}

// sources are the lines that say where packages come from.
func sources(lines []requirement.Entry) []requirement.Entry {
	return slices.DeleteFunc(slices.Clone(lines), func(l requirement.Entry) bool {
		return !slices.Contains([]string{"-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-index", "--trusted-host"}, l.Flag)
	})
}
