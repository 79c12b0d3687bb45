// Package requirements moves the pins of the program and of its plugins from where they are installed for everybody to the requirements that new instances begin with.
package requirements

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/container/image"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// DefaultsDir is the directory of a template or cluster that new instances are copied from.
const DefaultsDir = "defaults"

// survey is what the step knows of a workspace.
type survey struct {
	in      step.Input
	plugins *rules.Plugins
	sources []*origin
	bounds  map[string][]string // lines of constraint files that go with the pins, by package
	uses    []use               // where the program is used as a library
	home    *step.Root          // the template; nil when there is none
	empty   []edit.File         // requirement files that lose all of their pins
	target  edit.File           // the defaults' requirements
	have    *requirement.File
	exists  bool
	out     step.Output
}

// Plan moves pins, keeps those that code outside the environments needs, and declares what came along with the program.
func Plan(in step.Input) step.Output {
	s := newSurvey(in)
	if s.plugins == nil {
		return s.out
	}
	s.settle()
	s.move()
	s.ownDependencies()
	s.noteEmpty()
	s.unread()
	return s.out
}

// Defaults is what the defaults' requirements hold once this step is done, and whether there is anything to hold: the
// instances begin with it. Without a template it is what would be moved to one.
func Defaults(in step.Input) ([]byte, bool) {
	s := newSurvey(in)
	if s.plugins == nil {
		return nil, false
	}
	s.settle()
	added := s.added()
	if len(added) == 0 {
		return s.have.Src, s.exists
	}
	text, err := edit.Apply(s.have.Src, []edit.Edit{Append(s.have, added...)})
	if err != nil {
		return s.have.Src, s.exists
	}
	return text, true
}

// Stays are the files that go on to install the program itself, because code outside the environments imports it.
func Stays(in step.Input) []edit.File {
	s := newSurvey(in)
	if s.plugins == nil {
		return nil
	}
	s.settle()
	var out []edit.File
	for _, p := range s.pinned() {
		if p.kept != "" && s.isProgram(p.Key()) && !slices.Contains(out, p.source.file) {
			out = append(out, p.source.file)
		}
	}
	return out
}

func newSurvey(in step.Input) *survey {
	s := &survey{in: in, have: requirement.Parse(nil), bounds: map[string][]string{}}
	var err error
	if s.plugins, err = rules.LoadPlugins(in.Pack.Program.Name); err != nil {
		s.note(step.Decide, edit.File{}, 0, err.Error()+": requirements stay as they are")
		return s
	}
	s.findHome()
	for _, root := range in.Roots {
		if root.Role == "other" {
			continue
		}
		included := s.included(root)
		for _, file := range root.Files {
			s.collect(root, file, included[file])
		}
		s.findUses(root)
	}
	return s
}

// findHome finds the template, and what its defaults require already.
func (s *survey) findHome() {
	for _, root := range s.in.Roots {
		if root.Role != "template" {
			continue
		}
		if s.home != nil {
			s.note(step.Decide, edit.File{Root: root.Key}, 0, fmt.Sprintf("%s is a template like %s: requirements go to the first; name the right one with --role", root.Key, s.home.Key))
			continue
		}
		s.home = root
	}
	if s.home == nil {
		return
	}
	s.target = edit.File{Root: s.home.Key, Path: path.Join(DefaultsDir, s.home.Config.RequirementsFile())}
	if s.home.Has(s.target.Path) {
		src, err := s.home.Read(s.target.Path)
		if err != nil {
			s.note(step.Decide, s.target, 0, fmt.Sprintf("it cannot be read: %v", err))
			s.home = nil
			return
		}
		s.have, s.exists = requirement.Parse(src), true
	}
}

func (s *survey) note(kind step.NoteKind, file edit.File, line int, text string) {
	s.out.Note(step.Requirements, kind, file, line, text)
}

// settle decides which pins move: conflicts stay where they are, and so does what code outside the environments needs.
func (s *survey) settle() {
	s.conflicts()
	s.guard()
}

// header is the first line of new requirements.
func (s *survey) header() string {
	return fmt.Sprintf("# What the instance's environment holds: %s and its plugins.", s.in.Pack.Program.Name)
}

// added are the lines that the defaults lack.
func (s *survey) added() []string {
	var indexes, pins []string
	for _, p := range s.chosen() {
		for _, i := range p.Indexes {
			if !slices.Contains(indexes, i) && !s.hasOption(i) {
				indexes = append(indexes, i)
			}
		}
		pins = append(pins, p.lines()...)
	}
	lines := append(indexes, pins...)
	if len(pins) > 0 {
		for _, key := range sortedKeys(s.bounds) {
			lines = append(lines, s.bounds[key]...)
		}
	}
	if len(lines) > 0 && !s.exists {
		lines = append([]string{s.header()}, lines...)
	}
	return lines
}

func (s *survey) hasOption(text string) bool {
	for _, l := range s.have.Lines {
		if l.Kind == requirement.Option && strings.TrimSpace(l.Flag+" "+l.Value) == text {
			return true
		}
	}
	return false
}

// move makes one fix for each file that loses pins. Each creates or extends the defaults too, so that none can be made
// without it.
func (s *survey) move() {
	if !s.ready() {
		return
	}
	var gain []edit.Change
	added := s.added()
	switch {
	case len(added) == 0:
	case s.exists:
		gain = []edit.Change{{File: s.target, Edits: []edit.Edit{Append(s.have, added...)}}}
	default:
		gain = []edit.Change{{File: s.target, Create: &edit.Creation{Content: strings.Join(added, "\n") + "\n"}}}
	}
	moved := false
	for _, src := range s.sources {
		moved = s.moveFrom(src, gain) || moved
	}
	if len(gain) > 0 && !moved {
		s.out.Fix(s.rule("requirements"), "write down what new instances need", edit.Place{File: s.target}, gain...)
	}
	if len(gain) > 0 {
		s.note(step.Did, s.target, 0, fmt.Sprintf("holds the pins that were installed for all instances (%d lines added)", len(added)))
	}
}

