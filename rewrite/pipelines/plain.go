package pipelines

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

func replaced(n *yaml.Node, text string) edit.Edit {
	return edit.Edit{Start: n.Span.Start, End: n.Span.End, New: text}
}

// pipeline is the pipeline of a repository: its own file, and those that it can include from there.
type pipeline struct {
	*planner
	files []*file
	jobs  map[string]*job
}

// user is a job that runs in the environment of one instance.
type user struct {
	*job
	instance string   // as it is written, a name or a variable
	rules    []string // names of the jobs that say when it runs, nothing when it always does
	alone    bool     // no other job can build the environment for it
}

// plain extends the pipeline of a repository. In Grove's own the workspace is another repository, whose files no artifact
// can hold: there each job builds the environment itself.
func (p *planner) plain(root *step.Root) {
	l := &pipeline{planner: p, jobs: map[string]*job{}}
	for _, name := range root.Files {
		ext := path.Ext(name)
		if name != ".gitlab-ci.yml" && (!strings.HasPrefix(name, ".gitlab/") || ext != ".yml" && ext != ".yaml") {
			continue
		}
		if f := open(root, name); f != nil {
			l.files = append(l.files, f)
			for _, j := range f.jobs {
				l.jobs[j.name] = j
			}
		}
	}
	var shared []user
	for _, f := range l.files {
		for _, j := range f.jobs {
			u, is := l.user(j)
			switch {
			case !is:
			case u.instance == "":
				p.left(f, j)
			case u.alone || root.Role == "grove":
				l.inside(u)
			default:
				shared = append(shared, u)
			}
		}
	}
	l.share(shared)
}

// chain is a job and those that it extends, nearest first.
func (l *pipeline) chain(j *job) []*job {
	out := []*job{j}
	for i := 0; i < len(out) && len(out) < 16; i++ {
		_, extends := out[i].get("extends")
		for _, name := range slices.Backward(out[i].file.names(extends)) {
			if next := l.jobs[name]; next != nil && !slices.Contains(out, next) {
				out = append(out, next)
			}
		}
	}
	return out
}

// user tells whether a job runs the program and nobody builds the environment for it, and for which instance it does.
func (l *pipeline) user(j *job) (user, bool) {
	u := user{job: j}
	if strings.HasPrefix(j.name, ".") {
		return u, false
	}
	var runs []site.Occurrence
	for _, key := range []string{"before_script", "script", "after_script"} {
		c, script := l.value(j, key)
		if script == nil {
			continue
		}
		text := string(c.file.src[script.Span.Start:script.Span.End])
		if strings.Contains(text, "venv update") {
			return u, false
		}
		runs = append(runs, c.file.within(script)...)
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			if from := l.jobs[strings.Trim(m[1], `"'`)]; from != nil {
				if _, script := from.get(m[2]); script != nil {
					runs = append(runs, from.file.within(script)...)
				}
			}
		}
	}
	if len(runs) == 0 {
		return u, false
	}
	l.instance(&u, runs)
	l.when(&u)
	return u, !l.served(u)
}

var reference = regexp.MustCompile(`!reference\s*\[\s*([^,\]]+?)\s*,\s*((?:before_|after_)?script)`)

// value is what a job has at a key, of its own, merged into it or inherited, and the job that it stands in or is merged into.
func (l *pipeline) value(j *job, key string) (*job, *yaml.Node) {
	for _, c := range l.chain(j) {
		if v := c.file.tree.Get(c.node, key); v != nil {
			return c, c.file.tree.Follow(v)
		}
	}
	return nil, nil
}

// instance fills in the instance of a job: by its variables or its matrix, by the variables of the whole pipeline, or because
// all that it runs names the directory of one instance.
func (l *pipeline) instance(u *user, runs []site.Occurrence) {
	for _, c := range l.chain(u.job) {
		for _, name := range l.in.Pack.Instance.Environment {
			if u.instance == "" {
				u.instance = c.variable(c.file.tree.Get(c.node, "variables"), name)
			}
			if _, parallel := c.get("parallel"); parallel != nil && u.instance == "" && strings.Contains(string(c.file.src[parallel.Span.Start:parallel.Span.End]), name) {
				u.instance, u.alone = "$"+name, true
			}
		}
	}
	if names := l.named(u.job, runs); u.instance == "" && len(names) == 1 {
		u.instance = names[0]
	} else if f, variables := entry(l.files, "variables"); u.instance == "" && len(names) == 0 && f != nil {
		for _, name := range l.in.Pack.Instance.Environment {
			u.instance = cmp.Or(u.instance, (&job{file: f}).variable(variables, name))
		}
	}
	if strings.ContainsAny(u.instance, "$/ ") {
		u.alone = true
	}
}

// variable is the text of a variable in a mapping of the job's file; empty when it is not there.
func (j *job) variable(variables *yaml.Node, name string) string {
	if v := j.file.tree.Follow(j.file.tree.Get(j.file.tree.Follow(variables), name)); v != nil && v.Kind == yaml.Scalar {
		return j.file.raw(v)
	}
	return ""
}

