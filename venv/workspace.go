package venv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/suggest"
)

// Workspace is a checkout that has instances/<name>/.
type Workspace struct {
	Root string // absolute, links followed
	// Requirements is the name of the requirements file in each instance;
	// empty means grove-requirements.txt.
	Requirements string
}

// Instance is one deployment and its directory.
type Instance struct {
	Name string
	Dir  string // absolute
}

// Env is the path of the instance's environment.
func (i Instance) Env() string { return filepath.Join(i.Dir, ".venv") }

// LogFile is where the installer's output of the last build is.
func (i Instance) LogFile() string { return filepath.Join(i.Dir, ".venv.log") }

// UsageError is a mistake of the person who calls: a name, an option, a
// requirements file. Everything else that goes wrong is a plain error.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

func usage(format string, a ...any) error { return &UsageError{fmt.Errorf(format, a...)} }

// FindWorkspace returns the nearest directory, from dir upwards, that has a
// directory called instances.
func FindWorkspace(dir string) (Workspace, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return Workspace{}, err
	}
	if at, err = filepath.EvalSymlinks(at); err != nil {
		return Workspace{}, &UsageError{err}
	}
	for start := at; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, "instances")); err == nil && info.IsDir() {
			if strings.ContainsRune(at, filepath.ListSeparator) {
				return Workspace{}, usage("%s: a directory with %c in its path cannot be named in PATH, so that no environment in it can be used: move the workspace", at, filepath.ListSeparator)
			}
			return Workspace{Root: at}, nil
		}
		if at == filepath.Dir(at) {
			return Workspace{}, usage("no workspace: neither %s nor a directory above it has instances/; name one with --workspace", start)
		}
	}
}

func (w Workspace) requirements() string {
	if w.Requirements == "" {
		return "grove-requirements.txt"
	}
	return w.Requirements
}

// LockName is the name of the lock file that belongs to the requirements file.
func (w Workspace) LockName() string {
	name := w.requirements()
	return strings.TrimSuffix(name, filepath.Ext(name)) + ".lock"
}

// Instances lists all instances by name: the directories below instances/ that
// are no links and whose names are valid.
func (w Workspace) Instances() ([]Instance, error) {
	entries, err := os.ReadDir(filepath.Join(w.Root, "instances"))
	if err != nil {
		return nil, err
	}
	var out []Instance
	for _, e := range entries {
		if e.IsDir() && validName(e.Name()) {
			out = append(out, Instance{e.Name(), filepath.Join(w.Root, "instances", e.Name())})
		}
	}
	return out, nil
}

func validName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "/\\:\x00\n\r") && name[0] != '.' && name[0] != '-'
}

// Instance finds one by name. The error is a [*UsageError] when the name would
// leave the instances directory, is a link, or there is no such instance.
func (w Workspace) Instance(name string) (Instance, error) {
	if !validName(name) {
		return Instance{}, usage("%q is no name of an instance: it is one directory below instances/, without /, \\ or : and without a leading dot or dash", name)
	}
	root, err := os.OpenRoot(filepath.Join(w.Root, "instances"))
	if err != nil {
		return Instance{}, err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Instance{}, usage("there is no instance %q in %s%s", name, filepath.Join(w.Root, "instances"), w.known(name))
	case err != nil:
		return Instance{}, err
	case info.Mode()&fs.ModeSymlink != 0:
		return Instance{}, usage("instances/%s is a link: name the instance that it points to", name)
	case !info.IsDir():
		return Instance{}, usage("instances/%s is no directory", name)
	}
	return Instance{name, filepath.Join(w.Root, "instances", name)}, nil
}

// known says which instances there are, and which of them an unknown name may mean.
func (w Workspace) known(given string) string {
	all, err := w.Instances()
	if err != nil || len(all) == 0 {
		return ""
	}
	var names []string
	for _, i := range all {
		names = append(names, i.Name)
	}
	if meant := suggest.Meant(given, names); meant != "" {
		return meant
	}
	if len(names) > 8 {
		names = append(names[:8], "…")
	}
	return "; there are " + strings.Join(names, ", ")
}
