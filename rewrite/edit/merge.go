package edit

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
)

// Merged is the outcome of Merge. Kept and Dropped together are all fixes, in
// the given order; Changes has one entry per changed file, ordered by file,
// whose edits are as Normal returns them.
type Merged struct {
	Kept    []*Fix
	Dropped []Dropped
	Changes []Change
}

// Merge brings fixes together that were all computed against the same
// contents. The first of two that contradict each other wins, and the second
// is dropped whole, so the order of the fixes matters and nothing else does.
//
// What two fixes have in common counts once: the same edit, the same
// creation, the same deletion, the same mode. Two fixes contradict each other
// if their edits overlap, if they insert different text at one point and not
// both insertions are additive (additive ones stand in the order of their
// fixes), if they create one file with different content or mode, set
// different modes, or if one deletes what the other changes. A file cannot be
// created inside what another fix creates as a file.
//
// size returns how many bytes a file's content has, and false if there is no
// such file; a nil size skips these checks.
func Merge(fixes []*Fix, size func(File) (int, bool)) Merged {
	m := merger{files: map[File]*state{}, dirs: map[File]*Fix{}, size: size}
	var out Merged
	for _, f := range fixes {
		if d := m.add(f); d != nil {
			out.Dropped = append(out.Dropped, *d)
			continue
		}
		out.Kept = append(out.Kept, f)
	}
	for file, s := range m.files {
		out.Changes = append(out.Changes, s.change(file))
	}
	slices.SortFunc(out.Changes, func(a, b Change) int { return a.File.Compare(b.File) })
	return out
}

type merger struct {
	files map[File]*state
	dirs  map[File]*Fix // directories that created files need, by the first fix that needs them
	size  func(File) (int, bool)
}

// state is what the fixes kept so far do to one file.
type state struct {
	owner  *Fix // the first fix that changes the file
	edits  []owned
	create *Creation
	delete bool
	mode   fs.FileMode
	moder  *Fix // the fix that set the mode
}

type owned struct {
	Edit
	fix *Fix
}

func (s *state) change(file File) Change {
	c := Change{File: file, Create: s.create, Delete: s.delete, Mode: s.mode}
	for _, e := range s.edits {
		c.Edits = append(c.Edits, e.Edit)
	}
	return c
}

// add merges one fix or says why it cannot be. Nothing is changed in the
// second case: all changes are checked before the first one is recorded.
func (m *merger) add(f *Fix) *Dropped {
	changes, err := combine(f.Changes)
	if err == nil && len(changes) == 0 {
		err = fmt.Errorf("the fix changes nothing")
	}
	for i := 0; err == nil && i < len(changes); i++ {
		err = m.check(&changes[i])
	}
	if err != nil {
		return &Dropped{Fix: f, Reason: Invalid, Detail: err.Error()}
	}
	for _, c := range changes {
		if other, why := m.conflict(c); other != nil {
			return &Dropped{Fix: f, Reason: Conflict, Other: other, Detail: fmt.Sprintf("%v: %s by %v, which comes first", c.File, why, other)}
		}
	}
	for _, c := range changes {
		m.record(c, f)
	}
	return nil
}

// combine returns one change per file, in the order of their first mention.
func combine(changes []Change) ([]Change, error) {
	var out []Change
	at := map[File]int{}
	for _, c := range changes {
		i, ok := at[c.File]
		if !ok {
			at[c.File] = len(out)
			c.Edits = slices.Clone(c.Edits)
			out = append(out, c)
			continue
		}
		have := &out[i]
		if have.Create != nil || c.Create != nil || have.Delete || c.Delete || have.Mode != 0 && c.Mode != 0 && have.Mode != c.Mode {
			return nil, fmt.Errorf("%v: the fix changes the file in two ways that exclude each other", c.File)
		}
		have.Mode |= c.Mode
		have.Edits = append(have.Edits, c.Edits...)
	}
	return out, nil
}

// check refuses a change that is wrong whatever the other fixes do, and
// brings its edits in order.
func (m *merger) check(c *Change) error {
	if p := c.File.Path; p == "" || p == "." || path.IsAbs(p) || path.Clean(p) != p || p == ".." || strings.HasPrefix(p, "../") || strings.Contains(p, "\x00") {
		return fmt.Errorf("%v: the path %q does not name a file inside its root", c.File, p)
	}
	if c.Create != nil && (c.Delete || len(c.Edits) > 0 || c.Mode != 0) || c.Delete && (len(c.Edits) > 0 || c.Mode != 0) {
		return fmt.Errorf("%v: a change creates, deletes, or edits a file, never two of these", c.File)
	}
	if c.Mode&^fs.ModePerm != 0 || c.Create != nil && c.Create.Mode&^fs.ModePerm != 0 {
		return fmt.Errorf("%v: only permission bits can be set", c.File)
	}
	size := int(^uint(0) >> 1)
	if m.size != nil {
		have, exists := m.size(c.File)
		if exists == (c.Create != nil) {
			if exists {
				return fmt.Errorf("%v: cannot be created, it exists already", c.File)
			}
			return fmt.Errorf("%v: cannot be changed, it does not exist", c.File)
		}
		size = have
	}
	if c.Create != nil {
		return nil
	}
	edits, err := Normal(c.Edits, size)
	if err != nil {
		return fmt.Errorf("%v: %w", c.File, err)
	}
	c.Edits = edits
	if len(edits) == 0 && !c.Delete && c.Mode == 0 {
		return fmt.Errorf("%v: the fix changes nothing in this file", c.File)
	}
	return nil
}

