package pipelines

import (
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// repositoryPipeline is the file that GitLab reads.
const repositoryPipeline = ".gitlab-ci.yml"

// open reads a file once; nil when it cannot be read or holds no mapping.
func (p *planner) open(root *step.Root, name string) *file {
	key := root.Key + "\x00" + name
	f, known := p.opened[key]
	if !known {
		f = read(root, name)
		p.opened[key] = f
	}
	return f
}

// pipelines are those of the workspace: of each repository its own, and those that programs make from files.
func (p *planner) pipelines() []*pipeline {
	var out []*pipeline
	taken := map[*file]bool{}
	take := func(l *pipeline) {
		l.main = slices.DeleteFunc(slices.Clone(l.files), func(f *file) bool { return taken[f] || !f.root.Has(f.path) })
		for _, f := range l.main {
			taken[f] = true
		}
		if len(l.main) > 0 {
			out = append(out, l)
		}
	}
	for _, root := range p.in.Roots {
		if f := p.open(root, repositoryPipeline); f != nil {
			l := &pipeline{planner: p, origin: own}
			if root.Role == "grove" {
				l.origin = foreign
			}
			l.files = p.including(root, f)
			take(l)
		}
	}
	for _, root := range p.in.Roots {
		for _, files := range p.beside(root) {
			take(&pipeline{planner: p, origin: written, files: files})
		}
	}
	return out
}

// including are a file and those that it includes, in any repository of the workspace. What stands below .gitlab may be
// included by a name that is put together, so it counts as well.
func (p *planner) including(root *step.Root, first *file) []*file {
	out := []*file{first}
	for i := 0; i < len(out) && len(out) < 100; i++ {
		for _, f := range p.included(out[i]) {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	for _, name := range root.Files {
		if strings.HasPrefix(name, ".gitlab/") && isYAML(name) {
			if f := p.open(root, name); f != nil && !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// included are the files that one includes itself.
func (p *planner) included(f *file) []*file {
	v := f.tree.Follow(f.tree.Get(f.top, "include"))
	if v == nil {
		return nil
	}
	items := []*yaml.Node{v}
	if v.Kind == yaml.Sequence {
		items = v.Items
	}
	var out []*file
	for _, item := range items {
		item = f.tree.Follow(item)
		if item == nil {
			continue
		}
		if item.Kind == yaml.Scalar {
			out = append(out, p.matching(f.root, f.tree.Text(item))...)
			continue
		}
		root := f.root
		names := f.names(f.tree.Get(item, "local"))
		if f.tree.Get(item, "project") != nil {
			names, root = f.names(f.tree.Get(item, "file")), p.grove()
		}
		for _, name := range names {
			if root != nil {
				out = append(out, p.matching(root, name)...)
			}
		}
	}
	return out
}

// grove is the repository of Grove, which others include files of by its name on the server.
func (p *planner) grove() *step.Root {
	for _, root := range p.in.Roots {
		if root.Role == "grove" {
			return root
		}
	}
	return nil
}

// matching are the files of a repository that an include names: a path, or a pattern of paths. A path below the submodule or
// the link that Grove is in a cluster leads to the repository of Grove.
func (p *planner) matching(root *step.Root, pattern string) []*file {
	pattern = path.Clean(strings.TrimPrefix(pattern, "/"))
	paths := globbed(pattern)
	var out []*file
	for _, name := range root.Files {
		if isYAML(name) && paths.Match(name) {
			if f := p.open(root, name); f != nil {
				out = append(out, f)
			}
		}
	}
	if rest, ok := strings.CutPrefix(pattern, "grove/"); ok && len(out) == 0 && p.grove() != nil && root != p.grove() {
		return p.matching(p.grove(), rest)
	}
	return out
}

// globbed are the paths that GitLab's pattern names, ** for any directories; none for a malformed one.
func globbed(pattern string) rules.Patterns {
	paths, err := rules.ParsePatterns([]string{"/" + strings.ReplaceAll(pattern, "**.", "**/*.")})
	if err != nil {
		return rules.Patterns{}
	}
	return paths
}

func isYAML(name string) bool {
	for _, ext := range []string{".j2", ".jinja", ".jinja2", ".erb", ".tpl", ".tmpl"} {
		name = strings.TrimSuffix(name, ext)
	}
	ext := path.Ext(name)
	return ext == ".yml" || ext == ".yaml"
}

// beside are the files from which programs make pipelines, by directory: what is common to the jobs may stand in another file
// than they do. Those of directories where none runs the program, or is called a pipeline's, are left out.
func (p *planner) beside(root *step.Root) [][]*file {
	dirs := map[string][]*file{}
	counts := map[string]bool{}
	var order []string
	for _, name := range root.Files {
		if !isYAML(name) || strings.HasPrefix(name, ".") {
			continue
		}
		dir := path.Dir(name)
		if !counts[dir] && !strings.Contains(name, "pipeline") && !strings.Contains(name, "templates/") && len(root.Occurrences[name]) == 0 {
			continue
		}
		if !counts[dir] {
			counts[dir] = true
			order = append(order, dir)
		}
	}
	for _, name := range root.Files {
		if dir := path.Dir(name); isYAML(name) && counts[dir] {
			if f := p.open(root, name); f != nil && f.pipeline() {
				dirs[dir] = append(dirs[dir], f)
			}
		}
	}
	var out [][]*file
	for _, dir := range order {
		if slices.ContainsFunc(dirs[dir], func(f *file) bool { return len(f.jobs) > 0 && f.runs() }) {
			out = append(out, dirs[dir])
		}
	}
	return out
}

// pipeline reports whether a file is one of a GitLab pipeline: it has a job, or what only pipelines have.
func (f *file) pipeline() bool {
	return f.runs() || f.tree.Get(f.top, "stages") != nil || f.tree.Get(f.top, "default") != nil || f.tree.Get(f.top, "workflow") != nil ||
		len(f.jobs) > 0 && !slices.ContainsFunc(f.jobs, func(j *job) bool { return !j.hidden() })
}

// runs reports whether a file has a job that runs a script.
func (f *file) runs() bool {
	return slices.ContainsFunc(f.jobs, func(j *job) bool {
		script := f.tree.Follow(f.tree.Get(j.node, "script"))
		return script != nil && (script.Kind == yaml.Sequence || f.tree.Get(j.node, "stage") != nil || f.tree.Get(j.node, "extends") != nil) ||
			j.file.tree.Get(j.node, "trigger") != nil || f.tree.Get(j.node, "extends") != nil && f.tree.Get(j.node, "stage") != nil
	})
}
