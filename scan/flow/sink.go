package flow

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Command is one command that reaches a call which runs it, or finds its executable.
type Command struct {
	Sink     *rules.Sink
	Call     Place          // the call that runs it
	Script   *source.Script // the command's text, or its words (Script.Argv); each byte is mapped to the literal that writes it
	From     []Origin       // where each part of Script.Text came from, in order
	Root     source.Hole    // the value of the root variable in the environment that the call is given; Expr is empty when there is none
	RootFile string         // the file in which that value stands
	Given    *source.Script // that value as text, when it is known to be some
	Way      *Way           // how that value came; nil when there is none
	Own      bool           // the environment is that of the program itself
	Made     string         // the call of another library that gave it, or a part of it
	Held     string         // its text, as in Origin
	Dir      string         // the call that made the directory in which it runs; empty when none is known
	Find     bool           // the executable is only looked for
}

// Origin is one part of a command's text.
type Origin struct {
	source.Span        // in Script.Text
	File        string // of the literal
	Own         bool   // the name that the script was called by
	Way         *Way   // how it came here, for a root directory
	Made        string // the call of another library that gave it
	Held        string // the text of a hole, where it is known and the same at every run; `""` when that is empty
	Literal     *Lit   // that writes the part; nil for a hole
	Steps       []Step // from the definition to the sink
}

// sink notes a command when the callee is a call that runs commands. It reports whether the callee is one.
func (f *frame) sink(name string, e *Call, recv value, args []argument) bool {
	list := f.s.sinks[name]
	if len(list) == 0 {
		if x, ok := recv.(*external); ok {
			return f.memberCalled(x, e, args)
		}
		return false
	}
	hit := false
	for _, sk := range list {
		if strings.HasPrefix(sk.Call, "*.") && !f.admits(sk, e, recv) {
			continue
		}
		hit = true
		f.feed(sk, e, args)
	}
	return hit
}

// admits reports whether the receiver is one that the sink names: by the type that it is known to be of, or by the name
// of the variable. A sink without receivers admits those whose type is not known.
func (f *frame) admits(sk *rules.Sink, e *Call, recv value) bool {
	typ, ident := "", ""
	switch r := recv.(type) {
	case *external:
		typ = r.name
	case *bound:
		if x, ok := r.recv.(*external); ok {
			typ = x.name
		} else if _, isUnknown := r.recv.(*unknown); !isUnknown {
			return false
		}
	}
	if at, ok := e.Fn.(*Attr); ok {
		switch x := at.X.(type) {
		case *Name:
			ident = x.Ident
		case *Attr:
			ident = x.Name
		}
	}
	if len(sk.Receivers) == 0 {
		return typ == ""
	}
	for _, r := range sk.Receivers {
		if strings.HasPrefix(r, "$") && ident == r[1:] || typ != "" && (typ == r || strings.TrimSuffix(typ, "()") == r) {
			return true
		}
	}
	return false
}

// feed hands a sink the arguments that hold its command.
func (f *frame) feed(sk *rules.Sink, e *Call, args []argument) {
	root := f.rootOf(sk, args)
	if sk.Env == "first" && len(args) > 0 {
		if _, isTable := onlyTable(args[0].val); isTable {
			args = args[1:]
		}
	}
	at := Place{f.unit.file, e.At()}
	pick := func() value { return f.given(sk, args) }
	if sk.Argv0 {
		f.s.emitWords(sk, at, f.toldName(sk, args), root)
		return
	}
	f.input(sk, at, args, root)
	switch sk.Takes {
	case "argv":
		f.s.emitWords(sk, at, pick(), root)
	case "text":
		f.s.emitText(sk, at, pick(), root)
	case "auto":
		f.s.emitAuto(sk, at, pick(), args, root)
	case "words", "loose":
		f.s.emitLoose(sk, at, f.wordsFrom(args, sk.At), root)
	case "program":
		if v := pick(); v != nil {
			f.s.emitWords(sk, at, newSequence([]value{v}, true), root)
		}
	case "split":
		f.s.emitWords(sk, at, f.splitGiven(sk, pick(), args), root)
	case "pipe":
		f.s.emitText(sk, at, f.s.piped(pick()), root)
	}
}

