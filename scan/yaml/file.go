package yaml

import (
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// file is one YAML file with its template blocks hidden.
type file struct {
	path   string
	raw    string // as it stands
	tree   *Tree  // of the masked text, which has the same offsets
	blocks []mask.Block
	open   []source.Span // template blocks that never close
}

func newFile(path, raw string) *file {
	m := mask.Read(raw)
	return &file{path: path, raw: raw, tree: parse(newLexer(raw, m)), blocks: m.Blocks, open: m.Open}
}

// newLexer reads the masked text of raw.
func newLexer(raw string, m mask.Masked) lexer {
	l := lexer{src: m.Text}
	for _, b := range m.Blocks {
		if b.Kind == mask.Expression {
			continue
		}
		if l.control == nil {
			l.control, l.absent = make(map[int]bool), absent(raw, m.Blocks)
		}
		l.control[b.Start] = true
	}
	return l
}

// absent are the lines that hold nothing but control blocks and comments of a template: where each begins, and where
// the line behind it does.
func absent(raw string, blocks []mask.Block) map[int]int {
	var out map[int]int
	for i := 0; i < len(blocks); i++ {
		start := blocks[i].Start
		for start > 0 && (raw[start-1] == ' ' || raw[start-1] == '\t') {
			start--
		}
		if blocks[i].Kind == mask.Expression || start > 0 && raw[start-1] != '\n' {
			continue
		}
		end := blocks[i].End
		for {
			end += len(raw[end:]) - len(strings.TrimLeft(raw[end:], " \t"))
			if i+1 == len(blocks) || blocks[i+1].Start != end || blocks[i+1].Kind == mask.Expression {
				break
			}
			i++
			end = blocks[i].End
		}
		if rest := strings.TrimPrefix(raw[end:], "\r"); rest != "" && rest[0] != '\n' {
			continue
		} else if rest != "" {
			end = len(raw) - len(rest) + 1
		}
		if out == nil {
			out = make(map[int]int)
		}
		out[start] = end
	}
	return out
}

// blocksIn are the template blocks that share a byte with s.
func (f *file) blocksIn(s source.Span) []mask.Block {
	i := sort.Search(len(f.blocks), func(i int) bool { return f.blocks[i].End > s.Start })
	j := i
	for j < len(f.blocks) && f.blocks[j].Start < s.End {
		j++
	}
	return f.blocks[i:j]
}

// part is the text of one scalar in an embedded script.
type part struct {
	node  *Node
	text  string
	m     source.Map
	holes []source.Hole
	at    int // where the text begins in the script
}

// part decodes a scalar. The bytes of a template expression are one run, so that no edit can cut it.
func (f *file) part(n *Node) part {
	text, m := f.tree.Decode(n)
	p := part{node: n, text: text, m: m}
	if blocks := f.blocksIn(n.Span); len(blocks) > 0 {
		p.m, p.holes = f.cut(m, blocks)
	}
	return p
}

// cut makes a run of its own of each expression in blocks, and a hole.
func (f *file) cut(m source.Map, blocks []mask.Block) (source.Map, []source.Hole) {
	var out source.Map
	var holes []source.Hole
	last := -1 // the block of the last hole
	for _, s := range m.Segments {
		for s.Len > 0 || s.HostLen > 0 {
			i := sort.Search(len(blocks), func(i int) bool { return blocks[i].End > s.Host })
			verbatim := !s.Atomic && s.Len == s.HostLen
			if i == len(blocks) || blocks[i].Start >= s.Host+s.HostLen && s.HostLen > 0 || s.HostLen == 0 {
				out.Append(s)
				break
			}
			b := blocks[i]
			if verbatim && b.Start > s.Host {
				out.Append(source.Segment{Len: b.Start - s.Host, Host: s.Host, HostLen: b.Start - s.Host})
				s.Len, s.HostLen, s.Host = s.Len-(b.Start-s.Host), s.HostLen-(b.Start-s.Host), b.Start
			}
			in := s
			if verbatim {
				in.Len = min(s.HostLen, b.End-s.Host)
				in.HostLen = in.Len
			}
			if b.Kind == mask.Expression {
				in.Atomic = true
				start := out.Len()
				if last != i {
					holes = append(holes, source.Hole{Span: source.Span{Start: start}, Expr: b.Expr, Source: f.raw[b.Start:b.End]})
					last = i
				}
				holes[len(holes)-1].End = start + in.Len
			}
			out.Append(in)
			if !verbatim {
				break
			}
			s.Len, s.HostLen, s.Host = s.Len-in.Len, s.HostLen-in.HostLen, s.Host+in.HostLen
		}
	}
	return out, holes
}

// script is the script of several scalars that run one after the other in one shell.
func (f *file) script(nodes []*Node) *source.Script {
	g := &source.Script{Language: "shell", Host: "yaml"}
	f.join(g, nodes, "\n")
	return g
}

// list is the script of a command that is given as a list of words.
func (f *file) list(nodes []*Node) *source.Script {
	g := &source.Script{Language: "shell", Host: "yaml"}
	for _, p := range f.join(g, nodes, " ") {
		g.Argv = append(g.Argv, source.Span{Start: p.at, End: p.at + len(p.text)})
	}
	return g
}

// join puts the texts of scalars into an embedded script, with sep between, which nothing in the file writes.
func (f *file) join(g *source.Script, nodes []*Node, sep string) []part {
	var text strings.Builder
	parts := make([]part, 0, len(nodes))
	size, segments := 0, 0
	for _, n := range nodes {
		p := f.part(n)
		parts = append(parts, p)
		size, segments = size+len(p.text)+1, segments+len(p.m.Segments)+1
	}
	text.Grow(size)
	g.Map.Segments = make([]source.Segment, 0, segments)
	for i := range parts {
		p := &parts[i]
		if i > 0 && (sep == " " || text.Len() > 0 && !strings.HasSuffix(parts[i-1].text, "\n")) {
			text.WriteString(sep)
			g.Map.Append(source.Segment{Len: len(sep), Host: p.node.Span.Start, Atomic: true})
		}
		p.at = text.Len()
		text.WriteString(p.text)
		for _, s := range p.m.Segments {
			g.Map.Append(s)
		}
		for _, h := range p.holes {
			h.Start, h.End = h.Start+p.at, h.End+p.at
			g.Holes = append(g.Holes, h)
		}
	}
	g.Text = text.String()
	in := func(at source.Span) (p part, inner source.Span, ok bool) {
		i := sort.Search(len(parts), func(i int) bool { return parts[i].at > at.Start }) - 1
		if i < 0 || at.End > parts[i].at+len(parts[i].text) {
			return part{}, source.Span{}, false
		}
		return parts[i], source.Span{Start: at.Start - parts[i].at, End: at.End - parts[i].at}, true
	}
	g.Render = func(at source.Span, replacement string) (string, error) {
		p, inner, ok := in(at)
		if !ok {
			return "", errApart
		}
		return f.render(p, inner, replacement)
	}
	g.Quote = func(at source.Span, replacement string) (source.Quoted, bool) {
		p, inner, ok := in(at)
		if !ok {
			return source.Quoted{}, false
		}
		return f.quote(p, inner, replacement)
	}
	return parts
}
