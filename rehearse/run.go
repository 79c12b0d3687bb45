package rehearse

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/image"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/standin"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// Ran is what a command did in one of the states.
type Ran struct {
	Status   int
	TimedOut bool
	Output   string
	Calls    []Call
	Events   []standin.Event // of what was stood in for
}

// attempt is one run of one command in one state.
type attempt struct {
	*rehearsal
	state   *state
	command Command
	dir     string // of the run
	ws      string // the copy that it runs in
	context standin.Context
}

// run runs a command in a fresh copy of a state. Allowed are the arguments with which the program that all share answers after
// the migration.
func (r *rehearsal) run(ctx context.Context, number int, which string, c Command, allowed [][]string) (Ran, error) {
	dir, err := os.MkdirTemp(r.dir, fmt.Sprintf("%s-%d-", which, number))
	if err != nil {
		return Ran{}, fmt.Errorf("make a directory for a run: %w", err)
	}
	a := &attempt{rehearsal: r, state: r.states[which], command: c, dir: dir, ws: filepath.Join(dir, "ws")}
	defer func() { _ = remove(dir) }() // the whole rehearsal's directory is removed in the end, and errs then
	if err := a.prepare(allowed); err != nil {
		return Ran{}, err
	}
	if c.Pipeline != "" {
		return a.pipeline(ctx)
	}
	job, err := a.job()
	if err != nil {
		return Ran{}, err
	}
	out, err := r.Powers.Run(ctx, job)
	if err != nil {
		return Ran{}, err
	}
	return a.collect(out)
}

// collect reads what a run left.
func (a *attempt) collect(out sandbox.Outcome) (Ran, error) {
	recorded, err := record.Read(a.dir)
	if err != nil {
		return Ran{}, err
	}
	events, err := standin.Events(a.dir)
	if err != nil {
		return Ran{}, err
	}
	ran := Ran{Status: out.Status, TimedOut: out.TimedOut, Output: a.neutral(string(out.Output)), Events: events}
	for _, c := range recorded {
		ran.Calls = append(ran.Calls, a.call(c))
	}
	return ran, nil
}

// prepare makes the copy, the recorders and the stand-ins.
func (a *attempt) prepare(allowed [][]string) error {
	for _, name := range []string{"calls", "home", "tmp", "bin"} {
		if err := os.Mkdir(filepath.Join(a.dir, name), 0o755); err != nil {
			return fmt.Errorf("prepare a run: %w", err)
		}
	}
	if err := image.Tree(a.state.source, a.ws, 0); err != nil {
		return err
	}
	a.context = standin.Context{State: a.dir, Powers: a.Powers, Word: a.state.word, Cluster: a.place(a.cluster().Dir), Setting: a.settings(), Answers: map[string]string{}}
	for _, root := range a.Workspace.Roots {
		a.context.Hidden = append(a.context.Hidden, root.Dir)
		maps.Copy(a.context.Answers, root.Config.StandIns)
	}
	a.context.Hidden = append(a.context.Hidden, a.ws, filepath.Join(a.dir, "tmp"))
	if err := a.recorders(allowed); err != nil {
		return err
	}
	return a.container()
}

// recorders puts the recorder where the program is looked for: on the path, and in the environment of each instance.
func (a *attempt) recorders(allowed [][]string) error {
	pack := a.Workspace.Pack
	r := record.Recorder{
		Program: pack.Program.Name, State: a.dir, RootEnv: pack.Instance.RootEnv[0], RootOptions: pack.Instance.RootOptions,
		Answers: a.command.Answers, Who: record.Global,
	}
	shared := r
	shared.Trip, shared.Allowed = a.state.name == after && !a.Lenient, allowed
	if err := program(filepath.Join(a.dir, "bin", pack.Program.Name), shared.Script()); err != nil {
		return err
	}
	if a.command.Pipeline != "" {
		return nil
	}
	for _, root := range a.Workspace.Roots {
		place := a.places.in(a.ws, root.Dir)
		names, err := instances(place, pack.Instance.Dir)
		if err != nil {
			return err
		}
		for _, name := range names {
			r.Who = name
			if err := a.environment(filepath.Join(place, pack.Instance.Dir, name, pack.Instance.Env), r); err != nil {
				return err
			}
		}
	}
	return nil
}

// environment makes an environment with nothing but a recorder and an interpreter in it.
func (a *attempt) environment(dir string, r record.Recorder) error {
	if _, err := os.Lstat(dir); err == nil {
		return nil
	}
	activate := "VIRTUAL_ENV=" + record.Quote(dir) + "\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\ndeactivate() { PATH=\"${PATH#*:}\"; unset VIRTUAL_ENV; }\n"
	for name, text := range map[string]string{
		"bin/" + r.Program: r.Script(), "bin/activate": activate, "pyvenv.cfg": "home = " + filepath.Dir(a.state.base) + "\ninclude-system-site-packages = false\n",
	} {
		if err := program(filepath.Join(dir, name), text); err != nil {
			return err
		}
	}
	if a.state.base != "" {
		for _, name := range []string{"python", "python3"} {
			if err := os.Symlink(a.state.base, filepath.Join(dir, "bin", name)); err != nil {
				return fmt.Errorf("prepare a run: %w", err)
			}
		}
	}
	return nil
}

func program(name, text string) error {
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o755)
	}
	if err != nil {
		return fmt.Errorf("prepare a run: %w", err)
	}
	return nil
}

