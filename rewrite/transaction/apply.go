package transaction

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Verify checks without writing anything that Apply would not refuse the
// operations: every file still has its fingerprint, none is a link or lies
// outside its root. It returns a *RefusedError with all the files that stand
// in the way.
func Verify(ctx context.Context, ops []Op) error {
	w, ops, err := plan(ops)
	if err != nil {
		return err
	}
	defer w.close()
	for _, root := range w.paths {
		r, err := os.OpenRoot(root)
		if err != nil {
			return fmt.Errorf("%s: %w", root, cause(err))
		}
		w.roots = append(w.roots, r)
	}
	return w.check(ctx, ops)
}

// Apply carries out the operations, all or none. Before it returns an error
// that is not a *FailedError, nothing was written; a *FailedError says what
// state the files are in. If ctx ends, what was done is undone.
//
// Afterwards the old contents are kept for Rollback until the next Apply in
// one of the same roots.
func Apply(ctx context.Context, ops []Op, o Options) (Outcome, error) {
	planned, ops, err := plan(ops)
	if err != nil || len(ops) == 0 {
		return Outcome{}, err
	}
	w, err := open(ctx, planned.paths, o)
	if err != nil {
		return Outcome{}, err
	}
	defer w.close()
	roots := w.Roots
	w.journal = planned.journal
	w.Roots = roots
	if err := w.unfinished(); err != nil {
		return Outcome{}, err
	}
	if err := w.check(ctx, ops); err != nil {
		return Outcome{}, errors.Join(err, w.leave())
	}
	if err := w.run(ctx, ops); err != nil {
		return w.fail(err)
	}
	// From here on everything is new and recorded as such. What is left is
	// tidying, which the next apply does as well.
	_ = w.point(false)
	_ = w.sweep()
	return Outcome{ID: w.ID, New: len(w.Records), Journal: filepath.Join(w.home().dir, w.ID)}, nil
}

// plan checks the operations against each other and makes a journal of them.
// Those that change nothing are left out. The places are not open yet.
func plan(ops []Op) (*work, []Op, error) {
	w := &work{journal: journal{Version: version, ID: newID(), Started: time.Now().UTC(), PID: os.Getpid()}}
	var kept []Op
	var refused []Refusal
	taken := map[string]string{}
	for _, op := range ops {
		root, err := resolve(op.Root)
		if err != nil {
			return nil, nil, err
		}
		full := filepath.Join(root, filepath.FromSlash(op.Path))
		if err := inside(op.Path); err != nil {
			refused = append(refused, Refusal{Path: full, Reason: err.Error()})
			continue
		}
		// Names that differ in case only are one file on some file systems.
		folded := strings.ToLower(full)
		if other, ok := taken[folded]; ok && (other == full || !op.Before.Exists) {
			refused = append(refused, Refusal{Path: full, Reason: "is changed twice, or " + other + " differs from it in case only"})
			continue
		}
		taken[folded] = full
		after := op.fingerprint()
		if after == op.Before {
			continue
		}
		i := slices.Index(w.paths, root)
		if i < 0 {
			i = len(w.paths)
			w.paths = append(w.paths, root)
		}
		n := len(w.Records)
		temp := path.Join(path.Dir(op.Path), fmt.Sprintf("%s-%s-%d", dotted, w.ID, n))
		w.Records = append(w.Records, record{
			Root: i, Path: name(op.Path), Before: op.Before, After: after,
			Temp: name(temp), Old: fmt.Sprintf("%s/%d", oldName, n),
		})
		kept = append(kept, op)
	}
	if len(refused) > 0 {
		return nil, nil, &RefusedError{refused}
	}
	return w, kept, nil
}

// newID returns an identifier that sorts by time.
func newID() string {
	return time.Now().UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:8])
}

// unfinished refuses to begin as long as another transaction is not over.
func (w *work) unfinished() error {
	var open []Transaction
	for _, p := range w.places {
		all, err := list(p.dir)
		if err != nil {
			return err
		}
		for _, f := range all {
			if f.Phase != Done {
				open = append(open, f.describe())
			}
		}
	}
	if len(open) > 0 {
		return &UnfinishedError{open}
	}
	return nil
}

// check compares every file with what it has to be, and finds out which
// directories are missing.
func (w *work) check(ctx context.Context, ops []Op) error {
	var refused []Refusal
	found := map[identity]bool{}
	for i := range ops {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec := &w.Records[i]
		s, err := w.look(w.roots[rec.Root], string(rec.Path))
		if err == nil && s.Fingerprint != rec.Before {
			err = differs(rec.Before, s.Fingerprint)
		}
		id, known := identify(s.info)
		if err == nil && known && found[id] {
			err = reason("is the same file as another one that is changed (a hard link, or a name that differs in case only)")
		}
		if err != nil {
			refused = append(refused, Refusal{Path: w.full(rec.Root, rec.Path), Reason: cause(err).Error()})
			continue
		}
		if known {
			found[id] = true
		}
		rec.Owner = ownerOf(s.info)
		for _, p := range s.missing {
			if d := (dir{rec.Root, name(p)}); !slices.Contains(w.Dirs, d) {
				w.Dirs = append(w.Dirs, d)
			}
		}
	}
	for _, rec := range w.Records {
		if slices.Contains(w.Dirs, dir{rec.Root, rec.Path}) {
			refused = append(refused, Refusal{Path: w.full(rec.Root, rec.Path), Reason: "is needed as a directory by another file that is created"})
		}
	}
	if len(refused) > 0 {
		return &RefusedError{refused}
	}
	return nil
}

