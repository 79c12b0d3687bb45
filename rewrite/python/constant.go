package python

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	reader "gitlab.com/opencraft/dev/grove-migrate/scan/python"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// isConstant reports whether the literal is what a name at the top level of its file is given.
func (p *project) isConstant(d *document, slot *site.Slot) bool {
	_, ok := d.constantOf(slot.Literal)
	return ok
}

// definition is a constant of a file's top level, or an attribute that a class gives all its objects.
type definition struct {
	class syntax.Node // the class of an attribute
	ident syntax.Node
	value syntax.Node // the literal, or the call that gives it unless a variable of the environment is set
	whole bool        // the literal says the program's name and no more
}

// overridden reports whether a variable of the environment may say something else.
func (c definition) overridden() bool { return c.value.Kind() == "call" }

// constantOf is the name at the top level of the file that is given exactly the literal, or the literal as the default of
// a variable of the environment.
func (d *document) constantOf(literal source.Span) (c definition, ok bool) {
	str, ok := d.stringAt(literal)
	if !ok {
		return definition{}, false
	}
	c.value = str
	if list := str.Parent(); list.Kind() == "argument_list" && defaults(list, str) {
		c.value = list.Parent()
	}
	as := c.value.Parent()
	if as.Kind() != "assignment" || c.value.FieldName() != "right" || as.Field("left").Kind() != "identifier" {
		return definition{}, false
	}
	c.ident = as.Field("left")
	if inClass(as) {
		c.class = as.Parent().Parent().Parent()
		return c, true
	}
	up := as.Parent()
	return c, up.Kind() == "expression_statement" && up.Parent().Kind() == "module"
}

// onlyChild reports whether a statement is all that its block holds.
func (d *document) onlyChild(assignment syntax.Node) bool {
	return len(assignment.Parent().Parent().NamedChildren()) == 1
}

// defaults reports whether a string is what a call that reads the environment gives when the variable is not set.
func defaults(list, str syntax.Node) bool {
	words := list.NamedChildren()
	switch list.Parent().Field("function").Text() {
	case "os.environ.get", "environ.get", "os.getenv", "getenv":
		return len(words) == 2 && words[1] == str && words[0].Kind() == "string"
	}
	return false
}

// constant moves what a constant at the top level says to the places that use it, where the instance is known. A
// constant that is more than the program's name keeps the rest.
func (p *project) constant(pl *plan, d *document) error {
	slot := pl.site.Occurrence.Slot
	def, _ := d.constantOf(slot.Literal)
	ident := def.ident
	prefix, quotes := prefixOf(d.text(slot.Literal))
	body := source.Span{Start: slot.Literal.Start + len(prefix) + len(quotes), End: slot.Literal.End - len(quotes)}
	whole := body == slot.Span
	def.whole = whole
	if !whole && def.overridden() {
		return refuse("%s is more than the program's name, and the environment may say something else", ident.Text())
	}
	if !whole && (slot.Span.Start != body.Start || d.src[slot.Span.End] != ' ') || strings.ContainsAny(prefix, "bf") {
		return refuse("%s is set where no instance is in scope", ident.Text())
	}
	uses, err := p.usesOf(d, def)
	if err != nil {
		return err
	}
	sum, err := p.spread(pl, d, uses, def)
	switch {
	case err != nil:
		return err
	case sum.done == 0 && pl.left != nil:
		return pl.left
	case sum.done == 0 && sum.kept != "":
		return keep(sum.kept)
	case sum.done == 0:
		return refuse("%s is set where no instance is in scope, and no use of it was found", ident.Text())
	case !whole:
		pl.edit(d.file, slot.Span.Start, slot.Span.End+1, "")
		return nil
	}
	used := false
	for doc, n := range sum.left {
		if used = used || n > 0; n == 0 && doc != d {
			p.unimport(pl, doc, ident.Text())
		}
	}
	if as := def.value.Parent(); (def.overridden() || def.class.OK()) && !used && !d.onlyChild(as) {
		d.remove(pl, as)
	}
	return nil
}

