package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// separate tells what was given as roots from the files that limit a report. What does not exist is left to the roots.
func separate(args []string) (roots, files []string) {
	for _, arg := range args {
		if info, err := os.Stat(arg); err == nil && !info.IsDir() {
			files = append(files, arg)
		} else {
			roots = append(roots, arg)
		}
	}
	return roots, files
}

// within reports which paths of the roots the files are; nil when there are none. Each has to lie in a root.
func within(ws scan.Workspace, files []string) (func(*scan.Root, string) bool, error) {
	if len(files) == 0 {
		return nil, nil
	}
	var full []string
	for _, file := range files {
		abs, err := filepath.Abs(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		name := filepath.Join(dir, filepath.Base(abs))
		root := holding(ws, name)
		if root == nil {
			return nil, misuse("%s: lies in none of the roots; give the directory of its repository too", file)
		}
		if over := skippedAbove(root, name); over != "" {
			return nil, misuse("%s: lies in %s, which is not looked at; give that directory too", file, over)
		}
		full = append(full, name)
	}
	return func(root *scan.Root, path string) bool {
		return slices.Contains(full, filepath.Join(root.Dir, filepath.FromSlash(path)))
	}, nil
}

// holding is the innermost root that a file lies in.
func holding(ws scan.Workspace, file string) *scan.Root {
	var inner *scan.Root
	for _, root := range ws.Roots {
		if below(file, root.Dir) && (inner == nil || below(root.Dir, inner.Dir)) {
			inner = root
		}
	}
	return inner
}

// skippedAbove is the directory above a file that its root leaves out, as it does repositories of their own.
func skippedAbove(root *scan.Root, file string) string {
	for _, s := range root.Tree.Skipped {
		dir := filepath.Join(root.Dir, filepath.FromSlash(s.Path))
		if dir != file && below(file, dir) {
			return s.Path
		}
	}
	return ""
}

// below reports whether a directory is root or lies in it.
func below(dir, root string) bool {
	rel, err := filepath.Rel(root, dir)
	return err == nil && filepath.IsLocal(rel)
}