// differs says how a file is not what it has to be.
func differs(want, have Fingerprint) error {
	switch {
	case !have.Exists:
		return reason("was deleted since it was read")
	case !want.Exists:
		return reason("exists already")
	case want.SHA256 != have.SHA256:
		return reason("was changed since it was read")
	}
	return reason(fmt.Sprintf("has the mode %v now, and had %v when it was read", have.Mode, want.Mode))
}

// run carries out all steps up to the record that everything is done.
func (w *work) run(ctx context.Context, ops []Op) error {
	for _, step := range []func() error{
		func() error { return w.backup(ctx) },
		func() error { return w.point(true) },
		func() error { return w.record(Staging) },
		func() error { return w.stage(ctx, ops) },
		func() error { return w.record(Committing) },
		func() error { return w.commit(ctx) },
		func() error { return w.record(Done) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// backup copies the old contents beside the journal.
func (w *work) backup(ctx context.Context) error {
	home := w.home().root
	for _, dir := range []string{w.ID, path.Join(w.ID, oldName)} {
		if err := w.mkdir(home, dir); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(w.home().dir, dir), cause(err))
		}
	}
	for _, rec := range w.Records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !rec.Before.Exists {
			continue
		}
		if err := w.copy(w.roots[rec.Root], string(rec.Path), home, path.Join(w.ID, rec.Old), rec.Before, 0o600, nil); err != nil {
			return fmt.Errorf("%s: keeping the old content: %w", w.full(rec.Root, rec.Path), cause(err))
		}
	}
	for _, dir := range []string{path.Join(w.ID, oldName), w.ID, "."} {
		if err := w.sync(home, dir); err != nil {
			return fmt.Errorf("%s: %w", w.home().dir, cause(err))
		}
	}
	return nil
}

// stage creates the new directories and writes every new content beside its
// target.
func (w *work) stage(ctx context.Context, ops []Op) error {
	for _, d := range w.Dirs {
		if err := w.mkdir(w.roots[d.Root], string(d.Path)); err != nil {
			return fmt.Errorf("%s: %w", w.full(d.Root, d.Path), cause(err))
		}
	}
	for i, rec := range w.Records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !rec.After.Exists {
			continue
		}
		if err := w.create(w.roots[rec.Root], string(rec.Temp), bytes.NewReader(ops[i].After.Content), rec.After.Mode, rec.Owner); err != nil {
			return fmt.Errorf("%s: writing the new content beside it: %w", w.full(rec.Root, rec.Path), cause(err))
		}
	}
	return w.syncDirs(w.Records)
}

// commit gives every new content its name and removes the deleted files. A
// file that is new already, from a commit that was interrupted, is passed.
func (w *work) commit(ctx context.Context) error {
	for _, rec := range w.Records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.commitOne(rec); err != nil {
			return fmt.Errorf("%s: %w", w.full(rec.Root, rec.Path), cause(err))
		}
	}
	return w.syncDirs(w.Records)
}

func (w *work) commitOne(rec record) error {
	r, target, temp := w.roots[rec.Root], string(rec.Path), string(rec.Temp)
	s, err := w.look(r, target)
	switch {
	case err != nil:
		return err
	case s.Fingerprint == rec.After:
		return w.reclaim(r, temp, target, rec.Before, rec.After)
	case s.Fingerprint != rec.Before:
		return differs(rec.Before, s.Fingerprint)
	case !rec.After.Exists:
		return w.withdraw(r, target, temp, rec.Before)
	case !rec.Before.Exists:
		return w.publish(r, temp, target)
	}
	return w.replace(r, temp, target, rec.Before)
}

// syncDirs makes the names in the directories of the files durable.
func (w *work) syncDirs(records []record) error {
	done := map[dir]bool{}
	sync := func(root int, p string) error {
		for ; ; p = path.Dir(p) {
			d := dir{root, name(p)}
			if done[d] {
				return nil
			}
			done[d] = true
			if err := w.sync(w.roots[root], p); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s: %w", w.full(root, name(p)), cause(err))
			}
			// Only a new directory is a new name in the one above.
			if !slices.Contains(w.Dirs, d) {
				return nil
			}
		}
	}
	for _, rec := range records {
		if err := sync(rec.Root, path.Dir(string(rec.Path))); err != nil {
			return err
		}
	}
	return nil
}
