// Package image reads what a Dockerfile puts into its image, as far as commands of a workspace depend on it.
package image

import (
	"encoding/json"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// form is a command as a Dockerfile writes it: a JSON list, or text for a shell.
func form(rest string) []string {
	var list []string
	if json.Unmarshal([]byte(rest), &list) == nil {
		return list
	}
	return []string{"/bin/sh", "-c", rest}
}

var (
	assignment = lazyregexp.New(`([A-Za-z_]\w*)=("(?:\\.|[^"\\])*"|'[^']*'|(?:\\.|[^\s\\])*)`)
	variable   = lazyregexp.New(`\$(?:\{(\w+)(?::?[-+][^}]*)?\}|(\w+))`)
	escaped    = lazyregexp.New(`\\(.)`)
)

// assignments are the pairs of an ENV or ARG.
func assignments(rest string) [][2]string {
	found := assignment.FindAllStringSubmatch(rest, -1)
	if name, value, ok := strings.Cut(rest, " "); ok && !strings.Contains(name, "=") {
		return [][2]string{{name, strings.TrimSpace(value)}}
	}
	var out [][2]string
	for _, m := range found {
		value := m[2]
		if len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
			value = value[1 : len(value)-1]
		}
		out = append(out, [2]string{m[1], escaped.ReplaceAllString(value, "$1")})
	}
	return out
}

// expand puts the values of known variables into text.
func expand(text string, known map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		m := variable.FindStringSubmatch(v)
		return known[m[1]+m[2]]
	})
}
