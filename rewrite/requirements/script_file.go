package requirements

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements/install"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// hosted is a file that holds shell text, or is shell text.
type hosted struct {
	*survey
	root    *step.Root
	file    edit.File
	src     []byte
	kind    host.Kind
	scripts []*embedded
	tasks   []*task
}

// cut takes pins out of the file's commands. A pin that it cannot take out is left, with the reason.
func (h *hosted) cut(picked []*pin) (edits []edit.Edit, left map[*pin]string) {
	want, left := map[*pin]bool{}, map[*pin]string{}
	for _, p := range picked {
		want[p] = true
	}
	for _, g := range h.scripts {
		edits = append(edits, h.cutScript(g, want, left)...)
	}
	for _, t := range h.tasks {
		edits = append(edits, h.cutTask(t, want, left)...)
	}
	out, err := edit.Normal(edits, len(h.src))
	if err != nil {
		for _, p := range picked {
			left[p] = "the commands stand too close to each other"
		}
		return nil, left
	}
	return h.closeGaps(out), left
}

// cutScript takes packages out of the commands of one script.
func (h *hosted) cutScript(g *embedded, want map[*pin]bool, left map[*pin]string) []edit.Edit {
	gone := map[[2]int]*pin{}
	for _, p := range g.pins {
		if want[p] {
			gone[g.at[p]] = p
		}
	}
	if len(gone) == 0 {
		return nil
	}
	c := g.script.Cut(func(command, pkg int) bool { return gone[[2]int{command, pkg}] != nil })
	edits, ok := h.render(g, c)
	for at, p := range gone {
		switch {
		case !ok:
			left[p] = "it stands in a text that cannot be edited byte by byte"
		case slices.Contains(c.Left, at[0]):
			left[p] = "its command cannot be taken out"
		}
	}
	if !ok {
		return nil
	}
	return append(edits, h.cutIndexes(g, gone)...)
}

// cutIndexes takes away, with the comment that says so, the options by which a command finds what leaves it, where other
// packages stay. What no comment tells is for a person.
func (h *hosted) cutIndexes(g *embedded, gone map[[2]int]*pin) []edit.Edit {
	var out []edit.Edit
	for i, c := range g.script.Commands {
		var leaves, stays, comments []string
		for j, pkg := range c.Packages {
			if p := gone[[2]int{i, j}]; p != nil {
				leaves, comments = append(leaves, p.Key()), append(comments, p.Above...)
			} else {
				stays = append(stays, pkg.Key())
			}
		}
		if len(leaves) == 0 || len(stays)+len(c.Files) == 0 || len(c.Extra) == 0 && len(comments) == 0 {
			continue
		}
		place := g.Map.At(c.Start)
		if !h.mentioned(strings.Join(comments, " "), leaves, stays) {
			if len(c.Extra) > 0 {
				h.note(step.Decide, h.file, h.lineAt(place.Start), "it still names another index of packages: take that out if nothing that is left comes from there")
			}
			continue
		}
		for _, span := range c.Extra {
			if at, text, err := g.Replace(span, ""); err == nil && at.File == "" {
				out = append(out, edit.Edit{Start: at.Start, End: at.End, New: text})
			}
		}
		start := h.instructionAt(place.Start).Start
		if from, above := h.comments(start); h.kind == host.Dockerfile && h.mentioned(strings.Join(above, " "), leaves, stays) {
			out = append(out, edit.Edit{Start: from, End: start})
		}
	}
	return out
}

func (h *hosted) lineAt(at int) int { return 1 + bytes.Count(h.src[:at], []byte("\n")) }

// closeGaps takes a blank line with deleted lines that would stand beside another one.
func (h *hosted) closeGaps(edits []edit.Edit) []edit.Edit {
	var out []edit.Edit
	for _, e := range edits {
		if n := len(out); n > 0 && out[n-1].End == e.Start && out[n-1].New == "" && e.New == "" {
			out[n-1].End = e.End
			continue
		}
		out = append(out, e)
	}
	for i, e := range out {
		if e.New != "" || e.Start == e.End || e.Start > 0 && h.src[e.Start-1] != '\n' || h.src[e.End-1] != '\n' {
			continue
		}
		after := h.src[e.End:h.lineEnd(e.End)]
		if strings.TrimSpace(h.lineBefore(e.Start)) == "" && len(after) > 0 && len(bytes.TrimSpace(after)) == 0 {
			out[i].End += len(after)
		}
	}
	return out
}

// write turns the edits of an embedded script into those of the file.
func (h *hosted) render(g *embedded, c install.Cut) ([]edit.Edit, bool) {
	if c.Gone {
		switch h.kind {
		case host.Dockerfile:
			return h.instruction(g)
		case host.YAML:
			return h.script(g, c)
		}
	}
	var out []edit.Edit
	for _, e := range c.Edits {
		if h.kind == host.YAML && e.New == "" {
			if more, ok := h.node(e.Span, g); ok {
				out = append(out, more...)
				continue
			}
		}
		place, text, err := g.Replace(h.shrink(g, e), e.New)
		if err != nil || place.File != "" {
			return nil, false
		}
		out = append(out, h.wholeLines(edit.Edit{Start: place.Start, End: place.End, New: text}))
	}
	return out, true
}