// given is the one argument that holds a sink's command.
func (f *frame) given(sk *rules.Sink, args []argument) value {
	for _, a := range args {
		if sk.Name != "" && a.name == sk.Name {
			return a.val
		}
	}
	return f.nth(args, sk.At)
}

// toldName is the list of words of a program that is given beside them: the first of them is the name that it is told to have.
func (f *frame) toldName(sk *rules.Sink, args []argument) value {
	words, program := f.given(sk, args), f.nth(args, sk.At-1)
	if sk.Takes == "words" {
		words = f.wordsFrom(args, sk.At)
	}
	for _, a := range args {
		if slices.Contains([]string{"path", "file", "Path"}, a.name) {
			program = a.val
		}
	}
	var out []value
	for _, o := range options(words) {
		seq, ok := o.(*sequence)
		if !ok || len(seq.elems) == 0 {
			seq = newSequence([]value{&unknown{}}, true)
		}
		if _, unknown := program.(*unknown); program == nil || unknown { // the name tells which program it probably is
			out = append(out, seq)
			continue
		}
		if _, isSpread := seq.elems[0].(*spread); !isSpread {
			mark(f.s.told, seq.elems[0], 0)
		}
		out = append(out, newSequence(append([]value{program}, seq.elems[1:]...), seq.open))
	}
	if out == nil && program != nil {
		return newSequence([]value{program}, true)
	}
	return either(out...)
}

// splitGiven is the list of words that a text is split into; with a list of arguments beside it, it is the program.
func (f *frame) splitGiven(sk *rules.Sink, v value, args []argument) value {
	more := f.nth(args, sk.At+1)
	for _, a := range args {
		if a.name == "args" {
			more = a.val
		}
	}
	for _, o := range options(more) {
		if seq, ok := o.(*sequence); ok {
			return f.s.added(newSequence([]value{v}, false), seq, nil, nil)
		}
	}
	if words := f.s.splitAll(v, ""); words != nil {
		return words
	}
	return v
}

// piped is the shell text of a file's name that begins with a bar, which Ruby runs.
func (s *solver) piped(v value) value {
	var out []value
	for _, o := range options(v) {
		t, ok := o.(*text)
		if !ok || len(t.pieces) == 0 || !strings.HasPrefix(t.pieces[0].text, "|") {
			continue
		}
		first := s.slice(t.pieces[0], 1, len(t.pieces[0].text))
		out = append(out, &text{append([]piece{first}, t.pieces[1:]...)})
	}
	return either(out...)
}

// nth is the positional argument at a place; what is spread gives its elements to the places that it covers.
func (f *frame) nth(args []argument, at int) value {
	for _, a := range positional(args) {
		if !a.rest {
			if at == 0 {
				return a.val
			}
			at--
			continue
		}
		elems, open := f.s.spreadOf(a.val)
		if at < len(elems) {
			if sp, ok := elems[at].(*spread); ok {
				return f.element(sp.v, nil)
			}
			return elems[at]
		}
		if at -= len(elems); open {
			return nil
		}
	}
	return nil
}

func onlyTable(v value) (*table, bool) {
	for _, o := range options(v) {
		if t, ok := o.(*table); ok {
			return t, true
		}
	}
	return nil, false
}

func positional(args []argument) []argument {
	var out []argument
	for _, a := range args {
		if a.name == "" && !a.dict {
			out = append(out, a)
		}
	}
	return out
}