// remove takes a statement away that stands alone on its lines, with the blank line behind it when it was a paragraph of
// its own.
func (d *document) remove(pl *plan, statement syntax.Node) {
	start, end := d.lineStart(statement.Start()), d.lineEnd(statement.End())
	if strings.TrimSpace(string(d.src[start:end])) != statement.Text() {
		return
	}
	first := strings.HasSuffix(strings.TrimSpace(string(d.src[:start])), ":") // of a class
	if above := d.lineStart(max(start-1, 0)); first || strings.TrimSpace(string(d.src[above:start])) == "" {
		if below := d.lineEnd(end); strings.TrimSpace(string(d.src[end:below])) == "" {
			end = below
		}
	}
	pl.edit(d.file, start, end, "")
}

// spreading is what became of the uses of a constant.
type spreading struct {
	done int               // uses that get the path
	kept string            // why a person keeps the first one that is kept
	left map[*document]int // uses that go on to use the constant, by file
}

// spread puts the path in the place of each use of a constant that has an instance. A use that has none does not stop the
// others when the constant says only the program's name: it goes on to use the constant.
func (p *project) spread(pl *plan, home *document, uses []use, def definition) (spreading, error) {
	ident, whole := def.ident.Text(), def.whole
	sum := spreading{left: map[*document]int{}}
	for _, u := range uses {
		sum.left[u.doc]++
		if !u.runs() {
			if !whole {
				return sum, refuse("%s is used for more than running it, at %v", ident, p.place(u.doc.file, u.node.Start()))
			}
			continue
		}
		decision := p.decision(u)
		if decision.Keep != "" {
			if !whole {
				return sum, refuse("%s is more than the program's name, and its use at %v is kept: keep %s as well, or spell the command of that use by itself", ident, p.place(u.doc.file, u.node.Start()), ident)
			}
			if sum.kept == "" {
				sum.kept = decision.Keep
			}
			continue
		}
		switch err := p.use(pl, home, u, decision.Instance, def); {
		case err == nil:
			sum.done++
			sum.left[u.doc]--
		case !whole:
			return sum, err
		case pl.left == nil:
			pl.left = err
		}
	}
	return sum, nil
}

// decision is what a person has decided about one use of a constant; the zero decision when nothing is decided.
func (p *project) decision(u use) rules.Decision {
	if p.in.Decided == nil {
		return rules.Decision{}
	}
	d, _ := p.in.Decided(u.doc.file, u.node.Start())
	return d
}

// unimport takes a name that a file no longer uses out of its import. A package's own file may import it for others, and
// keeps it.
func (p *project) unimport(pl *plan, d *document, ident string) {
	if path.Base(d.file) == "__init__.py" {
		return
	}
	for _, im := range d.imports() {
		names := im.node.Fields("name")
		i := slices.IndexFunc(names, func(n syntax.Node) bool { return im.from && n.Kind() == "dotted_name" && n.Text() == ident })
		if i < 0 {
			continue
		}
		n := names[i]
		start, end := d.lineStart(n.Start()), d.lineEnd(n.End())
		key := fmt.Sprintf("%s:%d", d.file, im.node.Start())
		ownLine := strings.TrimSpace(string(d.src[start:end])) == ident+","
		// Two names that stand side by side cannot be taken out independently of each other, and one has to stay.
		if p.taken[key] > 0 && (!ownLine || p.taken[key]+1 >= len(names)) {
			return
		}
		p.taken[key]++
		if ownLine && len(names) > 1 {
			pl.edit(d.file, start, end, "")
			return
		}
		from, to := d.lineStart(im.node.Start()), d.lineEnd(im.node.End())
		switch {
		case len(names) == 1 && strings.TrimSpace(string(d.src[from:to])) == im.node.Text():
			pl.edit(d.file, from, to, "")
		case i+1 < len(names) && d.lineStart(names[i+1].Start()) == start:
			pl.edit(d.file, n.Start(), names[i+1].Start(), "")
		case i > 0 && d.lineStart(names[i-1].Start()) == start:
			pl.edit(d.file, names[i-1].End(), n.End(), "")
		}
		return
	}
}

