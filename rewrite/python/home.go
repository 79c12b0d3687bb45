package python

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
)

// home is the module that makes the paths: a new one, or one that an earlier run made. The zero home is none.
type home struct {
	file string // its key
	root string // the directory from which it is imported
	pkg  string // the name of the package that holds it; empty where modules of a directory import each other by name
	mod  string // the module's name, in the package if there is one
	old  bool   // it exists already
}

func (h home) module() string {
	if h.pkg == "" {
		return h.mod
	}
	return h.pkg + "." + h.mod
}

// besides reports whether a module is imported from the home's package or directory.
func (p *project) besides(module string) bool {
	first, _, _ := strings.Cut(module, ".")
	return first == p.home.pkg || p.home.pkg == "" && p.files[path.Join(p.home.root, first+".py")]
}

// chooseHome chooses the package, or the directory of modules, that gets the functions, and their names. A directory gets
// them only where more than one of its modules needs them.
func (p *project) chooseHome() {
	sites, needing := map[string]int{}, map[string]map[string]bool{}
	for _, s := range p.in.Sites {
		dir := p.packageOf(s.File)
		if dir == "" && p.folder(path.Dir(s.File)).joined[path.Base(s.File)] {
			dir = path.Dir(s.File)
		}
		if needing[dir] == nil {
			needing[dir] = map[string]bool{}
		}
		sites[dir]++
		needing[dir][s.File] = true
	}
	p.names = p.free()
	best := ""
	for _, dir := range slices.Sorted(maps.Keys(sites)) {
		if dir == "" || ofTests(dir) || best != "" && sites[dir] <= sites[best] {
			continue
		}
		switch {
		case p.packageOf(dir+"/a.py") != "":
			best, p.home = dir, home{root: path.Dir(dir), pkg: path.Base(dir)}
		case len(needing[dir]) > 1 && !p.takenSingly(p.folder(dir).joined):
			best, p.home = dir, home{root: dir}
		}
	}
	if best == "" {
		return
	}
	for _, mod := range []string{"environment", "instance_environment", "environments", "instance_environments"} {
		file := path.Join(best, mod+".py")
		if p.files[file] && p.ours(file) {
			p.home.old = true
		}
		if p.home.old || !p.files[file] && !p.files[path.Join(best, mod, "__init__.py")] {
			p.home.file, p.home.mod = file, mod
			return
		}
	}
	p.home = home{}
}

func ofTests(pkg string) bool { return path.Base(pkg) == "tests" || path.Base(pkg) == "test" }

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
	return p.files[path.Join(dir, "__init__.py")] || p.folder(dir).dots > 0 || below != "" && p.folder(below).dots > 1
}

var (
	byDots = lazyregexp.New(`(?m)^[ \t]*from[ \t]+(\.+)`)
	byName = lazyregexp.New(`(?m)^[ \t]*(?:from|import)[ \t]+(\w+)`)
	listed = lazyregexp.New(`(?im)^(?:.*\bpy[_-]modules\b|[ \t]*(?:COPY|ADD)[ \t].*?(\w+)\.py\b)`)
)

// folder is what the modules in a directory import from each other.
type folder struct {
	dots   int             // by how many dots at the most
	joined map[string]bool // the files that import another one by its plain name, or are imported so
}

// takenSingly reports whether what installs or copies the modules of a directory names them one by one, so that one more
// would be left out.
func (p *project) takenSingly(joined map[string]bool) bool {
	for _, file := range p.in.Files {
		base := path.Base(file)
		if !strings.Contains(base, "Dockerfile") && base != "Containerfile" && base != "setup.py" && base != "setup.cfg" && base != "pyproject.toml" {
			continue
		}
		src, err := p.in.Read(file)
		if err != nil {
			continue
		}
		for _, m := range listed.FindAllSubmatch(src, -1) {
			if m[1] == nil || joined[string(m[1])+".py"] {
				return true
			}
		}
	}
	return false
}

