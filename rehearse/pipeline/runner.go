package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/git"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Runner runs pipelines of one repository.
type Runner struct {
	Repository string  // its directory, which is a git checkout
	Builds     string  // where checkouts of jobs are made
	Store      string  // where artifacts and caches are kept
	Project    Project // other projects that files are included from
	Watched    string  // a pattern of files: which job makes them is noted

	// Script runs the script of a job in its checkout and returns its exit status.
	Script func(ctx context.Context, job, script, checkout string, env map[string]string) (status int, output string, pushed bool, err error)

	Log  []Finished
	Made map[string][]string // for each watched file, below the name of its pipeline, the jobs that made it
	Not  []string            // what of the pipelines is not rehearsed
	runs int
}

// Finished is a job that ran.
type Finished struct {
	Name   string
	Status int
	Output string
}

// Error is a pipeline that GitLab would refuse, or that leads nowhere.
type Error struct{ Err error }

func (e *Error) Error() string { return "the pipeline cannot run: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// run is one pipeline in progress.
type run struct {
	*Runner
	name   string // of the pipeline, for its artifacts
	parent string // of the one that started it
	doc    *document
	env    map[string]string
	jobs   []*Job
	done   []*Job
}

// Run runs the pipeline of a file of the repository with variables; green is whether it would succeed.
func (r *Runner) Run(ctx context.Context, file string, env map[string]string) (green bool, err error) {
	if r.Made == nil {
		r.Made = map[string][]string{}
	}
	r.runs++
	return r.run(ctx, filepath.Join(r.Repository, file), env, fmt.Sprintf("pipeline-%d", r.runs), "")
}

func (r *Runner) run(ctx context.Context, file string, env map[string]string, name, parent string) (bool, error) {
	doc, err := load(file, r.Repository, r.Project)
	if err != nil {
		return false, &Error{err}
	}
	p := &run{Runner: r, name: name, parent: parent, doc: doc, env: variables(doc.all["variables"])}
	maps.Copy(p.env, env)
	if workflow, ok := doc.all["workflow"].(table); ok && workflow["rules"] != nil {
		takes, more, err := (&Job{Name: "workflow", spec: workflow}).takes(p.env)
		if err != nil {
			return false, &Error{err}
		}
		if !takes {
			return true, nil
		}
		maps.Copy(p.env, variables(more))
	}
	all, err := doc.jobs()
	if err != nil {
		return false, &Error{err}
	}
	r.Not = append(r.Not, doc.not...)
	for _, j := range all {
		known := maps.Clone(p.env)
		for k, v := range variables(j.spec["variables"]) {
			known[k] = v
		}
		known["CI_JOB_NAME"], _, _ = strings.Cut(j.Name, ": [")
		for k, v := range known {
			known[k] = expand(v, known)
		}
		takes, more, err := j.takes(known)
		if err != nil {
			return false, &Error{err}
		}
		if takes {
			j.spec = merge(j.spec, table{"variables": more})
			p.jobs = append(p.jobs, j)
		}
	}
	return p.all(ctx)
}

// all runs the jobs, each after those that it needs.
func (p *run) all(ctx context.Context) (bool, error) {
	green := true
	for len(p.done) < len(p.jobs) {
		j := p.ready()
		if j == nil {
			return false, &Error{errors.New("jobs need each other, or one that is not there")}
		}
		p.done = append(p.done, j)
		when := text(j.spec["when"])
		if !green && when != "always" && when != "on_failure" || green && when == "on_failure" {
			continue
		}
		ok, err := p.job(ctx, j)
		if err != nil {
			return false, err
		}
		if !ok && (j.spec["allow_failure"] == nil || j.spec["allow_failure"] == false) {
			green = false
		}
	}
	return green, nil
}

// ready is the first job, in the order of stages, that needs nothing which is still to come.
func (p *run) ready() *Job {
	for _, j := range p.jobs {
		if slices.Contains(p.done, j) {
			continue
		}
		waits := false
		for _, n := range j.needs() {
			for _, other := range p.named(n.job) {
				waits = waits || !slices.Contains(p.done, other)
			}
		}
		if !waits {
			return j
		}
	}
	return nil
}

// need is a job that another one needs.
type need struct {
	job                 string
	artifacts, optional bool
	parent              bool // it is one of the pipeline that started this one
}

func (j *Job) needs() []need {
	var out []need
	for _, item := range list(j.spec["needs"]) {
		n := need{artifacts: true}
		if t, ok := item.(table); ok {
			n.job, n.optional, n.parent = text(t["job"]), t["optional"] == true, t["pipeline"] != nil
			n.artifacts = t["artifacts"] != false
		} else {
			n.job = text(item)
		}
		out = append(out, n)
	}
	return out
}

// named are the jobs that a need means: one, or all of a parallel one.
func (p *run) named(name string) []*Job {
	var out []*Job
	for _, j := range p.jobs {
		if j.Name == name || strings.HasPrefix(j.Name, name+": [") || regexp.MustCompile(`^`+regexp.QuoteMeta(name)+` \d+/\d+$`).MatchString(j.Name) {
			out = append(out, j)
		}
	}
	return out
}

// sources are the stores of the artifacts that a job gets.
func (p *run) sources(j *Job) ([]string, error) {
	var out []string
	store := func(pipeline, job string) string { return filepath.Join(p.Store, "artifacts", pipeline, safe(job)) }
	if _, ok := j.spec["needs"]; ok {
		for _, n := range j.needs() {
			if n.parent {
				out = append(out, store(p.parent, n.job))
				continue
			}
			found := p.named(n.job)
			if len(found) == 0 && !n.optional {
				return nil, &Error{fmt.Errorf("%s needs %s, which is not in the pipeline", j.Name, n.job)}
			}
			for _, other := range found {
				if other.order > j.order {
					return nil, &Error{fmt.Errorf("%s needs %s, which runs in a later stage", j.Name, n.job)}
				}
				if n.artifacts {
					out = append(out, store(p.name, other.Name))
				}
			}
		}
		if j.spec["dependencies"] == nil {
			return out, nil
		}
	}
	only, limited := texts(j.spec["dependencies"]), j.spec["dependencies"] != nil
	if len(out) > 0 || j.spec["needs"] != nil {
		return slices.DeleteFunc(out, func(s string) bool {
			return !slices.ContainsFunc(only, func(name string) bool { return filepath.Base(s) == safe(name) })
		}), nil
	}
	for _, other := range p.done {
		if other.Stage != j.Stage && (!limited || slices.Contains(only, other.Name)) {
			out = append(out, store(p.name, other.Name))
		}
	}
	return out, nil
}

var unsafe = lazyregexp.New(`[^\w.-]`)

// safe is a name as the name of a directory.
func safe(name string) string { return unsafe.ReplaceAllString(name, "_") }

// job runs one job in a checkout of its own.
func (p *run) job(ctx context.Context, j *Job) (bool, error) {
	sources, err := p.sources(j)
	if err != nil {
		return false, err
	}
	checkout := filepath.Join(p.Builds, safe(p.name+"-"+j.Name), filepath.Base(p.Repository))
	if err := p.checkout(ctx, checkout); err != nil {
		return false, err
	}
	for _, s := range sources {
		if err := restore(s, checkout); err != nil {
			return false, err
		}
	}
	env := p.environment(j, checkout)
	if err := p.caches(j, env, checkout, "pull"); err != nil {
		return false, err
	}
	was := p.watched(checkout)
	ok, err := p.work(ctx, j, checkout, env)
	if err != nil {
		return false, err
	}
	for name, stamp := range p.watched(checkout) {
		if was[name] != stamp {
			made := path.Join(p.name, name)
			p.Made[made] = append(p.Made[made], j.Name)
		}
	}
	artifacts, _ := j.spec["artifacts"].(table)
	if when := text(artifacts["when"]); artifacts != nil && (ok && when != "on_failure" || when == "always" || !ok && when == "on_failure") {
		store := filepath.Join(p.Store, "artifacts", p.name, safe(j.Name))
		if err := keep(checkout, store, p.inside(artifacts["paths"], env, checkout), p.inside(artifacts["exclude"], env, checkout)); err != nil {
			return false, err
		}
	}
	if ok {
		err = p.caches(j, env, checkout, "push")
	}
	return ok, err
}

// work runs the script of a job, or the pipeline that it triggers.
func (p *run) work(ctx context.Context, j *Job, checkout string, env map[string]string) (bool, error) {
	if j.spec["trigger"] != nil {
		return p.trigger(ctx, j)
	}
	lines := append(texts(j.spec["before_script"]), texts(j.spec["script"])...)
	status, output, pushed, err := p.Script(ctx, j.Name, "set -eo pipefail\n"+strings.Join(lines, "\n")+"\n", checkout, env)
	if err != nil {
		return false, err
	}
	if after := texts(j.spec["after_script"]); len(after) > 0 {
		late := maps.Clone(env)
		late["CI_JOB_STATUS"] = map[bool]string{true: "success", false: "failed"}[status == 0]
		_, more, _, err := p.Script(ctx, j.Name, strings.Join(after, "\n")+"\n", checkout, late)
		if err != nil {
			return false, err
		}
		output += more
	}
	p.Log = append(p.Log, Finished{j.Name, status, output})
	if pushed && status == 0 {
		err = p.push(ctx, checkout)
	}
	return status == 0, err
}

// trigger runs the child pipeline of a job. Each of its jobs has a checkout of its own.
func (p *run) trigger(ctx context.Context, j *Job) (bool, error) {
	spec, ok := j.spec["trigger"].(table)
	if !ok || spec["include"] == nil {
		p.Not = append(p.Not, j.Name+": trigger")
		return true, nil
	}
	green := true
	for i, item := range list(spec["include"]) {
		file := ""
		if t, ok := item.(table); ok && t["artifact"] != nil {
			file = filepath.Join(p.Store, "artifacts", p.name, safe(text(t["job"])), text(t["artifact"]))
		} else if ok {
			file = filepath.Join(p.Repository, text(t["local"]))
		} else {
			file = filepath.Join(p.Repository, text(item))
		}
		if _, err := os.Stat(file); err != nil {
			return false, &Error{fmt.Errorf("%s: the file of its child pipeline is not there", j.Name)}
		}
		child := p.environment(j, "$CI_PROJECT_DIR")
		maps.DeleteFunc(child, func(k, _ string) bool { return strings.HasPrefix(k, "CI_JOB_") })
		child["CI_PIPELINE_SOURCE"] = "parent_pipeline"
		ok, err := p.Runner.run(ctx, file, child, fmt.Sprintf("%s-child-%s-%d", p.name, safe(j.Name), i), p.name)
		if err != nil {
			return false, err
		}
		green = green && ok
	}
	return green, nil
}

func (p *run) environment(j *Job, checkout string) map[string]string {
	env := maps.Clone(p.env)
	maps.Copy(env, variables(j.spec["variables"]))
	env["CI_JOB_NAME"], env["CI_JOB_STAGE"], env["CI_PROJECT_DIR"] = j.Name, j.Stage, checkout
	for k, v := range env {
		env[k] = expand(v, env)
	}
	return env
}

// inside are patterns relative to the checkout, with the values of variables.
func (p *run) inside(patterns any, env map[string]string, checkout string) []string {
	var out []string
	for _, pattern := range texts(patterns) {
		pattern = strings.TrimPrefix(expand(pattern, env), checkout+"/")
		if !path.IsAbs(pattern) {
			out = append(out, pattern)
		}
	}
	return out
}

// caches gets or keeps the caches of a job.
func (p *run) caches(j *Job, env map[string]string, checkout, way string) error {
	for _, item := range list(j.spec["cache"]) {
		c, ok := item.(table)
		if !ok || c["paths"] == nil {
			continue
		}
		policy := expand(text(c["policy"]), env)
		if policy != "" && !strings.Contains(policy, way) {
			continue
		}
		key := expand(text(c["key"]), env)
		if t, ok := c["key"].(table); ok {
			src, err := json.Marshal(t)
			if err != nil {
				return fmt.Errorf("%s: cache: %w", j.Name, err)
			}
			key = expand(string(src), env)
		}
		store := filepath.Join(p.Store, "caches", safe("key-"+key))
		if way == "pull" {
			if err := restore(store, checkout); err != nil {
				return err
			}
			continue
		}
		if err := os.RemoveAll(store); err != nil {
			return fmt.Errorf("%s: cache: %w", j.Name, err)
		}
		if err := keep(checkout, store, p.inside(c["paths"], env, checkout), nil); err != nil {
			return err
		}
	}
	return nil
}

// watched are the watched files of a checkout, with what tells one from one that was made again.
func (r *Runner) watched(checkout string) map[string]string {
	out := map[string]string{}
	names, err := filepath.Glob(filepath.Join(checkout, r.Watched))
	if err != nil {
		return out
	}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			stamp := fmt.Sprint(info.ModTime().UnixNano())
			if at, ok := info.Sys().(*syscall.Stat_t); ok {
				stamp += fmt.Sprint("/", at.Ino)
			}
			out[strings.TrimPrefix(name, checkout+"/")] = stamp
		}
	}
	return out
}

// checkout makes a clean checkout of what is committed.
func (r *Runner) checkout(ctx context.Context, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("check a job out: %w", err)
	}
	if err := git.Run(ctx, "", nil, "clone", "--quiet", r.Repository, dir); err != nil {
		return err
	}
	return ShowBeside(r.Repository, dir)
}

// ShowBeside shows, beside a checkout, what links at the top of its repository lead to beside that.
func ShowBeside(repository, checkout string) error {
	for _, link := range sandbox.Beside(repository) {
		if err := os.Symlink(filepath.Join(repository, link), filepath.Join(checkout, link)); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("check a job out: %w", err)
		}
	}
	return nil
}

// push makes what a job committed, or left to be committed, the state of the repository.
func (r *Runner) push(ctx context.Context, checkout string) error {
	for _, args := range [][]string{
		{"-C", checkout, "add", "--all"},
		{"-C", checkout, "commit", "--quiet", "--allow-empty", "--message", "pushed"},
		{"-C", r.Repository, "fetch", "--quiet", checkout, "HEAD"},
		{"-C", r.Repository, "reset", "--quiet", "--hard", "FETCH_HEAD"},
	} {
		if err := git.Run(ctx, "", nil, args...); err != nil {
			return err
		}
	}
	return nil
}
