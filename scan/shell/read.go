package shell

import (
	"slices"
	"sort"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// The keys of places outside the text that was asked for. A sourced file's key is its own behind filePrefix, a host's
// variable's its name behind hostPrefix.
const (
	filePrefix = "file:"
	hostPrefix = "host:"
)

// reader follows one text.
type reader struct {
	opt      Options
	pack     *rules.Pack
	program  string
	embedded *source.Script
	result   *reading.Result
	bad      bool // neither reader could read the text
	bounded  bool // a bound was hit, as a problem says: commands may be missing

	t           *text
	st          *state
	redirs      []*syntax.Redirect // of the command that is followed
	statement   source.Span        // the innermost statement, in bytes of t
	bodyEnd     int                // the end of the here-document that is expanded, in bytes of t
	out         *[]field           // where printed text goes; nil when nobody reads it
	stdin       []field            // what the previous command of a pipe printed
	root        string             // the root directory that an assignment before the command names
	rootValue   string             // what that is, as in site.Name
	given       *variable          // the same as a value
	frames      []frame
	functions   []*function
	order       int
	steps       int
	work        int
	fromOutside *[]string       // what environment answered
	instance    map[string]bool // what holdsInstance answered

	findings map[place]*finding
	contexts map[place]*context
	defs     []definition
	sources  map[string]bool
	lines    []int
}

// context is what is known at the place where the program's word is written.
type context struct {
	text      *text
	at        source.Span // in bytes of text
	quotes    []byte      // the quoting at the word, then that of the texts around it
	statement source.Span // the innermost statement, in bytes of text
	owner     *function
	names     []site.Name
	root      string // the root directory that is set there, as it is written between double quotes; empty when none is
	rootValue string // what that holds, as in site.Name
	order     int    // of the last assignment before it
}

// definition is a name whose value runs the program.
type definition struct {
	name, kind string
	at         place
	exported   bool
}

// Read reads one shell text: a whole script or an embedded script. The dialect is that of the script, or of the text's first line;
// an unknown one is read as bash.
func Read(g *source.Script, opt Options) reading.Result {
	if g.Dialect == "" {
		if dialect := firstLine(g.Text); dialect != "" {
			named := *g
			named.Dialect = dialect
			return readAs(&named, g, opt)
		}
	}
	return readAs(g, g, opt)
}

// firstLine is the dialect that a script's first line names, when it is one that the parser has to know.
func firstLine(text string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(text, "\ufeff"), "\n")
	if !strings.HasPrefix(first, "#!") {
		return ""
	}
	for _, word := range strings.Fields(first[2:]) {
		switch name := word[strings.LastIndexByte(word, '/')+1:]; name {
		case "fish", "zsh", "bats", "ksh", "mksh":
			return name
		}
	}
	return ""
}

// readAs reads an embedded script; the slots name the one that the caller knows.
func readAs(g, known *source.Script, opt Options) reading.Result {
	r := &reader{
		opt: opt, pack: opt.Pack, program: opt.Pack.Program.Name, embedded: g, result: &reading.Result{}, st: newState(),
		findings: map[place]*finding{}, contexts: map[place]*context{}, sources: map[string]bool{},
		instance: map[string]bool{},
	}
	t := r.newText(g)
	t.origin = source.Identity(0, len(g.Text))
	switch {
	case len(g.Argv) > 0:
		r.argv(t)
	case g.Dialect == "fish":
		r.fish(t)
	default:
		r.script(t)
	}
	r.embedded = known
	return r.finish()
}

// newText is the script with its templates hidden.
func (r *reader) newText(g *source.Script) *text {
	src, holes := masked(g.Text, g.Holes)
	return &text{embedded: g, src: src, holes: holes, place: g.Place}
}

// script parses and follows the whole text.
func (r *reader) script(t *text) {
	if r.refused(t) {
		return
	}
	stmts, last, problems := parse(t.src, r.embedded.Dialect)
	r.result.Problems = append(r.result.Problems, problems...)
	r.t = t
	r.stmts(stmts)
	r.comments(last)
	r.alone()
	r.second(t, len(problems) > 0, len(stmts) > 0)
}

