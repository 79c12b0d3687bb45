package pipelines

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// workflows has the workflows and actions of GitHub make the environments that their steps run in: each job is a machine of
// its own, which has neither Grove's command line nor what another one built.
func (p *planner) workflows() {
	var found []*file
	for _, root := range p.in.Roots {
		for _, name := range root.Files {
			if !isYAML(name) || !strings.Contains(name, ".github/") && path.Base(name) != "action.yml" && path.Base(name) != "action.yaml" || len(root.Occurrences[name]) == 0 {
				continue
			}
			if f := p.open(root, name); f != nil {
				found = append(found, f)
			}
		}
	}
	made := map[string][]string{} // by the directory of an action: those that it makes environments in
	for _, f := range found {
		if runs := f.tree.Follow(f.tree.Get(f.top, "runs")); runs != nil {
			dir := path.Dir(f.path)
			made[f.root.Key+"\x00"+dir] = p.pipelineOf(f).machine(f, "the action", runs, nil)
		}
	}
	for _, f := range found {
		jobs := f.tree.Follow(f.tree.Get(f.top, "jobs"))
		if jobs == nil || jobs.Kind != yaml.Mapping {
			continue
		}
		for i, key := range jobs.Keys {
			if job := f.tree.Follow(jobs.Items[i]); key != nil && job != nil && job.Kind == yaml.Mapping {
				p.pipelineOf(f).machine(f, "the job "+f.raw(key), job, made)
			}
		}
	}
}

func (p *planner) pipelineOf(f *file) *pipeline {
	return &pipeline{planner: p, origin: own, files: []*file{f}, main: []*file{f}}
}

// workflowStep is a step of a job that runs the program.
type workflowStep struct {
	node, run *yaml.Node // run is nil where a step runs no script
}

// machine adds a step for each environment that the steps of a job run in, before the first of them, unless a step is there
// that makes it, or an action that one uses. It returns the directories of the instances whose environments it makes.
func (l *pipeline) machine(f *file, what string, job *yaml.Node, actions map[string][]string) (made []string) {
	list := f.tree.Follow(f.tree.Get(job, "steps"))
	if list == nil || list.Kind != yaml.Sequence {
		return nil
	}
	var steps []workflowStep
	there := false
	for _, node := range list.Items {
		s := workflowStep{node: node, run: f.tree.Follow(f.tree.Get(node, "run"))}
		steps = append(steps, s)
		there = there || s.run != nil && builder.MatchString(f.source(s.run))
	}
	condition := f.condition(steps)
	for i, s := range steps {
		if s.run == nil {
			made = append(made, f.used(s.node, actions)...)
			continue
		}
		for _, o := range f.within(s.run) {
			env := l.environmentOf(f, job, s, o)
			switch {
			case there:
			case env.looped:
				env.why = l.before(f, o, l.commands(env.root, " && "), env.variable)
			case env.why == "" && !slices.Contains(made, env.instance):
				f.insert(f.itemStart(list, i), l.makes(f, list, i, s, env, condition, actions == nil))
			}
			if env.why == "" && !env.looped {
				made = append(made, env.instance)
			} else if !there && env.why != "" {
				l.out.Refused = append(l.out.Refused, step.Refusal{File: f.key(), Offset: o.Start, Reason: what + " gets no environment: " + env.why})
			}
		}
	}
	at := list.Span.Start
	if l.fix(f, at, "make the environment before the program runs in it", f) {
		l.note(step.Did, f, f.line(at), what+" makes the environment of its instance before it runs "+l.in.Pack.Program.Name)
	}
	if condition != "" {
		return nil
	}
	return made
}

// condition is the one under which all steps run that run the program; empty when these differ, or have none.
func (f *file) condition(steps []workflowStep) string {
	var out []string
	for _, s := range steps {
		if s.run == nil || len(f.within(s.run)) == 0 {
			continue
		}
		v := f.tree.Follow(f.tree.Get(s.node, "if"))
		if v == nil || v.Kind != yaml.Scalar || f.line(v.Span.Start) != f.line(v.Span.End) {
			return ""
		}
		out = append(out, f.source(v))
	}
	if len(slices.Compact(out)) != 1 {
		return ""
	}
	return out[0]
}