func (p *project) folder(dir string) folder {
	if f, known := p.folders[dir]; known {
		return f
	}
	f := folder{joined: map[string]bool{}}
	at, _ := slices.BinarySearch(p.in.Files, dir+"/")
	for _, file := range p.in.Files[at:] {
		name, inside := strings.CutPrefix(file, dir+"/")
		if !inside {
			break
		}
		if strings.Contains(name, "/") || path.Ext(name) != ".py" {
			continue
		}
		src, err := p.in.Read(file)
		if err != nil {
			continue
		}
		for _, m := range byDots.FindAllSubmatch(src, -1) {
			f.dots = max(f.dots, len(m[1]))
		}
		for _, m := range byName.FindAllSubmatch(src, -1) {
			if other := string(m[1]) + ".py"; other != name && p.files[dir+"/"+other] {
				f.joined[name], f.joined[other] = true, true
			}
		}
	}
	p.folders[dir] = f
	return f
}

// free are names of functions that no file with a site uses for something else.
func (p *project) free() render.Functions {
	prog := render.Word(p.in.Pack.Program.Name)
	for _, n := range []render.Functions{
		{ByName: "instance_" + prog, ByRoot: prog + "_in"},
		{ByName: "instance_" + prog + "_path", ByRoot: prog + "_path_in"},
		{ByName: "path_of_instance_" + prog, ByRoot: "path_of_" + prog + "_in"},
	} {
		taken := func(s render.Site) bool {
			d, err := p.docs.Open(s.File)
			return err == nil && (d.uses(n.ByName) || d.uses(n.ByRoot)) && !imported(d, n)
		}
		if !slices.ContainsFunc(p.in.Sites, taken) {
			return n
		}
	}
	return render.Functions{ByName: "environment_of_instance_" + prog, ByRoot: "environment_" + prog + "_in"}
}

// imported reports whether the file has the functions from an earlier run.
func imported(d *document, n render.Functions) bool {
	return regexp.MustCompile(`environments? import (?:` + n.ByName + `|` + n.ByRoot + `)`).Match(d.Src)
}

func (d *document) defines(function string) bool {
	return bytes.Contains(d.Src, []byte("def "+function+"("))
}

// ours reports whether a module is one that an earlier run made.
func (p *project) ours(file string) bool {
	d, err := p.docs.Open(file)
	return err == nil && (d.defines(p.names.ByName) || d.defines(p.names.ByRoot))
}

// importable reports whether a file can import the home: it is in the package or among the modules, in the directory from
// which the package is imported, among its tests, or imports the package already.
func (p *project) importable(file string) bool {
	if p.home.file == "" {
		return false
	}
	root := p.home.root
	if p.home.pkg == "" {
		return path.Dir(file) == root && p.folder(root).joined[path.Base(file)]
	}
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
	if d, err := p.docs.Open(file); err == nil {
		for _, im := range d.imports() {
			if p.besides(im.module) {
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
func (p *project) local(file string) render.Functions {
	if p.importable(file) {
		return p.names
	}
	return p.private()
}

// private are the names of a file's own functions.
func (p *project) private() render.Functions {
	return render.Functions{ByName: "_" + p.names.ByName, ByRoot: "_" + p.names.ByRoot}
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
	d, err := p.docs.Open(p.home.file)
	if err != nil {
		return c, false
	}
	all.ByName = all.ByName && !d.uses(p.names.ByName)
	all.ByRoot = all.ByRoot && !d.uses(p.names.ByRoot)
	if all == (render.Need{}) {
		return c, false
	}
	text := strings.ReplaceAll("\n\n"+p.functionsText(p.names, all), "\n", d.Newline)
	if len(d.Src) > 0 && d.Src[len(d.Src)-1] != '\n' {
		text = d.Newline + text
	}
	c.Edits = []edit.Edit{{Start: len(d.Src), End: len(d.Src), New: text}}
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
func (p *project) functionsText(names render.Functions, n render.Need) string {
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
`, names.ByRoot, prog, executable))
	}
	if n.ByName {
		last := fmt.Sprintf("os.path.join(workspace, %q, instance_name, %q)", in.Dir, executable)
		if n.ByRoot {
			last = fmt.Sprintf("%s(os.path.join(workspace, %q, instance_name))", names.ByRoot, in.Dir)
		}
		parts = append(parts, fmt.Sprintf(`def %s(instance_name: str) -> str:
    """
    The path of %s in the environment of an instance.
    """
    workspace = %s
    return %s
`, names.ByName, prog, workspace, last))
	}
	return strings.Join(parts, "\n\n")
}
