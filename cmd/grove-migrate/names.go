package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/git"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// shown is a directory as a person would type it.
func shown(term *terminal, dir string) string {
	here, err := filepath.EvalSymlinks(term.dir)
	if err != nil {
		return dir
	}
	if rel, err := filepath.Rel(here, dir); err == nil && !strings.HasPrefix(rel, "../../..") {
		return rel
	}
	return dir
}

// fromHere names the files of roots from the current directory, as who reads a terminal opens them.
func fromHere(term *terminal) func(*scan.Root, string) string {
	return func(root *scan.Root, path string) string {
		return filepath.ToSlash(filepath.Join(shown(term, root.Dir), filepath.FromSlash(path)))
	}
}

// fromTop names the files of roots from the top of the repository that holds them all, as a forge does. It is nil where
// they lie in several repositories.
func fromTop(ctx context.Context, roots []*scan.Root) func(*scan.Root, string) string {
	tops := make([]string, len(roots))
	for i, root := range roots {
		tops[i] = repository(ctx, root.Dir)
	}
	outer := slices.IndexFunc(tops, func(top string) bool {
		return !slices.ContainsFunc(tops, func(other string) bool { return !below(other, top) })
	})
	if outer < 0 {
		return nil
	}
	return func(root *scan.Root, path string) string {
		rel, err := filepath.Rel(tops[outer], root.Dir)
		if err != nil {
			return path
		}
		return filepath.ToSlash(filepath.Join(rel, filepath.FromSlash(path)))
	}
}

// repository is the top of the repository that a directory lies in; without git the directory itself.
func repository(ctx context.Context, dir string) string {
	out, err := git.Output(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return dir
	}
	return filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))
}
