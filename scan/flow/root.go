package flow

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// Way is how the root directory that a command gets came to it.
type Way struct {
	Variable string  // the name that it has in the environment
	Envs     []Place // the expressions of the environments that held it, on the way to the call
	Made     string  // the call that made the directory, when one did: "tempfile.mkdtemp()"
}

// maxEnvs bounds the environments that a way remembers.
const maxEnvs = 8

// root is the root directory in the environment that a call is given.
type root struct {
	at   *place // the expression that gave it, when it is one
	text *text  // what it is
	way  *Way
	own  bool   // the environment is the program's own
	dir  string // the call that made the directory that the command runs in; empty when none is known
}

// rootEntry is the value of an environment's entry under a key: a root directory remembers where it comes from.
func (f *frame) rootEntry(key string, v value, x Expr) value {
	if !slices.Contains(f.s.in.Pack.Instance.RootEnv, key) {
		return v
	}
	via := f.at(x)
	way := &Way{Variable: key}
	t, ok := v.(*text)
	if !ok || len(t.pieces) == 0 {
		t = &text{[]piece{{hole: &via, via: &via}}}
	}
	if made, ok := v.(*external); ok {
		way.Made = made.name
	}
	out := slices.Clone(t.pieces)
	out[0].way = way
	return &text{out}
}

// madeBy is the call of another library that gave a value; empty for any other value.
func madeBy(v value) string {
	switch v := v.(type) {
	case *external:
		return v.name
	case *text:
		for i := range v.pieces {
			if v.pieces[i].made != "" {
				return v.pieces[i].made
			}
		}
	}
	return ""
}

// directory is the name under which a scope holds the directory that its commands run in, which no variable can have.
const directory = "(directory)"

// environment is the name under which a scope holds what it sets in the environment of the program itself.
const environment = "(environment)"

// setenv has the commands that follow in a scope get a root directory by the program's own environment.
func (f *frame) setenv(key string, v value) {
	if wayOf(v) != nil {
		f.set(environment, newTable([]string{key}, []value{v}))
	}
}

// setVariable is a call that sets a variable of the program's own environment.
func (f *frame) setVariable(m *rules.Model, arg func(int) value, e *Call) {
	if len(e.Args) <= m.At+1 {
		return
	}
	x := e.Args[m.At+1].Value
	key, _ := plainOf(arg(m.At))
	f.setenv(key, f.rootEntry(key, f.s.through(orUnknown(arg(m.At+1), f.at(x)), f.viaOf(x)), x))
}

// updateOwn is a call that fills the program's own environment from a table, or from named arguments.
func (f *frame) updateOwn(from value, e *Call) {
	if t := f.s.rootedTable(from); t != nil {
		f.set(environment, t)
	}
	for _, a := range e.Args {
		f.setenv(a.Name, f.rootEntry(a.Name, f.evalThrough(a.Value), a.Value))
	}
}

// own reports whether a value is the environment of the program itself.
func (f *frame) own(v value) bool {
	x, ok := v.(*external)
	return ok && slices.Contains(f.s.lang.Environment, x.name)
}

// enter has the commands that follow in a scope run in a directory.
func (f *frame) enter(dir value, e *Call) value {
	f.set(directory, orUnknown(dir, f.at(e)))
	return &unknown{f.at(e)}
}

// entered is the directory that the commands of a scope run in; nil when nothing is known of it.
func (f *frame) entered() value {
	for sc := f.scope; sc != nil; sc = sc.parent {
		if v, ok := sc.vars[directory]; ok {
			return v
		}
	}
	return nil
}

// dirOf is the call of another library that made the directory in which a command runs; empty when none is known.
func (f *frame) dirOf(sk *rules.Sink, args []argument) string {
	for _, a := range args {
		if sk.Cwd != "" && a.name == sk.Cwd {
			return madeBy(a.val)
		}
	}
	v, _ := f.lookup(directory)
	return madeBy(v)
}

// wayOf is how a value that is a root directory came, nil for any other.
func wayOf(v value) *Way {
	for _, o := range options(v) {
		if t, ok := o.(*text); ok && len(t.pieces) > 0 && t.pieces[0].way != nil {
			return t.pieces[0].way
		}
	}
	return nil
}

// rooted reports whether a value is an environment that has a root directory.
func (s *solver) rooted(v value) bool { return s.rootedTable(v) != nil }

// rootedTable is the environment that a value can be and that has a root directory.
func (s *solver) rootedTable(v value) *table {
	for _, o := range options(v) {
		if t, ok := o.(*table); ok && t.root(s.in.Pack.Instance.RootEnv) != nil {
			return t
		}
	}
	return nil
}

