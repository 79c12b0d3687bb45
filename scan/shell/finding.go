package shell

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// finding is what is said of one occurrence.
type finding struct {
	reading.Finding
	root   string      // the root directory that the command names, as it is written between double quotes
	value  string      // what that is, as in site.Name
	place  string      // where the command runs, when it is not here
	handed *site.Name  // the instance that the command is handed with the word; nil when the statement does not name it
	named  bool        // the command names a root directory, which may not be one that can be written at the place
	safe   string      // why a fix would not be safe, or empty
	env    bool        // env has to run the path that takes the name's place
	path   bool        // the command writes a path to the program, which may stand elsewhere than the name at its end
	depth  int         // how deep the text that runs it stands in others
	calls  []*function // the functions that it calls and that decide whether it runs the program; nil when it does
	// whole is the bytes that a fix replaces, in the text of the context.
	whole source.Span
}

// nothing is the value of a root directory that is known to be empty.
const nothing = `""`

// place is the occurrence that a finding is about.
type place struct {
	file string
	source.Span
}

// note is an explanation of an occurrence that does not run.
type note struct {
	class  site.Class
	rule   string
	reason string
	rank   reading.Rank
	shown  bool // the place itself shows it, and it is no default
}

var (
	messageNote = note{site.Message, "shell-message", "text that is shown", reading.Shown, true}
	patternNote = note{site.Data, "shell-data", "a value that is compared with another", reading.Pattern, true}
	listNote    = note{site.Data, "shell-data", "one of the values of a loop", reading.Value, false}
	inputNote   = note{site.Data, "shell-data", "text that a command reads", reading.Pattern, false}
	pathNote    = note{site.Path, "shell-path", "the path of a file that is read or written", reading.RankOf(site.Path), true}
	nameNote    = note{site.Identifier, "shell-name", "the name of a variable, alias or option", reading.Name, true}
	assignNote  = note{site.Data, "shell-data", "a value that nothing in this text runs", reading.Value, false}
)

func argumentNote(function string) note {
	return note{site.Data, "shell-data", "an argument of the function " + function, reading.Call, false}
}

// note explains every occurrence in a field. The shape of the text around it may say more than the note.
func (r *reader) note(f field, n note) {
	r.charge(1 + len(f.Text)/64)
	for _, s := range r.occurrences(f) {
		m := n
		if n.class == site.Data && n.rank < reading.Shown {
			if u := shape(f.Text, s); u.Reason != "" {
				m.class, m.reason, m.rule = u.Class, u.Reason, ruleOf(u.Class)
			}
		}
		r.noteAt(f, s, m)
	}
}

func (r *reader) noteAt(f field, s source.Span, n note) {
	p, ok := f.Map.Host(s)
	if !ok || inHole(f.Holes, s) {
		return
	}
	o := site.Occurrence{Class: n.class, Kind: string(n.class), Rule: r.rule(n.rule), Reason: n.reason, Shown: n.shown}
	if n.class.Site() {
		o.Action, o.Kind = site.Review, n.rule
		if r.moved(f, s) {
			o.Action, o.Reason = site.Done, "runs the environment of an instance"
		}
	}
	r.finding(place{p.File, p.Span}, finding{Finding: reading.Finding{Occurrence: o, Rank: n.rank}})
}

// moved reports whether the program's word ends a path to an instance's environment.
func (r *reader) moved(f field, s source.Span) bool {
	w := f.cut(source.Span{Start: strings.LastIndexAny(f.Text[:s.Start], " \t\n\"'=") + 1, End: s.End}).Word
	l := &line{words: []Word{w}, pack: r.pack}
	return l.environment(0, len(w.Text)-s.Len()) == instanceEnv
}

func (r *reader) rule(name string) string { return r.program + "/" + name }

// finding keeps what is said of a place.
func (r *reader) finding(p place, c finding) {
	old := r.findings[p]
	c.Span = p.Span
	if c.calls == nil && (c.Class.Site() || c.Class == site.Wrapper) {
		for _, f := range r.followed() {
			f.site = true
		}
	}
	if old == nil {
		r.findings[p] = &c
		return
	}
	merged := reading.Merge(old.Finding, c.Finding)
	switch {
	case c.Rank > old.Rank:
		r.findings[p] = &c
	case c.Rank == old.Rank && c.Class == old.Class:
		old.join(c)
	}
	r.findings[p].Finding = merged
}

