package venv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

var asideName = lazyregexp.New(`^\.venv\.(new|old)-[0-9a-f]{8}$`)

// aside lists what builds left beside the environment: absolute paths, those
// being built before the old ones.
func (inst Instance) aside() ([]string, error) {
	dir, err := os.Open(inst.Dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var fresh, old []string
	for _, name := range names {
		if m := asideName.FindStringSubmatch(name); m != nil && m[1] == "new" {
			fresh = append(fresh, filepath.Join(inst.Dir, name))
		} else if m != nil {
			old = append(old, filepath.Join(inst.Dir, name))
		}
	}
	return append(fresh, old...), nil
}

// tidy finishes or undoes what a killed build began, and notes what it could
// not delete. The lock is held.
func (inst Instance) tidy() (notes []Reason, err error) {
	aside, err := inst.aside()
	if err != nil {
		return nil, err
	}
	for _, a := range aside {
		// A complete one takes the place that a kill between two renames left
		// empty: the new one if there is, else the old one.
		if _, err := os.Lstat(inst.Env()); errors.Is(err, fs.ErrNotExist) {
			if _, err := ReadState(a); err == nil {
				if err := os.Rename(a, inst.Env()); err != nil {
					return nil, err
				}
				continue
			}
		}
		left, err := inst.discard(a)
		if err != nil {
			return nil, fmt.Errorf("removing what a killed build left: %w", err)
		}
		notes = append(notes, left...)
	}
	return notes, nil
}

// discard deletes what nobody uses any more, less what a person put there.
// What another user's files keep from being deleted is set aside under a name
// that is not looked at again, with a note.
func (inst Instance) discard(path string) ([]Reason, error) {
	notes, err := inst.keepOwn(path)
	if err == nil {
		os.Remove(filepath.Join(path, stateFile)) // Half of it must not pass for an environment after a kill.
		err = os.RemoveAll(path)
	}
	if err == nil || !errors.Is(err, fs.ErrPermission) {
		return notes, err
	}
	left := filepath.Join(inst.Dir, ".venv.left-"+randomHex(4))
	if os.Rename(path, left) != nil {
		return nil, err
	}
	return append(notes, Reason{"left-behind", fmt.Sprintf("an old environment holds files of %s and cannot be deleted: run `sudo rm -r %s`", owner(left), single(left))}), nil
}

// owner is the first other user that has something below a directory.
func owner(dir string) string {
	found := "another user"
	filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		info, statErr := os.Lstat(name)
		if statErr != nil {
			return nil
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Getuid() {
			found = strconv.Itoa(int(stat.Uid))
			if u, err := user.LookupId(found); err == nil {
				found = u.Username
			}
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// foreign says why what is at .venv must not be replaced, or nothing when it
// is an environment, or the beginning of one.
func foreign(path string, info fs.FileInfo) string {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return ".venv is a link, and an environment is a directory: remove the link"
	case !info.IsDir():
		return ".venv is a file: move it away"
	}
	for _, mark := range []string{"pyvenv.cfg", stateFile} {
		if info, err := os.Lstat(filepath.Join(path, mark)); err == nil && info.Mode().IsRegular() {
			return ""
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err.Error()
	}
	for _, e := range entries {
		switch e.Name() {
		case "bin", "lib", "lib64", "include", "share", "etc", "src":
		default:
			return fmt.Sprintf(".venv is no environment: it has no pyvenv.cfg, and holds %s; move it away", e.Name())
		}
	}
	return ""
}

// replaceable is the error of replacing what must not be.
func (inst Instance) replaceable() error {
	info, err := os.Lstat(inst.Env())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if why := foreign(inst.Env(), info); why != "" {
		return fmt.Errorf("instances/%s: %s", inst.Name, why)
	}
	return nil
}

// openLog begins a log. One that root left is replaced.
func openLog(name string) (*os.File, error) {
	const flags = os.O_RDWR | os.O_CREATE | os.O_TRUNC | unix.O_NOFOLLOW
	log, err := os.OpenFile(name, flags, 0o600)
	if errors.Is(err, fs.ErrPermission) && os.Remove(name) == nil {
		return os.OpenFile(name, flags|os.O_EXCL, 0o600)
	}
	return log, err
}
