package python

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// layoutOf is the whole layout that a string is, or is a piece of, and the node that fills it: layout % operand, or the
// call of layout.format. Use is no node when the string is no layout.
func layoutOf(str syntax.Node) (layout, use syntax.Node) {
	at := str
	for at.Parent().Is("concatenated_string", "parenthesized_expression") {
		at = at.Parent()
	}
	up := at.Parent()
	switch {
	case up.Kind() == "binary_operator" && at.FieldName() == "left" && up.Field("operator").Text() == "%":
		return at, up
	case up.Kind() == "attribute" && at.FieldName() == "object" && up.Field("attribute").Text() == "format" &&
		up.Parent().Kind() == "call" && up.FieldName() == "function":
		return at, up.Parent()
	}
	return syntax.Node{}, syntax.Node{}
}

// intoLayout puts a field in the place of the program's name, and the expression among the arguments.
func (p *project) intoLayout(pl *plan, d *document, layout, use syntax.Node, span source.Span, call string) error {
	if use.Kind() == "call" {
		return p.intoBraces(pl, d, use, span, call)
	}
	return p.intoPercent(pl, d, layout, use.Field("right"), span, call)
}

// intoBraces adds a field and a keyword argument of its name.
func (p *project) intoBraces(pl *plan, d *document, use syntax.Node, span source.Span, call string) error {
	args := use.Field("arguments")
	if args.Kind() != "argument_list" {
		return refuse("the layout's arguments are no plain list")
	}
	field := render.Word(p.in.Pack.Program.Name)
	given := args.NamedChildren()
	for _, a := range given {
		if a.Kind() == "keyword_argument" && a.Field("name").Text() == field {
			field += "_path"
		}
	}
	if strings.Contains(d.text(use.Field("function").Span()), "{"+field) {
		return refuse("the layout has a field %s already", field)
	}
	pl.Edit(d.File, span.Start, span.End, "{"+field+"}")
	if len(given) == 0 {
		pl.Edit(d.File, args.Start()+1, args.Start()+1, field+"="+call)
		return nil
	}
	last := given[len(given)-1]
	d.append(pl, args, last, field+"="+call)
	return nil
}

// insert adds an element before another one of a list in brackets, on a line of its own where that one has one.
func (d *document) insert(pl *plan, list, before syntax.Node, text string) {
	at := before.Start()
	sep := ", "
	if start := d.LineStart(at); start > list.Start() && strings.TrimSpace(string(d.Src[start:at])) == "" {
		sep = "," + d.Newline + string(d.Src[start:at])
	}
	pl.Edit(d.File, at, at, text+sep)
}

// append adds an element after the last one of a list in brackets, on a line of its own where the last one has one.
func (d *document) append(pl *plan, list, last syntax.Node, text string) {
	comma := last.Next()
	for comma.Kind() == "comment" {
		comma = comma.Next()
	}
	start := d.LineStart(last.Start())
	indent := string(d.Src[start:last.Start()])
	if comma.Kind() == "," && list.Start() < start && strings.TrimSpace(indent) == "" {
		pl.Edit(d.File, comma.End(), comma.End(), d.Newline+indent+text+",")
		return
	}
	pl.Edit(d.File, last.End(), last.End(), ", "+text)
}

var conversion = lazyregexp.New(`%(\(\w*\))?([#0\- +]*)(\*|\d+)?(\.(\*|\d+))?[hlL]?([diouxXeEfFgGcrsa%])`)

// intoPercent adds a conversion, and the expression in its place among the operands.
func (p *project) intoPercent(pl *plan, d *document, layout, operand syntax.Node, span source.Span, call string) error {
	before, total, named := 0, 0, false
	for _, str := range pieces(layout) {
		prefix, quotes := prefixOf(str.Text())
		from := str.Start() + len(prefix) + len(quotes)
		for _, m := range conversion.FindAllStringSubmatchIndex(string(d.Src[from:str.End()]), -1) {
			s := string(d.Src[from:str.End()])
			if s[m[12]:m[13]] == "%" {
				continue
			}
			named = named || m[2] >= 0
			n := 1 + strings.Count(s[m[0]:m[1]], "*")
			total += n
			if from+m[0] < span.Start {
				before += n
			}
		}
	}
	if named {
		return p.intoTable(pl, d, operand, span, call)
	}
	// Two equal insertions would count once, and the operands would be one too few.
	key := fmt.Sprintf("%s:%d", d.File, operand.Start())
	if p.filled[key] {
		return refuse("the layout holds two commands, and the operands of %% can be extended for one")
	}
	p.filled[key] = true
	pl.Edit(d.File, span.Start, span.End, "%s")
	if operand.Kind() == "tuple" {
		return d.intoTuple(pl, operand, before, total, call)
	}
	if total != 1 {
		return refuse("the operands of %% are not written as a tuple")
	}
	open, shut := "(", ")"
	if operand.Kind() == "parenthesized_expression" {
		operand, open, shut = operand.NamedChildren()[0], "", ""
	}
	if before == 0 {
		open += call + ", "
	} else {
		shut = ", " + call + shut
	}
	if open != "" {
		pl.Edit(d.File, operand.Start(), operand.Start(), open)
	}
	if shut != "" {
		pl.Edit(d.File, operand.End(), operand.End(), shut)
	}
	return nil
}

// pieces are the string tokens of a layout.
func pieces(layout syntax.Node) []syntax.Node {
	if layout.Kind() == "string" {
		return []syntax.Node{layout}
	}
	var out []syntax.Node
	for _, c := range layout.NamedChildren() {
		out = append(out, pieces(c)...)
	}
	return out
}

func (d *document) intoTuple(pl *plan, operand syntax.Node, before, total int, call string) error {
	elems := operand.NamedChildren()
	if len(elems) != total {
		return refuse("the layout and the operands of %% do not agree in number")
	}
	if slices.ContainsFunc(elems, func(e syntax.Node) bool { return e.Kind() == "list_splat" }) {
		return refuse("the operands of %% are spread from a list")
	}
	switch {
	case len(elems) == 0:
		pl.Edit(d.File, operand.Start()+1, operand.Start()+1, call+",")
	case before < len(elems):
		d.insert(pl, operand, elems[before], call)
	default:
		d.append(pl, operand, elems[len(elems)-1], call)
	}
	return nil
}

// intoTable adds an entry to the dictionary that fills a layout with names.
func (p *project) intoTable(pl *plan, d *document, operand syntax.Node, span source.Span, call string) error {
	if operand.Kind() != "dictionary" {
		return refuse("the operand of %% is no dictionary that is written here")
	}
	key := render.Word(p.in.Pack.Program.Name)
	for _, e := range operand.NamedChildren() {
		if e.Kind() != "pair" || strings.Trim(e.Field("key").Text(), `"'`) == key {
			return refuse("the dictionary that fills the layout cannot be extended")
		}
	}
	pl.Edit(d.File, span.Start, span.End, "%("+key+")s")
	elems := operand.NamedChildren()
	entry := `"` + key + `": ` + call
	if len(elems) == 0 {
		pl.Edit(d.File, operand.Start()+1, operand.Start()+1, entry)
		return nil
	}
	d.append(pl, operand, elems[len(elems)-1], entry)
	return nil
}