// visit remembers what is known where the program's word stands in the bytes s of the text that is followed.
func (r *reader) visit(s source.Span, quote byte) {
	if s.Start < 0 || s.End > len(r.t.src) || s.End-s.Start < len(r.program) {
		return
	}
	r.charge(1 + s.Len()/64)
	var names []site.Name
	for i, o := range site.Find([]byte(r.t.src[s.Start:s.End]), r.program) {
		if i == 0 {
			r.charge(len(r.st.vars))
			names = r.names(r.t)
		}
		at := source.Span{Start: s.Start + o.Start, End: s.Start + o.End}
		p, ok := r.t.origin.Host(at)
		if !ok {
			continue
		}
		if old := r.contexts[place{p.File, p.Span}]; old != nil && old.text.depth > r.t.depth {
			continue // text inside this one was read as shell text before: it says more
		}
		c := &context{text: r.t, at: at, quotes: []byte{quote}, statement: r.statement, owner: r.st.owner, names: names, order: r.order}
		if r.t.outer != nil {
			if old := r.contexts[place{p.File, p.Span}]; old != nil && old.text == r.t.outer {
				c.quotes = append(c.quotes, old.quotes...)
			} else if old != nil && old.text == r.t {
				c.quotes = append(c.quotes, old.quotes[1:]...)
			} else if old != nil {
				c.quotes = append(c.quotes, old.quotes[min(1, len(old.quotes)):]...)
			}
		}
		r.finding(place{p.File, p.Span}, finding{Finding: reading.Finding{Rank: reading.Part, Occurrence: site.Occurrence{
			Class: site.Data, Kind: "part",
			Rule: r.rule("shell-data"), Reason: "a part of a longer word",
		}}})
		c.root, c.rootValue = r.rootHere()
		r.contexts[place{p.File, p.Span}] = c
	}
}

// rootHere is the root directory that commands of the text have unless they name one, as it is written between double
// quotes: a variable that is set, or its value where the text around would expand the variable. The second result is the
// variable's value, as in site.Name.
func (r *reader) rootHere() (root, value string) {
	root = r.t.root
	for _, name := range r.pack.Instance.RootEnv {
		v := r.st.vars[name]
		switch {
		case v == nil:
			if (r.t.place == "" || r.t.outer == nil) && !r.t.cleared && slices.ContainsFunc(r.embedded.Env, func(v source.Var) bool { return v.Name == name }) {
				root = "$" + name
			}
		case v.empty():
			root, value = nothing, nothing
		case r.t.knows(v):
			root, value = r.rootVariable(name, v), v.value()
		case v.text == r.t:
			root = v.outward
		}
	}
	return root, value
}

// handed is the instance as the statement that holds the program's word names it, where the root directory of the command
// that runs it is made of that: with_instance "$name" tutor config save.
func (r *reader) handed(c *context) *site.Name {
	v := r.given
	for _, name := range r.pack.Instance.RootEnv {
		if v == nil {
			v = r.st.vars[name]
		}
	}
	if c == nil || c.text.outer != nil || v == nil || v.value() == "" {
		return nil
	}
	f := v.alts[0].fields[0]
	dir := r.pack.Instance.Dir + "/"
	at := strings.LastIndex(f.Text, dir)
	if at < 0 || at > 0 && f.Text[at-1] != '/' {
		return nil
	}
	name := source.Span{Start: at + len(dir), End: len(strings.TrimRight(f.Text, "/"))}
	for _, fr := range r.frames {
		for _, a := range fr.args {
			if a.first == nil || a.first.text != c.text || !c.statement.Covers(a.first.at) || !same(alternative{fields: []field{a}}, alternative{fields: []field{f.cut(name)}}) {
				continue
			}
			if expr := strings.Trim(c.text.raw(a.first.at), `"`); !strings.ContainsAny(strings.Trim(expr, "${}"), "$`\\\"'(/ {}") {
				return &site.Name{Expr: expr, How: "argument"}
			}
		}
	}
	return nil
}

// value is what a variable holds when it can hold only one thing, with what is not known as its source writes it.
func (v *variable) value() string {
	if v.open || len(v.alts) != 1 || v.alts[0].array || len(v.alts[0].fields) != 1 {
		return ""
	}
	return v.alts[0].fields[0].revealed()
}

// revealed is the field's text with what is not known as its source writes it.
func (f field) revealed() string {
	g := source.Script{Text: f.Text, Holes: f.Holes}
	return g.Reveal(source.Span{End: len(f.Text)})
}

// name explains the program's word in a name that the text gives to something.
func (r *reader) name(l *syntax.Lit, reason string) {
	s := span(l)
	if s.End > len(r.t.src) {
		return
	}
	r.note(r.t.piece(s), note{site.Identifier, "shell-name", reason, reading.Name, false})
}

