package python

import (
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// inJob puts the path as a job of a pipeline finds it into text that becomes the job's script: the workspace is the job's
// own, only the instance is this program's value. The script builds the environment before.
func (p *project) inJob(pl *plan, d *document, instance site.Name, byRoot bool, literal, span source.Span) error {
	str, ok := d.stringAt(literal)
	if !ok {
		return refuse("the string is not written in one piece")
	}
	layout, use := layoutOf(str)
	if use.OK() && !byRoot {
		return refuse("the string is a layout that is filled, and becomes a job's script")
	}
	prefix, quotes := prefixOf(d.text(literal))
	body := source.Span{Start: literal.Start + len(prefix) + len(quotes), End: literal.End - len(quotes)}
	switch {
	case !body.Covers(span):
		return refuse("the word is not written plainly in its string")
	case strings.Contains(prefix, "b"):
		return refuse("the command is a bytes literal, which holds no other value")
	case body == span:
		return refuse("the job gets no environment: its script is put together elsewhere")
	}
	name, dir, err := p.jobRoot(d, instance, byRoot, literal, span)
	if err != nil {
		return err
	}
	element := str
	if use.OK() {
		element = use
	}
	if !p.share(pl, d, str, name) {
		if err := p.build(pl, d, element, name); err != nil {
			return err
		}
	}
	text := dir + "/" + p.in.Pack.Executable()
	if use.OK() {
		return p.intoLayout(pl, d, layout, use, span, `f"`+text+`"`)
	}
	if byRoot || strings.Contains(prefix, "f") {
		pl.Edit(d.File, span.Start, span.End, text)
	} else {
		interpolate(pl, d, literal, body, prefix, span, text)
	}
	return nil
}

// changesDirectory is a command after which a relative path is another.
var changesDirectory = lazyregexp.New(`\b(?:cd|pushd)\s`)

// jobRoot is the name of the instance, and its directory as a job names it, both as they can be written into the string. A
// directory that the command names itself has to be one of the workspace, from which jobs start.
func (p *project) jobRoot(d *document, instance site.Name, byRoot bool, literal, span source.Span) (name, dir string, err error) {
	in := p.in.Pack.Instance
	if !byRoot {
		instance.Expr, err = p.argument(d, instance.Expr, span)
		name = p.jobName(instance, byRoot)
		return name, "$" + in.Workspace.Name + "/" + in.Dir + "/" + name, err
	}
	if strings.HasPrefix(instance.Expr, "$") { // a variable of the job
		return d.jobVariable(p.jobName(instance, byRoot), literal), instance.Expr, nil
	}
	own, _ := prefixOf(d.text(literal))
	if name = p.jobName(site.Name{Expr: d.filled(instance.Expr, literal)}, true); name != "" {
		str, _ := d.stringAt(literal)
		if _, use := layoutOf(str); use.OK() || strings.Contains(own, "f") {
			return name, "{" + instance.Expr + "}", nil
		}
	}
	dir = inside(instance.Expr)
	if dir == "." {
		name = p.changedTo(d.before(literal, span))
		if name == "" {
			return "", "", refuse("the command becomes a job's script, where the directory %s may be another", instance.Expr)
		}
		return name, dir, nil
	}
	switch name = p.jobName(instance, byRoot); {
	case name == "":
		return "", "", refuse("the command becomes a job's script, where the directory %s may be another", instance.Expr)
	case strings.Contains(dir, "{") && !strings.Contains(own, "f"):
		return "", "", refuse("the string is a layout that is filled, and becomes a job's script")
	case !strings.HasPrefix(dir, "$") && changesDirectory.MatchString(d.before(literal, span)):
		return "", "", refuse("the command becomes a job's script, which changes to another directory before")
	}
	return d.jobVariable(name, literal), strings.TrimSuffix(dir, "/"), nil
}

// jobVariable is what the job's own variables set a name to, or the directory that a name is taken of, where that is a plain
// value of the program: the other lines of its script may have that.
func (d *document) jobVariable(name string, literal source.Span) string {
	variable, ofPath := strings.CutPrefix(name, "$(basename ")
	variable, is := strings.CutPrefix(strings.TrimSuffix(variable, ")"), "$")
	str, ok := d.stringAt(literal)
	if !is || !ok {
		return name
	}
	job := str.Parent()
	for job.OK() && job.Kind() != "dictionary" {
		job = job.Parent()
	}
	set := `([\w.]+)`
	if ofPath {
		set = `[fF]["'][^"'\n]*/\{([\w.]+)\}["']`
	}
	m := regexp.MustCompile(`["']` + variable + `["']:\s*` + set + `\s*[,}]`).FindStringSubmatch(job.Text())
	if m == nil {
		return name
	}
	return "{" + m[1] + "}"
}

// filled is the interpolated string that says the same as a name of the function around a literal, which is set once, to such a
// string or to a layout that is filled; empty when it is not known.
func (d *document) filled(name string, literal source.Span) string {
	str, _ := d.stringAt(literal)
	around := str.Ancestor("function_definition").Text()
	sets := regexp.MustCompile(`(?m)^\s+`+regexp.QuoteMeta(name)+`\s*=\s*(.+?)\s*$`).FindAllStringSubmatch(around, -1)
	if len(sets) != 1 {
		return ""
	}
	m := formatted.FindStringSubmatch(sets[0][1])
	if m == nil {
		return sets[0][1]
	}
	text := m[1]
	if constant := regexp.MustCompile(`(?m)^` + m[1] + `\s*=\s*(["'][^"'\n]*["'])\s*$`).FindSubmatch(d.Src); constant != nil {
		text = string(constant[1])
	}
	return "f" + strings.ReplaceAll(text, "{"+m[2]+"}", "{"+m[3]+"}")
}

// formatted is a layout, or the constant that holds it, that is filled by one name.
var formatted = lazyregexp.New(`^(\w+|"[^"]*"|'[^']*')\.format\((\w+)=(\w+)\)$`)

// jobName is the name of an instance as an interpolated string has it, that of a directory its last part; empty when the
// directory is none of the workspace.
func (p *project) jobName(instance site.Name, byRoot bool) string {
	switch {
	case !byRoot:
		return "{" + instance.Expr + "}"
	case strings.HasPrefix(instance.Expr, "$"):
		return "$(basename " + instance.Expr + ")"
	}
	m := p.workspacePath("^", "/?$").FindStringSubmatch(inside(instance.Expr))
	if m == nil {
		return ""
	}
	return m[1]
}

// changedTo is the name of the instance to whose directory the lines of a script have changed; empty when that is not known.
func (p *project) changedTo(lines string) string {
	all := p.workspacePath(`\b(?:cd|pushd)\s+`, ``).FindAllStringSubmatchIndex(lines, -1)
	if len(all) == 0 || len(all) < len(changesDirectory.FindAllString(lines, -1)) {
		return ""
	}
	last := all[len(all)-1]
	name := lines[last[2]:last[3]]
	if strings.Contains(name, "{") && !interpolated.MatchString(lines[:last[0]]) {
		return "" // a layout that is filled
	}
	return name
}

// interpolated is the beginning of an interpolated string, up to a place in it.
var interpolated = lazyregexp.New(`\b[fF][rR]?["'][^"'\n]*$`)

// workspacePath matches the directory of an instance as a job finds it, with the name in its group.
func (p *project) workspacePath(before, behind string) *regexp.Regexp {
	in := p.in.Pack.Instance
	return regexp.MustCompile(before + `(?:\$\{{0,2}` + in.Workspace.Name + `\}{0,2}/)?` + regexp.QuoteMeta(in.Dir) + `/([\w.-]+|\{[\w.]+\}|\$\w+)` + behind)
}

// inside is what stands between the quotes of a string; empty when an expression is none.
func inside(expr string) string {
	prefix, quotes := prefixOf(expr)
	if quotes == "" || !strings.HasSuffix(expr, quotes) || len(expr) < len(prefix)+2*len(quotes) {
		return ""
	}
	return expr[len(prefix)+len(quotes) : len(expr)-len(quotes)]
}

// before is what a job's script has before a word, as far as the list that holds its string shows it.
func (d *document) before(literal, word source.Span) string {
	start := literal.Start
	if str, ok := d.stringAt(literal); ok && str.Parent().Kind() == "list" {
		start = str.Parent().Start()
	}
	return d.text(source.Span{Start: start, End: word.Start})
}

// build puts a line before the first one of a job's script that runs the program for an instance. The fixes of all sites
// of the script have it.
func (p *project) build(pl *plan, d *document, str syntax.Node, name string) error {
	command := p.in.Pack.Instance.Build + " " + name
	elsewhere := &render.Reason{Text: "the job gets no environment: its script is put together elsewhere", Suggestion: command}
	switch up := str.Parent(); {
	case p.in.Pack.Instance.Build == "":
		return refuse("the job gets no environment: no command that builds one is known")
	case strings.Contains(d.before(str.Span(), str.Span()), p.in.Pack.Instance.Build):
		return nil
	case up.Kind() == "list" && up.Parent().Parent().Field("function").Field("attribute").Text() != "join":
		return p.buildInList(pl, d, up, str, name, command)
	case up.Kind() == "pair" && str.FieldName() == "value", up.Kind() == "assignment" && str.FieldName() == "right" && up.Field("left").Kind() == "subscript":
		outer, inner := d.indents(str.Start())
		pl.Edit(d.File, str.Start(), str.Start(), "["+inner+d.like(str, command)+","+inner)
		pl.Edit(d.File, str.End(), str.End(), ","+outer+"]")
		return nil
	case up.Kind() == "argument_list" && len(up.NamedChildren()) == 1 && up.Parent().Parent().Kind() == "expression_statement":
		call := up.Parent().Field("function")
		if call.Kind() != "attribute" || call.Field("attribute").Text() != "append" {
			return elsewhere
		}
		if d.copied(call) {
			return nil
		}
		start := d.LineStart(call.Start())
		indent := d.text(source.Span{Start: start, End: call.Start()})
		if strings.TrimSpace(indent) != "" {
			return elsewhere
		}
		pl.Edit(d.File, start, start, indent+call.Text()+"("+d.like(str, command)+")"+d.Newline)
		return nil
	}
	return elsewhere
}

// copied reports whether a call appends to the script of a job that is the copy of one that is loaded from a file of YAML: it
// waits there for the job that builds the environment.
func (d *document) copied(call syntax.Node) bool {
	around := call.Ancestor("function_definition").Text()
	name, _, _ := strings.Cut(call.Text(), "[")
	return strings.Contains(strings.ToLower(around), "yaml") &&
		regexp.MustCompile(`(?m)^\s+`+regexp.QuoteMeta(name)+`\s*=\s*(?:copy\.\w+\(|\w+\.copy\()`).MatchString(around)
}

// like is a string with the quotes of another one.
func (d *document) like(str syntax.Node, text string) string {
	_, quotes := prefixOf(str.Text())
	if text = quotes[:1] + text + quotes[:1]; strings.Contains(text, "{") {
		text = "f" + text
	}
	return text
}

// buildInList puts the line into a list, before the first site in it that has the instance of the one at hand. A list on one
// line gets a line for each element.
func (p *project) buildInList(pl *plan, d *document, list, str syntax.Node, name, command string) error {
	first := str.Start()
	for _, s := range p.in.Sites {
		o := s.Occurrence
		if s.File != d.File || o.Slot == nil || o.Slot.Place != render.JobPlace || o.Action != site.Rewrite || !list.Span().Covers(o.Slot.Literal) {
			continue
		}
		if other, _, err := p.jobRoot(d, s.Instance, s.ByRoot, o.Slot.Literal, o.Slot.Span); err == nil && other == name && o.Slot.Literal.Start < first {
			first = o.Slot.Literal.Start
			str, _ = d.stringAt(o.Slot.Literal)
		}
	}
	line := d.like(str, command)
	if indent := d.text(source.Span{Start: d.LineStart(first), End: first}); strings.TrimSpace(indent) == "" {
		at := d.withComments(first, list.Start())
		pl.Edit(d.File, at, at, indent+line+","+d.Newline)
		return nil
	}
	elems := list.NamedChildren()
	if text := list.Text(); str.Kind() != "string" || strings.ContainsAny(text, "\r\n#") && strings.Contains(text, "\n") {
		pl.Edit(d.File, first, first, line+", ")
		return nil
	}
	outer, inner := d.indents(list.Start())
	at := list.Start() + 1
	for i, e := range elems {
		if i > 0 {
			at = elems[i-1].End() + 1 + strings.IndexByte(string(d.Src[elems[i-1].End():e.Start()]), ',')
		}
		text := inner
		if e.Start() == first {
			text += line + "," + inner
		}
		pl.Edit(d.File, at, e.Start(), text)
	}
	pl.Edit(d.File, elems[len(elems)-1].End(), list.End()-1, ","+outer)
	return nil
}

// withComments is the beginning of the line that an offset is on, with the comments above it, which are behind from.
func (d *document) withComments(at, from int) int {
	at = d.LineStart(at)
	for at > from {
		above := d.LineStart(at - 1)
		if !strings.HasPrefix(strings.TrimSpace(d.text(source.Span{Start: above, End: at})), "#") {
			break
		}
		at = above
	}
	return at
}

// indents are a line break with the indentation of the line that an offset is on, and one with that of the next level.
func (d *document) indents(at int) (outer, inner string) {
	line := d.text(source.Span{Start: d.LineStart(at), End: at})
	outer = d.Newline + line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if strings.HasSuffix(outer, "\t") {
		return outer, outer + "\t"
	}
	return outer, outer + "    "
}
