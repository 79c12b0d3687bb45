package rules

import (
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/pattern"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Patterns is a list of patterns of paths, as gitignore(5) has them: one with a slash before its end counts from the root,
// one without matches at any depth, "**" spans directories, a "/" at the end means a directory, and "!" takes back what an
// earlier one matched. The zero Patterns matches nothing.
type Patterns struct{ list []pathPattern }

type pathPattern struct {
	expr    *regexp.Regexp
	dirOnly bool
	negated bool
}

// ParsePatterns reads patterns; it errs on the first that is malformed.
func ParsePatterns(patterns []string) (Patterns, error) {
	var out Patterns
	for _, text := range patterns {
		p, negated := strings.CutPrefix(text, "!")
		p, dirOnly := strings.CutSuffix(p, "/")
		anchored := strings.Contains(p, "/")
		p = strings.TrimPrefix(p, "/")
		if p == "" {
			return out, fmt.Errorf("%q is no pattern of paths", text)
		}
		if !anchored {
			p = "**/" + p
		}
		expr, err := pattern.Regexp(p, pattern.Filenames|pattern.EntireString|pattern.GlobLeadingDot)
		if err != nil {
			return out, fmt.Errorf("%q is no pattern of paths: %w", text, err)
		}
		compiled, err := regexp.Compile(expr)
		if err != nil {
			return out, fmt.Errorf("%q is no pattern of paths: %w", text, err)
		}
		out.list = append(out.list, pathPattern{compiled, dirOnly, negated})
	}
	return out, nil
}

var magic = lazyregexp.New(`[\\*?\[\]]|^!`)

// PatternOf is the pattern that matches one path and nothing else.
func PatternOf(path string) string {
	quoted := magic.ReplaceAllString(path, `\$0`)
	if !strings.Contains(path, "/") {
		return "/" + quoted
	}
	return quoted
}

// Match reports whether the last pattern that matches a slash path, or a directory above it, takes it in.
func (p Patterns) Match(file string) bool {
	for at := 0; at <= len(file); at++ {
		if at < len(file) && file[at] != '/' || at == 0 {
			continue
		}
		if p.one(file[:at], at < len(file)) {
			return true
		}
	}
	return false
}

func (p Patterns) one(name string, dir bool) bool {
	matched := false
	for _, q := range p.list {
		if (dir || !q.dirOnly) && q.expr.MatchString(name) {
			matched = !q.negated
		}
	}
	return matched
}
