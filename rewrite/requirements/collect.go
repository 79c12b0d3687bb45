package requirements

import (
	"bytes"
	"path"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements/manifest"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// included are the files of a root that its requirement files or its commands name with -r, whatever they are called.
func (s *survey) included(root *step.Root) map[string]bool {
	out := map[string]bool{}
	bases := map[string][]string{} // files by the last part of their path
	var todo []string
	for _, file := range root.Files {
		switch {
		case inEnvironment(file, s.in.Pack.Instance.Env) || s.ofInstances(root, file):
		case isRequirementFile(file):
			todo = append(todo, file)
		case path.Ext(file) == ".txt" || path.Ext(file) == ".in":
			bases[path.Base(file)] = append(bases[path.Base(file)], file)
		}
	}
	for _, file := range s.installedFiles(root, bases) {
		out[file] = true
		todo = append(todo, file)
	}
	for ; len(todo) > 0; todo = todo[1:] {
		src, err := root.Read(todo[0])
		if err != nil {
			continue
		}
		for _, l := range requirement.Parse(src).Lines {
			if file := path.Join(path.Dir(todo[0]), l.Value); l.Kind == requirement.Include && !out[file] && root.Has(file) {
				out[file] = true
				todo = append(todo, file)
			}
		}
	}
	return out
}

// installs is an installer with the words behind it, in lines that go on too; listed is its option that names a
// requirement file, which may be there more than once.
var (
	installs = lazyregexp.New(`\bpip3?\b(?:[^\\\n]|\\\r?\n|\\.)*`)
	listed   = lazyregexp.New(`(?:\s-r|\s--requirement)[ =]?["']?([\w./${}-]+)`)
)

// installedFiles are the files, of those given by the last part of their path, that a command beside them or above
// installs. In an image they stand elsewhere, so only that part counts.
func (s *survey) installedFiles(root *step.Root, bases map[string][]string) []string {
	if len(bases) == 0 {
		return nil
	}
	var out []string
	for _, file := range root.Files {
		if isDocument(file) || inEnvironment(file, s.in.Pack.Instance.Env) {
			continue
		}
		src, err := root.Read(file)
		if err != nil || !bytes.Contains(src, []byte("pip")) {
			continue
		}
		for _, m := range listed.FindAllSubmatch(bytes.Join(installs.Compiled().FindAll(src, -1), []byte("\n")), -1) {
			for _, named := range bases[path.Base(string(m[1]))] {
				if within(named, path.Dir(file)) && !slices.Contains(out, named) {
					out = append(out, named)
				}
			}
		}
	}
	return out
}

// collect reads a file of a root, when it is of a kind that can hold pins. Required says that a requirement file includes
// it.
func (s *survey) collect(root *step.Root, file string, required bool) {
	if inEnvironment(file, s.in.Pack.Instance.Env) {
		return
	}
	isRequirements := required || isRequirementFile(file)
	if isRequirements && s.ofInstances(root, file) {
		return
	}
	src, err := root.Read(file)
	if err != nil || bytes.IndexByte(src[:min(len(src), 8000)], 0) >= 0 || !s.mentions(src) {
		return
	}
	switch {
	case isRequirements:
		s.collectRequirements(root, file, src)
	case manifest.Reads(file):
		s.collectManifest(root, file, src)
	default:
		s.collectCommands(root, file, src)
	}
}

// mentions reports whether a file's bytes can hold a pin at all.
func (s *survey) mentions(src []byte) bool {
	return bytes.Contains(bytes.ToLower(src), []byte(s.in.Pack.Program.Name))
}

func inEnvironment(file, env string) bool {
	return slices.ContainsFunc(strings.Split(file, "/"), func(part string) bool {
		return part == env || strings.HasPrefix(part, env+".") || part == "node_modules" || part == "site-packages"
	})
}

// ofInstances reports whether a requirement file is what the migration moves pins to.
func (s *survey) ofInstances(root *step.Root, file string) bool {
	return strings.HasPrefix(file, s.in.Pack.Instance.Dir+"/") ||
		path.Dir(file) == DefaultsDir && path.Base(file) == root.Config.RequirementsFile()
}

var requirementName = lazyregexp.New(`(?i)^([\w.-]*[-_.])?(requirements|reqs)([-_.][\w.-]*)?\.(txt|in|pip)$`)

func isRequirementFile(file string) bool {
	base := path.Base(file)
	if requirementName.MatchString(base) {
		return true
	}
	ext := path.Ext(base)
	return path.Base(path.Dir(file)) == "requirements" && (ext == ".txt" || ext == ".in") && !strings.Contains(base, "constraint")
}

// collectRequirements reads a requirement file.
func (s *survey) collectRequirements(root *step.Root, file string, src []byte) {
	f := requirement.Parse(src)
	out := &origin{file: edit.File{Root: root.Key, Path: file}, kind: inRequirements}
	var indexes, constraints []string
	for i, l := range f.Lines {
		switch {
		case l.Kind == requirement.Constraint:
			constraints = append(constraints, path.Join(path.Dir(file), l.Value))
		case l.Kind == requirement.Option:
			indexes = append(indexes, strings.TrimSpace(l.Flag+" "+l.Value))
		case l.Kind == requirement.Foreign:
			s.note(step.Decide, out.file, l.Number, l.Problem)
		case l.Kind == requirement.Local && s.movesPath(l.Path):
			s.note(step.Decide, out.file, l.Number, "`"+l.Text+"` is a path, which holds from here only: publish the plugin, or write its git URL to the requirements of the instances")
		case l.Wanted() && (s.moves(l.Key()) || s.comesAlong(l.Key()) && s.isFor(f, i) || s.plugins.Holds(NeededBy(f, i))):
			p := &pin{Requirement: l.Requirement, Text: l.Requirement.String(), Note: l.Note, Line: l.Number, start: l.Start, end: l.End, index: i, source: out}
			from, to := f.Block(i)
			for _, c := range f.Lines[from:i] {
				p.Above = append(p.Above, c.Note)
			}
			if i+1 < len(f.Lines) && f.Lines[i+1].Wanted() && title.MatchString(strings.Join(p.Above, " ")) {
				p.Above = nil
			}
			p.end = f.Lines[to-1].End
			out.pins = append(out.pins, p)
		}
	}
	for _, p := range out.pins {
		p.Indexes = s.indexes(p, indexes)
		s.constrain(root, p, constraints)
	}
	out.cut = func(picked []*pin) (edits []edit.Edit, _ map[*pin]string) {
		for _, span := range f.Cut(append(indexesOf(picked), s.idleOptions(out, f, picked)...)) {
			edits = append(edits, edit.Edit{Start: span.Start, End: span.End})
		}
		return edits, nil
	}
	s.add(out, src)
}

// needed is what a comment says that a requirement is there for.
var needed = lazyregexp.New(`(?i)\b(?:for|by)\s+(?:the\s+)?(?:plugin\s+)?([a-z][\w.-]*\w)`)

// NeededBy is the package, by its normalised name, that the comment of a requirement says it is there for; empty when it says so of none.
func NeededBy(f *requirement.File, index int) string {
	from, _ := f.Block(index)
	for _, l := range f.Lines[from : index+1] {
		if m := needed.FindStringSubmatch(l.Note); m != nil {
			return requirement.Normalise(m[1])
		}
	}
	return ""
}

// isFor reports whether the comment of a requirement says that it is there for the program.
func (s *survey) isFor(f *requirement.File, index int) bool {
	from, _ := f.Block(index)
	comment := f.Lines[index].Note
	for _, c := range f.Lines[from:index] {
		comment += " " + c.Note
	}
	return s.mentioned(comment, s.in.Pack.Program.Packages, nil)
}

// title is a comment that is about all lines below it, not the first one.
var title = lazyregexp.New(`(?i)\b(?:plugins|requirements|packages)\b|:$`)

func indexesOf(pins []*pin) []int {
	var out []int
	for _, p := range pins {
		out = append(out, p.index)
	}
	return out
}

// collectManifest reads a package's metadata.
func (s *survey) collectManifest(root *step.Root, file string, src []byte) {
	deps := manifest.Read(file, src)
	out := &origin{file: edit.File{Root: root.Key, Path: file}, kind: inManifest}
	for i, d := range deps {
		if !s.moves(d.Key()) {
			continue
		}
		out.pins = append(out.pins, &pin{Requirement: d.Requirement, Text: d.Requirement.String(), Note: d.Note, Line: d.Line, start: d.Start, end: d.End, index: i, source: out})
	}
	out.cut = func(picked []*pin) ([]edit.Edit, map[*pin]string) {
		return manifest.Cut(src, deps, indexesOf(picked)), nil
	}
	s.add(out, src)
}

// add keeps a source that holds pins. One with a secret in its text does not move: the other file may be public.
func (s *survey) add(src *origin, text []byte) {
	s.setApart(src, text)
	for _, p := range src.pins {
		if strings.HasPrefix(p.URL, "file:") && p.kept == "" {
			p.kept, p.silent = "it is a path", true
			s.note(step.Decide, src.file, p.Line, "`"+p.Text+"` is a path of this machine: write its git URL to the requirements of the instances")
		}
		for _, text := range append([]string{p.Text}, p.Indexes...) {
			if secret(text) {
				p.kept = "its URL holds a password"
				p.silent = true
				s.note(step.Decide, src.file, p.Line, "the URL of "+p.Key()+" holds a password, which must not be copied: write ${NAME} in its place and move the line by hand")
				break
			}
		}
	}
	if len(src.pins) > 0 {
		s.sources = append(s.sources, src)
	}
}

var userInfo = lazyregexp.New(`://([^/\s@]+)@`)

// secret reports whether a URL in the text has credentials that are no variables.
func secret(text string) bool {
	for _, m := range userInfo.FindAllStringSubmatch(text, -1) {
		_, password, ok := strings.Cut(m[1], ":")
		if !ok {
			password = m[1]
		}
		if password != "git" && !strings.Contains(password, "$") {
			return true
		}
	}
	return false
}

// movesPath reports whether a path leads to the program or to a plugin, by the name of its last part.
func (s *survey) movesPath(file string) bool {
	base := path.Base(path.Clean(file))
	for _, end := range []string{".whl", ".zip", ".tar.gz"} {
		base = strings.TrimSuffix(base, end)
	}
	base, _, _ = strings.Cut(base, "-0")
	return s.moves(requirement.Normalise(base))
}

// indexes are the options that a pin's package needs to be found: none for a URL.
func (s *survey) indexes(p *pin, options []string) []string {
	if p.URL != "" || p.Path != "" {
		return nil
	}
	return options
}

// unreadIn reports the occurrences of a file that install the program and that no pin covers.
func (s *survey) unreadIn(root *step.Root, file string) {
	if root.Role == "other" || s.ofInstances(root, file) || inEnvironment(file, s.in.Pack.Instance.Env) || isDocument(file) {
		return
	}
	var known []*pin
	for _, src := range s.sources {
		if src.file == (edit.File{Root: root.Key, Path: file}) {
			known = src.pins
		}
	}
	var bytesOf []byte
	for _, o := range root.Occurrences[file] {
		if o.Class != site.Install && (o.Class != site.Requirement || !listsPackages(file)) {
			continue
		}
		if slices.ContainsFunc(known, func(p *pin) bool { return p.start <= o.Start && o.End <= p.end }) {
			continue
		}
		if bytesOf == nil {
			bytesOf, _ = root.Read(file)
		}
		if o.End > len(bytesOf) {
			continue
		}
		line := 1 + bytes.Count(bytesOf[:o.Start], []byte("\n"))
		if harmless.Match(bytesOf[bytes.LastIndexByte(bytesOf[:o.Start], '\n')+1 : o.Start]) {
			continue
		}
		s.note(step.Decide, edit.File{Root: root.Key, Path: file}, line, "it installs "+s.in.Pack.Program.Name+" for everybody in a way that is not followed: take it out by hand, or keep it if it has nothing to do with instances")
	}
}

// harmless is the beginning of a command of an installer that installs nothing.
var harmless = lazyregexp.New(`\bpip(3(\.\d+)?)?\s+(-\S+\s+)*(uninstall|download|show|freeze|wheel|index|list|check)\b`)

// listsPackages reports whether a file's requirements are ones that an installer reads, in a format that is not read
// here: those of Conda and of other package managers in YAML.
func listsPackages(file string) bool {
	return host.Detect(file, nil) == host.YAML || manifest.Reads(file)
}

func isDocument(file string) bool {
	switch host.Detect(file, nil) {
	case host.Markdown, host.RST, host.Text, host.HTML:
		return true
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
