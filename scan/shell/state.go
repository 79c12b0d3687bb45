package shell

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// maxAlternatives bounds how many values of a variable or word are kept.
const maxAlternatives = 12

// leftover is where the value of a variable comes from after its loop: it names one of the values, not the one meant.
const leftover = "leftover"

// state is what is known at one point of a text.
type state struct {
	vars     map[string]*variable
	funcs    map[string][]*function
	aliases  map[string]field
	args     []field // positional parameters, from $1
	argsOpen bool    // they are not known
	active   string  // why an instance's environment is active
	other    string  // why another environment is active
	owner    *function
}

// variable is what a name may hold.
type variable struct {
	alts     []alternative
	open     bool // other values are possible
	exported bool
	local    *function // the function that it is local to
	how      string    // as in site.Name
	order    int       // when it was last assigned
	text     *text     // the text that assigned it
	ref      string    // the variable that it stands for: declare -n
	outward  string    // its value as the text around writes it between double quotes, if that text expands this one
}

// holds reports whether a text is one of the variable's values.
func (v *variable) holds(text string) bool {
	return slices.ContainsFunc(v.alts, func(a alternative) bool { return len(a.fields) == 1 && a.fields[0].Text == text })
}

// empty reports whether the variable is known to hold nothing.
func (v *variable) empty() bool { return len(v.alts) == 1 && v.holds("") && !v.open }

// alternative is one value: a text, or the elements of an array.
type alternative struct {
	fields []field
	array  bool
}

// function is a shell function, or an alias that is followed; that has no text.
type function struct {
	name string
	text *text
	body *syntax.Stmt
	at   source.Span
	runs int            // how often it was followed
	seen map[string]int // by its arguments

	site    bool        // its body runs or finds the program
	callees []*function // the functions that its body calls
}

// handsOn reports whether the body gives its arguments to something else, which may be a container that runs the program.
func (f *function) handsOn() bool {
	return f.text != nil && strings.Contains(strings.ReplaceAll(f.text.raw(f.at), "$*", "$@"), "$@")
}

// reaches reports whether one of the functions, or one that it calls, runs the program.
func reaches(list []*function, seen map[*function]bool) bool {
	return slices.ContainsFunc(list, func(f *function) bool {
		if seen[f] {
			return false
		}
		seen[f] = true
		return f.site || reaches(f.callees, seen)
	})
}

func newState() *state {
	return &state{vars: map[string]*variable{}, funcs: map[string][]*function{}, aliases: map[string]field{}, argsOpen: true}
}

// clone is a copy that can change on its own.
func (s *state) clone() *state {
	c := *s
	c.vars = make(map[string]*variable, len(s.vars))
	for k, v := range s.vars {
		c.vars[k] = v
	}
	c.funcs = maps.Clone(s.funcs)
	return &c
}

// join is what is known when either of two ways was taken.
func (s *state) join(o *state) {
	for name, v := range o.vars {
		mine, ok := s.vars[name]
		switch {
		case mine == v:
		case !ok:
			c := *v
			c.open = true
			s.vars[name] = &c
		default:
			c := *mine
			c.alts = union(mine.alts, v.alts)
			c.open, c.exported, c.order = mine.open || v.open, mine.exported || v.exported, max(mine.order, v.order)
			s.vars[name] = &c
		}
	}
	for name, mine := range s.vars {
		if _, ok := o.vars[name]; !ok && !mine.open {
			c := *mine
			c.open = true
			s.vars[name] = &c
		}
	}
	s.joinFunctions(o)
	s.active = cmp.Or(s.active, o.active)
	s.argsOpen = s.argsOpen || o.argsOpen
	if len(s.args) == 0 {
		s.args = o.args
	}
}

// joinFunctions adds the functions that are defined on another way.
func (s *state) joinFunctions(o *state) {
	for name, list := range o.funcs {
		mine := slices.Clone(s.funcs[name])
		for _, f := range list {
			if len(mine) < maxAlternatives && !slices.Contains(mine, f) {
				mine = append(mine, f)
			}
		}
		s.funcs[name] = mine
	}
}

