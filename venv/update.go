package venv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Wish is what an update shall do beyond making the environment match.
type Wish struct {
	Question
	Reset bool // rebuild even what is in sync
	// AllowEmpty lets requirements that lost everything, or Tutor, replace an environment that works.
	AllowEmpty bool
	DryRun     bool     // say what would be done
	Lock       bool     // write the lock file
	Upgrade    bool     // forget every locked version
	Moved      []string // forget the locked versions of these packages
}

// Outcome is what an update did, or would do.
type Outcome struct {
	Instance string   `json:"instance"`
	Changed  bool     `json:"changed"` // built, or would be
	Reasons  []Reason `json:"reasons"` // why
	Notes    []Reason `json:"notes,omitempty"`
	Python   string   `json:"python,omitempty"`    // path and version
	Chosen   string   `json:"chosen,omitempty"`    // why this Python
	By       string   `json:"installer,omitempty"` // "uv 0.13.9"
	Tutor    string   `json:"tutor,omitempty"`
	Added    []string `json:"added,omitempty"` // requirements that were forgotten
	Changes  []Change `json:"changes,omitempty"`
	Packages int      `json:"packages,omitempty"`
	Log      string   `json:"log,omitempty"` // path
	Seconds  float64  `json:"seconds"`
}

// Why joins the reasons in words.
func (o Outcome) Why() string { return words(o.Reasons) }

// Update makes one environment match its requirements, or leaves the old one
// as it is and returns an error: a [*UsageError], a [*BuildError], or another.
func (k *Keeper) Update(ctx context.Context, inst Instance, wish Wish) (Outcome, error) {
	began := time.Now()
	wish.CompareOptions = true
	out, err := k.update(ctx, inst, wish)
	out.Instance, out.Seconds = inst.Name, time.Since(began).Seconds()
	for i, r := range out.Reasons {
		out.Reasons[i].Text = k.Secrets.Text(r.Text)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return out, &stopped{inst.Name, ctx.Err()}
	}
	return out, k.Secrets.Error(err)
}

// stopped is an update that somebody interrupted.
type stopped struct {
	instance string
	err      error
}

func (s *stopped) Error() string {
	return "instances/" + s.instance + ": interrupted; the environment that was there is untouched"
}

func (s *stopped) Unwrap() error { return s.err }

func (k *Keeper) update(ctx context.Context, inst Instance, wish Wish) (Outcome, error) {
	if wish.DryRun {
		return k.dryRun(ctx, inst, wish)
	}
	if !wish.Reset {
		i, err := k.inspect(ctx, inst, wish.Question)
		if err != nil {
			return Outcome{}, err
		}
		aside, err := inst.aside()
		if err != nil {
			return Outcome{}, err
		}
		if len(i.reasons(wish)) == 0 && len(aside) == 0 && i.verdict.Elsewhere() == "" && !i.adopts {
			i.remember()
			return i.nothing(), nil
		}
	}
	unlock, err := k.lock(ctx, inst)
	if err != nil {
		return Outcome{}, advised(inst, err)
	}
	defer unlock()
	left, err := inst.tidy()
	if err != nil {
		return Outcome{}, advised(inst, err)
	}
	i, reasons, err := k.due(ctx, inst, wish)
	if err != nil {
		return Outcome{}, err
	}
	i.verdict.Notes = append(i.verdict.Notes, left...)
	if len(reasons) == 0 {
		err := i.adopt()
		return i.nothing(), err
	}
	b := &build{inspection: i, wish: wish, out: Outcome{Changed: true, Reasons: reasons, Notes: left, Log: inst.LogFile()}}
	if done, err := b.settled(ctx); err != nil || done {
		return b.out, err
	}
	err = b.run(ctx)
	return b.out, err
}

