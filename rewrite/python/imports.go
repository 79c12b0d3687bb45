package python

import (
	"path"
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
		names = append(names, p.names.byName)
	}
	if n.ByRoot {
		names = append(names, p.names.byRoot)
	}
	module := p.home.module()
	if rel, ok := p.relative(d); ok {
		module = rel
	}
	return p.importing(d, module, names), true
}

// relative is the home as a file of the package names it when its own imports are relative.
func (p *project) relative(d *document) (string, bool) {
	pkg := p.home.pkg + "/"
	if p.home.root != "." {
		pkg = p.home.root + "/" + pkg
	}
	rest, inside := strings.CutPrefix(d.file, pkg)
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
	line := "from " + module + " import " + strings.Join(names, ", ") + d.newline
	var group *statement // the last import of the same package that stands before the new one
	for i := range all {
		im := &all[i]
		if !im.from || !(p.besides(im.module) || strings.HasPrefix(module, ".") && strings.HasPrefix(im.module, ".")) {
			continue
		}
		if im.module > module && group == nil {
			return []edit.Edit{d.insertLine(d.lineStart(im.node.Start()), line)}
		}
		if im.module <= module {
			group = im
		}
	}
	if group != nil {
		return []edit.Edit{d.insertLine(d.lineEnd(group.node.End()), line)}
	}
	if len(all) == 0 {
		return []edit.Edit{d.insertLine(d.head(), line+d.newline)}
	}
	last := all[len(all)-1]
	if strings.HasPrefix(last.module, ".") || p.besides(last.module) {
		return []edit.Edit{d.insertLine(d.lineEnd(last.node.End()), line)}
	}
	return []edit.Edit{d.insertLine(d.lineEnd(last.node.End()), d.newline+line)}
}

// insertLine inserts whole lines at the start of a line, or at the end of a file without a final newline.
func (d *document) insertLine(at int, text string) edit.Edit {
	if at == len(d.src) && at > 0 && d.src[at-1] != '\n' {
		text = d.newline + strings.TrimSuffix(text, d.newline)
	}
	return edit.Edit{Start: at, End: at, New: text, Additive: true}
}

// extend adds the names that an import lacks.
func (d *document) extend(im statement, names []string) []edit.Edit {
	var edits []edit.Edit
	all := im.node.Fields("name")
	if len(all) == 0 {
		return nil // every name is imported
	}
	at := all[len(all)-1].End()
	text := ""
	for _, n := range names {
		has := false
		for _, have := range im.names {
			has = has || have == n
		}
		if !has {
			text += ", " + n
		}
	}
	if text != "" {
		edits = append(edits, edit.Edit{Start: at, End: at, New: text})
	}
	return edits
}

// head is where the first statement of a file can stand: after its first line, encoding, comments and docstring.
func (d *document) head() int {
	at := 0
	if strings.HasPrefix(string(d.src), "\ufeff") {
		at = 3
	}
	for c := d.tree.Root().First(); c.OK(); c = c.Next() {
		switch {
		case c.Kind() == "comment" && (strings.HasPrefix(c.Text(), "#!") || d.headComment(c)):
			at = d.pastBlank(d.lineEnd(c.End()))
		case c.Kind() == "expression_statement" && c.First().Is("string", "concatenated_string"):
			return d.pastBlank(d.lineEnd(c.End()))
		default:
			return at
		}
	}
	return at
}

// pastBlank is the offset after an empty line that begins at at.
func (d *document) pastBlank(at int) int {
	if d.blankAfter(at) {
		return d.lineEnd(at)
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
	return strings.Count(string(d.src[c.End():next.Start()]), "\n") > 1
}

// define are the edits that give a file functions of its own, after its imports.
func (p *project) define(d *document, n render.Need) []edit.Edit {
	names := functions{"_" + p.names.byName, "_" + p.names.byRoot}
	all := d.imports()
	n.ByName = n.ByName && !strings.Contains(string(d.src), "def "+names.byName+"(")
	n.ByRoot = n.ByRoot && !strings.Contains(string(d.src), "def "+names.byRoot+"(")
	if n == (render.Need{}) {
		return nil
	}
	text := strings.ReplaceAll(p.functionsText(names, n), "\n", d.newline)
	blank := d.newline + d.newline
	var at int
	hasOS := false
	for _, im := range all {
		at = d.lineEnd(im.node.End())
		hasOS = hasOS || !im.from && importsOS(im.node)
	}
	if text = blank + text; len(all) == 0 {
		at, text = d.head(), "import os"+d.newline+text
	}
	if !d.blankAfter(at) {
		text += blank
	} else if !d.blankAfter(d.lineEnd(at)) {
		text += d.newline
	}
	if end := d.lineEnd(at); len(all) > 0 && end > at && d.blankAfter(at) { // what else is imported stands above the empty line
		at, text = end, strings.TrimPrefix(text, d.newline)+d.newline
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

// blankAfter reports whether the line at at is empty, or the file ends there.
func (d *document) blankAfter(at int) bool {
	return strings.TrimSpace(string(d.src[at:d.lineEnd(at)])) == ""
}

func importsOS(n syntax.Node) bool {
	for _, c := range n.Fields("name") {
		if c.Text() == "os" || strings.HasPrefix(c.Text(), "os.") {
			return true
		}
	}
	return false
}

// importOS is the edit that imports os, in order among the imports of whole modules.
func (d *document) importOS(all []statement) edit.Edit {
	line := "import os" + d.newline
	at := -1
	for _, im := range all {
		if im.module == "__future__" {
			at = d.lineEnd(im.node.End())
			continue
		}
		if im.from {
			break
		}
		if im.module > "os" {
			if at < 0 {
				at = d.lineStart(im.node.Start())
			}
			break
		}
		at = d.lineEnd(im.node.End())
	}
	if at < 0 {
		at = d.lineStart(all[0].node.Start())
	}
	return d.insertLine(at, line)
}
