package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/venv"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installer"
)

// newVenvCommand is `grove-migrate venv`: the environments of the instances.
func newVenvCommand(term *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "venv",
		Short: "Create, update, check and use the instances' Python environments",
		Long: `Every instance has a Python environment of its own, instances/NAME/.venv, filled
from instances/NAME/grove-requirements.txt. It is built aside, checked and then
exchanged, so that whoever uses it sees the old one or the new one, whole.

Exit status: 0 done, or in sync; 1 an environment is not in sync (status), or
something would be done (--dry-run); 2 the command line, a name or a file is
wrong; 3 something failed, and the old environment still serves. exec and
activate end as the command ends that they run.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := new(venvFlags)
	cmd.PersistentFlags().StringVar(&flags.workspace, "workspace", "", "the `DIR` that has instances/ (default: found upwards from here)")
	cmd.PersistentFlags().StringVar(&flags.requirements, "requirements", "", "the requirements file's `NAME` in each instance (default grove-requirements.txt)")
	cmd.AddCommand(
		newVenvUpdate(term, flags, false),
		newVenvUpdate(term, flags, true),
		newVenvStatus(term, flags),
		newVenvExec(term, flags),
		newVenvActivate(term, flags),
		newVenvRemove(term, flags),
	)
	return cmd
}

// venvFlags are shared by the commands below `venv`.
type venvFlags struct {
	workspace, requirements string
	all                     bool
	json                    bool
	python                  string
	options                 installer.Options
	place                   venv.Choice
}

func (f *venvFlags) addOptions(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.python, "python", "", "the Python to build on: a version, a command or a `PATH`")
	f.addIndexes(cmd)
}

// addIndexes adds the flags that say where packages come from.
func (f *venvFlags) addIndexes(cmd *cobra.Command) {
	o := &f.options
	cmd.Flags().StringVar(&o.Index, "index-url", "", "`URL` of the package index")
	cmd.Flags().StringArrayVar(&o.ExtraIndexes, "extra-index-url", nil, "`URL` of one more index; may be repeated")
	cmd.Flags().StringArrayVar(&o.FindLinks, "find-links", nil, "`DIR` or URL with archives; may be repeated")
	cmd.Flags().StringVar(&o.Wheelhouse, "wheelhouse", "", "install from this `DIR` only, asking no index")
	cmd.Flags().BoolVar(&o.Offline, "offline", false, "ask nothing over the network: use what the cache and --wheelhouse have")
}

// keeper opens the workspace. Paths are relative to where the person is.
func (f *venvFlags) keeper(term *terminal) (*venv.Keeper, error) {
	dir := term.dir
	if f.workspace != "" {
		dir = absolute(term, f.workspace)
		if info, err := os.Stat(filepath.Join(dir, "instances")); err != nil || !info.IsDir() {
			return nil, misuse("--workspace %s: it has no directory instances/", f.workspace)
		}
	}
	w, err := venv.FindWorkspace(dir)
	if err != nil {
		return nil, venvError(err)
	}
	if strings.ContainsAny(f.requirements, "/\\") {
		return nil, misuse("--requirements %s: it is the name of a file in each instance, without /", f.requirements)
	}
	w.Requirements = f.requirements
	table, err := rules.Releases("tutor")
	if err != nil {
		return nil, err
	}
	k := venv.NewKeeper(w, venv.Known(table), term.environ)
	o := f.options
	if o.Wheelhouse != "" {
		o.Wheelhouse = absolute(term, o.Wheelhouse)
		if info, err := os.Stat(o.Wheelhouse); err != nil || !info.IsDir() {
			return nil, misuse("--wheelhouse %s: there is no such directory", o.Wheelhouse)
		}
	}
	o.FindLinks = nil
	for _, l := range f.options.FindLinks {
		if !strings.Contains(l, "://") {
			l = absolute(term, l)
		}
		o.FindLinks = append(o.FindLinks, l)
	}
	k.SetFlags(o)
	k.Choice = f.place
	if strings.ContainsRune(f.python, '/') {
		f.python = absolute(term, f.python)
	}
	return k, nil
}

func absolute(term *terminal, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(term.dir, path)
}

// instances are those named, or all.
func (f *venvFlags) instances(k *venv.Keeper, names []string) ([]venv.Instance, error) {
	if len(names) > 0 && f.all {
		return nil, misuse("name instances or use --all, not both")
	}
	if len(names) == 0 {
		all, err := k.Workspace.Instances()
		if err == nil && len(all) == 0 {
			err = misuse("%s has no instance in instances/", k.Workspace.Root)
		}
		return all, err
	}
	var out []venv.Instance
	seen := map[string]bool{}
	for _, n := range names {
		inst, err := k.Workspace.Instance(strings.TrimSuffix(n, "/"))
		if err != nil {
			return nil, venvError(err)
		}
		if !seen[inst.Name] {
			seen[inst.Name] = true
			out = append(out, inst)
		}
	}
	return out, nil
}

// venvError gives an error of package venv its exit status.
func venvError(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{status: venvStatus(err), err: err}
}

func venvStatus(err error) int {
	var mistake *venv.UsageError
	if errors.As(err, &mistake) {
		return exitUsage
	}
	return exitFailure
}

// venvEnd is how a command over many instances ends: with the worst status, and
// with every error told, unless the results have told them.
func venvEnd(status int, errs []error, told bool) error {
	if status == exitOK {
		return nil
	}
	if told {
		return &exitError{status: status}
	}
	return &exitError{status: status, err: errors.Join(errs...)}
}

// defaultJobs keeps a small machine busy and a large one polite.
func defaultJobs() int { return min(runtime.NumCPU(), 8) }
