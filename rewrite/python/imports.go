package python

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// statement is one import at the top level of a file.
type statement struct {
	node   syntax.Node
	module string   // of "from module import", or the first module of "import module"
	names  []string // as they are called in the module; of "from" only
	from   bool
}

// imports are the imports at the top level of the file, in order, up to the first function or class.
func (d *document) imports() []statement {
	var out []statement
	for c := d.tree.Root().First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "import_from_statement", "future_import_statement":
			s := statement{node: c, module: c.Field("module_name").Text(), from: true}
			if c.Kind() == "future_import_statement" {
				s.module = "__future__"
			}
			for _, n := range c.Fields("name") {
				if n.Kind() == "aliased_import" {
					n = n.Field("name")
				}
				s.names = append(s.names, n.Text())
			}
			out = append(out, s)
		case "import_statement":
			n := c.Field("name")
			if n.Kind() == "aliased_import" {
				n = n.Field("name")
			}
			out = append(out, statement{node: c, module: n.Text()})
		case "function_definition", "class_definition", "decorated_definition":
			return out
		}
	}
	return out
}

// Import are the edits by which a file imports names from a module of its package, or of its directory. It reports whether the
// file can do so.
func Import(in render.Input, module, file string, names ...string) ([]edit.Edit, bool) {
	p := newProject(in)
	defer p.parser.Close()
	d, err := p.docs.Open(file)
	if err != nil {
		return nil, false
	}
	dir, mod := path.Split(strings.TrimSuffix(module, ".py"))
	dir = path.Clean(dir)
	p.home = home{file: module, root: dir, mod: mod}
	namespace := slices.ContainsFunc(d.imports(), func(im statement) bool { return strings.HasPrefix(im.module, path.Base(dir)+".") })
	if pkg := cmp.Or(p.packageOf(module), dir); pkg != dir || namespace || p.isPackage(dir, "") {
		p.home = home{file: module, root: path.Dir(pkg), pkg: path.Base(pkg), mod: strings.ReplaceAll(strings.TrimPrefix(dir+"/"+mod, pkg+"/"), "/", ".")}
	}
	if !p.importable(file) {
		return nil, false
	}
	return p.importing(d, p.imported(d), names), true
}

// provide are the edits that bring the functions into a file, and whether it imports them.
func (p *project) provide(file string) (edits []edit.Edit, imports bool) {
	d, err := p.docs.Open(file)
	if err != nil {
		return nil, false
	}
	n := p.needs[file]
	if !p.importable(file) {
		return p.define(d, n), false
	}
	var names []string
	if n.ByName {
		names = append(names, p.names.ByName)
	}
	if n.ByRoot {
		names = append(names, p.names.ByRoot)
	}
	return p.importing(d, p.imported(d), names), true
}

// imported is the home as a file imports it.
func (p *project) imported(d *document) string {
	if rel, ok := p.relative(d); ok {
		return rel
	}
	return p.home.module()
}

// relative is the home as a file of the package names it when its own imports are relative.
func (p *project) relative(d *document) (string, bool) {
	pkg := p.home.pkg + "/"
	if p.home.root != "." {
		pkg = p.home.root + "/" + pkg
	}
	rest, inside := strings.CutPrefix(d.File, pkg)
	if !inside {
		return "", false
	}
	relative := !p.files[path.Join(p.home.root, p.home.pkg, "__init__.py")] // by what name it is imported is not known
	for _, im := range d.imports() {
		if p.besides(im.module) {
			return "", false
		}
		relative = relative || strings.HasPrefix(im.module, ".")
	}
	return strings.Repeat(".", strings.Count(rest, "/")+1) + p.home.mod, relative
}

// importing are the edits after which the file imports names from a module: an import that is there already is
// extended, a new one stands in the order of those of the same package, or after the last import.
func (p *project) importing(d *document, module string, names []string) []edit.Edit {
	all := d.imports()
	for _, im := range all {
		if im.from && im.module == module {
			return d.extend(im, names)
		}
	}
	line := "from " + module + " import " + strings.Join(names, ", ") + d.Newline
	var group *statement // the last import of the same package that stands before the new one
	for i := range all {
		im := &all[i]
		if !im.from || !(p.besides(im.module) || strings.HasPrefix(module, ".") && strings.HasPrefix(im.module, ".")) {
			continue
		}
		if im.module > module && group == nil {
			return []edit.Edit{d.insertLine(d.LineStart(im.node.Start()), line)}
		}
		if im.module <= module {
			group = im
		}
	}
	if group != nil {
		return []edit.Edit{d.insertLine(d.LineEnd(group.node.End()), line)}
	}
	if len(all) == 0 {
		return []edit.Edit{d.insertLine(d.head(), line+d.Newline)}
	}
	last := all[len(all)-1]
	if strings.HasPrefix(last.module, ".") || p.besides(last.module) {
		return []edit.Edit{d.insertLine(d.LineEnd(last.node.End()), line)}
	}
	return []edit.Edit{d.insertLine(d.LineEnd(last.node.End()), d.Newline+line)}
}

