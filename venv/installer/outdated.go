package installer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
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
	out, err := asked(ctx, u.pip(job, "list", "--outdated", "--format", "json"))
	if err != nil {
		return nil, err
	}
	return newer(out)
}

// Outdated lists what is newer than in job.Env.
func (p Pip) Outdated(ctx context.Context, job Job) ([]Newer, error) {
	job.Lines = sources(job.Lines)
	out, err := asked(ctx, p.command(job, "list", "--outdated", "--format", "json", "-vv"))
	if err != nil {
		return nil, err
	}
	if m := unreached.FindSubmatch(out); m != nil {
		return nil, fmt.Errorf("asking for newer versions: an index cannot be read: %s", m[1])
	}
	return newer(out[bytes.LastIndex(out, []byte("\n["))+1:]) // the answer stands on a line behind what pip says
}

// unreached is what pip says, and goes on, when an index does not answer; that it lacks a package (404) is no fault.
var unreached = lazyregexp.New(`(?m)Could not fetch URL .*?: (connection error|timed out|There was a problem confirming the ssl certificate|(?:40[137]|5\d\d) (?:Client|Server) Error)`)

func asked(ctx context.Context, c command) ([]byte, error) {
	var out bytes.Buffer
	c.capture = &out
	if err := c.run(ctx); err != nil {
		return nil, failure("asking for newer versions", err)
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

func newer(out []byte) ([]Newer, error) {
	var found []Newer
	if err := json.Unmarshal(out, &found); err != nil {
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
