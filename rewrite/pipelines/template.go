package pipelines

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

var (
	expression = regexp.MustCompile(`\{\{-?\s*([\w.]+)[^}]*\}\}`)
	statement  = regexp.MustCompile(`(?s)\{%[-+]?\s*(if|for|endif|endfor)\b(.*?)%\}`)
	cli        = regexp.MustCompile(`(?m)(?:^|[\s;&|'"(])((?:[\w./${}-]*/)?grove(?:\.sh)?)[ \t]+[a-z]`)
)

// stageName is the stage of the added jobs, and what they are called after.
const stageName = "environment"

// templates looks for templates of child pipelines, by directory: the stages may stand in another file than the jobs.
func (p *planner) templates(root *step.Root) {
	dirs := map[string][]*file{}
	for _, name := range root.Files {
		if ext := path.Ext(strings.TrimSuffix(name, ".j2")); (ext == ".yml" || ext == ".yaml") && strings.Contains(name, "templates/") {
			if f := open(root, name); f != nil {
				dirs[path.Dir(name)] = append(dirs[path.Dir(name)], f)
			}
		}
	}
	for _, name := range root.Files {
		dir := path.Dir(name)
		files := dirs[dir]
		delete(dirs, dir)
		for _, f := range files {
			p.template(f, files)
		}
	}
}

// template extends one template.
func (p *planner) template(f *file, beside []*file) {
	mine, instance := p.ofInstance(f)
	if pipeline := instance != "" || strings.Contains(f.path, "pipeline"); pipeline {
		for _, j := range f.jobs {
			if !slices.Contains(mine, j) && !strings.HasPrefix(j.name, ".") && f.sites(j.key.Span.Start, j.node.Span.End) {
				p.left(f, j)
			}
		}
	}
	if len(mine) == 0 || f.built() {
		return
	}
	name := named(mine[0].name, instance)
	for _, j := range f.jobs {
		if j.name == name {
			p.note(step.Decide, f, f.line(j.key.Span.Start), "a job is called "+name+" already, and does not build the environment: add the command to it")
			return
		}
	}
	if f.macro(mine[0].key.Span.Start) {
		p.note(step.Decide, f, f.line(mine[0].key.Span.Start), "the job "+mine[0].name+" is written by a macro: add a job that runs `"+called(f, mine)+" venv update "+instance+"` once for each instance, and have the others need it")
		return
	}
	writers := p.writers(mine)
	stage := p.stage(f, beside, mine, writers)
	b := block{name: `"` + name + `"`, command: called(f, mine) + ` venv update "` + instance + `"`, artifact: p.environmentDir(instance)}
	b.lines = append(p.head(mine[0], beside, stage), p.variables(instance, mine)...)
	if len(writers) > 0 {
		b.lines = append(b.lines, "needs:")
		for _, w := range writers {
			b.lines = append(b.lines, strings.Repeat(" ", f.indent())+`- "`+w.name+`"`)
		}
	}
	for _, j := range mine {
		if !slices.Contains(writers, j) {
			p.require(j, name, beside, len(writers) == 0)
		}
	}
	at := f.before(mine[0], instance)
	f.insert(at, b.text(f))
	p.fix(f, at, "build the environment before the jobs that run in it", slices.Concat([]*file{f}, slices.DeleteFunc(slices.Clone(beside), func(o *file) bool { return o == f }))...)
	p.note(step.Did, f, f.line(at), "has a job that builds an instance's environment, for all of the instance's jobs")
}

// ofInstance are the jobs of a template that are made for an instance, and the expression that names it.
func (p *planner) ofInstance(f *file) (mine []*job, instance string) {
	for _, j := range f.jobs {
		if strings.HasPrefix(j.name, ".") {
			continue
		}
		for _, m := range expression.FindAllStringSubmatch(j.source(), -1) {
			variable := m[1][strings.LastIndexByte(m[1], '.')+1:]
			if p.in.Pack.Instance.Holds(variable) || strings.HasSuffix(m[1], "instance.name") {
				if instance == "" {
					instance = m[0]
				}
				mine = append(mine, j)
				break
			}
		}
	}
	// A job of a loop over images has the instance in its name as well: without that names would not be unique.
	return mine, instance
}

