package python

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// definition is a constant of a file's top level, or an attribute that a class gives all its objects.
type definition struct {
	class syntax.Node // the class of an attribute
	ident syntax.Node
	value syntax.Node // the literal, or the call that gives it unless a variable of the environment is set
	whole bool        // the literal says the program's name and no more
	list  bool        // the value is a list that begins with the literal
	more  bool        // other words follow in it
}

// overridden reports whether a variable of the environment may say something else.
func (c definition) overridden() bool { return c.value.Kind() == "call" }

// enumerated reports whether the attribute is a member of an enumeration, which its class makes, lists and looks up.
func (c definition) enumerated() bool {
	if !c.class.OK() {
		return false
	}
	return slices.ContainsFunc(c.class.Field("superclasses").NamedChildren(), func(n syntax.Node) bool { return strings.HasSuffix(n.Text(), "Enum") })
}

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
	if list := str.Parent(); list.Is("list", "tuple") && list.NamedChildren()[0] == str {
		c.value, c.list, c.more = list, true, len(list.NamedChildren()) > 1
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

// valueOf is the constant that a site's literal is given to. A constant that is more than the program's name can be taken apart
// when it begins with that name.
func (p *project) valueOf(pl *plan) (*document, definition, error) {
	d, err := p.docs.Open(pl.Site.File)
	if err != nil {
		return nil, definition{}, err
	}
	slot := pl.Site.Occurrence.Slot
	def, ok := d.constantOf(slot.Literal)
	if !ok {
		return nil, def, refuse("it is written where no instance is in scope and run where one is: put the path in its place where it is run")
	}
	prefix, quotes := prefixOf(d.text(slot.Literal))
	body := source.Span{Start: slot.Literal.Start + len(prefix) + len(quotes), End: slot.Literal.End - len(quotes)}
	def.whole = body == slot.Span
	if !def.whole && (def.overridden() || slot.Span.Start != body.Start || d.Src[slot.Span.End] != ' ') || strings.ContainsAny(prefix, "bf") {
		return nil, def, refuse("%s is set where no instance is in scope", def.ident.Text())
	}
	return d, def, nil
}

// Moved takes a constant out of the imports and classes where nothing reads it any more. One that is more than the program's
// name has to be moved everywhere, since it loses that name.
func (p *project) Moved(pl *plan, done int) error {
	d, def, err := p.valueOf(pl)
	if err != nil {
		return err
	}
	moved := map[string]int{}
	for file := range pl.Edits {
		moved[file] = len(pl.Edits[file])
	}
	ident, slot := def.ident.Text(), pl.Site.Occurrence.Slot
	left, where, err := p.others(d, def, moved)
	switch {
	case err != nil:
		return err
	case def.list && (!def.whole || p.changed(d, ident)):
		return refuse("%s is changed after it is set", ident)
	case def.more: // its other words are read on
		return nil
	case p.byPosition(d, def):
		return refuse("%s can be given by position where an object is made", ident)
	case !def.whole && (done < len(pl.Site.Occurrence.Takes) || where != ""):
		return refuse("%s is more than the program's name, and is used elsewhere too: %s", ident, where)
	case !def.whole:
		pl.Edit(d.File, slot.Span.Start, slot.Span.End+1, "")
		return nil
	}
	for other, n := range left {
		if n == 0 && other != d {
			p.unimport(pl, other, ident)
		}
	}
	if as := def.value.Parent(); !def.enumerated() && (def.overridden() || def.class.OK()) && where == "" && !d.onlyChild(as) {
		d.remove(pl, as)
	}
	return nil
}

// byPosition reports whether a call that makes an object of the attribute's class gives it a value by position.
func (p *project) byPosition(home *document, def definition) bool {
	if !def.class.OK() || !def.value.Parent().Field("type").OK() { // no field
		return false
	}
	class, before := def.class.Field("name").Text(), 0
	for _, st := range def.class.Field("body").NamedChildren() {
		if st.Start() < def.ident.Start() && st.NamedChildren() != nil && st.NamedChildren()[0].Field("type").OK() {
			before++
		}
	}
	for _, d := range p.holding(home, class) {
		for _, s := range site.Find(d.Src, strings.ToLower(class)) {
			call := d.tree.At(s.Start).Parent()
			for call.Kind() == "attribute" {
				call = call.Parent()
			}
			if call.Kind() != "call" || call.Field("function").End() != s.End {
				continue
			}
			given := 0
			for _, a := range call.Field("arguments").NamedChildren() {
				if a.Kind() == "list_splat" {
					return true
				}
				if a.Kind() != "keyword_argument" && a.Kind() != "dictionary_splat" && a.Kind() != "comment" {
					given++
				}
			}
			if given > before {
				return true
			}
		}
	}
	return false
}

// others are how many places of each file go on to read a constant, where so many are moved, and the first of the files. It
// errs when the name is given another value somewhere, since what reads it then may mean that.
func (p *project) others(home *document, def definition, moved map[string]int) (left map[*document]int, where string, err error) {
	left = map[*document]int{}
	name := def.ident.Text()
	for _, d := range p.holding(home, name) {
		n, imported := -moved[d.File], d == home
		for _, s := range site.Find(d.Src, strings.ToLower(name)) {
			id := d.tree.At(s.Start)
			up := id.Parent()
			member := up.Kind() == "attribute" && id.FieldName() == "attribute"
			switch {
			case id.Kind() != "identifier" || id.Text() != name || id == def.ident:
			case id.Ancestor("import_statement", "import_from_statement").OK():
				imported = true
			case given(id, member) && (imported || def.class.OK()), up.Kind() == "keyword_argument" && def.class.OK():
				return nil, "", refuse("%s is set again at %v, and may be another one there", name, p.in.Place(d.File, id.Start()))
			case imported || member:
				n++
			}
		}
		if left[d] = n; n > 0 && where == "" {
			where = d.File
		}
	}
	return left, where, nil
}

// given reports whether a name, or the member that it is, is given a value.
func given(id syntax.Node, member bool) bool {
	if member {
		id = id.Parent()
	}
	return id.Parent().Is("assignment", "augmented_assignment") && id.FieldName() == "left" || id.Parent().Is("global_statement", "delete_statement")
}

// remove takes a statement away that stands alone on its lines, with the blank line behind it when it was a paragraph of
// its own.
func (d *document) remove(pl *plan, statement syntax.Node) {
	lines, above, alone := d.Alone(statement.Span(), "")
	if strings.HasSuffix(above, ":") { // of a class
		lines.End = d.PastBlank(lines.End)
	}
	if alone {
		pl.Edit(d.File, lines.Start, lines.End, "")
	}
}

// unimport takes a name that a file no longer uses out of its import. A package's own file may import it for others, and
// keeps it.
func (p *project) unimport(pl *plan, d *document, ident string) {
	if path.Base(d.File) == "__init__.py" {
		return
	}
	for _, im := range d.imports() {
		names := im.node.Fields("name")
		i := slices.IndexFunc(names, func(n syntax.Node) bool { return im.from && n.Kind() == "dotted_name" && n.Text() == ident })
		if i < 0 {
			continue
		}
		n := names[i]
		start, end := d.LineStart(n.Start()), d.LineEnd(n.End())
		key := fmt.Sprintf("%s:%d", d.File, im.node.Start())
		ownLine := strings.TrimSpace(string(d.Src[start:end])) == ident+","
		// Two names that stand side by side cannot be taken out independently of each other, and one has to stay.
		if p.taken[key] > 0 && (!ownLine || p.taken[key]+1 >= len(names)) {
			return
		}
		p.taken[key]++
		if ownLine && len(names) > 1 {
			pl.Edit(d.File, start, end, "")
			return
		}
		from, to := d.LineStart(im.node.Start()), d.LineEnd(im.node.End())
		switch {
		case len(names) == 1 && strings.TrimSpace(string(d.Src[from:to])) == im.node.Text():
			pl.Edit(d.File, from, to, "")
		case i+1 < len(names) && d.LineStart(names[i+1].Start()) == start:
			pl.Edit(d.File, n.Start(), names[i+1].Start(), "")
		case i > 0 && d.LineStart(names[i-1].Start()) == start:
			pl.Edit(d.File, names[i-1].End(), n.End(), "")
		}
		return
	}
}

// use is one place that reads a constant.
type use struct {
	doc  *document
	node syntax.Node // the name, with the module or object before it
}

// Take puts the instance's path in the place of one use of a constant. What the environment may say goes on to come first.
func (p *project) Take(pl *plan, t site.Take) error {
	home, def, err := p.valueOf(pl)
	if err != nil {
		return err
	}
	d, err := p.docs.Open(t.File)
	if err != nil {
		return err
	}
	u := use{d, d.tree.Exactly(t.Slot.Span)}
	if !u.node.OK() {
		return refuse("%s is read in a way that cannot be taken apart", def.ident.Text())
	}
	if member := u.node.Parent(); def.enumerated() && member.Kind() == "attribute" {
		if member.Field("attribute").Text() != "value" {
			return refuse("%s is a member of an enumeration, and %s is not its value", u.node.Text(), member.Text())
		}
		u.node = member
	}
	call, err := p.call(pl, u.doc, d.decided(t.Instance, u.node.Start()), t.Instance.How == "root", u.node.Span())
	if err != nil {
		return err
	}
	inside := u.node.Parent().Kind() == "interpolation"
	switch at := u.node.Span(); {
	case def.overridden() && (u.doc != home || len(u.doc.quotesAround(at)) > 0):
		return refuse("%s is read from the environment where it is set, and cannot be at %v", u.node.Text(), p.in.Place(u.doc.File, at.Start))
	case def.list:
		return p.takeList(pl, u, def, call)
	case def.overridden():
		before, _, _ := strings.Cut(def.value.Text(), ",")
		pl.Edit(u.doc.File, at.Start, at.End, before+", "+call+")")
	case def.whole:
		pl.Edit(u.doc.File, at.Start, at.End, call)
	case inside && u.node.Parent().Field("expression") == u.node && len(u.node.Parent().NamedChildren()) == 1:
		pl.Edit(u.doc.File, u.node.Parent().Start(), u.node.Parent().Start(), "{"+call+"} ")
	case u.node.Parent().Kind() == "attribute" || len(u.doc.quotesAround(at)) > 0:
		return refuse("%s is used in a way that cannot be extended: %v", u.node.Text(), p.in.Place(u.doc.File, at.Start))
	default:
		quote := `"`
		if strings.Contains(call, quote) {
			quote = `'`
		}
		if strings.Contains(call, quote) {
			return refuse("the quotes of %s cannot stand inside a string", call)
		}
		pl.Edit(u.doc.File, at.Start, at.End, "f"+quote+"{"+call+"} {"+u.node.Text()+"}"+quote)
	}
	return nil
}

// changed reports whether anything adds to a list, or takes from it.
func (p *project) changed(home *document, name string) bool {
	change := regexp.MustCompile(`\b` + name + `\s*(?:\.\s*(?:append|extend|insert|remove|pop|clear|reverse)\b|\[[^\]\n]*\]\s*=[^=]|\+=)`)
	return slices.ContainsFunc(p.holding(home, name), func(d *document) bool { return change.Match(d.Src) })
}

// takeList puts the path in the place of the first word of a list that is used. The other words are taken from the list.
func (p *project) takeList(pl *plan, u use, def definition, call string) error {
	at, up := u.node.Span(), u.node.Parent()
	words := call
	if def.more {
		words += ", *" + u.node.Text() + "[1:]"
	}
	switch {
	case len(u.doc.quotesAround(at)) > 0:
		return refuse("%s is used in a way that cannot be taken apart: %v", u.node.Text(), p.in.Place(u.doc.File, at.Start))
	case up.Kind() == "list_splat" && up.Parent().Is("list", "argument_list", "tuple"):
		pl.Edit(u.doc.File, up.Start(), up.End(), words)
	case up.Kind() == "binary_operator" && up.Field("operator").Text() == "+", up.Is("argument_list", "return_statement"),
		up.Kind() == "keyword_argument" && u.node.FieldName() == "value", up.Kind() == "assignment" && u.node.FieldName() == "right":
		switch {
		case def.value.Kind() == "list":
			words = "[" + words + "]"
		case def.more:
			words = "(" + words + ")"
		default:
			words = "(" + words + ",)"
		}
		pl.Edit(u.doc.File, at.Start, at.End, words)
	default:
		return refuse("%s is used in a way that cannot be taken apart: %v", u.node.Text(), p.in.Place(u.doc.File, at.Start))
	}
	return nil
}

// holding are the Python files that hold a name, home among them whatever it is called.
func (p *project) holding(home *document, name string) []*document {
	var out []*document
	for _, file := range p.in.Files {
		if !strings.HasSuffix(file, ".py") && file != home.File {
			continue
		}
		src, err := p.in.Read(file)
		if err != nil || !bytes.Contains(src, []byte(name)) {
			continue
		}
		if d, err := p.docs.Open(file); err == nil {
			out = append(out, d)
		}
	}
	return out
}

// inClass reports whether an assignment stands in the body of a class itself.
func inClass(assignment syntax.Node) bool {
	body := assignment.Parent().Parent()
	return assignment.Parent().Kind() == "expression_statement" && body.Kind() == "block" && body.Parent().Kind() == "class_definition"
}
