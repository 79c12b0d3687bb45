package python

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
)

// home is the module that makes the paths: a new one, or one that an earlier run made. The zero home is none.
type home struct {
	file string // its key
	root string // the directory from which the package is imported
	pkg  string // the package's name
	mod  string // the module's name in the package
	old  bool   // it exists already
}

func (h home) module() string { return h.pkg + "." + h.mod }

// chooseHome chooses the package that gets the functions, and their names.
func (p *project) chooseHome() {
	counts := map[string]int{}
	for _, s := range p.in.Sites {
		if pkg := p.packageOf(s.File); pkg != "" {
			counts[pkg]++
		}
	}
	pkgs := make([]string, 0, len(counts))
	for pkg := range counts {
		pkgs = append(pkgs, pkg)
	}
	sort.Slice(pkgs, func(i, j int) bool {
		a, b := pkgs[i], pkgs[j]
		if ta, tb := ofTests(a), ofTests(b); ta != tb {
			return tb
		}
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		return a < b
	})
	p.names = p.free()
	if len(pkgs) == 0 || ofTests(pkgs[0]) {
		return
	}
	p.home = home{root: path.Dir(pkgs[0]), pkg: path.Base(pkgs[0])}
	for _, mod := range []string{"environment", "instance_environment", "environments", "instance_environments"} {
		file := path.Join(pkgs[0], mod+".py")
		if p.files[file] && p.ours(file) {
			p.home.old = true
		}
		if p.home.old || !p.files[file] && !p.files[path.Join(pkgs[0], mod, "__init__.py")] {
			p.home.file, p.home.mod = file, mod
			return
		}
	}
	p.home = home{}
}

func ofTests(pkg string) bool {
	base := path.Base(pkg)
	return base == "tests" || base == "test"
}

// packageOf is the directory of the outermost package that holds a file; empty when none does.
func (p *project) packageOf(file string) string {
	pkg := ""
	for dir := path.Dir(file); dir != "." && dir != "/" && p.isPackage(dir, pkg); dir = path.Dir(dir) {
		pkg = dir
	}
	return pkg
}

// isPackage reports whether a directory is a package. One without a file of its own is when its modules, or those of the
// package below that a file leads through, import from it by dots.
func (p *project) isPackage(dir, below string) bool {
	return p.files[path.Join(dir, "__init__.py")] || p.dots(dir) > 0 || below != "" && p.dots(below) > 1
}

var byDots = lazyregexp.New(`(?m)^[ \t]*from[ \t]+(\.+)`)

// dots is by how many dots at the most the modules in a directory import.
func (p *project) dots(dir string) int {
	if n, known := p.dotted[dir]; known {
		return n
	}
	most := 0
	at, _ := slices.BinarySearch(p.in.Files, dir+"/")
	for _, file := range p.in.Files[at:] {
		name, inside := strings.CutPrefix(file, dir+"/")
		if !inside {
			break
		}
		if strings.Contains(name, "/") || path.Ext(name) != ".py" {
			continue
		}
		if src, err := p.in.Read(file); err == nil {
			for _, m := range byDots.FindAllSubmatch(src, -1) {
				most = max(most, len(m[1]))
			}
		}
	}
	p.dotted[dir] = most
	return most
}

// free are names of functions that no file with a site uses for something else.
func (p *project) free() functions {
	prog := identifier(p.in.Pack.Program.Name)
	for _, n := range []functions{
		{"instance_" + prog, prog + "_in"},
		{"instance_" + prog + "_path", prog + "_path_in"},
		{"path_of_instance_" + prog, "path_of_" + prog + "_in"},
	} {
		taken := false
		for _, s := range p.in.Sites {
			d, err := p.document(s.File)
			if err != nil {
				continue
			}
			taken = taken || (d.uses(n.byName) || d.uses(n.byRoot)) && !p.imported(d, n)
		}
		if !taken {
			return n
		}
	}
	return functions{"environment_of_instance_" + prog, "environment_" + prog + "_in"}
}

// imported reports whether the file has the functions from an earlier run.
func (p *project) imported(d *document, n functions) bool {
	s := string(d.src)
	return strings.Contains(s, "environment import "+n.byName) || strings.Contains(s, "environment import "+n.byRoot) ||
		strings.Contains(s, "environments import "+n.byName) || strings.Contains(s, "environments import "+n.byRoot)
}