// wordsFrom are the positional arguments from the given one on as one list, the options hash at the end left out.
func (f *frame) wordsFrom(args []argument, from int) value {
	var elems []value
	open := false
	plain := positional(args)
	for i, a := range plain {
		if i < from && !a.rest {
			continue
		}
		if _, isTable := a.val.(*table); isTable && i == len(plain)-1 {
			continue
		}
		if !a.rest {
			elems = append(elems, a.val)
			continue
		}
		more, isOpen := f.s.spreadOf(a.val)
		elems, open = append(elems, more...), open || isOpen
	}
	return newSequence(elems, open)
}

// emitAuto notes a command that is a list of words, or a string whose meaning an option decides. Where the option is not
// known, as in shell=isinstance(command, str), a list is words and a string is shell text.
func (s *solver) emitAuto(sk *rules.Sink, at Place, v value, args []argument, root *root) {
	shell, unknown := false, false
	for _, a := range args {
		if a.name == sk.Shell && sk.Shell != "" {
			word, known := plainOf(a.val)
			shell, unknown = word == "True" || word == "true", !known
		}
	}
	for _, o := range options(v) {
		switch o := o.(type) {
		case *sequence:
			if shell && len(o.elems) > 0 { // the first word is the text, the others are what it calls $0, $1 and so on
				s.emitText(sk, at, o.elems[0], root)
				continue
			}
			s.emitWords(sk, at, bareWords(o), root)
		case *text:
			if plain, ok := o.plain(); shell || unknown || !ok || strings.ContainsAny(plain, " \n") {
				s.emitText(sk, at, o, root)
			} else {
				s.emitWords(sk, at, newSequence([]value{o}, true), root)
			}
		}
	}
}

// bareWords is a list of words without what Ruby allows beside them: an environment before, options after, and another
// name beside the program's.
func bareWords(seq *sequence) *sequence {
	elems := seq.elems
	if len(elems) > 0 {
		if _, ok := onlyTable(elems[0]); ok {
			elems = elems[1:]
		}
	}
	if n := len(elems); n > 0 {
		if _, ok := elems[n-1].(*table); ok {
			elems = elems[:n-1]
		}
	}
	if len(elems) > 0 {
		if named, ok := elems[0].(*sequence); ok && len(named.elems) == 2 {
			elems = append([]value{named.elems[0]}, elems[1:]...)
		}
	}
	return newSequence(elems, seq.open)
}

// emitLoose notes a command given as arguments: where the sink is loose, a single string is shell text.
func (s *solver) emitLoose(sk *rules.Sink, at Place, v value, root *root) {
	seq := v.(*sequence)
	if sk.Takes == "loose" && len(seq.elems) == 1 && !seq.open {
		var v value = seq.elems[0]
		if sp, ok := v.(*spread); ok {
			for _, o := range options(sp.v) {
				if inner, ok := o.(*sequence); ok {
					s.emitLoose(sk, at, inner, root)
				} else {
					s.emitText(sk, at, o, root)
				}
			}
			return
		}
		for _, o := range options(v) {
			if inner, ok := o.(*sequence); ok { // [command, argv0]
				s.emitWords(sk, at, newSequence(inner.elems[:min(1, len(inner.elems))], true), root)
				continue
			}
			s.emitText(sk, at, o, root)
		}
		return
	}
	if len(seq.elems) > 0 {
		if inner, ok := seq.elems[0].(*sequence); ok && len(inner.elems) > 0 && sk.Takes == "loose" {
			seq = newSequence(append([]value{inner.elems[0]}, seq.elems[1:]...), seq.open)
		}
	}
	s.emitWords(sk, at, seq, root)
}

// runText notes the text of a literal that runs itself.
func (s *solver) runText(e *Run, file string, v value) {
	for _, sk := range s.sinks[e.Sink] {
		s.emitText(sk, Place{file, e.At()}, v, nil)
	}
}

func (s *solver) emitText(sk *rules.Sink, at Place, v value, root *root) {
	for _, o := range options(v) {
		t, ok := o.(*text)
		if !ok || !t.tainted() {
			continue
		}
		b := newBuilder(s, sk, at, root)
		b.word(t)
		s.emit(b)
	}
}

