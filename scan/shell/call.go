package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

const (
	maxDepth = 24 // calls of functions within each other
	maxSame  = 3  // times that a function is followed with the same arguments
	maxRuns  = 64 // times that a function is followed at all
)

// elsewhere stands for a root directory that a command names and that cannot be written where the command stands.
const elsewhere = "\x00"

// invocation is one simple command with its words expanded.
type invocation struct {
	fields []field
	root   string    // the root directory that an assignment before the command names, as it is written between double quotes
	value  string    // what that is, as in site.Name
	given  *variable // the same as a value
	call   *syntax.CallExpr
}

// call follows a simple command.
func (r *reader) call(c *syntax.CallExpr) {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			r.set(a, variable{how: "variable"})
		}
		r.redirects(r.redirs)
		return
	}
	before := r.st
	in := invocation{call: c}
	if len(c.Assigns) > 0 {
		r.st = r.fork(r.st)
		r.prefix(c.Assigns, &in)
	}
	for _, fields := range r.product(c.Args) {
		if len(fields) > 0 {
			r.handedOn(c.Assigns, fields)
			one := in
			one.fields = fields
			r.command(one)
		}
	}
	for _, d := range r.redirs {
		r.redirect(d)
	}
	if len(c.Assigns) > 0 {
		r.st = before
	}
}

// prefix follows the assignments before a command, and notes the root directory that they name.
func (r *reader) prefix(list []*syntax.Assign, in *invocation) {
	for _, a := range list {
		r.set(a, variable{how: "variable"})
		if a.Name == nil || !slices.Contains(r.pack.Instance.RootEnv, a.Name.Value) {
			continue
		}
		if a.Value == nil && !a.Append && a.Array == nil {
			in.root, in.value = nothing, nothing
		} else if a.Value != nil {
			switch in.root = r.t.between(a.Value, 0); {
			case r.t.outer == nil:
			case !r.t.sealed():
				in.root = r.t.outward(span(a.Value), 0)
			case !r.t.renderedHere(span(a.Value)):
				in.root = elsewhere
			}
			v := r.st.vars[a.Name.Value]
			if in.given = v; v != nil && expands(in.root) {
				in.value = v.value()
				if v.empty() {
					in.value = nothing
				}
				if known := r.rootVariable(a.Name.Value, v); known != "$"+a.Name.Value && !homely(in.root, known) {
					in.root = known
				}
			}
			delete(r.st.vars, a.Name.Value) // the command's own words do not see it
		}
	}
}

// product is the command lines that the words may become.
func (r *reader) product(words []*syntax.Word) [][]field {
	lines := [][]field{nil}
	for _, w := range words {
		alts := r.expand(w)
		r.charge(1)
		if len(lines) == 1 && len(alts) == 1 {
			lines[0] = append(lines[0], alts[0]...)
			continue
		}
		var next [][]field
		for _, l := range lines {
			for _, a := range alts {
				if len(next) == maxAlternatives {
					break
				}
				r.charge(len(l))
				next = append(next, append(slices.Clip(l), a...))
			}
		}
		lines = next
	}
	return lines
}

// command follows one command line.
func (r *reader) command(in invocation) {
	if r.spent() {
		return
	}
	if len(in.fields) > maxFields {
		r.bound("a command of more words than are read: what stands behind them is not")
		in.fields = in.fields[:maxFields]
	}
	r.charge(4 * len(in.fields))
	head := in.fields[0]
	if len(head.Holes) == 0 {
		if list := r.st.funcs[head.Text]; len(list) > 0 {
			r.calls(in, list)
			return
		}
		if alias, ok := r.st.aliases[head.Text]; ok {
			r.aliased(in, alias)
			return
		}
		if r.builtin(in) {
			return
		}
	}
	words := make([]Word, len(in.fields))
	for i, f := range in.fields {
		words[i] = f.Word
	}
	l := &line{words: words, raw: func(i int) string { return in.fields[i].raw() }, pack: r.pack, active: r.st.active, other: r.st.other, roots: append(r.roots(in.root), r.opt.Roots...)}
	l.read()
	r.free(in.fields)
	input, stdin := r.inputs(), r.stdin
	if len(input) > 0 {
		r.stdin = input
	}
	r.root, r.rootValue, r.given = in.root, in.value, in.given
	r.apply(l, in.fields)
	r.root, r.rootValue, r.given, r.stdin = "", "", nil, stdin
	r.print(in)
	r.input(l, in, input)
}

