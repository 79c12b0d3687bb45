package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// builtin follows the commands of the shell that change what later commands mean. It reports whether nothing is left to
// be said of the command.
func (r *reader) builtin(in invocation) bool {
	args := in.fields[1:]
	switch name := in.fields[0].Text; name {
	case "source", ".":
		if len(args) > 0 {
			r.sourced(args[0])
		}
	case "set":
		r.positional(args)
	case "shift":
		r.shift(args)
	case "cd":
		if len(args) == 1 && args[0].Text != "-" && args[0].Text != ".." {
			r.assign("PWD", variable{alts: []alternative{{fields: []field{args[0]}}}, how: "variable"})
		}
	case "alias":
		r.alias(args)
		return true
	case "unset", "unalias":
		for _, a := range args {
			r.note(a, nameNote)
			if name == "unalias" {
				delete(r.st.aliases, a.Text)
			} else if delete(r.st.vars, a.Text); args[0].Text != "-f" && !slices.Contains(r.pack.Instance.RootEnv, a.Text) {
				r.assign(a.Text, variable{alts: []alternative{{fields: []field{{}}}}, how: "variable"})
			}
		}
		return true
	case "read", "mapfile", "readarray":
		return r.read(name, args)
	case "[", "test":
		for i, a := range args {
			if a.Text == "-x" && i+1 < len(args) {
				r.testFile(true, args[i+1:i+2])
			}
			r.note(a, patternNote)
		}
		return true
	case "export", "readonly", "local", "declare", "typeset":
		r.assignments(name, args)
		return true
	case "printf":
		if len(args) > 2 && args[0].Text == "-v" {
			r.assign(args[1].Text, variable{alts: []alternative{{fields: []field{joined(args[2:])}}}, how: "variable"})
		}
	}
	return false
}

// assignments follows NAME=value words of a command that assigns.
func (r *reader) assignments(by string, args []field) {
	for _, a := range args {
		name, _, ok := strings.Cut(a.Text, "=")
		r.note(a, assignNote)
		if !ok || !variableName(name) {
			continue
		}
		v := variable{how: "variable", exported: by == "export"}
		value := a.cut(source.Span{Start: len(name) + 1, End: len(a.Text)})
		v.alts = []alternative{{fields: []field{value}}}
		if by == "local" {
			v.local = r.st.owner
		}
		r.assign(name, v)
		r.defined(name, "variable", []field{value}, v.exported)
	}
}

// declare follows local, export, declare, readonly and typeset.
func (r *reader) declare(c *syntax.DeclClause) {
	v := variable{how: "variable"}
	switch c.Variant.Value {
	case "export":
		v.exported = true
	case "local":
		v.local = r.st.owner
	case "declare", "typeset":
		v.local = r.st.owner
	}
	reference := c.Variant.Value == "nameref"
	for _, a := range c.Args {
		if a.Naked && a.Name == nil && a.Value != nil {
			for _, f := range r.single(a.Value) {
				r.note(f, assignNote)
				reference = reference || strings.HasPrefix(f.Text, "-") && strings.ContainsRune(f.Text, 'n')
				if strings.HasPrefix(f.Text, "-") && strings.ContainsRune(f.Text, 'x') {
					v.exported = true
				}
				if strings.HasPrefix(f.Text, "-") && strings.ContainsRune(f.Text, 'g') {
					v.local = nil
				}
			}
			continue
		}
		if reference && a.Name != nil && a.Value != nil {
			r.nameref(a, v)
			continue
		}
		r.set(a, v)
	}
}

// nameref makes a name stand for another variable, where it is known which.
func (r *reader) nameref(a *syntax.Assign, v variable) {
	r.name(a.Name, "the name of a variable")
	v.alts, v.open = r.scalar(a.Value), true
	if len(v.alts) == 1 && len(v.alts[0].fields) == 1 && variableName(v.alts[0].fields[0].Text) && len(v.alts[0].fields[0].Holes) == 0 {
		v.ref = v.alts[0].fields[0].Text
	}
	r.assign(a.Name.Value, v)
}

