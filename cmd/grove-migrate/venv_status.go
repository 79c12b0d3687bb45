package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// newVenvStatus is `venv status`: it compares and changes nothing.
func newVenvStatus(term *terminal, flags *venvFlags) *cobra.Command {
	var question venv.Question
	var outdated bool
	cmd := &cobra.Command{
		Use:     "status [INSTANCE...]",
		Short:   "Say which environments are in sync, drifted, broken or missing, and why",
		Example: "  grove-migrate venv status\n  grove-migrate venv status mysite --verify --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVenvStatus(cmd, term, flags, question, outdated, args)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&flags.all, "all", false, "every instance; so it is when none is named")
	f.BoolVar(&flags.json, "json", false, "results as JSON")
	f.BoolVar(&question.Verify, "verify", false, "compare every installed file with its hash")
	f.BoolVar(&question.Refresh, "refresh", false, "ask git servers whether branches have moved")
	f.StringVar(&question.Python, "python", "", "compare with this Python: a version, a command or a `PATH`")
	f.BoolVar(&outdated, "outdated", false, "name the packages of which there are newer versions, whatever is required")
	flags.addIndexes(cmd)
	return cmd
}

type statusResult struct {
	venv.Verdict
	Outdated []venv.Change `json:"outdated,omitempty"`
	Error    string        `json:"error,omitempty"`
	err      error
}

func runVenvStatus(cmd *cobra.Command, term *terminal, flags *venvFlags, question venv.Question, outdated bool, args []string) error {
	k, err := flags.keeper(term)
	if err != nil {
		return err
	}
	instances, err := flags.instances(k, args)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	results := make([]statusResult, len(instances))
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i, inst := range instances {
		group.Go(func() error {
			v, err := k.Check(ctx, inst, question)
			results[i] = statusResult{Verdict: v}
			if outdated && err == nil {
				results[i].Outdated, err = k.Outdated(ctx, inst)
			}
			results[i].err = err
			if err != nil {
				results[i].Error = err.Error()
			}
			return nil
		})
	}
	group.Wait()
	return tellVenvStatus(term, flags.json, results)
}

func tellVenvStatus(term *terminal, asJSON bool, results []statusResult) error {
	status, width := exitOK, 0
	for _, r := range results {
		width = max(width, len(r.Instance))
		switch {
		case r.err != nil:
			status = max(status, venvStatus(r.err))
		case r.Status != venv.InSync:
			status = max(status, exitFindings)
		}
	}
	if asJSON {
		if err := writeVenvJSON(term.out, results); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			word, why := r.Status.String(), r.Why()
			switch {
			case r.err != nil:
				word, why = "unknown", r.Error
			case r.Status == venv.InSync:
				why = fmt.Sprintf("Tutor %s, Python %s", r.Tutor, r.Python)
				if r.Tutor == "" {
					why = "Python " + r.Python
				}
				for _, n := range r.Notes {
					why += "; " + n.Text
				}
			}
			if len(r.Outdated) > 0 {
				why += "; newer: " + venv.Changed(r.Outdated)
			}
			fmt.Fprintf(term.out, "%-*s  %-7s  %s\n", width, r.Instance, word, why)
		}
	}
	if status == exitOK {
		return nil
	}
	return &exitError{status: status}
}
