package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newVenvRemove is `venv remove`.
func newVenvRemove(term *terminal, flags *venvFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove INSTANCE...",
		Short: "Take environments away, with all that belongs to them",
		Long: `The environment, the one before it, the log and the lock file of builds go.
What people wrote stays, grove-requirements.lock included. An instance's
directory in which nothing else is left goes too.`,
		Example: "  grove-migrate venv remove oldsite",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVenvRemove(cmd, term, flags, args)
		},
	}
	cmd.Flags().BoolVar(&flags.all, "all", false, "every instance")
	cmd.Flags().BoolVar(&flags.json, "json", false, "results as JSON")
	flags.addPlace(cmd)
	return cmd
}

func runVenvRemove(cmd *cobra.Command, term *terminal, flags *venvFlags, args []string) error {
	if len(args) == 0 && !flags.all {
		return misuse("name an INSTANCE whose environment is to go, or --all")
	}
	k, err := flags.keeper(term)
	if err != nil {
		return err
	}
	instances, err := flags.instances(k, args)
	if err != nil {
		return err
	}
	if done, err := flags.inTools(cmd, term, k, args); err != nil || done {
		return err
	}
	ctx := cmd.Context()
	status := exitOK
	var results []updateResult
	var errs []error
	for _, inst := range instances {
		out, err := k.Remove(ctx, inst)
		results = append(results, resultOf(out, err))
		errs = append(errs, err)
		switch {
		case err != nil:
			status = max(status, venvStatus(err))
		case flags.json:
		case out.Changed:
			fmt.Fprintf(term.out, "%s: removed\n", inst.Name)
		default:
			fmt.Fprintf(term.out, "%s: there is no environment\n", inst.Name)
		}
		if !flags.json {
			tellNotes(term, out)
		}
	}
	if flags.json {
		if err := writeVenvJSON(term.out, results); err != nil {
			return err
		}
	}
	return venvEnd(status, errs, flags.json)
}
