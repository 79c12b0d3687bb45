package python

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// conditional lowers if, with its elif and else clauses. What the tests need first stands before the whole.
func (l *lowerer) conditional(n syntax.Node) []flow.Stmt {
	br := &flow.Branch{}
	var before []flow.Stmt
	arm := func(c syntax.Node, body string) {
		if cond := c.Field("condition"); cond.OK() {
			br.Tests = append(br.Tests, l.expr(cond))
			before = l.flush(before)
		}
		br.Arms = append(br.Arms, l.under(c, body))
	}
	arm(n, "consequence")
	for _, c := range n.Fields("alternative") {
		if c.Kind() == "else_clause" {
			br.Total = true
			arm(c, "body")
			continue
		}
		arm(c, "consequence")
	}
	tests := []syntax.Node{n.Field("condition")}
	for _, c := range n.Fields("alternative") {
		if cond := c.Field("condition"); cond.OK() {
			tests = append(tests, cond)
		}
	}
	br.Other = others(tests, len(br.Arms))
	return append(before, br)
}

// others says, for each of the ways of tests in a row, what the names that they compare do not hold there: each way comes
// after the tests before its own were false.
func others(tests []syntax.Node, ways int) [][]flow.Differ {
	out := make([][]flow.Differ, ways)
	for i, t := range tests {
		c := t.NamedChildren()
		if t.Kind() != "comparison_operator" || len(c) != 2 || c[0].Kind() != "identifier" || c[1].Kind() != "string" {
			continue
		}
		if between := strings.TrimSpace(t.Text()[len(c[0].Text()) : len(t.Text())-len(c[1].Text())]); between != "==" {
			continue
		}
		for way := i + 1; way < ways; way++ {
			out[way] = append(out[way], flow.Differ{Name: c[0].Text(), Text: strings.Trim(c[1].Text(), `"'`)})
		}
	}
	return out
}

func (l *lowerer) forLoop(n syntax.Node) []flow.Stmt {
	loop := &flow.Loop{Target: l.target(n.Field("left")), Iter: l.maybe(n.Field("right"))}
	before := l.flush(nil)
	loop.Body = l.under(n, "body")
	return append(append(before, loop), l.otherwise(n)...)
}

func (l *lowerer) whileLoop(n syntax.Node) []flow.Stmt {
	loop := &flow.Loop{}
	test := &flow.Do{X: l.expr(n.Field("condition"))}
	loop.Body = append(l.flush(nil), test)
	loop.Body = append(loop.Body, l.under(n, "body")...)
	return append([]flow.Stmt{loop}, l.otherwise(n)...)
}

// otherwise is the else clause of a loop, which may be left out.
func (l *lowerer) otherwise(n syntax.Node) []flow.Stmt {
	alt := n.Field("alternative")
	if !alt.OK() {
		return nil
	}
	return []flow.Stmt{&flow.Branch{Arms: [][]flow.Stmt{l.under(alt, "body")}}}
}

// try lowers a try statement as a choice: its body went well, or one of the handlers ran.
func (l *lowerer) try(n syntax.Node) []flow.Stmt {
	body := l.under(n, "body")
	br := &flow.Branch{Arms: [][]flow.Stmt{body}, Total: true}
	known := plainAssigns(body)
	var after []flow.Stmt
	for c := n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "except_clause", "except_group_clause":
			arm := append([]flow.Stmt(nil), known...)
			arm = append(arm, l.caught(c)...)
			br.Arms = append(br.Arms, append(arm, l.under(c, "")...))
		case "else_clause":
			br.Arms[0] = append(body[:len(body):len(body)], l.under(c, "body")...)
		case "finally_clause":
			after = l.under(c, "")
		case "ERROR":
			after = append(after, l.loose(c)...)
		}
	}
	if len(br.Arms) == 1 {
		return append(br.Arms[0], after...)
	}
	return append([]flow.Stmt{br}, after...)
}

// maxRepeated bounds what a handler repeats of the body before it.
const maxRepeated = 32

// plainAssigns are the assignments to names among the statements, which a handler may see.
func plainAssigns(body []flow.Stmt) []flow.Stmt {
	var out []flow.Stmt
	for _, st := range body {
		as, ok := st.(*flow.Assign)
		if !ok || len(as.Targets) != 1 || len(out) == maxRepeated {
			continue
		}
		if _, isName := as.Targets[0].(*flow.Name); isName {
			out = append(out, as)
		}
	}
	return out
}

// caught lowers what stands between except and the colon.
func (l *lowerer) caught(n syntax.Node) []flow.Stmt {
	var out []flow.Stmt
	for c := n.First(); c.OK() && c.Kind() != "block"; c = c.Next() {
		switch {
		case c.Kind() == "as_pattern":
			out = append(out, l.bound(c)...)
		case c.Named() && c.Kind() != "comment":
			out = append(out, &flow.Do{X: l.expr(c)})
		}
	}
	return out
}

// bound lowers "value as target".
func (l *lowerer) bound(n syntax.Node) []flow.Stmt {
	value, alias := l.expr(first(n)), n.Field("alias")
	before := l.flush(nil)
	if !alias.OK() {
		return append(before, &flow.Do{X: value})
	}
	return append(before, &flow.Assign{Targets: []flow.Expr{l.target(alias)}, Value: value})
}

func (l *lowerer) with(n syntax.Node) []flow.Stmt {
	var body []flow.Stmt
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Kind() != "with_clause" {
			continue
		}
		for _, item := range c.NamedChildren() {
			value := item.Field("value")
			switch {
			case value.Kind() == "as_pattern":
				body = append(body, l.bound(value)...)
			case value.OK():
				x := l.expr(value)
				body = append(l.flush(body), &flow.Do{X: x})
			}
		}
	}
	return []flow.Stmt{&flow.Block{Body: append(body, l.under(n, "body")...)}}
}

func (l *lowerer) match(n syntax.Node) []flow.Stmt {
	br := &flow.Branch{}
	for _, s := range n.Fields("subject") {
		br.Tests = append(br.Tests, l.expr(s))
	}
	before := l.flush(nil)
	for _, c := range n.Field("body").NamedChildren() {
		if c.Kind() != "case_clause" {
			continue
		}
		arm, total := l.captured(c)
		br.Total = br.Total || total
		br.Arms = append(br.Arms, append(arm, l.under(c, "consequence")...))
	}
	return append(before, br)
}

// captured binds the names that the patterns of a case capture, and reports whether the case matches everything.
func (l *lowerer) captured(n syntax.Node) (arm []flow.Stmt, total bool) {
	var patterns []syntax.Node
	for c := n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "case_pattern":
			patterns = append(patterns, c)
		case "if_clause":
			x := l.expr(first(c))
			arm = append(l.flush(arm), &flow.Do{X: x})
		}
	}
	total = len(patterns) == 1 && len(arm) == 0 && patterns[0].Text() == "_"
	for len(patterns) > 0 {
		p := patterns[0]
		patterns = append(patterns[1:], p.NamedChildren()...)
		if p.Kind() != "identifier" || p.Parent().Kind() == "class_pattern" {
			continue
		}
		if p.Parent().Kind() == "keyword_pattern" && first(p.Parent()) == p {
			continue
		}
		if d := p.Parent(); d.Kind() == "dotted_name" && (d.Text() != p.Text() || d.Parent().Kind() == "class_pattern") {
			continue
		}
		arm = append(arm, &flow.Assign{Targets: []flow.Expr{name(p, p.Text())}, Value: &flow.Opaque{Pos: pos(p)}})
	}
	return arm, total
}
