package scan

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
)

// siblings are the files of the same directory, for a language whose files share one scope.
func (c *codebase) siblings(file string) []string {
	if !c.lang.whole || c.alone {
		return nil
	}
	if c.dirs == nil {
		c.dirs = map[string][]string{}
		for _, p := range c.s.root.Tree.Files {
			if path.Ext(p) == "."+string(c.lang.kind) {
				c.dirs[path.Dir(p)] = append(c.dirs[path.Dir(p)], p)
			}
		}
	}
	return c.dirs[path.Dir(file)]
}

// minName is the length of the shortest name for which files that use it are looked up.
const minName = 3

// users are the files not followed yet that hold a name whose value can be a command, and can see what has the value. Names
// that were asked for before are left out: what uses them is followed by now.
func (c *codebase) users(r flow.Result, have []string) []string {
	if c.alone {
		return nil
	}
	var exports []flow.Export
	var names []string
	for _, e := range r.Exports {
		if e.Name = strings.TrimLeft(e.Name, "@$"); len(e.Name) >= minName && !c.asked[e] {
			c.asked[e] = true
			exports, names = append(exports, e), append(names, e.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	done := map[string]bool{}
	for _, f := range append(append([]string{}, have...), r.Read...) {
		done[f] = true
	}
	wanted := newNameSet(names)
	var memory []byte
	var out []string
	for _, file := range c.s.root.Tree.Files {
		if done[file] || host.Detect(file, nil) != c.lang.kind || c.s.root.Config.Ignored(file) {
			continue
		}
		src, err := c.s.readInto(file, &memory)
		if err == nil && wanted.in(src) && newNameSet(c.visible(exports, file)).in(src) {
			out = append(out, file)
		}
	}
	return out
}

// visible are the names that mean something in a file: those of what it can see, and those of methods, which are called on
// values that come from anywhere.
func (c *codebase) visible(exports []flow.Export, file string) []string {
	seen := c.sees(file)
	var out []string
	for _, e := range exports {
		if e.Method || c.lang.imports == nil || seen[e.File] {
			out = append(out, e.Name)
		}
	}
	return out
}

// sees are the files that a file imports, itself or through others, those that share a scope with one of them included.
func (c *codebase) sees(file string) map[string]bool {
	seen := map[string]bool{file: true}
	for todo := []string{file}; len(todo) > 0; todo = todo[1:] {
		for _, next := range append(c.imported(todo[0]), c.siblings(todo[0])...) {
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return seen
}

// imported are the repository's files that a file may import.
func (c *codebase) imported(file string) []string {
	if c.lang.imports == nil {
		return nil
	}
	out, ok := c.imports[file]
	if ok {
		return out
	}
	if src, ok := c.s.loadFile(file); ok {
		for _, module := range c.lang.imports(src) {
			if to, ok := c.resolve(file, module); ok {
				out = append(out, to)
			}
		}
	}
	c.imports[file] = out
	return out
}
