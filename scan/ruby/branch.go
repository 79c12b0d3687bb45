package ruby

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// way is one of the ways that a conditional goes; the zero node is the empty way.
type way struct{ body syntax.Node }

// ways are the tests of a conditional and where it can go; total says that one of the ways is taken for certain.
func ways(n syntax.Node) (tests []syntax.Node, out []way, total bool) {
	switch n.Kind() {
	case "if", "unless", "elsif":
		tests = append(tests, n.Field("condition"))
		out = append(out, way{n.Field("consequence")})
		switch other := n.Field("alternative"); other.Kind() {
		case "elsif":
			more, rest, all := ways(other)
			return append(tests, more...), append(out, rest...), all
		case "":
			return tests, append(out, way{}), false
		default:
			return tests, append(out, way{other}), true
		}
	case "if_modifier", "unless_modifier":
		return []syntax.Node{n.Field("condition")}, []way{{n.Field("body")}, {}}, false
	case "conditional":
		return []syntax.Node{n.Field("condition")}, []way{{n.Field("consequence")}, {n.Field("alternative")}}, true
	case "rescue_modifier":
		return nil, []way{{n.Field("body")}, {n.Field("handler")}}, true
	case "case", "case_match":
		return caseWays(n)
	}
	return nil, nil, false
}

func caseWays(n syntax.Node) (tests []syntax.Node, out []way, total bool) {
	tests = append(tests, n.Field("value"))
	for c := n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "when":
			tests = append(tests, c.Fields("pattern")...)
			out = append(out, way{c.Field("body")})
		case "in_clause":
			out = append(out, way{c.Field("body")})
		case "else":
			out, total = append(out, way{c}), true
		}
	}
	if !total {
		out = append(out, way{})
	}
	return tests, out, total
}

// others says, for each way of a case on a name, which texts the name does not hold there: those of the other ways.
func others(n syntax.Node) [][]flow.Differ {
	name := n.Field("value")
	if n.Kind() != "case" || !name.Is("identifier", "constant", "global_variable") {
		return nil
	}
	var texts [][]string // by way
	for c := n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "when":
			var own []string
			for _, p := range c.Fields("pattern") {
				if p.Is("pattern") && len(p.NamedChildren()) == 1 {
					p = p.NamedChildren()[0]
				}
				if p.Kind() == "string" && len(p.NamedChildren()) == 1 && p.NamedChildren()[0].Kind() == "string_content" {
					own = append(own, p.NamedChildren()[0].Text())
				}
			}
			texts = append(texts, own)
		case "else":
			texts = append(texts, nil)
		}
	}
	out := make([][]flow.Differ, len(texts))
	for i := range out {
		for j, other := range texts {
			for _, t := range other {
				if i != j && !slices.Contains(texts[i], t) {
					out[i] = append(out[i], flow.Differ{Name: name.Text(), Text: t})
				}
			}
		}
	}
	return out
}

func (l *lowering) tests(nodes []syntax.Node) []flow.Expr {
	var out []flow.Expr
	for _, n := range nodes {
		if n.Is("pattern") && len(n.NamedChildren()) == 1 {
			n = n.NamedChildren()[0]
		}
		if n.OK() {
			out = append(out, l.expr(n))
		}
	}
	return out
}

// branch lowers a conditional that stands as a statement.
func (l *lowering) branch(n syntax.Node) {
	tests, all, total := ways(n)
	b := &flow.Branch{Tests: l.tests(tests), Total: total, Other: others(n)}
	for _, w := range all {
		b.Arms = append(b.Arms, l.block(func() { l.body(w.body) }))
	}
	l.emit(b)
}

