package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report"
	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// Completion: what a shell offers for arguments and for the values of flags.

// newCompletionCommand prints the completion of a shell.
func newCompletionCommand(term *terminal) *cobra.Command {
	cmd := &cobra.Command{Use: "completion", Short: "Print the completion of bash, zsh or fish", Args: cobra.NoArgs}
	for _, shell := range []struct {
		name, load string
		print      func(*cobra.Command) error
	}{
		{"bash", "source <(grove-migrate completion bash)", func(root *cobra.Command) error {
			var b strings.Builder
			if err := root.GenBashCompletionV2(&b, true); err != nil {
				return err
			}
			// bash puts a backslash before a comma, which needs none and would end the completion of a list.
			_, err := fmt.Fprint(term.out, wordsOfBash, strings.Replace(b.String(), quotedReply, quotedReply+"\n            COMPREPLY[0]=${COMPREPLY[0]//\\\\,/,}", 1))
			return err
		}},
		{"zsh", `grove-migrate completion zsh >"${fpath[1]}/_grove-migrate"`, func(root *cobra.Command) error { return root.GenZshCompletion(term.out) }},
		{"fish", "grove-migrate completion fish >~/.config/fish/completions/grove-migrate.fish", func(root *cobra.Command) error { return root.GenFishCompletion(term.out, true) }},
	} {
		cmd.AddCommand(&cobra.Command{
			Use: shell.name, Short: "Print the completion of " + shell.name, Args: cobra.NoArgs,
			Long:    "Print what lets " + shell.name + " complete commands, flags and what they take. The example\nloads it; a new shell knows it then.",
			Example: "  " + shell.load,
			RunE:    func(cmd *cobra.Command, _ []string) error { return shell.print(cmd.Root()) },
		})
	}
	return cmd
}

// quotedReply is the line of the script for bash that quotes the one word that fits.
const quotedReply = `COMPREPLY[0]=$(printf "%q" "${COMPREPLY[0]}")`

// wordsOfBash stands in for what the script needs of the package bash-completion, where that is not loaded.
const wordsOfBash = `if ! declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref() {
        local line=${COMP_LINE:0:COMP_POINT}
        read -r -a words <<<"$line"
        [[ -n $line && $line != *[[:space:]] ]] || words+=("")
        cword=$((${#words[@]} - 1))
        cur=${words[cword]}
        prev=${words[cword - 1]}
    }
    _filedir() {
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen "${1:--f}" -- "$cur")
    }
fi
`

// offer tells a shell what can stand behind a command's word or flag.
type offer func(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective)

// addOffers gives the flags and arguments of all commands what shells offer for them.
func addOffers(root *cobra.Command, term *terminal) {
	of := func(path ...string) *cobra.Command {
		cmd, _, err := root.Find(path)
		if err != nil {
			panic(err)
		}
		return cmd
	}
	classes, steps := texts(report.Classes()), texts(step.Names())
	for _, o := range []struct {
		cmd   *cobra.Command
		flag  string
		offer offer
	}{
		{of("scan"), "format", words(scanFormats())},
		{of("scan"), "class", list(classes)},
		{of("scan"), "role", roles()},
		{of("apply"), "format", words(planFormats())},
		{of("apply"), "only", list(steps)},
		{of("apply"), "role", roles()},
		{of("rehearse"), "format", words(rehearseFormats())},
		{of("rehearse"), "real", words(realPrograms())},
		{of("rehearse"), "role", roles()},
		{of("rehearse"), "pipeline", words(pipelines())},
		{of("rehearse"), "instance", instancesOfRoots},
	} {
		if err := o.cmd.RegisterFlagCompletionFunc(o.flag, o.offer); err != nil {
			panic(err)
		}
	}
	for _, name := range []string{"apply", "rehearse", "rollback"} {
		of(name).ValidArgsFunction = directories
	}
	of("rules", "explain").ValidArgsFunction = ruleArgument
	for _, cmd := range of("venv").Commands() {
		cmd.ValidArgsFunction = instanceArguments(term)
	}
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// words offers one of some words.
func words(known []string) offer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return known, cobra.ShellCompDirectiveNoFileComp
	}
}

// list offers words to put behind each other with commas, each once.
func list(known []string) offer {
	return func(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
		before := start[:strings.LastIndex(start, ",")+1]
		given := strings.Split(before, ",")
		var out []string
		for _, word := range known {
			if !slices.Contains(given, word) {
				out = append(out, before+word)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// roles offers ROLE=ROOT for each root that is given, and ROLE= where none is.
func roles() offer {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		if len(args) == 0 {
			args, directive = []string{""}, directive|cobra.ShellCompDirectiveNoSpace
		}
		var out []string
		for _, role := range scan.Roles() {
			for _, root := range args {
				out = append(out, role+"="+root)
			}
		}
		return out, directive
	}
}

func directories(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// ruleArgument offers the rules of the pack that is given.
func ruleArgument(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	flags := &workspaceFlags{pack: cmd.Flag("pack").Value.String()}
	pack, err := flags.load()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, r := range pack.Rules {
		out = append(out, cobra.CompletionWithDesc(r.Name, r.Summary))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// instanceArguments offers the instances of the workspace that are not named yet. Behind the one that exec and activate take
// comes a command.
func instanceArguments(term *terminal) offer {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if one := cmd.Name() == "exec" || cmd.Name() == "activate"; one && len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		dir := term.dir
		if given := cmd.Flag("workspace").Value.String(); given != "" {
			dir = absolute(term, given)
		}
		w, err := venv.FindWorkspace(dir)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return instancesOf(w, args), cobra.ShellCompDirectiveNoFileComp
	}
}

// instancesOfRoots offers the instances of all roots that are given.
func instancesOfRoots(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var out []string
	for _, root := range args {
		if info, err := os.Stat(filepath.Join(root, "instances")); err == nil && info.IsDir() {
			out = append(out, instancesOf(venv.Workspace{Root: root}, out)...)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// instancesOf are the names of a workspace's instances, without those that are known already.
func instancesOf(w venv.Workspace, known []string) []string {
	all, err := w.Instances()
	if err != nil {
		return nil
	}
	var out []string
	for _, instance := range all {
		if !slices.Contains(known, instance.Name) {
			out = append(out, instance.Name)
		}
	}
	return out
}