// input is the place of an action's input in a text.
var input = lazyregexp.New(`\$\{\{\s*inputs\.([\w-]+)\s*\}\}`)

// used are the directories of the instances whose environments an action of the repository makes that a step uses.
func (f *file) used(node *yaml.Node, actions map[string][]string) []string {
	uses := f.tree.Follow(f.tree.Get(node, "uses"))
	if uses == nil || !strings.HasPrefix(f.raw(uses), "./") || f.tree.Get(node, "if") != nil {
		return nil
	}
	var out []string
	for _, dir := range actions[f.root.Key+"\x00"+path.Clean(f.raw(uses))] {
		with := f.tree.Follow(f.tree.Get(node, "with"))
		out = append(out, input.ReplaceAllStringFunc(dir, func(text string) string {
			if v := f.tree.Follow(f.tree.Get(with, input.FindStringSubmatch(text)[1])); v != nil && v.Kind == yaml.Scalar {
				return f.raw(v)
			}
			return text
		}))
	}
	return out
}

// workflowEnvironment is the environment that a site of a workflow runs in.
type workflowEnvironment struct {
	root     string // as the step's shell writes the instance's directory
	instance string // the directory as the workflow names it, which is the same for all spellings
	env      string // the line of the step's own environment that root needs; empty when it needs none
	looped   bool   // a loop of the script goes over instances
	variable string // that it does so by
	why      string // none is known
}

// environmentOf finds the environment of a site.
func (l *pipeline) environmentOf(f *file, job *yaml.Node, s workflowStep, o site.Occurrence) workflowEnvironment {
	e := workflowEnvironment{root: o.Instance}
	given := l.directoryOf(f, o)
	if given != "" {
		e.root = given
	}
	byName := given == "" && o.InstanceFrom != scan.FromRoot && e.root != ""
	if byName {
		e.root = path.Join(l.in.Pack.Instance.Dir, e.root)
	}
	e.root = strings.Trim(e.root, `"'`)
	text := f.tree.Text(s.run)
	for _, m := range regexp.MustCompile(`\$\{?(\w+)`).FindAllStringSubmatch(e.root, -1) {
		if loops(m[1]).MatchString(text) {
			e.looped, e.variable = true, m[1]
			return e
		}
		if _, ok := assigned(text, m[1]); ok {
			e.why = "its script sets the directory itself: let it run `" + l.commands(e.root, " && ") + "` before"
			return e
		}
	}
	value := e.root
	if name, is := variableOf(e.root); is && name != "" {
		own := f.tree.Follow(f.tree.Get(s.node, "env"))
		found := false
		for _, env := range []*yaml.Node{own, f.tree.Get(job, "env"), f.tree.Get(f.top, "env")} {
			v := f.tree.Follow(f.tree.Get(env, name))
			if v == nil || found {
				continue
			}
			found, value = true, f.raw(v)
			if env == own {
				e.env = name + ": " + f.source(v)
			}
		}
		if !found {
			e.why = "nothing says which directory $" + name + " is"
			return e
		}
	}
	dir := f.workingDirectory(job, s)
	if byName && dir != "" {
		dir, e.root = "", "$GITHUB_WORKSPACE/"+e.root
	}
	e.instance = plainRoot.ReplaceAllString(path.Join(dir, value), "")
	if path.IsAbs(value) || strings.HasPrefix(value, "${{ github.workspace") {
		e.instance = plainRoot.ReplaceAllString(value, "")
	}
	if l.below(e.instance) == "" {
		if name := l.changed(run{part: part{file: f, node: s.run}}, o); name != "" {
			e.root = path.Join(l.in.Pack.Instance.Dir, name)
			e.instance = e.root
			return e
		}
		e.why = "its instance is not known: say in grove-migrate.yaml which it is, or keep the call"
	}
	return e
}

