// Package mask hides template blocks in a text behind placeholders of the same length, so that a reader of the text's own language can read it.
package mask

import (
	"bytes"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Dialect names a template language.
type Dialect string

// The dialects. Jinja and Go templates share their delimiters: where both are admitted, the words of Go's actions
// (`{{ if`, `{{ end }}`) are control blocks.
const (
	Jinja   Dialect = "jinja"   // {{ x }}, {% x %}, {# x #}; also Liquid, Twig and mustaches
	Go      Dialect = "go"      // {{ .x }}, {{- if .x -}}, {{/* x */}}
	Actions Dialect = "actions" // ${{ x }}
	ERB     Dialect = "erb"     // <%= x %>, <% x %>, <%# x %>
	GitLab  Dialect = "gitlab"  // $[[ x ]]
	Circle  Dialect = "circle"  // << parameters.x >>, << pipeline.x >>, << matrix.x >>
)

// Kind says what a template block does.
type Kind string

// The kinds of blocks.
const (
	Expression Kind = "expression" // puts a text in its place
	Control    Kind = "control"    // decides, repeats or defines
	Comment    Kind = "comment"    // means nothing
)

// Block is one template block, delimiters included, in bytes of the text.
type Block struct {
	source.Span
	Kind Kind
	Expr string // what stands between the delimiters and their trim marks, without white space around it
}

// Masked is a text with its template blocks hidden.
type Masked struct {
	// Text has the length and the newlines of the original, and differs from it in blocks only. An expression is
	// replaced by word characters that begin with an underscore, the same ones for the same expression, so that it
	// stands in a shell word, a plain scalar or a path; everything else by spaces.
	Text   string
	Blocks []Block       // every block, in order, not overlapping
	Open   []source.Span // beginnings of blocks that never close; the text there is left as it is
}

// Text hides the blocks of the given dialects in src, or of all dialects when none is given, and returns the
// expressions among them.
func Text(src string, dialects ...Dialect) (masked string, holes []source.Hole) {
	m := Read(src, dialects...)
	return m.Text, m.Holes(src)
}

// Holes are the expressions of the text that Read was given as src.
func (m Masked) Holes(src string) []source.Hole {
	var out []source.Hole
	for _, b := range m.Blocks {
		if b.Kind == Expression {
			out = append(out, source.Hole{Span: b.Span, Expr: b.Expr, Source: src[b.Start:b.End]})
		}
	}
	return out
}

// Read hides the blocks of the given dialects in src, or of all dialects when none is given.
func Read(src string, dialects ...Dialect) Masked {
	s := newScanner(src, dialects)
	for at := s.next(0); at >= 0; at = s.next(at) {
		b, ok := s.block(at)
		if !ok {
			at++
			continue
		}
		s.blocks = append(s.blocks, b)
		at = b.End
	}
	if len(s.blocks) == 0 {
		return Masked{Text: src, Open: s.open}
	}
	return Masked{Text: paint(src, s.blocks), Blocks: s.blocks, Open: s.open}
}

// paint writes the placeholders of the blocks over src.
func paint(src string, blocks []Block) string {
	out := []byte(src)
	for _, b := range blocks {
		if b.Kind == Expression {
			fill(out[b.Start:b.End], b.Expr)
			continue
		}
		for i := b.Start; i < b.End; i++ {
			if out[i] != '\n' && out[i] != '\r' {
				out[i] = ' '
			}
		}
	}
	for _, b := range blocks {
		if b.Kind != Expression {
			continuation(out, b.Span)
		}
	}
	return string(out)
}

var placeholder = lazyregexp.New(`_[` + letters + `]{3,}`)

// Placeholder reports whether a text that was made from src, the text with its blocks, holds a placeholder.
func Placeholder(text string, src []byte) bool {
	for _, word := range placeholder.FindAllString(text, -1) {
		if !bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return false
}

// letters make up placeholders; without vowels they are no words.
const letters = "bcdfghjkmnpqrvwz"

// fill writes a placeholder of word characters over dst. White space at the beginning of its later lines stays, because
// the host may take indentation for structure.
func fill(dst []byte, expr string) {
	h := uint32(2166136261)
	for i := 0; i < len(expr); i++ {
		h = (h ^ uint32(expr[i])) * 16777619
	}
	indent := false
	for i, c := range dst {
		switch {
		case c == '\n' || c == '\r':
			indent = true
			continue
		case indent && (c == ' ' || c == '\t'):
			continue
		}
		indent = false
		h = h*1664525 + 1013904223
		dst[i] = letters[h>>28]
	}
	dst[0] = '_'
}

// continuation keeps a command together that an author spread over lines with a control block on a line of its own
// between them: when the line before ends in a backslash, so does the blank line that the block leaves.
func continuation(text []byte, b source.Span) {
	start := b.Start
	for start > 0 && (text[start-1] == ' ' || text[start-1] == '\t') {
		start--
	}
	if b.End == len(text) || text[b.End] != '\n' && text[b.End] != '\r' {
		return
	}
	before, ok := strings.CutSuffix(string(text[max(0, start-3):start]), "\n")
	if !ok || !strings.HasSuffix(strings.TrimSuffix(before, "\r"), `\`) {
		return
	}
	for i := b.Start; i < b.End; i++ {
		if i+1 == b.End || text[i+1] == '\n' || text[i+1] == '\r' {
			if text[i] == ' ' {
				text[i] = '\\'
			}
		}
	}
}
