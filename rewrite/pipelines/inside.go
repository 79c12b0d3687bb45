package pipelines

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"

	"mvdan.cc/sh/v3/syntax"
)

func span(start, end int) source.Span { return source.Span{Start: start, End: end} }

// creation is the command of Grove that makes an instance.
var creation = lazyregexp.New(`(?:grove(?:\.sh)?|cli\.py)["']?[ \t]+(?:new|create)[ \t]+["']?([\w${}-]+)`)

// inside has a job build the environments before it runs the program: in each round of a loop over instances, or before the
// first item of its script that needs them.
func (l *pipeline) inside(n *need) {
	build := func(names ...string) string { return l.build([]*need{n}, names...) }
	why := ""
	switch {
	case n.kind == loop:
		why = l.each(n, build)
	case n.kind == every:
		why = l.first(n, build())
	case n.matrix:
		why = l.first(n, build("$"+l.matrixVariable(n)))
	case n.kind == named && l.origin == foreign && l.isSet(n.job):
		why = l.first(n, build("$"+l.variable()))
	default:
		why = l.first(n, build(n.names...))
	}
	if why != "" {
		l.refuse(n, why)
		return
	}
	if l.origin == foreign && l.creates(n.job) {
		l.note(step.Decide, n.file, n.file.line(n.key.Span.Start), "the job "+n.name+" makes an instance in a workspace of its own: it has to write "+l.in.RequirementsFile()+" there, which the environment is built from")
	}
	if l.fix(n.file, n.key.Span.Start, "build the environment before the program runs in it", l.files...) {
		l.note(step.Did, n.file, n.file.line(n.key.Span.Start), "the job "+n.name+" builds what it needs before it runs "+l.in.Pack.Program.Name)
	}
}

// isSet reports whether a job has the variable by which instances are named.
func (l *pipeline) isSet(j *job) bool {
	_, ok := l.variableOf(j, l.variable())
	return ok
}

// matrixVariable is the variable of a job's matrix that holds its instance.
func (l *pipeline) matrixVariable(n *need) string {
	c, parallel := l.value(n.job, "parallel")
	if parallel != nil {
		for _, m := range regexp.MustCompile(`(\w+):\s*\[?`).FindAllStringSubmatch(c.file.source(parallel), -1) {
			if values, _ := l.matrixOf(n.job, m[1]); slices.Equal(values, n.names) {
				return m[1]
			}
		}
	}
	return l.variable()
}

// first puts a command before the first item of a job's own script that needs it; behind the command that makes the instance.
func (l *pipeline) first(n *need, command string) string {
	var key string
	var script *yaml.Node
	at := -1
	for _, key = range []string{"before_script", "script"} {
		script = n.file.tree.Get(n.node, key)
		if at = l.firstOf(n.file, n, script); at >= 0 {
			break
		}
		if c, inherited := l.inherited(n.job, key); script == nil && inherited != nil && l.firstOf(c.file, n, inherited) >= 0 {
			return l.ahead(n, c, key, command)
		}
	}
	if at < 0 {
		return "its script stands elsewhere: let it run `" + command + "` first"
	}
	if script.Kind == yaml.Scalar {
		return l.split(n.file, script, command, n.runs)
	}
	item := script.Items[at]
	if item.Kind == yaml.Scalar && creation.MatchString(n.file.source(item)) {
		return l.split(n.file, item, command, n.runs)
	}
	n.file.precede(script, at, command)
	return ""
}

// ahead gives a job a script of its own in the place of one that it inherits, which runs the program: the command, and then that.
func (l *pipeline) ahead(n *need, from *job, key, command string) string {
	body := n.node
	if key != "before_script" || l.job(from.name) != from || strings.ContainsAny(from.name, "{}[]$%,#") || len(body.Keys) == 0 || n.file.src[body.Span.Start] == '{' {
		return "its script stands elsewhere: let it run `" + command + "` first"
	}
	at := body.Keys[0]
	if i := slices.IndexFunc(body.Keys, func(k *yaml.Node) bool { return k != nil && n.file.raw(k) == "script" }); i >= 0 {
		at = body.Keys[i]
	}
	start := n.file.lineStart(at.Span.Start)
	indent, newline := string(n.file.src[start:at.Span.Start]), source.Newline(n.file.src)
	item := indent + n.file.in() + "- "
	n.file.insert(start, indent+key+":"+newline+item+command+newline+item+"!reference ["+from.name+", "+key+"]"+newline)
	return ""
}

// firstOf is the first item of a script of a file by which a job needs an environment, or -1.
func (l *pipeline) firstOf(f *file, n *need, script *yaml.Node) int {
	switch {
	case script == nil:
	case script.Kind == yaml.Scalar:
		if slices.ContainsFunc(n.runs, func(r run) bool { return r.node == script }) {
			return 0
		}
	case script.Kind == yaml.Sequence:
		for i, item := range script.Items {
			for _, p := range l.parts(nil, f, n.job, item, 1) {
				if slices.ContainsFunc(n.runs, func(r run) bool { return r.node == p.node }) {
					return i
				}
			}
		}
	}
	return -1
}

