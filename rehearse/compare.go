package rehearse

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
)

// Verdict says what became of a call.
type Verdict string

// The verdicts. The last five are wrong.
const (
	Moved    Verdict = "moved"          // it reaches the instance's own program, with the same arguments and the same root directory
	Same     Verdict = "same"           // it reached that before already
	Expected Verdict = "expected"       // a person has to decide on it, or has decided to keep it
	Launcher Verdict = "launcher"       // nobody rewrote it, and the launcher of the container ran the right one
	Left     Verdict = "left"           // it still runs the program that all share
	Lost     Verdict = "lost"           // it is not made any more
	Changed  Verdict = "changed"        // its arguments, its root directory or the like are others
	Other    Verdict = "other instance" // it reaches another instance's program
	Extra    Verdict = "extra"          // it was not made before
)

// Verdicts are all of them, in their order.
func Verdicts() []Verdict {
	return []Verdict{Moved, Same, Expected, Launcher, Left, Lost, Changed, Other, Extra}
}

// Wrong reports whether a call with this verdict is not what it was.
func (v Verdict) Wrong() bool { return slices.Index(Verdicts(), v) >= 4 }

// Pair is a call before beside its call after.
type Pair struct {
	Verdict Verdict `json:"verdict"`
	Before  *Call   `json:"before"`
	After   *Call   `json:"after"`
	Reason  string  `json:"reason,omitempty"`
}

// Result is what a rehearsal of one command showed.
type Result struct {
	Title      string
	Command    Command
	Missing    string // a program without which it was not run
	Before     Ran
	After      Ran
	Pairs      []Pair
	Unexpected string   // how the calls before differ from those that the rehearsal names
	Faults     []string // what is wrong after the migration and was not before
}

// Differs reports whether the migration changed more than which program is reached.
func (r *Result) Differs() bool {
	return r.Missing == "" && (r.Before.Status != r.After.Status && !r.excused() || r.Unexpected != "" || len(r.Faults) > 0 || r.After.TimedOut ||
		slices.ContainsFunc(r.Pairs, func(p Pair) bool { return p.Verdict.Wrong() }))
}

// excused reports whether another exit status comes of calls that a person has to decide on.
func (r *Result) excused() bool {
	return slices.ContainsFunc(r.Pairs, func(p Pair) bool { return p.Verdict == Expected && (p.After == nil || p.After.Tripped) })
}

// Mute reports whether nothing is shown, because the command failed before the migration without a call.
func (r *Result) Mute() bool { return r.Before.Status != 0 && len(r.Before.Calls) == 0 }

// compare pairs the calls and judges each pair.
func (r *Result) compare(sites []keptSite, instances []string) {
	r.Pairs, r.Unexpected, r.Faults = nil, "", slices.DeleteFunc(slices.Clone(r.After.Faults), func(f string) bool { return slices.Contains(r.Before.Faults, f) })
	for _, p := range pair(r.Before.Calls, r.After.Calls) {
		p.judge(r.Command.Instance)
		if p.Verdict == Left || p.Verdict == Lost {
			if site := covering(sites, p); site != nil {
				p.Verdict, p.Reason = Expected, site.String()
			}
		}
		r.Pairs = append(r.Pairs, p)
	}
	if len(r.Command.Calls) > 0 {
		r.Unexpected = unexpected(r.Command.Calls, r.Before.Calls)
	}
}

// expected are the arguments of calls after the migration that failed and should not have.
func (r *Result) expected() [][]string {
	var out [][]string
	for _, p := range r.Pairs {
		if p.Verdict != Expected {
			continue
		}
		for _, c := range []*Call{p.After, p.Before} {
			if c != nil && c.Program == record.Global && (c.Tripped || p.After == nil) {
				out = append(out, c.Arguments)
				break
			}
		}
	}
	return out
}

// judge gives a pair its verdict. Instance is that of calls which name no root directory.
func (p *Pair) judge(instance string) {
	b, a := p.Before, p.After
	switch {
	case a == nil:
		p.Verdict = Lost
	case b == nil:
		p.Verdict = Extra
	case a.Program == record.Global && b.Program == record.Global:
		p.Verdict = Left
	default:
		if p.Reason = difference(b, a); p.Reason != "" {
			p.Verdict = Changed
			return
		}
		wanted := b.Program
		if b.Program == record.Global {
			wanted = cmp.Or(b.Instance, instance, a.Program)
		}
		switch {
		case a.Program != wanted:
			p.Verdict, p.Reason = Other, fmt.Sprintf("it is %s's, and %s's is meant", a.Program, wanted)
		case b.Program == a.Program:
			p.Verdict = Same
		case a.Launched:
			p.Verdict = Launcher
		default:
			p.Verdict = Moved
		}
	}
}

