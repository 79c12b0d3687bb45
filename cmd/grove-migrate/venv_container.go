package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// addPlace adds the flags that say where to work.
func (f *venvFlags) addPlace(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.place.Host, "host", false, "work on this machine, without a container")
	cmd.Flags().StringVar(&f.place.Image, "image", "", "the container's `IMAGE` (default: what the workspace says)")
	cmd.Flags().StringVar(&f.place.Engine, "engine", "", "docker or podman (default: the first on the path)")
}

// tellHere says why a tools container is not used, where one could be meant.
func tellHere(term *terminal, why string) {
	if why != "" {
		fmt.Fprintf(term.err, "grove-migrate: on this machine, and not in the tools container: %s\n", why)
	}
}

// inTools runs a command of `venv` in the tools container, when the workspace
// has one that can be used, and tells whether it did. Names are the instances.
func (f *venvFlags) inTools(cmd *cobra.Command, term *terminal, k *venv.Keeper, names []string) (bool, error) {
	tools, why, err := k.Where(f.place)
	if err != nil {
		return false, venvError(err)
	}
	if tools == nil {
		tellHere(term, why)
		return false, nil
	}
	ctx := cmd.Context()
	program := ""
	if own, err := os.Executable(); err == nil && runtime.GOOS == "linux" {
		program = own
	}
	user := venv.User{UID: os.Getuid(), GID: os.Getgid(), Terminal: isTerminal(term.in) && isTerminal(term.out) && isTerminal(term.err)}
	c := k.Inside(tools, user, program, inner(cmd, k, names))
	status, err := runInTools(ctx, term, c)
	switch {
	case err != nil:
		return true, &exitError{status: exitFailure, err: err}
	case status == exitOK:
		return true, built(cmd, f, k, names)
	case status <= exitFailure:
		return true, &exitError{status: status}
	case f.place.Engine == "" && f.place.Image == "" && !k.Answers(ctx, tools):
		tellHere(term, tools.Engine+" does not answer")
		return false, nil
	}
	return true, &exitError{status: exitFailure, err: fmt.Errorf("%s ended with status %d, and did not run in %s: what it says is above; --host works on this machine", tools.Engine, status, tools.Image)}
}

// built errs when a build in the container ended well and nothing came of it
// here: an engine on another machine mounts another directory.
func built(cmd *cobra.Command, f *venvFlags, k *venv.Keeper, names []string) error {
	if dry := cmd.Flags().Lookup("dry-run"); dry == nil || dry.Value.String() == "true" {
		return nil
	}
	instances, err := f.instances(k, names)
	if err != nil {
		return err
	}
	for _, inst := range instances {
		if _, err := venv.ReadState(inst.Env()); err != nil && !inst.Unused() {
			return &exitError{status: exitFailure, err: fmt.Errorf("instances/%s: the container ended well, and there is no environment here (%w): is the workspace on the machine of the engine? --host works on this machine", inst.Name, err)}
		}
	}
	return nil
}

// runInTools runs the engine and returns its exit status.
func runInTools(ctx context.Context, term *terminal, c venv.Command) (int, error) {
	const patience = 10 * time.Second // for a build to be undone after a signal
	cmd := exec.CommandContext(ctx, c.Path, c.Args[1:]...)
	cmd.Args[0], cmd.Env = c.Args[0], c.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = term.in, term.out, term.err
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// inner are the words after `venv` for the program in the container: the same
// command and instances with the flags that were given, less those that say
// where to work.
func inner(cmd *cobra.Command, k *venv.Keeper, names []string) []string {
	words := append([]string{cmd.Name()}, names...)
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		switch flag.Name {
		case "host", "image", "engine", "workspace":
			return
		case "wheelhouse":
			words = append(words, "--wheelhouse="+k.Flags.Wheelhouse)
			return
		case "find-links":
			for _, l := range k.Flags.FindLinks {
				words = append(words, "--find-links="+l)
			}
			return
		}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				words = append(words, "--"+flag.Name+"="+v)
			}
			return
		}
		words = append(words, "--"+flag.Name+"="+flag.Value.String())
	})
	return words
}
