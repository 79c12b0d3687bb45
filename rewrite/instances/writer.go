package instances

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// writer puts the requirements of one instance together.
type writer struct {
	*planner
	i        instance
	defaults *requirement.File
	major    int    // of the program in this instance
	version  string // of the program, where the workspace states it for the instance
	because  string // how it was found, for the report
	same     bool   // the defaults are of this major
	complete bool   // nothing stands against writing the file
	lines    []string
	used     map[int]bool // lines of the defaults that are taken, by index
	named    bool         // a package that may not be in the common index is taken from the defaults
}

// writer begins the requirements of an instance that needs a major version; 0 takes the defaults'.
func (p *planner) writer(i instance, defaults *requirement.File, major int) *writer {
	w := &writer{planner: p, i: i, defaults: defaults, major: major, complete: true, used: map[int]bool{}}
	theirs := -1
	for _, l := range defaults.Lines {
		if l.Wanted() && p.isProgram(l.Key()) {
			theirs = max(theirs, p.majorOf(l.Requirement))
		}
	}
	if major == 0 {
		w.because = ", as the defaults do (its files name no release)"
		w.major = theirs
	}
	w.same = w.major == theirs
	return w
}

func (w *writer) header() {
	w.lines = append(w.lines, fmt.Sprintf("# What the instance's environment holds: %s and its plugins.", w.in.Pack.Program.Name))
}

// text is the file. Options of the defaults stand after the header, when a package needs them.
func (w *writer) text() string {
	lines := w.lines
	if w.named {
		var options []string
		for _, l := range w.defaults.Lines {
			if l.Kind == requirement.Option {
				options = append(options, l.Text)
			}
		}
		lines = slices.Insert(slices.Clone(lines), 1, options...)
	}
	return strings.Join(lines, "\n") + "\n"
}

func (w *writer) line(text string) { w.lines = append(w.lines, text) }

// take copies a line of the defaults with the comments that belong to it.
func (w *writer) take(index int) {
	if w.used[index] {
		return
	}
	w.used[index] = true
	for i := range w.used {
		if i != index && w.defaults.Lines[i].Text == w.defaults.Lines[index].Text {
			return
		}
	}
	from, to := w.defaults.Block(index)
	w.lines = append(w.lines, strings.Split(strings.TrimSuffix(w.defaults.Raw(from, to), "\n"), "\n")...)
}

// others copies the lines that ask for the same package on other machines.
func (w *writer) others(index int) {
	one := w.defaults.Lines[index]
	for i, l := range w.defaults.Lines {
		if one.Marker != "" && l.Wanted() && l.Key() == one.Key() && l.Marker != "" {
			w.take(i)
		}
	}
}

// program writes the lines of the program itself, and what else the defaults hold that is no plugin.
func (w *writer) program() {
	switch {
	case w.same && w.major < 0 && !w.hasProgram():
		w.complete = false
		w.note(step.Decide, w.i.file, 0, fmt.Sprintf("neither the instance's files nor the defaults tell which %s it needs: write the file by hand, %s>=14,<15 for example", w.in.Pack.Program.Name, w.in.Pack.Program.Name))
	case w.version != "" && !w.provides(w.version):
		w.line(w.in.Pack.Program.Name + "==" + w.version)
		w.replaced()
	case !w.same:
		w.line(span(w.in.Pack.Program.Name, w.major))
		w.replaced()
	}
	for i, l := range w.defaults.Lines {
		switch {
		case l.Wanted() && w.isProgram(l.Key()):
			if w.same && (w.version == "" || w.provides(w.version)) {
				w.take(i)
			}
		case l.Kind == requirement.Include || l.Kind == requirement.Constraint:
			w.note(step.Decide, w.i.file, 0, fmt.Sprintf("the defaults have `%s`, whose path holds from there only: add it by hand", l.Text))
		case l.Wanted() && !w.plugins.Holds(l.Key()) && !w.plugins.Holds(requirements.NeededBy(w.defaults, i)):
			w.take(i)
		}
	}
}

// provides reports whether the defaults ask for a version of the program.
func (w *writer) provides(version string) bool {
	return slices.ContainsFunc(w.defaults.Lines, func(l requirement.Line) bool {
		return l.Wanted() && w.isProgram(l.Key()) && l.URL == "" && l.Specifier == "=="+version
	})
}

// replaced reports a program of the defaults that comes from a place of its own and gives way to a release.
func (w *writer) replaced() {
	for _, l := range w.defaults.Lines {
		if l.Wanted() && w.isProgram(l.Key()) && l.URL != "" {
			w.note(step.Decide, w.i.file, 0, fmt.Sprintf("the defaults' `%s` is not known to be %s %d: the newest release of that takes its place, see whether it has what was needed", l.Text, w.in.Pack.Program.Name, w.major))
		}
	}
}

func (w *writer) hasProgram() bool {
	return slices.ContainsFunc(w.defaults.Lines, func(l requirement.Line) bool { return l.Wanted() && w.isProgram(l.Key()) })
}

