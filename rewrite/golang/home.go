package golang

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
)

// pkg is one Go package of the root: the files of a directory with the same package clause.
type pkg struct {
	dir, name string
	home      string           // the file that defines the functions
	create    bool             // the home is a new file
	defined   render.Functions // those that an earlier run has defined
	files     map[string]bool
	needs     render.Need // the functions that sites call
}

func (p *project) packageOf(d *document) *pkg {
	dir, name := path.Dir(d.File), d.tree.File.Name.Name
	key := dir + " " + name
	if p.packages[key] == nil {
		p.packages[key] = &pkg{dir: dir, name: name, files: map[string]bool{}}
	}
	return p.packages[key]
}

// settle chooses for each package where the functions stand.
func (p *project) settle(drafts []*render.Draft) {
	for _, draft := range drafts {
		k := p.packageOf(p.docs.Opened(draft.Site.File))
		for file := range draft.Edits {
			k.files[file] = true
		}
		for _, n := range draft.Needs {
			k.needs = k.needs.And(n)
		}
	}
	for _, k := range p.packages {
		p.find(k)
		files := slices.Sorted(maps.Keys(k.files))
		switch {
		case len(files) == 0 || p.missing(k) == (render.Need{}):
		case len(files) == 1 || len(p.constraint(files)) > 1:
			k.home = files[0]
		default:
			k.create = true
			k.home = path.Join(k.dir, p.fileName(files))
		}
	}
}

// find notes the functions that an earlier run has defined in the package.
func (p *project) find(k *pkg) {
	for _, f := range p.filesIn(k.dir) {
		src, err := p.in.Read(f)
		if err != nil {
			continue
		}
		if bytes.Contains(src, []byte("func "+p.names.ByName+"(")) {
			k.defined.ByName = f
		}
		if bytes.Contains(src, []byte("func "+p.names.ByRoot+"(")) {
			k.defined.ByRoot = f
		}
	}
}

// filesIn are the Go files of a directory.
func (p *project) filesIn(dir string) []string {
	if p.dirs == nil {
		p.dirs = map[string][]string{}
		for _, f := range p.in.Files {
			if path.Ext(f) == ".go" {
				p.dirs[path.Dir(f)] = append(p.dirs[path.Dir(f)], f)
			}
		}
	}
	return p.dirs[dir]
}

// missing are the functions that the package needs and does not have.
func (p *project) missing(k *pkg) render.Need {
	return render.Need{ByName: k.needs.ByName && k.defined.ByName == "", ByRoot: k.needs.ByRoot && k.defined.ByRoot == ""}
}

// fileName is the name of the new file: a test's when all sites are in tests.
func (p *project) fileName(files []string) string {
	base := "instance_" + render.Word(p.in.Pack.Program.Name)
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			return base + ".go"
		}
	}
	return base + "_test.go"
}

// constraint are the different build constraints of some files; a file without one counts as "".
func (p *project) constraint(files []string) []string {
	var out []string
	for _, f := range files {
		line := ""
		if d, err := p.docs.Open(f); err == nil {
			for _, l := range strings.SplitAfter(string(d.Src[:d.tree.Span(d.tree.File).Start]), "\n") {
				if strings.HasPrefix(l, "//go:build ") {
					line = strings.TrimSpace(l)
				}
			}
		}
		if len(out) == 0 || out[len(out)-1] != line {
			out = append(out, line)
		}
	}
	return out
}

// fileText is the content of the new file.
func (p *project) fileText(k *pkg) string {
	n := p.missing(k)
	head := ""
	if c := p.constraint(slices.Sorted(maps.Keys(k.files))); len(c) == 1 && c[0] != "" {
		head = c[0] + "\n\n"
	}
	imports := `import "path/filepath"`
	if n.ByName && p.in.Pack.Instance.Workspace.Name != "" {
		imports = "import (\n\t\"os\"\n\t\"path/filepath\"\n)"
	}
	return fmt.Sprintf("%spackage %s\n\n%s\n\n%s", head, k.name, imports, p.functions(n, "os", "filepath", k))
}

// functions defines the functions that are needed; os and filepath are the names of those packages.
func (p *project) functions(n render.Need, os, filepath string, k *pkg) string {
	in, program := p.in.Pack.Instance, p.in.Pack.Program.Name
	var parts []string
	if n.ByRoot {
		parts = append(parts, fmt.Sprintf("// %s is the %s of the environment in an instance's directory.\nfunc %s(root string) string {\n\treturn %s.Join(root, %q, \"bin\", %q)\n}\n",
			p.names.ByRoot, program, p.names.ByRoot, filepath, in.Env, program))
	}
	if n.ByName {
		root := fmt.Sprintf("workspace, %q, name", in.Dir)
		body := fmt.Sprintf("%s.Join(%s, %q, \"bin\", %q)", filepath, root, in.Env, program)
		if n.ByRoot {
			body = fmt.Sprintf("%s(%s.Join(%s))", p.names.ByRoot, filepath, root)
		}
		workspace := fmt.Sprintf("\tworkspace := %s.Getenv(%q)\n\tif workspace == \"\" {\n\t\tworkspace = %q\n\t}\n", os, in.Workspace.Name, in.Workspace.Default)
		if in.Workspace.Name == "" {
			workspace = fmt.Sprintf("\tworkspace := %q\n", in.Workspace.Default)
		}
		parts = append(parts, fmt.Sprintf("// %s is the %s of an instance's own environment.\nfunc %s(name string) string {\n%s\treturn %s\n}\n",
			p.names.ByName, program, p.names.ByName, workspace, body))
	}
	return strings.Join(parts, "\n")
}
