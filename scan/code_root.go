package scan

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// root is the expression that gives the call its root directory, when it can be written at the word.
func (c *codebase) root(cmd *flow.Command, occ site.Occurrence, where source.Place, slot *site.Slot) *site.Name {
	there := occ.Slot
	if there == nil || there.Root == nil && there.Place == "" {
		return c.environmentRoot(cmd, where, slot)
	}
	if there.Root == nil {
		return nil // what the call is given holds here, not where the command runs
	}
	if h, ok := holeOf(cmd.Script, there.Root.Expr); ok {
		if at := placeOf(cmd.Script, h); h.Expr != "" && !once.MatchString(h.Expr) && c.reaches(h.Expr, at, where) {
			return &site.Name{Expr: h.Expr, How: "root"}
		}
	} else if there.Place != "" || c.s.inInstances(there.Root.Expr) && c.writtenFor(cmd, where, there.Root.Expr) {
		if !inLiteral(cmd.Script, there.Root.Expr, where, slot) { // it may be one of several values of an expression in the literal
			if name := c.written(cmd, occ, where, slot); name != nil {
				return name
			}
		}
		if name := c.path(cmd, cmd.Script, there.Root.Expr, where, slot); name != nil {
			return name
		}
	}
	if i := slices.IndexFunc(cmd.From, func(o flow.Origin) bool { return o.Way != nil }); i >= 0 {
		return c.fromWay(cmd, cmd.From[i].Way, flow.Place{}, where, slot)
	}
	return nil
}

// environmentRoot is the root directory in the environment that a call is given: its own expression, what it is, or the
// entry of an environment that can be written at the word.
func (c *codebase) environmentRoot(cmd *flow.Command, where source.Place, slot *site.Slot) *site.Name {
	if cmd.Way == nil {
		return nil
	}
	if cmd.Sink.Place == "job" { // the script reads the variable itself
		if cmd.Given != nil && !c.s.inInstances(cmd.Given.Reveal(source.Span{End: len(cmd.Given.Text)})) {
			return nil
		}
		return &site.Name{Expr: "$" + cmd.Way.Variable, How: "root"}
	}
	at := flow.Place{File: cmd.RootFile, Span: cmd.Root.Span}
	if cmd.Root.Expr != "" && (!once.MatchString(cmd.Root.Expr) || cmd.Way.Made != "") && (c.together(at, where) && c.reaches(cmd.Root.Expr, at, where) || c.ofReceiver(cmd.Root.Expr, at, where)) {
		return &site.Name{Expr: cmd.Root.Expr, How: "root", Value: cmd.Way.Made}
	}
	if cmd.Given != nil && cmd.Root.Expr == "" {
		if name := c.path(cmd, cmd.Given, cmd.Given.Reveal(source.Span{End: len(cmd.Given.Text)}), where, slot); name != nil {
			return name
		}
	}
	return c.fromWay(cmd, cmd.Way, at, where, slot)
}

// once is a call that gives another value each time, or changes what it is called on.
var once = lazyregexp.New(`\b(?:shift|pop|popleft|popitem|next|gets|readline|input|prompt|ask|mkdtemp|mkstemp|mktmpdir|rand|uuid4|delete|delete_at)\b|\w!`)

// chain is an expression that can be written again: names, members and calls with plain arguments.
var chain = lazyregexp.New(`^[@\w.:]+(?:\([\w., @]*\)[\w.]*)*$`)

// fromWay is the root directory as an environment on its way has it: right by construction, and shorter where the
// expression at at only uses the object whose method gives that environment.
func (c *codebase) fromWay(cmd *flow.Command, way *flow.Way, at flow.Place, where source.Place, slot *site.Slot) *site.Name {
	if c.lang.kind == "go" {
		return nil
	}
	for _, env := range way.Envs {
		expr := c.rendered(env)
		if once.MatchString(expr) || !chain.MatchString(expr) || !c.reaches(expr, env, where) && !c.ownMember(expr, env, where, slot) {
			continue
		}
		short := ""
		if at.Len() > 0 {
			short = c.shortened(expr, at, where, slot)
		}
		return &site.Name{Expr: cmp.Or(short, expr+`["`+way.Variable+`"]`), How: "root", Value: way.Made}
	}
	return nil
}

