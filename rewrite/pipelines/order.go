package pipelines

import (
	"maps"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// require makes a job wait for an added one, which builds its environment, and take the environment over. A job that goes by
// its stage does so already, but takes over the environments of all instances, and waits for all: where its stage is the
// first, and the other job is there whenever it is, it needs the environment of its own instance and nothing else. A program
// that copies jobs writes anew only the lists that they have.
func (l *pipeline) require(j *job, b *builderJob, alike bool) {
	if j.file.tree.Get(j.node, "trigger") != nil {
		return // runs nothing here
	}
	listed := false
	for _, at := range []string{"needs", "dependencies"} {
		key, list := j.get(at)
		if list != nil {
			listed = true
			if slices.Contains(j.file.names(list), b.name) {
				continue
			}
			if list.Target != nil && slices.Contains(l.extended, list.Target) {
				continue // another job's list, which has the name already
			}
			if j.file.prepend(key, list, j.file.entryOf(list, b.name)) {
				l.extended = append(l.extended, list)
			} else {
				l.note(step.Decide, j.file, j.file.line(key.Span.Start), "the job "+j.name+" takes its list `"+at+"` from elsewhere: add "+b.name+" to it")
			}
			continue
		}
		if c, base := l.inherited(j, at); base != nil {
			listed = true
			l.override(j, at, b.name, base, c.file)
		}
	}
	copied := l.origin == written && b.users[0].kind == variable
	if !listed && !copied && alike && l.leads(j) {
		j.add("needs: [" + j.file.like(b.name, j.key) + "]")
	}
}

// entryOf writes the name of a job as another entry of a list, in the form of those that it has.
func (f *file) entryOf(list *yaml.Node, name string) string {
	list = f.tree.Follow(list)
	if list == nil || len(list.Items) == 0 {
		return f.scalar(name, 0)
	}
	last := list.Items[len(list.Items)-1]
	if last != nil && last.Kind == yaml.Mapping {
		entry := "job: " + f.like(name, f.tree.Get(last, "job"))
		if f.src[last.Span.Start] == '{' || f.src[list.Span.Start] == '[' {
			entry = "{" + entry + "}"
		}
		return entry
	}
	return f.like(name, last)
}

// override gives a job a list of its own in place of the one that it inherits from file f, with one more name.
func (l *pipeline) override(j *job, key, name string, list *yaml.Node, f *file) {
	names := []string{name}
	plain := list != nil && list.Kind == yaml.Sequence
	if plain {
		names = append(names, f.names(list)...)
		plain = !slices.Contains(names, "")
	}
	for i, n := range names {
		names[i] = j.file.like(n, j.key)
	}
	if !plain || !j.add(key+": ["+strings.Join(names, ", ")+"]") {
		l.note(step.Decide, j.file, j.file.line(j.key.Span.Start), "the job "+j.name+" inherits its list `"+key+"`: give it one of its own that has "+name+" as well")
	}
}

// add adds a line to a job: behind its stage, or behind what it extends, or else in front, where no condition of a template
// holds but those of the job itself. It reports whether it could.
func (j *job) add(line string) bool {
	f := j.file
	if len(j.node.Keys) == 0 || j.node.Keys[0] == nil {
		return false
	}
	if start := j.node.Span.Start; f.src[start] == '{' {
		f.insert(start+1, line+", ")
		return true
	}
	first := j.node.Keys[0].Span.Start
	indent := string(f.src[f.lineStart(first):first])
	if strings.TrimSpace(indent) != "" {
		return false
	}
	at := f.lineEnd(j.key.Span.End)
	for _, name := range []string{"<<", "extends", "stage"} {
		if key, value := j.get(name); value != nil && f.line(value.Span.End) == f.line(key.Span.Start) &&
			maps.Equal(f.branches(key.Span.Start), f.branches(j.key.Span.Start)) {
			at = max(at, f.lineEnd(value.Span.End))
		}
	}
	f.insert(at, indent+line+source.Newline(f.src))
	return true
}

// leads reports whether no job of the pipeline comes before a job by its stage.
func (l *pipeline) leads(j *job) bool {
	order, _, _ := l.stages()
	order = slices.Concat([]string{".pre"}, order, []string{".post"})
	mine := slices.Index(order, l.stageOf(j))
	if mine < 0 {
		return false
	}
	for _, other := range l.jobs() {
		if other == j || other.file == j.file && exclusive(j.file.branches(j.key.Span.Start), other.file.branches(other.key.Span.Start)) {
			continue
		}
		if slices.Index(order, l.stageOf(other)) < mine {
			return false
		}
	}
	return true
}

// writesRequirements is a command that writes the requirements that environments are built from.
var writesRequirements = lazyregexp.New(`grove(\.sh)?\s+[\w-]*requirements`)

// writers are the jobs that write the requirements that environments are built from.
func (l *pipeline) writers(needs []*need) []*job {
	var out []*job
	for _, n := range needs {
		if n.kind == loop || n.alone != "" || l.creates(n.job) {
			continue
		}
		script := n.file.tree.Follow(n.file.tree.Get(n.node, "script"))
		if script != nil && (strings.Contains(n.file.source(script), l.in.RequirementsFile()) || writesRequirements.MatchString(n.file.source(script))) {
			out = append(out, n.job)
		}
	}
	return out
}

// addStage adds the stage of the environments before the first one of the jobs that need them, and that of the jobs that write
// requirements before it. It is ".pre" where none of the files lists the stages. Jobs that go over all instances come behind it.
func (l *pipeline) addStage(jobs []*builderJob, writers []*job, needs []*need) string {
	stages, f, list := l.stages()
	jobs = slices.DeleteFunc(slices.Clone(jobs), func(b *builderJob) bool { return !l.listed(b) })
	if list == nil || !l.planner.opens(f) || len(jobs) == 0 {
		return ".pre"
	}
	if slices.Contains(stages, stageName) {
		return stageName
	}
	first := len(stages)
	users := slices.DeleteFunc(slices.Clone(needs), func(n *need) bool { return n.kind != loop || l.origin != own })
	for _, b := range jobs {
		users = append(users, b.users...)
	}
	for _, u := range users {
		if i := slices.Index(stages, l.stageOf(u.job)); i >= 0 {
			first = min(first, i)
		}
	}
	if first == len(stages) {
		return ".pre"
	}
	if l.early(writers) {
		f.precede(list, first, "requirements")
	}
	f.precede(list, first, stageName)
	return stageName
}

// listed reports whether the list of stages is there wherever an added job is: it stands in the file of that, or in one that
// has no jobs and only goes with others.
func (l *pipeline) listed(b *builderJob) bool {
	_, f, _ := l.stages()
	return l.origin != written || f == nil || f == b.file || !slices.ContainsFunc(f.jobs, func(j *job) bool { return !j.hidden() })
}

// opens reports whether a file may be changed: it is one of the workspace.
func (p *planner) opens(f *file) bool { return f.root.Has(f.path) }

// early moves the jobs that write requirements to a stage of their own. It reports whether any was moved.
func (l *pipeline) early(writers []*job) bool {
	moved := false
	for _, w := range writers {
		if key, needs := w.get("needs"); needs != nil {
			l.note(step.Decide, w.file, w.file.line(key.Span.Start), "the job "+w.name+" writes requirements, and needs other jobs first: let it run before the environment is built")
			continue
		}
		_, stage := w.get("stage")
		if stage == nil {
			continue
		}
		w.file.edits = append(w.file.edits, edit.Edit{Start: stage.Span.Start, End: stage.Span.End, New: "requirements"})
		moved = true
	}
	return moved
}
