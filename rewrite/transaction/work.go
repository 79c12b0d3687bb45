package transaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Options of Apply, Recover and Rollback. The zero value is right for most.
type Options struct {
	Wait bool // wait for another apply to finish instead of failing with a LockedError

	disk disk
}

// work is a transaction that is being carried out: its journal, and everything
// that has to be open for it.
type work struct {
	disk
	journal
	places []*place   // the first holds the journal
	paths  []string   // of the roots
	roots  []*os.Root // the same, open
	begun  bool       // the journal is on disk
}

// open opens and locks all that the roots need.
func open(ctx context.Context, roots []string, o Options) (*work, error) {
	w := &work{disk: o.disk, paths: roots}
	var dirs []string
	for _, root := range roots {
		dir, err := Dir(root)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, root := range roots {
		r, err := os.OpenRoot(root)
		if err != nil {
			w.close()
			return nil, fmt.Errorf("%s: %w", root, cause(err))
		}
		w.roots = append(w.roots, r)
	}
	var err error
	if w.places, err = openPlaces(ctx, o.disk, dirs, o.Wait); err != nil {
		w.close()
		return nil, err
	}
	for _, root := range roots {
		// From the journal's place, so that an interrupted apply can be
		// recovered where the workspace is mounted at another path.
		rel, err := filepath.Rel(w.home().dir, root)
		if err != nil {
			rel = root
		}
		w.Roots = append(w.Roots, name(rel))
	}
	return w, nil
}

func (w *work) close() {
	closePlaces(w.places)
	for _, r := range w.roots {
		r.Close()
	}
}

func (w *work) home() *place { return w.places[0] }

// full returns the full path of a file, for messages.
func (w *work) full(root int, path name) string {
	return filepath.Join(w.paths[root], filepath.FromSlash(string(path)))
}

// record writes the journal in its phase.
func (w *work) record(p Phase) error {
	w.Phase = p
	if err := w.save(w.home().root, path.Join(w.ID, journalName), w.journal); err != nil {
		return fmt.Errorf("%s: writing the journal: %w", filepath.Join(w.home().dir, w.ID), cause(err))
	}
	w.begun = true
	return nil
}

// point writes into every other place where the journal is.
func (w *work) point(open bool) error {
	for _, p := range w.places[1:] {
		home, err := filepath.Rel(p.dir, w.home().dir)
		if err != nil {
			home = w.home().dir
		}
		if err := w.mkdir(p.root, w.ID); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("%s: %w", p.dir, cause(err))
		}
		if err := w.save(p.root, path.Join(w.ID, pointerName), pointer{version, name(home), open}); err != nil {
			return fmt.Errorf("%s: %w", p.dir, cause(err))
		}
		if err := w.sync(p.root, "."); err != nil {
			return fmt.Errorf("%s: %w", p.dir, cause(err))
		}
	}
	return nil
}

// forget removes the transaction from all places, the journal first: as long as
// there is a journal, every root has the pointer that it needs. A pointer
// without a journal says nothing.
func (w *work) forget() error {
	for _, p := range w.places {
		if err := w.drop(p, w.ID); err != nil {
			return fmt.Errorf("%s: removing the journal: %w", p.dir, cause(err))
		}
		if err := w.discard(p); err != nil {
			return fmt.Errorf("%s: removing the journal: %w", p.dir, cause(err))
		}
	}
	return nil
}

// drop removes what a place holds of one transaction. Without its journal the
// rest says nothing, so a kill in between leaves nothing to be done.
func (d disk) drop(p *place, id string) error {
	for _, file := range []string{journalName, pointerName} {
		if err := d.remove(p.root, path.Join(id, file)); err != nil {
			return err
		}
	}
	return d.removeAll(p.root, id)
}

// sweep removes what other transactions left in the places: those that this
// one has replaced, and remains of ones that never began.
func (w *work) sweep() error {
	for _, p := range w.places {
		entries, err := os.ReadDir(p.dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.IsDir() && e.Name() != w.ID {
				if err := w.drop(p, e.Name()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// inside refuses a path that does not name a file below its root, or one that
// belongs to git or to the journal.
func inside(p string) error {
	if p == "." || path.Clean(p) != p || !filepath.IsLocal(filepath.FromSlash(p)) || strings.Contains(p, "\x00") {
		return reason("does not name a file inside its root")
	}
	for part := range strings.SplitSeq(p, "/") {
		if strings.EqualFold(part, ".git") || strings.EqualFold(part, dotted) {
			return reason("lies in " + part + ", where nothing may be changed")
		}
	}
	return nil
}