// container gives the run the tools container of its state, with the recorder and the stand-ins in it.
func (a *attempt) container() error {
	bin := filepath.Join(a.dir, "bin")
	if a.state.image != nil {
		img := *a.state.image
		img.Dir = filepath.Join(a.dir, "image")
		if err := image.Tree(a.state.image.Dir, img.Dir, 0); err != nil {
			return err
		}
		a.context.Image = &img
	}
	if err := a.context.Install(bin, a.Start); err != nil {
		return err
	}
	if a.context.Image == nil {
		return nil
	}
	inside := filepath.Join(a.context.Image.Dir, "usr/local/bin")
	if a.state.python != "" {
		for _, name := range []string{"python3", "python"} {
			if err := program(filepath.Join(inside, name), "#!/bin/sh\nexec "+record.Quote(a.state.python)+" \"$@\"\n"); err != nil {
				return err
			}
		}
	}
	entries, err := os.ReadDir(bin)
	if err != nil {
		return fmt.Errorf("prepare a run: %w", err)
	}
	for _, e := range entries {
		target := filepath.Join(inside, e.Name())
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		if err := image.Tree(filepath.Join(bin, e.Name()), target, 0); err != nil {
			return err
		}
	}
	return nil
}

// place is where a path of the workspace is seen by a command: at its own place, or in the copy.
func (a *attempt) place(path string) string {
	if a.Powers.Mounts {
		return path
	}
	return a.places.in(a.ws, path)
}

// cluster is the root that a container of this command sees: its own, or the first that has instances.
func (a *attempt) cluster() *scan.Root {
	if root := a.command.Root; root.Role == scan.RoleCluster || root.Role == scan.RoleTemplate {
		return root
	}
	for _, role := range []string{scan.RoleCluster, scan.RoleTemplate} {
		for _, root := range a.Workspace.Roots {
			if root.Role == role {
				return root
			}
		}
	}
	return a.command.Root
}

// settings are the variables of the rehearsal's own, which reach containers too.
func (a *attempt) settings() []string {
	var names []string
	for _, v := range a.own() {
		name, _, _ := strings.Cut(v, "=")
		if name != "PATH" && name != "HOME" {
			names = append(names, name)
		}
	}
	return names
}

// own are the variables of the rehearsal's own.
func (a *attempt) own() []string {
	return []string{
		"HOME=" + filepath.Join(a.dir, "home"), "TMPDIR=" + filepath.Join(a.dir, "tmp"), sandbox.Marker + "=" + a.dir, "TERM=dumb",
		"PYTHONDONTWRITEBYTECODE=1", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_GLOBAL=" + os.DevNull,
	}
}

// mounts show the copy at the workspace's own place, where the system allows it.
func (a *attempt) mounts() []sandbox.Mount {
	var out []sandbox.Mount
	for _, root := range a.Workspace.Roots {
		out = append(out, sandbox.Mount{Source: a.places.in(a.ws, root.Dir), Target: root.Dir})
	}
	slices.SortFunc(out, func(x, y sandbox.Mount) int { return strings.Compare(x.Target, y.Target) })
	return out
}

// job is the command as the sandbox runs it.
func (a *attempt) job() (sandbox.Command, error) {
	argv := a.command.Argv
	if argv == nil {
		shell := "sh"
		if present("bash", a.Environ) {
			shell = "bash"
		}
		argv = []string{shell, "-c", a.command.Run}
	}
	dir := filepath.Join(a.command.Root.Dir, a.command.Directory)
	env := append(slices.Clone(a.Environ), a.own()...)
	env = append(env, "PATH="+filepath.Join(a.dir, "bin")+string(os.PathListSeparator)+sandbox.Get(a.Environ, "PATH"))
	var extra []string
	for _, name := range slices.Sorted(maps.Keys(a.command.Env)) {
		extra = append(extra, name+"="+a.command.Env[name])
	}
	job := sandbox.Command{Argv: argv, Directory: a.place(dir), Stdin: a.command.Stdin, Mounts: a.mounts(), Timeout: a.Timeout, Networked: a.Networked}
	if !a.command.Container {
		job.Env = append(env, extra...)
		return job, nil
	}
	if a.context.Image == nil {
		return job, &NoContainerError{a.command.Title()}
	}
	cluster := a.cluster()
	at := a.context.Image.Workdir
	inside := filepath.Join(at, relative(cluster.Dir, dir))
	box := standin.Container{
		Env: append([]string{a.Workspace.Pack.Instance.Workspace.Name + "=" + at}, extra...), Dir: inside, Entrypoint: []string{}, Command: argv,
		Mounts: []sandbox.Mount{{Source: a.place(cluster.Dir), Target: at}},
	}
	job.Argv, job.Env, job.Directory = a.context.Enter(box, env)
	return job, nil
}

// NoContainerError says that a command is to run in the tools container and the workspace has none.
type NoContainerError struct{ Command string }

func (e *NoContainerError) Error() string {
	return e.Command + ": is to run in the tools container, and no root has a Dockerfile for it: name the Grove repository as a root too"
}

// relative is the path to a directory inside a base; what lies beside the base is reached through it.
func relative(base, dir string) string {
	if rel, err := filepath.Rel(base, dir); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return filepath.Base(dir)
}

// present reports whether a program is on the path of an environment.
func present(name string, environ []string) bool {
	for _, dir := range filepath.SplitList(sandbox.Get(environ, "PATH")) {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}
