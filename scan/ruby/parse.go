// Package ruby reads Ruby programs: it lowers them for the solver, and says what the occurrences are that no command explains.
package ruby

import (
	"bytes"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Parse reads src into a tree whose Src is src. It hides from the grammar what it is known to stumble over, with
// bytes of the same length: a byte order mark, \u{…} with several code points, and a here-document that begins inside
// another one's interpolation. The other functions of this package read those from the source itself.
func Parse(p *syntax.Parser, src []byte) (*syntax.Tree, error) {
	masked := mask(src)
	tree, err := p.Parse(syntax.Ruby, masked)
	if err != nil {
		return nil, err
	}
	// Each level of nesting is seen only once the level around it is hidden.
	for range 8 {
		spans := nestedHeredocs(tree)
		if len(spans) == 0 {
			break
		}
		masked = bytes.Clone(masked)
		for _, s := range spans {
			hide(masked[s.Start:s.End])
		}
		if tree, err = p.Parse(syntax.Ruby, masked); err != nil {
			return nil, err
		}
	}
	if tree.Broken() {
		if other := nestedBodies(masked); other != nil {
			again, err := p.Parse(syntax.Ruby, other)
			if err != nil {
				return nil, err
			}
			if !again.Broken() {
				tree = again
			}
		}
	}
	tree.Src = src
	return tree, nil
}

var heredocOpening = lazyregexp.New("<<[-~][\"'`]?([A-Za-z_]\\w*)[\"'`]?")

// nestedBodies hides the here-documents that begin and end inside another one, as its lines tell, with their bodies; nil when
// there are none. What stands in them is not in the tree.
func nestedBodies(src []byte) []byte {
	var out []byte
	outer, open := "", "" // what ends the here-document, and the one inside it
	at := 0
	for line := range bytes.Lines(src) {
		word := string(bytes.TrimSpace(line))
		m := heredocOpening.FindSubmatchIndex(line)
		switch {
		case outer == "":
			if m != nil {
				outer = string(line[m[2]:m[3]])
			}
		case open != "":
			blankOut(out[at : at+len(line)])
			if word == open {
				open = ""
			}
		case word == outer:
			outer = ""
		case m != nil:
			if out == nil {
				out = bytes.Clone(src)
			}
			open = string(line[m[2]:m[3]])
			hide(out[at+m[0] : at+m[1]])
		}
		at += len(line)
	}
	return out
}

// blankOut makes white space of all but the ends of lines.
func blankOut(b []byte) {
	for i, c := range b {
		if c != '\n' && c != '\r' {
			b[i] = ' '
		}
	}
}

var manyCodePoints = lazyregexp.New(`\\u\{[0-9a-fA-F \t]*\}`)

func mask(src []byte) []byte {
	out := src
	if bytes.HasPrefix(src, []byte("\xef\xbb\xbf")) {
		out = append([]byte("   "), src[3:]...)
	}
	spans := manyCodePoints.FindAllIndex(out, -1)
	if len(spans) > 0 && len(out) > 0 && &out[0] == &src[0] {
		out = bytes.Clone(src)
	}
	for _, s := range spans {
		for i := s[0]; i < s[1]; i++ {
			out[i] = 'q'
		}
	}
	return out
}

// hide makes the opening of a here-document an ordinary string of the same length.
func hide(b []byte) {
	for i := range b {
		b[i] = 'h'
	}
	b[0], b[len(b)-1] = '\'', '\''
}

// nestedHeredocs are the openings that stand inside the body of another here-document.
func nestedHeredocs(t *syntax.Tree) []source.Span {
	var out []source.Span
	var walk func(n syntax.Node, inside bool)
	walk = func(n syntax.Node, inside bool) {
		switch n.Kind() {
		case "heredoc_beginning":
			if inside {
				out = append(out, n.Span())
			}
		case "heredoc_body":
			inside = true
		}
		for c := n.First(); c.OK(); c = c.Next() {
			walk(c, inside)
		}
	}
	walk(t.Root(), false)
	return out
}
