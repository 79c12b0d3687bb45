package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gitlab.com/opencraft/dev/grove-migrate/suggest"
)

// Mistakes on the command line end with status 2 and are told in one line: where, what, and what to do.

// misuse is a mistake of the person who called.
func misuse(format string, a ...any) error {
	return &exitError{status: exitUsage, err: fmt.Errorf(format, a...)}
}

// wrongFlag tells a flag that does not exist, lacks its value or has one that it cannot take.
func wrongFlag(cmd *cobra.Command, err error) error {
	help := fmt.Sprintf("see %q", cmd.CommandPath()+" --help")
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		name := "--" + unknown.GetSpecifiedName()
		return misuse("%s has no flag %s%s", strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" "), name, cmp.Or(suggest.Meant(name, flagsOf(cmd)), "; "+help))
	}
	var value *pflag.InvalidValueError
	if !errors.As(err, &value) {
		return misuse("%w; %s", err, help)
	}
	takes := map[string]string{"bool": "true or false", "int": "a whole number", "duration": "a time, 90s or 5m for example"}[value.GetFlag().Value.Type()]
	if takes == "" {
		takes = "another value"
	}
	return misuse("--%s %s: expected %s; %s", value.GetFlag().Name, shownWord(value.GetValue()), takes, help)
}

// flagsOf are the flags of a command as they are typed.
func flagsOf(cmd *cobra.Command) []string {
	var out []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			out = append(out, "--"+f.Name)
		}
	})
	return out
}

// misuseOf makes wrong arguments of every command a mistake of the user, told with the way to its help.
func misuseOf(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) != nil {
				return better(cmd, args)
			}
			return nil
		}
	}
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = cobra.NoArgs
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		misuseOf(cmd)
		return
	}
	for _, sub := range cmd.Commands() {
		misuseOf(sub)
	}
}

// better says of wrong arguments what the command takes, and what may have been meant.
func better(cmd *cobra.Command, args []string) error {
	help := cmd.CommandPath() + " --help"
	if cmd.HasAvailableSubCommands() && len(args) > 0 {
		var known []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				known = append(known, sub.Name())
			}
		}
		return misuse("there is no command %s %s%s", cmd.CommandPath(), args[0], cmp.Or(suggest.Meant(args[0], known), fmt.Sprintf("; see %q", help)))
	}
	return misuse("wrong arguments; write %s; see %q", cmd.UseLine(), help)
}

// newHelpCommand is `help`, which errs when there is nothing to help with.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND...]", Short: "Help about any command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return better(about, rest)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// nothingEmpty refuses flags that were given without a value, as an unset variable of a script gives them: they would
// mean that nothing was asked for, and that everything is to be done.
func nothingEmpty(cmd *cobra.Command) error {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if len(values) == 0 || len(values) == 1 && values[0] == "" {
			err = misuse("--%s is empty: give it a value or leave it out", f.Name)
		}
	})
	return err
}

// readGiven reads a file that a flag names. Takes says what the flag wants.
func readGiven(path, takes string) ([]byte, error) {
	src, err := os.ReadFile(path)
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, misuse("%s: there is no such file; %s", path, takes)
	case errors.Is(err, syscall.EISDIR):
		return nil, misuse("%s: is a directory; %s", path, takes)
	case errors.As(err, &at):
		return nil, misuse("%s: %w; %s", path, at.Err, takes)
	}
	return src, err
}
