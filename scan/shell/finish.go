package shell

import (
	"cmp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// finish turns the findings into a reading.
func (r *reader) finish() reading.Result {
	named := map[source.Span]bool{}
	_, holes := masked(r.embedded.Text, r.embedded.Holes)
	for _, s := range site.Find([]byte(r.embedded.Text), r.program) {
		named[s] = true
		c := r.findings[place{"", s}]
		switch {
		case c != nil:
		case inHole(holes, s):
			c = &finding{Finding: reading.Of(site.Occurrence{Span: s, Class: site.Identifier, Kind: "template", Rule: r.rule("shell-name"), Reason: "a name in a template expression"})}
		default:
			c = &finding{Finding: reading.Of(site.Occurrence{Span: s, Class: site.Unexplained, Kind: "unexplained", Reason: "no reader of the shell could say what it is"})}
		}
		r.result.Occurrences = append(r.result.Occurrences, r.occurrence(c))
	}
	for p, c := range r.findings {
		switch {
		case p.file == "" && !named[p.Span] && c.Class.Site() && c.Action != site.Keep:
			r.result.Occurrences = append(r.result.Occurrences, r.occurrence(c))
		case p.file != "" && c.Class.Site():
			r.foreign(p, c)
		}
	}
	slices.SortFunc(r.result.Occurrences, func(a, b site.Occurrence) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	slices.SortFunc(r.result.Foreign, func(a, b reading.Foreign) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Occurrence.Start, b.Occurrence.Start))
	})
	r.exports()
	for i := range r.result.Problems {
		r.result.Problems[i].Total = r.bad || r.bounded
	}
	return *r.result
}

// foreign records a definition outside the text.
func (r *reader) foreign(p place, c *finding) {
	f := reading.Foreign{Occurrence: c.Occurrence}
	switch {
	case strings.HasPrefix(p.file, filePrefix):
		f.File = strings.TrimPrefix(p.file, filePrefix)
	case strings.HasPrefix(p.file, hostPrefix):
		name := strings.TrimPrefix(p.file, hostPrefix)
		for i := range r.embedded.Env {
			if r.embedded.Env[i].Name == name {
				f.Var = &r.embedded.Env[i]
			}
		}
	}
	f.Occurrence.Language = "shell"
	f.Occurrence.Uses = stripKeys(f.Occurrence.Uses)
	f.Occurrence.Trace = stripKeys(f.Occurrence.Trace)
	if f.Var != nil {
		f.Occurrence.Slot = r.hostSlot(f.Var, c)
	} else if f.File != "" {
		f.Occurrence.Slot = r.foreignSlot(p, c)
	}
	r.result.Foreign = append(r.result.Foreign, f)
}

// foreignSlot is what a fix in a file that the text sources needs to know: its command names a root directory there, for this
// text is not the only one that may run it.
func (r *reader) foreignSlot(p place, c *finding) *site.Slot {
	ctx := r.contexts[p]
	if ctx == nil || ctx.text.outer != nil || !c.named || c.root == "" || c.whole.Len() == 0 && c.path {
		return nil
	}
	return &site.Slot{
		Form: site.ShellWord, Language: "shell", Span: p.Span, At: ctx.at, Quote: shellQuote(ctx.quotes[0]), Place: c.place,
		Root: &site.Name{Expr: c.root, How: "root", Value: c.value}, UnsafeReason: r.unsafe(c, ctx, c.root),
	}
}

// hostSlot is what a fix of a host's variable needs to know: the instance must be named by what the host has.
func (r *reader) hostSlot(v *source.Var, c *finding) *site.Slot {
	s := &site.Slot{
		Form: site.ShellWord, Language: "shell", Script: v.Value, At: c.Span, Names: r.opt.Names,
		UnsafeReason: "the value is defined by the host, and the commands that run it may be of several instances",
	}
	if p, ok := v.Value.Map.Host(c.Span); ok {
		s.Span = p.Span
	}
	return s
}

// stripKeys gives the steps the keys of files that others know.
func stripKeys(steps []site.Step) []site.Step {
	for i := range steps {
		steps[i].File = strings.TrimPrefix(steps[i].File, filePrefix)
		if strings.HasPrefix(steps[i].File, hostPrefix) {
			steps[i].File = ""
		}
	}
	return steps
}

