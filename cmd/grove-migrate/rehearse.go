package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/standin"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/suggest"
	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// rehearseOptions are the command line of `rehearse`.
type rehearseOptions struct {
	workspace workspaceFlags
	saved     string
	list      string
	pipeline  string
	instance  string
	directory string
	container bool
	lenient   bool
	show      bool
	networked bool
	real      []string
	format    string
	timeout   time.Duration
	jobs      int
	only      string
}

func newRehearseCommand(term *terminal) *cobra.Command {
	o := &rehearseOptions{}
	cmd := &cobra.Command{
		Use:   "rehearse [ROOT...] [-- COMMAND...]",
		Short: "Run commands before and after the migration, in copies, and compare which tutor they reach",
		Long: `Copy the workspace twice, apply the migration to one copy, run COMMAND in both, and
compare the calls of tutor: which instance's it is, with which arguments, for which
root directory. Without COMMAND what grove-migrate.yaml lists under "rehearse" is run.

In the copies tutor only writes down how it is called. Before the migration the
global one answers; after it, it fails as a missing program does. docker, kubectl,
terraform, ssh, sudo, su, aws and "git push" are stood in for: what would run in the
tools container runs here. HOME, the temporary directory and, where the system
allows it, the network are the rehearsal's own, and nothing of the workspace is
written. What a command writes elsewhere on this machine is its own.

moved, same, expected and launcher are right; left, lost, changed, other instance
and extra are not, and neither is another exit status.

` + exits("every command makes the calls that it should", "a command differs", wrongUsage, "something failed"),
		Example: `  grove-migrate rehearse grove grove-template my-cluster -- my-cluster/control/tutor alpha config save
  grove-migrate rehearse --directory my-cluster/control grove my-cluster -- ./grove deploy alpha
  grove-migrate rehearse --pipeline update --instance alpha grove my-cluster
  grove-migrate rehearse grove grove-template my-cluster`,
		RunE: func(cmd *cobra.Command, args []string) error {
			roots, command := args, []string(nil)
			if at := cmd.ArgsLenAtDash(); at >= 0 {
				roots, command = slices.Clip(args[:at]), args[at:]
			}
			return o.run(cmd.Context(), term, roots, command)
		},
	}
	o.workspace.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.saved, "plan", "", "rehearse the plan that was saved in `FILE`")
	f.StringVar(&o.list, "list", "", "run what this `FILE` lists, as grove-migrate.yaml does under rehearse; directories are relative to the file's own")
	f.StringVar(&o.only, "only", "", "run only the listed commands whose name holds this `TEXT`")
	f.StringVar(&o.pipeline, "pipeline", "", "run a pipeline of the cluster: create, update, archive, or a `FILE`")
	f.StringVar(&o.instance, "instance", "", "the `INSTANCE` of the pipeline, and of calls that name none")
	f.StringVar(&o.directory, "directory", "", "start COMMAND in this `DIRECTORY` of the workspace")
	f.BoolVar(&o.container, "container", false, "run COMMAND in the tools container")
	f.BoolVar(&o.lenient, "lenient", false, "after the migration too the global tutor answers; its calls are counted")
	f.BoolVar(&o.show, "show", false, "show what the commands print")
	f.BoolVar(&o.networked, "network", false, "let the commands use the network")
	f.StringSliceVar(&o.real, "real", nil, "use the real `PROGRAM`: docker")
	f.StringVar(&o.format, "format", "text", "print it in this `FORMAT`: text or json")
	f.DurationVar(&o.timeout, "timeout", 5*time.Minute, "end a command after this `TIME`")
	f.IntVar(&o.jobs, "jobs", 0, "run `N` commands at a time; 0 for one on each processor")
	return cmd
}

// rehearseFormats are the ways in which a rehearsal can be printed.
func rehearseFormats() []string { return []string{"text", "json"} }

// realPrograms are those that need not be stood in for.
func realPrograms() []string { return []string{"docker"} }

