package python

import (
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// defaultWidth is the width of a line in a project that sets none, as Black has it.
const defaultWidth = 88

var lineLength = lazyregexp.New(`(?m)^\s*(?:line-length|line_length|max-line-length|max_line_length)\s*=\s*(\d+)`)

// width is how long a line of a file may be: what the nearest configuration of a formatter or linter says.
func (p *project) width(file string) int {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		for _, name := range []string{"pyproject.toml", "setup.cfg", "tox.ini", ".flake8"} {
			config := path.Join(dir, name)
			if !p.files[config] {
				continue
			}
			src, _ := p.in.Read(config)
			if m := lineLength.FindSubmatch(src); m != nil {
				if n, err := strconv.Atoi(string(m[1])); err == nil && n > 20 {
					return n
				}
			}
		}
		if dir == "." || dir == "/" {
			return defaultWidth
		}
	}
}

// wrap adds line breaks to the plans where their edits make a line too long, in the places where Black has them. A line
// that was too long before, or cannot be broken at brackets, stays as it is.
func (p *project) wrap(plans []*plan) {
	edits := map[string][]edit.Edit{}
	for _, pl := range plans {
		for file, e := range pl.Edits {
			edits[file] = append(edits[file], e...)
		}
	}
	for file, all := range edits {
		d, err := p.docs.Open(file)
		if err != nil {
			continue
		}
		if all, err = edit.Normal(all, len(d.Src)); err != nil {
			continue
		}
		w := &wrapper{d: d, edits: all, width: p.width(file)}
		last := -1
		for _, e := range all {
			start := d.LineStart(e.Start)
			if start == last {
				continue
			}
			w.out, last = nil, start
			if w.line(start); len(w.out) > 0 {
				attach(plans, d, start, w.out)
			}
		}
	}
}

// attach gives the breaks of a line to each plan that changes it. Where a break and another insertion of several plans
// meet, their order cannot be told and the line stays long.
func attach(plans []*plan, d *document, start int, breaks []edit.Edit) {
	line := source.Span{Start: start, End: d.LineEnd(start)}
	var on []*plan
	var inserted []edit.Edit
	for _, pl := range plans {
		if edits := pl.Edits[d.File]; slices.ContainsFunc(edits, func(e edit.Edit) bool { return line.Contains(e.Start) }) {
			on, inserted = append(on, pl), append(inserted, edits...)
		}
	}
	for _, e := range inserted {
		if len(on) > 1 && e.Start == e.End && slices.ContainsFunc(breaks, func(b edit.Edit) bool { return e.Start == b.Start }) {
			return
		}
	}
	// A break after an opening bracket stands before what else is inserted there, any other break after it.
	var before, after []edit.Edit
	for _, b := range breaks {
		if b.Start > 0 && strings.IndexByte("([{", d.Src[b.Start-1]) >= 0 {
			before = append(before, b)
		} else {
			after = append(after, b)
		}
	}
	for _, pl := range on {
		pl.Edits[d.File] = slices.Concat(before, pl.Edits[d.File], after)
	}
}

// wrapper breaks the lines of one file.
type wrapper struct {
	d     *document
	edits []edit.Edit // all of the file, in order
	width int
	out   []edit.Edit
}

