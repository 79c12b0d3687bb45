package shell

import (
	"cmp"
	"maps"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// maxTexts bounds how deep shell text is read inside shell text.
const maxTexts = 8

// nested says how shell text inside a command is read.
type nested struct {
	by      string // what runs it
	kind    string // the kind of its sites, when it is not the command's own
	place   string
	quote   byte // 'h' or 'H' for a here-document whose body is expanded or not
	args    []field
	own     bool // it runs in the same shell: eval, trap, alias
	written bool
	cleared bool   // it gets none of the caller's variables
	tool    string // a tool that gives the shell an environment of its own
	rooted  bool   // the command sets the root directory in its environment
	end     int    // where the last of the words ends that the text is joined from
	root    string // that directory, as it is written between double quotes; empty when it cannot be
}

// nestedUse reads the shell text that a use found.
func (r *reader) nestedUse(u Use, fields []field) {
	f := fields[u.Word]
	whole := field{Word: Word{Text: u.Text.Text, Holes: u.Text.Holes, Map: u.Text.Map}, text: f.text, at: f.at, word: f.word}
	whole.refs = refsIn(u.Text.Text, fields[u.Word:])
	how := nested{by: u.Text.Where, place: u.Place, rooted: r.root != "" || u.Root != nil}
	if how.root = r.ownRoot(u, fields); how.root == elsewhere {
		how.root = ""
	}
	if last := fields[len(fields)-1]; whole.Text != f.Text && last.text == f.text {
		how.end = last.at.End
	}
	if u.Args < len(fields) {
		how.args = fields[min(u.Args+1, len(fields)):]
	}
	name, _ := lastElement(fields[0])
	how.own = name == "eval" || name == "trap"
	how.tool, how.cleared = u.Own, u.Cleared
	r.nested(whole, how)
}

// refsIn are the values of variables in a text that is the first of the fields, or all of them with blanks between.
func refsIn(text string, fields []field) []ref {
	if fields[0].Text == text {
		return fields[0].refs
	}
	if all := joined(fields); all.Text == text {
		return all.refs
	}
	return nil
}

// nested reads shell text that stands in a field.
func (r *reader) nested(f field, how nested) {
	idle := len(r.occurrences(f)) == 0 && !strings.Contains(f.Text, "$") && len(how.args) == 0 && len(r.stdin) == 0
	if idle || f.text == nil {
		return
	}
	depth := f.text.depth + 1
	if depth > maxTexts || r.spent() {
		return
	}
	r.charge(len(f.Text) / 16)
	src, holes := masked(f.Text, f.Holes)
	t := &text{src: src, holes: holes, origin: f.Map, outer: f.text, quote: how.quote, place: cmp.Or(how.place, f.text.place), cleared: how.cleared || f.text.cleared, by: how.by, depth: depth, refs: f.refs, apart: !how.own || f.text.apart}
	t.embedded = &source.Script{Text: f.Text, Holes: f.Holes, Map: f.Map, Language: "shell", Host: "shell", Env: r.embedded.Env, Where: strings.TrimPrefix(how.by, "text that ")}
	t.quote = r.outerQuote(f, how.quote)
	t.within, _ = f.text.originOf(source.Span{Start: f.at.Start, End: max(f.at.End, how.end)})
	if !t.sealed() {
		t.root = how.root
	}
	stmts, last, problems := parse(src, "")
	if len(problems) > 0 && len(stmts) == 0 {
		return
	}
	outer, st, redirs, out, statement := r.t, r.st, r.redirs, r.out, r.statement
	r.t, r.redirs = t, nil
	if !how.own {
		r.st = r.fork(r.st)
		if how.place != "" {
			args := r.st.args
			r.st = newState()
			r.st.args = args
		}
		r.st.args, r.st.argsOpen = how.args, len(how.args) == 0
		r.apart()
		if how.tool != "" {
			r.st.active, r.st.other = "", how.tool+" runs it in an environment of its own"
		}
		if how.rooted && t.sealed() && len(r.pack.Instance.RootEnv) > 0 {
			r.assign(r.pack.Instance.RootEnv[0], variable{open: true, exported: true, how: "variable"})
		}
	}
	r.stmts(stmts)
	r.comments(last)
	if how.written {
		r.mark(t, how)
	}
	r.t, r.redirs, r.out, r.statement = outer, redirs, out, statement
	if !how.own {
		r.st = st
	}
}

// apart leaves what another shell does not take over: aliases, and a function in the program's place, which is seldom
// exported.
func (r *reader) apart() {
	r.st.aliases = map[string]field{}
	if len(r.st.funcs[r.program]) > 0 {
		r.st.funcs = maps.Clone(r.st.funcs)
		delete(r.st.funcs, r.program)
	}
}

// renderedHere reports whether the bytes of s are written in the word that holds the text.
func (t *text) renderedHere(s source.Span) bool {
	for _, seg := range t.origin.Slice(s).Segments {
		if seg.HostLen > 0 && (seg.File != t.within.File || seg.Host < t.within.Start || seg.Host+seg.HostLen > t.within.End) {
			return false
		}
	}
	return true
}

// outerQuote is how the text that holds a field quotes it: a single quote, or H, when nothing in it is expanded there.
func (r *reader) outerQuote(f field, quote byte) byte {
	if quote != 0 || f.body != 0 {
		return cmp.Or(quote, f.body)
	}
	raw := f.text.raw(f.at)
	if option, value, ok := strings.Cut(raw, "="); ok && strings.HasPrefix(option, "--") && !strings.ContainsAny(option, " '\"") {
		raw = value // --command='text'
	}
	switch {
	case len(f.text.embedded.Argv) > 0:
		return 'H' // a word of a list: no shell reads it before
	case strings.HasPrefix(raw, "'"), strings.HasPrefix(raw, "$'"):
		return '\''
	case strings.HasPrefix(raw, `"`), strings.HasPrefix(raw, `$"`):
		return '"'
	}
	return 0
}

// sealed reports whether the text around it expands nothing in the text.
func (t *text) sealed() bool { return t.quote == '\'' || t.quote == 'H' }

// mark turns the sites of a text that is written into a file into ones that a person decides.
func (r *reader) mark(t *text, how nested) {
	for _, s := range site.Find([]byte(t.src), r.program) {
		p, ok := t.origin.Host(s)
		if !ok {
			continue
		}
		c := r.findings[place{p.File, p.Span}]
		if c != nil && c.Class.Site() && c.Action == site.Rewrite {
			c.Action, c.Kind, c.Rule = site.Review, how.kind, r.rule("shell-written")
			c.Reason = "a command in " + how.by + "; it runs where that file runs"
		}
	}
}

// rootOf is the root directory that a command names for the place p, as it is written between double quotes; elsewhere
// when it cannot be written there, and nothing when none is named.
func (r *reader) rootOf(u Use, fields []field, p source.Place) string {
	c := r.contexts[place{p.File, p.Span}]
	if u.Root == nil || u.Root.Word >= len(fields) {
		if c != nil && (c.text != r.t || c.statement != r.statement) && expands(r.root) && !r.sameAt(c, r.root) {
			return elsewhere
		}
		return r.root
	}
	root := r.ownRoot(u, fields)
	f := fields[u.Root.Word].first
	// A root that another line writes is not known where the program's word stands, unless it is the same everywhere.
	if c != nil && f != nil && (c.text != f.text || !c.statement.Covers(f.at)) && expands(root) && !(c.statement == r.statement && r.unchanged(root, f.text, f.order)) {
		return elsewhere
	}
	return root
}

// sameAt reports whether a root directory that is written here, between double quotes, is the same where a value was set:
// all it expands are variables that had been given what they hold by then.
func (r *reader) sameAt(c *context, root string) bool {
	return c.owner == r.st.owner && r.unchanged(root, c.text, c.order)
}

// unchanged reports whether the variables that a root directory expands were set in the text, and hold what they held after
// so many assignments.
func (r *reader) unchanged(root string, t *text, order int) bool {
	if t != r.t || strings.ContainsAny(variables.ReplaceAllString(root, ""), "$`\\\x00") {
		return false
	}
	for _, m := range variables.FindAllStringSubmatch(root, -1) {
		if v := r.st.vars[m[1]+m[2]]; v == nil || v.order > order || v.text != t {
			return false
		}
	}
	return true
}

// variables are the expansions of variables in a text between double quotes.
var variables = lazyregexp.New(`\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})`)

// ownRoot is the root directory that a command names, as it is written between double quotes where the command stands.
func (r *reader) ownRoot(u Use, fields []field) string {
	if u.Root == nil || u.Root.Word >= len(fields) {
		return r.root
	}
	f := fields[u.Root.Word].first
	switch {
	case f == nil:
		return elsewhere
	case f.value:
		return r.rootIn(f)
	}
	return f.again(u.Root.At.Start)
}

// rootIn is the root directory in a value of several words, as it is written there.
func (r *reader) rootIn(f *rendered) string {
	whole := f.again(0)
	if strings.ContainsAny(whole, "(`\\\"") {
		return elsewhere // blanks may stand inside a word
	}
	words := strings.Fields(whole)
	for i, w := range words {
		for _, o := range r.pack.Instance.RootOptions {
			if w == o && i+1 < len(words) {
				return words[i+1]
			}
			if value, ok := strings.CutPrefix(w, o+"="); ok {
				return value
			}
		}
		for _, name := range r.pack.Instance.RootEnv {
			if value, ok := strings.CutPrefix(w, name+"="); ok {
				return value
			}
		}
	}
	return elsewhere
}

// expands reports whether a text between double quotes may have another value at another place.
func expands(s string) bool { return strings.ContainsAny(s, "$`\x00") }

// again is the word from byte from of its text on, as it is written between double quotes, or elsewhere.
func (f *rendered) again(from int) string {
	if f.text.outer != nil && !f.text.sealed() {
		return f.text.outward(f.at, from)
	}
	if f.text.outer != nil && !f.text.renderedHere(f.at) {
		return elsewhere // the value of a variable, which is written at another place
	}
	if f.word == nil { // a reader that makes no tree: only a plain word can be written again
		raw := f.text.raw(f.at)
		if strings.ContainsAny(raw, "'\"()\\`") || from > len(raw) {
			return elsewhere
		}
		return f.text.reveal(source.Span{Start: f.at.Start + from, End: f.at.End})
	}
	return f.text.between(f.word, from)
}

// outward is a word of a text that the text around it expands, from byte from of its value on, as that one writes it
// between double quotes: what it put there is written as the expansion. It is elsewhere when the inner shell expands
// something in it too, which cannot be written where the outer one expands.
func (t *text) outward(s source.Span, from int) string {
	var b strings.Builder
	quote := byte(0)
	for at, seen := s.Start, 0; at < s.End; {
		part, n := t.src[at:at+1], 1
		rendered, size := t.put(at)
		if size < 0 {
			return elsewhere
		} else if size > 0 {
			if part, n = rendered, size; seen < from && seen+n > from || at+n > s.End {
				return elsewhere
			}
		} else if c := part[0]; c == quote || quote == 0 && (c == '\'' || c == '"') {
			quote ^= c
			at++
			continue
		} else if strings.IndexByte("$`\\\"*?[~(", c) >= 0 {
			return elsewhere
		}
		if seen >= from {
			b.WriteString(part)
		}
		at, seen = at+n, seen+n
	}
	return b.String()
}

// put is how the text around writes what it put at a byte of this one, and how many bytes that is: none where the byte
// stands in the text itself, less where it is written at another place.
func (t *text) put(at int) (string, int) {
	rendered, size := "", 0
	for _, h := range t.holes {
		if h.Start == at && h.Len() > 0 {
			rendered, size = h.Source, h.Len()
		}
	}
	var outermost ref // the value may hold those of other variables
	for _, v := range t.refs {
		if v.Start == at && v.Len() >= max(size, outermost.Len()) && v.Len() > 0 && v.by.text == t.outer {
			outermost = v
		}
	}
	if outermost.by != nil {
		return outermost.by.text.reveal(outermost.by.at), outermost.Len()
	}
	if !t.renderedHere(source.Span{Start: at, End: at + max(size, 1)}) {
		return "", -1
	}
	return rendered, size
}
