package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// run hands over an embedded script, and notes where it stands for the variables that hold there.
func (s *settings) run(l leaf, g *source.Script) {
	s.embedded(g)
	scope := strings.Join(l.path[:len(l.path)-1], ".")
	s.runs[scope] = append(s.runs[scope], g)
}

// environments gives the embedded scripts the variables of their sections. It is called when all is read, for they may stand
// after the command.
func (s *settings) environments() {
	for scope := range s.runs {
		s.settle(scope)
	}
}

// settle gives the embedded scripts of one section its variables, and forgets both: another section of the same name has its own.
func (s *settings) settle(scope string) {
	for _, g := range s.runs[scope] {
		g.Env = append(g.Env, s.vars[scope]...)
	}
	delete(s.runs, scope)
	delete(s.vars, scope)
}

var assignmentList = lazyregexp.New(`([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^,\s]*)`)

// env notes the variables that a value sets: one by the key's own name, or NAME=value pairs.
func (s *settings) env(rule setting, l leaf) {
	scope := l.path[:len(l.path)-1]
	if rule.Takes == "env" {
		scope = scope[:max(0, len(scope)-1)]
		s.variable(rule, scope, l.path[len(l.path)-1], l.text, l.render)
		return
	}
	lines := l.lines()
	if strings.Contains(l.text.text, " = ") || len(lines) > 1 {
		for _, p := range lines {
			if name, _, ok := strings.Cut(p.text, "="); ok {
				s.variable(rule, scope, strings.TrimSpace(name), p.cut(len(name)+1, len(p.text)).trim(), l.render)
			}
		}
		return
	}
	if s.kind == Systemd {
		for _, p := range split(l.text) {
			if name, _, ok := strings.Cut(p.text, "="); ok {
				s.variable(rule, scope, name, p.cut(len(name)+1, len(p.text)), l.render)
			}
		}
		return
	}
	for _, m := range assignmentList.FindAllStringSubmatchIndex(l.text.text, -1) {
		val := l.text.cut(m[4], m[5])
		if n := len(val.text); n > 1 && (val.text[0] == '"' || val.text[0] == '\'') {
			val = val.cut(1, n-1)
		}
		s.variable(rule, scope, l.text.text[m[2]:m[3]], val, l.render)
	}
}

func (s *settings) variable(rule setting, scope []string, name string, val piece, render renderer) {
	g := &source.Script{Language: "shell", Map: val.m, Host: string(s.kind), Where: "value of " + clip(name), Render: render}
	g.Text, g.Holes = punch(rule.holes, val)
	key := strings.Join(scope, ".")
	s.vars[key] = append(s.vars[key], source.Var{Name: name, Value: g})
}