func union(a, b []alternative) []alternative {
	out := slices.Clone(a)
	for _, x := range b {
		if len(out) < maxAlternatives && !slices.ContainsFunc(out, func(y alternative) bool { return same(x, y) }) {
			out = append(out, x)
		}
	}
	return out
}

func same(a, b alternative) bool {
	return a.array == b.array && slices.EqualFunc(a.fields, b.fields, func(x, y field) bool {
		return x.Text == y.Text && x.Many == y.Many && slices.Equal(x.Map.Segments, y.Map.Segments)
	})
}

// referred is the variable that a name stands for: itself, or the one that it was declared a reference to.
func (r *reader) referred(name string) string {
	for range 4 { // a reference to a reference
		v := r.st.vars[name]
		if v == nil || v.ref == "" || v.ref == name {
			break
		}
		name = v.ref
	}
	return name
}

// assign gives a variable a value.
func (r *reader) assign(name string, v variable) {
	r.order++
	v.order, v.text = r.order, r.t
	old := r.st.vars[name]
	if old != nil {
		v.exported = v.exported || old.exported
		if v.local == nil {
			v.local = old.local
		}
	}
	r.st.vars[name] = &v
}

// names are the names in scope that could hold the instance, nearest first: the function's own, the text's, the
// environment's.
func (r *reader) names(t *text) []site.Name {
	type ranked struct {
		site.Name
		local bool
		order int
	}
	var found []ranked
	for name, v := range r.st.vars {
		if !r.holdsInstance(name) || v.how == leftover || v.empty() || !t.knows(v) {
			continue
		}
		found = append(found, ranked{site.Name{Expr: "$" + name, How: v.how}, v.local != nil && v.local == r.st.owner, v.order})
	}
	slices.SortFunc(found, func(a, b ranked) int {
		if a.local != b.local {
			if a.local {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.order, a.order), cmp.Compare(a.Expr, b.Expr))
	})
	var out []site.Name
	for _, f := range found {
		out = append(out, f.Name)
	}
	for _, name := range r.environment() {
		if _, ok := r.st.vars[name]; !ok && (t.place == "" && !t.cleared || !t.sealed()) {
			out = append(out, site.Name{Expr: "$" + name, How: "environment"})
		}
	}
	return append(out, r.opt.Names...)
}

// holdsInstance reports whether a variable of this name holds the instance; each name is asked for many times.
func (r *reader) holdsInstance(name string) bool {
	holds, asked := r.instance[name]
	if !asked {
		holds = r.pack.Instance.Holds(name)
		r.instance[name] = holds
	}
	return holds
}

// knows reports whether an expansion of the variable, written in the text in place of a command, gives its value there.
// In text between double quotes it is the text around that expands it.
func (t *text) knows(v *variable) bool {
	switch {
	case t.outer == nil:
		return true
	case !t.sealed():
		return v.text != t
	}
	return v.text == t || v.exported && t.place == "" && !t.cleared
}

// expanded is a variable in capitals, as the environment's are.
var expanded = lazyregexp.New(`\$\{?([A-Z][A-Z0-9_]*)\b`)

// environment are the variables of the environment that hold the instance: those that the pack knows and the text or its host
// names, and those that the text only ever expands, so that they come from outside.
func (r *reader) environment() []string {
	if r.fromOutside != nil {
		return *r.fromOutside
	}
	var out []string
	text := []byte(r.embedded.Text)
	for _, name := range r.pack.Instance.Environment {
		given := slices.ContainsFunc(r.embedded.Env, func(v source.Var) bool { return v.Name == name })
		if given || len(site.Find(text, strings.ToLower(name))) > 0 {
			out = append(out, name)
		}
	}
	set := func(s source.Span) bool {
		return !bytes.HasSuffix(bytes.TrimSuffix(text[:s.Start], []byte("{")), []byte("$"))
	}
	for _, m := range expanded.FindAllSubmatch(text, -1) {
		name := string(m[1])
		if !slices.Contains(out, name) && r.holdsInstance(name) && !slices.ContainsFunc(site.Find(text, strings.ToLower(name)), set) {
			out = append(out, name)
		}
	}
	r.fromOutside = &out
	return out
}