// split puts a command into a script that is one text, before the statement that needs it.
func (l *pipeline) split(f *file, n *yaml.Node, command string, runs []run) string {
	for _, r := range runs {
		if r.node != n {
			continue
		}
		if len(r.sites) == 0 {
			return "one text of its script makes the instance and needs its environment: let it run `" + command + "` between"
		}
		return l.before(f, r.sites[0], command, "")
	}
	return "its script stands elsewhere: let it run `" + command + "` first"
}

// each puts a command into every loop over instances of a job, before what the loop does.
func (l *pipeline) each(n *need, build func(...string) string) string {
	done := map[int]bool{}
	for _, r := range n.runs {
		for _, o := range r.sites {
			if l.nameAt(n.job, r, o) == "" {
				continue // a person has to say which instance's it is
			}
			name, _ := variableOf(n.names[0])
			before := len(r.file.edits)
			if why := l.before(r.file, o, build(l.argument(r, name)), name); why != "" {
				return why
			}
			if e := r.file.edits[before]; done[e.Start] {
				r.file.edits = r.file.edits[:before]
			} else {
				done[e.Start] = true
			}
		}
	}
	return ""
}

// argument is what a loop's variable gives a command as the name of an instance: that of a directory is its last part.
func (l *pipeline) argument(r run, name string) string {
	m := regexp.MustCompile(`\bfor\s+` + name + `\s+in\s+([^;\n]*)`).FindStringSubmatch(r.part.text())
	if m != nil && strings.Contains(m[1], l.in.Pack.Instance.Dir+"/") && !strings.Contains(m[1], "$(") {
		return `$(basename "$` + name + `")`
	}
	return "$" + name
}

// before puts a command before the statement of a script that holds a site: the first one of the loop over a variable, or that
// of the script itself. It returns why it cannot, or nothing.
func (l *pipeline) before(f *file, o site.Occurrence, command, variable string) string {
	elsewhere := "its script cannot be extended: let it run `" + command + "` first"
	if o.Slot == nil || o.Slot.Script == nil {
		return elsewhere
	}
	g := o.Slot.Script
	at := statement(g.Text, o.Slot.At.Start, variable)
	if at < 0 {
		return elsewhere
	}
	if place, ok := g.Map.Host(span(at, at+1)); ok && place.File == "" {
		start := f.lineStart(place.Start)
		indent := f.src[start:place.Start]
		if len(bytes.TrimSpace(indent)) == 0 && f.literal(place.Start) {
			f.insert(start, string(indent)+command+source.Newline(f.src))
			return ""
		}
	}
	place, text, err := g.Replace(span(at, at+1), command+"; "+g.Text[at:at+1])
	if err != nil || place.File != "" {
		return elsewhere
	}
	f.edits = append(f.edits, edit.Edit{Start: place.Start, End: place.End, New: text})
	return ""
}

// literal reports whether a byte stands in a literal block scalar.
func (f *file) literal(at int) bool {
	var in func(n *yaml.Node) bool
	in = func(n *yaml.Node) bool {
		if n == nil || at < n.Span.Start || n.Span.End <= at {
			return false
		}
		return n.Kind == yaml.Scalar && n.Style == yaml.Literal || slices.ContainsFunc(n.Items, in)
	}
	return in(f.top)
}

// statement is where the statement begins that a command has to be put before, so that it runs before the byte at off: that of
// the innermost loop over a variable, or of the script. It is -1 where the script cannot be read.
func statement(text string, off int, variable string) int {
	tree, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return -1
	}
	best := -1
	if variable == "" {
		best = holding(tree.Stmts, off)
	}
	syntax.Walk(tree, func(n syntax.Node) bool {
		var body []*syntax.Stmt
		switch n := n.(type) {
		case *syntax.ForClause:
			if it, is := n.Loop.(*syntax.WordIter); is && it.Name.Value == variable {
				body = n.Do
			}
		case *syntax.WhileClause:
			if len(n.Cond) > 0 && loops(variable).MatchString(text[n.Pos().Offset():n.DoPos.Offset()]) {
				body = n.Do
			}
		}
		if len(body) > 0 && variable != "" && holding(body, off) >= 0 {
			best = int(body[0].Pos().Offset())
		}
		return true
	})
	return best
}

// holding is where the statement of a list begins that holds a byte, or -1.
func holding(list []*syntax.Stmt, off int) int {
	for _, s := range list {
		if int(s.Pos().Offset()) <= off && off < int(s.End().Offset()) {
			return int(s.Pos().Offset())
		}
	}
	return -1
}