// calls follows the functions that a command may call.
func (r *reader) calls(in invocation, list []*function) {
	head, args := in.fields[0], in.fields[1:]
	shown := like(head.Text, r.pack.Shell.Messages)
	for _, f := range args {
		if shown {
			r.note(f, messageNote)
		} else {
			r.note(f, argumentNote(head.Text))
		}
	}
	at, _ := list[0].text.originOf(list[0].at)
	r.runs(head, "calls the function", at, list)
	stdin := r.stdin
	if input := r.inputs(); len(input) > 0 {
		for _, f := range input {
			r.note(f, inputNote)
		}
		r.stdin = input // what reads in the function gets it
	}
	for _, f := range list {
		r.enter(f, args, head)
	}
	r.stdin = stdin
}

// enter follows a function's body with its arguments.
func (r *reader) enter(f *function, args []field, by field) {
	for _, o := range r.followed() {
		if !slices.Contains(o.callees, f) {
			o.callees = append(o.callees, f)
		}
	}
	key := signature(args)
	r.charge(len(key)/16 + len(r.st.vars)/2)
	if len(r.frames) >= maxDepth || f.runs >= maxRuns || f.seen[key] >= maxSame || r.spent() {
		return
	}
	f.runs++
	f.seen[key]++
	t, owner, params, open, redirs := r.t, r.st.owner, r.st.args, r.st.argsOpen, r.redirs
	locals := r.st.vars
	r.st.vars = make(map[string]*variable, len(locals))
	for k, v := range locals {
		r.st.vars[k] = v
	}
	r.t, r.redirs = f.text, nil
	r.st.owner, r.st.args, r.st.argsOpen = f, args, slices.ContainsFunc(args, func(a field) bool { return a.Many })
	r.frames = append(r.frames, frame{f, by, args})
	r.stmt(f.body)
	r.frames = r.frames[:len(r.frames)-1]
	r.t, r.redirs = t, redirs
	r.st.owner, r.st.args, r.st.argsOpen = owner, params, open
	for k, v := range r.st.vars {
		if v.local != f {
			continue
		}
		if old, ok := locals[k]; ok {
			r.st.vars[k] = old
		} else {
			delete(r.st.vars, k)
		}
	}
}

// frame is one call that is being followed.
type frame struct {
	function *function
	by       field
	args     []field
}

// followed are the function or alias whose body is followed, and the function that stands around it.
func (r *reader) followed() []*function {
	var out []*function
	if r.st.owner != nil {
		out = append(out, r.st.owner)
	}
	if n := len(r.frames); n > 0 && r.frames[n-1].function != r.st.owner {
		out = append(out, r.frames[n-1].function)
	}
	return out
}

// signature tells calls with different arguments apart.
func signature(args []field) string {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(a.Text)
		for _, s := range a.Map.Segments {
			b.WriteByte(byte(s.Host))
			b.WriteByte(byte(s.Host >> 8))
			b.WriteByte(byte(s.Host >> 16))
		}
		b.WriteByte(0)
	}
	return b.String()
}

// alone follows each function without a caller, so that every body is read whether it is called or not.
func (r *reader) alone() {
	for i := 0; i < len(r.functions) && !r.spent(); i++ {
		f := r.functions[i]
		t, st := r.t, r.st
		r.t, r.st = f.text, r.fork(st)
		r.st.owner, r.st.args, r.st.argsOpen = f, nil, true
		r.stmt(f.body)
		st.joinFunctions(r.st)
		r.t, r.st = t, st
	}
}

