package requirements

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
)

// mentioned reports whether a comment is about packages that leave and about none that stays.
func (s *survey) mentioned(comment string, gone, stays []string) bool {
	named := func(key string) bool {
		for _, name := range []string{key, s.shortName(key)} {
			if name != "" && regexp.MustCompile(`(?i)(?:^|[^\w-])`+regexp.QuoteMeta(name)+`(?:[^\w-]|$)`).MatchString(comment) {
				return true
			}
		}
		return false
	}
	about := false
	for _, key := range gone {
		about = about || named(key)
	}
	return about && !slices.ContainsFunc(stays, named)
}

func keysOf(pins []*pin) []string {
	var out []string
	for _, p := range pins {
		out = append(out, p.Key())
	}
	return out
}

// shortName is what people call a plugin: the last words of its package's name.
func (s *survey) shortName(key string) string {
	for _, prefix := range []string{"-contrib-", "-plugin-", "-"} {
		if name, ok := strings.CutPrefix(key, s.in.Pack.Program.Name+prefix); ok {
			return name
		}
	}
	return ""
}

// idleOptions are the lines, by index, of a requirement file that say where packages come from, and of which the comment says
// that they are there for what leaves, or that nothing is left to be found by. What cannot be told is for a person.
func (s *survey) idleOptions(src *origin, f *requirement.File, gone []*pin) []int {
	leaves := map[int]bool{}
	for _, p := range gone {
		leaves[p.index] = true
	}
	var stays []string
	open := false // something is found by its name still
	for i, l := range f.Lines {
		if l.Wanted() && !leaves[i] {
			stays = append(stays, l.Key())
		}
		open = open || !leaves[i] && (l.Kind == requirement.Named || l.Kind == requirement.Include)
	}
	var out []int
	for i, l := range f.Lines {
		if l.Kind == requirement.Constraint && !open && len(stays) == 0 {
			out = append(out, i)
		}
		if l.Kind != requirement.Option || l.Flag != "--extra-index-url" && l.Flag != "-f" && l.Flag != "--find-links" {
			continue
		}
		comment := l.Note
		from, _ := f.Block(i)
		for _, c := range f.Lines[from:i] {
			comment += " " + c.Note
		}
		heading, names := headingOf(f, i, leaves), keysOf(gone)
		for _, c := range heading {
			comment += " " + f.Lines[c].Note
			names = append(names, s.in.Pack.Program.Name)
		}
		switch {
		case s.mentioned(comment, names, stays) || !open && comment == "":
			out = append(append(out, i), heading...)
		case open && len(gone) > 0 && len(gone[0].Indexes) > 0 && !s.mentioned(comment, stays, nil):
			s.note(step.Decide, src.file, l.Number, "`"+l.Flag+" "+l.Value+"` stays: take it out if nothing that is left comes from there")
		}
	}
	return out
}

// headingOf are the comments, by index, of the paragraph that an option stands in, where all that the paragraph asks for leaves.
func headingOf(f *requirement.File, index int, leaves map[int]bool) []int {
	from, to := index, index
	for from > 0 && f.Lines[from-1].Kind != requirement.Blank {
		from--
	}
	for to < len(f.Lines) && f.Lines[to].Kind != requirement.Blank {
		to++
	}
	var out []int
	for i, l := range f.Lines[from:to] {
		if l.Kind == requirement.Include || l.Wanted() && !leaves[from+i] {
			return nil
		}
		if l.Kind == requirement.Comment {
			out = append(out, from+i)
		}
	}
	return out
}

// idleLine is a line of a shell script that does no work.
var idleLine = lazyregexp.New(`^(?:#.*|set\s.*|echo\b.*|printf\b.*|true|:|exit(?: 0)?|)$`)

// withoutWork is the change of a file by edits: a script that then installs nothing and does nothing else is deleted, unless
// something names it, which a person has to change first.
func (s *survey) withoutWork(src *origin, edits []edit.Edit) edit.Change {
	change := edit.Change{File: src.file, Edits: edits}
	root := s.rootOf(src.file)
	text, err := root.Read(src.file.Path)
	if err == nil && src.kind == inRequirements {
		s.emptied(src, edits, text)
		return change
	}
	if err != nil || src.kind != inScript || host.Detect(src.file.Path, text) != host.Shell {
		return change
	}
	text, err = edit.Apply(text, edits)
	if err != nil || slices.ContainsFunc(strings.Split(string(text), "\n"), func(line string) bool { return !idleLine.MatchString(strings.TrimSpace(line)) }) {
		return change
	}
	if by := s.naming(src.file); len(by) > 0 {
		s.note(step.Decide, src.file, 1, "it installs nothing any more: take it out, and from what names it: "+list(by))
		return change
	}
	s.note(step.Did, src.file, 1, "it did nothing but install, and is deleted")
	return edit.Change{File: src.file, Delete: true}
}

// emptied notes a requirement file that asks for nothing any more.
func (s *survey) emptied(src *origin, edits []edit.Edit, text []byte) {
	text, err := edit.Apply(text, edits)
	if err != nil || slices.ContainsFunc(requirement.Parse(text).Lines, func(l requirement.Line) bool {
		return l.Wanted() || l.Kind == requirement.Include || l.Kind == requirement.Foreign
	}) {
		return
	}
	s.empty = append(s.empty, src.file)
}

// noteEmpty tells of the files that were emptied, but for those that get what their code imports.
func (s *survey) noteEmpty() {
	for _, file := range s.empty {
		if !slices.ContainsFunc(s.out.Fixes, func(f *edit.Fix) bool { return f.Rule == s.rule("own-dependency") && f.Site.File == file }) {
			s.note(step.Decide, file, 1, "it asks for nothing any more: take it out, and the command that installs it")
		}
	}
}

func (s *survey) rootOf(file edit.File) *step.Root {
	return s.in.Roots[slices.IndexFunc(s.in.Roots, func(r *step.Root) bool { return r.Key == file.Root })]
}

// naming are the files that hold the name of another one.
func (s *survey) naming(file edit.File) []string {
	var out []string
	for _, root := range s.in.Roots {
		for _, name := range root.Files {
			other := edit.File{Root: root.Key, Path: name}
			if text, err := root.Read(name); err == nil && other != file && bytes.Contains(text, []byte(path.Base(file.Path))) {
				out = append(out, other.String())
			}
		}
	}
	return out
}
