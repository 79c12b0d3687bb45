package python

import (
	"path"
	"strings"
)

// Resolve is the repository's file that an import means. Unit is the key of the importing file, a slash path; module is
// as in flow.Import: absolute ("grove.utils") or relative (".utils", "..", "."). For one name of a module that may be a
// module itself, ask for Member(module, name). "./" and a file's key, then "." and a name, is that name in the package
// which the file begins.
//
// An absolute name is looked for from the directory that holds the importing file's outermost package upwards, in each
// directory and its src and lib; at last beside the importing file, as for a script, unless the name is one of the standard
// library. A package is its __init__.py; a package without one has no file.
func Resolve(unit string, module string, exists func(path string) bool) (file string, ok bool) {
	dir := path.Dir(unit)
	if rest, isFile := strings.CutPrefix(module, "./"); isFile {
		return inPackage(rest, exists)
	}
	if strings.HasPrefix(module, ".") {
		name := strings.TrimLeft(module, ".")
		for range len(module) - len(name) - 1 {
			if dir == "." {
				return "", false
			}
			dir = path.Dir(dir)
		}
		return below(dir, name, exists)
	}
	if module == "" {
		return "", false
	}
	for at := root(dir, exists); ; at = path.Dir(at) {
		for _, sub := range []string{".", "src", "lib"} {
			if file, ok := below(path.Join(at, sub), module, exists); ok {
				return file, true
			}
		}
		if at == "." || at == "/" {
			break
		}
	}
	if head, _, _ := strings.Cut(module, "."); standard(head) {
		return "", false
	}
	return below(dir, module, exists)
}

// Member is the module that "from module import name" may mean.
func Member(module, name string) string {
	if strings.HasSuffix(module, ".") {
		return module + name
	}
	return module + "." + name
}

// root is the directory that holds the outermost package around dir: dir itself when it is no package.
func root(dir string, exists func(string) bool) string {
	for dir != "." && dir != "/" && exists(path.Join(dir, "__init__.py")) {
		dir = path.Dir(dir)
	}
	return dir
}

// below is the file of a module below a directory. With no name it is the directory's own package.
func below(dir, module string, exists func(string) bool) (string, bool) {
	base := path.Join(dir, strings.ReplaceAll(module, ".", "/"))
	if file := path.Join(base, "__init__.py"); exists(file) {
		return file, true
	}
	if module == "" {
		return "", false
	}
	file := base + ".py"
	return file, exists(file)
}

func inPackage(ref string, exists func(string) bool) (string, bool) {
	file, member, _ := strings.Cut(ref, ".py.")
	if path.Base(file) != "__init__" || member == "" {
		return "", false
	}
	return below(path.Dir(file), member, exists)
}

// standard reports whether a module of the standard library that runs commands or helps to build them has the name, so
// that a file beside a script is not taken for it.
func standard(module string) bool {
	switch module {
	case "subprocess", "os", "sys", "shutil", "shlex", "asyncio", "pathlib", "functools", "itertools", "typing", "re", "json",
		"logging", "pty", "posix", "pipes", "collections", "dataclasses", "enum", "string", "io", "time", "platform",
		"tempfile", "argparse", "types", "copy", "operator", "contextlib", "abc", "textwrap", "threading", "multiprocessing",
		"signal", "socket", "unittest", "warnings", "traceback", "inspect", "random", "math", "datetime", "glob", "fnmatch":
		return true
	}
	return false
}
