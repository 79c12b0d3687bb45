// Command grove-migrate carries a Grove workspace to one Python environment per instance, and keeps those environments alive.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // it ends soon: less time for more memory
	}
	os.Exit(run(os.Args[1:]))
}

// run is the program without its exit.
func run(args []string) int {
	term, err := newTerminal()
	if err != nil {
		fmt.Fprint(os.Stderr, complaint(err))
		return exitFailure
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root := newRootCommand(term)
	root.SetArgs(args)
	return status(ctx, root.ExecuteContext(ctx), term)
}

// status prints an error for a person and turns it into an exit status.
func status(ctx context.Context, err error, term *terminal) int {
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprint(term.err, complaint(exit.err))
		}
		return exit.status
	case ctx.Err() != nil:
		fmt.Fprint(term.err, complaint(errors.New("interrupted; nothing was left half-done")))
		return exitFailure
	}
	fmt.Fprint(term.err, complaint(err))
	return exitFailure
}

func newRootCommand(term *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "grove-migrate",
		Short: "Move a Grove workspace to one Python environment per instance",
		Long: `grove-migrate carries a Grove workspace from one global tutor to a Python
environment per instance, proves that nothing was missed, and keeps the
environments alive. People use it in three ways:

  grove-migrate scan                  report every place that runs tutor, and every
                                      other place that only names it
  grove-migrate apply --dry-run       show the whole migration as one diff;
                                      "apply" then writes exactly that
  grove-migrate venv update mysite    ever after

` + exits("done, nothing to say",
			"findings: with --check a site is left or something is unexplained; an\nenvironment has drifted; a rehearsal differs",
			wrongUsage, `something failed, or coverage is incomplete: "grove-migrate scan" says why`),
		Version:       versionLine(settings()),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return nothingEmpty(cmd) },
	}
	root.SetIn(term.in)
	root.SetOut(term.out)
	root.SetErr(term.err)
	root.SetVersionTemplate("grove-migrate {{.Version}}\n")
	root.SetFlagErrorFunc(wrongFlag)
	root.SetHelpCommand(newHelpCommand())
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newScanCommand(term), newApplyCommand(term), newRehearseCommand(term), newStandInCommand(term), newRollbackCommand(term), newRulesCommand(term), newVenvCommand(term), newVersionCommand(term), newCompletionCommand(term))
	addOffers(root, term)
	misuseOf(root)
	return root
}
