package host

import (
	"html"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var (
	preElement   = lazyregexp.New(`(?is)<pre\b([^>]*)>(\s*<code\b[^>]*>)?(.*?)</pre\s*>`)
	preLanguage  = lazyregexp.New(`(?i)\b(?:lang(?:uage)?|brush|highlight)(?:-|:\s*|="?|-source-)([a-z][\w+-]*)`)
	htmlMark     = lazyregexp.New(`(?is)<!--.*?-->|</?[a-z][^<>]*>|&#?\w{1,30};`)
	htmlReserved = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
)

// pages reads the blocks of code in HTML.
func (r *reader) pages(p piece) {
	for _, m := range preElement.FindAllStringSubmatchIndex(p.text, -1) {
		if s := p.cut(m[6], m[7]).span(); !r.Has(s.Start, s.End) {
			continue
		}
		language := ""
		if l := preLanguage.FindStringSubmatch(p.text[m[2]:m[6]]); l != nil {
			language = strings.ToLower(l[1])
		}
		r.block(block{body: htmlText(p.cut(m[6], m[7])), language: language, where: "pre element", write: htmlRender})
	}
}

// htmlText is what a piece of HTML shows: without its tags, and with what its entities stand for.
func htmlText(p piece) piece {
	var b builder
	at := 0
	for _, m := range htmlMark.FindAllStringIndex(p.text, -1) {
		b.copy(p.text, at, m[0])
		switch mark := p.text[m[0]:m[1]]; {
		case mark[0] == '&':
			b.atom(html.UnescapeString(mark), m[0], m[1])
		case len(mark) > 3 && strings.EqualFold(mark[:3], "<br"):
			b.atom("\n", m[0], m[1])
		default:
			b.skip(m[0], m[1])
		}
		at = m[1]
	}
	b.copy(p.text, at, len(p.text))
	return b.piece().through(p)
}

func htmlRender(_ source.Span, text string) (string, error) { return htmlReserved.Replace(text), nil }