// variableName explains the program's word in the name of a variable that is expanded.
func (r *reader) variableName(l *syntax.Lit) { r.name(l, "the name of a variable") }

// defined remembers a name whose value would run the program.
func (r *reader) defined(name, kind string, fields []field, exported bool) {
	if len(fields) == 0 || len(r.defs) > 10_000 || tooLong(fields) {
		return
	}
	words := fields
	if len(fields) == 1 {
		words = fields[0].split()
	}
	r.charge(4 * len(words))
	list := make([]Word, len(words))
	for i, w := range words {
		list[i] = w.Word
	}
	for _, u := range Words(list, Options{Pack: r.pack}) {
		if u.Class != site.Invocation {
			continue
		}
		if p, ok := words[u.Word].Map.Host(u.At); ok {
			exported = exported || r.st.vars[name] != nil && r.st.vars[name].exported
			r.defs = append(r.defs, definition{name, kind, place{p.File, p.Span}, exported})
		}
	}
}

// hostVariable is the value of a variable that the host defines.
func (r *reader) hostVariable(name string) ([]option, bool) {
	for i := range r.embedded.Env {
		v := &r.embedded.Env[i]
		if v.Name != name || v.Value == nil {
			continue
		}
		t := r.newText(v.Value)
		n := len(v.Value.Text)
		for _, s := range source.Identity(0, n).Segments {
			s.File = hostPrefix + name
			t.origin.Append(s)
		}
		f := t.piece(source.Span{End: n})
		return []option{{fields: []field{f}}}, false
	}
	return nil, true
}

// comments explains the program's word in comments.
func (r *reader) comments(list []syntax.Comment) {
	for _, c := range list {
		s := source.Span{Start: int(c.Hash.Offset()), End: int(c.Hash.Offset()) + 1 + len(c.Text)}
		if s.End > len(r.t.src) {
			continue
		}
		f := r.t.piece(s)
		r.visit(s, '#')
		for _, o := range r.occurrences(f) {
			r.noteAt(f, o, note{site.Comment, "shell-comment", "a comment", reading.Remark, false})
		}
	}
}

// sourced follows a file that the text runs as its own: activation of an environment, or a library of functions.
func (r *reader) sourced(f field) {
	if r.activates(f) {
		return
	}
	if r.opt.Load == nil || len(r.sources) > 64 {
		return
	}
	path := loadable(f)
	if path == "" || r.sources[path] {
		return
	}
	file, src, ok := r.opt.Load(path)
	if !ok || r.sources[filePrefix+file] {
		return
	}
	r.sources[path], r.sources[filePrefix+file] = true, true
	t := r.newText(&source.Script{Text: string(src), Language: "shell"})
	t.origin.Append(source.Segment{Len: len(src), HostLen: len(src), File: filePrefix + file})
	stmts, _, _ := parse(t.src, r.embedded.Dialect)
	outer, redirs := r.t, r.redirs
	r.t, r.redirs = t, nil
	r.stmts(stmts)
	r.t, r.redirs = outer, redirs
}

// loadable is the part of a path that identifies a file: what follows the last unknown part, and Computed before it.
func loadable(f field) string {
	at := 0
	for _, h := range f.Holes {
		at = h.End
	}
	path := f.Text[at:]
	if at > 0 {
		path = strings.TrimLeft(path, "/")
		if path == "" || strings.ContainsAny(path, "{}$") {
			return ""
		}
		path = Computed + path
	}
	return path
}

// activates reports whether the file activates an environment, and remembers whose it is.
func (r *reader) activates(f field) bool {
	const tail = "/bin/activate"
	if !strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(f.Text, ".fish"), ".zsh"), tail) {
		return false
	}
	w := f.Word
	w.Text = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(f.Text, ".fish"), ".zsh"), "activate") + r.program
	l := &line{words: []Word{w}, pack: r.pack, roots: r.roots("")}
	if l.environment(0, len(w.Text)-len(r.program)) == instanceEnv {
		r.st.active, r.st.other = "the environment of an instance is active here", ""
	} else {
		r.st.active, r.st.other = "", "the environment of "+f.revealed()+" is active here, which is no instance's"
	}
	return true
}

// line is the number, from 1, of the line of the script's text that holds the byte at off.
func (r *reader) line(off int) int {
	if r.lines == nil {
		r.lines = []int{0}
		for i := range len(r.embedded.Text) {
			if r.embedded.Text[i] == '\n' {
				r.lines = append(r.lines, i+1)
			}
		}
	}
	return sort.SearchInts(r.lines, off+1)
}