func (o *rehearseOptions) run(ctx context.Context, term *terminal, roots, command []string) error {
	if err := o.check(command); err != nil {
		return err
	}
	ws, found, ops, err := o.plan(ctx, term, roots)
	if err != nil {
		return err
	}
	commands, err := o.commands(term, ws, command)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	opts := rehearse.Options{
		Workspace: ws, Found: found, Ops: ops, Commands: commands, Powers: sandbox.Probe(ctx), Timeout: o.timeout, Lenient: o.lenient,
		Networked: o.networked, Docker: len(o.real) > 0, Jobs: o.jobs, Start: []string{self, standInCommand}, Environ: term.environ,
	}
	at := newProgress(term)
	defer at.end()
	at.at("copy the workspace, and rehearse")
	if term.progress {
		opts.Progress = func(done, all int) {
			at.at(fmt.Sprintf("rehearse: %d of %s done", done, plural(all, "command")))
		}
	}
	report, err := rehearse.Run(ctx, opts)
	at.end()
	var container *rehearse.NoContainerError
	var refused *rehearse.PlanError
	switch {
	case errors.As(err, &container):
		return &exitError{exitUsage, err}
	case errors.As(err, &refused):
		return &exitError{exitFailure, err}
	case err != nil:
		return err
	}
	if o.format == "json" {
		err = report.JSON(term.out, version)
	} else {
		err = report.Text(term.out, o.show)
	}
	if err == nil && report.Differs() {
		return &exitError{status: exitFindings}
	}
	return err
}

func (o *rehearseOptions) check(command []string) error {
	if err := oneOf("format", o.format, rehearseFormats()...); err != nil {
		return err
	}
	for _, name := range o.real {
		if err := oneOf("real", name, realPrograms()...); err != nil {
			return err
		}
	}
	sources := 0
	for _, given := range []bool{len(command) > 0, o.pipeline != "", o.list != ""} {
		if given {
			sources++
		}
	}
	switch {
	case sources > 1:
		return misuse("give one of COMMAND, --pipeline and --list")
	case len(command) == 0 && (o.container || o.directory != ""):
		return misuse("--container and --directory belong to a COMMAND: give one after --")
	case o.timeout < 0 || o.jobs < 0:
		return misuse("--timeout and --jobs must not be negative")
	}
	return nil
}

// plan scans and plans, or takes the plan that was saved.
func (o *rehearseOptions) plan(ctx context.Context, term *terminal, roots []string) (scan.Workspace, *scan.Report, []transaction.Op, error) {
	var saved *plan.Saved
	if o.saved != "" {
		src, err := readGiven(o.saved, `--plan takes what "grove-migrate apply --dry-run --format json" prints`)
		if err != nil {
			return scan.Workspace{}, nil, nil, err
		}
		if saved, err = plan.Load(src); err != nil {
			return scan.Workspace{}, nil, nil, misuse("%s: %w", o.saved, err)
		}
		if len(roots) == 0 {
			for _, r := range saved.Roots {
				roots = append(roots, r.Dir)
			}
		}
	}
	ws, err := o.workspace.open(ctx, roots)
	if err != nil {
		return ws, nil, nil, err
	}
	if err := blocked(ctx, term, ws); err != nil {
		return ws, nil, nil, err
	}
	at := newProgress(term)
	defer at.end()
	at.at("scan")
	at.follow(ws)
	found, err := scan.Scan(ctx, ws)
	if err != nil {
		return ws, nil, nil, err
	}
	at.at("plan, and prove it")
	if saved != nil {
		plan.Refuse(found, ws)
		return ws, found, saved.Ops, nil
	}
	p, err := plan.Make(ctx, found, ws, plan.Options{Bar: edit.Safe})
	if err != nil {
		return ws, nil, nil, err
	}
	return ws, p.Report, p.Ops(), nil
}

