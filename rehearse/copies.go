package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/git"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/image"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// places know where the roots of a workspace lie, and where in a copy. Roots keep their places to each other.
type places struct {
	top   string // the directory above all roots
	roots []*scan.Root
}

func newPlaces(ws scan.Workspace) places {
	top := filepath.Dir(ws.Roots[0].Dir)
	for _, root := range ws.Roots {
		for !strings.HasPrefix(root.Dir, strings.TrimSuffix(top, "/")+"/") {
			top = filepath.Dir(top)
		}
	}
	return places{top, ws.Roots}
}

// in is where a path of the workspace lies in the copy at dir.
func (p places) in(dir, path string) string {
	return filepath.Join(dir, strings.TrimPrefix(path, p.top))
}

// copyTo copies what counts of each root: what git tracks, and what it does not ignore.
func (p places) copyTo(ctx context.Context, dir string) error {
	for _, root := range p.roots {
		if err := copyListing(ctx, root.Dir, p.in(dir, root.Dir), &root.Tree.Listing); err != nil {
			return err
		}
	}
	return nil
}

// copyListing copies a listed directory, and the repositories inside it.
func copyListing(ctx context.Context, from, to string, l *walk.Listing) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("copy the workspace: %w", err)
	}
	names := slices.Clone(l.Files)
	for _, link := range l.Links {
		names = append(names, link.Path)
	}
	for _, s := range l.Skipped {
		info, err := os.Lstat(filepath.Join(from, s.Path))
		switch {
		case err != nil:
		case info.IsDir() && s.Path != ".":
			inner, err := walk.List(ctx, filepath.Join(from, s.Path))
			if err != nil {
				return fmt.Errorf("copy the workspace: %w", err)
			}
			if err := copyListing(ctx, filepath.Join(from, s.Path), filepath.Join(to, s.Path), inner); err != nil {
				return err
			}
		case info.Mode()&fs.ModeSymlink != 0:
			names = append(names, s.Path)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := image.Tree(filepath.Join(from, name), filepath.Join(to, name), 0); err != nil {
			return fmt.Errorf("copy the workspace: %w", err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// migrate carries the plan out in the copy at dir.
func (p places) migrate(ctx context.Context, dir string, ops []transaction.Op) error {
	moved := slices.Clone(ops)
	for i := range moved {
		moved[i].Root = p.in(dir, moved[i].Root)
	}
	if len(moved) == 0 {
		return nil
	}
	done, err := transaction.Apply(ctx, moved, transaction.Options{})
	var refused *transaction.RefusedError
	if errors.As(err, &refused) {
		return &PlanError{refused}
	}
	if err != nil {
		return fmt.Errorf("migrate the copy: %w", err)
	}
	if done.Journal != "" {
		if err := os.RemoveAll(done.Journal); err != nil {
			return fmt.Errorf("migrate the copy: %w", err)
		}
	}
	return nil
}

// PlanError says that a plan does not fit the workspace any more.
type PlanError struct{ Err error }

func (e *PlanError) Error() string {
	return fmt.Sprintf("the plan does not fit any more: %v; make a new one", e.Err)
}

// Unwrap returns the cause.
func (e *PlanError) Unwrap() error { return e.Err }

// checkIn makes each root in the copy at dir a git checkout with one commit, if it is one.
func (p places) checkIn(ctx context.Context, dir string) error {
	for _, root := range p.roots {
		if root.Tree.Git {
			if err := checkIn(ctx, p.in(dir, root.Dir)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkIn commits everything in a directory, which becomes a repository when it is none.
func checkIn(ctx context.Context, dir string) error {
	for _, args := range [][]string{{"init", "--quiet", "--initial-branch=main"}, {"add", "--all"}, {"commit", "--quiet", "--allow-empty", "--message", "state"}} {
		if err := git.Run(ctx, dir, []string{"GIT_DIR=" + filepath.Join(dir, ".git"), "GIT_WORK_TREE=" + dir}, args...); err != nil {
			return fmt.Errorf("check the copy in: %w", err)
		}
	}
	return nil
}