// set follows one assignment.
func (r *reader) set(a *syntax.Assign, v variable) {
	if a.Name == nil {
		return
	}
	name := r.referred(a.Name.Value)
	r.name(a.Name, "the name of a variable")
	if a.Index != nil {
		r.inside(a.Index)
	}
	old := r.st.vars[name]
	switch {
	case a.Naked:
		if old != nil {
			c := *old
			c.exported = c.exported || v.exported
			r.st.vars[name] = &c
		} else if v.local != nil || v.exported {
			v.open = true
			r.assign(name, v)
		}
		return
	case a.Array != nil:
		v.alts = r.array(a.Array)
	default:
		v.alts = r.scalar(a.Value)
		if a.Value != nil && positionalOnly(r.t.raw(span(a.Value))) {
			v.how = "argument"
		}
		if a.Value != nil && !a.Append && r.t.outer != nil && !r.t.sealed() && slices.Contains(r.pack.Instance.RootEnv, name) {
			v.outward = r.t.outward(span(a.Value), 0)
		}
	}
	if a.Index != nil && old != nil { // one element of an array: the others stay
		v.alts = element(old.alts, v.alts)
		v.open = true
	}
	if a.Append && old != nil {
		v.alts = appended(old.alts, v.alts)
		v.open = old.open
	}
	for _, alt := range v.alts {
		r.charge(len(alt.fields))
		for _, f := range alt.fields {
			r.note(f, assignNote)
		}
		r.defined(name, "variable", alt.fields, v.exported)
	}
	if name == "PATH" && len(v.alts) > 0 && len(v.alts[0].fields) == 1 {
		r.searchPath(v.alts[0].fields[0])
	}
	r.assign(name, v)
}

// searchPath remembers that the first directory in which commands are searched is an instance's environment.
func (r *reader) searchPath(f field) {
	first := len(f.Text)
	if n := strings.IndexByte(f.Text, ':'); n >= 0 {
		first = n
	}
	w := f.cut(source.Span{End: first}).Word
	w.Text = strings.TrimSuffix(w.Text, "/") + "/"
	l := &line{words: []Word{w}, pack: r.pack, roots: r.roots("")}
	switch l.environment(0, len(w.Text)) {
	case instanceEnv:
		r.st.active, r.st.other = "the environment of an instance comes first in PATH here", ""
	case otherEnv:
		if strings.HasSuffix(w.Text, "/"+r.pack.Instance.Env+"/bin/") {
			r.st.active, r.st.other = "", "the environment of "+l.revealed(0, source.Span{End: len(w.Text) - len("/bin/")})+" comes first in PATH here, which is no instance's"
		}
	}
}

// positionalOnly reports whether a value is one positional parameter: "$1", ${2:-x}.
func positionalOnly(s string) bool {
	s = strings.TrimPrefix(strings.Trim(s, `"`), "$")
	s = strings.TrimPrefix(s, "{")
	return len(s) > 0 && s[0] >= '1' && s[0] <= '9' && !strings.ContainsAny(s, "$/")
}

func (r *reader) scalar(w *syntax.Word) []alternative {
	if w == nil {
		return []alternative{{fields: []field{{}}}}
	}
	var out []alternative
	for _, f := range r.single(w) {
		f.first = &rendered{text: r.t, at: span(w), word: w, value: true}
		out = append(out, alternative{fields: []field{f}})
	}
	return out
}

func (r *reader) array(a *syntax.ArrayExpr) []alternative {
	r.comments(a.Last)
	var words []*syntax.Word
	for _, e := range a.Elems {
		r.comments(e.Comments)
		if e.Index != nil {
			r.inside(e.Index)
		}
		if e.Value != nil {
			words = append(words, e.Value)
		}
	}
	var out []alternative
	for _, fields := range r.product(words) {
		out = append(out, alternative{fields: fields, array: true})
	}
	return out
}

