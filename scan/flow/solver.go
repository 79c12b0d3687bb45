package flow

import (
	"context"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Input is one language's part of one repository.
type Input struct {
	Pack     *rules.Pack
	Language string
	Files    []string                                         // the files to follow, as keys
	Load     func(file string) (*Unit, bool)                  // lowers a file; false when there is none or it cannot be read
	Resolve  func(from, module string) (file string, ok bool) // the repository's file that an import means
	Linked   func(file string) bool                           // a link that bears the program's name leads to the file; nil for none
	Siblings func(file string) []string                       // files that share one scope with file (a Go package); nil for none
}

// Result is what the solver found.
type Result struct {
	Commands []Command
	Exports  []Export          // ordered by name, then file
	Callers  map[Place][]Place // for each function that is called by name: the calls, by the function's place
	Shown    map[Place]bool    // literals that hold the program and are handed to a call that shows them to a person
	Told     map[Place]bool    // literals that tell a program the name that it has, beside the one that is run
	Escaped  map[Place]bool    // literals that hold the program and leave what can be followed: nobody can say what becomes of them
	Bounded  bool              // the work was cut short: values may be missing
	Read     []string          // files that were followed, those that were loaded on the way included
}

// Place is a span of a file.
type Place struct {
	File string
	source.Span
}

// Bounds of one solve, so that generated code ends in bounded time: expressions evaluated, and as many more for each function, expressions inside each other, nested
// calls, calls of one function inside each other, expressions evaluated in a round for calls that are told apart only by the
// functions and objects they are given, and rounds
// until the values no longer change.
const (
	maxWork   = 8_000_000
	maxNest   = 20_000
	maxCalls  = 3000
	maxSelf   = 6
	maxExtra  = 200_000
	maxEach   = 2_000
	maxRounds = 5
)

type solver struct {
	ctx      context.Context
	in       Input
	lang     rules.Language
	messages messages
	inert    messages                 // calls that run nothing
	sinks    map[string][]*rules.Sink // by full name, or by "*.method"
	models   map[string]*rules.Model
	units    map[string]*unitState
	order    []*unitState
	results  map[*Func]*result      // of a function whose arguments are not known
	yielded  map[Place][]argument   // what methods hand to a block that is not known
	hands    map[*Func]value        // what a method hands to the block of a call, by the function that stands for the block
	blocks   map[*Call]*Func        // those functions
	special  map[callKey]*result    // of a call with known arguments
	scratch  []byte                 // memory for a key
	pending  []*function            // functions to evaluate with unknown arguments
	queued   map[lambda]int         // where it stands in pending
	methods  map[string][]*function // every method that was seen, by name
	classes  []*class
	opens    map[string]*class // those of the top level of a file, by name: the first of each
	commands map[string]*Command
	keys     []string
	callers  map[Place]map[Place]bool
	exports  map[Export]bool
	shown    map[Place]bool
	escaped  map[Place]bool
	told     map[Place]bool
	work     int
	extra    int  // work done in this round for calls that do not hold the program
	aside    bool // such a call is being evaluated
	from     int  // work when it began
	nest     int  // expressions and statements that stand inside each other and are being evaluated
	bounded  bool // a bound of a value or of nesting was hit
	depth    int
	rounds   int           // before this one
	active   map[*Func]int // how often each function is being evaluated
	dir      value         // the directory in which the function was called that is being evaluated; nil when nothing is known of it
	changed  bool

	identities identities
	reads      *reads // of the function that is evaluated with unknown arguments; nil for none
}

// lambda is a function with the call whose variables it sees; empty when it sees those of a unit or of no call in particular.
type lambda struct {
	fn   *Func
	made string
}

type result struct {
	ret   value
	reads *reads // of the last evaluation with unknown arguments
	busy  bool
	done  bool // in this round
}

type unitState struct {
	unit    *Unit
	file    string
	scope   *scope
	started bool
}

type scope struct {
	vars   map[string]value
	parent *scope
	made   string // the call with known arguments that it belongs to, by its key; empty for none
	block  bool   // assignments go to the enclosing scope when the name stands there
	unit   *unitState
	of     *class // whose body it belongs to; nil for none
}

// Solve follows the values of all files of one language and returns the commands that hold the program's name and reach
// a call that runs them. It does not fail: what cannot be followed is unknown.
func Solve(ctx context.Context, in Input) Result {
	s := &solver{
		ctx: ctx, in: in, lang: in.Pack.Languages[in.Language],
		sinks: map[string][]*rules.Sink{}, models: map[string]*rules.Model{},
		units: map[string]*unitState{}, results: map[*Func]*result{}, special: map[callKey]*result{},
		active: map[*Func]int{}, hands: map[*Func]value{}, blocks: map[*Call]*Func{},
		queued: map[lambda]int{}, methods: map[string][]*function{},
		commands: map[string]*Command{}, callers: map[Place]map[Place]bool{}, exports: map[Export]bool{},
		yielded: map[Place][]argument{}, opens: map[string]*class{}, identities: identities{},
		shown: map[Place]bool{}, escaped: map[Place]bool{}, told: map[Place]bool{},
	}
	s.messages, s.inert = newMessages(s.lang.Messages), newMessages(s.lang.Inert)
	for i := range s.lang.Sinks {
		s.sinks[s.lang.Sinks[i].Call] = append(s.sinks[s.lang.Sinks[i].Call], &s.lang.Sinks[i])
	}
	for i := range s.lang.Models {
		s.models[s.lang.Models[i].Call] = &s.lang.Models[i]
	}
	for s.rounds = range maxRounds {
		s.changed = false
		s.round()
		if !s.changed || s.spent() {
			break
		}
	}
	return s.result()
}

func (s *solver) round() {
	s.extra, s.aside = 0, false
	clear(s.special)
	clear(s.yielded)
	for _, r := range s.results {
		r.done = false
	}
	for _, u := range s.order {
		u.started = false
	}
	for _, file := range s.in.Files {
		s.load(file)
	}
	for i := 0; i < len(s.order); i++ {
		s.top(s.order[i])
	}
	for i := 0; i < len(s.pending) && !s.spent(); i++ {
		s.anyhow(s.pending[i])
	}
	s.exportAll()
}

// spent reports whether the solver has used up its bound of work or was told to stop.
func (s *solver) spent() bool { return s.overworked() || s.ctx.Err() != nil }

// overworked reports whether more work was done, or more commands were found, than a program with so many functions may take.
func (s *solver) overworked() bool {
	return len(s.keys) >= maxCommands || s.work > maxWork+maxEach*len(s.pending)
}

// names reports whether text holds the program's name as a word of its own.
func (s *solver) names(text string) bool { return holdsWord(text, s.in.Pack.Program.Name) }

// holdsWord reports whether word stands in text, not next to a letter, digit or underscore.
func holdsWord(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(word)
		if (i == 0 || !wordByte(text[i-1])) && (end == len(text) || !wordByte(text[end])) {
			return true
		}
		at = end
	}
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// load is the state of a file's unit; nil when the file cannot be had.
func (s *solver) load(file string) *unitState {
	if u, ok := s.units[file]; ok {
		return u
	}
	unit, ok := s.in.Load(file)
	if !ok {
		s.units[file] = nil
		return nil
	}
	u := &unitState{unit: unit, file: file}
	u.scope = &scope{vars: map[string]value{}, unit: u}
	s.units[file] = u
	s.order = append(s.order, u)
	s.changed = true
	return u
}

// top evaluates a unit's top level, once in a round.
func (s *solver) top(u *unitState) {
	if u.started {
		return
	}
	u.started = true
	outer := s.reads
	s.reads = nil
	defer func() { s.reads = outer }()
	f := &frame{s: s, unit: u, scope: u.scope}
	f.exec(u.unit.Body)
}

// queue notes a function to be evaluated with unknown arguments.
func (s *solver) queue(fn *function) {
	l := lambda{fn: fn.fn}
	if fn.env != nil {
		l.made = fn.env.made
	}
	if i, ok := s.queued[l]; ok {
		s.pending[i] = fn // it sees the variables of this round
		return
	}
	s.queued[l] = len(s.pending)
	s.pending = append(s.pending, fn)
}

// general is what a function returns when nothing is known of its arguments.
func (s *solver) general(fn *function) value {
	r := s.results[fn.fn]
	if r == nil {
		r = &result{}
		s.results[fn.fn] = r
	}
	if r.busy || r.done {
		return r.ret
	}
	if s.deep(fn.fn) || s.spent() {
		s.untold()
		return r.ret
	}
	r.busy, r.done = true, true
	defer func() { r.busy = false }()
	if s.unchanged(r.reads, fn) {
		return r.ret
	}
	here := *fn
	here.self = s.receiver(fn)
	outer := s.reads
	r.reads = &reads{self: here.self}
	s.reads = r.reads
	ret := s.run(&here, nil, nil, nil)
	s.reads = outer
	joined := either(r.ret, ret)
	if _, ok := ret.(*sequence); ok && generates(fn.fn.Body) {
		joined = ret
	}
	if !sameOrNil(joined, r.ret) {
		r.ret = joined
		s.grown(joined)
	}
	return r.ret
}

// plainRounds is how many rounds a value that can run nothing may go on to grow: lists of lists never end.
const plainRounds = 2

// grown notes that a value of which others are made has changed.
func (s *solver) grown(v value) {
	s.changed = s.changed || s.rounds < plainRounds || s.telling([]argument{{val: v}})
}

// anyhow evaluates a function with unknown arguments, also one that sees the variables of a call with known ones.
func (s *solver) anyhow(fn *function) {
	if fn.env == nil || fn.env.made == "" {
		s.general(fn)
		return
	}
	key := keyOf(append(s.key(fn, nil, nil), "…"...))
	if r := s.special[key]; r == nil && !s.deep(fn.fn) && !s.spent() {
		s.special[key] = &result{done: true}
		s.run(fn, nil, nil, nil)
	}
}

func sameOrNil(a, b value) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return same(a, b)
}

