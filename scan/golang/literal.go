package golang

import (
	"go/ast"
	"go/token"
	"strconv"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// text is the value of a string literal, with the place of each of its bytes.
func (t *Tree) text(n *ast.BasicLit) *flow.Lit {
	at := t.Span(n)
	rendered := string(t.Src[at.Start:at.End])
	lit := &flow.Lit{Literal: at, Kind: "\""}
	if n.Kind != token.STRING || len(rendered) < 2 {
		lit.Kind, lit.Text = "int", n.Value
		lit.Span, lit.Map = at, source.Map{}
		lit.Map.Append(source.Segment{Len: len(n.Value), Host: at.Start, HostLen: at.Len(), Atomic: len(n.Value) != at.Len()})
		return lit
	}
	lit.Span = source.Span{Start: at.Start + 1, End: at.End - 1}
	if rendered[0] == '`' {
		lit.Kind = "`"
		t.raw(lit)
		return lit
	}
	t.interpreted(lit)
	return lit
}

// raw reads what stands between backquotes: carriage returns are dropped.
func (t *Tree) raw(lit *flow.Lit) {
	var out []byte
	for i := lit.Start; i < lit.End; i++ {
		if t.Src[i] == '\r' {
			lit.Map.Append(source.Segment{Host: i, HostLen: 1, Atomic: true})
			continue
		}
		out = append(out, t.Src[i])
		lit.Map.Append(source.Segment{Len: 1, Host: i, HostLen: 1})
	}
	lit.Text = string(out)
}

// interpreted reads what stands between double quotes.
func (t *Tree) interpreted(lit *flow.Lit) {
	var out []byte
	rest := string(t.Src[lit.Start:lit.End])
	at := lit.Start
	for rest != "" {
		if rest[0] != '\\' {
			out = append(out, rest[0])
			lit.Map.Append(source.Segment{Len: 1, Host: at, HostLen: 1})
			rest, at = rest[1:], at+1
			continue
		}
		r, multibyte, tail, err := strconv.UnquoteChar(rest, '"')
		if err != nil {
			r, multibyte, tail = rune(rest[0]), false, rest[1:]
		}
		value := []byte{byte(r)}
		if multibyte {
			value = []byte(string(r))
		}
		n := len(rest) - len(tail)
		out = append(out, value...)
		lit.Map.Append(source.Segment{Len: len(value), Host: at, HostLen: n, Atomic: true})
		rest, at = tail, at+n
	}
	lit.Text = string(out)
}