// join keeps of the root directories and places of two commands what holds for both.
func (f *finding) join(c finding) {
	f.env = f.env || c.env
	if f.calls != nil {
		f.calls = append(f.calls, c.calls...)
	}
	if c.calls == nil {
		f.calls = nil
	}
	if c.root != f.root || c.named != f.named { // no one place for all that run it
		f.root, f.named = "", true
	}
	if f.value == nothing {
		f.value = c.value
	}
	if f.handed == nil || c.handed == nil || *f.handed != *c.handed {
		f.handed = nil
	}
	if c.place != f.place {
		f.safe = cmp.Or(f.safe, "the value is run in more than one place: here, and in a container or on another machine")
	}
	f.safe, f.place = cmp.Or(f.safe, c.safe), cmp.Or(f.place, c.place)
	f.path = f.path || c.path
	if c.depth != f.depth && c.Class == site.Invocation {
		f.safe = cmp.Or(f.safe, "the value is run as words at one place and as shell text at another, which read quotes differently")
	}
}

// apply turns what a command does into findings.
func (r *reader) apply(l *line, fields []field) {
	for _, u := range l.uses {
		if u.Word >= len(fields) {
			continue
		}
		f := fields[u.Word]
		if u.Text != nil {
			r.nestedUse(u, fields)
			continue
		}
		r.used(u, f, fields)
	}
}

// used findings the occurrence that a use names.
func (r *reader) used(u Use, f field, fields []field) {
	c := finding{Finding: reading.Of(site.Occurrence{
		Class: u.Class, Kind: u.Kind, Action: u.Action, Argv: u.Argv, Rule: u.Rule, Reason: u.Reason, Shown: u.Shown,
	})}
	here, hereOK := f.text.originOf(f.at)
	p, ok := f.Map.Host(u.At)
	if f.self || !ok {
		at := here
		if f.self && ok { // the place that takes the name, as for a value that is written in one place and run in another
			if at = p; p.Span != here.Span || p.File != here.File {
				c.Uses = []site.Step{{File: here.File, Span: here.Span, What: "run here"}}
			}
		}
		if f.self && len(c.Uses) == 1 && u.Class == site.Invocation {
			c.Takes = r.takes(u, f, fields, here, p)
		}
		if u.Class.Site() && hereOK {
			r.nameless(u, f, c, at)
		}
		return
	}
	c.place, c.depth = u.Place, f.text.depth
	c.path, c.env = u.Whole.Start < u.At.Start, u.Env
	c.root, c.named = r.rootOf(u, fields, p), u.Root != nil
	if u.Root == nil && c.root != "" {
		c.value = r.rootValue
	}
	if u.Root != nil && u.Root.Word < len(fields) && u.Root.At.End <= len(fields[u.Root.Word].Text) {
		c.value = cmp.Or(fields[u.Root.Word].cut(u.Root.At).revealed(), nothing)
	}
	if root := r.strangeRoot(u, fields); root != "" && expands(c.root) && !homely(c.root, root) {
		c.root = root
	}
	if c.root == elsewhere {
		c.root, c.named = "", true
	}
	direct := hereOK && here.File == p.File && here.Covers(p.Span)
	if whole, ok := f.Map.Host(u.Whole); ok && direct && whole.File == p.File && here.Covers(whole.Span) && (f.text.outer == nil || f.text.renderedHere(f.at)) {
		c.whole = whole.Span
		if u.From < u.Word && u.From < len(fields) {
			if from, ok := fields[u.From].text.originOf(fields[u.From].at); ok && from.File == p.File && from.Start < whole.Start {
				c.whole.Start = from.Start
			}
		}
	}
	if !direct && u.Class.Site() {
		r.indirectUse(&c, f, p, here)
		c.Takes = r.takes(u, f, fields, here, p)
	}
	if u.Class == site.Invocation {
		r.refers(f)
	}
	if f.found && u.Class == site.Invocation {
		c.Class, c.Rule, c.Rank = site.Lookup, r.rule("shell-lookup"), reading.Lookup
		c.Reason = "finds the executable, which is run later"
	}
	r.finding(place{p.File, p.Span}, c)
}

// indirectUse describes a value that is run at another place than the one which writes it.
func (r *reader) indirectUse(c *finding, f field, p source.Place, here source.Place) {
	if c.handed = r.handed(r.contexts[place{p.File, p.Span}]); c.handed != nil {
		c.root, c.named = "", false
	}
	what := "run here"
	if c.Class == site.Lookup {
		what = "looked up here"
	}
	c.Uses = []site.Step{{File: here.File, Span: here.Span, What: what}}
	c.Trace = append(c.Trace, site.Step{File: p.File, Span: p.Span, What: "written here"})
	for _, fr := range r.frames {
		if at, ok := fr.by.text.originOf(fr.by.at); ok && fr.function.text != nil {
			step := site.Step{File: at.File, Span: at.Span, What: "passed to " + fr.function.name + "()"}
			c.Trace, c.Uses = append(c.Trace, step), append(c.Uses, step)
		}
	}
	c.Trace = append(c.Trace, c.Uses[0])
	if c.Class == site.Invocation && c.Action == site.Rewrite {
		c.Kind, c.Rule = "shell-variable", r.rule("shell-variable")
		c.Reason = fmt.Sprintf("a value that line %d runs", r.line(here.Start))
	}
	if c.Class == site.Lookup {
		c.safe = fmt.Sprintf("the name is looked up on line %d, where other names are as well", r.line(here.Start))
	}
	if v := r.st.vars[strings.Trim(f.text.raw(f.at), "\"${}")]; v != nil && v.how == "loop variable" && v.holds(r.program) {
		c.safe = "the word is one of the values of a loop, which may use it for something else too"
	}
	r.runsValue(f, p, here)
}

