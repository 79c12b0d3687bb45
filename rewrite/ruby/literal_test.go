package ruby

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// A literal that is given a value in the place of a word keeps all the rest of its value: with the word itself as the
// value, Ruby reads the same as before.
func TestRenderKeepsTheRest(t *testing.T) {
	var before, after []string
	for _, src := range []string{
		`'tutor'`, `"tutor"`, `'tutor x'`, `"tutor x"`, `'x tutor'`, `'tutor "x"'`, `'tutor \'x\' \\ \n \e'`, `'tutor #{x} #@x #$x # #x'`, `'#tutor#{'`,
		`%q(tutor (x) \) \( \\ \n "x")`, `%q[tutor #{x} \] "]`, `%q|tutor \| "|`, `%(tutor "x" \n)`, `%Q{tutor {x} \}}`, `%w[tutor a b]`, `%w(a tutor b)`,
		`%w[tutor a\ b c\]]`, `%w[a\ b tutor]`, `%w[a\ b tutor #{c}]`, `%W[a\ b tutor]`, "%w[\n  tutor\n  a\\ b\n]", `%w[tutor #{a}]`, `%i[tutor a]`,
		`'tutor' "a"`, `"a" 'tutor' 'b'`, `"tutor" "b"`, `'tutor\\'`, `"\u{41 42} tutor\t"`, "'tutor\n  \"x\"'", `:tutor.to_s`, `%w[tutor].first`, `'é tutor "é"'`,
		"<<A\ntutor \"x\" 'y'\nA\n", "<<~'A'\n  tutor \"x\"\n    y\nA\n", "<<-'A B'\n tutor x\n A B\n", "<<~A\n  tutor\n    \\#{x}\nA\n",
		"<<~'A' + 'b'\n  tutor\n    b\nA\n", "<<~A + <<~'B'\n  a\nA\n  tutor\nB\n",
	} {
		var p syntax.Parser
		tree, err := ruby.Parse(&p, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		at := site.Find(tree.Src, "tutor")[0]
		lit, ok := ruby.LiteralAt(tree, at.Start)
		if !ok {
			t.Errorf("%q: no literal", src)
			continue
		}
		d := &document{Text: render.Text{File: "x.rb", Src: tree.Src, Newline: "\n"}, tree: tree, quote: "'"}
		edits, err := (&project{}).render(d, lit, at, "word", 0)
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		got, err := edit.Apply(tree.Src, edits)
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		before, after = append(before, src), append(after, string(got))
	}
	compare(t, before, after)
}

func compare(t *testing.T, before, after []string) {
	t.Helper()
	path := program.Find(t, "ruby")
	in, err := json.Marshal([][]string{before, after})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-W0", "-Ku", "-rjson", "-e", `
def word = "tutor"
before, after = JSON.parse(STDIN.read)
before.zip(after) do |b, a|
  x = [eval(b)].flatten.map(&:to_s)
  y = begin; [eval(a)].flatten.map(&:to_s); rescue SyntaxError; $!.to_s; end
  puts "#{b}\n  became #{a}\n  with the value #{y}, not #{x}" if x != y
end`)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// What cannot hold a path is refused.
func TestRenderRefuses(t *testing.T) {
	for _, src := range []string{"<<'A'\ntutor \\n\nA\n", "<<~'A'\n  tutor #{x}\nA\n", ":'a tutor'", `%w[a\ b x-tutor]`, `%i[a\ b tutor]`} {
		var p syntax.Parser
		tree, err := ruby.Parse(&p, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		at := site.Find(tree.Src, "tutor")[0]
		lit, ok := ruby.LiteralAt(tree, at.Start)
		if !ok {
			t.Errorf("%q: no literal", src)
			continue
		}
		d := &document{Text: render.Text{File: "x.rb", Src: tree.Src, Newline: "\n"}, tree: tree, quote: "'"}
		if edits, err := (&project{}).render(d, lit, at, "word", 0); err == nil {
			t.Errorf("%q: %v", src, edits)
		}
	}
	for _, src := range []string{"tutor", "# tutor", "x.tutor", "/tutor/", `"#{tutor}"`} {
		var p syntax.Parser
		tree, err := ruby.Parse(&p, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if lit, ok := ruby.LiteralAt(tree, site.Find(tree.Src, "tutor")[0].Start); ok {
			t.Errorf("%q: %+v", src, lit)
		}
	}
}