// shrink leaves out a line break at the end of a deletion that nothing in the file writes.
func (h *hosted) shrink(g *embedded, e install.Edit) source.Span {
	span := e.Span
	if _, ok := g.Map.Host(span); !ok && span.End > span.Start && g.Text[span.End-1] == '\n' {
		span.End--
	}
	return span
}

// wholeLines widens a deletion that leaves nothing on its line but white space.
func (h *hosted) wholeLines(e edit.Edit) edit.Edit {
	if e.New != "" || e.Start == e.End {
		return e
	}
	start := bytes.LastIndexByte(h.src[:e.Start], '\n') + 1
	if len(bytes.Trim(h.src[start:e.Start], " \t@-")) > 0 {
		return e
	}
	if h.src[e.End-1] == '\n' {
		e.Start = start
		return e
	}
	end := h.lineEnd(e.End)
	switch rest := string(bytes.TrimSpace(h.src[e.End:end])); {
	case rest == "":
		e.Start, e.End = start, end
	case (rest == `\` || rest == "`") && strings.HasSuffix(strings.TrimSpace(h.lineBefore(start)), rest):
		e.Start, e.End = start, end // a line of a command that goes on before and behind it
	}
	return e
}

func (h *hosted) lineEnd(at int) int {
	if i := bytes.IndexByte(h.src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(h.src)
}

// instructionAt is the instruction of a Dockerfile that holds a byte.
func (h *hosted) instructionAt(at int) host.Instruction {
	for _, in := range host.Instructions(h.src) {
		if in.Start <= at && at < in.End {
			return in
		}
	}
	return host.Instruction{Span: source.Span{Start: bytes.LastIndexByte(h.src[:at], '\n') + 1, End: h.lineEnd(at)}}
}

// instruction takes a whole instruction of a Dockerfile away, with the comments above it: its command is the script, or its one
// here-document is.
func (h *hosted) instruction(g *embedded) ([]edit.Edit, bool) {
	in := h.instructionAt(g.Map.At(0).Start)
	runs := in.Name == "RUN" || in.Name == "ONBUILD" && strings.HasPrefix(strings.ToUpper(in.Rest), "RUN")
	if !runs || len(in.Documents) > 0 && (len(in.Documents) > 1 || !endsInDocument.MatchString(in.Rest)) {
		return nil, false
	}
	from, _ := h.comments(in.Start)
	return []edit.Edit{{Start: from, End: in.End}}, true
}

var endsInDocument = lazyregexp.New(`<<-?\s*["']?\w+["']?$`)

// lineBefore is the line that ends at start, which begins a line.
func (h *hosted) lineBefore(start int) string {
	if start == 0 {
		return ""
	}
	return string(h.src[bytes.LastIndexByte(h.src[:start-1], '\n')+1 : start])
}

// comments are the comment lines directly above a line, and where they begin. Those that begin the file are its own.
func (h *hosted) comments(start int) (int, []string) {
	from := start
	var out []string
	for from > 0 {
		line := strings.TrimSpace(h.lineBefore(from))
		if !strings.HasPrefix(line, "#") {
			return from, out
		}
		out = append([]string{line}, out...)
		from -= len(h.lineBefore(from))
	}
	return start, nil
}

// installer is what begins a line with a command that installs.
var installer = lazyregexp.New(`^\s*(?:&&|\|\||;)?\s*(?:sudo\s+)?(?:python3?\s+-m\s+)?pip3?\s+install\s+(?:-\S+\s+)*`)

// above are the comments of the instruction that holds an embedded script, for the first package, or those between its lines directly
// above a package. Comments in other files are about more than a package.
func (h *hosted) above(g *embedded, at int, first bool) []string {
	if h.kind != host.Dockerfile {
		return nil
	}
	start := h.instructionAt(g.Map.At(0).Start).Start
	var out []string
	if first && len(g.script.Commands) == 1 {
		_, out = h.comments(start)
	}
	line := bytes.LastIndexByte(h.src[:at], '\n') + 1
	before := h.src[line:at]
	if first {
		before = installer.ReplaceAll(before, nil) // the comment is about the whole command
	}
	if line > start && len(bytes.Trim(before, " \t\"'")) == 0 {
		_, between := h.comments(line)
		out = append(out, between...)
	}
	return out
}

// node takes the YAML node away that a part of an embedded script fills: an item of a list, or the only command of a step. In a
// list that would be empty, `true` stands in for it.
func (h *hosted) node(span source.Span, g *embedded) ([]edit.Edit, bool) {
	for span.End > span.Start && strings.IndexByte(" \t\n", g.Text[span.End-1]) >= 0 {
		span.End--
	}
	place, ok := g.Map.Host(span)
	if !ok || place.File != "" {
		return nil, false
	}
	tree := yaml.Parse(string(h.src))
	path := h.way(tree, place.Span)
	if len(path) < 2 {
		return nil, false
	}
	leaf, parent := path[len(path)-1], path[len(path)-2]
	if leaf.Kind != yaml.Scalar || strings.TrimSpace(tree.Text(leaf)) != strings.TrimSpace(g.Reveal(span)) {
		return nil, false
	}
	if parent.Kind == yaml.Mapping && len(path) > 2 && path[len(path)-3].Kind == yaml.Sequence && disposable(tree, parent, leaf) {
		leaf, parent = parent, path[len(path)-3]
	}
	if e, ok := h.item(parent, leaf); ok {
		return []edit.Edit{e}, true
	}
	if leaf.Kind != yaml.Scalar {
		return nil, false
	}
	h.note(step.Decide, h.file, h.lineAt(leaf.Span.Start), "it only installed, and nothing is left to do here: take the key out, or the job or step that it belongs to")
	return []edit.Edit{nothing(leaf)}, true
}

// nothing makes a command that does nothing of a scalar.
func nothing(leaf *yaml.Node) edit.Edit {
	e := edit.Edit{Start: leaf.Span.Start, End: leaf.Span.End, New: `"true"`}
	if leaf.Style == yaml.Literal || leaf.Style == yaml.Folded {
		e.New += "\n"
	}
	return e
}

// script takes away all commands of an embedded script: its one node, or all items of a list but the first, which does nothing then.
func (h *hosted) script(g *embedded, c install.Cut) ([]edit.Edit, bool) {
	if out, ok := h.node(source.Span{Start: 0, End: len(g.Text)}, g); ok {
		return out, true
	}
	tree := yaml.Parse(string(h.src))
	var out []edit.Edit
	for i, e := range c.Edits {
		place, ok := g.Map.Host(h.shrink(g, e))
		if !ok || place.File != "" {
			return nil, false
		}
		way := h.way(tree, place.Span)
		if len(way) < 2 || way[len(way)-1].Kind != yaml.Scalar || strings.TrimSpace(tree.Text(way[len(way)-1])) != strings.TrimSpace(g.Reveal(e.Span)) {
			return nil, false
		}
		cut, ok := h.item(way[len(way)-2], way[len(way)-1])
		switch {
		case i == 0:
			cut = nothing(way[len(way)-1])
		case !ok:
			return nil, false
		}
		out = append(out, cut)
	}
	return out, true
}

// way is the way to the innermost node of a file that holds a span.
func (h *hosted) way(tree *yaml.Tree, span source.Span) []*yaml.Node {
	for _, doc := range tree.Docs {
		if way := find(doc, span, nil); way != nil {
			return way
		}
	}
	return nil
}

// disposable reports whether a mapping is a step with nothing but a command and what says how that is run.
func disposable(tree *yaml.Tree, m, command *yaml.Node) bool {
	how := []string{"name", "shell", "if", "working-directory", "env", "continue-on-error", "timeout-minutes"}
	for i, item := range m.Items {
		if item != command && (m.Keys[i] == nil || !slices.Contains(how, tree.Text(m.Keys[i]))) {
			return false
		}
	}
	return true
}

// item deletes the lines of an item of a block sequence that keeps others.
func (h *hosted) item(parent, leaf *yaml.Node) (edit.Edit, bool) {
	if parent.Kind != yaml.Sequence || len(parent.Items) < 2 {
		return edit.Edit{}, false
	}
	start := bytes.LastIndexByte(h.src[:leaf.Span.Start], '\n') + 1
	if dash := bytes.TrimSpace(h.src[start:leaf.Span.Start]); string(dash) != "-" {
		return edit.Edit{}, false
	}
	last := leaf
	for h.src[last.Span.Start] != '{' && h.src[last.Span.Start] != '[' && len(last.Items) > 0 && last.Items[len(last.Items)-1] != nil {
		last = last.Items[len(last.Items)-1] // a mapping's own end is behind the comments that follow it
	}
	text := bytes.TrimRight(h.src[leaf.Span.Start:last.Span.End], " \t\r\n")
	return edit.Edit{Start: start, End: h.lineEnd(leaf.Span.Start + len(text))}, true
}

// find is the way from a node to the innermost one that holds a span.
func find(n *yaml.Node, span source.Span, way []*yaml.Node) []*yaml.Node {
	if n == nil || !n.Span.Covers(span) {
		return nil
	}
	way = append(way, n)
	for _, item := range n.Items {
		if deeper := find(item, span, way); deeper != nil {
			return deeper
		}
	}
	return way
}