// nameless findings a place that runs the program without naming it.
func (r *reader) nameless(u Use, f field, c finding, here source.Place) {
	if f.self {
		c.Kind, c.Rule = site.DispatchByName, r.rule("shell-dispatch")
		c.Reason = "runs the name that the script was called by, and a link called " + r.program + " points to it"
		if !movable(&c.Occurrence) {
			c.Action = site.Review
		}
		if u.Class == site.Lookup {
			c.Reason = "finds the name that the script was called by"
		}
	} else {
		c.Action = site.Review
		c.Kind = "computed"
		c.Reason = "a word that is put together from several parts " + strings.TrimPrefix(c.Reason, "a value that ")
	}
	r.finding(place{here.File, here.Span}, c)
}

// runsValue findings the occurrences in a word that runs a value which is defined elsewhere: the name is kept.
func (r *reader) runsValue(f field, p, here source.Place) {
	where := "that the host defines"
	if !strings.HasPrefix(p.File, hostPrefix) {
		where = r.defines(p)
	}
	r.keep(f, here, "runs the value "+where+"; the definition has a row of its own", nil)
}

// defines says where a definition stands.
func (r *reader) defines(p source.Place) string {
	if p.File != "" {
		return "defined in " + strings.TrimPrefix(p.File, filePrefix)
	}
	return fmt.Sprintf("defined on line %d", r.line(p.Start))
}

// keep findings the occurrences that stand in the word of a command and name a variable, function or alias.
func (r *reader) keep(f field, here source.Place, reason string, calls []*function) {
	for _, s := range site.Find([]byte(f.text.raw(f.at)), r.program) {
		s.Start, s.End = s.Start+f.at.Start, s.End+f.at.Start
		at, ok := f.text.originOf(s)
		if !ok || r.findings[place{at.File, at.Span}] != nil && r.findings[place{at.File, at.Span}].Rank > reading.Name {
			continue
		}
		o := site.Occurrence{Class: site.Invocation, Kind: "shell-call", Action: site.Keep, Rule: r.rule("shell-call"), Reason: reason}
		r.finding(place{at.File, at.Span}, finding{Finding: reading.Finding{Occurrence: o, Rank: reading.Install}, calls: calls})
	}
}

// refers findings the expansions of variables that put the command word f into a text.
func (r *reader) refers(f field) {
	if f.text == nil {
		return
	}
	for _, v := range f.text.refs {
		if v.Start >= f.at.End || f.at.Start >= v.End {
			continue
		}
		if here, ok := v.by.text.originOf(v.by.at); ok {
			r.keep(field{text: v.by.text, at: v.by.at}, here, "runs the value of a variable in a text that is run; the definition has a row of its own", nil)
		}
	}
}

// runs findings a command word that calls one of the functions, which are defined from at on.
func (r *reader) runs(head field, what string, at source.Place, list []*function) {
	if here, ok := head.text.originOf(head.at); ok {
		r.keep(head, here, what+" "+r.defines(at), slices.Clone(list))
	}
}

// runsUnknown findings a command word that is a variable without a known value.
func (r *reader) runsUnknown(head field, name string) {
	here, ok := head.text.originOf(head.at)
	if !ok {
		return
	}
	for _, s := range site.Find([]byte(head.text.raw(head.at)), r.program) {
		s.Start, s.End = s.Start+head.at.Start, s.End+head.at.Start
		if at, ok := head.text.originOf(s); ok && here.Covers(at.Span) {
			o := site.Occurrence{
				Class: site.Invocation, Kind: "shell-call", Action: site.Review, Rule: r.rule("shell-call"),
				Reason: "runs what $" + name + " holds, which this text does not define: look where it is set",
			}
			r.finding(place{at.File, at.Span}, finding{Finding: reading.Finding{Occurrence: o, Rank: reading.Install}})
		}
	}
}

// originOf is the place of a span of the text in the text that was asked for.
func (t *text) originOf(s source.Span) (source.Place, bool) {
	if t == nil {
		return source.Place{}, false
	}
	p, ok := t.origin.Host(s)
	if !ok && s.Len() > 0 {
		// Some bytes of it are not written in one piece: the place from the first to the last of them.
		first, last := t.origin.At(s.Start), t.origin.At(s.End-1)
		if first.File == last.File && first.Start <= last.End && last.Len() > 0 {
			return source.Place{File: first.File, Span: source.Span{Start: first.Start, End: last.End}}, true
		}
	}
	return p, ok
}
