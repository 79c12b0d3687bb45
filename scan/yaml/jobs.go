package yaml

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// job is a mapping that can extend others.
type job struct {
	name    string
	node    *Node
	file    *file  // that it stands in
	key     string // of that file; empty for the one being read
	extends []string
}

// jobs are the jobs of a file and of those that it includes.
type jobs struct {
	byName   map[string]*job
	byNode   map[*Node]*job
	own      []*job       // of the file itself, in order
	defaults *job         // what every job of the file extends
	globals  []globalFile // the documents whose top holds for all
}

type globalFile struct {
	file *file
	key  string
	doc  *Node
}

func (j jobs) at(n *Node) *job { return j.byNode[n] }

// maxIncludes bounds how many files are read for one.
const maxIncludes = 64

func (w *walker) readJobs() jobs {
	j := jobs{byName: make(map[string]*job), byNode: make(map[*Node]*job)}
	if w.kind.Jobs == "" {
		return j
	}
	seen := map[string]bool{w.in.Path: true}
	w.jobsOf(&j, w.file, "", seen)
	return j
}

// jobsOf adds the jobs of f, and of the files that it includes. Of jobs of one name, that of the including file counts.
func (w *walker) jobsOf(j *jobs, f *file, key string, seen map[string]bool) {
	for _, doc := range f.tree.Docs {
		j.globals = append(j.globals, globalFile{f, key, doc})
		f.collect(doc, w.kind.jobs, "", func(name string, n *Node) {
			for _, not := range w.kind.NotJobs {
				if not == name {
					return
				}
			}
			one := &job{name: name, node: n, file: f, key: key, extends: w.extended(f, n)}
			if key == "" {
				j.own = append(j.own, one)
				j.byNode[n] = one
			}
			if name == w.kind.Default {
				if j.defaults == nil {
					j.defaults = one
				}
			} else if j.byName[name] == nil {
				j.byName[name] = one
			}
		})
		for _, include := range w.includes(f, doc) {
			if w.in.Load == nil || seen[include] || len(seen) > maxIncludes {
				continue
			}
			seen[include] = true
			if src, ok := w.in.Load(include); ok {
				w.jobsOf(j, newFile(include, string(src)), include, seen)
			}
		}
	}
}

// collect calls add for each mapping at the pattern p below n.
func (f *file) collect(n *Node, p pattern, name string, add func(name string, n *Node)) {
	if n == nil {
		return
	}
	if len(p) == 0 {
		if n.Kind == Mapping {
			add(name, n)
		}
		return
	}
	for i, item := range n.Items {
		s := step{item: n.Kind == Sequence}
		if !s.item {
			s.key = f.tree.Text(n.Keys[i])
			name = s.key
		}
		if p[0].fits(s) {
			f.collect(item, p[1:], name, add)
		}
	}
}

// extended are the names of the jobs that the mapping n extends, the last one counting most.
func (w *walker) extended(f *file, n *Node) []string {
	if w.kind.Extends == "" {
		return nil
	}
	v := f.tree.Get(n, w.kind.Extends)
	v = f.tree.Follow(v)
	if v == nil {
		return nil
	}
	if v.Kind == Scalar {
		return []string{f.tree.Text(v)}
	}
	var out []string
	for _, item := range v.Items {
		if v.Kind == Sequence && item != nil && item.Kind == Scalar {
			out = append(out, f.tree.Text(item))
		}
	}
	return out
}

// includes are the slash paths of the files of the repository that a document includes.
func (w *walker) includes(f *file, doc *Node) []string {
	if w.kind.Include == "" {
		return nil
	}
	v := f.tree.Follow(f.tree.Get(doc, w.kind.Include))
	if v == nil {
		return nil
	}
	items := []*Node{v}
	if v.Kind == Sequence {
		items = v.Items
	}
	var out []string
	for _, item := range items {
		item = f.tree.Follow(item)
		if item == nil {
			continue
		}
		if item.Kind == Mapping {
			for _, k := range w.kind.IncludeKeys {
				if p := f.tree.Follow(f.tree.Get(item, k)); p != nil && f.tree.Get(item, "project") == nil {
					out = append(out, f.tree.Text(p))
				}
			}
		} else {
			out = append(out, f.tree.Text(item))
		}
	}
	for i, p := range out {
		out[i] = path.Clean(strings.TrimPrefix(p, "/"))
	}
	return out
}