// commands are what is rehearsed.
func (o *rehearseOptions) commands(term *terminal, ws scan.Workspace, argv []string) ([]rehearse.Command, error) {
	var out []rehearse.Command
	switch {
	case len(argv) > 0:
		c, err := o.placed(ws, filepath.Join(term.dir, o.directory))
		if err != nil {
			return nil, err
		}
		c.Name, c.Argv, c.Run, c.Container, c.Instance = strings.Join(argv, " "), argv, strings.Join(argv, " "), o.container, o.instance
		return []rehearse.Command{c}, nil
	case o.pipeline != "":
		cluster := clusterOf(ws)
		if err := o.checkPipeline(cluster); err != nil {
			return nil, err
		}
		return []rehearse.Command{{Rehearsal: rules.Rehearsal{Pipeline: o.pipeline, Instance: o.instance}, Root: cluster}}, nil
	case o.list != "":
		src, err := readGiven(o.list, "--list takes a list of commands")
		if err != nil {
			return nil, err
		}
		listed, err := rules.ParseRehearsals(o.list, src)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		for _, r := range listed {
			c, err := o.placed(ws, filepath.Join(term.dir, filepath.Dir(o.list), r.Directory))
			if err != nil {
				return nil, err
			}
			dir := c.Directory
			c.Rehearsal = r
			c.Directory = dir
			out = append(out, c)
		}
	default:
		for _, root := range ws.Roots {
			for _, r := range root.Config.Rehearse {
				out = append(out, rehearse.Command{Rehearsal: r, Root: root})
			}
		}
	}
	if len(out) == 0 {
		return nil, misuse("nothing to rehearse: give a COMMAND after --, or list commands under rehearse in %s", rules.ConfigName)
	}
	return o.chosen(out)
}

// chosen are the commands whose names hold what --only says.
func (o *rehearseOptions) chosen(all []rehearse.Command) ([]rehearse.Command, error) {
	var kept []rehearse.Command
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Title()
		if strings.Contains(names[i], o.only) {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return nil, misuse("--only %q: no listed command has that in its name%s (%d are listed, the first is %q)", o.only, suggest.Meant(o.only, names), len(all), names[0])
	}
	return kept, nil
}

// checkPipeline refuses a pipeline that the cluster has not, and an instance that only a pipeline for a new one may name.
func (o *rehearseOptions) checkPipeline(cluster *scan.Root) error {
	known := pipelines()
	if !slices.Contains(known, o.pipeline) {
		if info, err := os.Stat(filepath.Join(cluster.Dir, o.pipeline)); err != nil || info.IsDir() {
			return misuse("--pipeline %s: %s", o.pipeline, expected(o.pipeline, append(known, "a file of the repository")))
		}
	}
	instances := instancesOf(venv.Workspace{Root: cluster.Dir}, nil)
	if o.instance != "" && o.pipeline != known[0] && len(instances) > 0 && !slices.Contains(instances, o.instance) {
		return misuse("--instance %s: %s", o.instance, expected(o.instance, instances))
	}
	return nil
}

// pipelines are those that a rehearsal knows by name; the first one is for an instance that is new.
func pipelines() []string { return []string{"create", "update", "archive"} }

// placed is a command that is started in a directory: of a root, or above all of them.
func (o *rehearseOptions) placed(ws scan.Workspace, dir string) (rehearse.Command, error) {
	if full, err := filepath.EvalSymlinks(dir); err == nil {
		dir = full
	}
	var best *scan.Root
	for _, root := range ws.Roots {
		if dir == root.Dir || strings.HasPrefix(dir, root.Dir+string(filepath.Separator)) {
			if best == nil || len(root.Dir) > len(best.Dir) {
				best = root
			}
		}
	}
	if best == nil {
		best = ws.Roots[0]
		if rel, err := filepath.Rel(dir, best.Dir); err != nil || strings.HasPrefix(rel, "..") {
			return rehearse.Command{}, misuse("%s: is not in the workspace; give a --directory of a root", dir)
		}
	}
	rel, err := filepath.Rel(best.Dir, dir)
	if err != nil {
		return rehearse.Command{}, fmt.Errorf("%s: %w", dir, err)
	}
	return rehearse.Command{Rehearsal: rules.Rehearsal{Directory: rel}, Root: best}, nil
}

// clusterOf is the root whose pipeline is meant: the first cluster, or the first root.
func clusterOf(ws scan.Workspace) *scan.Root {
	for _, root := range ws.Roots {
		if root.Role == scan.RoleCluster {
			return root
		}
	}
	return ws.Roots[0]
}

// standInCommand is the hidden command by which the stand-ins of a rehearsal start this program.
const standInCommand = "stand-in"

func newStandInCommand(term *terminal) *cobra.Command {
	return &cobra.Command{
		Use: standInCommand + " STATE PROGRAM [ARGS...]", Hidden: true, DisableFlagParsing: true,
		Short: "Stand in for a program of a rehearsal",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return misuse("this command is for rehearsals only")
			}
			if status := standin.Run(args[0], args[1], args[2:], term.in, term.out, term.err); status != 0 {
				return &exitError{status: status}
			}
			return nil
		},
	}
}
