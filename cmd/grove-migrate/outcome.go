package main

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// tell says on standard error what became of the plan: what was left out, what is to be decided, and what comes next. With
// --show it says everything.
func (o *applyOptions) tell(term *terminal, p *plan.Plan, args []string) {
	var b strings.Builder
	if o.dryRun && len(p.Files) > 0 {
		fmt.Fprintf(&b, "%s would be written%s\n", plural(len(p.Files), "file"), spread(term, p.Ops()))
	}
	unsafe := 0
	for _, d := range p.Dropped {
		if d.Reason == edit.BelowBar && d.Fix.Applicability == edit.Unsafe && !o.show {
			unsafe++
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", d.Fix, d.Why())
	}
	if unsafe > 0 {
		fmt.Fprintf(&b, "%s not applied: unsafe, give --unsafe\n", plural(unsafe, "fix"))
	}
	if n := len(p.Report.Skipped); n > 0 {
		lacking := ""
		if p.Report.Incomplete() {
			lacking = ", so that coverage is incomplete"
		}
		fmt.Fprintf(&b, "%s skipped, or read only in part%s: \"%s\" says which and why\n", plural(n, "path"), lacking, command("scan", args))
	}
	if !o.dryRun {
		p.Notes = p.NotesAfter()
	}
	list := p.List()
	list.Name = fileFromHere(term, p.Report.Roots)
	list.More = command("apply", []string{"--dry-run", "--show"}, typed(o.given, planned...), args)
	if o.show {
		b.WriteString(list.Text())
	} else {
		if o.dryRun && len(p.Files) > 0 {
			list.First = o.next(term, p, args)
		}
		b.WriteString(list.Screen())
	}
	fmt.Fprint(term.err, fold(b.String(), term.errWidth))
	tellEmpty(term, p.Report, o.program)
}

// tellEmpty helps who has named the wrong directory.
func tellEmpty(term *terminal, r *scan.Report, program string) {
	if len(r.Files) == 0 {
		fmt.Fprintf(term.err, "no file there names %s: give the directories of Grove's repositories, as in \"grove-migrate scan grove grove-template my-cluster\"\n", program)
	}
}

// planned are the flags that say what a plan is.
var planned = []string{"role", "pack", "only", "unsafe", "allow-dirty", "bump-image", "no-launcher", "list-unused"}

// next are the commands that follow a dry run: what compares the calls before and after, where one is known, and what writes it.
func (o *applyOptions) next(term *terminal, p *plan.Plan, args []string) []string {
	compare := command("rehearse", typed(o.given, "role", "pack"), args)
	apply := command("apply", typed(o.given, planned...), args)
	if slices.ContainsFunc(p.Report.Roots, func(r *scan.Root) bool { return len(r.Config.Rehearse) > 0 }) {
		return []string{compare, apply}
	}
	if wrapper := wrapped(term, p.Report.Roots, o.program); wrapper != "" {
		return []string{compare + " -- " + wrapper, apply}
	}
	return []string{apply}
}

// wrapped is a call of the program through a cluster's wrapper, for an instance of its own; empty where there is none.
func wrapped(term *terminal, roots []*scan.Root, program string) string {
	for _, root := range roots {
		instances := instancesOf(venv.Workspace{Root: root.Dir}, nil)
		for _, l := range root.Tree.Links {
			if root.Role == scan.RoleCluster && len(instances) > 0 && l.Target != "" && path.Base(l.Path) == program {
				return rehearse.Words([]string{shown(term, filepath.Join(root.Dir, l.Path)), instances[0], "config", "save"})
			}
		}
	}
	return ""
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
