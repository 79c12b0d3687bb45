package transaction

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// dotted is the directory that holds the journal outside git.
const dotted = ".grove-migrate"

// Dir returns the directory that holds the journal of transactions in root:
// grove-migrate in the git directory of the work tree that root is in, so that
// git never shows it, or outside git .grove-migrate in root, which holds a
// .gitignore of its own. The git directory of a linked work tree or a
// submodule is its own one. Nothing is created.
func Dir(root string) (string, error) {
	root, err := resolve(root)
	if err != nil {
		return "", err
	}
	for dir := root; ; dir = filepath.Dir(dir) {
		if git, ok := gitDir(dir); ok {
			return filepath.Join(git, "grove-migrate"), nil
		}
		if dir == filepath.Dir(dir) {
			return filepath.Join(root, dotted), nil
		}
	}
}

// resolve returns the absolute path of a directory, without symbolic links.
func resolve(root string) (string, error) {
	full, err := filepath.Abs(root)
	if err != nil {
		return "", fmt.Errorf("%s: %w", root, err)
	}
	real, err := filepath.EvalSymlinks(full)
	if err != nil {
		return "", fmt.Errorf("%s: %w", root, cause(err))
	}
	return real, nil
}

// cause returns what an error says about a path, without the path: the caller
// says it in full, and not twice. Only the outermost error is looked at, so
// that nothing else that is said gets lost.
func cause(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}

// gitDir returns the git directory of a work tree whose top is dir (see
// gitrepository-layout(5)): .git itself, or what a file .git names.
func gitDir(dir string) (string, bool) {
	git := filepath.Join(dir, ".git")
	info, err := os.Stat(git)
	if err != nil {
		return "", false
	}
	if !info.IsDir() {
		content, err := os.ReadFile(git)
		if err != nil {
			return "", false
		}
		name, ok := strings.CutPrefix(string(content), "gitdir: ")
		if !ok {
			return "", false
		}
		git = strings.TrimRight(name, "\r\n")
		if !filepath.IsAbs(git) {
			git = filepath.Join(dir, git)
		}
	}
	// git takes no directory for a repository that has no HEAD.
	if _, err := os.Lstat(filepath.Join(git, "HEAD")); err != nil {
		return "", false
	}
	real, err := filepath.EvalSymlinks(git)
	return real, err == nil
}

// InGit reports whether root lies in a git work tree.
func InGit(root string) bool {
	dir, err := Dir(root)
	return err == nil && filepath.Base(dir) != dotted
}
