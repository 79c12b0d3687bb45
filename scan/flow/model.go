package flow

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// model is the value of a call that a model describes; nil when the model does not fit the values at hand.
func (f *frame) model(m *rules.Model, recv value, b *bound, e *Call, args []argument, block *function) value {
	arg := func(i int) value { return argumentOf(m, args, i) }
	switch m.Does {
	case "same":
		return f.named(arg(m.At), e)
	case "setenv":
		f.setVariable(m, arg, e)
	case "enter":
		return f.enter(arg(m.At), e)
	case "receiver":
		return recv
	case "default":
		return either(arg(m.At), &unknown{f.at(e)})
	case "get":
		return f.entry(recv, arg(0), arg(1), e)
	case "values":
		return valuesOf(recv)
	case "split":
		if recv == nil {
			return f.s.splitAll(arg(m.At), "")
		}
		separator, _ := plainOf(arg(0))
		return f.s.splitAll(recv, separator)
	case "lines":
		return f.s.splitAll(recv, "\n")
	case "join", "shelljoin":
		return f.joinModel(m, recv, b, arg, args)
	case "path":
		return f.pathModel(recv, args)
	case "sibling":
		return f.siblingModel(recv, args, e)
	case "format":
		return f.formatted("format", recv, args)
	case "template":
		return f.formatted("$", recv, args)
	case "update":
		if f.own(recv) {
			f.updateOwn(arg(m.At), e)
			return recv
		}
		return f.mutate("merge", recv, arg(m.At), args, e)
	case "append", "extend", "prepend", "merge":
		return f.mutate(m.Does, recv, arg(m.At), args, e)
	case "partial":
		if len(args) > 0 {
			return &partial{fn: args[0].val, args: args[1:]}
		}
	case "map", "yield", "tap", "select", "find", "memo", "fold":
		return f.blockModel(m.Does, recv, e, args, block)
	case "dig":
		v := recv
		for _, a := range positional(args) {
			v = getFrom(v, a.val)
		}
		return v
	case "call":
		return f.callModel(m, e, args, block)
	}
	return nil
}

// argumentOf is the argument that a model names, or else the one at a place.
func argumentOf(m *rules.Model, args []argument, i int) value {
	for _, a := range args {
		if m.Name != "" && a.name == m.Name {
			return a.val
		}
	}
	if i < len(args) && args[i].name == "" {
		return args[i].val
	}
	return nil
}

// callModel calls the argument that the model names with the positional ones after it and those that are named.
func (f *frame) callModel(m *rules.Model, e *Call, args []argument, block *function) value {
	var fn value
	var rest []argument
	at := 0
	for _, a := range args {
		switch {
		case m.Name != "" && a.name == m.Name:
			fn = a.val
		case a.name != "" || a.dict:
			rest = append(rest, a)
		default:
			if at == m.At && fn == nil {
				fn = a.val
			} else if at > m.At {
				rest = append(rest, a)
			}
			at++
		}
	}
	var out []value
	for _, o := range options(fn) {
		out = append(out, f.apply(o, e, rest, block, 1))
	}
	return either(out...)
}

// named is the script's own name taken from its path, written by the call that takes it; any other value is itself.
func (f *frame) named(v value, e *Call) value {
	if t, ok := v.(*text); ok && len(t.pieces) == 1 && t.pieces[0].own {
		return f.ownName(e)
	}
	return v
}

// entry is what a table has for a key, or the default; also anything when the table is not known.
func (f *frame) entry(recv, key, def value, e *Call) value {
	v := either(getFrom(recv, key), def)
	if _, known := onlyTable(recv); !known && v != nil {
		return either(v, &unknown{f.at(e)})
	}
	return v
}

func getFrom(recv, key value) value {
	var out []value
	k, _ := plainOf(key)
	for _, o := range options(recv) {
		if t, ok := o.(*table); ok {
			if v, ok := t.get(k); ok {
				out = append(out, v)
			}
		}
	}
	return either(out...)
}

func valuesOf(recv value) value {
	for _, o := range options(recv) {
		if t, ok := o.(*table); ok {
			return newSequence(t.vals, false)
		}
	}
	return nil
}

