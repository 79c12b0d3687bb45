package pipelines

import (
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// particular are the keys by which a job is more than a place to run in: an added job inherits from none that has one of them.
var particular = []string{"needs", "dependencies", "parallel", "environment", "when", "trigger", "release", "rules", "only", "except", "after_script", "resource_group", "allow_failure"}

// head are the lines of an added job that say where it runs: as the jobs that it works for do.
func (l *pipeline) head(users []*need) []string {
	first := users[0].job
	var out []string
	base := l.base(first)
	if base != "" {
		out = append(out, base)
	}
	for _, key := range []string{"image", "tags"} {
		for _, u := range users {
			c, v := l.value(u.job, key)
			if v == nil {
				continue
			}
			if _, itself := first.get(key); base == "" || itself == v {
				out = append(out, c.file.short(key, v)...)
			}
			break
		}
	}
	return append(out, l.withoutSites(first, base)...)
}

// base is the line by which an added job is like another: what that extends, or merges, as far as it is nothing particular.
func (l *pipeline) base(like *job) string {
	f := like.file
	if key, extends := like.get("extends"); extends != nil && f.line(extends.Span.End) == f.line(key.Span.Start) {
		above := l.chain(like)[1:]
		if _, script := like.get("script"); script == nil && len(f.names(extends)) == 1 && len(above) > 0 {
			if _, itself := above[0].get("script"); itself != nil {
				return l.base(above[0]) // which is nothing but another script
			}
		}
		for _, c := range above {
			if c.particular() {
				return ""
			}
		}
		return "extends: " + f.source(extends)
	}
	if key, merged := like.get("<<"); merged != nil && merged.Kind == yaml.Alias && f.line(merged.Span.End) == f.line(key.Span.Start) {
		if target := f.tree.Follow(merged); target != nil && !(&job{file: f, node: target}).particular() {
			return "<<: " + f.source(merged)
		}
	}
	return ""
}

func (j *job) particular() bool {
	return slices.ContainsFunc(particular, func(key string) bool { return j.file.tree.Get(j.node, key) != nil })
}

// short is the line that gives another job of the file the same value for a key, if the value stands on one line.
func (f *file) short(key string, v *yaml.Node) []string {
	if v = f.tree.Follow(v); v == nil || v.Anchor != "" || f.line(v.Span.End) != f.line(v.Span.Start) || v.Tag != "" {
		return nil
	}
	return []string{key + ": " + f.source(v)}
}

// withoutSites are the lines by which an added job replaces the script that would run before it, if anything in that runs the
// program, which has no environment yet. The script is that of what the job is based on, or else that before all jobs.
func (l *pipeline) withoutSites(like *job, base string) []string {
	if base != "" {
		if c, script := l.inherited(like, "before_script"); script != nil {
			return l.without(c.file, script)
		}
		if _, merged := like.get("<<"); merged != nil {
			if script := like.file.tree.Follow(like.file.tree.Get(merged, "before_script")); script != nil {
				return l.without(like.file, script)
			}
		}
	}
	if f, script := l.shared("before_script"); script != nil {
		return l.without(f, script)
	}
	return nil
}

// without writes a script before jobs without the items that run the program; nothing when none does. Only items that stand
// on one line and mean the same elsewhere are kept; the others are for a person.
func (l *pipeline) without(f *file, script *yaml.Node) []string {
	if !f.sites(script.Span.Start, script.Span.End) {
		return nil
	}
	var kept []string
	for _, item := range script.Items {
		if item == nil || f.sites(item.Span.Start, item.Span.End) {
			continue
		}
		text := f.source(item)
		if item.Kind == yaml.Scalar && item.Tag == "" && !strings.ContainsAny(text, "\r\n") && !strings.Contains(text, "{%") {
			kept = append(kept, text)
			continue
		}
		l.note(step.Decide, f, f.line(item.Span.Start), "the job that builds environments leaves this line out of the script before it: add it there if building needs it")
	}
	if len(kept) == 0 {
		return []string{"before_script: []"}
	}
	out := []string{"before_script:"}
	for _, text := range kept {
		out = append(out, f.in()+"- "+text)
	}
	return out
}

// variables are those by which the first user of an environment that has any tells the program where its files are, as lines of
// the added job: an environment is held to the plugins that the program will look for in these directories. What the added job
// inherits is left out.
func (l *pipeline) variables(users []*need) []string {
	for _, u := range users {
		for _, c := range l.chain(u.job) {
			_, node := c.get("variables")
			node = c.file.tree.Follow(node)
			if node == nil || node.Kind != yaml.Mapping || c != u.job && l.base(users[0].job) != "" {
				continue
			}
			if out := l.roots(c, node, u); len(out) > 0 {
				return append([]string{"variables:"}, out...)
			}
		}
	}
	return nil
}

// roots are the entries of a job's variables that name directories of the program, and the instance where these use it.
func (l *pipeline) roots(j *job, node *yaml.Node, u *need) []string {
	prefix := strings.ToUpper(l.in.Pack.Program.Name) + "_"
	var out, names []string
	for i, key := range node.Keys {
		value := node.Items[i]
		if key == nil || value == nil || value.Kind != yaml.Scalar {
			continue
		}
		name, text := j.file.raw(key), j.file.source(value)
		line := j.file.in() + name + ": " + text
		for _, instance := range u.names {
			text = strings.ReplaceAll(text, instance, "")
		}
		if strings.ContainsAny(text, "\r\n") || len(expressions(text)) > 0 {
			continue
		}
		if slices.Contains(l.in.Pack.Instance.Environment, name) {
			names = append(names, line)
		} else if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, "_ROOT") && !slices.Contains(l.in.Pack.Instance.RootEnv, name) {
			out = append(out, line)
		}
	}
	uses := strings.Join(out, "\n")
	if slices.ContainsFunc(l.in.Pack.Instance.Environment, func(name string) bool { return strings.Contains(uses, name) }) {
		if u.kind == every || u.matrix {
			return nil // the added job has no such variable, or its own
		}
		out = append(names, out...)
	}
	return out
}

// build is the command by which a job builds the environments of instances, as their names stand in a script, or those of all:
// Grove's, or what every machine has where Grove's command line has none.
func (l *pipeline) build(users []*need, names ...string) string {
	if !l.in.NoCommands {
		words := []string{l.called(users), "venv update"}
		for _, name := range names {
			if strings.ContainsAny(name, "${}<%") {
				name = `"` + name + `"`
			}
			words = append(words, name)
		}
		return strings.Join(words, " ")
	}
	if len(names) == 0 {
		return "for instance in " + l.in.Pack.Instance.Dir + "/*/; do " + l.commands("${instance%/}", " && ") + "; done"
	}
	var out []string
	for _, name := range names {
		out = append(out, l.commands(path.Join(l.in.Pack.Instance.Dir, name), " && "))
	}
	return strings.Join(out, " && ")
}

// called is how jobs call Grove's command line.
func (l *pipeline) called(users []*need) string {
	for _, u := range users {
		for _, p := range l.scripts(u.job) {
			if name := step.CommandLine([]byte(p.raw())); name != "" {
				return name
			}
		}
	}
	for _, f := range append([]*file{users[0].file}, l.files...) {
		if name := step.CommandLine(f.src); name != "" {
			return name
		}
	}
	return "grove"
}