// use is one place that uses a constant.
type use struct {
	doc  *document
	node syntax.Node // the name, with the module before it
}

// runs reports whether the constant may be run there, and is not only shown or compared.
func (u use) runs() bool {
	for n, p := u.node, u.node.Parent(); p.OK(); n, p = p, p.Parent() {
		switch p.Kind() {
		case "comparison_operator", "raise_statement", "assert_statement":
			return false
		case "pair":
			return n.FieldName() != "key"
		case "subscript":
			return n.FieldName() != "subscript"
		case "call":
			fn := p.Field("function").Text()
			switch fn[strings.LastIndexByte(fn, '.')+1:] {
			case "print", "echo", "debug", "info", "warning", "error", "exception", "startswith", "endswith":
				return false
			}
			return true
		case "block", "module":
			return true
		}
	}
	return true
}

// use puts the instance's path in the place of one use of a constant of the file home. Decided is the instance that a
// person has named for it, if any. What the environment may say goes on to come first.
func (p *project) use(pl *plan, home *document, u use, decided string, def definition) error {
	name, byRoot, ok := p.instanceAt(u)
	if decided != "" {
		name, byRoot, ok = u.doc.decided(site.Name{Expr: decided, How: "decision"}, u.node.Start()), false, true
	}
	if !ok {
		return refuse("%s is also used where no instance is in scope, at %v: decide that use in %s", u.node.Text(), p.place(u.doc.file, u.node.Start()), rules.ConfigName)
	}
	call, err := p.call(pl, u.doc, name, byRoot, u.node.Span())
	if err != nil {
		return err
	}
	inside := u.node.Parent().Kind() == "interpolation"
	switch at := u.node.Span(); {
	case def.overridden() && (u.doc != home || len(u.doc.quotesAround(at)) > 0):
		return refuse("%s is read from the environment where it is set, and cannot be at %v", u.node.Text(), p.place(u.doc.file, at.Start))
	case def.overridden():
		before, _, _ := strings.Cut(def.value.Text(), ",")
		pl.edit(u.doc.file, at.Start, at.End, before+", "+call+")")
	case def.whole:
		pl.edit(u.doc.file, at.Start, at.End, call)
	case inside && u.node.Parent().Field("expression") == u.node && len(u.node.Parent().NamedChildren()) == 1:
		pl.edit(u.doc.file, u.node.Parent().Start(), u.node.Parent().Start(), "{"+call+"} ")
	case u.node.Parent().Kind() == "attribute" || len(u.doc.quotesAround(at)) > 0:
		return refuse("%s is used in a way that cannot be extended: %v", u.node.Text(), p.place(u.doc.file, at.Start))
	default:
		quote := `"`
		if strings.Contains(call, quote) {
			quote = `'`
		}
		if strings.Contains(call, quote) {
			return refuse("the quotes of %s cannot stand inside a string", call)
		}
		pl.edit(u.doc.file, at.Start, at.End, "f"+quote+"{"+call+"} {"+u.node.Text()+"}"+quote)
	}
	return nil
}

// instanceAt is the expression that names the instance at a use of a constant: the directory that the same list of
// words names, or a name in scope.
func (p *project) instanceAt(u use) (n site.Name, byRoot, ok bool) {
	if expr, found := p.rootBeside(u.node); found {
		return site.Name{Expr: expr, How: "root"}, true, true
	}
	names, _, _ := u.doc.words.Names(u.node.Span())
	if len(names) == 0 {
		return site.Name{}, false, false
	}
	return names[0], false, true
}

