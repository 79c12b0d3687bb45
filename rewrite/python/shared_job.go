package python

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// waiting matches the keys by which a job says which others it gets files from.
var waiting = lazyregexp.New(`^["']?(?:needs|dependencies)["']?$`)

// share has a dictionary with several jobs of one instance make one more, which builds the environment for them. It reports
// whether it could: the names of the jobs have to hold the instance, and what each waits for has to be seen.
func (p *project) share(pl *plan, d *document, str syntax.Node, name string) bool {
	jobs := p.jobsBeside(str)
	if len(jobs) < 2 || !strings.HasPrefix(name, "{") {
		return false
	}
	first := jobs[0].Field("key")
	indent := d.text(source.Span{Start: d.LineStart(first.Start()), End: first.Start()})
	like, known := d.placeOf(jobs[0].Field("value"), p.in.Pack.Instance.Build+" "+name)
	key := render.EnvironmentJob(inside(first.Text()), name)
	if !known || strings.TrimSpace(indent) != "" {
		return false
	}
	var lists []syntax.Node
	for _, job := range jobs {
		more, ok := d.waitsFor(job.Field("value"))
		if !ok || !strings.Contains(job.Field("key").Text(), name) {
			return false
		}
		lists = append(lists, more...)
	}
	for _, list := range lists {
		text := d.like(first, key)
		if len(list.NamedChildren()) > 0 {
			text += ", "
		}
		pl.Edit(d.File, list.Start()+1, list.Start()+1, text)
	}
	env := p.in.Pack.Instance.Dir + "/" + name + "/" + p.in.Pack.Instance.Env
	text := ""
	for _, line := range slices.Concat([]string{d.like(first, key) + ": {"}, like, []string{
		`    "artifacts": {`,
		`        "paths": [f"` + env + `"],`,
		`        "exclude": [f"` + env + `/**/*.pyc"],`,
		`        "expire_in": "1 day",`,
		`    },`,
		`},`,
	}) {
		text += indent + line + d.Newline
	}
	at := d.withComments(first.Start(), jobs[0].Parent().Start())
	pl.Edit(d.File, at, at, text)
	return true
}

// jobsBeside are the entries of the dictionary that a job of a pipeline stands in which name the program, in order.
func (p *project) jobsBeside(str syntax.Node) []syntax.Node {
	var table syntax.Node
	for n := str; n.OK() && !n.Is("return_statement", "assignment", "expression_statement", "function_definition"); n = n.Parent() {
		if n.Kind() == "dictionary" {
			table = n
		}
	}
	if !table.OK() {
		return nil
	}
	var out []syntax.Node
	for _, pair := range table.NamedChildren() {
		if pair.Kind() == "pair" && strings.Contains(pair.Field("value").Text(), p.in.Pack.Program.Name) {
			out = append(out, pair)
		}
	}
	return out
}

// placeOf are the lines by which a job that runs a command is another one's like: it runs where that does.
func (d *document) placeOf(job syntax.Node, command string) (lines []string, ok bool) {
	script := `[f"` + command + `"]`
	if job.Kind() == "call" {
		def := d.function(job.Field("function").Text())
		params := def.Field("parameters").NamedChildren()
		params = slices.DeleteFunc(params, func(n syntax.Node) bool { return n.Text() == "self" })
		if len(params) < 2 || params[0].Text() != "stage" || params[1].Text() != "script" {
			return nil, false
		}
		for _, arg := range job.Field("arguments").NamedChildren() {
			if arg.Field("name").Text() == "variables" {
				script += ", " + arg.Text()
			}
		}
		return []string{"    **" + job.Field("function").Text() + `(".pre", ` + script + "),"}, true
	}
	for _, pair := range job.NamedChildren() {
		if slices.Contains([]string{"image", "extends", "tags", "variables"}, inside(pair.Field("key").Text())) && !strings.Contains(pair.Text(), "\n") {
			lines = append(lines, "    "+pair.Text()+",")
		}
	}
	return append(lines, `    "stage": ".pre",`, `    "script": `+script+","), job.Kind() == "dictionary"
}

// waitsFor are the lists in which a job names those it gets files from; it is not ok where these are not seen.
func (d *document) waitsFor(job syntax.Node) (lists []syntax.Node, ok bool) {
	entries := job.NamedChildren()
	if job.Kind() == "call" {
		if strings.Contains(d.function(job.Field("function").Text()).Text(), "needs") {
			return nil, false
		}
		entries = job.Field("arguments").NamedChildren()
	}
	for _, e := range entries {
		key := e.Field("key")
		if e.Kind() == "keyword_argument" {
			key = e.Field("name")
		}
		switch value := e.Field("value"); {
		case e.Kind() == "dictionary_splat":
			return nil, false
		case !key.OK() || !waiting.MatchString(key.Text()):
		case value.Kind() != "list" || strings.Contains(value.Text(), "\n"):
			return nil, false
		default:
			lists = append(lists, value)
		}
	}
	return lists, true
}

// function is the definition of a function of the file, or of a method; not OK where there are several.
func (d *document) function(name string) syntax.Node {
	name = name[strings.LastIndexByte(name, '.')+1:]
	var found []syntax.Node
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		for _, c := range n.NamedChildren() {
			if c.Kind() == "function_definition" && c.Field("name").Text() == name {
				found = append(found, c)
			}
			if c.Is("class_definition", "block", "decorated_definition") {
				walk(c)
			}
		}
	}
	walk(d.tree.Root())
	if len(found) != 1 {
		return syntax.Node{}
	}
	return found[0]
}