// together reports whether two places lie in one function: a name that no variable has is a method of its receiver, and
// another's elsewhere.
func (c *codebase) together(at flow.Place, where source.Place) bool {
	m := c.modules[where.File]
	if at.File != where.File || m == nil {
		return false
	}
	_, _, a := m.names(at.Span)
	_, _, b := m.names(where.Span)
	return a == b
}

// ofReceiver reports whether an expression of one method in Go uses the receiver alone, and another method calls it the same.
func (c *codebase) ofReceiver(expr string, at flow.Place, where source.Place) bool {
	m := c.modules[where.File]
	if m == nil || c.lang.kind != host.Go || at.File != where.File {
		return false
	}
	names := namesIn(expr, m.kind)
	if len(names) != 1 {
		return false
	}
	_, there, thereAt := m.names(at.Span)
	_, here, hereAt := m.names(where.Span)
	receiver := regexp.MustCompile(`^func \(` + names[0] + ` `)
	return classOf(there) != "" && classOf(there) == classOf(here) && m.means(expr, where.Span, where.Span) &&
		receiver.Match(c.src[at.File][thereAt.Start:thereAt.End]) && receiver.Match(c.src[at.File][hereAt.Start:hereAt.End])
}

// ownMember reports whether an expression is a member of the receiver, or one of those of a member that the class declares,
// read in another method of the word's own class.
func (c *codebase) ownMember(expr string, env flow.Place, where source.Place, slot *site.Slot) bool {
	class := classOf(slot.Owner)
	expr = strings.TrimSuffix(expr, "()")
	if env.File != where.File || class == "" || strings.ContainsAny(expr, "(") {
		return false
	}
	_, owner, _ := c.modules[env.File].names(env.Span)
	name, ofSelf := strings.CutPrefix(expr, "self.")
	name, _, chained := strings.Cut(name, ".")
	return classOf(owner) == class && c.modules[where.File].means(expr, where.Span, where.Span) && identifier.FindString(name) == name &&
		(ofSelf && (!chained || c.declares(where.File, name)) || !chained && regexp.MustCompile(`\bdef `+name+`\b`).Match(c.src[env.File]))
}

// declares reports whether a class of a file declares an attribute, or sets it once.
func (c *codebase) declares(file, attr string) bool {
	declared := regexp.MustCompile(`(?m)^[ \t]+` + attr + `[ \t]*:`).Match(c.src[file])
	sets := regexp.MustCompile(`(?m)^[ \t]+self\.`+attr+`[ \t]*(?::[^=\n]*)?=[^=]`).FindAllIndex(c.src[file], 2)
	return declared && len(sets) == 0 || len(sets) == 1
}

// classOf is the class in the name of a method.
func classOf(owner string) string {
	i := strings.LastIndexByte(owner, '.')
	return owner[:max(i, 0)]
}

// identifier is one plain name.
var identifier = lazyregexp.New(`[A-Za-z_]\w*`)

// free is a name in an expression that is no member of another.
var free = lazyregexp.New(`(?:^|[^\w.@:"'])([A-Za-z_]\w*)`)

// shortened is the expression at at, which a method gives a root directory by, as it is written with the object whose method that
// is: instance.root_dir for instance.tutor_env, where tutor_env uses self.root_dir. Empty when it uses other names.
func (c *codebase) shortened(env string, at flow.Place, where source.Place, slot *site.Slot) string {
	m := c.modules[at.File]
	if m == nil {
		return ""
	}
	_, owner, _ := m.names(at.Span)
	object := strings.TrimSuffix(env, "()")
	method := object[strings.LastIndexByte(object, '.')+1:]
	object = strings.TrimSuffix(strings.TrimSuffix(object, method), ".")
	if owner == "" || owner[strings.LastIndexByte(owner, '.')+1:] != method {
		return ""
	}
	expr := c.rendered(at)
	if inner, ok := strings.CutPrefix(expr, "str("); ok && strings.HasSuffix(inner, ")") && !strings.ContainsAny(inner[:len(inner)-1], "()") {
		expr = strings.TrimSuffix(inner, ")")
	}
	for _, n := range free.FindAllStringSubmatch(expr, -1) {
		if n[1] != "self" {
			return ""
		}
	}
	switch {
	case object == "self" || object == "":
		if classOf(owner) == classOf(slot.Owner) && at.File == where.File {
			return expr
		}
		return ""
	case strings.Contains(expr, "@"):
		return ""
	}
	return strings.ReplaceAll(expr, "self.", object+".")
}

