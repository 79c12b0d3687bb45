package venv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Command is a program that is ready to be started, or to replace this one.
type Command struct {
	Path string   // absolute
	Args []string // the program's own name first
	Env  []string // in the form of os.Environ
	Dir  string   // empty for the current directory
}

// Variables is the environment in which the instance's programs run: its own
// bin first, and nothing that leads Python elsewhere.
func (k *Keeper) Variables(inst Instance) []string {
	env := []string{
		"PATH=" + filepath.Join(inst.Env(), "bin") + string(filepath.ListSeparator) + k.getenv("PATH"),
		"VIRTUAL_ENV=" + inst.Env(),
		"TUTOR_ROOT=" + inst.Dir,
		"TUTOR_PLUGINS_ROOT=" + k.pluginsRoot(inst),
	}
	var out []string
	for _, e := range k.Environ {
		switch name, _, _ := strings.Cut(e, "="); name {
		case "PATH", "VIRTUAL_ENV", "TUTOR_ROOT", "TUTOR_PLUGINS_ROOT", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__":
		default:
			out = append(out, e)
		}
	}
	return append(out, env...)
}

// Exec prepares a command of the instance. It builds nothing. The error is a
// [*UsageError] when there is no command.
func (k *Keeper) Exec(inst Instance, argv []string) (Command, error) {
	if len(argv) == 0 {
		return Command{}, usage("nothing to run: write the command after --, as in `venv exec %s -- tutor --version`", inst.Name)
	}
	env := k.Variables(inst)
	path, err := lookPath(argv[0], filepath.Join(inst.Env(), "bin")+string(filepath.ListSeparator)+k.getenv("PATH"))
	if err != nil {
		return Command{}, err
	}
	return Command{Path: path, Args: argv, Env: env}, nil
}

// lookPath finds a program along the path that it will see, not along ours.
func lookPath(name, path string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return name, nil
	}
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "."
		}
		p := filepath.Join(dir, name)
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			if !strings.ContainsRune(p, '/') {
				p = "./" + p
			}
			return p, nil
		}
	}
	return "", fmt.Errorf("there is no command %s in the environment, nor on the path; a package that provides it has to stand in the requirements", name)
}

// Explain says in words why a command could not be started. A script whose
// interpreter is missing is reported by the system as if the script were.
func (c Command) Explain(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", c.Path, err)
	}
	f, openErr := os.Open(c.Path)
	if openErr != nil {
		return fmt.Errorf("%s: %w", c.Path, err)
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := f.Read(head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	if runs, ok := strings.CutPrefix(line, "#!"); ok {
		return fmt.Errorf("%s is there, and its interpreter %s is not: %w", c.Path, strings.TrimSpace(runs), err)
	}
	return fmt.Errorf("%s: %w", c.Path, err)
}
