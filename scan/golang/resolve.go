package golang

import (
	"go/parser"
	"go/token"
	"path"
	"sort"
	"strconv"
	"strings"
)

// Package is the first file, tests left out, of the package that an import path means; false when it is none of the
// repository's. Files are all files of the repository as slash paths, sorted.
func Package(unit, module string, files []string) (file string, ok bool) {
	for _, dir := range directories(unit, module) {
		prefix := dir + "/"
		i := sort.SearchStrings(files, prefix)
		for ; i < len(files) && strings.HasPrefix(files[i], prefix); i++ {
			f := files[i]
			if path.Dir(f) == dir && path.Ext(f) == ".go" && !strings.HasSuffix(f, "_test.go") {
				return f, true
			}
		}
	}
	return "", false
}

// directories are those that an import path may mean: its ends, from the longest that leaves out a host or a module's
// first part, below each directory from the root down to the unit's own.
func directories(unit, module string) []string {
	if !strings.Contains(module, "/") || strings.HasPrefix(module, ".") || !strings.Contains(module[:strings.IndexByte(module, '/')], ".") && standard(module) {
		return nil
	}
	var out []string
	parts := strings.Split(module, "/")
	bases := []string{""}
	for dir := path.Dir(unit); dir != "." && dir != "/"; dir = path.Dir(dir) {
		bases = append(bases, dir)
	}
	for i := 1; i < len(parts); i++ {
		for _, base := range bases {
			out = append(out, path.Join(base, path.Join(parts[i:]...)))
		}
	}
	return out
}

// standard reports whether a path without a host is one of the standard library.
func standard(module string) bool {
	switch first, _, _ := strings.Cut(module, "/"); first {
	case "archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "debug", "embed", "encoding",
		"errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal", "io", "iter", "log", "maps", "math",
		"mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "slices", "sort", "strconv", "strings", "sync",
		"syscall", "testing", "text", "time", "unicode", "unique", "unsafe":
		return true
	}
	return false
}

// Imports are the paths that a file imports; those before the first mistake where it does not parse.
func Imports(src []byte) []string {
	file, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly|parser.SkipObjectResolution)
	if file == nil {
		return nil
	}
	var out []string
	for _, im := range file.Imports {
		if module, err := strconv.Unquote(im.Path.Value); err == nil {
			out = append(out, module)
		}
	}
	return out
}
