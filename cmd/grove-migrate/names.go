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
	outer := outermost(tops)
	if outer < 0 {
		return nil
	}
	return fromTops(roots, func(int) string { return tops[outer] })
}

// fromOwnTops names the files of each root from the top of the repository that it lies in.
func fromOwnTops(ctx context.Context, roots []*scan.Root) func(*scan.Root, string) string {
	return fromTops(roots, func(i int) string { return repository(ctx, roots[i].Dir) })
}

// outermost is the index of the repository that holds all others; -1 when none does.
func outermost(tops []string) int {
	return slices.IndexFunc(tops, func(top string) bool {
		return !slices.ContainsFunc(tops, func(other string) bool { return !below(other, top) })
	})
}

// fromTops names files below the top that each root has.
func fromTops(roots []*scan.Root, top func(int) string) func(*scan.Root, string) string {
	below := map[*scan.Root]string{}
	for i, root := range roots {
		if rel, err := filepath.Rel(top(i), root.Dir); err == nil {
			below[root] = rel
		}
	}
	return func(root *scan.Root, path string) string {
		return filepath.ToSlash(filepath.Join(below[root], filepath.FromSlash(path)))
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