// workingDirectory is where the script of a step begins, from the top of the checkout; empty when nothing says so.
func (f *file) workingDirectory(job *yaml.Node, s workflowStep) string {
	run := func(n *yaml.Node) *yaml.Node {
		return f.tree.Follow(f.tree.Get(f.tree.Follow(f.tree.Get(n, "defaults")), "run"))
	}
	for _, at := range []*yaml.Node{s.node, run(job), run(f.top)} {
		if wd := f.tree.Follow(f.tree.Get(at, "working-directory")); wd != nil && wd.Kind == yaml.Scalar {
			return f.raw(wd)
		}
	}
	return ""
}

// plainRoot is what a path of the checkout begins with when it is written in full.
var plainRoot = lazyregexp.New(`^(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?GITHUB_WORKSPACE\}?)/`)

// commands make an environment with what every machine has.
func (p *planner) commands(root, between string) string {
	in := func(name string) string {
		if dir := path.Join(root, name); !strings.ContainsAny(dir, "$ ") {
			return dir
		}
		return `"` + strings.TrimSuffix(root, "/") + "/" + name + `"`
	}
	env := p.in.Pack.Instance.Env
	return "python3 -m venv " + in(env) + between + in(path.Join(env, "bin/pip")) + " install -r " + in(p.in.RequirementsFile())
}

// makes is the step that makes an environment, as another one before the step at index i. That of an action does so once,
// however often a job uses the action.
func (l *pipeline) makes(f *file, list *yaml.Node, i int, s workflowStep, e workflowEnvironment, condition string, action bool) string {
	start := f.itemStart(list, i)
	indent := string(f.src[start : start+len(string(f.src[start:]))-len(strings.TrimLeft(string(f.src[start:]), " "))])
	dash := list.Items[i].Span.Start - f.lineStart(list.Items[i].Span.Start) - len(indent)
	in := indent + strings.Repeat(" ", max(dash, 2))
	lines := []string{indent + "-" + strings.Repeat(" ", max(dash, 2)-1) + "name: Create the environment of the instance"}
	if action && condition == "" {
		condition = l.missing(e.instance)
	}
	if condition != "" {
		lines = append(lines, in+"if: "+condition)
	}
	for _, key := range []string{"shell", "working-directory"} {
		if v := f.tree.Follow(f.tree.Get(s.node, key)); v != nil && v.Kind == yaml.Scalar && f.line(v.Span.Start) == f.line(v.Span.End) {
			lines = append(lines, in+key+": "+f.source(v))
		}
	}
	if e.env != "" {
		lines = append(lines, in+"env:", in+"  "+e.env)
	}
	lines = append(lines, in+"run: |", in+"  "+l.commands(e.root, source.Newline(f.src)+in+"  "))
	return strings.Join(lines, source.Newline(f.src)) + source.Newline(f.src)
}

// missing is the condition that an instance, whose directory an action's input names, has no environment.
func (l *pipeline) missing(dir string) string {
	file := path.Join(dir, l.in.Pack.Instance.Env, "pyvenv.cfg")
	m := input.FindStringSubmatch(file)
	text := input.ReplaceAllString(file, "{0}")
	if m == nil || strings.Count(text, "{0}") > 1 || strings.ContainsAny(text, "$'") {
		return ""
	}
	return "hashFiles(format('" + text + "', inputs." + m[1] + ")) == ''"
}

// itemStart is the beginning of the line at which an item of a list in block style begins, with the comments above it.
func (f *file) itemStart(list *yaml.Node, i int) int {
	start := f.lineStart(list.Items[i].Span.Start)
	for start > list.Span.Start {
		above := f.lineStart(start - 1)
		if !strings.HasPrefix(strings.TrimSpace(string(f.src[above:start])), "#") {
			break
		}
		start = above
	}
	return start
}