// choice is the value of a conditional.
func (l *lowering) choice(n syntax.Node) flow.Expr {
	tests, all, total := ways(n)
	test := l.together(n, l.tests(tests))
	arms := make([][]flow.Stmt, len(all))
	values := make([]flow.Expr, len(all))
	plain := true
	for i, w := range all {
		arms[i] = l.block(func() { values[i] = l.value(w.body) })
		plain = plain && len(arms[i]) == 0
	}
	if plain {
		alt := &flow.Alt{Pos: pos(n), Test: test}
		for _, v := range values {
			if v != nil {
				alt.Options = append(alt.Options, v)
			}
		}
		return alt
	}
	out := l.temp(n.Span())
	for i, v := range values {
		if v != nil {
			arms[i] = append(arms[i], &flow.Assign{Targets: []flow.Expr{out}, Value: v})
		}
	}
	b := &flow.Branch{Arms: arms, Total: total, Other: others(n)}
	if test != nil {
		b.Tests = []flow.Expr{test}
	}
	l.emit(b)
	return &flow.Name{Pos: out.Pos, Ident: out.Ident}
}

// together is one expression that evaluates all of xs, or nil for none.
func (l *lowering) together(n syntax.Node, xs []flow.Expr) flow.Expr {
	switch len(xs) {
	case 0:
		return nil
	case 1:
		return xs[0]
	}
	return &flow.Opaque{Pos: pos(n), Parts: xs}
}

// value is the value of a list of statements: all but the last are emitted. It is nil when there is none.
func (l *lowering) value(n syntax.Node) flow.Expr {
	if !n.OK() {
		return nil
	}
	if !n.Is("body_statement", "block_body", "then", "else", "do", "begin", "parenthesized_statements") {
		return l.expr(n)
	}
	if hasRescue(n) {
		return l.rescuedValue(n)
	}
	kids := n.NamedChildren()
	for len(kids) > 0 && kids[len(kids)-1].Is("heredoc_body", "ensure", "empty_statement") {
		kids = kids[:len(kids)-1]
	}
	if len(kids) == 0 {
		return nil
	}
	for _, k := range kids[:len(kids)-1] {
		l.stmt(k)
	}
	last := kids[len(kids)-1]
	if last.Is("return", "next", "break", "while", "until", "for", "class", "module") {
		l.stmt(last)
		return nil
	}
	return l.expr(last)
}

// rescuedValue is the value of statements with rescue clauses.
func (l *lowering) rescuedValue(n syntax.Node) flow.Expr {
	out := l.temp(n.Span())
	body := l.block(func() { l.rescued(n) })
	for _, s := range body {
		b, ok := s.(*flow.Branch)
		if !ok || !b.Total || len(b.Tests) > 0 {
			continue
		}
		for i := range b.Arms {
			b.Arms[i] = assignLast(b.Arms[i], out)
		}
		break
	}
	for _, s := range body {
		l.emit(s)
	}
	return &flow.Name{Pos: out.Pos, Ident: out.Ident}
}

// assignLast binds the value of the last statement to a variable.
func assignLast(body []flow.Stmt, to *flow.Name) []flow.Stmt {
	if len(body) == 0 {
		return body
	}
	switch s := body[len(body)-1].(type) {
	case *flow.Do:
		body[len(body)-1] = &flow.Assign{Targets: []flow.Expr{to}, Value: s.X}
	case *flow.Assign:
		if len(s.Targets) == 1 {
			return append(body, &flow.Assign{Targets: []flow.Expr{to}, Value: s.Targets[0]})
		}
	case *flow.Branch:
		for i := range s.Arms {
			s.Arms[i] = assignLast(s.Arms[i], to)
		}
	}
	return body
}

// loop lowers while, until and for.
func (l *lowering) loop(n syntax.Node) {
	out := &flow.Loop{}
	if n.Is("for") {
		if in := n.Field("value").NamedChildren(); len(in) > 0 {
			out.Iter = l.expr(in[0])
		}
		out.Target = l.target(n.Field("pattern"))
	} else if cond := n.Field("condition"); cond.OK() {
		l.emit(&flow.Do{X: l.expr(cond)})
	}
	out.Body = l.block(func() { l.body(n.Field("body")) })
	l.emit(out)
}