// ready reports whether there is a place that pins can go to, and says so when there is none.
func (s *survey) ready() bool {
	movable := 0
	for _, src := range s.sources {
		for _, p := range src.pins {
			if p.kept == "" {
				movable++
			}
		}
	}
	switch {
	case movable == 0:
		return false
	case s.home == nil:
		s.note(step.Decide, edit.File{}, 0, fmt.Sprintf("there is no template among the roots, so the pins of %s and its plugins (%d) have nowhere to go and stay: name the template's directory too", s.in.Pack.Program.Name, movable))
		return false
	case !s.home.Holds(DefaultsDir):
		s.note(step.Decide, edit.File{Root: s.home.Key}, 0, fmt.Sprintf("the template has no %s/, which new instances are copied from: create it, or say with --role which root is the template; the pins stay", DefaultsDir))
		return false
	}
	return true
}

// moveFrom takes a file's pins away. It reports whether any leaves.
func (s *survey) moveFrom(src *origin, gain []edit.Change) bool {
	var picked []*pin
	for _, p := range src.pins {
		if p.kept == "" {
			picked = append(picked, p)
		}
	}
	if len(picked) == 0 {
		return false
	}
	edits, left := src.cut(picked)
	var names []string
	for _, p := range picked {
		if why, ok := left[p]; ok {
			s.note(step.Decide, src.file, p.Line, fmt.Sprintf("%s stays: %s; take it out by hand, the pin stands in %v", p.Text, why, s.target))
			continue
		}
		if !slices.Contains(names, p.Text) {
			names = append(names, p.Text)
		}
	}
	if len(edits) == 0 {
		return false
	}
	s.lock(src)
	s.idle(src, picked, edits)
	s.note(step.Did, src.file, picked[0].Line, fmt.Sprintf("no longer installs %s: see %s", list(names), s.target))
	if src.runs && !isPipeline(src.file.Path) && s.runsNext(src.file) {
		s.note(step.Decide, src.file, picked[0].Line, "what it runs next needs the environment of an instance: build it before, with `grove-migrate venv update INSTANCE`")
	}
	changes := append([]edit.Change{s.withoutWork(src, edits)}, gain...)
	changes = append(changes, s.raise(src.file)...)
	at := edit.Place{File: src.file, Offset: picked[0].start, Line: picked[0].Line}
	s.out.Fix(s.rule("requirements"), "move pins to the instances' requirements", at, changes...)
	return true
}

// isPipeline reports whether a file is one of a pipeline, whose jobs get their environments by a step of its own.
func isPipeline(name string) bool { return strings.HasPrefix(name, ".git") }

// raise are the changes that raise the version of the image that a file is part of, when that is asked for.
func (s *survey) raise(file edit.File) []edit.Change {
	for _, root := range s.in.Roots {
		if root.Key == file.Root && s.in.Options.BumpImage {
			return image.Changes(root, file.Path, s.plugins.Image)
		}
	}
	return nil
}

// lock reports a lock file beside a changed package's metadata.
func (s *survey) lock(src *origin) {
	if src.kind != inManifest {
		return
	}
	for _, root := range s.in.Roots {
		for _, name := range []string{"poetry.lock", "Pipfile.lock", "uv.lock", "pdm.lock"} {
			if p := path.Join(path.Dir(src.file.Path), name); root.Key == src.file.Root && root.Has(p) {
				s.note(step.Raise, edit.File{Root: root.Key, Path: p}, 0, "it was made from "+src.file.String()+", which changed: write it anew with the tool that made it")
			}
		}
	}
}

// idle reports variables that only the pins that left used.
func (s *survey) idle(src *origin, picked []*pin, edits []edit.Edit) {
	for _, root := range s.in.Roots {
		if root.Key != src.file.Root {
			continue
		}
		text, err := root.Read(src.file.Path)
		if err == nil {
			text, err = edit.Apply(text, edits)
		}
		if err != nil {
			return
		}
		for _, p := range picked {
			for _, name := range p.vars {
				word := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
				declared := regexp.MustCompile(`(?m)^\s*(?:ARG|ENV|export)\s+` + regexp.QuoteMeta(name) + `\b`)
				if n := len(word.FindAllIndex(text, -1)); n == 1 || n > 0 && n == len(declared.FindAllIndex(text, -1)) {
					s.note(step.Decide, src.file, 0, "nothing uses the variable "+name+" any more: take it out, and from what sets it for this file")
				}
			}
		}
	}
}

// runsNext reports whether a file that installed the program also runs it.
func (s *survey) runsNext(file edit.File) bool {
	for _, root := range s.in.Roots {
		if root.Key == file.Root {
			return slices.ContainsFunc(root.Occurrences[file.Path], func(o site.Occurrence) bool { return o.Class.Site() })
		}
	}
	return false
}

func (s *survey) rule(name string) string { return s.in.Pack.Program.Name + "/" + name }

// list is a list for a sentence: "a, b and 3 more".
func list(names []string) string {
	if len(names) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:4], ", "), len(names)-4)
	}
	return strings.Join(names, ", ")
}

// unread reports places that install the program and that no reader of this step understood.
func (s *survey) unread() {
	for _, root := range s.in.Roots {
		for _, file := range sortedKeys(root.Occurrences) {
			s.unreadIn(root, file)
		}
	}
}