// conflict returns the kept fix that excludes the change, and what it does.
func (m *merger) conflict(c Change) (*Fix, string) {
	if c.Create != nil {
		if other, why := m.nested(c.File); other != nil {
			return other, why
		}
	}
	s := m.files[c.File]
	switch {
	case s == nil:
		return nil, ""
	case s.delete != c.Delete && s.delete:
		return s.owner, "is deleted"
	case s.delete != c.Delete:
		return s.owner, "is changed"
	case (s.create == nil) != (c.Create == nil):
		return s.owner, "is created"
	case s.create != nil && (s.create.Content != c.Create.Content || s.create.Perm() != c.Create.Perm()):
		return s.owner, "is created with another content or mode"
	case s.mode != 0 && c.Mode != 0 && s.mode != c.Mode:
		return s.moder, fmt.Sprintf("mode is set to %o", s.mode)
	}
	for _, e := range c.Edits {
		if other, ok := s.excludes(e); ok {
			return other.fix, clash(e, other.Edit)
		}
	}
	return nil, ""
}

// clash says how two edits exclude each other.
func clash(e, other Edit) string {
	if other.insertion() {
		return fmt.Sprintf("byte %d, where something else is inserted", other.Start)
	}
	return fmt.Sprintf("bytes %d to %d, which are replaced", max(e.Start, other.Start), max(min(e.End, other.End), e.Start))
}

// nested returns the fix that creates a file where the new file's directory
// would have to be, or the other way round.
func (m *merger) nested(f File) (*Fix, string) {
	if other := m.dirs[f]; other != nil {
		return other, "a file inside it is created"
	}
	for _, dir := range parents(f) {
		if s := m.files[dir]; s != nil && s.create != nil {
			return s.owner, fmt.Sprintf("the directory %s is created as a file", dir.Path)
		}
	}
	return nil, ""
}

// parents returns the directories of a file, from the nearest to the one just
// below the root.
func parents(f File) []File {
	var out []File
	for dir := path.Dir(f.Path); dir != "."; dir = path.Dir(dir) {
		out = append(out, File{f.Root, dir})
	}
	return out
}

// excludes returns a kept edit that contradicts e. Kept edits never overlap
// each other, so only the neighbours of e's place need a look.
func (s *state) excludes(e Edit) (owned, bool) {
	if s.has(e) {
		return owned{}, false
	}
	first := sort.Search(len(s.edits), func(i int) bool { return s.edits[i].Start >= e.Start })
	if first > 0 {
		first--
	}
	for _, o := range s.edits[first:] {
		if o.Start > e.End {
			break
		}
		both := e.insertion() && o.insertion() && e.Start == o.Start
		if o.overlaps(e) || both && !(e.Additive && o.Additive) {
			return o, true
		}
	}
	return owned{}, false
}

// has reports whether an identical edit is kept already.
func (s *state) has(e Edit) bool {
	for _, o := range s.edits[s.search(e):] {
		if compare(o.Edit, e) != 0 {
			break
		}
		if o.same(e) {
			return true
		}
	}
	return false
}

// search returns the index of the first kept edit that does not stand before e.
func (s *state) search(e Edit) int {
	return sort.Search(len(s.edits), func(i int) bool { return compare(s.edits[i].Edit, e) >= 0 })
}

// record adds a change that excludes nothing. Fixes that come in the order of
// their places, as a scan gives them, only ever append.
func (m *merger) record(c Change, f *Fix) {
	s := m.files[c.File]
	if s == nil {
		s = &state{owner: f, create: c.Create, delete: c.Delete}
		m.files[c.File] = s
	}
	if c.Create != nil {
		for _, dir := range parents(c.File) {
			if m.dirs[dir] == nil {
				m.dirs[dir] = f
			}
		}
	}
	if c.Mode != 0 && s.mode == 0 {
		s.mode, s.moder = c.Mode, f
	}
	for _, e := range c.Edits {
		if s.has(e) {
			continue
		}
		i := sort.Search(len(s.edits), func(i int) bool { return compare(s.edits[i].Edit, e) > 0 })
		s.edits = slices.Insert(s.edits, i, owned{e, f})
	}
}
