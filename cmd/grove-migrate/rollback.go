package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

func newRollbackCommand(term *terminal) *cobra.Command {
	finish := false
	cmd := &cobra.Command{
		Use:   "rollback [ROOT...]",
		Short: "Undo the last apply, or finish undoing one that was killed",
		Long: `Put back every file that the last apply changed, in all the repositories that it
changed. A file that someone has edited since is left alone and named, with the
place of its old content. An apply that was killed is undone in the same way;
with --finish it is brought to its end instead.

` + exits("all files are as before", "", "there is nothing to undo, or a root is wrong", "something failed, or a file that was edited since is left as it is"),
		Example: "  grove-migrate rollback\n  grove-migrate rollback --finish grove",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{term.dir}
			}
			for _, dir := range args {
				switch info, err := os.Stat(dir); {
				case errors.Is(err, fs.ErrNotExist):
					return misuse("%s: there is no such directory; give the repositories that the apply changed", shownWord(dir))
				case err == nil && !info.IsDir():
					return misuse("%s: is a file; give the directory of a repository", dir)
				}
			}
			return rollback(cmd.Context(), term, args, finish)
		},
	}
	cmd.Flags().BoolVar(&finish, "finish", false, "bring an apply that was killed to its end, if it can be")
	return cmd
}

func rollback(ctx context.Context, term *terminal, roots []string, finish bool) error {
	var out transaction.Outcome
	var err error
	if finish {
		out, err = finishOne(ctx, roots)
	} else {
		out, err = transaction.Rollback(ctx, roots, transaction.Options{})
	}
	switch {
	case errors.Is(err, transaction.ErrNothing):
		return &exitError{exitUsage, errors.New("there is no apply to undo here; give the repositories that it changed")}
	case err != nil:
		return &exitError{exitFailure, err}
	}
	if finish {
		fmt.Fprintf(term.err, "finished: %s written\n", plural(out.New, "file"))
	} else {
		fmt.Fprintf(term.err, "restored %s\n", plural(out.Old, "file"))
	}
	for _, r := range out.Refused {
		fmt.Fprintf(term.err, "%s\n", r)
	}
	if len(out.Refused) > 0 {
		return &exitError{exitFailure, fmt.Errorf("%s not restored: take back by hand what the apply did there", plural(len(out.Refused), "file"))}
	}
	return nil
}

// finishOne brings the interrupted apply in the roots to its end.
func finishOne(ctx context.Context, roots []string) (transaction.Outcome, error) {
	pending, err := transaction.Pending(ctx, roots)
	if err != nil {
		return transaction.Outcome{}, err
	}
	for _, t := range pending {
		if t.Phase == transaction.Committing && !t.Running {
			return transaction.Recover(ctx, t, true, transaction.Options{})
		}
	}
	return transaction.Outcome{}, transaction.ErrNothing
}

// interrupted are the transactions in the roots that were begun and not ended.
func interrupted(ctx context.Context, ws scan.Workspace) ([]transaction.Transaction, error) {
	dirs := make([]string, len(ws.Roots))
	for i, r := range ws.Roots {
		dirs[i] = r.Dir
	}
	pending, err := transaction.Pending(ctx, dirs)
	if err != nil {
		return nil, err
	}
	var out []transaction.Transaction
	for _, t := range pending {
		if t.Phase != transaction.Done && !t.Running {
			out = append(out, t)
		}
	}
	return out, nil
}

// tellPending warns a reader of the workspace that an apply was interrupted.
func tellPending(ctx context.Context, term *terminal, ws scan.Workspace) {
	pending, err := interrupted(ctx, ws)
	if err != nil || len(pending) == 0 {
		return
	}
	fmt.Fprintf(term.err, "grove-migrate: warning: an apply of %s was interrupted; %s\n", pending[0].Started.Format("2006-01-02 15:04"), wayOut)
}

const wayOut = `"grove-migrate rollback" undoes it, "grove-migrate rollback --finish" brings it to its end`

// blocked refuses to plan on top of an apply that was interrupted.
func blocked(ctx context.Context, _ *terminal, ws scan.Workspace) error {
	pending, err := interrupted(ctx, ws)
	if err != nil {
		return &exitError{exitFailure, err}
	}
	if len(pending) == 0 {
		return nil
	}
	return &exitError{exitFailure, fmt.Errorf("an apply of %s was interrupted, and its files are partly old and partly new\n%s", pending[0].Started.Format("2006-01-02 15:04"), wayOut)}
}
