package yaml

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// place is a node of this file, or of one that it includes.
type place struct {
	file *file
	key  string // of the file; empty for the one being read
	node *Node
}

// resolve finds what a path of the pack names for a command in the mapping holder, nearest first: in the job that holds
// it, what that extends, and at the top of the documents.
func (w *walker) resolve(at string, holder *Node, j *job) []place {
	if top, ok := strings.CutPrefix(at, "/"); ok {
		return w.top(top)
	}
	from := []place{{w.file, "", holder}}
	if strings.HasPrefix(at, "../") {
		up := len(w.nodes) - 1
		for strings.HasPrefix(at, "../") {
			at = at[3:]
			up--
		}
		if up < 0 {
			return nil
		}
		from[0].node = w.nodes[up]
	} else if j != nil && j.node == holder {
		from = nil
		for _, one := range w.jobs.chain(j) {
			from = append(from, place{one.file, one.key, one.node})
		}
	}
	return below(from, at)
}

// top finds what a path from the top of the documents names.
func (w *walker) top(at string) []place {
	if len(w.jobs.globals) == 0 {
		return below([]place{{w.file, "", w.doc}}, at)
	}
	out, ok := w.tops[at]
	if !ok {
		var from []place
		for _, g := range w.jobs.globals {
			from = append(from, place{g.file, g.key, g.doc})
		}
		out = below(from, at)
		w.tops[at] = out
	}
	return out
}

// below are the nodes at a path of keys from each of the places that has it.
func below(from []place, at string) []place {
	var out []place
	for _, p := range from {
		n := p.node
		for _, key := range strings.Split(at, "/") {
			n = p.file.tree.Get(n, key)
		}
		if n = p.file.tree.Follow(n); n != nil {
			out = append(out, place{p.file, p.key, n})
		}
	}
	return out
}

// env are the variables that the file defines for a command.
func (w *walker) env(c *command, holder *Node, j *job) []source.Var {
	var out []source.Var
	for _, at := range c.Env {
		for _, p := range w.resolve(at, holder, j) {
			w.variables(p, maxFollow, func(name string, n *Node) bool {
				if len(out) == maxVariables {
					w.crowded = true
					return false
				}
				if name != "" && !defines(out, name) {
					out = append(out, source.Var{Name: name, Value: w.variable(p, name, n)})
				}
				return true
			})
		}
	}
	for _, p := range w.beside() {
		w.variables(p, maxFollow, func(name string, n *Node) bool {
			if n = p.file.tree.Follow(n); n != nil && n.Kind == Scalar && len(out) < maxVariables && !defines(out, name) {
				out = append(out, source.Var{Name: name, Value: w.variable(p, name, n)})
			}
			return true
		})
	}
	return out
}

// beside are the documents of the files whose variables the commands of this kind of file have.
func (w *walker) beside() []place {
	if w.in.Load == nil || w.others != nil {
		return w.others
	}
	w.others = []place{}
	dir := path.Dir(w.in.Path)
	for _, name := range w.kind.Variables {
		for _, key := range []string{path.Join(dir, name), path.Join(dir, "..", name)} {
			if src, ok := w.in.Load(key); ok && key != w.in.Path {
				f := newFile(key, string(src))
				for _, doc := range f.tree.Docs {
					w.others = append(w.others, place{f, key, doc})
				}
			}
		}
	}
	return w.others
}

// maxVariables bounds the variables that one command sees.
const maxVariables = 500

// variables calls add for each variable that a map or list defines, until it answers false.
func (w *walker) variables(p place, fuel int, add func(name string, n *Node) bool) {
	t := p.file.tree
	n := t.Follow(p.node)
	if n == nil || fuel == 0 {
		return
	}
	for i, item := range n.Items {
		if n.Kind == Mapping && n.Keys[i] != nil {
			if key := t.Text(n.Keys[i]); key != "<<" && !add(key, item) {
				return
			}
			continue
		}
		item = t.Follow(item)
		switch {
		case item == nil:
		case item.Kind == Scalar:
			if name, _, ok := strings.Cut(t.Text(item), "="); ok {
				add(name, item)
			} else {
				add(name, nil) // taken over from outside
			}
		case item.Kind == Mapping && t.Get(item, "name") != nil:
			add(t.Text(t.Follow(t.Get(item, "name"))), item)
		case item.Kind == Mapping: // Travis and CircleCI: - NAME: value
			w.variables(place{p.file, p.key, item}, fuel-1, add)
		}
	}
	for i, k := range n.Keys {
		if k != nil && t.Text(k) == "<<" {
			for _, m := range t.merged(n.Items[i]) {
				w.variables(place{p.file, p.key, m}, fuel-1, add)
			}
		}
	}
}

// variable is the value of a variable. One that the file does not know is a hole.
func (w *walker) variable(p place, name string, n *Node) *source.Script {
	key := variable{n, name}
	if n != nil && w.values[key] != nil {
		return w.values[key]
	}
	g := w.valueOf(p, name, n)
	if w.kind.Dollars && len(g.Holes) == 0 {
		dollars(g)
	}
	w.values[key] = g
	return g
}

// variable is the definition of a variable, which several commands can share.
type variable struct {
	node *Node
	name string
}

