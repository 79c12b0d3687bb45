package shell

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"

	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

const (
	// maxSteps bounds the commands that are followed in one text, calls of functions included.
	maxSteps = 200_000

	// maxWork bounds what following them costs, in words that are looked at or bytes that are copied, 64 to the word: values
	// that grow with each command, and commands in a text with thousands of variables, cost more than commands.
	maxWork = 4_000_000

	// maxFields bounds the words of one command that are read.
	maxFields = 2_048
)

// parts is how many words and signs a text has, counted just beyond the bound.
func parts(src string) int { return syntax.Parts([]byte(src), maxParts) }

// refused reports whether a text is too large to be read at all, which is then a problem.
func (r *reader) refused(t *text) bool {
	if len(t.src) <= maxBytes && parts(t.src) <= maxParts {
		return false
	}
	r.bound(bounds(t.src).Error())
	r.bad = true
	return true
}

// charge counts work.
func (r *reader) charge(n int) { r.work += n }

// spent reports whether a bound on following commands is reached, and counts one more.
func (r *reader) spent() bool {
	r.steps++
	return r.over()
}

// over reports whether a bound on following commands is reached.
func (r *reader) over() bool {
	if r.steps <= maxSteps && r.work <= maxWork {
		return false
	}
	r.bound("more commands and values than are followed in one shell text: commands behind them may be missing, so split the script")
	return true
}

// bound says once that a bound was hit.
func (r *reader) bound(text string) {
	r.bounded = true
	if !slices.ContainsFunc(r.result.Problems, func(p reading.Problem) bool { return p.Text == text }) {
		r.result.Problems = append(r.result.Problems, reading.Problem{Text: text})
	}
}

// fork is a copy of what is known here, for a way that may or may not be taken.
func (r *reader) fork(s *state) *state {
	r.charge(1 + len(s.vars)/2)
	return s.clone()
}

// grown is the work of making a copy of a field that is longer.
func (f *field) grown() int {
	return 1 + len(f.Text)/64 + len(f.Map.Segments) + len(f.Holes) + len(f.refs)
}
