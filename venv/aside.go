package venv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

var asideName = regexp.MustCompile(`^\.venv\.(new|old)-[0-9a-f]{8}$`)

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

// tidy finishes or undoes what a killed build began. The lock is held.
func (inst Instance) tidy() error {
	aside, err := inst.aside()
	if err != nil {
		return err
	}
	for _, a := range aside {
		// A complete one takes the place that a kill between two renames left
		// empty: the new one if there is, else the old one.
		if _, err := os.Lstat(inst.Env()); errors.Is(err, fs.ErrNotExist) {
			if _, err := ReadState(a); err == nil {
				if err := os.Rename(a, inst.Env()); err != nil {
					return err
				}
				continue
			}
		}
		if err := os.RemoveAll(a); err != nil {
			return fmt.Errorf("removing what a killed build left: %w", err)
		}
	}
	return nil
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
