package pipelines

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// stageName is the stage of the added jobs, and what they are called after.
const stageName = "environment"

// builderJob is a job that is added: it builds environments, and other jobs get them from it.
type builderJob struct {
	file  *file
	name  string
	names []string // of the instances, as the file writes them; none for all
	users []*need
	base  string // the job that it extends, which holds all but the instance and its rules; empty for none
}

// plan gives each job of a pipeline that needs an environment one: of a job that is added, or in its own script.
func (l *pipeline) plan() {
	needs := l.needs()
	var shared []*need
	for _, n := range needs {
		if l.byItself(n, needs) {
			l.inside(n)
		} else {
			shared = append(shared, n)
		}
	}
	jobs := l.builders(l.handedOn(needs, shared))
	if len(jobs) == 0 {
		return
	}
	writers := l.writers(needs)
	jobs = slices.DeleteFunc(jobs, func(b *builderJob) bool { return !l.possible(b) })
	if len(jobs) == 0 {
		return
	}
	stage := l.addStage(jobs, writers, needs)
	l.extend(jobs, stage, writers)
	for _, b := range jobs {
		if l.listed(b) {
			l.add(b, stage, writers)
		} else {
			l.add(b, ".pre", writers)
		}
	}
	l.fix(jobs[0].file, l.place(jobs[0]), "build the environments before the jobs that run in them", l.main...)
}

// handedOn has jobs take environments over from the one that makes their instance, if its artifacts hold the instance's whole
// directory. It returns the others.
func (l *pipeline) handedOn(needs, shared []*need) []*need {
	for _, n := range needs {
		if !l.creates(n.job) || n.kind == loop || n.kind == inner || len(n.names) != 1 || !l.handsOn(n.job, n.names[0]) {
			continue
		}
		b := &builderJob{file: n.file, name: n.name, names: n.names, users: []*need{n}}
		shared = slices.DeleteFunc(shared, func(u *need) bool {
			taken := u.file == n.file && slices.Equal(u.names, n.names)
			if taken {
				l.require(u.job, b, false)
			}
			return taken
		})
		l.fix(n.file, n.key.Span.Start, "take the environment from the job that makes the instance", l.main...)
	}
	return shared
}

// handsOn reports whether the artifacts of a job hold the whole directory of an instance.
func (l *pipeline) handsOn(j *job, name string) bool {
	c, v := l.value(j, "artifacts")
	if v == nil {
		return false
	}
	return slices.ContainsFunc(c.file.names(c.file.tree.Get(v, "paths")), func(dir string) bool {
		return strings.TrimSuffix(strings.TrimSuffix(dir, "**"), "/") == path.Dir(l.environmentDir(name))
	})
}

// byItself reports whether a job builds its environments in its own script: where no other job can do it for it, or none
// needs the same environment.
func (l *pipeline) byItself(n *need, needs []*need) bool {
	if l.apart(n) {
		return true
	}
	if l.origin == written && n.kind != every && n.kind != named {
		return false // the files do not say how many jobs a program makes of one
	}
	return n.times == 1 && l.extendable(n) && !slices.ContainsFunc(needs, func(o *need) bool {
		return l.loopsBehind(n, o) || o != n && !l.apart(o) && (!l.alone(n) || o.file == n.file) && (n.kind == every || o.kind == every ||
			slices.ContainsFunc(n.names, func(name string) bool { return slices.Contains(o.names, name) }))
	})
}

// alone reports whether the file of a job is put together by itself, so that what it says of instances holds in no other one.
func (l *pipeline) alone(n *need) bool { return l.origin == written || n.kind == rendered }

// loopsBehind reports whether a job goes over the instances that runs behind another one, or beside it, whenever that runs,
// and takes over all environments that are there by then.
func (l *pipeline) loopsBehind(n, o *need) bool {
	stages, _, _ := l.stages()
	if o.kind != loop || l.origin != own || n.kind != named || slices.Index(stages, l.stageOf(o.job)) < slices.Index(stages, l.stageOf(n.job)) {
		return false
	}
	for _, key := range []string{"needs", "dependencies"} {
		if _, v := l.value(o.job, key); v != nil {
			return false
		}
	}
	return len(n.rules) == 0 && len(o.rules) == 0 || len(n.rules) > 0 && len(o.rules) > 0 && l.ruled(n.rules[0]) == l.ruled(o.rules[0])
}

