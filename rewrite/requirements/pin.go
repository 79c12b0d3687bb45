package requirements

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// Append is the insertion that puts lines at the end of a file, in its style.
func Append(f *requirement.File, lines ...string) edit.Edit {
	return edit.Edit{Start: len(f.Src), End: len(f.Src), New: f.Appended(lines...)}
}

// pin is one place that asks for the program or for a plugin.
type pin struct {
	requirement.Requirement
	Text    string   // as a requirement file writes it, without its comment
	Above   []string // comment lines that belong to it, from their #
	Note    string   // the comment at its end, from its #
	Indexes []string // options that say where it comes from, as a requirement file writes them
	Line    int      // 1-based
	start   int      // bytes of the file that name it
	end     int
	vars    []string // variables that its version was read from
	index   int      // in its source
	kept    string   // why it stays where it is; empty when it moves
	silent  bool     // it is of no use elsewhere: it is not written to the defaults either
	source  *origin
}

// lines are the pin in a requirement file.
func (p *pin) lines() []string {
	text := p.Text
	if p.guarded() && p.words() == 0 {
		return []string{text}
	}
	if p.Note != "" {
		text += "  " + p.Note
	}
	return append(slices.Clone(p.Above), text)
}

// place is where the pin stands, for a sentence.
func (p *pin) place() string { return fmt.Sprintf("%v:%d", p.source.file, p.Line) }

// origin is a file that holds pins.
type origin struct {
	file edit.File
	kind kind
	pins []*pin
	runs bool // commands of it, or of what it is part of, may go on to run the program
	cut  func(picked []*pin) (edits []edit.Edit, left map[*pin]string)
}

// kind is what sort of file holds a pin, in the order in which pins are preferred.
type kind int

const (
	inRequirements kind = iota // a requirement file
	inManifest                 // a package's metadata
	inDockerfile
	inScript // a command elsewhere
)