// deep reports whether a function must not be evaluated now: it calls itself often enough, or calls nest too deeply.
func (s *solver) deep(fn *Func) bool {
	if s.depth > maxCalls {
		s.bounded = true
		return true
	}
	return s.active[fn] >= maxSelf
}

// maxMade bounds the key of a call that is remembered with the functions which are made in it.
const maxMade = 512

// run evaluates a function's body with its parameters bound. Made is the key of a call with known arguments, empty where no
// function is made in it; nil when nothing is known of them.
func (s *solver) run(fn *function, args []argument, block *function, made *string) value {
	s.depth++
	s.active[fn.fn]++
	defer func() { s.depth--; s.active[fn.fn]-- }()
	f := &frame{s: s, unit: fn.unit, fn: fn, self: fn.self, scope: &scope{vars: map[string]value{}, parent: fn.env, unit: fn.unit}}
	if fn.env != nil {
		f.scope.made = fn.env.made
	}
	if made != nil && *made != "" {
		f.scope.made = *made
	}
	if fn.fn.Name == "" && !fn.unit.unit.Traits.OwnNames { // a block assigns to the names around it
		f.scope.block = true
	}
	if made != nil && madeBy(s.dir) != "" {
		f.set(directory, s.dir)
	}
	f.bind(fn.fn, args, block, made == nil)
	if fn.fn.Value != nil {
		return f.eval(fn.fn.Value)
	}
	f.implicit = fn.fn.Implicit
	f.exec(fn.fn.Body)
	if f.implicit && f.last != nil {
		f.ret = append(f.ret, f.last)
	}
	if f.yields != nil {
		f.ret = []value{f.generated(fn.fn)}
	}
	if name := fn.fn.Name; name != "" {
		for i, v := range f.ret {
			f.ret[i] = stepped(v, Step{fn.unit.file, fn.fn.At(), "returned by " + name + "()"})
		}
	} else {
		for i, v := range f.ret {
			f.ret[i] = fn.left(v)
		}
	}
	return either(f.ret...)
}

// left is a value that leaves a function without a name, which a comprehension and a block are: the names of the
// function's own are out of reach where the value goes.
func (fn *function) left(v value) value {
	opts := slices.Clone(options(v))
	for n, o := range opts {
		t, ok := o.(*text)
		if !ok {
			continue
		}
		out := slices.Clone(t.pieces)
		for i, p := range out {
			out[i].away = p.away || p.hole != nil && p.hole.file == fn.unit.file && fn.fn.At().Covers(p.hole.span)
		}
		opts[n] = &text{out}
	}
	return either(opts...)
}
