package scan

import (
	"cmp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// instanceRoot reports whether the root directory that a call names can be an instance's. One that is visibly elsewhere,
// as $TMPDIR/tutor is, cannot.
func (s *scanner) instanceRoot(slot *site.Slot) bool {
	root := rootText(slot)
	if slot.Root.Raw {
		return s.inInstances(strings.Trim(root, `\"'`))
	}
	if slot.Language != "shell" {
		m := stringLiteral.FindStringSubmatch(root)
		if m == nil {
			return !temporary.MatchString(root)
		}
		root = m[1] + m[2]
	}
	return s.inInstances(root)
}

// temporary is an expression, of any language, of a directory that is made for the moment.
var temporary = lazyregexp.New(`(?i)\bmktemp\b|mkdtemp|mktmpdir|tmpdir|temporarydirectory|gettempdir|tmp_path|\btempdir\b|^/tmp/|^/var/tmp/`)

// inInstances reports whether a path can be an instance's directory: it lies in the directory of the instances, or its last
// name is computed and no literal directory before it says that it lies elsewhere.
func (s *scanner) inInstances(root string) bool {
	dir := s.pack.Instance.Dir
	if strings.HasPrefix(root, dir+"/") || strings.Contains(root, "/"+dir+"/") {
		return true
	}
	if temporary.MatchString(root) {
		return false
	}
	parts := elements(strings.TrimRight(root, "/"))
	last := parts[len(parts)-1]
	switch {
	case last == ".", last == ".." && len(parts) > 1 && computed(parts[len(parts)-2]):
		return true
	case !computed(last):
		return false
	}
	return len(parts) == 1 || computed(parts[len(parts)-2]) || strings.HasPrefix(parts[len(parts)-2], ".")
}

// computed reports whether a part of a path holds an expression or a pattern.
func computed(part string) bool { return strings.ContainsAny(part, "${}()%`*#<") }

// elements are the parts of a path; a slash inside an expression separates none.
func elements(path string) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(path) {
		switch path[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case '/':
			if depth == 0 {
				out, from = append(out, path[from:i]), i+1
			}
		}
	}
	return append(out, path[from:])
}

// stringLiteral is a string of a programming language, interpolated or not.
var stringLiteral = lazyregexp.New(`^[fFrRuU]{0,2}(?:"([^"]*)"|'([^']*)')$`)

// rootText is the root directory that a call names, with a variable that its host defines replaced by what that holds.
func rootText(slot *site.Slot) string {
	root := cmp.Or(slot.Root.Value, slot.Root.Expr)
	if slot.Script == nil {
		return root
	}
	for _, v := range slot.Script.Env {
		if v.Value != nil && (root == "$"+v.Name || root == "${"+v.Name+"}") {
			root = v.Value.Reveal(source.Span{End: len(v.Value.Text)})
		}
	}
	return root
}

func (s *scanner) suggestion() string {
	return s.pack.Instance.Dir + "/INSTANCE/" + s.pack.Executable()
}
