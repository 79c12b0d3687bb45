package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/diff"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report/html"
)

// applyOptions are the command line of `apply`.
type applyOptions struct {
	workspace   workspaceFlags
	dryRun      bool
	only        []string
	unsafe      bool
	format      string
	saved       string
	interactive bool
	allowDirty  bool
	stat        bool
	wait        bool
	show        bool
	given       *pflag.FlagSet // what was typed
	program     string         // that is moved
	steps       step.Options
}

func newApplyCommand(term *terminal) *cobra.Command {
	o := &applyOptions{}
	cmd := &cobra.Command{
		Use:   "apply [ROOT...]",
		Short: "Write the migration, or show it as a diff with --dry-run",
		Long: `Plan the migration of all roots and write it: every file or none. With --dry-run
the plan is printed as one diff, which "git apply" takes, and nothing is written;
without it exactly that is written. "grove-migrate rollback" takes it back.

` + exits("done; sites that are left for a person are listed", "", wrongUsage, "something failed, and nothing is half-written; or files have changes that\nare not committed"),
		Example: `  grove-migrate apply --dry-run grove grove-template my-cluster
  grove-migrate apply --only invocations,requirements grove
  grove-migrate apply --dry-run --format json . >plan.json
  grove-migrate apply --plan plan.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.given = cmd.Flags()
			return o.run(cmd.Context(), term, args)
		},
	}
	o.workspace.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be written, and write nothing")
	f.StringSliceVar(&o.only, "only", nil, "plan these `STEPS` only: invocations, requirements, instances, gitignore, container, commands, pipelines, docs")
	f.BoolVar(&o.unsafe, "unsafe", false, "apply fixes too that are probably right but should be looked at")
	f.StringVar(&o.format, "format", "diff", "with --dry-run: print it in this `FORMAT`: diff, json (a plan that --plan takes), markdown (for a merge request) or html (one page to review by)")
	f.StringVar(&o.saved, "plan", "", "write the plan that was saved in `FILE`, if no file has changed since")
	f.BoolVar(&o.interactive, "interactive", false, "ask for each fix")
	f.BoolVar(&o.allowDirty, "allow-dirty", false, "change files too that have uncommitted changes")
	f.BoolVar(&o.stat, "stat", false, "with --dry-run: only count the changed lines of each file")
	f.BoolVar(&o.show, "show", false, "list at the end also what was done, what stays and why, and everything to decide")
	f.BoolVar(&o.wait, "wait", false, "wait for another apply in the same roots to finish")
	f.BoolVar(&o.steps.BumpImage, "bump-image", false, "raise the tools container's image version")
	f.BoolVar(&o.steps.NoLauncher, "no-launcher", false, "put no launcher into the tools container in place of its tutor")
	f.BoolVar(&o.steps.Unused, "list-unused", false, "list plugins that an instance does not enable as comments in its requirements")
	return cmd
}

// planFormats are the ways in which a dry run can be printed.
func planFormats() []string { return []string{"diff", "json", "markdown", "html"} }

func (o *applyOptions) run(ctx context.Context, term *terminal, args []string) error {
	if err := oneOf("format", o.format, planFormats()...); err != nil {
		return err
	}
	if (o.format != "diff" || o.stat) && !o.dryRun {
		return misuse("--format and --stat say how a --dry-run is printed: give --dry-run too")
	}
	if o.interactive && !term.interactive {
		return misuse("--interactive needs a terminal to ask on")
	}
	if o.saved != "" {
		return o.applySaved(ctx, term, args)
	}
	var p *plan.Plan
	err := unlessEnded(ctx, func() (err error) {
		if p, err = o.make(ctx, term, args); err == nil && o.dryRun {
			err = o.print(ctx, term, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !o.dryRun {
		if err := o.write(ctx, term, p.Ops(), args); err != nil {
			return err
		}
	}
	o.tell(term, p, args)
	return nil
}

// make scans and plans.
func (o *applyOptions) make(ctx context.Context, term *terminal, args []string) (*plan.Plan, error) {
	only, err := steps(o.only)
	if err != nil {
		return nil, err
	}
	ws, err := o.workspace.open(ctx, args)
	if err != nil {
		return nil, err
	}
	o.program = ws.Pack.Program.Name
	if err := blocked(ctx, term, ws); err != nil {
		return nil, err
	}
	at := newProgress(term)
	defer at.end()
	at.at("scan")
	at.follow(ws)
	found, err := scan.Scan(ctx, ws)
	if err != nil {
		return nil, err
	}
	opts := plan.Options{Only: only, Bar: applicability(o.unsafe), Steps: o.steps}
	if o.interactive {
		at.end()
		return review(ctx, term, ws, found, opts)
	}
	at.at("plan, and prove it")
	return plan.Make(ctx, found, ws, opts)
}

// print writes the plan: as a diff, as counts, or as JSON that --plan takes.
func (o *applyOptions) print(ctx context.Context, term *terminal, p *plan.Plan) error {
	if o.format == "json" {
		w := bufio.NewWriter(term.out)
		if err := plan.Save(w, p, version); err != nil {
			return err
		}
		return w.Flush()
	}
	if o.format == "html" {
		return showPage(term, p)
	}
	var b bytes.Buffer
	var err error
	if o.format == "markdown" {
		fmt.Fprintf(&b, "%s\n<details>\n<summary>Every call of the program</summary>\n\n", p.List().Markdown())
		if err := report.Markdown(&b, p.Report, report.Options{Version: version, Name: fromTop(ctx, p.Report.Roots)}); err != nil {
			return err
		}
		_, err := fmt.Fprintf(term.out, "%s\n</details>\n", b.Bytes())
		return err
	}
	switch files := p.Diff(); {
	case o.stat:
		err = diff.Stat(&b, files, term.width)
	case term.colour:
		err = diff.Colored(&b, files)
	default:
		err = diff.Unified(&b, files)
	}
	if err != nil {
		return fmt.Errorf("write the diff: %w", err)
	}
	return page(term, b.Bytes())
}

// showPage prints the plan as a page: the report, and the changes of each file.
func showPage(term *terminal, p *plan.Plan) error {
	var changes []html.Change
	for i, d := range p.Diff() {
		var b bytes.Buffer
		if err := diff.Unified(&b, []diff.File{d}); err != nil {
			return fmt.Errorf("write the diff: %w", err)
		}
		if b.Len() > 0 {
			changes = append(changes, html.Change{Root: p.Files[i].Root.Key, Path: p.Files[i].Path, Diff: b.String()})
		}
	}
	w := bufio.NewWriter(term.out)
	if err := html.Write(w, p.Report, changes, report.Options{Version: version}); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return w.Flush()
}

// page shows text through the user's pager when a person watches, as git does.
func page(term *terminal, text []byte) error {
	pager := term.env("GIT_PAGER")
	if pager == "" {
		pager = term.env("PAGER")
	}
	if pager == "" {
		pager = "less"
	}
	if term.width == 0 || !term.interactive || pager == "cat" || len(text) == 0 {
		_, err := term.out.Write(text)
		return err
	}
	cmd := exec.Command("sh", "-c", pager)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), term.out, term.err
	cmd.Env = append(term.environ, "LESS=FRX", "LV=-c")
	if err := cmd.Run(); err != nil {
		_, err = term.out.Write(text)
		return err
	}
	return nil
}

// write carries the operations out, and says how they are undone from here.
func (o *applyOptions) write(ctx context.Context, term *terminal, ops []transaction.Op, roots []string) error {
	if len(ops) == 0 {
		fmt.Fprintln(term.err, "nothing to change")
		return nil
	}
	if err := o.clean(ctx, term, ops); err != nil {
		return err
	}
	out, err := transaction.Apply(ctx, ops, transaction.Options{Wait: o.wait})
	if err != nil {
		return &exitError{exitFailure, err}
	}
	fmt.Fprintf(term.err, "%s written%s; \"%s\" takes them back\n", plural(out.New, "file"), spread(term, ops), command("rollback", roots))
	return nil
}

// clean refuses files with uncommitted changes, which git could not give back.
func (o *applyOptions) clean(ctx context.Context, term *terminal, ops []transaction.Op) error {
	byRoot := map[string][]string{}
	var roots []string
	for _, op := range ops {
		if byRoot[op.Root] == nil {
			roots = append(roots, op.Root)
		}
		byRoot[op.Root] = append(byRoot[op.Root], op.Path)
	}
	var dirty []string
	for _, root := range roots {
		paths, err := transaction.Dirty(ctx, root, byRoot[root])
		if errors.Is(err, transaction.ErrNoGit) {
			fmt.Fprintf(term.err, "%s is not in git: \"%s\" is the only way back\n", shown(term, root), command("rollback", []string{shown(term, root)}))
			continue
		}
		if err != nil {
			return err
		}
		for _, p := range paths {
			dirty = append(dirty, filepath.Join(shown(term, root), p))
		}
	}
	if len(dirty) == 0 || o.allowDirty {
		return nil
	}
	return &exitError{exitFailure, fmt.Errorf("these files have changes that are not committed; nothing was written\n  %s\ncommit or stash them, or give --allow-dirty", strings.Join(dirty, "\n  "))}
}

// applySaved writes a plan that was saved, exactly as it is.
func (o *applyOptions) applySaved(ctx context.Context, term *terminal, args []string) error {
	if len(args) > 0 {
		return misuse("--plan: the plan names its roots; give none")
	}
	if len(o.only) > 0 || o.interactive || o.unsafe {
		return misuse("--plan: the plan is written as it was saved; --only, --unsafe and --interactive belong to the command that saved it")
	}
	const takes = `--plan takes what "grove-migrate apply --dry-run --format json" prints`
	var src []byte
	var err error
	if o.saved == "-" {
		src, err = io.ReadAll(term.in)
	} else {
		src, err = readGiven(o.saved, takes)
	}
	if err != nil {
		return err
	}
	saved, err := plan.Load(src)
	if err != nil {
		return misuse("%s: %w; %s", o.saved, err, takes)
	}
	if o.dryRun {
		if err := transaction.Verify(ctx, saved.Ops); err != nil {
			return &exitError{exitFailure, err}
		}
		fmt.Fprintf(term.err, "%s would be written\n", plural(len(saved.Ops), "file"))
		return nil
	}
	var roots []string
	for _, r := range saved.Roots {
		roots = append(roots, shown(term, r.Dir))
	}
	return o.write(ctx, term, saved.Ops, roots)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "x") {
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
