package transaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
		for _, rel := range changed(status) {
			if p, ok := asked[rel]; ok {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func gitStatus(ctx context.Context, top string, paths []string) ([]byte, error) {
	// A repository may come from anywhere: what it configures to be run to
	// watch its files is not run.
	args := append([]string{"-C", top, "--literal-pathspecs", "-c", "core.fsmonitor=false", "status", "--porcelain=v1", "-z",
		"--untracked-files=all", "--ignored=traditional", "--no-renames", "--ignore-submodules=none", "--"}, paths...)
	cmd := exec.CommandContext(ctx, "git", args...)
	// The caller's repository is not this one, and looking takes no lock.
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}, name)
	})
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if said := strings.TrimSpace(stderr.String()); said != "" {
			err = errors.New(said)
		}
		return nil, fmt.Errorf("%s: cannot tell whether there are uncommitted changes: %w", top, err)
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