// extendable reports whether what needs the environments of a job stands in its own script.
func (l *pipeline) extendable(n *need) bool {
	return l.firstOf(n.file, n, n.file.tree.Get(n.node, "before_script")) >= 0 || l.firstOf(n.file, n, n.file.tree.Get(n.node, "script")) >= 0
}

// apart reports whether no other job builds the environments of a job: none can, or it needs more than any other.
func (l *pipeline) apart(n *need) bool {
	return l.origin == foreign || l.origin == own && n.kind == every || n.alone != "" || n.kind == loop || n.kind == inner || len(n.names) > 1 && !n.matrix || l.creates(n.job)
}

// creates reports whether a job makes the instance that it works on: it is not there before.
func (l *pipeline) creates(j *job) bool {
	return slices.ContainsFunc(l.scripts(j), func(p part) bool { return creation.MatchString(p.raw()) })
}

// builders are the jobs to add for needs: one for all instances of a file where a job needs them all, or else one for each
// instance, which is one with a matrix where the jobs of several instances run under the same conditions.
func (l *pipeline) builders(needs []*need) []*builderJob {
	var out []*builderJob
	for _, f := range l.main {
		users := slices.DeleteFunc(slices.Clone(needs), func(n *need) bool {
			if l.alone(n) {
				return n.file != f
			}
			return f != l.main[0]
		})
		if len(users) == 0 {
			continue
		}
		if slices.ContainsFunc(users, func(n *need) bool { return n.kind == every }) {
			out = append(out, &builderJob{file: users[0].file, name: stageName + "s", users: users})
			continue
		}
		out = append(out, l.grouped(users)...)
	}
	return out
}

