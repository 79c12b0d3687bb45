package requirements

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// constrain gives a pin that moves the version which a constraint file holds it to, where it states none itself, or a wider one. What else the
// file holds back is named: it does not travel.
func (s *survey) constrain(root *step.Root, p *pin, files []string) {
	for _, name := range files {
		src, err := root.Read(name)
		if err != nil {
			s.note(step.Decide, p.source.file, p.Line, fmt.Sprintf("%s is held back by %s, which is not there to be read: write what it says to the requirements of the instances", p.Text, name))
			continue
		}
		var others []string
		f := requirement.Parse(src)
		for i, l := range f.Lines {
			switch {
			case !l.Wanted():
			case s.comesAlong(l.Key()):
				s.bound(f, i)
			case !s.moves(l.Key()):
				others = append(others, l.Requirement.String())
			case l.Key() == p.Key() && l.Marker == p.Marker && p.URL == "" && p.Path == "" && weight(l.Requirement) > weight(p.Requirement) && Agree(p.Requirement, l.Requirement):
				p.Specifier = l.Specifier
				p.Text = p.String()
			}
		}
		if len(others) > 0 {
			s.note(step.Decide, edit.File{Root: root.Key, Path: name}, 0, fmt.Sprintf("it also holds back %s, which does not go with the pins: write what counts for %s and its plugins to the requirements of the instances", list(others), s.in.Pack.Program.Name))
		}
	}
}

// comesAlong reports whether a package is one that the program itself needs.
func (s *survey) comesAlong(key string) bool {
	return key == "setuptools" || slices.ContainsFunc(s.plugins.Dependencies, func(d rules.Dependency) bool { return requirement.Normalise(d.Package) == key })
}

// bound has a line of a constraint file go with the pins, as the requirement that it comes to there, with the comments that
// belong to it.
func (s *survey) bound(f *requirement.File, index int) {
	key := f.Lines[index].Key()
	if slices.ContainsFunc(s.have.Lines, func(l requirement.Line) bool { return l.Wanted() && l.Key() == key }) || s.bounds[key] != nil {
		return
	}
	from, to := index, index+1
	for from > 0 && f.Lines[from-1].Kind == requirement.Comment {
		from--
	}
	s.bounds[key] = strings.Split(strings.TrimSuffix(f.Raw(from, to), "\n"), "\n")
}

// besides are the files of a root that a command names, by the last part of their path: in an image they stand elsewhere.
func (h *hosted) besides(names []string) []string {
	var out []string
	for _, name := range names {
		found := name
		for _, file := range h.root.Files {
			if path.Base(file) == path.Base(name) && within(file, path.Dir(h.file.Path)) {
				found = strings.TrimPrefix(file, "./")
				break
			}
		}
		out = append(out, found)
	}
	return out
}
