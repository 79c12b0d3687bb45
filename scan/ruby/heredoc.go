package ruby

import (
	"bytes"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// heredoc is one here-document: the grammar keeps its body away from its opening, and loses bodies that nest.
type heredoc struct {
	opening  source.Span
	end      string // the terminator
	indented bool   // <<- or <<~: the terminator may be indented
	squiggly bool   // <<~: common indentation is removed
	raw      bool   // the terminator is in single quotes: nothing is special
	shell    bool   // the terminator is in backticks: the text is run
	body     source.Span
	after    int // the start of the line after the terminator
}

func (h heredoc) kind() string {
	kind := "heredoc"
	if h.squiggly {
		kind = "squiggly"
	}
	if h.raw {
		kind += "-raw"
	}
	return kind
}

// heredocs are those of one file in the order of their openings.
type heredocs struct {
	src   []byte
	all   []heredoc
	skip  map[int]int // from the first byte of a body to the first after its terminator
	holes []syntax.Node
}

func findHeredocs(t *syntax.Tree) *heredocs { return heredocsIn(t, t.Root()) }

// heredocsIn are those whose openings stand in the given nodes.
func heredocsIn(t *syntax.Tree, nodes ...syntax.Node) *heredocs {
	h := &heredocs{src: t.Src, skip: map[int]int{}}
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		switch n.Kind() {
		case "heredoc_beginning", "string":
			if doc, ok := opening(t.Src, n.Span()); ok {
				h.all = append(h.all, doc)
			}
		case "interpolation":
			if n.Parent().Is("heredoc_body") {
				h.holes = append(h.holes, n)
			}
		}
		for c := n.First(); c.OK(); c = c.Next() {
			walk(c)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	sort.Slice(h.all, func(i, j int) bool { return h.all[i].opening.Start < h.all[j].opening.Start })
	sort.Slice(h.holes, func(i, j int) bool { return h.holes[i].Start() < h.holes[j].Start() })
	for at, i := 0, 0; i < len(h.all); i++ {
		if start := h.all[i].opening.Start; start >= at {
			at = h.line(h.lineStart(start))
		}
	}
	return h
}

// bodyAt is the here-document that holds off in its body, of which body is the node. Only the statement around it is read.
func bodyAt(t *syntax.Tree, body syntax.Node, off int) (heredoc, bool) {
	for n := body; n.OK(); n = n.Parent() {
		var nodes []syntax.Node // the last sibling that is no body, and the bodies after it
		for c := n.Parent().First(); c.OK() && c.Start() <= n.Start(); c = c.Next() {
			if c == n {
				break
			}
			if !c.Is("heredoc_body") {
				nodes = nodes[:0]
			}
			nodes = append(nodes, c)
		}
		if h := heredocsIn(t, append(nodes, body)...); len(h.all) > 0 {
			if doc, ok := h.around(off); ok {
				return doc, true
			}
		}
	}
	return heredoc{}, false
}

// opening reads <<A, <<-"A", <<~'A'.
func opening(src []byte, at source.Span) (heredoc, bool) {
	text := string(src[at.Start:at.End])
	word, ok := strings.CutPrefix(text, "<<")
	if !ok || word == "" {
		return heredoc{}, false
	}
	doc := heredoc{opening: at, body: source.Span{Start: at.End, End: at.End}, after: at.End}
	switch word[0] {
	case '~':
		doc.squiggly, doc.indented, word = true, true, word[1:]
	case '-':
		doc.indented, word = true, word[1:]
	}
	if n := len(word); n > 1 && (word[0] == '\'' || word[0] == '"' || word[0] == '`') && word[n-1] == word[0] {
		doc.raw, doc.shell = word[0] == '\'', word[0] == '`'
		word = word[1 : n-1]
	}
	doc.end = word
	return doc, word != ""
}

func (h *heredocs) lineStart(at int) int { return bytes.LastIndexByte(h.src[:at], '\n') + 1 }

// lineEnd is the offset after the line's newline.
func (h *heredocs) lineEnd(at int) int {
	if i := bytes.IndexByte(h.src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(h.src)
}

// line reads the bodies that begin on the line at start, and returns the start of the next line that is in none of them.
func (h *heredocs) line(start int) int {
	end := h.lineEnd(start)
	next := end
	i := sort.Search(len(h.all), func(i int) bool { return h.all[i].opening.Start >= start })
	for ; i < len(h.all) && h.all[i].opening.Start < end; i++ {
		next = h.read(&h.all[i], next)
	}
	return next
}

// read finds the end of the body that begins at start.
func (h *heredocs) read(doc *heredoc, start int) int {
	if end, ok := h.quick(*doc, start); ok {
		doc.body, doc.after = source.Span{Start: start, End: end}, h.lineEnd(end)
		h.skip[start] = doc.after
		return doc.after
	}
	at, joined := start, false
	for at < len(h.src) {
		end := h.lineEnd(at)
		line := strings.TrimRight(string(h.src[at:end]), "\r\n")
		if doc.indented {
			line = strings.TrimLeft(line, " \t")
		}
		// A line that the one before goes on into with a backslash ends nothing.
		ends := line == doc.end && !joined
		joined = !doc.raw && (len(line)-len(strings.TrimRight(line, "\\")))%2 == 1
		if ends {
			doc.body, doc.after = source.Span{Start: start, End: at}, end
			h.skip[start] = end
			return end
		}
		if doc.raw {
			at = end
		} else {
			at = h.line(at)
		}
	}
	at = len(h.src)
	start = min(start, at)
	doc.body, doc.after = source.Span{Start: start, End: at}, at
	return at
}

// quick is the start of the line that ends a body in which no other here-document opens and no line goes on into the
// next one; false when it has to be read line by line.
func (h *heredocs) quick(doc heredoc, start int) (int, bool) {
	for at := start; at < len(h.src); {
		i := bytes.Index(h.src[at:], []byte(doc.end))
		if i < 0 {
			return 0, false
		}
		line, end := h.lineStart(at+i), h.lineEnd(at+i)
		at += i + len(doc.end)
		text := strings.TrimRight(string(h.src[line:end]), "\r\n")
		if doc.indented {
			text = strings.TrimLeft(text, " \t")
		}
		if line < start || text != doc.end {
			continue
		}
		j := sort.Search(len(h.all), func(j int) bool { return h.all[j].opening.Start >= start })
		nested := j < len(h.all) && h.all[j].opening.Start < line
		joins := !doc.raw && strings.HasSuffix(strings.TrimRight(string(h.src[start:line]), "\r\n"), "\\")
		return line, !nested && !joins
	}
	return 0, false
}

// at is the here-document that opens at off.
func (h *heredocs) at(off int) (heredoc, bool) {
	i := sort.Search(len(h.all), func(i int) bool { return h.all[i].opening.Start >= off })
	if i < len(h.all) && h.all[i].opening.Start == off {
		return h.all[i], true
	}
	return heredoc{}, false
}

// around is the here-document whose body holds off.
func (h *heredocs) around(off int) (heredoc, bool) {
	for i := len(h.all) - 1; i >= 0; i-- {
		if h.all[i].body.Contains(off) {
			return h.all[i], true
		}
	}
	return heredoc{}, false
}

// within are the interpolations between two offsets.
func (h *heredocs) within(s source.Span) []syntax.Node {
	i := sort.Search(len(h.holes), func(i int) bool { return h.holes[i].Start() >= s.Start })
	j := sort.Search(len(h.holes), func(i int) bool { return h.holes[i].Start() >= s.End })
	return h.holes[i:j]
}

// lines are a body's own lines: an interpolation does not end one, and a body that nests is in none.
func (h *heredocs) lines(doc heredoc) []source.Span {
	holes := h.within(doc.body)
	var out []source.Span
	for at := doc.body.Start; at < doc.body.End; {
		end := h.lineEnd(at)
		for !doc.raw && len(holes) > 0 && holes[0].Start() < end {
			if holes[0].Start() >= at && holes[0].End() > end {
				end = h.lineEnd(holes[0].End())
			}
			holes = holes[1:]
		}
		end = min(end, doc.body.End)
		out = append(out, source.Span{Start: at, End: end})
		at = h.past(end)
	}
	return out
}

// past is off, or the end of the bodies that begin there.
func (h *heredocs) past(off int) int {
	for {
		next, ok := h.skip[off]
		if !ok || next <= off {
			return off
		}
		off = next
	}
}

// indent is the number of columns that a squiggly here-document loses.
func (h *heredocs) indent(doc heredoc) int {
	least := -1
	for _, line := range h.lines(doc) {
		column, end := 0, line.End
		i := line.Start
		for ; i < end && (h.src[i] == ' ' || h.src[i] == '\t'); i++ {
			column = advance(column, h.src[i])
		}
		blank := i == end || h.src[i] == '\n' || h.src[i] == '\r' && i+1 < end && h.src[i+1] == '\n'
		if !blank && (least < 0 || column < least) {
			least = column
		}
	}
	return max(least, 0)
}

// advance is the column after a blank; a tab goes to the next multiple of eight.
func advance(column int, c byte) int {
	if c == '\t' {
		return (column/8 + 1) * 8
	}
	return column + 1
}

// margin is the number of bytes at the start of a line that make up at most the given columns.
func (h *heredocs) margin(at, columns int) int {
	n, column := 0, 0
	for at+n < len(h.src) && (h.src[at+n] == ' ' || h.src[at+n] == '\t') {
		next := advance(column, h.src[at+n])
		if next > columns {
			break
		}
		n, column = n+1, next
	}
	return n
}
