package pipelines

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// head are the lines of the added job that say where it runs: as the jobs that it works for do.
func (p *planner) head(like *job, beside []*file, stage string) []string {
	var out, bases []string
	if key, extends := like.get("extends"); extends != nil && like.file.line(extends.Span.End) == like.file.line(key.Span.Start) {
		out = append(out, "extends: "+string(like.file.src[extends.Span.Start:extends.Span.End]))
		bases = like.file.names(extends)
	}
	out = append(out, "stage: "+stage)
	for _, name := range []string{"image", "tags"} {
		out = append(out, like.file.short(name, like.file.tree.Get(like.node, name))...)
	}
	return append(out, p.before(beside, bases)...)
}

// short is the line that gives another job of the file the same value for a key, if the value stands on one line.
func (f *file) short(key string, v *yaml.Node) []string {
	if v = f.tree.Follow(v); v == nil || v.Anchor != "" || f.line(v.Span.End) != f.line(v.Span.Start) || v.Tag != "" {
		return nil
	}
	return []string{key + ": " + string(f.src[v.Span.Start:v.Span.End])}
}

// before are the lines by which the added job replaces the script that would run before it, if anything in that runs the
// program, which has no environment yet. The script is that of the nearest job that the added one extends, or else that
// before all jobs.
func (p *planner) before(files []*file, bases []string) []string {
	if f, script := nearest(files, bases, "before_script"); script != nil {
		return p.without(f, script)
	}
	if f, node := entry(files, "default"); node != nil && node.Kind == yaml.Mapping {
		if _, script := (&job{file: f, node: node}).get("before_script"); script != nil {
			return p.without(f, script)
		}
	}
	if f, script := entry(files, "before_script"); script != nil { // the form of old pipelines
		return p.without(f, script)
	}
	return nil
}

// without writes a script before jobs without the items that run the program; nothing when none does. Only items that stand
// on one line and mean the same elsewhere are kept; the others are for a person.
func (p *planner) without(f *file, script *yaml.Node) []string {
	if !f.sites(script.Span.Start, script.Span.End) {
		return nil
	}
	var kept []string
	for _, item := range script.Items {
		if item == nil || f.sites(item.Span.Start, item.Span.End) {
			continue
		}
		text := string(f.src[item.Span.Start:item.Span.End])
		if item.Kind == yaml.Scalar && item.Tag == "" && !strings.ContainsAny(text, "\r\n") && !strings.Contains(text, "{%") {
			kept = append(kept, text)
			continue
		}
		p.note(step.Decide, f, f.line(item.Span.Start), "the job that builds environments leaves this line out of the script before it: add it there if building needs it")
	}
	if len(kept) == 0 {
		return []string{"before_script: []"}
	}
	out := []string{"before_script:"}
	for _, text := range kept {
		out = append(out, strings.Repeat(" ", f.indent())+"- "+text)
	}
	return out
}

// variables are those by which the first of some jobs that has any tells the program where its files are, as lines of the
// added job: an environment is held to the plugins that the program will look for in these directories.
func (p *planner) variables(instance string, jobs []*job) []string {
	for _, j := range jobs {
		_, node := j.get("variables")
		node = j.file.tree.Follow(node)
		if node == nil || node.Kind != yaml.Mapping {
			continue
		}
		if out := p.roots(j, node, instance); len(out) > 0 {
			return append([]string{"variables:"}, out...)
		}
	}
	return nil
}

// roots are the entries of a job's variables that name directories of the program, and the instance where these use it.
func (p *planner) roots(j *job, node *yaml.Node, instance string) []string {
	prefix := strings.ToUpper(p.in.Pack.Program.Name) + "_"
	var out, names []string
	for i, key := range node.Keys {
		value := node.Items[i]
		if key == nil || value == nil || value.Kind != yaml.Scalar {
			continue
		}
		name, text := j.file.raw(key), string(j.file.src[value.Span.Start:value.Span.End])
		line := strings.Repeat(" ", j.file.indent()) + name + ": " + text
		if strings.ContainsAny(text, "\r\n") || strings.Contains(strings.ReplaceAll(text, instance, ""), "{{") {
			continue
		}
		if slices.Contains(p.in.Pack.Instance.Environment, name) {
			names = append(names, line)
		} else if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, "_ROOT") {
			out = append(out, line)
		}
	}
	if uses := strings.Join(out, "\n"); slices.ContainsFunc(p.in.Pack.Instance.Environment, func(name string) bool { return strings.Contains(uses, name) }) {
		out = append(names, out...)
	}
	return out
}
