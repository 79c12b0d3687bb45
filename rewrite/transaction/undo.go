package transaction

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// fail undoes what an apply did before it failed. The error is always set.
func (w *work) fail(cause error) (Outcome, error) {
	if !w.begun {
		// Nothing but the journal's own directory was touched.
		return Outcome{}, &FailedError{Cause: cause, Undo: w.forget(), Journal: filepath.Join(w.home().dir, w.ID)}
	}
	out, err := w.undo()
	return out, &FailedError{Cause: cause, Undo: err, Journal: filepath.Join(w.home().dir, w.ID), Refused: out.Refused}
}

// leave removes a place that was created for nothing.
func (w *work) leave() error {
	for _, p := range w.places {
		if err := w.discard(p); err != nil {
			return err
		}
	}
	return nil
}

// undo puts every file back that is as the transaction wanted it, and forgets
// the transaction. Files that are neither old nor new were changed by someone
// else and are left alone; the transaction is then kept for them only.
func (w *work) undo() (Outcome, error) {
	out := Outcome{ID: w.ID}
	var left, back []record
	for _, rec := range w.Records {
		// All temporary files go first: on a full disk they make package for
		// the journal and the old contents. A reason will be found again
		// below.
		if err := w.tidy(rec); err != nil && !errors.As(err, new(reason)) {
			return out, fmt.Errorf("%s: %w", w.full(rec.Root, rec.Temp), cause(err))
		}
	}
	if w.Phase != Undoing {
		if err := w.record(Undoing); err != nil {
			return out, err
		}
	}
	for _, rec := range slices.Backward(w.Records) {
		err := w.undoOne(rec)
		var why reason
		switch {
		case err == nil:
			out.Old++
			back = append(back, rec)
		case errors.As(err, &why):
			refusal := Refusal{Path: w.full(rec.Root, rec.Path), Reason: string(why)}
			if rec.Before.Exists {
				refusal.Old = filepath.Join(w.home().dir, w.ID, filepath.FromSlash(rec.Old))
			}
			out.Refused = append(out.Refused, refusal)
			left = append(left, rec)
		default:
			return out, fmt.Errorf("%s: %w", w.full(rec.Root, rec.Path), cause(err))
		}
	}
	if err := w.removeDirs(); err != nil {
		return out, err
	}
	if err := w.syncDirs(back); err != nil {
		return out, err
	}
	if len(left) == 0 {
		return out, w.forget()
	}
	slices.Reverse(left)
	slices.Reverse(out.Refused)
	out.Journal = filepath.Join(w.home().dir, w.ID)
	w.Records = left
	return out, w.record(Done)
}

// undoOne puts one file back, or returns a reason why it is left alone.
func (w *work) undoOne(rec record) error {
	r, target, temp := w.roots[rec.Root], string(rec.Path), rec.back()
	s, err := w.look(r, target)
	switch {
	case err != nil:
		return err
	case s.Fingerprint == rec.Before:
		return nil
	case s.Fingerprint != rec.After && !s.Exists:
		return reason("was deleted since it was written")
	case s.Fingerprint != rec.After:
		return reason("was changed since it was written")
	case !rec.Before.Exists:
		return w.withdraw(r, target, temp, rec.After)
	case len(s.missing) > 0:
		return reason("its directory was removed since it was deleted")
	}
	if err := w.copy(w.home().root, path.Join(w.ID, rec.Old), r, temp, rec.Before, rec.Before.Mode, rec.Owner); err != nil {
		if errors.As(err, new(reason)) {
			return reason("its old content in the journal is damaged or gone")
		}
		return err
	}
	if !rec.After.Exists {
		return w.publish(r, temp, target)
	}
	return w.replace(r, temp, target, rec.After)
}

// tidy removes the temporary files of one file.
func (w *work) tidy(rec record) error {
	r, target, temp := w.roots[rec.Root], string(rec.Path), string(rec.Temp)
	if w.Phase == Staging {
		s, err := w.glance(r, temp)
		if err != nil || s.info == nil {
			return err
		}
		return w.remove(r, temp)
	}
	if err := w.reclaim(r, temp, target, rec.Before, rec.After); err != nil {
		return err
	}
	return w.reclaim(r, rec.back(), target, rec.After, rec.Before)
}

// copy copies a file, whose content has to be that of the fingerprint, to a
// new name.
func (d disk) copy(from *os.Root, source string, to *os.Root, target string, want Fingerprint, mode fs.FileMode, o *owner) error {
	s, err := d.glance(from, source)
	if err != nil {
		return err
	}
	if s.info == nil {
		return reason("was deleted since it was read")
	}
	f, err := d.open(from, source, s.info)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	if err := d.create(to, target, io.TeeReader(f, hash), mode, o); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != want.SHA256 {
		return errors.Join(reason("was changed since it was read"), d.remove(to, target))
	}
	return nil
}

// removeDirs removes the directories that the transaction created, if nothing
// else has come into them.
func (w *work) removeDirs() error {
	for _, d := range slices.Backward(w.Dirs) {
		err := w.remove(w.roots[d.Root], string(d.Path))
		if err == nil || notEmpty(err) || errors.Is(err, syscall.ENOTDIR) {
			continue
		}
		return fmt.Errorf("%s: %w", w.full(d.Root, d.Path), cause(err))
	}
	return nil
}

// notEmpty reports whether a directory could not be removed because there is
// something in it.
func notEmpty(err error) bool {
	return errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist)
}