func (s *solver) emitWords(sk *rules.Sink, at Place, v value, root *root) {
	for _, o := range options(v) {
		if t, ok := o.(*text); ok { // a string where a list belongs is the program's name
			o = newSequence([]value{t}, true)
		}
		seq, ok := o.(*sequence)
		if !ok || !seq.taint {
			continue
		}
		for _, words := range wordLists(seq) {
			b := newBuilder(s, sk, at, root)
			for i, w := range words {
				if i > 0 {
					b.gap()
				}
				from := b.text.Len()
				b.word(w)
				b.argv = append(b.argv, source.Span{Start: from, End: b.text.Len()})
			}
			s.emit(b)
		}
	}
}

// wordLists are the ways in which a list's words can be chosen, each element text or a hole.
func wordLists(seq *sequence) [][]*text {
	lists := [][]*text{nil}
	for _, el := range seq.elems {
		ways := wordsOf(el)
		if len(ways) == 1 {
			for i := range lists {
				lists[i] = append(lists[i], ways[0]...)
			}
			continue
		}
		room := maxOptions
		if len(lists) == 1 {
			room = maxTainted
		}
		var next [][]*text
		for _, w := range ways {
			for _, head := range lists {
				if len(next) < room {
					next = append(next, append(head[:len(head):len(head)], w...))
				}
			}
		}
		lists = next
	}
	return lists
}

// wordsOf are the alternatives of one element: usually one word each, several where a list is spread.
func wordsOf(el value) [][]*text {
	var out [][]*text
	for _, o := range trim(options(el), maxTainted) {
		switch o := o.(type) {
		case *text:
			out = append(out, []*text{o})
		case *sequence:
			out = append(out, wordLists(o)...)
		case *spread:
			for _, inner := range options(o.v) {
				out = append(out, wordsOf(inner)...)
			}
		case *unknown:
			out = append(out, []*text{{[]piece{{hole: &o.at}}}})
		case *bound:
			out = append(out, []*text{{[]piece{{hole: &o.expr}}}})
		case *external:
			out = append(out, []*text{{[]piece{{hole: &o.expr, made: o.name}}}})
		default:
			out = append(out, []*text{{[]piece{{hole: &place{}}}}})
		}
	}
	if len(out) == 0 {
		out = [][]*text{nil}
	}
	return out
}

func (s *solver) emit(b *builder) {
	key := b.key()
	s.work += 1 + len(key)/16
	if old, ok := s.commands[key]; ok {
		b.agree(old)
		if old.Way == nil && b.root != nil && b.root.way != nil {
			s.commands[key] = b.command() // in general nothing is known of its environment, here it is
		}
		return
	}
	if len(s.keys) == maxCommands {
		s.bounded = true
		return
	}
	s.commands[key] = b.command()
	s.keys = append(s.keys, key)
}

// maxCommands bounds the commands of one solve, each with the way of its values.
const maxCommands = 6_000

func (s *solver) result() Result {
	s.unreturned()
	r := Result{Bounded: s.bounded || s.overworked(), Callers: map[Place][]Place{}, Shown: s.shown, Escaped: s.escaped, Told: s.told}
	for _, k := range s.keys {
		r.Commands = append(r.Commands, *s.commands[k])
	}
	for fn, calls := range s.callers {
		for c := range calls {
			r.Callers[fn] = append(r.Callers[fn], c)
		}
		sort.Slice(r.Callers[fn], func(i, j int) bool {
			a, b := r.Callers[fn][i], r.Callers[fn][j]
			return a.File < b.File || a.File == b.File && a.Start < b.Start
		})
	}
	r.Exports = slices.SortedFunc(maps.Keys(s.exports), func(a, b Export) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.File, b.File))
	})
	for _, u := range s.order {
		r.Read = append(r.Read, u.file)
	}
	sort.Strings(r.Read)
	return r
}