// aliased follows a command that an alias stands for.
func (r *reader) aliased(in invocation, alias field) {
	for _, f := range in.fields[1:] {
		r.note(f, argumentNote(in.fields[0].Text))
	}
	name := in.fields[0].Text
	followed := &function{name: name}
	at, _ := alias.text.originOf(alias.at)
	r.runs(in.fields[0], "runs the alias", at, []*function{followed})
	delete(r.st.aliases, name) // the shell does not expand it again in its own value
	r.frames = append(r.frames, frame{followed, in.fields[0], nil})
	r.nested(alias, nested{by: "an alias"})
	r.frames = r.frames[:len(r.frames)-1]
	r.st.aliases[name] = alias
}

// free notes a command whose word is an unknown variable.
func (r *reader) free(fields []field) {
	head := fields[0]
	if len(head.Holes) == 0 || head.text == nil || head.text.origin.Len() == 0 {
		return
	}
	h := head.Holes[0]
	name := strings.Trim(strings.TrimPrefix(h.Expr, "$"), "{}")
	if end := strings.IndexAny(name, ":?-="); end > 0 {
		name = name[:end]
	}
	if h.Start != 0 || !strings.HasPrefix(h.Expr, "$") || !variableName(name) || !covered(head.Word) {
		return
	}
	r.runsUnknown(head, name)
}

// raw is the field as its text writes it, or as it is written where the variable that holds it was set.
func (f field) raw() string {
	switch {
	case f.first != nil && f.first.value:
		return f.first.text.raw(f.first.at)
	case f.text != nil:
		return f.text.raw(f.at)
	}
	return ""
}

// between is a word from byte from of its text on, as it is written between double quotes.
func (t *text) between(w *syntax.Word, from int) string {
	var b strings.Builder
	skip := from
	for i, p := range w.Parts {
		s := span(p)
		switch p := p.(type) {
		case *syntax.Lit:
			lit := t.reveal(s)
			if skip > 0 {
				n := min(skip, len(lit))
				lit, skip = lit[n:], skip-n
			}
			if i == 0 && (lit == "~" || strings.HasPrefix(lit, "~/")) {
				lit = "$HOME" + lit[1:]
			}
			b.WriteString(unquoted(lit))
		case *syntax.SglQuoted:
			b.WriteString(t.escaped(source.Span{Start: s.Start + 1, End: s.End - 1}))
		case *syntax.DblQuoted:
			inner := t.reveal(source.Span{Start: int(p.Left.Offset()) + 1, End: int(p.Right.Offset())})
			if skip > 0 {
				n := min(skip, len(inner))
				if expands(inner[:n]) {
					return elsewhere
				}
				inner, skip = inner[n:], skip-n
			}
			b.WriteString(inner)
		default:
			if skip > 0 {
				return elsewhere // what is to be left out is a part of a value
			}
			b.WriteString(t.reveal(s))
		}
	}
	return b.String()
}

// escaped is literal text as it is written between double quotes; what is not known stays as its own language writes it.
func (t *text) escaped(s source.Span) string {
	var b strings.Builder
	at := s.Start
	for _, h := range t.holes {
		if h.Start >= at && h.End <= s.End {
			b.WriteString(doubleQuote(t.src[at:h.Start]) + h.Source)
			at = h.End
		}
	}
	return b.String() + doubleQuote(t.src[at:max(at, s.End)])
}

// unquoted writes the text of a word that is not quoted so that it means the same between double quotes.
func unquoted(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			i++
			if s[i] == '\n' {
				continue
			}
			c = s[i]
			if strings.IndexByte("$`\"\\", c) >= 0 {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// doubleQuote escapes what has a meaning between double quotes.
func doubleQuote(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(s)
}