// occurrence completes a finding with what a fix needs to know.
func (r *reader) occurrence(c *finding) site.Occurrence {
	o := c.Occurrence
	if c.calls != nil && !reaches(c.calls, map[*function]bool{}) {
		o.Class, o.Kind, o.Action, o.Rule = site.Identifier, string(site.Identifier), "", r.rule("shell-name")
		o.Shown = !slices.ContainsFunc(c.calls, (*function).handsOn)
		o.Reason += ", which does not run " + r.program
	}
	o.Language = "shell"
	o.Uses, o.Trace = stripKeys(o.Uses), stripKeys(o.Trace)
	if o.Class.Site() && c.Kind != "shell-call" && (o.Action == site.Rewrite || o.Action == site.Review || o.Action == site.Done) {
		o.Slot = r.slot(c)
		if o.Kind == site.DispatchByName && movable(&o) && len(o.Takes) == 1 {
			o.Slot, o.Takes = o.Takes[0].Slot, nil // it is there that the name is told apart
		}
	}
	return o
}

// slot is what a fix needs to know of a site.
func (r *reader) slot(c *finding) *site.Slot {
	ctx := r.contexts[place{"", c.Span}]
	if ctx == nil {
		return nil
	}
	s := &site.Slot{Form: site.ShellWord, Language: "shell", At: ctx.at, Quote: shellQuote(ctx.quotes[0]), Names: ctx.names, Env: c.env}
	if c.handed != nil {
		s.Names = append([]site.Name{*c.handed}, s.Names...)
	}
	if c.path && c.whole.Len() == 0 {
		all := false
		if s.At, all = pathed(ctx.text.src, ctx.at, ctx.quotes[0]); !all || ctx.text.outer != nil && !ctx.text.renderedHere(s.At) {
			c.safe = cmp.Or(c.safe, apart)
		}
	}
	if c.whole.Len() > 0 && c.whole.Covers(c.Span) {
		s.At.Start -= c.Span.Start - c.whole.Start
		s.At.End += c.whole.End - c.Span.End
		if s.At.Start < 0 || s.At.End > len(ctx.text.src) {
			s.At = ctx.at
		}
	}
	switch {
	case ctx.text.outer != nil:
		s.Script = r.inner(ctx)
	case r.embedded.Host != "":
		s.Script = r.embedded
	}
	if len(r.embedded.Argv) > 0 && ctx.text.outer == nil {
		s.Form = site.Element
	}
	r.hostSpan(s, ctx)
	root, named := r.slotRoot(s, c, ctx)
	if ctx.owner != nil {
		s.Owner = ctx.owner.name
		if p, ok := ctx.owner.text.originOf(ctx.owner.at); ok {
			s.OwnerAt = p.Span
		}
	}
	s.Place = cmp.Or(c.place, ctx.text.place)
	s.UnsafeReason = r.unsafe(c, ctx, root)
	switch {
	case !named || root != "":
	case movable(&c.Occurrence) && ctx.text.outer == nil:
		s.Names = nil // each place that runs it names a root of its own, which is nearer
	default:
		s.UnsafeReason = cmp.Or(s.UnsafeReason, "the command names its own root directory, which cannot be written at this place")
	}
	return s
}

// slotRoot gives the slot the root directory of its command, if one is known. It says what that is, as it is written, and
// whether the command names one at all.
func (r *reader) slotRoot(s *site.Slot, c *finding, ctx *context) (root string, named bool) {
	root = c.root
	if !c.named {
		root = cmp.Or(root, ctx.root)
	}
	switch {
	case root == elsewhere:
		return "", true
	case c.value == nothing:
		root = cmp.Or(root, nothing)
	case root == "":
		return "", c.named
	}
	s.Root = &site.Name{Expr: root, How: "root", Value: c.value}
	if root == ctx.root {
		s.Root.Value = ctx.rootValue
	}
	return root, c.named
}

// hostSpan is the bytes of the file that the slot replaces.
func (r *reader) hostSpan(s *site.Slot, ctx *context) {
	p, ok := ctx.text.origin.Host(s.At)
	if !ok {
		p, _ = ctx.text.origin.Host(ctx.at)
		s.At = ctx.at
	}
	s.Span = p.Span
	if len(r.embedded.Map.Segments) > 0 {
		if h, ok := r.embedded.Map.Host(p.Span); ok {
			s.Span = h.Span
		} else {
			s.Span = r.embedded.Map.At(p.Start).Span
		}
	}
}