func (w *walker) valueOf(p place, name string, n *Node) *source.Script {
	t := p.file.tree
	n = t.Follow(n)
	if n != nil && n.Kind == Mapping {
		n = t.Follow(t.Get(n, "value"))
	}
	if n == nil || n.Kind == Mapping || n.Kind == Sequence {
		const unknown = "_value"
		return &source.Script{
			Text: unknown, Host: "yaml", Where: "variable " + name,
			Holes: []source.Hole{{Span: source.Span{End: len(unknown)}, Expr: name, Source: "${" + name + "}"}},
		}
	}
	g := &source.Script{Host: "yaml", Where: "variable " + name}
	if n.Kind == Null {
		return g
	}
	if p.key == "" {
		w.visits[n] = true
	}
	p.file.join(g, []*Node{n}, "\n")
	if strings.HasPrefix(g.Text, name+"=") {
		narrow(g, source.Span{Start: len(name) + 1, End: len(g.Text)})
	}
	if p.key != "" {
		for i := range g.Map.Segments {
			g.Map.Segments[i].File = p.key
		}
	}
	return g
}

// narrow makes an embedded script a part of itself.
func narrow(g *source.Script, to source.Span) {
	whole := g.Render
	g.Text, g.Map = g.Text[to.Start:to.End], g.Map.Slice(to)
	g.Render = func(at source.Span, text string) (string, error) {
		return whole(source.Span{Start: at.Start + to.Start, End: at.End + to.Start}, text)
	}
	g.Quote = nil // the value does not begin here
	var holes []source.Hole
	for _, h := range g.Holes {
		if to.Covers(h.Span) {
			h.Start, h.End = h.Start-to.Start, h.End-to.Start
			holes = append(holes, h)
		}
	}
	g.Holes = holes
}

// prelude are the variables that lines of other scripts set, which run before a command in the same shell: those of
// `before_script` in a job that is extended, or behind an alias.
func (w *walker) prelude(c *command, holder *Node, j *job) []source.Var {
	var out []source.Var
	for _, key := range c.First {
		v, inherited := w.own(holder, key), false
		if v == nil && j != nil {
			for _, from := range w.jobs.chain(j)[1:] {
				if v = from.file.tree.Get(from.node, key); v != nil {
					if from.file != w.file {
						v = nil // its own file's reading follows it
					}
					inherited = true
					break
				}
			}
		}
		for _, l := range w.flatten(v, 0) {
			if inherited || l.foreign() {
				out = append(out, w.assignments(l.node)...)
			}
		}
	}
	return out
}

// assignments are the variables that lines of a script set to a plain text, as `export NAME=text` does.
func (w *walker) assignments(n *Node) []source.Var {
	if out, ok := w.sets[n]; ok {
		return out
	}
	var out []source.Var
	defer func() { w.sets[n] = out }()
	text := w.tree.Text(n)
	if !strings.Contains(text, "=") {
		return nil
	}
	start := 0
	for _, line := range strings.SplitAfter(text, "\n") {
		end := start + len(strings.TrimRight(line, " \t\n"))
		rest := strings.TrimLeft(text[start:max(start, end)], " \t")
		rest = strings.TrimLeft(strings.TrimPrefix(rest, "export "), " ")
		start += len(line)
		name, value, ok := strings.Cut(rest, "=")
		if !ok || !isName(name) {
			continue
		}
		to := source.Span{Start: end - len(value), End: end}
		if q := value; len(q) > 1 && (q[0] == '"' || q[0] == '\'') && q[len(q)-1] == q[0] {
			value, to = q[1:len(q)-1], source.Span{Start: to.Start + 1, End: to.End - 1}
		}
		if strings.ContainsAny(value, "\"'`\\;&|<>() ") {
			continue
		}
		g := &source.Script{Host: "yaml", Where: "variable " + name}
		w.join(g, []*Node{n}, "\n")
		narrow(g, to)
		out = append(out, source.Var{Name: name, Value: g})
	}
	return out
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// shell is the dialect of a command, and its language when that is no shell.
func (w *walker) shell(c *command, holder *Node) (dialect, language string) {
	for _, at := range c.Shell {
		for _, p := range w.resolve(at, holder, w.jobs.at(holder)) {
			n := p.node
			if n.Kind == Sequence && len(n.Items) > 0 {
				n = n.Items[0]
			}
			words := strings.Fields(p.file.tree.Text(n))
			for _, word := range words {
				name := path.Base(word)
				if name == "env" || strings.HasPrefix(name, "-") {
					continue
				}
				return shellNamed(name)
			}
		}
	}
	if c.Dialect != "" {
		return c.Dialect, ""
	}
	return w.kind.Dialect, ""
}

func shellNamed(name string) (dialect, language string) {
	name = strings.TrimSuffix(name, ".exe")
	switch name {
	case "bash", "zsh", "fish", "ksh":
		return name, ""
	case "sh", "dash", "ash":
		return "sh", ""
	}
	switch base := strings.TrimRight(name, "0123456789."); base {
	case "python", "ruby", "perl", "node":
		return "", base
	case "pwsh", "powershell", "cmd":
		return "", "powershell"
	}
	return "", ""
}