// rootBeside is the argument of an option that names the instance's directory in the same list of words.
func (p *project) rootBeside(n syntax.Node) (string, bool) {
	if !n.Parent().Is("list", "tuple", "argument_list") {
		return "", false
	}
	words := n.Parent().NamedChildren()
	for i := 0; i+1 < len(words); i++ {
		for _, option := range p.in.Pack.Instance.RootOptions {
			if words[i].Kind() == "string" && strings.Trim(words[i].Text(), `"'`) == option && p.single(words[i+1].Text()) {
				return words[i+1].Text(), true
			}
		}
	}
	return "", false
}

// usesOf are the places that use a name of a file's top level, in the file and in those that import it.
func (p *project) usesOf(d *document, def definition) ([]use, error) {
	if def.class.OK() {
		return p.attributeUses(d, def)
	}
	ident := def.ident
	var out []use
	for _, other := range p.holding(d, ident.Text()) {
		more, err := p.usesIn(other, d, ident)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// holding are the Python files that hold a name, home among them whatever it is called.
func (p *project) holding(home *document, name string) []*document {
	var out []*document
	for _, file := range p.in.Files {
		if !strings.HasSuffix(file, ".py") && file != home.file {
			continue
		}
		src, err := p.in.Read(file)
		if err != nil || !bytes.Contains(src, []byte(name)) {
			continue
		}
		if d, err := p.document(file); err == nil {
			out = append(out, d)
		}
	}
	return out
}

func (p *project) usesIn(d, home *document, ident syntax.Node) ([]use, error) {
	name := ident.Text()
	bound := d == home
	modules := map[string]bool{}
	for _, im := range d.bindings(p, home.file) {
		switch {
		case im.star:
			bound = true
		case im.name == name && im.as != name:
			return nil, refuse("%s is imported as %s by %s", name, im.as, d.file)
		case im.name == name:
			bound = true
		case im.name == "":
			modules[im.as] = true
		}
	}
	var out []use
	for _, s := range site.Find(d.src, strings.ToLower(name)) {
		n := d.tree.At(s.Start)
		if n.Kind() != "identifier" || n.Text() != name || n == ident || n.Ancestor("import_statement", "import_from_statement").OK() {
			continue
		}
		up := n.Parent()
		switch {
		case up.Kind() == "attribute" && n.FieldName() == "attribute":
			if modules[up.Field("object").Text()] {
				out = append(out, use{d, up})
			}
		case up.Kind() == "keyword_argument" && n.FieldName() == "name" || !bound:
		case up.Is("assignment", "augmented_assignment") && n.FieldName() == "left", up.Is("global_statement", "delete_statement"):
			return nil, refuse("%s is set again at %v", name, p.place(d.file, n.Start()))
		default:
			out = append(out, use{d, n})
		}
	}
	return out, nil
}

// binding is one name that an import of a module binds: the module itself when name is empty.
type binding struct {
	name, as string
	star     bool
}

// bindings are the names that a file's imports, wherever they stand, bind to a module or to names of it.
func (d *document) bindings(p *project, home string) []binding {
	var out []binding
	if d.imported == nil {
		d.imported = importsOf(reader.Lower(d.file, d.tree).Body)
	}
	for _, im := range d.imported {
		if file, ok := reader.Resolve(d.file, im.Module, p.exists); ok && file == home {
			if im.As != "" {
				out = append(out, binding{as: im.As})
			}
			for _, n := range im.Names {
				out = append(out, binding{name: n.Name, as: n.As})
			}
			if im.Star {
				out = append(out, binding{star: true})
			}
			continue
		}
		for _, n := range im.Names {
			if file, ok := reader.Resolve(d.file, reader.Member(im.Module, n.Name), p.exists); ok && file == home {
				out = append(out, binding{as: n.As})
			}
		}
	}
	return out
}
