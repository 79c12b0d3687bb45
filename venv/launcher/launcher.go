// Package launcher makes the scripts of an environment find it from their own
// place, so that it can be moved, copied and mounted elsewhere.
package launcher

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Head is what a launcher begins with. A shell runs it as one exec; Python
// reads a string and throws it away.
const Head = "#!/bin/sh\n" +
	`'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"` + "\n" +
	"' '''\n"

// polyglot is the form that installers write for long paths, paths with spaces
// and relocatable environments.
var polyglot = lazyregexp.New(`\A#!/bin/sh\n'''exec' [^\n]*\n' '''\n`)

var shebang = lazyregexp.New(`\A#![ \t]*([^\r\n]*)\r?\n`)

// Rewrite gives every script in bin that runs a Python of this environment our
// [Head], and returns the names of the files it changed. Scripts that name
// another interpreter, and what is no script, stay as they are. env is the
// path that the installer knew the environment by.
func Rewrite(env string) ([]string, error) {
	bin := filepath.Join(env, "bin")
	entries, err := os.ReadDir(bin)
	if err != nil {
		return nil, err
	}
	var changed []string
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		name := filepath.Join(bin, e.Name())
		old, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		text, ok := rewritten(old, env)
		if !ok {
			continue
		}
		if err := replace(name, text); err != nil {
			return nil, err
		}
		changed = append(changed, e.Name())
	}
	return changed, nil
}

func rewritten(text []byte, env string) ([]byte, bool) {
	if !bytes.HasPrefix(text, []byte("#!")) || bytes.HasPrefix(text, []byte(Head)) {
		return nil, false
	}
	if m := polyglot.Compiled().Find(text); m != nil {
		return append([]byte(Head), text[len(m):]...), true
	}
	m := shebang.FindSubmatch(text)
	if m == nil {
		return nil, false
	}
	runs := strings.Trim(string(m[1]), `"`)
	if strings.HasPrefix(runs, filepath.Join(env, "bin", "python")) {
		return append([]byte(Head), text[len(m[0]):]...), true
	}
	return nil, false
}

// replace writes a new file: the old one may be a second name of a file in an
// installer's cache, which must not change.
func replace(name string, text []byte) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if err := os.Remove(name); err != nil {
		return err
	}
	if err := os.WriteFile(name, text, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chmod(name, info.Mode().Perm())
}

// Unexecutable lists the scripts in bin that cannot be started, as after a copy that lost modes.
func Unexecutable(env string) ([]string, error) {
	bin := filepath.Join(env, "bin")
	entries, err := os.ReadDir(bin)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		name := filepath.Join(bin, e.Name())
		if !e.Type().IsRegular() || unix.Access(name, unix.X_OK) == nil {
			continue
		}
		// What is sourced, such as activate, names no interpreter.
		if head, err := head(name, 2); err != nil || string(head) == "#!" {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// head are the first bytes of a file.
func head(name string, size int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := make([]byte, size)
	n, err := f.Read(text)
	if err == io.EOF {
		err = nil
	}
	return text[:n], err
}

var runsPython = lazyregexp.New(`\A(?:#![ \t]*"?|#!/bin/sh\n'''exec' ["']?)(/[^"'\n]*?/bin/python[0-9.]*)["' \r\n]`)

// Foreign finds scripts in bin that run the Python of another environment, or
// one that is not there. It maps the script's name to that Python's path. env
// is where the environment is now; base is the interpreter it stands on.
func Foreign(env, base string) (map[string]string, error) {
	entries, err := os.ReadDir(filepath.Join(env, "bin"))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		runs, err := target(filepath.Join(env, "bin", e.Name()))
		if err != nil {
			return nil, err
		}
		if runs == "" || filepath.Dir(runs) == filepath.Dir(base) || inside(runs, env) {
			continue
		}
		home := filepath.Dir(filepath.Dir(runs))
		_, noPython := os.Stat(runs)
		_, noConfig := os.Stat(filepath.Join(home, "pyvenv.cfg"))
		if noPython != nil || noConfig == nil {
			out[e.Name()] = runs
		}
	}
	return out, nil
}

// target is the absolute Python path that a script's head names, or nothing.
func target(name string) (string, error) {
	text, err := head(name, 8192)
	if m := runsPython.FindSubmatch(text); m != nil {
		return string(m[1]), nil
	}
	return "", err
}

func inside(path, env string) bool {
	if strings.HasPrefix(path, env+"/") {
		return true
	}
	real, err := filepath.EvalSymlinks(filepath.Dir(filepath.Dir(path)))
	if err != nil {
		return false
	}
	here, err := filepath.EvalSymlinks(env)
	return err == nil && real == here
}
