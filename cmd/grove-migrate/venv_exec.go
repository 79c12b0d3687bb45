package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// newVenvExec is `venv exec INSTANCE -- COMMAND...`.
func newVenvExec(term *terminal, flags *venvFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exec INSTANCE -- COMMAND...",
		Short: "Run one command in an instance's environment; build nothing",
		Long: `PATH, VIRTUAL_ENV, TUTOR_ROOT and TUTOR_PLUGINS_ROOT are set, and the command
takes the place of this program: signals reach it, and its exit status is ours.
What is missing or broken is refused with exit status 3, and so is a plugin
that is enabled and not installed, for Tutor itself only warns about it.`,
		Example: "  grove-migrate venv exec mysite -- tutor config printvalue LMS_HOST",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVenvExec(cmd.Context(), term, flags, args)
		},
	}
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func runVenvExec(ctx context.Context, term *terminal, flags *venvFlags, args []string) error {
	k, inst, err := oneInstance(term, flags, args[0])
	if err != nil {
		return err
	}
	argv := args[1:]
	if len(argv) > 0 && argv[0] == "--" {
		argv = argv[1:]
	}
	c, execErr := k.Exec(inst, argv)
	if execErr != nil && venvStatus(execErr) == exitUsage {
		return venvError(execErr)
	}
	if err := usable(ctx, term, k, inst, false); err != nil {
		return err
	}
	if execErr != nil {
		return venvError(execErr)
	}
	return become(c)
}

func oneInstance(term *terminal, flags *venvFlags, name string) (*venv.Keeper, venv.Instance, error) {
	k, err := flags.keeper(term)
	if err != nil {
		return nil, venv.Instance{}, err
	}
	inst, err := k.Workspace.Instance(strings.TrimSuffix(name, "/"))
	return k, inst, venvError(err)
}

// usable refuses an environment in which nothing may be run, and warns of
// drift. elsewhere is true when it will be used in a container, whose
// interpreter cannot be seen from here.
func usable(ctx context.Context, term *terminal, k *venv.Keeper, inst venv.Instance, elsewhere bool) error {
	v, err := k.Check(ctx, inst, venv.Question{Quick: true})
	if err != nil {
		return venvError(err)
	}
	for _, r := range v.Unusable() {
		if elsewhere && strings.HasPrefix(r.Code, "interpreter-") {
			continue
		}
		return &exitError{status: exitFailure, err: fmt.Errorf("instances/%s: %s; %s", inst.Name, r.Text, r.Remedy(inst.Name))}
	}
	if why := v.Elsewhere(); why != "" && !elsewhere {
		return &exitError{status: exitFailure, err: fmt.Errorf("instances/%s: %s", inst.Name, why)}
	}
	if v.Tutor == "" {
		fmt.Fprintf(term.err, "grove-migrate: warning: instances/%s: there is no Tutor in the environment: a tutor that a script finds is another one's\n", inst.Name)
	}
	if v.Status == venv.Drifted {
		fmt.Fprintf(term.err, "grove-migrate: warning: instances/%s: %s; `grove-migrate venv update %s` makes it match\n", inst.Name, v.Why(), inst.Name)
	}
	return nil
}

// become replaces this process.
func become(c venv.Command) error {
	if c.Dir != "" {
		if err := os.Chdir(c.Dir); err != nil {
			return &exitError{status: exitFailure, err: err}
		}
	}
	err := syscall.Exec(c.Path, c.Args, c.Env)
	return &exitError{status: exitFailure, err: c.Explain(err)}
}

// newVenvActivate is `venv activate INSTANCE`, with the name `shell` too, under
// which Grove shipped it.
func newVenvActivate(term *terminal, flags *venvFlags) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:     "activate INSTANCE [-- COMMAND...]",
		Aliases: []string{"shell"},
		Short:   "Start a shell in the tools container, or here, with an environment active",
		Long: `The shell runs in the workspace's tools container: the image is
TOOLS_CONTAINER_IMAGE of private.yml or cluster.yml, else that of
grove/tools-container/ci_vars.yml. The workspace is mounted at /workspace, and
what is written belongs to you. Without a tools container, in a pipeline's job
and with --host the shell runs on this machine.`,
		Example: "  grove-migrate venv activate mysite\n  grove-migrate venv activate mysite --host\n  grove-migrate venv activate mysite --dry-run",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 && cmd.ArgsLenAtDash() != 1 {
				return misuse("%s is one argument too many: name one INSTANCE, and write a command after --", shownWord(args[1]))
			}
			return runVenvActivate(cmd.Context(), term, flags, dry, args)
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print the command line and run nothing")
	flags.addPlace(cmd)
	return cmd
}

func runVenvActivate(ctx context.Context, term *terminal, flags *venvFlags, dry bool, args []string) error {
	k, inst, err := oneInstance(term, flags, args[0])
	if err != nil {
		return err
	}
	tools, why, err := k.Where(flags.place)
	if err != nil {
		return venvError(err)
	}
	if !dry {
		if err := usable(ctx, term, k, inst, tools != nil); err != nil {
			return err
		}
	}
	if tools == nil {
		tellHere(term, why)
		return hostShell(term, k, inst, args[1:], dry)
	}
	user := venv.User{UID: os.Getuid(), GID: os.Getgid(), Terminal: isTerminal(term.in) && isTerminal(term.out)}
	c := k.Shell(tools, user, inst, args[1:])
	if dry {
		fmt.Fprintln(term.out, c.Quoted())
		return nil
	}
	return become(c)
}

func hostShell(term *terminal, k *venv.Keeper, inst venv.Instance, argv []string, dry bool) error {
	var c venv.Command
	var err error
	kept := new(startFiles)
	if len(argv) > 0 {
		c, err = k.Exec(inst, argv)
	} else {
		c, err = k.Host(inst, kept.store)
	}
	if err != nil || dry {
		kept.remove()
	}
	if err != nil {
		return venvError(err)
	}
	if dry {
		fmt.Fprintln(term.out, k.Activated(inst, argv))
		return nil
	}
	err = become(c)
	kept.remove()
	return err
}

// startFiles are what a shell reads when it starts, kept where it finds them
// and nobody else does.
type startFiles struct {
	dir   string
	pipes []*os.File // open until the shell has taken our place
}

// store keeps a text without a name in a pipe, which this process leaves to the
// shell: the text is far below what a pipe holds, so nothing waits for a reader.
func (s *startFiles) store(name, text string) (path string, err error) {
	if name == "" {
		r, w, err := os.Pipe()
		if err != nil {
			return "", err
		}
		s.pipes = append(s.pipes, r)
		_, err = w.WriteString(text)
		if err = errors.Join(err, w.Close()); err != nil {
			return "", err
		}
		_, err = unix.FcntlInt(r.Fd(), unix.F_SETFD, 0)
		return fmt.Sprintf("/dev/fd/%d", r.Fd()), err
	}
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "grove-migrate-"); err != nil {
			return "", err
		}
	}
	path = filepath.Join(s.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

func (s *startFiles) remove() {
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
