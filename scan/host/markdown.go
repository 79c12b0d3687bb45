package host

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

const (
	maxMarkdownLine  = 1 << 20 // bytes of a line
	maxMarkdownDepth = 100     // quotes and lists inside one another
)

// markdown reads the code blocks of a Markdown document; all else in it is prose.
func (r *reader) markdown() {
	r.prose(0, len(r.src))
	start := r.frontMatter()
	r.comments(start)
	if reason := unfit(r.src); reason != "" {
		r.Problem(0, len(r.src), reason)
		return
	}
	r.markdownIn(r.raw(start, len(r.src)), 0)
}

// unfit says why a text cannot be parsed within bounds.
func unfit(src string) string {
	for off := 0; off < len(src); {
		l := lineAt(src, off)
		if l.end-l.start > maxMarkdownLine {
			return "a line is longer than a megabyte"
		}
		markers := 0
		for _, c := range src[l.start:l.end] {
			if !strings.ContainsRune("> \t-*+", c) {
				break
			}
			if c != ' ' && c != '\t' {
				markers++
			}
		}
		if markers > maxMarkdownDepth && strings.Contains(l.text(src), ">") {
			return "quotes are nested too deeply"
		}
		off = l.next
	}
	return ""
}

var fence = lazyregexp.New("(?m)^ {0,3}(?:```|~~~)")

// frontMatter marks the metadata before the document, and says where the document begins.
func (r *reader) frontMatter() int {
	first := lineAt(r.src, 0)
	mark := strings.TrimSpace(strings.TrimPrefix(first.text(r.src), "\xef\xbb\xbf"))
	if mark != "---" && mark != "+++" {
		return 0
	}
	for off := first.next; off < len(r.src); {
		l := lineAt(r.src, off)
		if strings.TrimSpace(l.text(r.src)) == mark {
			r.Mentions(0, l.end, site.Data, "front-matter", "metadata of the document")
			return l.next
		}
		off = l.next
	}
	return 0
}

// comments marks what a reader of the document does not see.
func (r *reader) comments(start int) {
	for at := start; ; {
		i := strings.Index(r.src[at:], "<!--")
		if i < 0 {
			return
		}
		from := at + i
		n := strings.Index(r.src[from:], "-->")
		if n < 0 {
			return
		}
		at = from + n
		r.Mentions(from, at, site.Comment, "comment", "a comment")
	}
}

// markdownIn reads the blocks of p.
func (r *reader) markdownIn(p piece, depth int) {
	src := []byte(p.text)
	doc := parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...)).Parse(text.NewReader(src))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			info := ""
			if n.Info != nil {
				info = string(n.Info.Segment.Value(src))
			}
			language := infoLanguage(info)
			where := "code block"
			if language != "" {
				where = language + " block"
			}
			r.block(block{body: blockText(n.Lines(), p.text).through(p), language: language, where: where})
			return ast.WalkSkipChildren, nil
		case *ast.CodeBlock:
			r.indented(blockText(n.Lines(), p.text).through(p), admonition(n.PreviousSibling(), src), depth)
			return ast.WalkSkipChildren, nil
		case *ast.HTMLBlock:
			body := blockText(n.Lines(), p.text)
			if n.HasClosure() {
				end := n.ClosureLine
				var b builder
				b.add(body)
				b.copy(p.text, end.Start, end.Stop)
				body = b.piece()
			}
			r.pages(body.through(p))
		case *ast.Paragraph:
			r.admonished(n, p, depth)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
}

// blockText is the text of a block's lines. A line's end is LF in it, whatever it is in the file.
func blockText(segments *text.Segments, src string) piece {
	var b builder
	for i := range segments.Len() {
		s := segments.At(i)
		if s.Padding > 0 {
			b.gap(strings.Repeat(" ", s.Padding), s.Start)
		}
		end := s.Stop
		if end-s.Start >= 2 && src[end-1] == '\n' && src[end-2] == '\r' {
			b.copy(src, s.Start, end-2)
			b.atom("\n", end-2, end)
			continue
		}
		b.copy(src, s.Start, end)
	}
	return b.piece()
}

// infoLanguage is the language that the line after the fence names: `bash`, `{.bash linenos}`, `bash title="x"`.
func infoLanguage(info string) string {
	info = strings.TrimLeft(strings.TrimSpace(info), "{. ")
	info = strings.TrimPrefix(info, "language-")
	if i := strings.IndexAny(info, " \t,:;{}="); i >= 0 {
		info = info[:i]
	}
	return strings.ToLower(info)
}

var admonitionLine = lazyregexp.New(`^(?:!!!|\?\?\?\+?|===[!+]?)\s`)

// admonition reports whether the block before an indented one is the head of a box or tab, whose content is indented.
func admonition(n ast.Node, src []byte) bool {
	if n == nil || n.Type() != ast.TypeBlock || n.Lines() == nil || n.Lines().Len() == 0 {
		return false
	}
	first := n.Lines().At(0)
	return admonitionLine.Match(first.Value(src))
}

// indented reads an indented block: code, or the content of a box or tab.
func (r *reader) indented(body piece, boxed bool, depth int) {
	if (boxed || fence.MatchString(body.text)) && depth < maxHosts {
		r.markdownIn(body, depth+1)
		return
	}
	r.block(block{body: body, where: "indented block"})
}

// admonished reads the content of a box whose head and content make one paragraph.
func (r *reader) admonished(n *ast.Paragraph, p piece, depth int) {
	if n.Lines().Len() < 2 || depth >= maxHosts || !admonition(n, []byte(p.text)) {
		return
	}
	var b builder
	for i := 1; i < n.Lines().Len(); i++ {
		s := n.Lines().At(i)
		b.copy(p.text, s.Start, s.Stop)
	}
	body := b.piece().through(p)
	if fence.MatchString(body.text) {
		r.markdownIn(body, depth+1)
	}
}