// span is the newest release line of a major version as a range.
func span(name string, major int) string { return fmt.Sprintf("%s>=%d,<%d", name, major, major+1) }

// provided is the line of a file that provides a plugin, by the pack's knowledge or by the way packages are called.
func (p *planner) provided(f *requirement.File, plugin string) (int, bool) {
	names := p.packages(plugin)
	for i, l := range f.Lines {
		if l.Wanted() && slices.Contains(names, l.Key()) {
			return i, true
		}
	}
	return 0, false
}

// packages are the normalised names that the package of a plugin may have.
func (p *planner) packages(plugin string) []string {
	if known, ok := p.plugins.Named(plugin); ok {
		return []string{requirement.Normalise(known.Package)}
	}
	n := requirement.Normalise(plugin)
	var out []string
	for _, prefix := range p.plugins.Prefixes {
		out = append(out, prefix+n, prefix+"contrib-"+n, prefix+"contrib-"+n+"-plugin", prefix+n+"-plugin")
	}
	return out
}

// plugin writes the requirement of one enabled plugin.
func (w *writer) plugin(name string) {
	known, isKnown := w.plugins.Named(name)
	index, there := w.provided(w.defaults, name)
	if there && w.fits(w.defaults.Lines[index], known, isKnown) {
		w.named = w.named || !isKnown && w.defaults.Lines[index].URL == ""
		w.take(index)
		w.others(index)
		for i, l := range w.defaults.Lines {
			if l.Wanted() && !w.plugins.Holds(l.Key()) && requirements.NeededBy(w.defaults, i) == w.defaults.Lines[index].Key() {
				w.take(i)
			}
		}
		return
	}
	instead := ""
	if there && isKnown && w.defaults.Lines[index].URL != "" {
		instead = fmt.Sprintf(" (in place of the defaults' `%s`, which is not made for %s %d)", w.defaults.Lines[index].Text, w.in.Pack.Program.Name, w.major)
	}
	switch {
	case isKnown:
		w.known(known, instead)
	case w.single(name):
	case there:
		w.note(step.Decide, w.i.file, 0, fmt.Sprintf("PLUGINS enables %s, and the defaults' `%s` is not known to fit %s %d: add the release that does", name, w.defaults.Lines[index].Text, w.in.Pack.Program.Name, w.major))
	default:
		w.note(step.Decide, w.i.file, 0, fmt.Sprintf("PLUGINS enables %s, whose package is not known: add its requirement, or the environment cannot be built", name))
	}
}

// always are the plugins that the defaults hold and every instance needs, without those that are enabled.
func (w *writer) always(enabled []string) []string {
	var out []string
	for _, p := range w.plugins.Plugins {
		if _, there := w.provided(w.defaults, p.Name); there && p.Always && !slices.Contains(enabled, p.Name) {
			out = append(out, p.Name)
		}
	}
	return out
}

// fitting is a known plugin's requirement for the instance's major version.
func (w *writer) fitting(known rules.Plugin) string {
	switch {
	case known.URL != "" && known.Tag != "" && w.major > 0:
		return known.URL + "@" + strings.ReplaceAll(known.Tag, "{major}", fmt.Sprint(w.major)) + "#egg=" + known.Package
	case known.URL != "":
		return known.URL + "#egg=" + known.Package
	case known.Unaligned || w.major < 0:
		return known.Package
	}
	return span(known.Package, w.major)
}

// fits reports whether the defaults' line for a plugin can be taken. Of a package that is not known, the defaults are
// trusted to hold one that works with the program that they hold.
func (w *writer) fits(l requirement.Line, known rules.Plugin, isKnown bool) bool {
	n := w.majorOf(l.Requirement)
	switch {
	case isKnown && known.Unaligned, isKnown && w.major > 0 && n == w.major:
		return true
	case isKnown && n < 0 && known.URL != "" && l.URL != "":
		// No index has another one, and nobody knows which of its tags would be right.
		if !w.same {
			w.note(step.Decide, w.i.file, 0, fmt.Sprintf("`%s` stands in the defaults beside another %s: see whether it is made for %d", l.Text, w.in.Pack.Program.Name, w.major))
		}
		return true
	case !w.same:
		return false
	case isKnown:
		return n == w.major || n < 0
	}
	if n >= w.releases[0].major && n != w.major {
		w.note(step.Decide, w.i.file, 0, fmt.Sprintf("`%s` stands in the defaults beside %s %d: see whether it is made for that", l.Text, w.in.Pack.Program.Name, w.major))
	}
	return true
}

