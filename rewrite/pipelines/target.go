package pipelines

import (
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// kind says how a job names the instances whose environments it needs.
type kind int

const (
	named    kind = iota // by their names
	rendered             // by an expression of the template that the file is
	variable             // by a variable that a program, or whoever starts the pipeline, sets
	inner                // by a variable that its script sets
	loop                 // by the variable of a loop in its script
	every                // not at all: it runs in those of all instances
)

// target is the instances of a job.
type target struct {
	kind   kind
	names  []string // as the file writes them; several of a matrix or of a script that names several
	matrix bool     // each run of the job is for one of the names
	times  int      // how many runs of the job are for one instance
}

// aim finds the instances of a job. It returns why it cannot, or nothing.
func (l *pipeline) aim(n *need) string {
	n.times = 1
	if l.origin == written {
		if name := l.expressionOf(n.job); name != "" {
			n.target = target{kind: rendered, names: []string{name}, times: 1}
			return ""
		}
	}
	for _, r := range n.runs {
		found := l.targetsIn(r.command)
		switch {
		case len(r.sites) == 0 && len(found) == 0:
			n.kind = every
			continue
		case len(r.sites) == 0:
		default:
			found = nil
			for _, o := range r.sites {
				name := l.nameAt(n.job, r, o)
				if name == "" && o.Action != site.Review {
					return "its instance is not known: say in grove-migrate.yaml which it is, or keep the call"
				}
				if name != "" {
					found = append(found, name)
				}
			}
		}
		for _, name := range found {
			if !slices.Contains(n.names, name) {
				n.names = append(n.names, name)
			}
		}
	}
	if n.kind == every {
		n.names = nil
		return ""
	}
	return l.resolve(n)
}

// resolve follows the variables that name the instances of a job.
func (l *pipeline) resolve(n *need) string {
	names := n.names
	n.names = nil
	for _, name := range names {
		v, is := variableOf(name)
		if strings.Contains(name, "$[[") {
			n.add(rendered, name)
			continue
		}
		if !is {
			n.add(named, name)
			continue
		}
		kind, values, times := l.lookup(n, v, 0)
		if kind == variable && len(n.names) > 0 {
			return "it names several instances in different ways"
		}
		n.times *= times
		n.matrix = n.matrix || times > 0 && len(values) > 1
		for _, value := range values {
			n.add(kind, value)
		}
	}
	if n.kind != named && len(n.names) > 1 {
		return "it names several instances in different ways"
	}
	return ""
}

func (n *need) add(k kind, name string) {
	if k > n.kind {
		n.kind = k
	}
	if !slices.Contains(n.names, name) {
		n.names = append(n.names, name)
	}
}

var variableName = lazyregexp.New(`^\$(?:\{(\w+)(?::-[^}]*)?\}|(\w+))$`)

// variableOf is the variable that a text is, as a shell or GitLab writes it.
func variableOf(text string) (string, bool) {
	m := variableName.FindStringSubmatch(text)
	if m == nil {
		return "", strings.Contains(text, "$")
	}
	return m[1] + m[2], true
}

// lookup finds what a variable of a job is set to: by a loop, the script, the job's variables, its matrix, or those of all.
func (l *pipeline) lookup(n *need, name string, depth int) (kind, []string, int) {
	text, script := "$"+name, l.whole(n.job)
	if loops(name).MatchString(script) {
		return loop, []string{text}, 1
	}
	if value, ok := assigned(script, name); ok && !strings.ContainsAny(value, "$`*") {
		return named, []string{value}, 1
	} else if regexp.MustCompile(`(?m)(?:^|[;&\s])(?:local |export )?` + name + `=[^ ]`).MatchString(script) {
		return inner, []string{text}, 1
	}
	if values, times := l.matrixOf(n.job, name); len(values) > 0 {
		return named, values, times
	}
	value, where := l.variableOf(n.job, name)
	if !where || depth > 4 {
		return variable, []string{text}, 1
	}
	if inside, is := variableOf(value); is && inside != "" {
		return l.lookup(n, inside, depth+1)
	} else if is {
		return variable, []string{text}, 1
	}
	if value == "" {
		return variable, []string{text}, 1
	}
	if len(expressions(value)) > 0 {
		return rendered, []string{value}, 1
	}
	return named, []string{value}, 1
}

// loops matches a loop of a shell over values of a variable.
func loops(name string) *regexp.Regexp {
	return regexp.MustCompile(`\bfor\s+` + name + `\s+in\b|\bread\s+(?:-\w+\s+)*(?:\w+\s+)*` + name + `\b`)
}

// variableOf is the value of a variable of a job, or of the whole pipeline, and whether it has one.
func (l *pipeline) variableOf(j *job, name string) (string, bool) {
	for _, c := range l.chain(j) {
		if v, ok := c.file.variable(c.file.tree.Get(c.node, "variables"), name); ok {
			return v, true
		}
	}
	for _, f := range l.files {
		if v, ok := f.variable(f.tree.Get(f.top, "variables"), name); ok {
			return v, true
		}
	}
	return "", false
}

// variable is the text of a variable in a mapping of a file.
func (f *file) variable(variables *yaml.Node, name string) (string, bool) {
	v := f.tree.Follow(f.tree.Get(f.tree.Follow(variables), name))
	if v != nil && v.Kind == yaml.Mapping {
		v = f.tree.Follow(f.tree.Get(v, "value"))
	}
	if v == nil || v.Kind != yaml.Scalar {
		return "", false
	}
	return f.raw(v), true
}

// matrixOf are the values of a variable in the matrix of a job, and how many runs there are for each of them.
func (l *pipeline) matrixOf(j *job, name string) (values []string, times int) {
	c, parallel := l.value(j, "parallel")
	if parallel == nil {
		return nil, 0
	}
	f := c.file
	matrix := f.tree.Follow(f.tree.Get(parallel, "matrix"))
	if matrix == nil {
		return nil, 0
	}
	times = 1
	for _, row := range matrix.Items {
		row = f.tree.Follow(row)
		list := f.tree.Get(row, name)
		if list == nil {
			return nil, 0
		}
		others := 1
		for i, key := range row.Keys {
			if key != nil && f.raw(key) != name {
				others *= max(1, len(f.names(row.Items[i])))
			}
		}
		times = max(times, others)
		for _, value := range f.names(list) {
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	return values, times
}

// directoryOf is the root directory that a call names, or that the environment it runs belongs to, as the file writes it;
// empty when there is none.
func (l *pipeline) directoryOf(f *file, o site.Occurrence) string {
	if o.InstanceFrom == scan.FromDecision { // which says another one
		return ""
	}
	if o.Slot != nil && o.Slot.Root != nil {
		return o.Slot.Root.Expr
	}
	if o.Action != site.Done || o.Start > len(f.src) {
		return ""
	}
	before := string(f.src[f.lineStart(o.Start):o.Start])
	word := before[strings.LastIndexAny(before, " \t\"'")+1:]
	if i := strings.LastIndexAny(before, `"'`); i >= 0 && strings.Count(before[i:], "{{") == strings.Count(before[i:], "}}") {
		word = before[i+1:]
	}
	dir, ok := strings.CutSuffix(word, "/"+strings.TrimSuffix(l.in.Pack.Executable(), l.in.Pack.Program.Name))
	if !ok {
		return ""
	}
	return dir
}

// nameAt is the instance of a site, as the script writes it: a name, a variable or an expression of the template; empty when
// it is not known.
func (l *pipeline) nameAt(j *job, r run, o site.Occurrence) string {
	root, isDir := o.Instance, o.InstanceFrom == scan.FromRoot
	if dir := l.directoryOf(r.part.file, o); dir != "" {
		root, isDir = dir, true
	}
	for _, name := range l.in.Pack.Instance.RootEnv {
		if root == "" {
			root, isDir = l.variableOf(j, name)
		}
	}
	if root == "" {
		return ""
	}
	for range 4 {
		name, is := variableOf(strings.Trim(root, `"'`))
		if !is || name == "" || slices.Contains(l.in.Pack.Instance.Environment, name) {
			break
		}
		value, ok := assigned(l.whole(j), name)
		if !ok {
			value, ok = l.variableOf(j, name)
		}
		if !ok {
			break
		}
		root = value
	}
	if !isDir {
		return root // a name by itself
	}
	if name := l.below(root); name != "" {
		return name
	}
	text := r.part.text()
	if v, is := variableOf(strings.Trim(root, `"'`)); is && v != "" {
		if m := regexp.MustCompile(`\bfor\s+` + v + `\s+in\s+([^;\n]*)`).FindStringSubmatch(text); m != nil && strings.Contains(m[1], l.in.Pack.Instance.Dir+"/") {
			return "$" + v
		}
		return ""
	}
	if strings.HasPrefix(root, ".") {
		return l.changed(r, o)
	}
	return ""
}

// assigned is what a script sets a variable to, once and plainly.
func assigned(text, name string) (string, bool) {
	all := regexp.MustCompile(`(?:^|[\s;&|('"])`+name+`=("[^"\n$]*(?:\$\{?\w+\}?[^"\n$]*)*"|'[^'\n]*'|[^\s;&|"'()]+)`).FindAllStringSubmatch(text, -1)
	if len(all) == 0 || slices.ContainsFunc(all, func(m []string) bool { return m[1] != all[0][1] }) {
		return "", false
	}
	return strings.Trim(all[0][1], `"'`), true
}

// below is the name of the instance in a path below the directory of instances; empty when it is in none.
func (p *planner) below(dir string) string {
	m := regexp.MustCompile(`(?:^|/)["']?` + regexp.QuoteMeta(p.in.Pack.Instance.Dir) + `/["']?((?:\$\[\[.*?\]\]|\{\{.*?\}\}|<%=.*?%>|\$\{[^}]*\}|[^/"'\s])+)`).FindStringSubmatch(dir)
	if m == nil || strings.Contains(m[1], "*") {
		return ""
	}
	return m[1]
}

var changes = lazyregexp.New(`\b(?:cd|pushd)\s+("[^"]*"|'[^']*'|[^\s;&|)]+)`)

// changed is the instance to whose directory the script has changed before a site; empty when it has not.
func (l *pipeline) changed(r run, o site.Occurrence) string {
	text := ""
	if o.Slot != nil && o.Slot.Script != nil {
		text = o.Slot.Script.Reveal(span(0, o.Slot.At.Start))
	} else {
		text = string(r.file.src[r.node.Span.Start:o.Start])
	}
	name := ""
	for _, m := range changes.FindAllStringSubmatch(text, -1) {
		if to := l.below(strings.Trim(m[1], `"'`)); to != "" {
			name = to
		}
	}
	return name
}

// targetsIn are the instances that the words of a command name: by a variable that is an instance's, an expression, or the name
// of an instance of the workspace.
func (p *planner) targetsIn(words string) []string {
	var out []string
	for _, word := range strings.Fields(words) {
		word = strings.Trim(word, `"'`)
		if v, is := variableOf(word); is && (slices.Contains(p.in.Pack.Instance.Environment, v) || v != "" && p.in.Pack.Instance.Holds(v)) || p.instances[word] || slices.Contains(p.made, word) {
			out = append(out, word)
		}
	}
	if len(out) == 0 {
		for _, e := range expressions(words) {
			if p.holds(e[1]) {
				out = append(out, e[0])
			}
		}
	}
	return out
}

// holds reports whether a variable of a template holds an instance.
func (p *planner) holds(name string) bool {
	last := strings.TrimLeft(name[strings.LastIndexByte(name, '.')+1:], "@")
	return p.in.Pack.Instance.Holds(last) || strings.HasSuffix(name, "instance.name")
}

// expressionOf is the expression of a template by which a job is an instance's; empty when it is none's. A job of a loop over
// images has the instance in its name as well: without that names would not be unique.
func (l *pipeline) expressionOf(j *job) string {
	found := expressions(j.source())
	if j.file.dollars() {
		first := map[string]string{} // as the file writes it first
		for _, m := range slices.Backward(dollar.FindAllStringSubmatch(string(j.file.src), -1)) {
			first[m[2]+m[3]] = m[1]
		}
		for _, m := range dollar.FindAllStringSubmatch(j.source(), -1) {
			found = append(found, [2]string{first[m[2]+m[3]], m[2] + m[3]})
		}
	}
	for _, e := range found {
		if l.holds(e[1]) {
			return e[0]
		}
	}
	return ""
}
