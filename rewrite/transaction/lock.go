package transaction

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// place is the directory with the journals of one or several roots, open and
// locked.
type place struct {
	dir  string
	root *os.Root
	lock *flock.Flock
	gone bool // the directory was removed
}

// The names in a place, beside a directory for each transaction.
const (
	lockName   = "lock"
	holderName = "holder"
	ignoreName = ".gitignore"
)

// holder is what the file of that name says while the lock is held.
type holder struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// openPlaces opens and locks the directories, in the order of their names
// whatever order they are given in, so that two transactions never wait for
// each other. The result has the given order.
func openPlaces(ctx context.Context, d disk, dirs []string, wait bool) (places []*place, err error) {
	defer func() {
		if err != nil {
			for _, p := range places {
				_ = d.discard(p) // the error that is returned says more
			}
			closePlaces(places)
			places = nil
		}
	}()
	for _, dir := range slices.Sorted(slices.Values(dirs)) {
		p, err := openPlace(ctx, d, dir, wait)
		if err != nil {
			return places, err
		}
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b *place) int { return slices.Index(dirs, a.dir) - slices.Index(dirs, b.dir) })
	return places, nil
}

func closePlaces(places []*place) {
	for _, p := range places {
		p.close()
	}
}

// close lets go of the lock. An error cannot be acted upon: the lock ends with
// the process at the latest.
func (p *place) close() {
	if !p.gone {
		p.root.Remove(holderName)
	}
	p.lock.Close()
	p.root.Close()
}

// tries is how often a place is opened anew that someone else removed in
// between.
const tries = 1000

// openPlace creates the directory if it is missing, and locks it. Another
// process may remove an empty directory at its end, so this is tried again
// until the lock that is held is the one that stands in the directory.
func openPlace(ctx context.Context, d disk, dir string, wait bool) (*place, error) {
	for n := 1; ; n++ {
		p, err := openDir(d, dir)
		if err == nil {
			if err = d.acquire(ctx, p, wait); err == nil {
				err = d.settle(p)
			}
			if err == nil {
				return p, nil
			}
			p.lock.Close()
			p.root.Close()
		}
		var locked *LockedError
		switch {
		case errors.Is(err, fs.ErrNotExist) && n < tries:
		case ctx.Err() != nil || errors.As(err, &locked):
			return nil, err
		default:
			return nil, fmt.Errorf("%s: cannot keep a journal: %w", dir, cause(err))
		}
	}
}

// settle makes a locked place ready for use. It returns fs.ErrNotExist if the
// place was removed before it was locked.
func (d disk) settle(p *place) error {
	held, err := p.lock.Stat()
	if err != nil {
		return err
	}
	there, err := os.Lstat(filepath.Join(p.dir, lockName))
	if err != nil {
		return err
	}
	if !os.SameFile(held, there) {
		return fs.ErrNotExist
	}
	if filepath.Base(p.dir) == dotted {
		if err := d.ignore(p.root); err != nil {
			return err
		}
	}
	return d.announce(p)
}

func openDir(d disk, dir string) (*place, error) {
	parent, err := os.OpenRoot(filepath.Dir(dir))
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	base := filepath.Base(dir)
	p := &place{dir: dir, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o644))}
	info, err := d.lstat(parent, base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := d.mkdir(parent, base); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, reason("is not a directory")
	}
	p.root, err = parent.OpenRoot(base)
	return p, err
}

// ignore makes git ignore a directory with all it holds.
func (d disk) ignore(r *os.Root) error {
	const all = "*\n"
	if content, err := r.ReadFile(ignoreName); err == nil && string(content) == all {
		return nil
	}
	const temp = ignoreName + ".new"
	if err := d.remove(r, temp); err != nil {
		return err
	}
	if err := d.create(r, temp, strings.NewReader(all), 0o644, nil); err != nil {
		return err
	}
	return d.rename(r, temp, ignoreName)
}

// grace is how long a lock is tried for even if it is not to be waited for: a
// scan that looks whether it is held holds it for a moment itself.
const grace = 500 * time.Millisecond

// acquire takes the lock of a place, or says who has it.
func (d disk) acquire(ctx context.Context, p *place, wait bool) error {
	limit := ctx
	if !wait {
		var cancel context.CancelFunc
		limit, cancel = context.WithTimeout(ctx, grace)
		defer cancel()
	}
	err := d.do("lock", p.lock.Path(), func() error {
		if ok, err := p.lock.TryLock(); ok || err != nil {
			return err
		}
		_, err := p.lock.TryLockContext(limit, 20*time.Millisecond)
		return err
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return p.held()
	}
	return fmt.Errorf("cannot be locked, and without a lock two applies could mix: %w", err)
}

// held returns the error that names the holder of the lock.
func (p *place) held() error {
	locked := &LockedError{Lock: p.lock.Path()}
	var h holder
	if content, err := p.root.ReadFile(holderName); err == nil && json.Unmarshal(content, &h) == nil {
		locked.PID, locked.Since = h.PID, h.Since
	}
	return locked
}

// announce writes down who holds the lock.
func (d disk) announce(p *place) error {
	content, err := json.Marshal(holder{os.Getpid(), time.Now()})
	if err != nil {
		return err
	}
	return d.do("write", holderName, func() error { return p.root.WriteFile(holderName, content, 0o644) })
}

// discard removes a place that holds nothing any more, the lock last. Whoever
// waits for the lock notices that it is gone and begins anew.
func (d disk) discard(p *place) error {
	entries, err := fs.ReadDir(p.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if n := e.Name(); n != lockName && n != holderName && n != ignoreName {
			return nil
		}
	}
	for _, name := range []string{holderName, ignoreName, lockName} {
		if err := d.remove(p.root, name); err != nil {
			return err
		}
	}
	// From here on somebody else can come in, and the directory is theirs.
	p.gone = true
	parent, err := os.OpenRoot(filepath.Dir(p.dir))
	if err != nil {
		return err
	}
	defer parent.Close()
	if err := d.remove(parent, filepath.Base(p.dir)); err != nil && !notEmpty(err) {
		return err
	}
	return nil
}

// held reports whether some process holds the lock of a place. It asks by
// taking the lock together with others who ask, for a moment.
func held(dir string) bool {
	l := flock.New(filepath.Join(dir, lockName), flock.SetFlag(os.O_RDONLY))
	defer l.Close()
	ok, err := l.TryRLock()
	return err == nil && !ok
}