// after is the text of a span once the edits in it are made.
func (w *wrapper) after(s source.Span) string {
	var b strings.Builder
	at := s.Start
	for _, e := range w.edits[sort.Search(len(w.edits), func(i int) bool { return w.edits[i].Start >= s.Start }):] {
		if e.Start > s.End || e.End > s.End {
			break
		}
		b.Write(w.d.Src[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.Write(w.d.Src[at:s.End])
	return b.String()
}

func columns(s string) int { return utf8.RuneCountInString(s) }

// line breaks the line that starts at start.
func (w *wrapper) line(start int) {
	src := w.d.Src
	content := source.Span{Start: start, End: start + len(strings.TrimRight(string(src[start:w.d.LineEnd(start)]), "\r\n"))}
	if columns(w.d.text(content)) > w.width || columns(w.after(content)) <= w.width || strings.Contains(w.after(content), "\n") {
		return
	}
	text := start
	for text < content.End && (src[text] == ' ' || src[text] == '\t') {
		text++
	}
	indent := string(src[start:text])
	n := w.d.tree.At(text)
	for up := n.Parent(); up.OK() && up.Start() == text && up.End() <= content.End && !up.Is("block", "module"); up = n.Parent() {
		n = up
	}
	if n.Start() != text || n.End() > content.End {
		return
	}
	switch rest := strings.TrimSpace(string(src[n.End():content.End])); {
	case rest == "" || rest == ",":
		w.node(n, indent)
	case rest[0] == ',' && n.Parent().Is("argument_list", "list", "tuple") && w.d.LineStart(n.Parent().Start()) < start && n.Parent().End() > content.End:
		w.elements(n.Parent(), indent)
	}
}

// node breaks a node that fills a line, but for a comma after it: at the brackets in which it ends, or before an
// operator where it stands in brackets.
func (w *wrapper) node(n syntax.Node, indent string) {
	last := n
	for last.OK() && !last.Is("argument_list", "list", "tuple", "dictionary", "set") {
		if last.Kind() == "binary_operator" && n == last && n.Parent().Is("argument_list", "parenthesized_expression") {
			op := last.Field("operator")
			w.out = append(w.out, edit.Edit{Start: last.Field("left").End(), End: op.Start(), New: w.d.Newline + indent})
			return
		}
		kids := last.Children()
		if len(kids) == 0 {
			return
		}
		last = kids[len(kids)-1]
	}
	if last.OK() && last.End() == n.End() && !strings.Contains(last.Text(), "#") {
		w.brackets(last, indent)
	}
}

// brackets puts what stands in brackets on lines of its own: on one where it fits, else each element on one.
func (w *wrapper) brackets(b syntax.Node, indent string) {
	elems := b.NamedChildren()
	if len(elems) == 0 {
		return
	}
	first, last := elems[0], elems[len(elems)-1]
	inner := indent + "    "
	if strings.HasPrefix(indent, "\t") {
		inner = indent + "\t"
	}
	trailing := strings.TrimSpace(string(w.d.Src[last.End():b.End()-1])) != ""
	fits := columns(inner+w.after(source.Span{Start: first.Start(), End: b.End() - 1})) <= w.width
	switch {
	case fits && !trailing:
		w.open(b, first, inner)
		w.shut(last, b, indent)
	case len(elems) == 1 && !trailing:
		w.open(b, first, inner)
		w.node(first, inner)
		w.shut(last, b, indent)
	default:
		w.open(b, first, inner)
		w.elements(b, inner)
	}
}

func (w *wrapper) open(b, first syntax.Node, inner string) {
	w.out = append(w.out, edit.Edit{Start: b.Start() + 1, End: first.Start(), New: w.d.Newline + inner})
}

func (w *wrapper) shut(last, b syntax.Node, indent string) {
	w.out = append(w.out, edit.Edit{Start: last.End(), End: b.End() - 1, New: w.d.Newline + indent})
}

// elements puts each element of a list in brackets on a line of its own, a comma after the last one. The first one has
// its line already.
func (w *wrapper) elements(b syntax.Node, inner string) {
	elems := b.NamedChildren()
	last := elems[len(elems)-1]
	for _, e := range w.edits {
		if e.Start == e.End && e.New != "" && e.Start == last.End() { // one more element, which is no node yet
			w.out = nil
			return
		}
	}
	for i := 1; i < len(elems); i++ {
		from := elems[i-1].End() + 1 + strings.IndexByte(string(w.d.Src[elems[i-1].End():elems[i].Start()]), ',')
		w.out = append(w.out, edit.Edit{Start: from, End: elems[i].Start(), New: w.d.Newline + inner})
	}
	for _, e := range elems {
		if columns(inner+w.after(e.Span()))+1 > w.width {
			w.node(e, inner)
		}
	}
	tail := string(w.d.Src[last.End() : b.End()-1])
	comma := ","
	if strings.Contains(tail, ",") {
		comma = ""
	}
	outer := strings.TrimSuffix(strings.TrimSuffix(inner, "    "), "\t")
	if strings.Contains(tail, "\n") {
		if comma != "" {
			w.out = append(w.out, edit.Edit{Start: last.End(), End: last.End(), New: comma})
		}
		return
	}
	w.out = append(w.out, edit.Edit{Start: last.End(), End: b.End() - 1, New: "," + w.d.Newline + outer})
}
