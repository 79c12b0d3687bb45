package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report/html"
)

// scanOptions are the command line of `scan`.
type scanOptions struct {
	workspace workspaceFlags
	format    string
	classes   []string
	check     bool
	explain   bool
	baseline  string
	split     string
}

func newScanCommand(term *terminal) *cobra.Command {
	o := &scanOptions{}
	cmd := &cobra.Command{
		Use:   "scan [ROOT|FILE...]",
		Short: "Report every place that runs tutor, and every other place that only names it",
		Long: `Report every place that runs or looks for tutor, with its instance and what has to
be done, and count every other place where the word stands. A summary at the end
adds up: "unexplained: 0" means that nothing was passed over in silence.

ROOT is the directory of a repository; give all repositories of the workspace
together. A FILE, as hooks give them, limits what is reported to it and to the
other files given: commands are followed through the whole repository all the
same. Nothing is written.

What is unexplained, or skipped and could hold a call, makes the coverage
incomplete. With --check what is unexplained is a finding, as a site is, and
--baseline accepts it. With a baseline text, codequality and markdown list only
what is new; sarif and json list everything, and sarif says what is new.

` + exits("done, nothing to say", "with --check: a site is left or something is unexplained", wrongUsage,
			"something failed, or coverage is incomplete: something is unexplained or\nskipped"),
		Example: `  grove-migrate scan grove grove-template my-cluster
  grove-migrate scan --class message,comment .
  grove-migrate scan --check --format sarif . >tutor.sarif`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return unlessEnded(cmd.Context(), func() error { return o.run(cmd.Context(), term, args) })
		},
	}
	o.workspace.add(cmd)
	cmd.Flags().StringVar(&o.format, "format", "text", "print it in this `FORMAT`: text, json, sarif, codequality, markdown, or html (one page to decide by)")
	cmd.Flags().StringSliceVar(&o.classes, "class", nil, "list only these `CLASSES`, with commas between (default: sites and what is unexplained)")
	cmd.Flags().StringVar(&o.split, "split", "", "with --format codequality: one file for each root, ROOT.json in this `DIR`, with paths from the top of its repository")
	cmd.Flags().BoolVar(&o.check, "check", false, "exit 1 when a site is left to rewrite or to decide, or something is unexplained")
	cmd.Flags().BoolVar(&o.explain, "explain", false, "show each step from where a command is built to the call that runs it")
	cmd.Flags().StringVar(&o.baseline, "baseline", "", "accept the sites, what is unexplained and what was skipped, that this `FILE` (a JSON report) lists")
	return cmd
}

// scanFormats are the ways in which a report can be printed.
func scanFormats() []string {
	return []string{"text", "json", "sarif", "codequality", "markdown", "html"}
}

func (o *scanOptions) run(ctx context.Context, term *terminal, args []string) error {
	if err := oneOf("format", o.format, scanFormats()...); err != nil {
		return err
	}
	if o.split != "" && o.format != "codequality" {
		return misuse("--split says where the files of --format codequality go: give that too")
	}
	classes, err := choices("class", o.classes, report.Classes())
	if err != nil {
		return err
	}
	known, err := o.known()
	if err != nil {
		return err
	}
	found, ws, err := o.look(ctx, term, args)
	if err != nil {
		return err
	}
	opts := report.Options{Version: version, Classes: classes, Explain: o.explain, Colour: term.colour, Baseline: known, Name: fromHere(term), Width: term.width}
	if o.format != "text" {
		opts.Name = fromTop(ctx, found.Roots)
	}
	if opts.Name == nil && (o.format == "sarif" || o.split != "") {
		opts.Name, opts.Separate = fromOwnTops(ctx, found.Roots), true
	}
	if o.format == "sarif" {
		if opts.Fix, err = fixesOf(ctx, found, ws); err != nil {
			return err
		}
	}
	shown, accepted, gone := found, 0, 0
	if known != nil && o.format != "json" && o.format != "sarif" {
		shown, accepted, gone = known.New(found)
	}
	if o.split != "" {
		err = o.writeEach(shown, opts)
	} else {
		err = o.print(term, shown, ws, opts)
	}
	if err != nil {
		return err
	}
	if accepted > 0 {
		fmt.Fprintf(term.err, "%s: accepts %s that the report leaves out\n", o.baseline, plural(accepted, "finding"))
	}
	_, files := separate(args)
	if gone > 0 && len(files) == 0 {
		fmt.Fprintf(term.err, "%s: accepts %s that nothing matches any more: write it anew\n", o.baseline, plural(gone, "finding"))
	}
	if len(files) == 0 && o.format == "text" && !o.check {
		tellEmpty(term, found, ws.Pack.Program.Name)
	}
	return o.verdict(found, known)
}

