package requirements

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements/manifest"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// orphan is a package that code imports, that came along with the program, and that nothing declares.
type orphan struct {
	rules.Dependency
	file edit.File // that imports it
	line int       // 1-based
}

// ownDependencies declares what the code of a root that installed the program got through it alone.
func (s *survey) ownDependencies() {
	for _, root := range s.in.Roots {
		if root.Role != "grove" || !slices.ContainsFunc(s.sources, func(src *origin) bool { return src.file.Root == root.Key }) {
			continue
		}
		found := map[string][]orphan{}
		t := newTree(root)
		for _, file := range root.Files {
			if path.Ext(file) != ".py" || inEnvironment(file, s.in.Pack.Instance.Env) {
				continue
			}
			lacks := s.orphans(t, file)
			if len(lacks) == 0 || s.loaded(root, file) {
				continue
			}
			for _, o := range lacks {
				home := t.nearest(file)
				if !slices.ContainsFunc(found[home], func(known orphan) bool { return known.Package == o.Package }) {
					found[home] = append(found[home], o)
				}
			}
		}
		for _, home := range sortedKeys(found) {
			s.declare(root, home, found[home])
		}
	}
}

var imported = lazyregexp.New(`(?m)^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)`)

// orphans are the packages that a file imports and that no file in its directory or above declares.
func (s *survey) orphans(t *tree, file string) []orphan {
	src, err := t.root.Read(file)
	if err != nil {
		return nil
	}
	var out []orphan
	for _, m := range imported.FindAllSubmatchIndex(src, -1) {
		module := string(src[m[2]:m[3]])
		i := slices.IndexFunc(s.plugins.Dependencies, func(d rules.Dependency) bool { return slices.Contains(d.Modules, module) })
		if i < 0 || t.local(file, module) {
			continue
		}
		d := s.plugins.Dependencies[i]
		if !t.declared(file, requirement.Normalise(d.Package)) {
			out = append(out, orphan{d, edit.File{Root: t.root.Key, Path: file}, 1 + bytes.Count(src[:m[2]], []byte("\n"))})
		}
	}
	return out
}

// tree is a root, looked at by directory.
type tree struct {
	root     *step.Root
	has      map[string]bool
	declares map[string]map[string]bool // by directory: the packages that its files declare, by normalised name
}

func newTree(root *step.Root) *tree {
	t := &tree{root, map[string]bool{}, map[string]map[string]bool{}}
	for _, f := range root.Files {
		t.has[f] = true
		if !isRequirementFile(f) && !manifest.Reads(f) {
			continue
		}
		src, err := root.Read(f)
		if err != nil {
			continue
		}
		dir := path.Dir(f)
		if t.declares[dir] == nil {
			t.declares[dir] = map[string]bool{}
		}
		for key := range declared(f, src) {
			t.declares[dir][key] = true
		}
	}
	return t
}

// declared are the packages that one file declares, by normalised name.
func declared(file string, src []byte) map[string]bool {
	if manifest.Reads(file) {
		return manifest.Keys(manifest.Read(file, src))
	}
	out := map[string]bool{}
	for _, l := range requirement.Parse(src).Lines {
		if l.Wanted() {
			out[l.Key()] = true
		}
	}
	return out
}

// up gives a file's directory and those above it to a function, until it answers true.
func up(file string, found func(dir string) bool) bool {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if found(dir) {
			return true
		}
		if dir == "." || dir == "/" {
			return false
		}
	}
}

// local reports whether a module is one of the root's own files beside the one that imports it, or above.
func (t *tree) local(file, module string) bool {
	return up(file, func(dir string) bool {
		return t.has[path.Join(dir, module+".py")] || t.has[path.Join(dir, module, "__init__.py")]
	})
}

// declared reports whether a package is declared in a file's directory or above.
func (t *tree) declared(file, key string) bool {
	return up(file, func(dir string) bool { return t.declares[dir][key] })
}

// nearest is the requirements.txt in a file's directory or the next one above that has one, or nothing.
func (t *tree) nearest(file string) (found string) {
	up(file, func(dir string) bool {
		if p := path.Join(dir, "requirements.txt"); t.has[p] {
			found = p
		}
		return found != ""
	})
	return found
}

// declare adds what a directory's code imports to its requirements, or reports it when there are none.
func (s *survey) declare(root *step.Root, home string, found []orphan) {
	slices.SortFunc(found, func(a, b orphan) int {
		return strings.Compare(strings.ToLower(a.Package), strings.ToLower(b.Package))
	})
	file := edit.File{Root: root.Key, Path: home}
	var lines []string
	for _, o := range found {
		why := fmt.Sprintf("%v:%d imports it, and so far it came along with %s", o.file, o.line, s.in.Pack.Program.Name)
		if home == "" {
			s.note(step.Decide, o.file, o.line, fmt.Sprintf("it imports %s, which so far came along with %s and is declared nowhere: declare %s where this file's requirements stand", o.Package, s.in.Pack.Program.Name, o.Requirement))
			continue
		}
		s.note(step.Did, file, 0, o.Requirement+" is declared: "+why)
		lines = append(lines, o.Requirement)
	}
	if len(lines) == 0 {
		return
	}
	src, err := root.Read(home)
	if err != nil {
		return
	}
	f := requirement.Parse(src)
	for _, l := range f.Lines {
		if l.Kind == requirement.Comment && s.mentions([]byte(l.Note)) {
			s.note(step.Decide, file, l.Number, "the comment `"+l.Note+"` may no longer be true: reword it")
		}
	}
	changes := append([]edit.Change{{File: file, Edits: []edit.Edit{Append(f, lines...)}}}, s.raise(file)...)
	s.out.Fix(s.rule("own-dependency"), "declare what came along with "+s.in.Pack.Program.Name, edit.Place{File: file}, changes...)
}
