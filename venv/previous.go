package venv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// previous is where the environment before the last successful build is kept.
func (i Instance) previous() string { return filepath.Join(i.Dir, ".venv.previous") }

// retire keeps what a build replaced as the previous environment, if it could
// be used; at most one is kept. The lock is held.
func (inst Instance) retire(replaced string, usable bool) ([]Reason, error) {
	if !usable {
		return inst.discard(replaced)
	}
	old := filepath.Join(inst.Dir, ".venv.old-"+randomHex(4))
	err := os.Rename(inst.previous(), old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.Rename(replaced, inst.previous()); err != nil {
		return nil, err
	}
	return inst.discard(old)
}

// Previous exchanges the environment with the one before it, whatever the
// requirements say; a second time goes forth again.
func (k *Keeper) Previous(ctx context.Context, inst Instance, dry bool) (Outcome, error) {
	out, err := k.previous(ctx, inst, dry)
	out.Instance = inst.Name
	return out, k.Secrets.Error(err)
}

func (k *Keeper) previous(ctx context.Context, inst Instance, dry bool) (Outcome, error) {
	if !dry {
		unlock, err := k.lock(ctx, inst)
		if err != nil {
			return Outcome{}, advised(inst, err)
		}
		defer unlock()
		if _, err := inst.tidy(); err != nil {
			return Outcome{}, advised(inst, err)
		}
	}
	if err := inst.replaceable(); err != nil {
		return Outcome{}, err
	}
	before, err := ReadState(inst.previous())
	if errors.Is(err, fs.ErrNotExist) {
		return Outcome{}, usage("instances/%s: no environment before this one is kept: it is there after the first build that replaces one that works", inst.Name)
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("instances/%s/.venv.previous: %w", inst.Name, err)
	}
	if _, err := os.Stat(filepath.Join(inst.previous(), "bin", "python")); err != nil {
		return Outcome{}, fmt.Errorf("instances/%s/.venv.previous: its interpreter %s (Python %s) is gone: what it was built from has to be built again", inst.Name, before.Python.Executable, before.Python.Version)
	}
	if tree, err := treeOf(inst.previous()); err != nil || tree != before.Tree {
		return Outcome{}, fmt.Errorf("instances/%s/.venv.previous: files of it are missing or changed: what it was built from has to be built again", inst.Name)
	}
	now, _ := ReadState(inst.Env())
	out := Outcome{
		Changed: true, Reasons: []Reason{{"previous", "the environment before was asked for"}}, Changes: changes(now.content(), before.content()),
		Tutor: before.Packages["tutor"], Python: before.Python.Version, Packages: len(before.Packages),
	}
	if dry {
		return out, nil
	}
	replaced, err := k.Names.Swap(inst.previous(), inst.Env(), filepath.Join(inst.Dir, ".venv.old-"+randomHex(4)))
	if err == nil && replaced != "" && replaced != inst.previous() {
		err = os.Rename(replaced, inst.previous())
	}
	if err != nil {
		return out, advised(inst, err)
	}
	v, err := k.Check(ctx, inst, Question{})
	if err == nil && v.Status != InSync {
		out.Notes = append(out.Notes, Reason{"drifted", v.Why() + "; the next update builds what is required now"})
	}
	return out, err
}
