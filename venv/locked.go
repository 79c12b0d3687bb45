package venv

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// keepsLock tells whether this build writes or reproduces a lock file.
func (b *build) keepsLock() bool {
	_, err := os.Lstat(filepath.Join(b.inst.Dir, b.Workspace.LockName()))
	return b.wish.Lock || err == nil
}

// locked reads the lock file: what to install exactly, or what to prefer while
// resolving anew.
func (b *build) locked() (exact, keep []requirement.Pin, err error) {
	name := b.Workspace.LockName()
	text, err := os.ReadFile(filepath.Join(b.inst.Dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, b.present(), nil
	}
	if err != nil {
		return nil, nil, err
	}
	lock, err := requirement.ParseLock(text)
	if err != nil {
		return nil, nil, usage("instances/%s/%s: %w", b.inst.Name, name, err)
	}
	if b.wish.Upgrade {
		return nil, nil, nil
	}
	for i, p := range lock.Pins {
		if strings.HasPrefix(p.URL, "./") || strings.HasPrefix(p.URL, "../") {
			lock.Pins[i].URL = requirement.FileURL(filepath.Join(b.inst.Dir, p.URL))
		}
	}
	moved := b.moved
	if b.verdict.Has("source-moved") {
		moved = func(p requirement.Pin) bool { return strings.HasPrefix(p.URL, "git+") }
	}
	kept := slices.DeleteFunc(slices.Clone(lock.Pins), moved)
	if len(kept) == len(lock.Pins) && lock.Requirements == b.set.Digest && len(b.wish.Moved) == 0 {
		return lock.Pins, nil, nil
	}
	return nil, kept, nil
}

// moved tells whether an upgrade of this package was asked for.
func (b *build) moved(p requirement.Pin) bool {
	return slices.ContainsFunc(b.wish.Moved, func(m string) bool { return requirement.Normalise(m) == p.Name })
}

// present are the versions that are installed now: a repair, a further plugin
// and a first lock move nothing else. A reset and an upgrade forget them.
func (b *build) present() []requirement.Pin {
	if b.wish.Upgrade || b.wish.Reset && !b.wish.Lock {
		return nil
	}
	var out []requirement.Pin
	for _, name := range slices.Sorted(maps.Keys(b.state.Packages)) {
		p := requirement.Pin{Name: name, Version: b.state.Packages[name]}
		if _, git := b.state.Sources[name]; !git && name != "pip" && !b.moved(p) {
			out = append(out, p)
		}
	}
	return out
}

// kept are the versions to prefer with the Python that was chosen: those that
// were there with another one may have no archive for this.
func (b *build) kept(keep []requirement.Pin) []requirement.Pin {
	_, err := os.Lstat(filepath.Join(b.inst.Dir, b.Workspace.LockName()))
	if err != nil && b.state.Python.MinorName() != b.python.MinorName() {
		return nil
	}
	return keep
}

// writeLock writes what was resolved. URLs come from the requirements as they
// are written, variables and all, less any literal credentials.
func (b *build) writeLock(pins []requirement.Pin) error {
	n := requirement.Numbers(b.python.Version)
	lock := requirement.Lock{Requirements: b.set.Digest, Python: fmt.Sprintf("%d.%d", n[0], n[1])}
	for _, p := range pins {
		if p.URL != "" {
			p.URL = b.written(p)
		}
		lock.Pins = append(lock.Pins, p)
	}
	text := []byte(b.Secrets.Text(string(lock.Text())))
	name := filepath.Join(b.inst.Dir, b.Workspace.LockName())
	if old, err := os.ReadFile(name); err == nil && string(old) == string(text) {
		return nil
	}
	return writeDurably(name, text)
}

// written is the URL of a pin as the lock has it.
func (b *build) written(p requirement.Pin) string {
	if path, ok := requirement.FilePath(p.URL); ok {
		if rel, err := filepath.Rel(b.inst.Dir, path); err == nil && !strings.HasPrefix(rel, "../../../") {
			if !strings.HasPrefix(rel, "../") {
				rel = "./" + rel
			}
			return rel
		}
	}
	for _, l := range b.set.Lines {
		if !l.Direct() || l.URL == "" || requirement.Place(l.URL) != requirement.Place(p.URL) || !strings.HasPrefix(p.URL, "git+") {
			continue
		}
		if at := strings.Index(l.Raw, "git+"); at >= 0 && strings.Contains(l.Raw, "${") {
			raw, _, _ := strings.Cut(l.Raw[at:], " ")
			_, commit := requirement.Ref(p.URL)
			return requirement.At(raw, commit)
		}
	}
	return requirement.Bare(p.URL)
}
