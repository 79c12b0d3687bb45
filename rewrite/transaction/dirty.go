package transaction

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/git"
)

// ErrNoGit says that files lie outside every git work tree: Rollback is then
// the only way back.
var ErrNoGit = errors.New("not in a git work tree")

// Dirty returns those of the paths, which are relative to root and have
// slashes, whose content git does not have: changed, staged, untracked and
// ignored files, and deleted ones. A new path is not one of them. Files of
// submodules are asked about there. It runs git, and returns ErrNoGit for a
// root outside git.
func Dirty(ctx context.Context, root string, paths []string) ([]string, error) {
	root, err := resolve(root)
	if err != nil {
		return nil, err
	}
	if !InGit(root) {
		return nil, fmt.Errorf("%s: %w", root, ErrNoGit)
	}
	trees := map[string][]string{}
	for _, p := range paths {
		if err := inside(p); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(root, p), err)
		}
		top := workTree(filepath.Join(root, filepath.FromSlash(p)))
		trees[top] = append(trees[top], p)
	}
	var out []string
	for top, paths := range trees {
		dirty, err := dirtyIn(ctx, top, root, paths)
		if err != nil {
			return nil, err
		}
		out = append(out, dirty...)
	}
	slices.Sort(out)
	return out, nil
}

// workTree returns the top of the work tree that a file is in.
func workTree(file string) string {
	dir := filepath.Dir(file)
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, ok := gitDir(dir); ok {
			break
		}
	}
	return dir
}

// most is how many bytes of paths are handed to one git command.
const most = 64 << 10

func dirtyIn(ctx context.Context, top, root string, paths []string) ([]string, error) {
	var out []string
	for len(paths) > 0 {
		asked := map[string]string{} // by the path from the top
		var args []string
		for size := 0; len(paths) > 0 && size < most; paths = paths[1:] {
			rel, err := filepath.Rel(top, filepath.Join(root, filepath.FromSlash(paths[0])))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", root, err)
			}
			rel = filepath.ToSlash(rel)
			asked[rel] = paths[0]
			args = append(args, rel)
			size += len(rel) + 1
		}
		status, err := gitStatus(ctx, top, args)
		if err != nil {
			return nil, err
		}
		overlooked, err := hidden(ctx, top, args)
		if err != nil {
			return nil, err
		}
		for _, rel := range append(changed(status), overlooked...) {
			if p, ok := asked[rel]; ok {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func gitStatus(ctx context.Context, top string, paths []string) ([]byte, error) {
	args := append([]string{
		"--literal-pathspecs", "status", "--porcelain=v1", "-z",
		"--untracked-files=all", "--ignored=traditional", "--no-renames", "--ignore-submodules=none", "--",
	}, paths...)
	out, err := git.Output(ctx, top, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot tell whether there are uncommitted changes: %w", top, err)
	}
	return out, nil
}

// hidden returns those of the paths, from the top, that git status is told
// to overlook (assume-unchanged, skip-worktree) and whose content differs
// from the index.
func hidden(ctx context.Context, top string, paths []string) ([]string, error) {
	flags, err := git.Output(ctx, top, append([]string{"--literal-pathspecs", "ls-files", "-v", "-z", "--"}, paths...)...)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot tell which files git overlooks: %w", top, err)
	}
	var out []string
	for entry := range strings.SplitSeq(string(flags), "\x00") {
		if len(entry) < 3 || entry[0] != 'S' && entry[0] != 's' && !('a' <= entry[0] && entry[0] <= 'z') {
			continue
		}
		rel := entry[2:]
		staged, err := git.Output(ctx, top, "--literal-pathspecs", "ls-files", "-s", "-z", "--", rel)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(top, rel), err)
		}
		now, err := git.Output(ctx, top, "hash-object", "--", rel)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(top, rel), err)
		}
		if !strings.Contains(string(staged), " "+strings.TrimSpace(string(now))+" ") {
			out = append(out, rel)
		}
	}
	return out, nil
}

// changed returns the paths of the entries "XY path\0" (see git-status(1)).
func changed(status []byte) []string {
	var out []string
	for entry := range strings.SplitSeq(string(status), "\x00") {
		if len(entry) > 3 {
			out = append(out, entry[3:])
		}
	}
	return out
}