// line of ancestors: j first, then what it extends, nearest first, then the defaults.
func (j jobs) chain(of *job) []*job {
	var out []*job
	seen := make(map[*job]bool)
	var add func(*job)
	add = func(one *job) {
		if one == nil || seen[one] || len(out) > maxIncludes {
			return
		}
		seen[one] = true
		out = append(out, one)
		for i := len(one.extends) - 1; i >= 0; i-- {
			add(j.byName[one.extends[i]])
		}
	}
	add(of)
	if of != nil && !strings.HasPrefix(of.name, ".") {
		add(j.defaults)
	}
	return out
}

// inherited finds the commands that jobs run without holding them, gives those that no script has an embedded script of their own,
// and gives each command the variables that all of its users define.
func (w *walker) inherited() {
	for _, j := range w.jobs.own {
		w.inherit(j)
	}
	for _, u := range w.foreign {
		fd := w.owner[u.node]
		if fd == nil {
			fd = w.adopt(u)
		}
		if fd != nil && fd != u.by {
			fd.users = append(fd.users, u.env)
		}
	}
	for _, fd := range w.found {
		if len(fd.users) > 0 && (fd.hidden || fd.job == nil) {
			fd.embedded.Env = common(fd.embedded.Env, fd.users)
		}
	}
}

// inherit notes the scripts of other jobs that j runs.
func (w *walker) inherit(j *job) {
	if strings.HasPrefix(j.name, ".") {
		return
	}
	chain := w.jobs.chain(j)
	if len(chain) == 1 {
		return
	}
	for i := range w.kind.commands {
		c := &w.kind.commands[i]
		if c.Takes != "text" || len(c.pattern) != len(w.kind.jobs)+1 {
			continue
		}
		var env []source.Var
		for _, key := range append(lastKeys(c.Key), c.First...) {
			for _, from := range chain {
				v := from.file.tree.Get(from.node, key)
				if v == nil {
					continue
				}
				if from != j && from.file == w.file {
					if env == nil {
						env = w.env(c, j.node, j)
					}
					for _, l := range w.elsewhere(v, 0) {
						w.foreign = append(w.foreign, use{l, nil, env})
					}
				}
				break
			}
		}
	}
}

func lastKeys(path string) []string {
	return strings.Split(path[strings.LastIndexByte(path, '/')+1:], "|")
}

// adopt makes an embedded script of a script that is run only through aliases and references.
func (w *walker) adopt(u use) *found {
	var nodes []*Node
	for _, l := range w.flatten(u.group, 0) {
		if !l.foreign() && w.owner[l.node] == nil {
			nodes = append(nodes, l.node)
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	fd := &found{embedded: w.script(nodes), hidden: true}
	if w.kind.Dollars {
		dollars(fd.embedded)
	}
	fd.embedded.Where = "shared script"
	if u.group.Anchor != "" {
		fd.embedded.Where += " &" + u.group.Anchor
	}
	fd.embedded.Dialect = w.kind.Dialect
	if u.by != nil && u.by.embedded != nil {
		fd.embedded.Dialect = u.by.embedded.Dialect
	}
	if !w.kind.known && !w.runs(fd.embedded) {
		return nil
	}
	for _, n := range nodes {
		w.owner[n] = fd
	}
	w.found = append(w.found, fd)
	return fd
}

// common are the variables in own, and those that every user defines.
func common(own []source.Var, users [][]source.Var) []source.Var {
	out := append([]source.Var(nil), own...)
	for _, v := range users[0] {
		everywhere := !defines(out, v.Name)
		for _, u := range users[1:] {
			everywhere = everywhere && defines(u, v.Name)
		}
		if everywhere {
			out = append(out, v)
		}
	}
	return out
}

func defines(vars []source.Var, name string) bool {
	for _, v := range vars {
		if v.Name == name {
			return true
		}
	}
	return false
}
