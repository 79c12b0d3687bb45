package python

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// TestParseNewerSyntax holds that what the grammar does not know is read, and that other mistakes stay mistakes.
func TestParseNewerSyntax(t *testing.T) {
	for text, broken := range map[string]bool{
		"class Box[T = int]:\n    pass\n":                       false,
		"class Box[T: int = int, *Ts = *tuple[int], **P]: pass": false,
		"def f[T = list[int], U = str](a: T) -> U: ...\n":       false,
		"type Pair[T = int] = tuple[T, T]\n":                    false,
		"x = t\"course {name}\"\n":                              false,
		"x = rt'a {b!r:>10} c'\n":                               false,
		"x = T'''a\n{b}'''\n":                                   false,
		"x = f\"course {name}\"\n":                              false,
		"def f[T = int](:\n":                                    true,
		"x = t\"course {name\n":                                 true,
		"class Box[T = int:\n    pass\n":                        true,
	} {
		tree, err := Parse(&syntax.Parser{}, []byte(text))
		if err != nil || tree.Broken() != broken {
			t.Errorf("%q: broken %v, %v", text, err == nil && tree.Broken(), err)
		}
		if err == nil && string(tree.Src) != text {
			t.Errorf("%q: the tree is of %q", text, tree.Src)
		}
	}
}