// look scans, and asks the planner which sites a fix can be made for.
func (o *scanOptions) look(ctx context.Context, term *terminal, args []string) (*scan.Report, scan.Workspace, error) {
	roots, files := separate(args)
	ws, err := o.workspace.open(ctx, roots)
	if err != nil {
		return nil, ws, err
	}
	wanted, err := within(ws, files)
	if err != nil {
		return nil, ws, err
	}
	tellPending(ctx, term, ws)
	at := newProgress(term)
	defer at.end()
	at.at("scan")
	at.follow(ws)
	found, err := scan.Scan(ctx, ws)
	if err != nil {
		return nil, ws, err
	}
	at.at("look for environments of pipelines' jobs")
	if err := plan.Refuse(found, ws); err != nil {
		return nil, ws, err
	}
	if wanted != nil {
		found = found.Only(wanted)
	}
	return found, ws, nil
}

func (o *scanOptions) known() (report.Baseline, error) {
	if o.baseline == "" {
		return nil, nil
	}
	const takes = `--baseline takes what "grove-migrate scan --format json" prints`
	src, err := readGiven(o.baseline, takes)
	if err != nil {
		return nil, err
	}
	known, err := report.ParseBaseline(src)
	if err != nil {
		return nil, misuse("%s: %w; %s", o.baseline, err, takes)
	}
	return known, nil
}

func (o *scanOptions) print(term *terminal, found *scan.Report, ws scan.Workspace, opts report.Options) error {
	var write func(io.Writer, *scan.Report, report.Options) error
	switch o.format {
	case "json":
		write = report.JSON
	case "sarif":
		write = func(w io.Writer, r *scan.Report, opts report.Options) error { return report.SARIF(w, r, ws.Pack, opts) }
	case "codequality":
		write = report.CodeQuality
	case "markdown":
		write = report.Markdown
	case "html":
		write = func(w io.Writer, r *scan.Report, opts report.Options) error { return html.Write(w, r, nil, opts) }
	default:
		write = report.Text
	}
	if o.format == "text" && term.width > 0 {
		var b bytes.Buffer
		if err := write(&b, found, opts); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		if err := page(term, []byte(fold(b.String(), term.width))); err != nil {
			return err
		}
		// Who leaves the pager early has not seen the figures at the end.
		if lines := strings.Split(strings.TrimSpace(b.String()), "\n"); len(lines) >= term.height {
			fmt.Fprint(term.err, fold(strings.Join(lines[len(lines)-2:], "; ")+"\n", term.errWidth))
		}
		return nil
	}
	w := bufio.NewWriter(term.out)
	if err := write(w, found, opts); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return w.Flush()
}

// verdict is the exit status that the findings give.
func (o *scanOptions) verdict(found *scan.Report, known report.Baseline) error {
	sites, unexplained := known.Left(found)
	var says []string
	if o.check && sites > 0 {
		says = append(says, plural(sites, "site")+" left to rewrite or to decide")
	}
	if unexplained > 0 {
		says = append(says, plural(unexplained, "occurrence")+" unexplained")
	}
	switch {
	case o.check && len(says) > 0:
		return &exitError{exitFindings, errors.New(strings.Join(says, ", "))}
	case known.Incomplete(found):
		says = append([]string{"not everything could be read (see skipped)"}, says...)
	case len(says) == 0:
		return nil
	}
	return &exitError{exitFailure, errors.New("coverage is incomplete: " + strings.Join(says, ", "))}
}

// applicability is the bar that --unsafe sets.
func applicability(unsafe bool) edit.Applicability {
	if unsafe {
		return edit.Unsafe
	}
	return edit.Safe
}

// steps parses --only.
func steps(only []string) (map[step.Name]bool, error) { return choices("only", only, step.Names()) }
