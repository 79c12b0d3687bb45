package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// attributeUses are the places that use an attribute that a class gives all its objects. It errs when the attribute may be
// another one at some place: when a class below sets it again, or when it is read from or set on an object of unknown class.
func (p *project) attributeUses(d *document, def definition) ([]use, error) {
	var out []use
	name := def.ident.Text()
	for _, other := range p.holding(d, name) {
		for _, s := range site.Find(other.src, strings.ToLower(name)) {
			n := other.tree.At(s.Start)
			if n.Kind() != "identifier" || n.Text() != name || other == d && n == def.ident {
				continue
			}
			switch up := n.Parent(); {
			case up.Kind() == "attribute" && n.FieldName() == "attribute" && other == d && def.ownedAt(up):
				out = append(out, use{other, up})
			case up.Kind() == "attribute" && n.FieldName() == "attribute", up.Kind() == "assignment" && n.FieldName() == "left" && inClass(up):
				return nil, refuse("%s is an attribute of %s, and may be another one at %v", name, def.class.Field("name").Text(), p.place(other.file, n.Start()))
			}
		}
	}
	return out, nil
}

// ownedAt reports whether an attribute is read, not set, from an object of the class or from the class itself.
func (c definition) ownedAt(attribute syntax.Node) bool {
	up := attribute.Parent()
	if up.Is("assignment", "augmented_assignment") && attribute.FieldName() == "left" || up.Kind() == "delete_statement" {
		return false
	}
	switch of := attribute.Field("object").Text(); of {
	case "self", "cls":
		return attribute.Ancestor("class_definition") == c.class
	default:
		return of == c.class.Field("name").Text()
	}
}

// inClass reports whether an assignment stands in the body of a class itself.
func inClass(assignment syntax.Node) bool {
	body := assignment.Parent().Parent()
	return assignment.Parent().Kind() == "expression_statement" && body.Kind() == "block" && body.Parent().Kind() == "class_definition"
}
