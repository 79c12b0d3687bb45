package ruby

import (
	"path"
	"strings"
)

// Resolve is the repository's file that an import means: "./x" is relative to the unit, anything else is looked for in
// the lib directory of each directory from the unit's own upwards, then in those directories themselves. Both the name
// as it is and with .rb are tried.
func Resolve(unit, module string, exists func(path string) bool) (file string, ok bool) {
	try := func(p string) (string, bool) {
		p = path.Clean(p)
		if p == ".." || strings.HasPrefix(p, "../") || strings.HasPrefix(p, "/") {
			return "", false
		}
		for _, name := range []string{p + ".rb", p} {
			if name != unit && exists(name) {
				return name, true
			}
		}
		return "", false
	}
	if strings.HasPrefix(module, "./") {
		return try(path.Join(path.Dir(unit), module))
	}
	if module == "" || path.IsAbs(module) {
		return "", false
	}
	for _, sub := range []string{"lib", ""} {
		for dir := path.Dir(unit); ; dir = path.Dir(dir) {
			if file, ok := try(path.Join(dir, sub, module)); ok {
				return file, true
			}
			if dir == "." || dir == "/" {
				break
			}
		}
	}
	return "", false
}
