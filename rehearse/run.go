package rehearse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
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
	Faults   []string        // of a pipeline: what is wrong whatever was before
	Not      []string        // of a pipeline: keywords that were not rehearsed
}

// attempt is one run of one command in one state.
type attempt struct {
	*rehearsal
	state   *state
	command Command
	dir     string // of the run, as this process sees it
	context standin.Context
}

// runDir is the directory of a run as its commands see it: the same for all, so that programs can be made beforehand. Where the
// system does not allow that, it is the only one, and runs wait for each other.
func (r *rehearsal) runDir() string { return filepath.Join(r.dir, "run") }

// run runs a command in a copy of a state that nothing has changed. Allowed are the arguments with which the program that all
// share answers after the migration.
func (r *rehearsal) run(ctx context.Context, which string, c Command, allowed [][]string) (_ Ran, err error) {
	a := &attempt{rehearsal: r, state: r.states[which], command: c, dir: r.runDir()}
	if r.Powers.Mounts {
		a.dir, err = os.MkdirTemp(r.dir, which+"-")
	} else {
		r.alone.Lock()
		defer r.alone.Unlock()
		err = os.MkdirAll(a.dir, 0o755)
	}
	if err != nil {
		return Ran{}, fmt.Errorf("make a directory for a run: %w", err)
	}
	defer func() { err = errors.Join(err, remove(a.dir)) }()
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

// prepare makes the directory of the run and, where it cannot be shown without copying, the copy.
func (a *attempt) prepare(allowed [][]string) error {
	for _, name := range []string{"home", "tmp", "over"} {
		if err := os.Mkdir(filepath.Join(a.dir, name), 0o755); err != nil {
			return fmt.Errorf("prepare a run: %w", err)
		}
	}
	if err := record.Prepare(a.dir, a.command.Answers, allowed); err != nil {
		return err
	}
	if !a.Powers.Mounts {
		if err := image.Tree(a.state.source, a.ws(), 0); err != nil {
			return err
		}
	}
	a.context = standin.Context{
		State: a.runDir(), Bin: a.state.bin, Program: a.Workspace.Pack.Program.Name, Real: map[string]string{}, Powers: a.Powers, Word: a.state.word, Cluster: a.place(a.cluster().Dir), Image: a.state.image,
		Answers: map[string]string{}, Setting: a.settings(), Shown: a.shown, Hidden: []string{a.states[before].source, filepath.Join(a.runDir(), "tmp")},
	}
	if other := a.states[after]; other != nil {
		a.context.Hidden = append(a.context.Hidden, other.source)
	}
	for _, name := range []string{"docker", "podman"} {
		if a.Docker {
			a.context.Real[name] = sandbox.Find(name, a.Environ, "")
		}
	}
	for _, root := range a.Workspace.Roots {
		a.context.Hidden = append(a.context.Hidden, root.Dir)
		maps.Copy(a.context.Answers, root.Config.StandIns)
	}
	return a.context.Save(a.dir)
}

// ws is where the copy lies that the run changes, when it has one of its own.
func (a *attempt) ws() string { return filepath.Join(a.runDir(), "ws") }

// place is where a path of the workspace is seen by a command: at its own place, or in the copy.
func (a *attempt) place(path string) string {
	if a.Powers.Mounts {
		return path
	}
	return a.places.in(a.ws(), path)
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
	own := a.index.Environment()
	if sandbox.Get(a.Environ, "GOCACHE") == "" {
		own = append(own, "GOCACHE="+filepath.Join(a.rehearsal.dir, "packages", "go"))
	}
	return append(own,
		"HOME="+filepath.Join(a.runDir(), "home"), "TMPDIR="+filepath.Join(a.runDir(), "tmp"), sandbox.Marker+"="+a.dir, "TERM=dumb",
		"PYTHONDONTWRITEBYTECODE=1", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_GLOBAL="+filepath.Join(a.runDir(), "home", ".gitconfig"),
		"GIT_AUTHOR_NAME=rehearsal", "GIT_AUTHOR_EMAIL=rehearsal@localhost", "GIT_COMMITTER_NAME=rehearsal", "GIT_COMMITTER_EMAIL=rehearsal@localhost",
	)
}

// mounts show the run's directory where programs know it, and the state at the workspace's own place, where the system allows it.
func (a *attempt) mounts() []sandbox.Mount {
	out := []sandbox.Mount{{Source: a.dir, Target: a.runDir()}}
	for _, root := range a.Workspace.Roots {
		out = append(out, sandbox.Mount{Source: a.places.in(a.state.source, root.Dir), Target: root.Dir, Copy: true})
	}
	slices.SortFunc(out[1:], func(x, y sandbox.Mount) int { return strings.Compare(x.Target, y.Target) })
	return append(out, a.shown...)
}

// job is the command as the sandbox runs it.
func (a *attempt) job() (sandbox.Command, error) {
	argv := a.command.Argv
	if argv == nil {
		shell := "sh"
		if sandbox.Find("bash", a.Environ, "") != "" {
			shell = "bash"
		}
		argv = []string{shell, "-c", a.command.Run}
	}
	dir := filepath.Join(a.command.Root.Dir, a.command.Directory)
	env := append(slices.Clone(a.Environ), a.own()...)
	env = append(env, "PATH="+a.state.bin+string(os.PathListSeparator)+sandbox.Get(a.Environ, "PATH"))
	var extra []string
	for _, name := range slices.Sorted(maps.Keys(a.command.Env)) {
		extra = append(extra, name+"="+a.command.Env[name])
	}
	job := sandbox.Command{Argv: argv, Directory: a.place(dir), Stdin: a.command.Stdin, Mounts: a.mounts(), Over: filepath.Join(a.dir, "over"), Timeout: a.Timeout, Networked: a.Networked}
	if !a.command.Container {
		job.Env = append(env, extra...)
		return job, nil
	}
	if a.context.Image == nil {
		return job, &NoContainerError{a.command.Title()}
	}
	cluster := a.cluster()
	at := cmp.Or(a.command.Mounted, a.context.Image.Workdir)
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
