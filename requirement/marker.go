package requirement

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

var markerToken = lazyregexp.New(`^\s*(\(|\)|'[^']*'|"[^"]*"|===|==|~=|!=|<=|>=|<|>|not\s+in\b|in\b|and\b|or\b|[a-z_.]+[a-z_])`)

// checkMarker errs when the text is no environment marker (PEP 508).
func checkMarker(text string) error {
	m := &marker{}
	for rest := text; strings.TrimSpace(rest) != ""; {
		t := markerToken.FindStringSubmatch(rest)
		if t == nil {
			return fmt.Errorf("the marker %q cannot be read at %q", text, strings.TrimSpace(rest))
		}
		m.tokens = append(m.tokens, t[1])
		rest = rest[len(t[0]):]
	}
	if !m.any() || m.at != len(m.tokens) {
		return fmt.Errorf("%q is no marker such as python_version < \"3.9\"", text)
	}
	return nil
}

// marker reads the tokens of an environment marker.
type marker struct {
	tokens []string
	at     int
}

// next takes the next token when it is one of those given.
func (m *marker) next(any ...string) bool {
	there := m.at < len(m.tokens) && slices.Contains(any, m.tokens[m.at])
	if there {
		m.at++
	}
	return there
}

// any reads comparisons with and and or between them.
func (m *marker) any() bool {
	for m.one() {
		if !m.next("and", "or") {
			return true
		}
	}
	return false
}

func (m *marker) one() bool {
	if m.next("(") {
		return m.any() && m.next(")")
	}
	return m.operand() && m.operator() && m.operand()
}

func (m *marker) operator() bool {
	if m.next("===", "==", "~=", "!=", "<=", ">=", "<", ">", "in") {
		return true
	}
	if m.at < len(m.tokens) && strings.HasPrefix(m.tokens[m.at], "not") {
		m.at++
		return true
	}
	return false
}

func (m *marker) operand() bool {
	if m.at >= len(m.tokens) {
		return false
	}
	t := m.tokens[m.at]
	if t[0] == '"' || t[0] == '\'' {
		m.at++
		return true
	}
	return m.next("python_version", "python_full_version", "os_name", "sys_platform", "platform_release", "platform_system",
		"platform_version", "platform_machine", "platform_python_implementation", "implementation_name",
		"implementation_version", "extra", "os.name", "sys.platform", "platform.version", "platform.machine",
		"platform.python_implementation", "python_implementation")
}