// Pending returns the transactions that left a journal in the roots, the
// oldest first: those that were interrupted, those that are running, and the
// last one that is done. It writes nothing.
func Pending(ctx context.Context, roots []string) ([]Transaction, error) {
	all, err := search(ctx, roots)
	if err != nil {
		return nil, err
	}
	var out []Transaction
	for _, f := range all {
		t := f.describe()
		t.Running = f.Phase != Done && held(f.dir)
		out = append(out, t)
	}
	return out, nil
}

// Recover ends a transaction that was interrupted: forward if finish is set,
// which needs the phase Committing, and back otherwise. It does nothing to one
// that is over by now.
func Recover(ctx context.Context, t Transaction, finish bool, o Options) (Outcome, error) {
	w, err := reopen(ctx, t, o)
	if err != nil || w == nil {
		return Outcome{}, err
	}
	defer w.close()
	switch {
	case w.Phase == Done:
		return Outcome{ID: w.ID, New: len(w.Records), Journal: t.Journal}, nil
	case !finish:
		return w.undo()
	case w.Phase != Committing:
		return Outcome{}, fmt.Errorf("%s: cannot be finished, because it was interrupted while %s; it can be undone", t.Journal, w.Phase)
	}
	if err := w.ready(ctx); err != nil {
		return Outcome{}, err
	}
	if err := w.commit(ctx); err != nil {
		return Outcome{}, err
	}
	if err := w.record(Done); err != nil {
		return Outcome{}, err
	}
	_ = w.point(false)
	_ = w.sweep()
	return Outcome{ID: w.ID, New: len(w.Records), Journal: t.Journal}, nil
}

// ready checks before anything is written that a commit can be finished.
func (w *work) ready(ctx context.Context) error {
	var refused []Refusal
	for _, rec := range w.Records {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := w.roots[rec.Root]
		s, err := w.look(r, string(rec.Path))
		if err == nil && s.Fingerprint != rec.After && s.Fingerprint != rec.Before {
			err = differs(rec.Before, s.Fingerprint)
		}
		if err == nil && s.Fingerprint != rec.After && rec.After.Exists {
			var temp seen
			if temp, err = w.look(r, string(rec.Temp)); err == nil && temp.Fingerprint != rec.After {
				err = reason("its new content is not there any more, so this can only be undone")
			}
		}
		if err != nil {
			refused = append(refused, Refusal{Path: w.full(rec.Root, rec.Path), Reason: cause(err).Error()})
		}
	}
	if len(refused) > 0 {
		return &RefusedError{refused}
	}
	return nil
}

// ErrNothing says that no apply has left anything that could be undone. It is an
// fs.ErrNotExist too, but so is a root that is missing.
var ErrNothing error = nothing{}

type nothing struct{}

func (nothing) Error() string { return "there is no apply to undo in these directories" }

// Is makes it an fs.ErrNotExist.
func (nothing) Is(target error) bool { return target == fs.ErrNotExist }

// Rollback undoes the last apply in the roots, or finishes undoing one that
// was interrupted. Files that were changed since are left alone and listed in
// the outcome. It returns ErrNothing if there is no apply to undo.
func Rollback(ctx context.Context, roots []string, o Options) (Outcome, error) {
	all, err := search(ctx, roots)
	if err != nil {
		return Outcome{}, err
	}
	if len(all) == 0 {
		return Outcome{}, ErrNothing
	}
	last := all[len(all)-1]
	for _, f := range all {
		if f.Phase != Done {
			last = f
		}
	}
	w, err := reopen(ctx, last.describe(), o)
	if err != nil {
		return Outcome{}, err
	}
	if w == nil {
		return Outcome{}, ErrNothing
	}
	defer w.close()
	return w.undo()
}

// search returns all transactions of the roots, the oldest first.
func search(ctx context.Context, roots []string) ([]found, error) {
	var out []found
	for _, root := range roots {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		dir, err := Dir(root)
		if err != nil {
			return nil, err
		}
		all, err := list(dir)
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			if !slices.ContainsFunc(out, func(o found) bool { return o.dir == f.dir && o.ID == f.ID }) {
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(a, b found) int {
		if c := a.Started.Compare(b.Started); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// reopen locks everything a transaction needs and reads its journal again. It
// returns nil if the transaction is gone.
func reopen(ctx context.Context, t Transaction, o Options) (*work, error) {
	home := filepath.Dir(t.Journal)
	if err := linked(home, t); err != nil {
		return nil, err
	}
	w, err := open(ctx, t.Roots, o)
	if err != nil {
		return nil, err
	}
	f, err := readJournal(home, t.ID, "")
	if err != nil || f == nil {
		w.close()
		return nil, err
	}
	w.journal, w.begun = f.journal, true
	return w, nil
}

// linked makes sure that every root of a journal knows of it. A journal may come
// with files from anywhere, and must not lead to files that it never changed.
func linked(home string, t Transaction) error {
	if _, err := os.Stat(filepath.Join(t.Journal, journalName)); errors.Is(err, fs.ErrNotExist) {
		return nil // over by now
	}
	for i, root := range t.Roots {
		place, err := Dir(root)
		if err != nil {
			return fmt.Errorf("%s: %w", t.Journal, err)
		}
		if place == home {
			continue
		}
		var p pointer
		file := filepath.Join(place, t.ID, pointerName)
		if err := parse(file, &p); i == 0 || err != nil || p.target(place) != home {
			return fmt.Errorf("%s: names %s, which knows nothing of it; it does not belong to these directories or they were moved apart, and nothing is touched", t.Journal, root)
		}
	}
	return nil
}
