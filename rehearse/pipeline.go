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

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/git"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/pipeline"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/standin"
)

// mainPipeline is the file of a repository's own pipeline.
const mainPipeline = ".gitlab-ci.yml"

// pipeline runs a pipeline of the command's root: the one of its file, or those of the life of an instance.
func (a *attempt) pipeline(ctx context.Context) (Ran, error) {
	runner, err := a.runner(ctx)
	if err != nil {
		return Ran{}, err
	}
	ran := Ran{}
	for _, s := range a.steps() {
		if err := commit(ctx, runner.Repository, s.message); err != nil {
			return Ran{}, err
		}
		runner.Made = nil
		green, err := s.run(ctx, runner)
		var refused *pipeline.Error
		if err != nil && !errors.As(err, &refused) {
			return Ran{}, err
		}
		if refused != nil {
			ran.Faults, ran.Status = append(ran.Faults, refused.Error()), 1
			break
		}
		for _, file := range slices.Sorted(maps.Keys(runner.Made)) {
			if jobs := runner.Made[file]; len(jobs) > 1 {
				ran.Faults = append(ran.Faults, fmt.Sprintf("the environment of %s is built more than once in a pipeline: by %s", filepath.Base(filepath.Dir(filepath.Dir(file))), strings.Join(jobs, ", ")))
			}
		}
		if !green {
			ran.Status = 1
			break
		}
	}
	output := ""
	for _, done := range runner.Log {
		output += fmt.Sprintf("job %s: exit status %d\n%s", done.Name, done.Status, done.Output)
	}
	out, err := a.collect(sandbox.Outcome{Status: ran.Status, Output: []byte(output)})
	out.Faults, out.Not = ran.Faults, runner.Not
	return out, err
}

// step is one pipeline of a rehearsal, or what comes before it.
type step struct {
	message string // of the commit
	run     func(context.Context, *pipeline.Runner) (bool, error)
}

// steps are the pipelines that the command names, in their order.
func (a *attempt) steps() []step {
	name := a.command.Instance
	of := func(file, message string, more map[string]string) step {
		return step{message, func(ctx context.Context, r *pipeline.Runner) (bool, error) {
			env := a.predefined(r, message)
			maps.Copy(env, more)
			maps.Copy(env, a.command.Env)
			return r.Run(ctx, file, env)
		}}
	}
	trigger := func(variable string) step {
		return of(mainPipeline, "Merge branch 'change'", map[string]string{variable: "1", "INSTANCE_NAME": name, "DEPLOYMENT_REQUEST_ID": "1", "CI_PIPELINE_SOURCE": "trigger"})
	}
	switch a.command.Pipeline {
	case "create":
		name = cmp.Or(name, "rehearsed")
		first := a.byHand(cmp.Or(a.command.Run, "grove new "+name))
		if a.mentions("NEW_INSTANCE_TRIGGER") {
			first = append([]step{trigger("NEW_INSTANCE_TRIGGER")}, a.byHand(a.command.Run)...)
		}
		return append(first, of(mainPipeline, "[AutoDeploy][Create] "+name+"|1", nil))
	case "update":
		return append(a.byHand(a.command.Run), of(mainPipeline, "[AutoDeploy][Update] "+cmp.Or(name, a.first())+"|1", nil))
	case "archive":
		name = cmp.Or(name, a.first())
		steps := []step{of(mainPipeline, "[AutoDeploy][Archive] "+name, nil)}
		if a.mentions("ARCHIVE_INSTANCE_TRIGGER") {
			steps = append([]step{trigger("ARCHIVE_INSTANCE_TRIGGER")}, steps...)
		}
		return steps
	}
	return append(a.byHand(a.command.Run), of(a.command.Pipeline, cmp.Or(a.command.Env["CI_COMMIT_MESSAGE"], "change"), nil))
}

// first is the first instance of the command's root.
func (a *attempt) first() string {
	names, err := instances(a.places.in(a.state.source, a.command.Root.Dir), a.Workspace.Pack.Instance.Dir)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}

// mentions reports whether a pipeline of the command's root asks for a variable.
func (a *attempt) mentions(variable string) bool {
	for _, file := range a.command.Root.Tree.Files {
		if ext := filepath.Ext(file); ext != ".yml" && ext != ".yaml" {
			continue
		}
		src, err := os.ReadFile(filepath.Join(a.places.in(a.state.source, a.command.Root.Dir), file))
		if err == nil && strings.Contains(string(src), variable) {
			return true
		}
	}
	return false
}

// byHand is what a person does in the repository before a commit; nothing when the script is empty.
func (a *attempt) byHand(script string) []step {
	if script == "" {
		return nil
	}
	return []step{{"before a commit", func(ctx context.Context, r *pipeline.Runner) (bool, error) {
		env := a.predefined(r, "")
		env["CI_PROJECT_DIR"] = r.Repository
		status, output, _, err := a.script(ctx, "by hand", "set -e\n"+script+"\n", r.Repository, env)
		r.Log = append(r.Log, pipeline.Finished{Name: "by hand", Status: status, Output: output})
		return status == 0, err
	}}}
}