// writtenFor reports whether a root directory that is written in a command belongs to the program's word at a place: both
// stand in the call, or in one literal, list or argument list. A value that other calls run too may get other roots there.
func (c *codebase) writtenFor(cmd *flow.Command, where source.Place, root string) bool {
	if cmd.Call.File == where.File && cmd.Call.Covers(where.Span) {
		return true
	}
	first, _, _ := strings.Cut(strings.Trim(root, `"'`), "{")
	at := strings.Index(cmd.Script.Text, first)
	if at < 0 || first == "" {
		if h, ok := firstHole(cmd.Script, root); ok {
			at = h.Start
		}
	}
	if at < 0 || at >= len(cmd.Script.Text) {
		return false
	}
	other := cmd.Script.Map.At(at)
	src := c.src[where.File]
	if other.File != where.File || other.Start < where.End || other.Start > len(src) {
		return false
	}
	return enclosed(src[where.End:other.Start])
}

// firstHole is the hole that a rendered text begins with.
func firstHole(g *source.Script, rendered string) (source.Hole, bool) {
	for _, h := range g.Holes {
		if strings.HasPrefix(strings.Trim(rendered, `"'`), h.Source) {
			return h, true
		}
	}
	return source.Hole{}, false
}

// enclosed reports whether the brackets that are open before a text are still open behind it, or none was.
func enclosed(src []byte) bool {
	depth := 0
	for _, c := range src {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return true
}

// reaches reports whether an expression at a place means the same where the word stands.
func (c *codebase) reaches(expr string, at flow.Place, where source.Place) bool {
	return at.File == where.File && c.modules[where.File].means(expr, at.Span, where.Span)
}

// placeOf is where the expression of a hole stands.
func placeOf(g *source.Script, h source.Hole) flow.Place {
	at := g.Map.At(h.Start)
	return flow.Place{File: at.File, Span: at.Span}
}

// path is a directory that is written in a command, with expressions in it or not, as a string of the slot's language. It
// is nil when that would take more than one literal.
func (c *codebase) path(cmd *flow.Command, g *source.Script, rendered string, where source.Place, slot *site.Slot) *site.Name {
	text := strings.Trim(rendered, `"'`)
	rest, interpolated := text, text
	for _, h := range g.Holes {
		if !strings.Contains(rest, h.Source) {
			continue
		}
		if strings.ContainsAny(h.Expr, "\"\\\n\r") || once.MatchString(h.Expr) || !c.reaches(h.Expr, placeOf(g, h), where) {
			return nil
		}
		rest = strings.ReplaceAll(rest, h.Source, "")
		interpolated = strings.ReplaceAll(interpolated, h.Source, "#"+h.Source)
	}
	plain := rest == text
	if cmd.Sink.Place == "job" { // the job knows where the workspace is, and its own variables
		rest = strings.TrimPrefix(rest, "$"+c.s.pack.Instance.Workspace.Name+"/")
		if dir, name, ok := strings.Cut(rest, "/$"); ok && identifier.FindString(name) == name {
			rest = dir
		}
	}
	if !plainPath.MatchString(rest) {
		return nil
	}
	switch {
	case plain && slot.Language == "ruby":
		text = "'" + text + "'"
	case plain:
		text = `"` + text + `"`
	case slot.Language == "python":
		text = `f"` + text + `"`
	case slot.Language == "ruby":
		text = `"` + interpolated + `"`
	default:
		return nil
	}
	return &site.Name{Expr: text, How: "root"}
}

// inLiteral reports whether a text of the script stands in the word's own literal, or where is not known.
func inLiteral(g *source.Script, rendered string, where source.Place, slot *site.Slot) bool {
	text := strings.Trim(rendered, `"'`)
	start := strings.Index(g.Text, text)
	if start < 0 {
		return true
	}
	for i := range len(text) {
		if at := g.Map.At(start + i); at.File != where.File || !slot.Literal.Contains(at.Start) {
			return false
		}
	}
	return true
}

// holeOf is the hole whose placeholder is the whole of an expression of the script.
func holeOf(g *source.Script, expr string) (source.Hole, bool) {
	expr = strings.Trim(expr, `"'`)
	for _, h := range g.Holes {
		if g.Text[h.Start:h.End] == expr || h.Source == expr || h.Expr == expr {
			return h, true
		}
	}
	return source.Hole{}, false
}