// joinModel is a list made into text: the separator is the receiver where there is one that is text, else argument 0.
func (f *frame) joinModel(m *rules.Model, recv value, b *bound, arg func(int) value, args []argument) value {
	list, sep := arg(0), " "
	switch r := recv.(type) {
	case nil: // shlex.join(list)
	case *text:
		if s, ok := r.plain(); ok {
			sep = s
		}
	default: // list.join(" ")
		list = recv
		if s, ok := plainOf(arg(0)); ok {
			sep = s
		} else if len(args) == 0 && b != nil && m.Does == "join" {
			sep = ""
		}
	}
	var out []value
	for _, o := range options(list) {
		if seq, ok := o.(*sequence); ok {
			out = append(out, f.s.joined(joinParts(seq, sep)))
		}
	}
	return either(out...)
}

func joinParts(seq *sequence, sep string) []part {
	var parts []part
	glue := &text{[]piece{{text: sep}}}
	for i, el := range seq.elems {
		if i > 0 {
			parts = append(parts, part{val: glue})
		}
		if sp, ok := el.(*spread); ok {
			el = sp.v
			if u, isUnknown := el.(*unknown); isUnknown {
				parts = append(parts, part{el, &u.at})
				continue
			}
		}
		parts = append(parts, part{val: el})
	}
	return parts
}

// mutate gives the receiver more elements, where the receiver is a name or attribute that can be bound anew.
func (f *frame) mutate(does string, recv, arg value, args []argument, e *Call) value {
	if at, ok := e.Fn.(*Attr); ok {
		f.entrySinks(f.entryKey(at.X), arg, e, nil)
	}
	var out []value
	for _, o := range options(recv) {
		if v := grown(f.s, does, o, arg, args); v != nil {
			out = append(out, v)
		}
	}
	v := either(out...)
	if v == nil {
		return nil
	}
	if at, ok := e.Fn.(*Attr); ok {
		switch at.X.(type) {
		case *Name, *Attr, *Index: // a list that stands there itself is bound to nothing
			f.assign(at.X, v)
		}
	}
	return v
}

func grown(s *solver, does string, o, arg value, args []argument) value {
	switch o := o.(type) {
	case *sequence:
		more := []value{arg}
		if does == "append" { // push and append may take several
			more = nil
			for _, a := range args {
				if a.name == "" {
					more = append(more, a.val)
				}
			}
		}
		open := o.open
		if does == "extend" {
			var isOpen bool
			more, isOpen = s.spreadOf(arg)
			open = open || isOpen
		}
		if does == "prepend" {
			return newSequence(append(append([]value{}, more...), o.elems...), open)
		}
		return newSequence(append(o.elems[:len(o.elems):len(o.elems)], more...), open)
	case *table:
		for _, a := range options(arg) {
			if t, ok := a.(*table); ok {
				return newTable(append(o.keys[:len(o.keys):len(o.keys)], t.keys...), append(o.vals[:len(o.vals):len(o.vals)], t.vals...))
			}
		}
		return o
	case *text:
		if does != "merge" && arg != nil {
			return s.added(o, arg, nil, nil)
		}
	case *external: // os.environ | {…}
		if t, ok := onlyTable(arg); ok && does == "merge" {
			return t
		}
	case *unknown:
		if does == "append" && arg != nil && arg.tainted() {
			mark(s.escaped, arg, 0) // who else holds the list is not known
			return either(newSequence([]value{&spread{o}, arg}, true), s.added(o, arg, nil, nil))
		}
	}
	return nil
}

// format fills a layout with its arguments.
func (f *frame) format(e *Format) value {
	layout := f.eval(e.Layout)
	var args []argument
	for _, a := range e.Args {
		x := a
		arg := argument{at: f.at(x)}
		if sp, ok := x.(*Splat); ok {
			x, arg.rest, arg.dict = sp.X, !sp.Double, sp.Double
		}
		arg.val = f.eval(x)
		args = append(args, arg)
	}
	args = append(args, f.arguments(e.Named)...)
	return f.formatted(e.Verb, layout, args)
}

func (f *frame) formatted(verb string, layout value, given []argument) value {
	var args []argument
	for _, a := range given {
		if !a.rest {
			args = append(args, a)
			continue
		}
		elems, _ := f.s.spreadOf(a.val)
		for _, el := range elems {
			args = append(args, argument{val: el, at: a.at})
		}
	}
	var out []value
	for _, o := range options(layout) {
		if t, ok := o.(*text); ok {
			out = append(out, f.s.fill(verb, t, args))
		}
	}
	return either(out...)
}