// ours reports whether a module is one that an earlier run made.
func (p *project) ours(file string) bool {
	d, err := p.document(file)
	if err != nil {
		return false
	}
	s := string(d.src)
	return strings.Contains(s, "def "+p.names.byName+"(") || strings.Contains(s, "def "+p.names.byRoot+"(")
}

// importable reports whether a file can import the home: it is in the package, in the directory from which the package
// is imported, among its tests, or imports the package already.
func (p *project) importable(file string) bool {
	if p.home.file == "" {
		return false
	}
	root := p.home.root
	if root != "." && !strings.HasPrefix(file, root+"/") {
		return false
	}
	rel := strings.TrimPrefix(file, root+"/")
	if strings.HasPrefix(rel, p.home.pkg+"/") {
		return p.files[path.Join(path.Dir(file), "__init__.py")] || !p.isProgram(file)
	}
	if path.Dir(file) == root {
		return true
	}
	if d, err := p.document(file); err == nil {
		for _, im := range d.imports() {
			if im.module == p.home.pkg || strings.HasPrefix(im.module, p.home.pkg+".") {
				return true
			}
		}
	}
	return strings.HasPrefix(rel, "tests/") || strings.HasPrefix(rel, "test/")
}

// isProgram reports whether a file is started by its path, so that it cannot import by dots.
func (p *project) isProgram(file string) bool {
	src, err := p.in.Read(file)
	return err == nil && bytes.Contains(src, []byte("__main__")) && !byDots.Match(src)
}

// local are the functions' names in a file: private ones where the file has its own.
func (p *project) local(file string) functions {
	if p.importable(file) {
		return p.names
	}
	return functions{"_" + p.names.byName, "_" + p.names.byRoot}
}

// homeChange creates the home module with the functions that the fixed files import; or adds those that an earlier run
// did not need.
func (p *project) homeChange() (edit.Change, bool) {
	var all render.Need
	for file, n := range p.needs {
		if p.importable(file) {
			all = all.And(n)
		}
	}
	c := edit.Change{File: edit.File{Path: p.home.file}}
	if !p.home.old {
		c.Create = &edit.Creation{Content: p.moduleText(all)}
		return c, true
	}
	d, err := p.document(p.home.file)
	if err != nil {
		return c, false
	}
	all.ByName = all.ByName && !d.uses(p.names.byName)
	all.ByRoot = all.ByRoot && !d.uses(p.names.byRoot)
	if all == (render.Need{}) {
		return c, false
	}
	text := strings.ReplaceAll("\n\n"+p.functionsText(p.names, all), "\n", d.newline)
	if len(d.src) > 0 && d.src[len(d.src)-1] != '\n' {
		text = d.newline + text
	}
	c.Edits = []edit.Edit{{Start: len(d.src), End: len(d.src), New: text}}
	return c, true
}

func (p *project) moduleText(n render.Need) string {
	prog := p.in.Pack.Program.Name
	return fmt.Sprintf(`"""
Where %s is installed for an instance.

Each instance has a virtual environment of its own.
"""

import os


%s`, prog, p.functionsText(p.names, n))
}

// functionsText defines the functions that are needed, as they stand at the top level of a module that imports os.
func (p *project) functionsText(names functions, n render.Need) string {
	in := p.in.Pack.Instance
	prog := p.in.Pack.Program.Name
	executable := p.in.Pack.Executable()
	workspace := fmt.Sprintf("%q", in.Workspace.Default)
	if in.Workspace.Default == "" {
		workspace = `"."`
	}
	if in.Workspace.Name != "" {
		workspace = fmt.Sprintf("os.environ.get(%q, %s)", in.Workspace.Name, workspace)
	}
	var parts []string
	if n.ByRoot {
		parts = append(parts, fmt.Sprintf(`def %s(instance_root: "str | os.PathLike[str]") -> str:
    """
    The path of %s in the environment of the instance in a directory.
    """
    return os.path.join(instance_root, %q)
`, names.byRoot, prog, executable))
	}
	if n.ByName {
		last := fmt.Sprintf("os.path.join(workspace, %q, instance_name, %q)", in.Dir, executable)
		if n.ByRoot {
			last = fmt.Sprintf("%s(os.path.join(workspace, %q, instance_name))", names.byRoot, in.Dir)
		}
		parts = append(parts, fmt.Sprintf(`def %s(instance_name: str) -> str:
    """
    The path of %s in the environment of an instance.
    """
    workspace = %s
    return %s
`, names.byName, prog, workspace, last))
	}
	return strings.Join(parts, "\n\n")
}
