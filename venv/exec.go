package venv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
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
	var out []string
	for _, e := range k.Environ {
		switch name, _, _ := strings.Cut(e, "="); name {
		case "PATH", "VIRTUAL_ENV", "TUTOR_ROOT", "TUTOR_PLUGINS_ROOT", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__":
		default:
			out = append(out, e)
		}
	}
	out = append(out, "PATH="+filepath.Join(inst.Env(), "bin")+string(filepath.ListSeparator)+k.getenv("PATH"))
	for _, v := range k.places(inst) {
		out = append(out, v[0]+"="+v[1])
	}
	return out
}

// places are the variables that name the instance's directories.
func (k *Keeper) places(inst Instance) [][2]string {
	return [][2]string{{"VIRTUAL_ENV", inst.Env()}, {"TUTOR_ROOT", inst.Dir}, {"TUTOR_PLUGINS_ROOT", k.pluginsRoot(inst)}}
}

// Exec prepares a command of the instance. It builds nothing. The error is a
// [*UsageError] when there is no command.
func (k *Keeper) Exec(inst Instance, argv []string) (Command, error) {
	if len(argv) == 0 {
		return Command{}, usage("nothing to run: write the command after --, as in `venv exec %s -- tutor --version`", inst.Name)
	}
	env := k.Variables(inst)
	path, err := k.lookUp(inst, argv[0])
	if err != nil {
		return Command{}, err
	}
	return Command{Path: path, Args: argv, Env: env}, nil
}

// own matches the programs that an environment is there to keep apart.
var own = lazyregexp.New(`^(tutor|python|pip)[0-9.]*$`)

// lookUp finds a program in the environment, and after it on the path. What is
// the environment's own is not looked for elsewhere: the next tutor on the path
// would work on this instance with another one's release.
func (k *Keeper) lookUp(inst Instance, name string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return name, nil
	}
	here := filepath.Join(inst.Env(), "bin", name)
	if interpreter.Executable(here) {
		return here, nil
	}
	if _, err := os.Lstat(here); err == nil {
		return "", fmt.Errorf("%s is there and cannot be executed; `grove-migrate venv update %s` repairs it", here, inst.Name)
	}
	if own.MatchString(name) {
		return "", fmt.Errorf("the environment of %s has no %s, and another one's does not do: %s has to name a package that provides it", inst.Name, name, k.Workspace.requirements())
	}
	return lookPath(name, k.getenv("PATH"))
}

// lookPath finds a program along the path that it will see, not along ours.
func lookPath(name, path string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "."
		}
		p := filepath.Join(dir, name)
		if interpreter.Executable(p) {
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