// pinned are all pins of the workspace that say what to install, the program's first, then by the kind of their place.
func (s *survey) pinned() []*pin {
	var out []*pin
	for _, src := range s.sources {
		for _, p := range src.pins {
			if !p.silent {
				out = append(out, p)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *pin) int {
		if x, y := s.isProgram(a.Key()), s.isProgram(b.Key()); x != y {
			if x {
				return -1
			}
			return 1
		}
		return int(a.source.kind) - int(b.source.kind)
	})
	return out
}

func (s *survey) isProgram(key string) bool {
	return slices.ContainsFunc(s.in.Pack.Program.Packages, func(p string) bool { return requirement.Normalise(p) == key })
}

// moves reports whether a package, by its normalised name, belongs into the environments.
func (s *survey) moves(key string) bool {
	return key != "" && (s.isProgram(key) || s.plugins.Holds(key))
}

// slot is what two pins must share to be about the same thing.
func slot(r requirement.Requirement) string { return r.Key() + ";" + r.Marker }

// groups are the pins by slot, in order.
func (s *survey) groups() [][]*pin {
	var out [][]*pin
	at := map[string]int{}
	for _, p := range s.pinned() {
		k := slot(p.Requirement)
		if s.isProgram(p.Key()) {
			k = ";" + p.Marker
		}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	return out
}

// inDefaults is what the defaults have for a slot already.
func (s *survey) inDefaults(p *pin) (requirement.Line, bool) {
	for _, l := range s.have.Lines {
		if l.Wanted() && (slot(l.Requirement) == slot(p.Requirement) || l.Marker == p.Marker && s.isProgram(l.Key()) && s.isProgram(p.Key())) {
			return l, true
		}
	}
	return requirement.Line{}, false
}

// conflicts marks pins that exclude each other, or what the defaults have. Neither of two is moved.
func (s *survey) conflicts() {
	for _, group := range s.groups() {
		for i, p := range group {
			if l, ok := s.inDefaults(p); ok && !Agree(p.Requirement, l.Requirement) {
				s.clash([]*pin{p}, fmt.Sprintf("%s at %s and %s at %v:%d exclude each other", p.Text, p.place(), l.Requirement, s.target, l.Number))
			}
			for _, q := range group[:i] {
				if !Agree(p.Requirement, q.Requirement) {
					s.clash(group, fmt.Sprintf("%s at %s and %s at %s exclude each other", q.Text, q.place(), p.Text, p.place()))
				}
			}
		}
	}
}

func (s *survey) clash(pins []*pin, why string) {
	for _, p := range pins {
		p.kept = why
	}
	s.note(step.Decide, pins[len(pins)-1].source.file, pins[len(pins)-1].Line, why+": decide on one; until then neither is moved")
}

// Agree reports whether one package can fulfil both requirements, as far as their text tells.
func Agree(a, b requirement.Requirement) bool {
	if a.URL != b.URL {
		return (a.URL == "" && a.Specifier == "" && a.Path == "") || (b.URL == "" && b.Specifier == "" && b.Path == "")
	}
	if a.Path != b.Path {
		return false
	}
	x, y := requirement.Lowest(a.Specifier), requirement.Lowest(b.Specifier)
	switch {
	case a.Specifier == b.Specifier || a.Specifier == "" || b.Specifier == "":
		return true
	case exact(a.Specifier) || exact(b.Specifier):
		return exact(a.Specifier) && requirement.Within(x, b.Specifier) || exact(b.Specifier) && requirement.Within(y, a.Specifier)
	case x == "" || y == "":
		return true
	}
	return requirement.Within(x, b.Specifier) || requirement.Within(y, a.Specifier)
}

func exact(specifier string) bool {
	return strings.HasPrefix(specifier, "==") && !strings.ContainsAny(specifier, ",*")
}

// weight says how much a requirement decides.
func weight(r requirement.Requirement) int {
	switch {
	case r.URL != "" || r.Path != "":
		return 3
	case exact(r.Specifier):
		return 2
	case r.Specifier != "":
		return 1
	}
	return 0
}

// chosen are the pins that the defaults gain: of each group that does not clash, the one that decides most.
func (s *survey) chosen() []*pin {
	var out []*pin
	for _, group := range s.groups() {
		group = slices.DeleteFunc(slices.Clone(group), func(p *pin) bool { return p.kept == reviewReason }) // of one job, and nothing to new instances
		if len(group) == 0 {
			continue
		}
		best := group[0]
		clash := false
		for _, p := range group {
			clash = clash || p.kept != "" && !p.guarded()
			if d := weight(p.Requirement) - weight(best.Requirement); d > 0 || d == 0 && best.words() == 0 && p.words() > 0 {
				best = p
			}
		}
		l, have := s.inDefaults(best)
		if have && !clash && weight(best.Requirement) > weight(l.Requirement) {
			s.note(step.Kept, s.target, l.Number, fmt.Sprintf("`%s` holds, though %s has %s: change it if the narrower one is meant", l.Text, best.place(), best.Text))
		}
		if !clash && !have {
			out = append(out, best)
			s.lostExtras(group, best)
		}
	}
	return out
}

// whyItStays is a comment that says what code needs a pin where it stands.
var whyItStays = lazyregexp.New(`(?i)\bimport|\blibrar|\.py\b`)

// words is how many comments a pin has that go with it.
func (p *pin) words() int {
	if p.guarded() && whyItStays.MatchString(strings.Join(append(slices.Clone(p.Above), p.Note), " ")) {
		return 0
	}
	n := len(p.Above)
	if p.Note != "" {
		n++
	}
	return n
}

// lostExtras reports extras that only the pins have which give way.
func (s *survey) lostExtras(group []*pin, best *pin) {
	for _, p := range group {
		for _, e := range p.Extras {
			if !slices.Contains(best.Extras, e) {
				s.note(step.Decide, p.source.file, p.Line, fmt.Sprintf("%s asks for the extra [%s], and the pin that holds, %s at %s, does not: name the plugins that are needed one by one", p.Text, e, best.Text, best.place()))
			}
		}
	}
}

const (
	guardReason  = "code outside the environments uses it as a library"
	reviewReason = "a call that is left for review needs it"
)

func (p *pin) guarded() bool { return p.kept == guardReason }
