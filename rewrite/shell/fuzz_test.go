package shell

import (
	"strings"
	"testing"
)

// Whatever a script says, its fixes can be applied, the result parses when the script did, no byte outside an edit
// changes, and a second run finds nothing to do.
func FuzzFixes(f *testing.F) {
	for _, s := range snippets {
		f.Add(s)
	}
	for _, s := range []string{"{{ tutor }} && tutor a", "echo \"`tutor`\" 'tutor' $(tutor)", "if tutor; then", "tutor\r\ntutor\r\n", "x='tutor'\"tutor\"tutor", "cat <<A <<B\n$(tutor)\nA\ntutor\nB\n"} {
		f.Add(s)
	}
	pack := newWorld(f, nil).pack
	f.Fuzz(func(t *testing.T, snippet string) {
		if len(snippet) > 2048 {
			return
		}
		src := "#!/bin/sh\ninstance=one\n" + snippet
		w := &world{pack, map[string][]byte{"x": []byte(src)}}
		in := w.input()
		fixes, refused := Fixes(in)
		if len(fixes)+len(refused) != len(in.Sites) {
			t.Fatalf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
		}
		if len(fixes) == 0 {
			return
		}
		after := string(w.apply(t, fixes)["x"])
		if parse(src, "") == nil && parse(after, "") != nil {
			t.Fatalf("does not parse:\n%s", after)
		}
		if !strings.HasPrefix(after, "#!/bin/sh\n") {
			t.Fatalf("the first line is lost:\n%s", after)
		}
		second := &world{w.pack, map[string][]byte{"x": []byte(after)}}
		if again, _ := Fixes(second.input()); len(again) > 0 {
			t.Fatalf("a second run would change\n%s\nby %v", after, again[0].Changes)
		}
	})
}