// shellQuote is the quoting that a slot knows: none, single or double.
func shellQuote(q byte) byte {
	switch q {
	case '\'', '"':
		return q
	case 'h': // expanded as between double quotes
		return '"'
	}
	return 0
}

// unsafe says why a fix at the place would not be safe, or nothing.
func (r *reader) unsafe(c *finding, ctx *context, root string) string {
	switch {
	case c.safe != "":
		return c.safe
	case ctx.quotes[0] == 'H':
		return "the word stands in a here-document in which nothing is expanded, and is run as it stands"
	case slices.Contains(ctx.quotes, '$'):
		return "the word stands between $' and ', where backslashes have a meaning of their own"
	case c.Kind == site.DispatchByName:
		return "the script runs whatever name it is called by, so the links that point to it have to be moved with it"
	}
	place := cmp.Or(c.place, ctx.text.place)
	switch {
	case place == "pod":
		return "it runs in a pod, where no environment of an instance is: run it in the tools container, or give the pod one"
	case place == "service":
		return "it runs in a service without the workspace, where no environment of an instance is: mount the workspace, or run it in the tools container"
	case place == "machine" && root != "":
		return "it runs on another machine, whose environments are not known here: build the instance's there, and change it by hand"
	case root != "" && (c.named || ctx.text.place == place): // that place names the instance's directory as it sees it
	case place == "machine":
		return "the command runs on another machine, where the workspace may be at another path"
	case place == "container":
		return "the command runs inside a container, where the workspace may be at another path"
	}
	return ""
}

// inner is a text inside the script as an embedded script of its own: its map leads to the text that was asked for, and what it
// writes goes through the quoting of each text around it. Script.Within sees it from the host.
func (r *reader) inner(ctx *context) *source.Script {
	g := *ctx.text.embedded
	g.Map, g.Host = ctx.text.origin, ""
	quotes := ctx.quotes[1:]
	g.Render = func(_ source.Span, text string) (string, error) {
		for _, q := range quotes {
			text = requote(text, q)
		}
		return text, nil
	}
	return &g
}

// requote writes shell text inside text that is quoted: a dollar keeps its meaning for the text around it where that
// expands it.
func requote(text string, quote byte) string {
	switch quote {
	case '\'':
		return strings.ReplaceAll(text, `'`, `'\''`)
	case '"':
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`").Replace(text)
	case 0:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`").Replace(text) + `"`
	case 'h':
		return strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(text)
	}
	return text
}

// exports lists the names whose value runs the program.
func (r *reader) exports() {
	seen := map[reading.Export]bool{}
	add := func(e reading.Export) {
		if !seen[e] {
			seen[e] = true
			r.result.Exports = append(r.result.Exports, e)
		}
	}
	for _, d := range r.defs {
		if d.at.file != "" {
			continue
		}
		c := r.findings[d.at]
		run := c != nil && c.Class == site.Invocation
		add(reading.Export{Name: d.name, Kind: d.kind, Span: d.at.Span, Exported: d.exported, Run: run})
	}
	runs := r.places()
	for _, f := range r.functions {
		at, ok := f.text.originOf(f.at)
		if !ok || at.File != "" {
			continue
		}
		first, _ := slices.BinarySearchFunc(runs, at.Start, func(s source.Span, start int) int { return cmp.Compare(s.Start, start) })
		for _, s := range runs[first:] {
			if s.Start >= at.End || r.over() {
				break
			}
			r.charge(1)
			c := r.findings[place{"", s}]
			add(reading.Export{Name: f.name, Kind: "function", Span: s, Run: c.Class == site.Invocation})
		}
	}
	slices.SortFunc(r.result.Exports, func(a, b reading.Export) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Name, b.Name))
	})
}

// places are those of the text that run the program, or hold it in a value which another text may run, in order.
func (r *reader) places() []source.Span {
	var out []source.Span
	for p, c := range r.findings {
		if p.file == "" && (c.Class == site.Invocation && c.Action != site.Keep || c.Class == site.Data && c.Rank == reading.Value) {
			out = append(out, p.Span)
		}
	}
	slices.SortFunc(out, func(a, b source.Span) int { return cmp.Compare(a.Start, b.Start) })
	return out
}
