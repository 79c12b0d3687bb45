// Package library makes the Python of the tools container: this machine's, with stand-ins for libraries that the command line of a workspace imports and that this machine lacks.
package library

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed all:modules
var modules embed.FS

// programName is the file beside the modules that says how the rehearsal's own program is started.
const programName = "program.json"

// ensurepip takes the place of the command of that name.
//
//go:embed ensurepip.py
var ensurepip string

// probe prints the base interpreter, the command by which it installs pip, and which modules it has.
const probe = `import sys, importlib.util, os
print(getattr(sys, "_base_executable", sys.executable))
spec = importlib.util.find_spec("ensurepip")
print(os.path.join(os.path.dirname(spec.origin), "__main__.py") if spec else "")
for name in sys.argv[1:]:
    if importlib.util.find_spec(name): print(name)`

// Interpreter is the Python of the tools container; it is empty where this machine has no Python 3.
type Interpreter struct {
	Program   string // of a virtual environment
	Base      string // that it is made of
	Ensurepip string // the file by which the base installs pip
}

// Ensurepip writes a file that can be shown in the place of the interpreter's own: it installs pip once, and keeps it in dir.
func Ensurepip(file, dir string) error {
	if err := os.WriteFile(file, fmt.Appendf(nil, ensurepip, dir), 0o644); err != nil {
		return fmt.Errorf("make the container's Python: %w", err)
	}
	return nil
}

// Python makes a virtual environment below dir. Start is the command of the stand-ins; with tutor the library of that name can
// be imported.
func Python(ctx context.Context, dir string, start []string, tutor bool, environ []string) (Interpreter, error) {
	cmd := exec.CommandContext(ctx, "python3", "-c", probe, "typer", "yaml", "jinja2")
	cmd.Env = environ
	out, err := cmd.Output()
	if err != nil {
		return Interpreter{}, ctx.Err()
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	base := lines[0]
	has := map[string]bool{}
	for _, name := range lines[2:] {
		has[name] = true
	}
	home := filepath.Join(dir, "python")
	if out, err := exec.CommandContext(ctx, base, "-m", "venv", "--without-pip", "--system-site-packages", home).CombinedOutput(); err != nil {
		return Interpreter{}, fmt.Errorf("make the container's Python: %w: %s", err, out)
	}
	sites, err := filepath.Glob(filepath.Join(home, "lib", "python3*", "site-packages"))
	if err != nil || len(sites) != 1 {
		return Interpreter{}, fmt.Errorf("make the container's Python: %s has no site-packages", home)
	}
	err = fs.WalkDir(modules, "modules", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(p, "modules/")
		top, _, _ := strings.Cut(strings.TrimSuffix(name, ".py"), "/")
		if has[top] || top == "tutor" && !tutor {
			return nil
		}
		src, err := modules.ReadFile(p)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(sites[0], name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(sites[0], name), src, 0o644)
		}
		return err
	})
	if err != nil {
		return Interpreter{}, fmt.Errorf("make the container's Python: %w", err)
	}
	words, err := json.Marshal(append(append([]string{}, start...), "-"))
	if err != nil {
		return Interpreter{}, fmt.Errorf("make the container's Python: %w", err)
	}
	if err := os.WriteFile(filepath.Join(sites[0], programName), words, 0o644); err != nil {
		return Interpreter{}, fmt.Errorf("make the container's Python: %w", err)
	}
	return Interpreter{filepath.Join(home, "bin", "python3"), base, lines[1]}, nil
}

// Module is a stand-in for a library as the files of a package. Start is the command of the stand-ins.
func Module(name string, start []string) ([][2]string, error) {
	src, err := modules.ReadFile("modules/" + name)
	if err != nil {
		return nil, fmt.Errorf("stand in for a library: %w", err)
	}
	words, err := json.Marshal(append(append([]string{}, start...), "-"))
	if err != nil {
		return nil, fmt.Errorf("stand in for a library: %w", err)
	}
	return [][2]string{{name, string(src)}, {programName, string(words)}}, nil
}
