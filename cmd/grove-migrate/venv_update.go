package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// newVenvUpdate is `venv update`, or `venv reset`, which keeps nothing.
func newVenvUpdate(term *terminal, flags *venvFlags, reset bool) *cobra.Command {
	o := &venvUpdate{term: term, flags: flags}
	o.wish.Reset = reset
	cmd := &cobra.Command{
		Use:   "update [INSTANCE...]",
		Short: "Make environments match their requirements; do nothing when they do",
		Example: `  grove-migrate venv update mysite
  grove-migrate venv update --all --jobs 4
  grove-migrate venv update mysite --lock --dry-run
  grove-migrate venv update mysite --upgrade=tutor-mfe
  grove-migrate venv update mysite --previous`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	if reset {
		cmd.Use, cmd.Short = "reset [INSTANCE...]", "Build environments anew, whatever is there"
		cmd.Example = "  grove-migrate venv reset mysite"
	}
	f := cmd.Flags()
	f.BoolVar(&flags.all, "all", false, "every instance; so it is when none is named")
	f.BoolVar(&o.wish.DryRun, "dry-run", false, "say what would be done and why; exit status 1 when something would")
	f.IntVarP(&o.jobs, "jobs", "j", defaultJobs(), "instances at once")
	f.BoolVar(&flags.json, "json", false, "results as JSON")
	f.BoolVar(&o.wish.Verify, "verify", false, "compare every installed file with its hash")
	f.BoolVar(&o.wish.AllowEmpty, "allow-empty", false, "let requirements without Tutor replace an environment that works")
	f.BoolVar(&o.wish.Lock, "lock", false, "write what is resolved to grove-requirements.lock")
	if !reset {
		f.BoolVar(&o.wish.Refresh, "refresh", false, "ask git servers whether branches have moved")
		f.BoolVar(&o.previous, "previous", false, "go back to the environment before the last build")
		f.StringSliceVar(&o.upgrade, "upgrade", nil, "move locked versions: all, or with --upgrade=`PKG` those of packages")
		f.Lookup("upgrade").NoOptDefVal = "*"
	}
	flags.addOptions(cmd)
	flags.addPlace(cmd)
	return cmd
}

type venvUpdate struct {
	term    *terminal
	flags   *venvFlags
	wish    venv.Wish
	jobs    int
	upgrade []string
	// previous goes back instead.
	previous bool
}

// result is one instance's, in the order in which they were named.
type updateResult struct {
	venv.Outcome
	Error string `json:"error,omitempty"`
	err   error
}

func resultOf(out venv.Outcome, err error) updateResult {
	r := updateResult{Outcome: out, err: err}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

func (o *venvUpdate) run(cmd *cobra.Command, args []string) error {
	if o.jobs < 1 {
		return misuse("--jobs %d: at least 1", o.jobs)
	}
	k, err := o.flags.keeper(o.term)
	if err != nil {
		return err
	}
	instances, err := o.flags.instances(k, args)
	if err != nil {
		if slices.Contains(o.upgrade, "*") && len(args) > 0 {
			err = misuse("%w; one package is upgraded with --upgrade=%s, in one word", err, args[len(args)-1])
		}
		return err
	}
	if o.previous && (len(args) == 0 && !o.flags.all || len(o.upgrade) > 0 || o.wish.Lock) {
		return misuse("--previous needs an INSTANCE or --all, and takes it as it was: without --upgrade and --lock")
	}
	if done, err := o.flags.inTools(cmd, o.term, k, args); err != nil || done {
		return err
	}
	if len(args) == 0 {
		instances = o.used(instances)
	}
	o.wish.Python = o.flags.python
	for _, p := range o.upgrade {
		if p == "*" {
			o.wish.Upgrade = true
		} else {
			o.wish.Moved = append(o.wish.Moved, p)
		}
	}
	if err := k.CheckUpgrade(instances, o.wish.Moved); err != nil {
		return venvError(err)
	}
	ctx := cmd.Context()
	progress := newVenvProgress(o.term, instances)
	k.Event = progress.event
	results := make([]updateResult, len(instances))
	var group errgroup.Group
	group.SetLimit(o.jobs)
	for i, inst := range instances {
		group.Go(func() error {
			out, err := o.one(ctx, k, inst)
			results[i] = resultOf(out, err)
			progress.done(inst.Name, func(nth string) {
				if !o.flags.json {
					o.line(results[i], nth)
				}
			})
			return nil
		})
	}
	group.Wait()
	progress.end()
	return o.tell(results)
}

func (o *venvUpdate) one(ctx context.Context, k *venv.Keeper, inst venv.Instance) (venv.Outcome, error) {
	if o.previous {
		return k.Previous(ctx, inst, o.wish.DryRun)
	}
	return k.Update(ctx, inst, o.wish)
}

// used leaves out the environments that no instance uses any more, and names
// them.
func (o *venvUpdate) used(instances []venv.Instance) []venv.Instance {
	return slices.DeleteFunc(instances, func(inst venv.Instance) bool {
		if inst.Unused() {
			fmt.Fprintf(o.term.err, "grove-migrate: instances/%s holds an environment that no instance uses any more; `grove-migrate venv remove %s` takes it away\n", inst.Name, inst.Name)
		}
		return inst.Unused()
	})
}

// tell prints the results and turns them into an exit status.
func (o *venvUpdate) tell(results []updateResult) error {
	status := exitOK
	for _, r := range results {
		switch {
		case r.err != nil:
			status = max(status, venvStatus(r.err))
		case o.wish.DryRun && r.Changed:
			status = max(status, exitFindings)
		}
	}
	if o.flags.json {
		if err := writeVenvJSON(o.term.out, results); err != nil {
			return err
		}
	}
	var errs []error
	for _, r := range results {
		errs = append(errs, r.err)
	}
	return venvEnd(status, errs, o.flags.json)
}

// line tells what became of one instance. Nth is "2 of 3", or empty.
func (o *venvUpdate) line(r updateResult, nth string) {
	if nth != "" {
		nth = " (" + nth + ")"
	}
	if r.err != nil {
		fmt.Fprintf(o.term.out, "%s: failed%s\n", r.Instance, nth)
		return
	}
	verb, change := "in sync", "changed"
	switch {
	case o.previous && o.wish.DryRun:
		verb, change = "would be as before", "would change"
	case o.previous:
		verb = "as before"
	case r.Changed && o.wish.DryRun:
		verb, change = "would be built: "+r.Why(), "would change"
	case r.Changed:
		verb = "built in " + seconds(r.Seconds) + nth + ": " + r.Why()
	}
	fmt.Fprintf(o.term.out, "%s: %s (%s)\n", r.Instance, verb, about(r.Outcome))
	if len(r.Changes) > 0 {
		fmt.Fprintf(o.term.out, "%s: %s: %s\n", r.Instance, change, venv.Changed(r.Changes))
	}
	for _, need := range r.Added {
		fmt.Fprintf(o.term.out, "%s: added %s: this Tutor needs it and does not say so; the requirements can name it\n", r.Instance, need)
	}
	tellNotes(o.term, r.Outcome)
}

func tellNotes(term *terminal, r venv.Outcome) {
	for _, n := range r.Notes {
		fmt.Fprintf(term.out, "%s: note: %s\n", r.Instance, n.Text)
	}
}

// about says what an environment is, for the end of a line.
func about(r venv.Outcome) string {
	var out []string
	for _, part := range []struct{ format, value string }{{"Tutor %s", r.Tutor}, {"Python %s", r.Python}, {"%s", r.By}} {
		if part.value != "" {
			out = append(out, fmt.Sprintf(part.format, part.value))
		}
	}
	if r.Packages > 0 {
		out = append(out, fmt.Sprintf("%d packages", r.Packages))
	}
	return strings.Join(out, ", ")
}

func seconds(s float64) string {
	if s < 10 {
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%.0f s", s)
}

// writeVenvJSON is the form of all JSON of `venv`.
func writeVenvJSON(w io.Writer, instances any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Version   int `json:"version"`
		Instances any `json:"instances"`
	}{1, instances})
}