// difference says what of a call is not as it was; nothing when all is.
func difference(b, a *Call) string {
	var out []string
	if !slices.Equal(b.Arguments, a.Arguments) {
		out = append(out, fmt.Sprintf("the arguments are %s", Words(a.Arguments)))
	}
	if b.Root != a.Root {
		out = append(out, fmt.Sprintf("the root directory is %s, and was %s", cmp.Or(a.Root, unset), cmp.Or(b.Root, unset)))
	}
	if b.Directory != a.Directory {
		out = append(out, fmt.Sprintf("it is started in %s, and was in %s", a.Directory, b.Directory))
	}
	names := maps.Clone(b.Variables)
	maps.Copy(names, a.Variables)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if b.Variables[name] != a.Variables[name] {
			out = append(out, fmt.Sprintf("%s is %s, and was %s", name, cmp.Or(a.Variables[name], unset), cmp.Or(b.Variables[name], unset)))
		}
	}
	return strings.Join(out, "; ")
}

const unset = "not set"

// Words are arguments as a shell is given them.
func Words(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		quoted, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			quoted = record.Quote(a)
		}
		out[i] = quoted
	}
	return strings.Join(out, " ")
}

// pair lines up the calls that are the same, then those that were made in another order, as commands that run at the same
// time make them, and of what is left as many as are alike.
func pair(b, a []Call) []Pair {
	made := pointers(b)
	same := reunite(align(made, pointers(a), whole))
	var out []Pair
	var before, after []*Call
	for _, p := range same {
		switch {
		case p.After == nil:
			before = append(before, p.Before)
		case p.Before == nil:
			after = append(after, p.After)
		default:
			out = append(out, p)
		}
	}
	out = append(out, align(before, after, 1)...)
	place := map[*Call]int{nil: len(made)}
	for i, c := range made {
		place[c] = i
	}
	slices.SortStableFunc(out, func(x, y Pair) int { return place[x.Before] - place[y.Before] })
	return out
}

func pointers(calls []Call) []*Call {
	out := make([]*Call, len(calls))
	for i := range calls {
		out[i] = &calls[i]
	}
	return out
}

// align pairs calls, in their order, so that as much as can be is alike, and at least by least.
func align(b, a []*Call, least int) []Pair {
	common := func(i, j int) int {
		if n := alike(b[i], a[j]); n >= least {
			return n
		}
		return 0
	}
	best := make([][]int, len(b)+1)
	for i := range best {
		best[i] = make([]int, len(a)+1)
	}
	for i := len(b) - 1; i >= 0; i-- {
		for j := len(a) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if n := common(i, j); n > 0 {
				best[i][j] = max(best[i][j], best[i+1][j+1]+n)
			}
		}
	}
	var out []Pair
	i, j := 0, 0
	for i < len(b) || j < len(a) {
		switch {
		case i < len(b) && j < len(a) && common(i, j) > 0 && best[i][j] == best[i+1][j+1]+common(i, j):
			out = append(out, Pair{Before: b[i], After: a[j]})
			i, j = i+1, j+1
		case j == len(a) || i < len(b) && best[i][j] == best[i+1][j]:
			out = append(out, Pair{Before: b[i]})
			i++
		default:
			out = append(out, Pair{After: a[j]})
			j++
		}
	}
	return out
}

// whole is how alike two calls are that are the same but for the program.
const whole = 100

// alike is how much two calls have in common; 0 for what cannot be one call.
func alike(b, a *Call) int {
	if b.Job != a.Job {
		return 0
	}
	n := 0
	for n < len(b.Arguments) && n < len(a.Arguments) && b.Arguments[n] == a.Arguments[n] {
		n++
	}
	same := n == len(b.Arguments) && n == len(a.Arguments)
	switch {
	case same && b.Root == a.Root:
		return whole
	case same:
		return whole / 2
	case b.Root == a.Root && n > 0:
		return min(10+n, whole/2-1)
	case b.Root == a.Root && (b.Root != "" || len(b.Arguments) == 0 || len(a.Arguments) == 0):
		return 1
	}
	return min(n, 9)
}

// reunite pairs calls that are left over on both sides and are the same.
func reunite(pairs []Pair) []Pair {
	for i := range pairs {
		if pairs[i].Before == nil || pairs[i].After != nil {
			continue
		}
		for j := range pairs {
			if pairs[j].Before == nil && pairs[j].After != nil && alike(pairs[i].Before, pairs[j].After) == whole {
				pairs[i].After, pairs[j].After = pairs[j].After, nil
				break
			}
		}
	}
	return slices.DeleteFunc(pairs, func(p Pair) bool { return p.Before == nil && p.After == nil })
}