// named are the instances whose directories a job's commands are told to use.
func (l *pipeline) named(j *job, runs []site.Occurrence) []string {
	var out []string
	for _, o := range runs {
		root := o.Instance
		for _, env := range l.in.Pack.Instance.RootEnv {
			for _, c := range l.chain(j) {
				if root == "$"+env {
					root = cmp.Or(c.variable(c.file.tree.Get(c.node, "variables"), env), root)
				}
			}
		}
		dir, name := path.Split(strings.TrimSuffix(root, "/"))
		if path.Base(dir) == l.in.Pack.Instance.Dir && !strings.ContainsAny(name, "${}\\\"' ") && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// when fills in the rules of a job. One whose rules name the job itself hold for no other.
func (l *pipeline) when(u *user) {
	for _, c := range l.chain(u.job) {
		for _, old := range []string{"only", "except"} {
			if _, v := c.get(old); v != nil {
				u.alone = true
			}
		}
		_, rules := c.get("rules")
		if rules == nil || u.rules != nil {
			continue
		}
		rules = c.file.tree.Follow(rules)
		if rules == nil || strings.Contains(string(c.file.src[rules.Span.Start:rules.Span.End]), "CI_JOB_NAME") {
			u.alone = true
		}
		u.rules = []string{c.name}
	}
}

// served reports whether a job builds the environment of the instance already.
func (l *pipeline) served(u user) bool {
	for _, f := range l.files {
		for _, j := range f.jobs {
			if text := j.source(); strings.Contains(text, "venv update") && strings.Contains(text, l.environmentDir(u.instance)) {
				return true
			}
		}
	}
	return false
}

// inside has a job build the environment before it runs the program.
func (l *pipeline) inside(u user) {
	key, script := u.get("before_script")
	if script == nil || len(u.file.within(script)) == 0 {
		key, script = u.get("script")
	}
	if script == nil || script.Kind != yaml.Sequence {
		l.note(step.Decide, u.file, u.file.line(u.key.Span.Start), "the job "+u.name+" takes its script from elsewhere: let it run `venv update "+u.instance+"` first")
		return
	}
	first := 0
	for i, item := range script.Items {
		if item != nil && u.file.sites(item.Span.Start, item.Span.End) {
			first = i
			break
		}
	}
	variable := l.in.Pack.Instance.Environment[0]
	u.file.precede(script, first, called(u.file, []*job{u.job})+` venv update "$`+variable+`"`)
	if l.fix(u.file, key.Span.Start, "build the environment before the program runs in it", u.file) {
		l.note(step.Did, u.file, u.file.line(u.key.Span.Start), "the job "+u.name+" builds the environment of its instance before it runs "+l.in.Pack.Program.Name)
	}
}

// share adds a job for each instance, before the first of those that run in its environment.
func (l *pipeline) share(users []user) {
	if len(users) == 0 {
		return
	}
	stage := l.stage(users)
	first := users[0].file
	at := first.lineStart(users[0].key.Span.Start)
	var done []string
	for _, u := range users {
		name := stageName + " " + u.instance
		if !slices.Contains(done, u.instance) {
			done = append(done, u.instance)
			first.insert(at, l.job(name, stage, u.instance, users).text(first))
		}
		alike := l.alike(u.instance, users)
		if !alike && strings.Contains(l.rules(u), "never") {
			l.note(step.Decide, u.file, u.file.line(u.key.Span.Start), "the rules of "+u.name+" can keep the job "+name+" from running, and other jobs need it by rules of their own: give it rules that hold for all of them")
		}
		l.require(u.job, name, l.files, alike)
	}
	l.fix(first, at, "build the environments before the jobs that run in them", l.files...)
	l.note(step.Did, first, first.line(at), "has jobs that build the environments of "+strings.Join(done, ", ")+" for the other jobs of these instances")
}

// rules is the text of the rules of a job.
func (l *pipeline) rules(u user) string {
	var b strings.Builder
	for _, name := range u.rules {
		j := l.jobs[name]
		if _, rules := j.get("rules"); rules != nil {
			b.Write(j.file.src[rules.Span.Start:rules.Span.End])
		}
	}
	return b.String()
}

// alike reports whether the job that builds the environment of an instance runs whenever one of its users does. Several rules
// in a row need not come to what each of them does alone.
func (l *pipeline) alike(instance string, users []user) bool {
	var rules []string
	for _, u := range users {
		if u.instance == instance {
			if len(u.rules) == 0 {
				return true
			}
			rules = append(rules, u.rules...)
		}
	}
	slices.Sort(rules)
	return len(slices.Compact(rules)) == 1
}

// stage adds a stage before the first one of the users; it is ".pre" where nothing lists stages.
func (l *pipeline) stage(users []user) string {
	var jobs []*job
	for _, u := range users {
		for _, c := range l.chain(u.job) {
			if c.text("stage") != "" {
				jobs = append(jobs, c)
				break
			}
		}
	}
	return l.planner.stage(l.files[0], l.files[1:], jobs, nil)
}

// job is the one that builds the environment of an instance, under the conditions of all of its users.
func (l *pipeline) job(name, stage, instance string, users []user) block {
	b := block{name: name, artifact: l.environmentDir(instance), lines: []string{"stage: " + stage}}
	var rules, variables []string
	always := false
	for _, u := range users {
		if u.instance != instance {
			continue
		}
		b.command = called(u.file, []*job{u.job}) + " venv update " + instance
		if len(variables) == 0 {
			variables = l.variables(instance, l.chain(u.job))
		}
		for _, key := range []string{"image", "tags"} {
			if c, v := l.value(u.job, key); v != nil && !slices.ContainsFunc(b.lines, func(line string) bool { return strings.HasPrefix(line, key+":") }) {
				b.lines = append(b.lines, c.file.short(key, v)...)
			}
		}
		always = always || len(u.rules) == 0
		for _, from := range u.rules {
			if line := "  - !reference [" + from + ", rules]"; !slices.Contains(rules, line) {
				rules = append(rules, line)
			}
		}
	}
	b.lines = append(b.lines, l.before(l.files, nil)...)
	b.lines = append(b.lines, variables...)
	if !always {
		b.lines = append(append(b.lines, "rules:"), rules...)
	}
	return b
}
