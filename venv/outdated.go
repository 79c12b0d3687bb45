package venv

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/venv/installer"
	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// Outdated lists the packages of an environment of which there are newer
// versions, whether the requirements allow them or not. It installs nothing.
func (k *Keeper) Outdated(ctx context.Context, inst Instance) ([]Change, error) {
	out, err := k.outdated(ctx, inst)
	return out, k.Secrets.Error(err)
}

func (k *Keeper) outdated(ctx context.Context, inst Instance) ([]Change, error) {
	i, err := k.inspect(ctx, inst, Question{})
	if err != nil {
		return nil, err
	}
	if why := i.verdict.Elsewhere(); why != "" {
		return nil, fmt.Errorf("instances/%s: %s", inst.Name, why)
	}
	if i.state.ID == "" {
		return nil, nil // Nothing is installed; the verdict says so.
	}
	python, err := k.Finder.Ask(ctx, i.state.Python.Executable)
	if err != nil {
		return nil, err
	}
	by, err := k.installer(ctx, python)
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	log := redact.NewWriter(&said, k.Secrets)
	settings := by.Settings(k.Environ)
	k.Secrets.AddURLs(settings.Text())
	found, err := by.Outdated(ctx, installer.Job{Env: inst.Env(), Dir: inst.Dir, Python: python, Lines: i.set.Lines, Options: k.options(), Settings: settings, Log: log})
	log.Flush()
	if err != nil {
		return nil, fmt.Errorf("instances/%s: %w: %s", inst.Name, err, strings.Join(tail(bytes.NewReader(said.Bytes())), "; "))
	}
	var out []Change
	for _, n := range found {
		out = append(out, Change{n.Name, n.Version, n.Latest})
	}
	return out, nil
}