// known writes the requirement of a plugin that only the pack knows, or that the defaults have for another major.
func (w *writer) known(known rules.Plugin, instead string) {
	text := w.fitting(known)
	switch {
	case known.URL != "" && known.Tag != "":
		// A tag that nobody has seen is no pin: the line says what is missing, and stays a comment until a person knows.
		w.note(step.Decide, w.i.file, 0, fmt.Sprintf("the plugin %s needs a requirement%s: write the tag or the branch of %s that is made for %s %d in place of the comment", known.Name, instead, known.Package, w.in.Pack.Program.Name, w.major))
		w.line(fmt.Sprintf("# %s@…#egg=%s: the tag for %s %d is not known here", known.URL, known.Package, w.in.Pack.Program.Name, w.major))
		return
	case known.Unaligned:
		w.note(step.Decide, w.i.file, 0, fmt.Sprintf("%s: its versions do not follow those of %s, so pin the one that fits", text, w.in.Pack.Program.Name))
	case instead != "":
		w.note(step.Decide, w.i.file, 0, fmt.Sprintf("%s%s: see whether it has what was needed", text, instead))
	}
	w.line(text)
}

// single reports whether a plugin is a single file, which needs no package.
func (w *writer) single(name string) bool {
	return step.PluginFile(w.i.root, w.files, name)
}

// unused lists the defaults that the instance does not enable, as comments.
func (w *writer) unused() {
	if !w.in.Options.Unused || !w.same {
		return
	}
	var out []string
	for i, l := range w.defaults.Lines {
		if l.Wanted() && w.plugins.Holds(l.Key()) && !w.used[i] {
			out = append(out, "# "+l.Text)
		}
	}
	if len(out) > 0 {
		w.lines = append(append(w.lines, "# Not enabled in config.yml:"), out...)
	}
}

// compare reports what stands against the requirements that an instance has.
func (p *planner) compare(i instance, c config, f *requirement.File) {
	want, ok := p.major(i, c, nil)
	if !ok {
		want = 0
	}
	p.sound(i.file, f)
	have := 0
	for _, l := range f.Lines {
		if l.Wanted() && p.isProgram(l.Key()) {
			have = max(have, p.majorOf(l.Requirement))
		}
	}
	if have == 0 && !slices.ContainsFunc(f.Lines, func(l requirement.Line) bool {
		return l.Wanted() && p.isProgram(l.Key()) || l.Kind == requirement.Include
	}) {
		p.note(step.Decide, i.file, 0, fmt.Sprintf("it does not ask for %s itself: add %s", p.in.Pack.Program.Name, span(p.in.Pack.Program.Name, max(want, 14))))
	}
	if want > 0 && have > 0 && want != have {
		p.note(step.Decide, i.file, 0, fmt.Sprintf("it asks for %s %d, and the instance's release needs %d: the file holds; change one of them", p.in.Pack.Program.Name, have, want))
	}
	p.comparePlugins(i, c, f, have)
}

// sound reports the lines of requirements that no installer takes: those of another format, and those that exclude each
// other.
func (p *planner) sound(file edit.File, f *requirement.File) {
	first := map[string]requirement.Line{}
	for _, l := range f.Lines {
		if l.Kind == requirement.Foreign {
			p.note(step.Decide, file, l.Number, l.Problem)
		}
		if !l.Wanted() || l.Key() == "" || l.Marker != "" {
			continue
		}
		switch before, again := first[l.Key()]; {
		case !again:
			first[l.Key()] = l
		case !requirements.Agree(before.Requirement, l.Requirement):
			p.note(step.Decide, file, l.Number, fmt.Sprintf("`%s` and `%s` in line %d exclude each other, and nothing can be installed: keep one of them", l.Text, before.Text, before.Number))
		}
	}
}

func (p *planner) comparePlugins(i instance, c config, f *requirement.File, major int) {
	included := slices.ContainsFunc(f.Lines, func(l requirement.Line) bool { return l.Kind == requirement.Include })
	for _, name := range c.plugins {
		index, ok := p.provided(f, name)
		known, isKnown := p.plugins.Named(name)
		w := &writer{planner: p, i: i, major: max(major, -1)}
		switch {
		case !ok && !included && !w.single(name) && isKnown:
			p.note(step.Decide, i.file, 0, fmt.Sprintf("PLUGINS enables %s, and no line provides it: add %s", name, w.fitting(known)))
		case !ok && !included && !w.single(name):
			p.note(step.Decide, i.file, 0, fmt.Sprintf("PLUGINS enables %s, whose package is not known: see whether a line provides it, or add one", name))
		case ok && !known.Unaligned:
			l := f.Lines[index]
			if n := p.majorOf(l.Requirement); n > 0 && major > 0 && n != major {
				p.note(step.Decide, i.file, l.Number, fmt.Sprintf("`%s` is made for %s %d, and the file asks for %d", l.Text, p.in.Pack.Program.Name, n, major))
			}
		}
	}
}

// place is where a byte of a file stands.
func place(file edit.File, src []byte, offset int) edit.Place {
	start := strings.LastIndexByte(string(src[:offset]), '\n') + 1
	return edit.Place{File: file, Offset: offset, Line: 1 + strings.Count(string(src[:offset]), "\n"), Column: offset - start + 1}
}