// runner makes the repository of a pipeline: what is committed of the command's root.
func (a *attempt) runner(ctx context.Context) (*pipeline.Runner, error) {
	root := a.command.Root
	source := a.places.in(a.state.source, root.Dir)
	repository := filepath.Join(a.dir, "repository", filepath.Base(root.Dir))
	if err := os.MkdirAll(filepath.Dir(repository), 0o755); err != nil {
		return nil, fmt.Errorf("make the repository of a pipeline: %w", err)
	}
	if !root.Tree.Git {
		if err := checkIn(ctx, source); err != nil {
			return nil, err
		}
	}
	if err := git.Run(ctx, "", nil, "clone", "--quiet", source, repository); err != nil {
		return nil, fmt.Errorf("make the repository of a pipeline: %w", err)
	}
	if err := pipeline.ShowBeside(source, repository); err != nil {
		return nil, err
	}
	return &pipeline.Runner{
		Repository: repository, Builds: filepath.Join(a.dir, "builds"), Store: filepath.Join(a.dir, "store"), Script: a.script,
		Watched: filepath.Join(a.Workspace.Pack.Instance.Dir, "*", a.Workspace.Pack.Instance.Env, "pyvenv.cfg"),
		Project: func(name string) string {
			for _, other := range a.Workspace.Roots {
				if filepath.Base(other.Dir) == filepath.Base(name) {
					return a.places.in(a.state.source, other.Dir)
				}
			}
			return ""
		},
	}, nil
}

// predefined are the variables that GitLab gives a pipeline.
func (a *attempt) predefined(r *pipeline.Runner, message string) map[string]string {
	name := filepath.Base(r.Repository)
	return map[string]string{
		"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_REF_SLUG": "main",
		"CI_COMMIT_MESSAGE": message, "CI_COMMIT_TITLE": strings.SplitN(message, "\n", 2)[0], "CI_PIPELINE_SOURCE": "push", "CI_PIPELINE_ID": "1", "CI_JOB_ID": "1",
		"CI_COMMIT_SHA": strings.Repeat("0123456789", 4), "CI_COMMIT_SHORT_SHA": "01234567", "CI_PROJECT_NAME": name, "CI_PROJECT_PATH": "group/" + name, "CI_PROJECT_ID": "1",
		"CI_REGISTRY": "registry.example", "CI_REGISTRY_USER": "user", "CI_REGISTRY_PASSWORD": "password", "CI_REGISTRY_IMAGE": "registry.example/group/" + name,
		"CI_SERVER_HOST": "gitlab.example", "CI_SERVER_URL": "https://gitlab.example", "CI_API_V4_URL": "https://gitlab.example/api/v4", "CI_JOB_TOKEN": "token",
		"CI_PROJECT_URL": "https://gitlab.example/group/" + name, "GITLAB_USER_LOGIN": "user", "GITLAB_USER_EMAIL": "user@example.org", "GITLAB_USER_NAME": "user",
	}
}

// script runs the script of a job in its checkout, in the tools container. Jobs run at different places.
func (a *attempt) script(ctx context.Context, job, script, checkout string, env map[string]string) (int, string, bool, error) {
	inside := checkout
	if a.Powers.Mounts {
		inside = filepath.Join("/builds", fmt.Sprintf("%x", len(job)), filepath.Base(checkout))
	}
	seen := filepath.Join(a.runDir(), strings.TrimPrefix(checkout, a.dir))
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+strings.ReplaceAll(env[name], checkout, inside))
	}
	own := append(slices.Clone(a.Environ), a.own()...)
	own = append(own, "PATH="+a.state.bin+string(os.PathListSeparator)+sandbox.Get(a.Environ, "PATH"))
	c := sandbox.Command{Argv: []string{"bash", "-c", script}, Directory: seen, Env: append(own, list...), Mounts: a.mounts(), Over: filepath.Join(a.dir, "over"), Timeout: a.Timeout, Networked: a.Networked}
	if a.context.Image != nil {
		box := standin.Container{Env: list, Dir: inside, Entrypoint: []string{}, Command: c.Argv, Mounts: []sandbox.Mount{{Source: seen, Target: inside}}}
		if a.Powers.Mounts {
			for _, link := range sandbox.Beside(a.command.Root.Dir) {
				box.Mounts = append(box.Mounts, sandbox.Mount{Source: filepath.Join(a.command.Root.Dir, link), Target: filepath.Join(inside, link)})
			}
		}
		c.Argv, c.Env, c.Directory = a.context.Enter(box, own)
	}
	was, err := standin.Events(a.dir)
	if err != nil {
		return 0, "", false, err
	}
	out, err := a.Powers.Run(ctx, c)
	if err != nil {
		return 0, "", false, err
	}
	is, err := standin.Events(a.dir)
	if err != nil {
		return 0, "", false, err
	}
	pushed := slices.ContainsFunc(is[len(was):], func(e standin.Event) bool { return e.Program == "git" && slices.Contains(e.Arguments, "push") })
	return out.Status, strings.ReplaceAll(string(out.Output), inside, "$CI_PROJECT_DIR"), pushed, nil
}

// commit commits what has changed in a repository, or nothing, with a message.
func commit(ctx context.Context, dir, message string) error {
	for _, args := range [][]string{{"add", "--all"}, {"commit", "--quiet", "--allow-empty", "--message", message}} {
		if err := git.Run(ctx, dir, nil, args...); err != nil {
			return fmt.Errorf("commit in the repository of a pipeline: %w", err)
		}
	}
	return nil
}
