package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// tell says on standard error what became of the plan: what was left out, what is to be decided, and what comes next. With
// --show it says everything.
func (o *applyOptions) tell(term *terminal, p *plan.Plan, ws scan.Workspace, args []string) {
	if o.dryRun && len(p.Files) > 0 {
		fmt.Fprintf(term.err, "%s would be written%s\n", plural(len(p.Files), "file"), spread(term, p.Ops()))
	}
	unsafe := 0
	for _, d := range p.Dropped {
		if d.Reason == edit.BelowBar && d.Fix.Applicability == edit.Unsafe && !o.show {
			unsafe++
			continue
		}
		fmt.Fprintf(term.err, "%s: not applied (%s): %s\n", d.Fix, d.Reason, d.Detail)
	}
	if unsafe > 0 {
		fmt.Fprintf(term.err, "%s not applied: unsafe, give --unsafe\n", plural(unsafe, "fix"))
	}
	if n := len(p.Report.Skipped); n > 0 {
		lacking := ""
		if p.Report.Incomplete() {
			lacking = ", so that coverage is incomplete"
		}
		fmt.Fprintf(term.err, "%s skipped, or read only in part%s: \"%s\" says which and why\n", plural(n, "path"), lacking, command("scan", args))
	}
	if !o.dryRun {
		p.Notes = p.NotesAfter()
	}
	if o.show {
		fmt.Fprint(term.err, plan.Checklist(p))
		return
	}
	var first []string
	if o.dryRun && len(p.Files) > 0 {
		first = o.next(ws, args)
	}
	fmt.Fprint(term.err, plan.Screen(p, first, fileFromHere(term, ws.Roots)))
}

// next are the commands that follow a dry run.
func (o *applyOptions) next(ws scan.Workspace, args []string) []string {
	what := "what tutor is asked to do, before and after"
	compare := command("rehearse", typed(o.given, "role", "pack"), args)
	if !slices.ContainsFunc(ws.Roots, func(r *scan.Root) bool { return len(r.Config.Rehearse) > 0 }) {
		compare += " -- COMMAND"
		what = "with a COMMAND of yours: " + what
	}
	kept := typed(o.given, "role", "pack", "only", "unsafe", "allow-dirty", "bump-image", "list-unused")
	return []string{compare + "  # " + what, command("apply", kept, args)}
}

// typed are the flags of those names that were given, as they can be typed again.
func typed(given *pflag.FlagSet, names ...string) []string {
	var out []string
	given.Visit(func(f *pflag.Flag) {
		if !slices.Contains(names, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if f.Value.Type() == "bool" && f.Value.String() == "true" {
			out, values = append(out, "--"+f.Name), nil
		}
		for _, v := range values {
			out = append(out, "--"+f.Name+"="+v)
		}
	})
	return out
}

// command is a command of this program as it can be typed.
func command(name string, words ...[]string) string {
	return rehearse.Words(slices.Concat([]string{"grove-migrate", name}, slices.Concat(words...)))
}

// spread says how many operations each of several roots has.
func spread(term *terminal, ops []transaction.Op) string {
	var roots []string
	count := map[string]int{}
	for _, op := range ops {
		if count[op.Root]++; count[op.Root] == 1 {
			roots = append(roots, op.Root)
		}
	}
	if len(roots) < 2 {
		return ""
	}
	for i, root := range roots {
		roots[i] = fmt.Sprintf("%s %d", shown(term, root), count[root])
	}
	return " (" + strings.Join(roots, ", ") + ")"
}

// fileFromHere names the files of a plan from the current directory.
func fileFromHere(term *terminal, roots []*scan.Root) func(edit.File) string {
	return func(f edit.File) string {
		for _, root := range roots {
			if root.Key == f.Root {
				return filepath.ToSlash(filepath.Join(shown(term, root.Dir), filepath.FromSlash(f.Path)))
			}
		}
		return f.String()
	}
}