// rooted reports whether a word of a list holds a root directory.
func (s *sequence) rooted() bool {
	return slices.ContainsFunc(s.elems, func(el value) bool {
		t, ok := el.(*text)
		return ok && slices.ContainsFunc(t.pieces, func(p piece) bool { return p.way != nil })
	})
}

// root is the root directory of an environment.
func (t *table) root(names []string) value {
	for _, name := range names {
		if v, ok := t.get(name); ok && wayOf(v) != nil {
			return v
		}
	}
	return nil
}

// rootIn is the root directory of an environment: a table, or a list of assignments as Go has them. It is nil for none.
func (s *solver) rootIn(env value) value {
	if t, ok := env.(*table); ok {
		return t.root(s.in.Pack.Instance.RootEnv)
	}
	seq, ok := env.(*sequence)
	if !ok {
		return nil
	}
	for _, el := range slices.Backward(seq.elems) {
		t, ok := el.(*text)
		if !ok || len(t.pieces) == 0 {
			continue
		}
		name, _, _ := strings.Cut(t.pieces[0].text, "=")
		if !slices.Contains(s.in.Pack.Instance.RootEnv, name) {
			continue
		}
		rest := slices.Clone(t.pieces)
		if rest[0] = s.slice(rest[0], len(name)+1, len(rest[0].text)); rest[0].text == "" {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return nil
		}
		rest[0].way = &Way{Variable: name}
		return &text{rest}
	}
	return nil
}

// environmentOf is the environment with a root directory that the only property of a name gives, whatever has it.
func (s *solver) environmentOf(name string) value {
	s.readCount(name)
	if list := s.methods[name]; len(list) == 1 && list[0].fn.Property {
		if v := s.general(list[0]); s.rooted(v) {
			return v
		}
	}
	return nil
}

// handOn is an environment that an expression hands on: its root directory can be taken from there.
func (s *solver) handOn(v value, at place) value {
	if !s.rooted(v) {
		return v
	}
	var out []value
	for _, o := range options(v) {
		t, ok := o.(*table)
		if !ok {
			out = append(out, o)
			continue
		}
		vals := slices.Clone(t.vals)
		for i, key := range t.keys {
			if way := wayOf(vals[i]); way != nil && slices.Contains(s.in.Pack.Instance.RootEnv, key) {
				vals[i] = way.through(vals[i], at)
			}
		}
		out = append(out, newTable(t.keys, vals))
	}
	return either(out...)
}

// through is a root directory after an expression handed its environment on.
func (w *Way) through(v value, at place) value {
	here := Place{at.file, at.span}
	if len(w.Envs) == maxEnvs || slices.Contains(w.Envs, here) {
		return v
	}
	longer := *w
	longer.Envs = append(slices.Clip(w.Envs), here)
	for _, o := range options(v) {
		if t, ok := o.(*text); ok && len(t.pieces) > 0 && t.pieces[0].way == w {
			pieces := slices.Clone(t.pieces)
			pieces[0].way = &longer
			return &text{pieces}
		}
	}
	return v
}

// rootOf is the instance's directory that the call's environment names, and the directory that it runs in.
func (f *frame) rootOf(sk *rules.Sink, args []argument) *root {
	var env value
	for _, a := range args {
		if sk.Env != "" && a.name == sk.Env {
			env = a.val
		}
	}
	if env == nil && sk.EnvAt > 0 {
		env = f.nth(args, sk.EnvAt)
	}
	if sk.Env == "first" && len(args) > 0 {
		env = args[0].val
		if seq, ok := env.(*sequence); ok && len(seq.elems) > 0 { // IO.popen([env, …])
			env = seq.elems[0]
		}
	}
	out := &root{dir: f.dirOf(sk, args)}
	if _, isText := env.(*text); env == nil || isText || f.own(env) {
		env, _ = f.lookup(environment)
		out.own = true
	}
	for _, o := range options(env) {
		if v := f.s.rootIn(o); v != nil {
			out.at, out.way = placeOf(v), wayOf(v)
			out.text, _ = v.(*text)
			break
		}
	}
	return out
}

// placeOf is the expression that gave a value, when it is one expression.
func placeOf(v value) *place {
	t, ok := v.(*text)
	if !ok || len(t.pieces) == 0 {
		return nil
	}
	if len(t.pieces) == 1 && t.pieces[0].hole != nil {
		return t.pieces[0].hole
	}
	for _, p := range t.pieces {
		if p.via == nil || *p.via != *t.pieces[0].via {
			return nil
		}
	}
	return t.pieces[0].via
}
