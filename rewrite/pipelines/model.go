package pipelines

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// origin says how the jobs of a pipeline come about.
type origin int

const (
	own     origin = iota // the repository's own pipeline, as GitLab reads it
	foreign               // that of Grove: the workspace is another repository, whose files no artifact can hold
	written               // files from which a program makes the pipeline of a commit: rendered, or copied for each instance
)

// pipeline is jobs, in which order they run, and what each of them gets: the files that it is made of, merged.
type pipeline struct {
	*planner
	origin origin
	main   []*file // whose jobs are looked at
	files  []*file // main, and what else the pipeline is made of: names are looked up there, the first one counts
}

// job is an entry of a pipeline that is run or extended.
type job struct {
	file *file
	name string // as it is written, without quotes
	key  *yaml.Node
	node *yaml.Node
}

// hidden reports whether GitLab does not run a job, which others extend.
func (j *job) hidden() bool { return strings.HasPrefix(j.name, ".") }

// job is the job of a name; nil when there is none.
func (l *pipeline) job(name string) *job {
	for _, f := range l.files {
		for _, j := range f.jobs {
			if j.name == name {
				return j
			}
		}
	}
	return nil
}

// jobs are all that the pipeline may run.
func (l *pipeline) jobs() []*job {
	var out []*job
	for _, f := range l.files {
		for _, j := range f.jobs {
			if !j.hidden() {
				out = append(out, j)
			}
		}
	}
	return out
}

// entry is what stands at a key at the top of one of the files; nil when none has it.
func (l *pipeline) entry(name string) (*file, *yaml.Node) {
	for _, f := range l.files {
		for i, key := range f.top.Keys {
			if key != nil && f.raw(key) == name && f.top.Items[i] != nil {
				return f, f.tree.Follow(f.top.Items[i])
			}
		}
	}
	return nil, nil
}

// chain is a job and those that it extends, nearest first: a job wins over what it extends, and of several the last one.
func (l *pipeline) chain(j *job) []*job {
	var out []*job
	var add func(*job)
	add = func(one *job) {
		if one == nil || slices.Contains(out, one) || len(out) > 32 {
			return
		}
		out = append(out, one)
		extends := one.file.tree.Get(one.node, "extends")
		for _, name := range slices.Backward(one.file.names(extends)) {
			add(l.job(name))
		}
	}
	add(j)
	return out
}

// value is what a job has at a key, of its own, merged into it or inherited, and the job that it stands in.
func (l *pipeline) value(j *job, key string) (*job, *yaml.Node) {
	for _, c := range l.chain(j) {
		if v := c.file.tree.Get(c.node, key); v != nil {
			return c, c.file.tree.Follow(v)
		}
	}
	return nil, nil
}

// inherited is what a job takes for a key from those that it extends.
func (l *pipeline) inherited(j *job, key string) (*job, *yaml.Node) {
	for _, c := range l.chain(j)[1:] {
		if v := c.file.tree.Get(c.node, key); v != nil {
			return c, c.file.tree.Follow(v)
		}
	}
	return nil, nil
}

// shared is what stands at a key for all jobs: in `default`, or at the top, as old pipelines have it.
func (l *pipeline) shared(key string) (*file, *yaml.Node) {
	if f, node := l.entry("default"); node != nil && node.Kind == yaml.Mapping {
		if v := f.tree.Follow(f.tree.Get(node, key)); v != nil {
			return f, v
		}
	}
	return l.entry(key)
}

// text is a scalar that a job has at a key, templates in it as they are written.
func (l *pipeline) text(j *job, key string) string {
	if c, v := l.value(j, key); v != nil && v.Kind == yaml.Scalar {
		return c.file.raw(v)
	}
	return ""
}

// scripts are the items of what a job runs, in order, without what runs before or after all jobs.
func (l *pipeline) scripts(j *job) []part {
	var out []part
	for _, key := range []string{"before_script", "script", "after_script"} {
		if c, v := l.value(j, key); v != nil {
			out = l.parts(out, c.file, c, v, 0)
		}
	}
	return out
}

// whole is the text of all that a job runs.
func (l *pipeline) whole(j *job) string {
	var b strings.Builder
	for _, p := range l.scripts(j) {
		b.WriteString(p.text() + "\n")
	}
	return b.String()
}

// part is one item of a script.
type part struct {
	file *file
	list *yaml.Node // that holds it; nil for a script that is one text
	node *yaml.Node
	own  *job // the job whose list it stands in; nil when that belongs to all
}

// parts adds the items of a script, those that it takes from elsewhere by an alias or a reference in their place.
func (l *pipeline) parts(out []part, f *file, of *job, v *yaml.Node, depth int) []part {
	if depth > 10 {
		return out
	}
	followed := f.tree.Follow(v)
	switch {
	case followed == nil:
	case followed.Tag == "!reference":
		names := f.names(followed)
		if len(names) == 2 {
			if from := l.job(names[0]); from != nil {
				if c, script := l.value(from, names[1]); script != nil {
					return l.parts(out, c.file, nil, script, depth+1)
				}
			} else if g, script := l.shared(names[1]); names[0] == "default" && script != nil {
				return l.parts(out, g, nil, script, depth+1)
			}
		}
	case followed.Kind == yaml.Scalar:
		out = append(out, part{file: f, node: followed, own: of})
	case followed.Kind == yaml.Sequence:
		if followed != v {
			of = nil // another job's list
		}
		for _, item := range followed.Items {
			n := len(out)
			out = l.parts(out, f, of, item, depth+1)
			if n < len(out) && item != nil && item.Kind == yaml.Scalar {
				out[len(out)-1].list = followed
			}
		}
	}
	return out
}

func (p part) text() string { return p.file.tree.Text(p.node) }

func (p part) raw() string { return p.file.source(p.node) }

// stages are the stages in order, with the file and the list that names them; nil when nothing does.
func (l *pipeline) stages() ([]string, *file, *yaml.Node) {
	for _, f := range l.files {
		if list := f.tree.Follow(f.tree.Get(f.top, "stages")); list != nil && list.Kind == yaml.Sequence && len(list.Items) > 0 {
			return f.names(list), f, list
		}
	}
	return []string{"build", "test", "deploy"}, nil, nil // what GitLab has then
}

// stageOf is the stage of a job, as the file writes it.
func (l *pipeline) stageOf(j *job) string {
	if stage := l.text(j, "stage"); stage != "" {
		return stage
	}
	return "test"
}