// fill puts arguments in the place of the verbs of one layout.
func (s *solver) fill(verb string, layout *text, args []argument) value {
	var parts []part
	next := 0
	take := func(name string) part {
		for i := range args {
			if name != "" && args[i].name == name {
				return part{args[i].val, &args[i].at}
			}
			if tab, ok := args[i].val.(*table); ok && name != "" {
				if v, ok := tab.get(name); ok {
					return part{v, &args[i].at}
				}
			}
		}
		if i, ok := number(&text{[]piece{{text: name}}}); ok && i >= 0 && i < len(args) {
			return part{args[i].val, &args[i].at}
		}
		if name == "" && next < len(args) {
			next++
			return part{args[next-1].val, &args[next-1].at}
		}
		return part{val: &unknown{}}
	}
	for _, p := range layout.pieces {
		if p.hole != nil {
			parts = append(parts, part{val: &text{[]piece{p}}})
			continue
		}
		at := 0
		for _, v := range verbs(verb, p.text) {
			if v.start > at {
				parts = append(parts, part{val: &text{[]piece{s.slice(p, at, v.start)}}})
			}
			if v.literal != "" {
				parts = append(parts, part{val: &text{[]piece{{text: v.literal}}}})
			} else {
				parts = append(parts, take(v.name))
			}
			at = v.end
		}
		if at < len(p.text) {
			parts = append(parts, part{val: &text{[]piece{s.slice(p, at, len(p.text))}}})
		}
	}
	return s.joined(parts)
}

// verb is a place of a layout that an argument fills, or an escaped character.
type layoutVerb struct {
	start, end int
	name       string // of the argument; empty for the next one
	literal    string // what an escape stands for; empty for an argument
}

// verbs finds the places to fill in a layout: %s, %(name)s, %<name>s, %{name} for "%" and "go"; {} and {name} for "format".
func verbs(style, layout string) []layoutVerb {
	switch style {
	case "format":
		return braceVerbs(layout)
	case "$":
		return dollarVerbs(layout)
	}
	var out []layoutVerb
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' || i+1 >= len(layout) {
			continue
		}
		v := layoutVerb{start: i}
		j := i + 1
		if layout[j] == '%' {
			v.end, v.literal = j+1, "%"
			out = append(out, v)
			i = j
			continue
		}
		if open := strings.IndexByte("(<{", layout[j]); open >= 0 {
			closer := ")>}"[open]
			k := strings.IndexByte(layout[j:], closer)
			if k < 0 {
				continue
			}
			v.name = layout[j+1 : j+k]
			j += k + 1
			if closer == '}' {
				v.end = j
				out = append(out, v)
				i = j - 1
				continue
			}
		}
		for j < len(layout) && strings.IndexByte("-+ #0123456789.*", layout[j]) >= 0 {
			j++
		}
		if j >= len(layout) || !wordByte(layout[j]) {
			continue
		}
		v.end = j + 1
		out = append(out, v)
		i = j
	}
	return out
}

func braceVerbs(layout string) []layoutVerb {
	var out []layoutVerb
	for i := 0; i < len(layout); i++ {
		c := layout[i]
		if c != '{' && c != '}' {
			continue
		}
		if i+1 < len(layout) && layout[i+1] == c {
			out = append(out, layoutVerb{start: i, end: i + 2, literal: string(c)})
			i++
			continue
		}
		end := strings.IndexByte(layout[i:], '}')
		if c == '}' || end < 0 {
			continue
		}
		name := layout[i+1 : i+end]
		if k := strings.IndexAny(name, ":!.["); k >= 0 {
			name = name[:k]
		}
		out = append(out, layoutVerb{start: i, end: i + end + 1, name: name})
		i += end
	}
	return out
}

// dollarVerbs finds $name and ${name}; $$ is a dollar.
func dollarVerbs(layout string) []layoutVerb {
	var out []layoutVerb
	for i := 0; i+1 < len(layout); i++ {
		if layout[i] != '$' {
			continue
		}
		v := layoutVerb{start: i}
		j := i + 1
		switch {
		case layout[j] == '$':
			v.end, v.literal = j+1, "$"
		case layout[j] == '{':
			end := strings.IndexByte(layout[j:], '}')
			if end < 0 {
				continue
			}
			v.name, v.end = layout[j+1:j+end], j+end+1
		default:
			for j < len(layout) && wordByte(layout[j]) {
				j++
			}
			v.name, v.end = layout[i+1:j], j
		}
		if v.name == "" && v.literal == "" {
			continue
		}
		out = append(out, v)
		i = v.end - 1
	}
	return out
}
