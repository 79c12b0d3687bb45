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
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// workflows has the workflows and actions of GitHub make the environments that their steps run in: each job is a machine of
// its own, which has neither Grove's command line nor what another one built.
func (p *planner) workflows() {
	for _, root := range p.in.Roots {
		for _, name := range root.Files {
			if !isYAML(name) || !strings.Contains(name, ".github/") && path.Base(name) != "action.yml" && path.Base(name) != "action.yaml" || len(root.Occurrences[name]) == 0 {
				continue
			}
			f := p.open(root, name)
			if f == nil {
				continue
			}
			l := &pipeline{planner: p, origin: own, files: []*file{f}, main: []*file{f}}
			if runs := f.tree.Follow(f.tree.Get(f.top, "runs")); runs != nil {
				l.machine(f, "the action", runs)
				continue
			}
			if jobs := f.tree.Follow(f.tree.Get(f.top, "jobs")); jobs != nil && jobs.Kind == yaml.Mapping {
				for i, key := range jobs.Keys {
					if job := f.tree.Follow(jobs.Items[i]); key != nil && job != nil && job.Kind == yaml.Mapping {
						l.machine(f, "the job "+f.raw(key), job)
					}
				}
			}
		}
	}
}

// workflowStep is a step of a job that runs the program.
type workflowStep struct {
	node, run *yaml.Node
}

// machine adds a step for each environment that the steps of a job run in, before the first of them.
func (l *pipeline) machine(f *file, what string, job *yaml.Node) {
	list := f.tree.Follow(f.tree.Get(job, "steps"))
	if list == nil || list.Kind != yaml.Sequence {
		return
	}
	var made []string
	for i, node := range list.Items {
		s := workflowStep{node: node, run: f.tree.Follow(f.tree.Get(node, "run"))}
		if s.run == nil {
			continue
		}
		if builder.MatchString(f.source(s.run)) {
			return
		}
		for _, o := range f.within(s.run) {
			env := l.environmentOf(f, job, s, o)
			if env.why != "" {
				l.out.Refused = append(l.out.Refused, step.Refusal{File: f.key(), Offset: o.Start, Reason: what + " gets no environment: " + env.why})
				continue
			}
			if slices.Contains(made, env.instance) {
				continue
			}
			if !env.looped {
				made = append(made, env.instance)
				f.insert(f.itemStart(list, i), l.makes(f, list, i, s, env))
			} else if why := l.before(f, o, l.commands(env.root, " && "), env.variable); why != "" {
				l.out.Refused = append(l.out.Refused, step.Refusal{File: f.key(), Offset: o.Start, Reason: what + " gets no environment: " + why})
			}
		}
	}
	at := list.Span.Start
	if l.fix(f, at, "make the environment before the program runs in it", f) {
		l.note(step.Did, f, f.line(at), what+" makes the environment of its instance before it runs "+l.in.Pack.Program.Name)
	}
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

// makes is the step that makes an environment, as another one before the step at index i.
func (l *pipeline) makes(f *file, list *yaml.Node, i int, s workflowStep, e workflowEnvironment) string {
	start := f.itemStart(list, i)
	indent := string(f.src[start : start+len(string(f.src[start:]))-len(strings.TrimLeft(string(f.src[start:]), " "))])
	dash := list.Items[i].Span.Start - f.lineStart(list.Items[i].Span.Start) - len(indent)
	in := indent + strings.Repeat(" ", max(dash, 2))
	lines := []string{indent + "-" + strings.Repeat(" ", max(dash, 2)-1) + "name: Create the environment of the instance"}
	for _, key := range []string{"if", "shell", "working-directory"} {
		if v := f.tree.Follow(f.tree.Get(s.node, key)); v != nil && v.Kind == yaml.Scalar && f.line(v.Span.Start) == f.line(v.Span.End) {
			lines = append(lines, in+key+": "+f.source(v))
		}
	}
	if e.env != "" {
		lines = append(lines, in+"env:", in+"  "+e.env)
	}
	lines = append(lines, in+"run: |", in+"  "+l.commands(e.root, f.newline()+in+"  "))
	return strings.Join(lines, f.newline()) + f.newline()
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