// named is the added job's name after that of another job: what stands around the instance stays.
func named(like, instance string) string {
	at := strings.Index(like, instance)
	if at < 0 {
		return instance + ": " + stageName
	}
	head, tail := like[:at], like[at+len(instance):]
	if strings.Contains(head, "{{") {
		return instance + ": " + stageName
	}
	if tail == "" {
		return regexp.MustCompile(`[\w-]*\w`).ReplaceAllLiteralString(head, stageName) + instance
	}
	separator := regexp.MustCompile(`^[^\w{]*`).FindString(tail)
	if separator == "" {
		separator = ": "
	}
	return head + instance + separator + stageName
}

// called is how the jobs of a file call Grove's command line.
func called(f *file, jobs []*job) string {
	for _, j := range jobs {
		if m := cli.FindStringSubmatch(j.source()); m != nil {
			return m[1]
		}
	}
	if m := cli.FindSubmatch(f.src); m != nil {
		return string(m[1])
	}
	return "grove"
}

// writers are the jobs that write the requirements that environments are built from.
func (p *planner) writers(jobs []*job) []*job {
	var out []*job
	for _, j := range jobs {
		_, script := j.get("script")
		if script == nil {
			continue
		}
		text := j.file.src[script.Span.Start:script.Span.End]
		if bytes.Contains(text, []byte(p.requirements())) || regexp.MustCompile(`grove(\.sh)?\s+[\w-]*requirements`).Match(text) {
			out = append(out, j)
		}
	}
	return out
}

// stage adds the stage of the environments before the first one of the instance's jobs, and that of the jobs that write
// requirements before it. It is ".pre" where nothing lists stages.
func (p *planner) stage(f *file, beside []*file, mine, writers []*job) string {
	for _, o := range append([]*file{f}, beside...) {
		list := o.tree.Follow(o.tree.Get(o.top, "stages"))
		if list == nil || list.Kind != yaml.Sequence || len(list.Items) == 0 {
			continue
		}
		stages := o.names(list)
		first := len(stages)
		for _, j := range mine {
			if i := slices.Index(stages, j.text("stage")); i >= 0 && i < first {
				first = i
			}
		}
		if first == len(stages) || slices.Contains(stages, stageName) {
			return stageName
		}
		if p.early(writers) {
			o.precede(list, first, "requirements")
		}
		o.precede(list, first, stageName)
		return stageName
	}
	return ".pre"
}

// early moves the jobs that write requirements to a stage of their own. It reports whether any was moved.
func (p *planner) early(writers []*job) bool {
	moved := false
	for _, w := range writers {
		if key, needs := w.get("needs"); needs != nil {
			p.note(step.Decide, w.file, w.file.line(key.Span.Start), "the job "+w.name+" writes requirements, and needs other jobs first: let it run before the environment is built")
			continue
		}
		_, stage := w.get("stage")
		if stage == nil {
			continue
		}
		w.file.edits = append(w.file.edits, replaced(stage, "requirements"))
		moved = true
	}
	return moved
}

// macro reports whether a byte stands in a macro of the template, which is written out as often as it is called.
func (f *file) macro(at int) bool {
	open := 0
	for _, m := range regexp.MustCompile(`\{%[-+]?\s*(macro|endmacro)\b`).FindAllSubmatch(f.src[:at], -1) {
		if string(m[1]) == "macro" {
			open++
		} else {
			open--
		}
	}
	return open > 0
}

// before is where the added job goes: before the first job of the instance and the conditions around it, within the
// loop over instances.
func (f *file) before(first *job, instance string) int {
	type open struct {
		start int
		loops bool // over instances
	}
	var stack []open
	for _, m := range statement.FindAllSubmatchIndex(f.src[:first.key.Span.Start], -1) {
		switch word := string(f.src[m[2]:m[3]]); word {
		case "if", "for":
			loop := strings.Fields(string(f.src[m[4]:m[5]]))
			variable := ""
			if word == "for" && len(loop) > 0 {
				variable = strings.Trim(loop[0], ",")
			}
			stack = append(stack, open{m[0], variable != "" && strings.Contains(instance, variable)})
		default:
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		}
	}
	for _, o := range stack {
		if !o.loops {
			return f.lineStart(o.start)
		}
	}
	return f.lineStart(first.key.Span.Start)
}
