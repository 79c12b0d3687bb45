package python

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

func TestOld(t *testing.T) {
	for text, want := range map[string]bool{
		"#!/usr/bin/python2\nimport os\n":             true,
		"#!/usr/bin/env python2.7\n":                  true,
		"#!/usr/bin/python3.5 -u\n":                   true,
		"print \"starting\"\n":                        true,
		"def f():\n    print 'a', b\n":                true,
		"exec code in scope\n":                        true,
		"try:\n    a()\nexcept ValueError, e:\n  b\n": true,
		"#!/usr/bin/env python3\nprint('a')\n":        false,
		"#!/usr/bin/python3.12\n":                     false,
		"#!/usr/bin/python\nprint('x')\n":             false,
		"# python2 is gone\nexec('x')\n":              false,
		"except_ = 'except a, b:'\n":                  false,
		"try:\n    a()\nexcept (A, B):\n    b\n":      false,
	} {
		tree, err := Parse(&syntax.Parser{}, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := Old(tree); got != "" != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
