package scan

import (
	"path"
	"regexp"
	"strings"

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
var moves = regexp.MustCompile(`(?m)(^|[;&|(\s])(cd|pushd)\s`)

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

// byPlace finds the instance of a site by the place of its file. What stands in the example of a template is copied for
// others, so that its name says nothing there.
func (s *scanner) byPlace(f *File, slot *site.Slot) (expr string, root bool) {
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