// appended is each old value with each new one behind it.
func appended(old, more []alternative) []alternative {
	var out []alternative
	for _, o := range old {
		for _, m := range more {
			if len(out) == maxAlternatives {
				return out
			}
			a := alternative{array: o.array || m.array}
			if tooLong(o.fields) {
				a = o // no longer value is followed
			} else if a.array {
				a.fields = append(slices.Clip(o.fields), m.fields...)
			} else if len(o.fields) == 1 && len(m.fields) == 1 {
				f := clone(o.fields[0])
				f.add(m.fields[0])
				a.fields = []field{f}
			}
			out = append(out, a)
		}
	}
	if len(old) == 0 {
		return more
	}
	return out
}

// element is an array whose elements are the old and the new ones.
func element(old, more []alternative) []alternative {
	a := alternative{array: true}
	for _, o := range append(slices.Clip(old), more...) {
		if len(a.fields) < 256 {
			a.fields = append(a.fields, o.fields...)
		}
	}
	return []alternative{a}
}

// positional follows `set -- words`.
func (r *reader) positional(args []field) {
	skip := false
	for i, a := range args {
		switch {
		case a.Text == "--":
			r.st.args, r.st.argsOpen = args[i+1:], false
			return
		case skip:
			skip = false
		case strings.HasPrefix(a.Text, "-"), strings.HasPrefix(a.Text, "+"):
			skip = strings.HasSuffix(a.Text, "o") // the next word is the name of an option
		default:
			r.st.args, r.st.argsOpen = args[i:], false
			return
		}
	}
}

func (r *reader) shift(args []field) {
	n := 1
	if len(args) > 0 {
		v, err := strconv.Atoi(args[0].Text)
		if err != nil {
			r.st.args, r.st.argsOpen = nil, true
			return
		}
		n = v
	}
	if n < 0 || n > len(r.st.args) || slices.ContainsFunc(r.st.args[:n], func(f field) bool { return f.Many }) {
		return
	}
	r.st.args = r.st.args[n:]
}

// alias follows the definition of aliases: each value is shell text.
func (r *reader) alias(args []field) {
	for _, a := range args {
		name, value, ok := strings.Cut(a.Text, "=")
		r.note(a, nameNote)
		if !ok || name == "" {
			continue
		}
		text := a.cut(source.Span{Start: len(name) + 1, End: len(a.Text)})
		text.text, text.at, text.word = a.text, a.at, a.word
		r.st.aliases[name] = text
		if value != "" {
			r.nested(text, nested{by: "alias " + name, kind: "shell-alias"})
			r.defined(name, "alias", text.split(), false)
		}
	}
}

// read follows the command that puts what it reads, such as a here-document, into variables.
func (r *reader) read(name string, args []field) bool {
	var input []field
	for _, d := range r.redirs {
		if d.Hdoc != nil {
			input = append(input, r.body(d)...)
		} else if d.Op == syntax.WordHdoc {
			input = append(input, r.single(d.Word)...)
		}
	}
	shown := false
	for _, a := range args {
		switch {
		case shown:
			r.note(a, messageNote)
		case variableName(a.Text):
			r.note(a, nameNote)
			v := variable{open: true, how: "variable"}
			for _, f := range append(slices.Clip(input), r.stdin...) {
				v.alts = union(v.alts, []alternative{{fields: []field{f}}})
				for _, line := range f.lines() {
					v.alts = union(v.alts, []alternative{{fields: []field{line}}})
				}
				r.note(f, assignNote)
			}
			r.assign(a.Text, v)
		default:
			r.note(a, messageNote)
		}
		shown = a.Text == "-p" || strings.HasPrefix(a.Text, "-") && strings.HasSuffix(a.Text, "p")
	}
	return true
}