// grouped are the jobs to add for needs whose instances are known.
func (l *pipeline) grouped(needs []*need) []*builderJob {
	var all []string
	for _, n := range needs {
		for _, name := range n.names {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	groups := map[string]*builderJob{}
	var out []*builderJob
	for _, name := range all {
		users := slices.DeleteFunc(slices.Clone(needs), func(n *need) bool { return !slices.Contains(n.names, name) })
		key := l.signature(users)
		if b := groups[key]; b != nil && users[0].kind == named {
			b.names = append(b.names, name)
			for _, u := range users {
				if !slices.Contains(b.users, u) {
					b.users = append(b.users, u)
				}
			}
			continue
		}
		groups[key] = &builderJob{file: users[0].file, names: []string{name}, users: users}
		out = append(out, groups[key])
	}
	for _, b := range out {
		b.name = l.nameOf(b, out)
	}
	return out
}

// signature is what tells one added job from another, but for the instance.
func (l *pipeline) signature(users []*need) string {
	rules, always := l.conditions(users)
	return fmt.Sprint(always, rules, l.head(users), l.variables(users))
}

// nameOf is what an added job is called: after the other jobs of its file where these are made for an instance.
func (l *pipeline) nameOf(b *builderJob, all []*builderJob) string {
	switch first := b.users[0]; {
	case first.kind == rendered:
		return render.EnvironmentJob(first.name, b.names[0])
	case first.kind == variable || len(b.names) > 1 && !slices.ContainsFunc(all, func(o *builderJob) bool { return o != b && o.name == stageName }):
		return stageName
	}
	return stageName + " " + b.names[0]
}

// possible reports whether an added job can be written, and tells a person when it cannot.
func (l *pipeline) possible(b *builderJob) bool {
	first := b.users[0]
	why := ""
	if first.file.macro(first.key.Span.Start) {
		why = "a macro writes it: add a job that runs `" + l.build(b.users, "NAME") + "` for each instance, and have the others need it"
	}
	for _, f := range l.files {
		for _, j := range f.jobs {
			if j.name == b.name && (l.origin != written || f == b.file) {
				why = "a job is called " + b.name + " already, and does not build the environment: add the command to it"
			}
		}
	}
	if why == "" {
		return true
	}
	for _, u := range b.users {
		l.refuse(u, why)
	}
	return false
}

// extend has added jobs extend one where they are the same but for their instances and rules.
func (l *pipeline) extend(jobs []*builderJob, stage string, writers []*job) {
	name := "." + stageName
	if l.job(name) != nil {
		return
	}
	for i, first := range jobs {
		same := slices.DeleteFunc(slices.Clone(jobs[i:]), func(b *builderJob) bool {
			return len(b.names) != 1 || b.users[0].kind != named || b.file != first.file || fmt.Sprint(l.head(b.users), l.variables(b.users)) != fmt.Sprint(l.head(first.users), l.variables(first.users))
		})
		if len(same) < 2 || same[0] != first {
			continue
		}
		for _, b := range same {
			b.base = name
		}
		base := &builderJob{file: first.file, name: name, names: []string{"$" + l.variable()}, users: first.users}
		base.file.insert(l.place(first), l.block(base, stage, writers).text(base.file))
		return
	}
}

// block is an added job without its rules.
func (l *pipeline) block(b *builderJob, stage string, writers []*job) block {
	f, first, variable := b.file, b.users[0], l.variable()
	k := block{name: f.scalar(b.name, 0)}
	if b.base != "" {
		k.lines = []string{"extends: " + b.base, "variables:", f.in() + variable + ": " + b.names[0]}
		return k
	}
	if first.kind == rendered {
		k.name = first.file.like(b.name, first.key)
	}
	k.stage, k.command = stage, l.build(b.users, b.names...)
	switch {
	case len(b.names) == 0:
		k.artifact = l.environmentDir("*")
	case len(b.names) > 1:
		k.command = l.build(b.users, "$"+variable)
		k.artifact = l.environmentDir("$" + variable)
		k.matrix = variable + ": [" + strings.Join(b.names, ", ") + "]"
	default:
		k.artifact = l.environmentDir(b.names[0])
	}
	k.lines = append(l.head(b.users), l.variables(b.users)...)
	for i, w := range writers {
		if i == 0 {
			k.lines = append(k.lines, "needs:")
		}
		k.lines = append(k.lines, f.in()+"- "+f.scalar(w.name, w.file.quotes(w.key)))
	}
	return k
}

// add writes an added job, and has those that it works for take the environments over.
func (l *pipeline) add(b *builderJob, stage string, writers []*job) {
	f, k := b.file, l.block(b, stage, writers)
	if rules, always := l.conditions(b.users); !always && l.origin != written {
		k.lines = append(k.lines, "rules:")
		for _, from := range rules {
			k.lines = append(k.lines, f.in()+"- !reference ["+f.scalar(from, 0)+", rules]")
		}
	}
	f.insert(l.place(b), k.text(f))
	for _, u := range b.users {
		if !slices.Contains(writers, u.job) {
			l.require(u.job, b, len(writers) == 0 && l.alike(b))
			l.warn(u, b)
		}
	}
	l.note(step.Did, f, f.line(l.place(b)), "the job "+b.name+" builds "+b.what()+" for the other jobs")
}

// what is what an added job builds, for a person.
func (b *builderJob) what() string {
	switch {
	case len(b.names) == 0:
		return "the environments of all instances"
	case len(b.names) > 1:
		return "the environments of " + strings.Join(b.names, ", ")
	case b.users[0].kind == named:
		return "the environment of " + b.names[0]
	}
	return "the environment of an instance"
}

// warn tells of rules that can keep the added job from running where one that needs it runs.
func (l *pipeline) warn(u *need, b *builderJob) {
	if l.origin == written || l.alike(b) {
		return
	}
	for _, name := range u.rules {
		if strings.Contains(l.ruled(name), "never") {
			l.note(step.Decide, u.file, u.file.line(u.key.Span.Start), "the rules of "+u.name+" can keep the job "+b.name+" from running, and other jobs need it by rules of their own: give it rules that hold for all of them")
			return
		}
	}
}

// conditions are the names of the jobs whose rules say when users run, and whether one of them always does.
func (l *pipeline) conditions(users []*need) (rules []string, always bool) {
	for _, u := range users {
		always = always || len(u.rules) == 0
		for _, name := range u.rules {
			if !slices.ContainsFunc(rules, func(other string) bool { return l.ruled(other) == l.ruled(name) }) {
				rules = append(rules, name)
			}
		}
	}
	return rules, always
}

// ruled are the rules of a job as its file has them.
func (l *pipeline) ruled(name string) string {
	j := l.job(name)
	if rules := j.file.tree.Follow(j.file.tree.Get(j.node, "rules")); rules != nil {
		return j.file.source(rules)
	}
	return name
}

// alike reports whether an added job runs whenever one of its users does. Several rules in a row need not come to what each of
// them does alone.
func (l *pipeline) alike(b *builderJob) bool {
	rules, always := l.conditions(b.users)
	return always || len(rules) == 1
}

// place is where an added job goes: before the first of its users in its file, and the conditions around it, within the loop
// over instances.
func (l *pipeline) place(b *builderJob) int {
	f, first := b.file, b.users[0]
	at := first.key.Span.Start
	for _, o := range f.open(at) {
		if o.loop == "" || len(b.names) == 0 || !over(o.loop, b.names[0]) {
			return f.lineStart(o.start)
		}
	}
	start := f.lineStart(at)
	for start > 0 { // a comment above a job belongs to it
		above := f.lineStart(start - 1)
		if !strings.HasPrefix(string(f.src[above:start]), "#") || strings.Contains(string(f.src[above:start]), "{%") {
			break
		}
		start = above
	}
	if start == 0 {
		return f.lineStart(at) // it is the file's
	}
	return start
}

// over reports whether the variables of a loop are those of an expression.
func over(loop, expression string) bool {
	for _, v := range strings.FieldsFunc(loop, func(r rune) bool { return r == ',' || r == ' ' }) {
		if strings.Contains(expression, v) {
			return true
		}
	}
	return false
}

// block is the text of an added job.
type block struct {
	name, stage string
	lines       []string // one level in
	matrix      string
	command     string
	artifact    string
}

func (b block) text(f *file) string {
	in, rest := f.in(), b.lines
	lines := []string{b.name + ":"}
	if len(rest) > 0 && (strings.HasPrefix(rest[0], "<<:") || strings.HasPrefix(rest[0], "extends:")) {
		lines, rest = append(lines, in+rest[0]), rest[1:]
	}
	if b.stage != "" {
		lines = append(lines, in+"stage: "+b.stage)
	}
	for _, line := range rest {
		lines = append(lines, in+line)
	}
	if b.matrix != "" {
		lines = append(lines, in+"parallel:", in+in+"matrix:", in+in+in+"- "+b.matrix)
	}
	if b.command != "" {
		lines = append(lines, in+"script:", in+in+"- "+b.command, in+"artifacts:", in+in+"paths:", in+in+in+"- "+b.artifact,
			in+in+"exclude:", in+in+in+"- "+b.artifact+"/**/*.pyc", in+in+"expire_in: 1 day")
	}
	return strings.Join(append(lines, "", ""), source.Newline(f.src))
}

// in is one level of indentation of the file.
func (f *file) in() string { return strings.Repeat(" ", f.indent()) }

// quotes is the quote that a scalar is written with, 0 for none.
func (f *file) quotes(n *yaml.Node) byte {
	if n != nil && n.Kind == yaml.Scalar && (n.Style == yaml.Single || n.Style == yaml.Double) {
		return f.src[n.Span.Start]
	}
	return 0
}

// like writes a name as another one is written. Where that holds an expression and no quotes, a template is filled in before
// anybody reads it as YAML.
func (f *file) like(name string, other *yaml.Node) string {
	quote := f.quotes(other)
	if plain := other != nil && quote == 0 && len(expressions(f.source(other))) > 0; plain && !strings.Contains(f.source(other), "$[[") && !strings.Contains(name, ": ") {
		return name
	}
	return f.scalar(name, quote)
}

// scalar writes a name, with a quote where it needs one or is given one.
func (f *file) scalar(name string, quote byte) string {
	if quote == 0 && strings.ContainsAny(name, "{}[],&*#?|<>=!%@\\\"'`:") {
		quote = '"'
	}
	if quote == 0 {
		return name
	}
	return string(quote) + name + string(quote)
}
