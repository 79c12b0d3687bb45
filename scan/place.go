package scan

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// instanceOf is the instance that a file belongs to, and how many directories below the instance's own the file lies: a
// script or hook below instances/<name>/ is that instance's.
func (s *scanner) instanceOf(file string) (name string, below int) {
	parts := strings.Split(file, "/")
	if len(parts) < 3 || parts[0] != s.pack.Instance.Dir || parts[1] == s.pack.Instance.Env {
		return "", 0
	}
	return parts[1], len(parts) - 3
}

// moves is a command that leaves the directory in which a script was started, so that $0 may lead nowhere.
var moves = lazyregexp.New(`(?m)(^|[;&|(\s])(cd|pushd)\s`)

// placeRoot is the directory of the instance that a script belongs to, as the script can write it from where it lies: right
// for every copy of it. Empty when it cannot.
func (s *scanner) placeRoot(file string, src []byte) string {
	name, below := s.instanceOf(file)
	if name == "" || moves.Match(src) {
		return ""
	}
	return `$(dirname "$0")` + strings.Repeat("/..", below)
}

// placeRoots are the root directories that the place of a file gives to the commands in it.
func (s *scanner) placeRoots(t *text) []string {
	if root := s.placeRoot(t.path, t.src); root != "" {
		return []string{root}
	}
	return nil
}

// placeName finds the instance of a site by the place of its file. What stands in the example of a template is copied for
// others, so that its name says nothing there.
func (s *scanner) placeName(f *File, slot *site.Slot) (expr string, root bool) {
	name, _ := s.instanceOf(f.Path)
	if name == "" || slot.Place != "" || !plainPath.MatchString(name) {
		return "", false
	}
	if g := slot.Script; slot.Language == "shell" && slot.Form == site.ShellWord && (g == nil || g.Host == "" && g.Render == nil) && ownScript(f.Path) {
		if root := s.placeRoot(f.Path, f.Src); root != "" {
			return root, true
		}
	}
	switch {
	case s.root.Role == RoleTemplate:
		return "", false
	case slot.Language == "shell":
		return name, false
	case slot.Language == "ruby":
		return "'" + name + "'", false
	}
	return `"` + name + `"`, false
}

// ownScript reports whether a file is a script that runs by itself, by its name.
func ownScript(file string) bool {
	switch path.Ext(file) {
	case "", ".sh", ".bash", ".ksh":
		return true
	}
	return false
}

// besides is the root directory that the other calls of a script give the instance which a call has in scope, where all of
// them write the same from where the script was started: the program is taken from there too.
func (s *scanner) besides(f *File, slot *site.Slot) string {
	g := slot.Script
	if slot.Language != "shell" || slot.Place != "" || g != nil && (g.Host != "" || g.Render != nil) || moves.Match(f.Src) {
		return ""
	}
	below := s.pack.Instance.Dir + "/" + slot.Names[0].Expr
	found := ""
	for _, occ := range f.Occurrences {
		if occ.Slot == nil || occ.Slot.Root == nil || occ.InstanceFrom == FromDecision || !strings.HasSuffix(occ.Slot.Root.Expr, below) {
			continue
		}
		root := occ.Slot.Root.Expr
		if before := strings.TrimSuffix(root, below); before != "" && before != "$PWD/" || found != "" && found != root {
			return ""
		}
		found = root
	}
	return found
}

// plainPath is text that no shell and no language reads as anything but itself.
var plainPath = lazyregexp.New(`^[\w./@+:-]*$`)