// insertLine inserts whole lines at the start of a line, or at the end of a file without a final newline.
func (d *document) insertLine(at int, text string) edit.Edit {
	if at == len(d.Src) && at > 0 && d.Src[at-1] != '\n' {
		text = d.Newline + strings.TrimSuffix(text, d.Newline)
	}
	return edit.Edit{Start: at, End: at, New: text, Additive: true}
}

// extend adds the names that an import lacks.
func (d *document) extend(im statement, names []string) []edit.Edit {
	all := im.node.Fields("name")
	if len(all) == 0 {
		return nil // every name is imported
	}
	at := all[len(all)-1].End()
	text := ""
	for _, n := range names {
		if !slices.Contains(im.names, n) {
			text += ", " + n
		}
	}
	if text == "" {
		return nil
	}
	return []edit.Edit{{Start: at, End: at, New: text}}
}

// head is where the first statement of a file can stand: after its first line, encoding, comments and docstring.
func (d *document) head() int {
	at := 0
	if strings.HasPrefix(string(d.Src), "\ufeff") {
		at = 3
	}
	for c := d.tree.Root().First(); c.OK(); c = c.Next() {
		switch {
		case c.Kind() == "comment" && (strings.HasPrefix(c.Text(), "#!") || d.headComment(c)):
			at = d.PastBlank(d.LineEnd(c.End()))
		case c.Kind() == "expression_statement" && c.First().Is("string", "concatenated_string"):
			return d.PastBlank(d.LineEnd(c.End()))
		default:
			return at
		}
	}
	return at
}

// headComment reports whether a comment belongs to the head of the file and not to the statement below it: an empty
// line, or nothing, follows.
func (d *document) headComment(c syntax.Node) bool {
	next := c.Next()
	if !next.OK() || next.Kind() == "comment" {
		return true
	}
	if c.Start() < 200 && strings.Contains(c.Text(), "coding") {
		return true
	}
	return strings.Count(string(d.Src[c.End():next.Start()]), "\n") > 1
}

// define are the edits that give a file functions of its own, after its imports.
func (p *project) define(d *document, n render.Need) []edit.Edit {
	names := p.private()
	all := d.imports()
	n.ByName = n.ByName && !d.defines(names.ByName)
	n.ByRoot = n.ByRoot && !d.defines(names.ByRoot)
	if n == (render.Need{}) {
		return nil
	}
	text := strings.ReplaceAll(p.functionsText(names, n), "\n", d.Newline)
	blank := d.Newline + d.Newline
	var at int
	hasOS := false
	for _, im := range all {
		at = d.LineEnd(im.node.End())
		hasOS = hasOS || !im.from && importsOS(im.node)
	}
	if text = blank + text; len(all) == 0 {
		at, text = d.head(), "import os"+d.Newline+text
	}
	if !d.BlankAfter(at) {
		text += blank
	} else if !d.BlankAfter(d.LineEnd(at)) {
		text += d.Newline
	}
	if end := d.LineEnd(at); len(all) > 0 && end > at && d.BlankAfter(at) { // what else is imported stands above the empty line
		at, text = end, strings.TrimPrefix(text, d.Newline)+d.Newline
	}
	if hasOS || len(all) == 0 {
		return []edit.Edit{d.insertLine(at, text)}
	}
	line := d.importOS(all)
	if line.Start == at {
		line.New += text
		return []edit.Edit{line}
	}
	return []edit.Edit{line, d.insertLine(at, text)}
}

func importsOS(n syntax.Node) bool {
	return slices.ContainsFunc(n.Fields("name"), func(c syntax.Node) bool { return c.Text() == "os" || strings.HasPrefix(c.Text(), "os.") })
}

// importOS is the edit that imports os, in order among the imports of whole modules.
func (d *document) importOS(all []statement) edit.Edit {
	line := "import os" + d.Newline
	at := -1
	for _, im := range all {
		if im.module == "__future__" {
			at = d.LineEnd(im.node.End())
			continue
		}
		if im.from {
			break
		}
		if im.module > "os" {
			if at < 0 {
				at = d.LineStart(im.node.Start())
			}
			break
		}
		at = d.LineEnd(im.node.End())
	}
	if at < 0 {
		at = d.LineStart(all[0].node.Start())
	}
	return d.insertLine(at, line)
}
