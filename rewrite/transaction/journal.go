package transaction

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// version is the version of the journal's form.
const version = 1

// The names in the directory of one transaction. It holds either a journal or,
// in every place but the first, a pointer to it.
const (
	journalName = "journal.json"
	pointerName = "pointer.json"
	oldName     = "old"
)

// journal is what is written down about a transaction before anything is done.
type journal struct {
	Version int       `json:"version"`
	ID      string    `json:"id"`
	Phase   Phase     `json:"phase"`
	Started time.Time `json:"started"`
	PID     int       `json:"pid"`
	Roots   []name    `json:"roots"` // from the directory that holds the transactions
	Records []record  `json:"files"`
	Dirs    []dir     `json:"directories"` // new ones, outer before inner
}

// record is one file of a transaction.
type record struct {
	Root   int         `json:"root"`
	Path   name        `json:"path"`
	Before Fingerprint `json:"before"`
	After  Fingerprint `json:"after"`
	Temp   name        `json:"temp"`            // the new content until it is renamed
	Old    string      `json:"old"`             // the old content, in the transaction's directory
	Owner  *owner      `json:"owner,omitempty"` // of the file before
}

// back returns the name of the temporary file for the old content when it is put
// back. It is not that of the new one, so that after an interruption each can be
// told by what it must hold.
func (r record) back() string { return string(r.Temp) + "-back" }

// dir is a directory that is created.
type dir struct {
	Root int  `json:"root"`
	Path name `json:"path"`
}

// pointer leads from another place to the journal.
type pointer struct {
	Version int  `json:"version"`
	Journal name `json:"journal"` // the first place, from this one
	Open    bool `json:"open"`    // the transaction was not done when this was written
}

// target returns the place that a pointer in another place leads to.
func (p pointer) target(place string) string {
	if filepath.IsAbs(string(p.Journal)) {
		return string(p.Journal)
	}
	return filepath.Join(place, string(p.Journal))
}

// name is a path, of whatever bytes.
type name = edit.Text

// found is a journal that was read.
type found struct {
	journal
	dir     string // the place it stands in
	through string // the place it was asked for in
}

// list returns the transactions of a place, pointed to ones included. Nothing
// needs to be there.
func list(place string) ([]found, error) {
	entries, err := os.ReadDir(place)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, cause(err))
	}
	var out []found
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		f, err := read(place, e.Name())
		if err != nil {
			return nil, err
		}
		if f != nil {
			out = append(out, *f)
		}
	}
	return out, nil
}

// read returns the transaction with this id, or nil if what stands there is
// only what is left of one that was never begun or is over.
func read(place, id string) (*found, error) {
	var p pointer
	switch err := parse(filepath.Join(place, id, pointerName), &p); {
	case errors.Is(err, fs.ErrNotExist):
		return readJournal(place, id, place)
	case err != nil:
		return nil, err
	}
	home := p.target(place)
	// Where the repository is but not the journal, the transaction is over.
	if _, err := os.Stat(filepath.Dir(home)); err != nil && p.Open {
		return nil, fmt.Errorf("%s: an apply was interrupted, and its journal in %s cannot be reached (%w); bring that directory back, or if it is gone for good remove %s",
			place, home, cause(err), filepath.Join(place, id))
	}
	return readJournal(home, id, place)
}

func readJournal(home, id, through string) (*found, error) {
	f := &found{dir: home, through: through}
	err := parse(filepath.Join(home, id, journalName), &f.journal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := f.valid(id); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(home, id, journalName), err)
	}
	return f, nil
}

// parse reads a JSON file.
func parse(file string, to any) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, cause(err))
	}
	d := json.NewDecoder(bytes.NewReader(content))
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("%s: is damaged: %w", file, err)
	}
	return nil
}

// valid refuses a journal that this version cannot carry out. The files it
// names were checked when it was written, but are checked here again: a journal
// is a file that anybody may have changed.
func (j *journal) valid(id string) error {
	if j.Version != version {
		return fmt.Errorf("is of version %d, and only %d is understood; use the grove-migrate that wrote it", j.Version, version)
	}
	if j.ID != id {
		return fmt.Errorf("is that of the transaction %q", j.ID)
	}
	switch j.Phase {
	case Staging, Committing, Done, Undoing:
	default:
		return fmt.Errorf("has the unknown phase %q", j.Phase)
	}
	if len(j.Roots) == 0 {
		return errors.New("names no root")
	}
	for _, r := range j.Records {
		if r.Root < 0 || r.Root >= len(j.Roots) {
			return fmt.Errorf("names no root for %q", r.Path)
		}
		if err := inside(string(r.Path)); err != nil {
			return fmt.Errorf("%q: %w", r.Path, err)
		}
		if err := inside(string(r.Temp)); err != nil {
			return fmt.Errorf("%q: %w", r.Temp, err)
		}
		if path.Dir(r.Old) != oldName {
			return fmt.Errorf("%q: is no place for an old content", r.Old)
		}
	}
	for _, d := range j.Dirs {
		if d.Root < 0 || d.Root >= len(j.Roots) {
			return fmt.Errorf("names no root for %q", d.Path)
		}
		if err := inside(string(d.Path)); err != nil {
			return fmt.Errorf("%q: %w", d.Path, err)
		}
	}
	return nil
}

// rootPaths returns the directories of the journal's roots, for a journal that
// stands in home.
func (j *journal) rootPaths(home string) []string {
	out := make([]string, len(j.Roots))
	for i, r := range j.Roots {
		out[i] = string(r)
		if !filepath.IsAbs(out[i]) {
			out[i] = filepath.Join(home, out[i])
		}
	}
	return out
}

// describe returns what others may know of a journal.
func (f *found) describe() Transaction {
	t := Transaction{
		ID: f.ID, Phase: f.Phase, Started: f.Started, PID: f.PID,
		Journal: filepath.Join(f.dir, f.ID), Roots: f.rootPaths(f.dir),
	}
	for _, r := range f.Records {
		t.Files = append(t.Files, filepath.Join(t.Roots[r.Root], filepath.FromSlash(string(r.Path))))
	}
	return t
}

// save writes a JSON file into a place, old or new at any moment.
func (d disk) save(r *os.Root, file string, v any) error {
	content, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	temp := file + ".new"
	if err := d.remove(r, temp); err != nil {
		return err
	}
	if err := d.create(r, temp, bytes.NewReader(content), 0o644, nil); err != nil {
		return err
	}
	if err := d.rename(r, temp, file); err != nil {
		return err
	}
	return d.sync(r, path.Dir(file))
}
