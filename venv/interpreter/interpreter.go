// Package interpreter finds the Python that an environment is built on, and
// tells whether it still is the one it was.
package interpreter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Python is one interpreter. It is part of an environment's state.
type Python struct {
	Executable string `json:"executable"` // absolute, outside any environment, no shim
	Version    string `json:"version"`    // 3.11.7
	ABI        string `json:"abi"`        // cpython-311-x86_64-linux-gnu
	Libc       string `json:"libc"`       // "glibc 2.36", "musl", or empty where neither is
	Size       int64  `json:"size"`       // bytes of the executable, links followed
	Mtime      int64  `json:"mtime"`      // nanoseconds, of the same file

	Wheels []string `json:"-"` // directories that may hold the wheels Python ships
}

// MinorName is "python3.11".
func (p Python) MinorName() string {
	n := requirement.Numbers(p.Version)
	if len(n) < 2 {
		return "python3"
	}
	return fmt.Sprintf("python%d.%d", n[0], n[1])
}

// question is answered by any Python from 3.4 on without the site module. The
// executable is that of the base installation when it is asked in an
// environment, and carries its minor version, so that a later upgrade of
// "python3" does not change what an environment runs on.
const question = `
import sys, os, json, sysconfig
minor = "python%d.%d" % sys.version_info[:2]
exe = getattr(sys, "_base_executable", None) or sys.executable
if sys.prefix != sys.base_prefix:
    for base in (os.path.dirname(os.path.realpath(exe)), os.path.join(sys.base_prefix, "bin")):
        if os.path.exists(os.path.join(base, minor)):
            exe = os.path.join(base, minor)
            break
near = os.path.join(os.path.dirname(exe), minor)
if os.path.exists(near) and os.path.realpath(near) == os.path.realpath(exe):
    exe = near
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (ValueError, AttributeError, OSError):
    libc = ""
if not libc and "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
    libc = "musl"
wheels = [os.path.join(sysconfig.get_path("stdlib"), "ensurepip", "_bundled")]
if sysconfig.get_config_var("WHEEL_PKG_DIR"):
    wheels.append(sysconfig.get_config_var("WHEEL_PKG_DIR"))
print(sys.argv[1] + json.dumps({"executable": os.path.abspath(exe), "version": "%d.%d.%d" % sys.version_info[:3],
    "abi": sysconfig.get_config_var("SOABI") or "", "libc": libc, "wheels": wheels}) + sys.argv[1])
`

// mark stands before and after an answer: some interpreters print more when they start or end.
const mark = "\x1egrove-migrate\x1e"

// Ask runs an executable and lets it say what it is. The environment is env,
// in the form of os.Environ, without what would lead Python astray.
func Ask(ctx context.Context, executable string, env []string) (Python, error) {
	var answer struct {
		Python
		Wheels []string `json:"wheels"`
	}
	if err := Run(ctx, &answer, env, executable, "-I", "-S", "-c", question); err != nil {
		return Python{}, fmt.Errorf("%s: cannot be asked what Python it is: %w", executable, err)
	}
	p := answer.Python
	p.Wheels = append(answer.Wheels, "/usr/share/python-wheels")
	info, err := os.Stat(p.Executable)
	if err != nil {
		return Python{}, fmt.Errorf("%s: says that it is %s: %w", executable, p.Executable, err)
	}
	p.Size, p.Mtime = info.Size(), info.ModTime().UnixNano()
	return p, nil
}

// Run runs a Python program that prints JSON between two marks, its last argument, and reads it into answer. What else
// is printed does not matter.
func Run(ctx context.Context, answer any, env []string, argv ...string) error {
	cmd := exec.CommandContext(ctx, argv[0], append(argv[1:], mark)...)
	cmd.Env = Clean(env)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// A process that it left behind may hold the pipe open for ever.
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if parts := strings.Split(string(out), mark); len(parts) == 3 {
		return json.Unmarshal([]byte(parts[1]), answer)
	}
	if err == nil {
		return errors.New("it does not answer as a Python does")
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return fmt.Errorf("%w: %s", err, last)
	}
	return err
}

// Clean is env without the variables that change what a Python finds.
func Clean(env []string) []string {
	var out []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONPLATLIBDIR", "PYTHONUSERBASE", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV", "CONDA_PREFIX":
		default:
			out = append(out, e)
		}
	}
	return out
}

// Same tells without running anything whether the executable is the very file
// it was. When it is not, the interpreter may still be the same: ask it.
func (p Python) Same() bool {
	info, err := os.Stat(p.Executable)
	return err == nil && info.Size() == p.Size && info.ModTime().UnixNano() == p.Mtime
}

// Differs says in words why an environment that was built on p cannot run on
// now, or nothing when it can. A newer libc of the same kind runs what an
// older one ran.
func (p Python) Differs(now Python) string {
	switch {
	case p.Version != now.Version && p.MinorName() != now.MinorName():
		return fmt.Sprintf("was built with Python %s, and %s is %s", p.Version, now.Executable, now.Version)
	case p.ABI != now.ABI:
		return fmt.Sprintf("was built for the ABI %s, and %s has %s", p.ABI, now.Executable, now.ABI)
	}
	was, wasVersion, _ := strings.Cut(p.Libc, " ")
	is, isVersion, _ := strings.Cut(now.Libc, " ")
	switch {
	case was != is:
		return fmt.Sprintf("was built for %s, and this system has %s", orNone(p.Libc), orNone(now.Libc))
	case requirement.Compare(isVersion, wasVersion) < 0:
		return fmt.Sprintf("was built for %s, and this system has the older %s", p.Libc, now.Libc)
	case p.Version != now.Version:
		return fmt.Sprintf("was built with Python %s, and %s is %s", p.Version, now.Executable, now.Version)
	}
	return ""
}

func orNone(libc string) string {
	if libc == "" {
		return "no libc that is known"
	}
	return libc
}

// PipWheel is the pip that Python or the distribution ships, the newest of
// those found. The error says which package to install.
func (p Python) PipWheel() (string, error) {
	best := ""
	for _, dir := range p.Wheels {
		found, _ := filepath.Glob(filepath.Join(dir, "pip-*.whl"))
		for _, f := range found {
			if best == "" || requirement.Compare(wheelVersion(f), wheelVersion(best)) > 0 {
				best = f
			}
		}
		if best != "" {
			return best, nil
		}
	}
	return "", fmt.Errorf("no pip for %s: Python ships it as a wheel, and there is none in %s; install the package python3-pip-whl (Debian, Ubuntu) or python3-pip-wheel (Fedora), or install uv", p.Executable, strings.Join(p.Wheels, ", "))
}

func wheelVersion(path string) string {
	parts := strings.Split(filepath.Base(path), "-")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}
