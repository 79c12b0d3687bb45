package requirement

import (
	"slices"
	"strconv"
	"strings"
)

// Numbers are those that a version begins with: 14, 2, 2 of 14.2.2+nightly, and
// 16, 1, 8 of v16.1.8. There are none where it begins with something else.
func Numbers(v string) []int {
	v = strings.TrimPrefix(strings.TrimSpace(v), "v")
	if _, after, ok := strings.Cut(v, "!"); ok {
		v = after
	}
	var out []int
	for _, part := range strings.Split(v, ".") {
		end := 0
		for end < len(part) && part[end] >= '0' && part[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(part[:end])
		if err != nil {
			break
		}
		out = append(out, n)
		if end < len(part) {
			break
		}
	}
	return out
}

// Major is the first number of a version, or -1 when it has none.
func Major(v string) int {
	if n := Numbers(v); len(n) > 0 {
		return n[0]
	}
	return -1
}

// Compare is negative, zero or positive as a is older than, the same as or
// newer than b. Missing numbers are zeros; what is no number is not looked at,
// so 14.0.0rc1 counts as 14.0.0.
func Compare(a, b string) int {
	return slices.Compare(significant(a), significant(b))
}

func significant(v string) []int {
	n := Numbers(v)
	for len(n) > 0 && n[len(n)-1] == 0 {
		n = n[:len(n)-1]
	}
	return n
}

// Within tells whether v fulfils a range such as ">=14,<15", "==14.2.*" or
// "~=14.1". An empty range holds everything; an unknown operator nothing.
func Within(v, spec string) bool {
	for _, clause := range strings.Split(spec, ",") {
		clause = strings.TrimSpace(clause)
		if clause == "" {
			continue
		}
		if !holds(v, clause) {
			return false
		}
	}
	return true
}

func holds(v, clause string) bool {
	end := strings.IndexFunc(clause, func(r rune) bool { return !strings.ContainsRune("=<>!~", r) })
	if end < 0 {
		return false
	}
	op, bound := clause[:end], strings.TrimSpace(clause[end:])
	stem, wild := strings.CutSuffix(bound, ".*")
	c := Compare(v, bound)
	switch op {
	case "==", "===":
		return !wild && c == 0 || wild && prefixed(v, stem)
	case "!=":
		return !wild && c != 0 || wild && !prefixed(v, stem)
	case ">=":
		return c >= 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case "<":
		return c < 0
	case "~=":
		n := Numbers(bound)
		return c >= 0 && len(n) > 1 && prefixed(v, strings.Join(strings.Split(strings.TrimPrefix(bound, "v"), ".")[:len(n)-1], "."))
	}
	return false
}

func prefixed(v, stem string) bool {
	have, want := Numbers(v), Numbers(stem)
	for i, n := range want {
		if i >= len(have) {
			if n != 0 {
				return false
			}
			continue
		}
		if have[i] != n {
			return false
		}
	}
	return true
}

// Matches tells whether v is the version that a pin such as "3.11" or
// "3.11.7" means: every number of the pin is v's.
func Matches(v, pin string) bool { return len(Numbers(pin)) > 0 && prefixed(v, pin) }

// Lowest is the lowest version that a range surely admits, for a table that
// must be asked before anything is resolved: the bound of ==, ~=, >= or ===.
// It is empty when the range has none.
func Lowest(spec string) string {
	for _, clause := range strings.Split(spec, ",") {
		clause = strings.TrimSpace(clause)
		for _, op := range []string{"===", "==", "~=", ">="} {
			if bound, ok := strings.CutPrefix(clause, op); ok {
				return strings.TrimSuffix(strings.TrimSpace(bound), ".*")
			}
		}
	}
	return ""
}
