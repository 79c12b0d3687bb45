package venv

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Remove takes an instance's environment away, with all that belongs to it:
// the one before it, the log, the lock file, and the instance's directory when
// nothing else was in it. What people wrote and the lock of versions stay.
func (k *Keeper) Remove(ctx context.Context, inst Instance) (Outcome, error) {
	out, err := k.remove(ctx, inst)
	out.Instance = inst.Name
	if err != nil {
		err = advised(inst, err)
	}
	return out, err
}

func (k *Keeper) remove(ctx context.Context, inst Instance) (Outcome, error) {
	out := Outcome{Reasons: []Reason{}}
	if names, err := inst.kept(); err != nil || len(names) == 0 {
		return out, err
	}
	unlock, err := k.lock(ctx, inst)
	if err != nil {
		return out, err
	}
	defer unlock()
	if err := inst.replaceable(); err != nil {
		return out, err
	}
	// Under this name a kill in between leaves an environment that the next
	// update puts back, and never half of one in its place.
	err = os.Rename(inst.Env(), filepath.Join(inst.Dir, ".venv.old-"+randomHex(4)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return out, err
	}
	names, err := inst.kept()
	if err != nil {
		return out, err
	}
	out.Changed = len(names) > 0
	for _, name := range names {
		left, err := inst.discard(filepath.Join(inst.Dir, name))
		if err != nil {
			return out, err
		}
		out.Notes = append(out.Notes, left...)
	}
	// Whoever waits for the lock sees that its file is gone, and makes another.
	if err := os.Remove(filepath.Join(inst.Dir, lockFile)); err != nil {
		return out, err
	}
	os.Remove(inst.Dir) // Only if nothing is left in it.
	return out, nil
}

// kept lists what builds keep in the instance's directory, without the lock.
func (inst Instance) kept() ([]string, error) {
	entries, err := os.ReadDir(inst.Dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if n := e.Name(); n == ".venv" || n == ".venv.log" || n == ".venv.previous" || asideName.MatchString(n) || strings.HasPrefix(n, ".venv.left-") {
			out = append(out, n)
		}
	}
	return out, nil
}

// Unused tells whether a directory holds an environment and nothing else: its
// instance is gone, and git left what it does not track.
func (inst Instance) Unused() bool {
	entries, err := os.ReadDir(inst.Dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if e.Name() != ".venv" && !strings.HasPrefix(e.Name(), ".venv.") {
			return false
		}
	}
	return len(entries) > 0
}
