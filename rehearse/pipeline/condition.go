package pipeline

import (
	"fmt"
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

var (
	variable = lazyregexp.New(`\$(?:\{(\w+)\}|(\w+))`)
	token    = lazyregexp.New(`^\s*(\(|\)|&&|\|\||==|!=|=~|!~|\$\w+|\$\{\w+\}|"[^"]*"|'[^']*'|/(?:\\.|[^/\\])*/[im]*|null)`)
)

// expression is a rule's condition on its way from left to right.
type expression struct {
	rest string
	env  map[string]string
	err  error
}

// condition evaluates the condition of a rule.
func condition(source string, env map[string]string) (bool, error) {
	e := &expression{rest: source, env: env}
	ok := e.either()
	if e.err == nil && strings.TrimSpace(e.rest) != "" {
		e.err = fmt.Errorf("cannot read %q in the condition %q", strings.TrimSpace(e.rest), source)
	}
	return ok, e.err
}

func (e *expression) peek() string {
	m := token.FindStringSubmatch(e.rest)
	if m == nil {
		return ""
	}
	return m[1]
}

func (e *expression) next() string {
	m := token.FindStringSubmatch(e.rest)
	if m == nil {
		if e.err == nil {
			e.err = fmt.Errorf("cannot read %q in a condition", strings.TrimSpace(e.rest))
		}
		return ""
	}
	e.rest = e.rest[len(m[0]):]
	return m[1]
}

func (e *expression) either() bool {
	ok := e.both()
	for e.err == nil && e.peek() == "||" {
		e.next()
		right := e.both()
		ok = ok || right
	}
	return ok
}

func (e *expression) both() bool {
	ok := e.one()
	for e.err == nil && e.peek() == "&&" {
		e.next()
		right := e.one()
		ok = ok && right
	}
	return ok
}

func (e *expression) one() bool {
	if e.peek() == "(" {
		e.next()
		ok := e.either()
		if e.next() != ")" && e.err == nil {
			e.err = fmt.Errorf("a bracket is not closed in a condition")
		}
		return ok
	}
	left, set := e.operand(e.next())
	switch op := e.peek(); op {
	case "==", "!=":
		e.next()
		right, other := e.operand(e.next())
		return (left == right && set == other) == (op == "==")
	case "=~", "!~":
		e.next()
		return e.matches(left, e.next()) == (op == "=~")
	}
	return set && left != ""
}

// operand is the value of a token, and whether it has one.
func (e *expression) operand(t string) (string, bool) {
	switch {
	case t == "null" || t == "":
		return "", false
	case t[0] == '$':
		v, ok := e.env[strings.Trim(t, "${}")]
		return v, ok
	}
	return expand(t[1:len(t)-1], e.env), true
}

func (e *expression) matches(value, pattern string) bool {
	if strings.HasPrefix(pattern, "$") {
		pattern, _ = e.operand(pattern)
	}
	end := strings.LastIndex(pattern, "/")
	if !strings.HasPrefix(pattern, "/") || end < 1 {
		return false
	}
	flags := ""
	if strings.Contains(pattern[end:], "i") {
		flags = "(?i)"
	}
	re, err := regexp.Compile(flags + strings.ReplaceAll(pattern[1:end], `\/`, "/"))
	if err != nil {
		e.err = err
		return false
	}
	return re.MatchString(value)
}