// due inspects an instance and says why a build is due; no reason when none is. It errs when one is due and cannot be.
func (k *Keeper) due(ctx context.Context, inst Instance, wish Wish) (*inspection, []Reason, error) {
	i, err := k.inspect(ctx, inst, wish.Question)
	if err != nil {
		return nil, nil, err
	}
	reasons := i.reasons(wish)
	if why := i.verdict.Elsewhere(); why != "" && !wish.Reset {
		return nil, nil, fmt.Errorf("instances/%s: %s", inst.Name, why)
	}
	switch {
	case len(reasons) == 0:
		return i, nil, nil
	case i.verdict.Has("no-requirements"):
		return nil, nil, usage("instances/%s has no %s: write one with the Tutor version and the plugins that this instance needs, such as `tutor==16.1.8`", inst.Name, k.Workspace.requirements())
	case !wish.AllowEmpty && i.serves() && !slices.ContainsFunc(i.set.Lines, requirement.Entry.Wanted):
		return nil, nil, usage("instances/%s/%s asks for nothing, and there is an environment that works: was it cut short? To have an empty environment, add --allow-empty", inst.Name, k.Workspace.requirements())
	}
	return i, reasons, inst.replaceable()
}

// serves tells whether there is an environment that works.
func (i *inspection) serves() bool { return i.verdict.Status < Broken }

// nothing is the outcome of an environment that already matches.
func (i *inspection) nothing() Outcome {
	return Outcome{Reasons: []Reason{}, Notes: i.verdict.Notes, Tutor: i.verdict.Tutor, Python: i.verdict.Python, Packages: len(i.state.Packages)}
}

// reasons are why a build is due: those of the verdict and those of the wish.
func (i *inspection) reasons(wish Wish) []Reason {
	out := append([]Reason{}, i.verdict.Reasons...)
	if len(out) > 0 {
		return out
	}
	switch _, err := os.Stat(filepath.Join(i.inst.Dir, i.Workspace.LockName())); {
	case wish.Reset:
		out = append(out, Reason{"reset", "a reset was asked for"})
	case wish.Upgrade:
		out = append(out, Reason{"upgrade", "an upgrade of everything was asked for"})
	case slices.ContainsFunc(wish.Moved, i.knows):
		out = append(out, Reason{"upgrade", "an upgrade was asked for: " + strings.Join(wish.Moved, ", ")})
	case wish.Lock && errors.Is(err, os.ErrNotExist):
		out = append(out, Reason{"lock", "a lock was asked for"})
	}
	return out
}

// dryRun finds out everything that can be known without writing.
func (k *Keeper) dryRun(ctx context.Context, inst Instance, wish Wish) (Outcome, error) {
	i, reasons, err := k.due(ctx, inst, wish)
	if err != nil {
		return Outcome{}, err
	}
	if len(reasons) == 0 {
		return i.nothing(), nil
	}
	b := &build{inspection: i, wish: wish, out: Outcome{Changed: true, Reasons: reasons}}
	if done, err := b.settled(ctx); err != nil || done || len(b.out.Changes) > 0 {
		return b.out, err
	}
	pins, err := b.resolve(ctx)
	if err == nil {
		b.out.Changes = changes(b.state.content(), b.coming(pins))
	}
	return b.out, err
}

// advised names the instance in an error of the file system, and what to do.
func advised(inst Instance, err error) error {
	switch {
	case errors.Is(err, unix.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("instances/%s: %w; an environment is built inside the instance's directory: make that writable", inst.Name, err)
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("instances/%s: %w; free some space and run the same again", inst.Name, err)
	}
	return fmt.Errorf("instances/%s: %w", inst.Name, err)
}

// BuildError is a build that failed. The environment that was there still is.
type BuildError struct {
	Instance string
	Err      error
	Serves   bool     // an environment that was there before still does
	Log      string   // path of the installer's output; empty when there is none
	Tail     []string // its last lines
	Added    string   // what the tool added to the requirements, as a sentence; empty when that was nothing
}

func (e *BuildError) Error() string {
	end := "nothing was built"
	if e.Serves {
		end = "the environment that was there still serves"
	}
	text := fmt.Sprintf("instances/%s: %v; %s", e.Instance, e.Err, end)
	if e.Added != "" {
		text += "\n" + e.Added
	}
	if len(e.Tail) > 0 {
		text += fmt.Sprintf("\nthe last lines of %s:\n    %s", cmp.Or(e.Log, "the installer"), strings.Join(e.Tail, "\n    "))
	}
	return text
}

func (e *BuildError) Unwrap() error { return e.Err }
