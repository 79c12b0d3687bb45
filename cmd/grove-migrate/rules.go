package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/suggest"
)

func newRulesCommand(term *terminal) *cobra.Command {
	flags := &workspaceFlags{}
	cmd := &cobra.Command{
		Use: "rules", Short: "List the rules, or explain one", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	with := func(do func(pack *rules.Pack, args []string) error) func(*cobra.Command, []string) error {
		return func(_ *cobra.Command, args []string) error {
			pack, err := flags.load()
			if err != nil {
				return err
			}
			return do(pack, args)
		}
	}
	list := &cobra.Command{
		Use: "list", Short: "List the rules, each with what it recognises", Args: cobra.NoArgs,
		Example: "  grove-migrate rules list",
		RunE:    with(func(pack *rules.Pack, _ []string) error { return listRules(term, pack) }),
	}
	explain := &cobra.Command{
		Use: "explain RULE", Short: "Explain one rule, with an example", Args: cobra.ExactArgs(1),
		Example: "  grove-migrate rules explain tutor/python-command",
		RunE:    with(func(pack *rules.Pack, args []string) error { return explainRule(term, pack, args[0]) }),
	}
	for _, sub := range []*cobra.Command{list, explain} {
		sub.Flags().StringVar(&flags.pack, "pack", "", "rules from this `FILE` instead of those for tutor")
	}
	cmd.AddCommand(list, explain)
	return cmd
}

func listRules(term *terminal, pack *rules.Pack) error {
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	for _, r := range pack.Rules {
		step := r.Step
		if step == "" {
			step = "-"
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, step, r.Summary); err != nil {
			return err
		}
	}
	return w.Flush()
}

func explainRule(term *terminal, pack *rules.Pack, name string) error {
	r, ok := pack.Rule(name)
	if !ok {
		r, ok = pack.Rule(pack.Program.Name + "/" + name)
	}
	if !ok {
		return misuse("there is no rule %s%s", shownWord(name), cmp.Or(suggest.Meant(name, ruleNames(pack)), `; "grove-migrate rules list" shows all`))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", r.Name, r.Summary)
	if r.Detail != "" {
		fmt.Fprintf(&b, "\n%s", r.Detail)
	}
	for _, part := range []struct{ title, text string }{{"Before", r.Before}, {"After", r.After}} {
		if part.text != "" {
			fmt.Fprintf(&b, "\n%s:\n\n%s\n", part.title, indented(part.text))
		}
	}
	if r.Step != "" {
		fmt.Fprintf(&b, "\nStep: %s\n", r.Step)
	}
	if r.Since != "" {
		fmt.Fprintf(&b, "Since: %s\n", r.Since)
	}
	_, err := fmt.Fprint(term.out, b.String())
	return err
}

// ruleNames are the rules of a pack, in full and without the name of its program.
func ruleNames(pack *rules.Pack) []string {
	var full, short []string
	for _, r := range pack.Rules {
		full = append(full, r.Name)
		short = append(short, strings.TrimPrefix(r.Name, pack.Program.Name+"/"))
	}
	return append(full, short...)
}

func indented(text string) string {
	return strings.ReplaceAll("    "+strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    "), "    \n", "\n")
}
