package syntax

import (
	"context"
	"errors"
	"strings"
	"testing"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/bash"
	"github.com/smacker/go-tree-sitter/hcl"
	"github.com/smacker/go-tree-sitter/python"
	"github.com/smacker/go-tree-sitter/ruby"
)

// samples are texts of each grammar, with and without mistakes.
func samples() map[Language][]string {
	return map[Language][]string{
		Python: {"", "x", "x = [1, (2, 3), f\"a{b}c\"]\nif x:\n    y()\nelse:\n    z\n", "def f(:\n  ]]\n", "a = \"\"\"x\n\"\"\"\n\n\n# é\n"},
		Ruby:   {"x = <<~A\n  b #{c}\nA\nd", "def f(a, *b) = system('x', *b)\n", "class < end"},
		Bash:   {"a=$(b \"c $d\") && e <<E\nx\nE\n", "if; then", "case $x in a) b ;; *) c ;; esac\n"},
		HCL:    {"a \"b\" {\n c = <<-E\n  d\n  E\n}\n"},
	}
}

func parse(t testing.TB, lang Language, src string) *Tree {
	t.Helper()
	var p Parser
	defer p.Close()
	tree, err := p.Parse(lang, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestAt holds that the node at each byte is what going down the tree finds.
func TestAt(t *testing.T) {
	for lang, texts := range samples() {
		for _, src := range texts {
			tree := parse(t, lang, src)
			for off := -1; off <= len(src)+1; off++ {
				if got, want := tree.At(off), descend(tree, off); got != want {
					t.Errorf("%s %q at %d: %s %v, want %s %v", lang, src, off, got.Kind(), got.Span(), want.Kind(), want.Span())
				}
			}
		}
	}
}

func descend(tree *Tree, off int) Node {
	n := tree.Root()
	for {
		child := n.First()
		for child.OK() && !child.Span().Contains(off) {
			child = child.Next()
		}
		if !child.OK() {
			return n
		}
		n = child
	}
}

// TestBuild holds that the copy is the tree that the binding shows.
func TestBuild(t *testing.T) {
	bindings := map[Language]*sitter.Language{Bash: bash.GetLanguage(), HCL: hcl.GetLanguage(), Python: python.GetLanguage(), Ruby: ruby.GetLanguage()}
	for lang, texts := range samples() {
		for _, src := range texts {
			parser := sitter.NewParser()
			parser.SetLanguage(bindings[lang])
			parsed, err := parser.ParseCtx(context.Background(), nil, []byte(src))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, parse(t, lang, src).Root(), parsed.RootNode(), "")
			parsed.Close()
			parser.Close()
		}
	}
}

func compare(t *testing.T, got Node, want *sitter.Node, field string) {
	t.Helper()
	if got.Kind() != want.Type() || got.Start() != int(want.StartByte()) || got.End() != int(want.EndByte()) || got.FieldName() != field ||
		got.Named() != want.IsNamed() || got.Broken() != want.HasError() || got.Failed() != (want.IsError() || want.IsMissing()) {
		t.Errorf("%s %v in %q, want %s %d-%d in %q", got.Kind(), got.Span(), got.FieldName(), want.Type(), want.StartByte(), want.EndByte(), field)
	}
	kids := got.Children()
	if len(kids) != int(want.ChildCount()) {
		t.Fatalf("%s %v has %d children, want %d", got.Kind(), got.Span(), len(kids), want.ChildCount())
	}
	for i, c := range kids {
		compare(t, c, want.Child(i), want.FieldNameForChild(i))
	}
}

func TestBounds(t *testing.T) {
	var p Parser
	defer p.Close()
	if _, err := p.Parse(Python, []byte("x = "+strings.Repeat("(", 10_000)+"1"+strings.Repeat(")", 10_000)+"\n")); !errors.Is(err, ErrTooDeep) {
		t.Errorf("10,000 parentheses: %v, want %v", err, ErrTooDeep)
	}
	if tree, err := p.Parse(Python, []byte("x = "+strings.Repeat("(", 500)+"1"+strings.Repeat(")", 500)+"\n")); err != nil || tree.Broken() {
		t.Errorf("500 parentheses: %v", err)
	}
	if _, err := p.Parse("cobol", nil); err == nil {
		t.Error("a language without a grammar is parsed")
	}
	parser, err := newNative(grammars[Python]())
	if err != nil {
		t.Fatal(err)
	}
	defer parser.close()
	src := []byte("x = [" + strings.Repeat("1, ", 50) + "]\n")
	if _, err := parser.parse(src, 100, 50); !errors.Is(err, ErrTooMany) {
		t.Errorf("more than 50 nodes: %v, want %v", err, ErrTooMany)
	}
	if _, err := parser.parse(src, 3, 1000); !errors.Is(err, ErrTooDeep) {
		t.Errorf("more than 3 levels: %v, want %v", err, ErrTooDeep)
	}
	if _, err := parser.parse(src, 100, 1000); err != nil {
		t.Errorf("less than 1000 nodes: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for lang, texts := range samples() {
		for _, src := range texts {
			f.Add(string(lang), src)
		}
	}
	f.Fuzz(func(t *testing.T, lang, src string) {
		var p Parser
		defer p.Close()
		tree, err := p.Parse(Language(lang), []byte(src))
		if err != nil || len(src) > 1000 {
			return
		}
		for off := 0; off < len(src); off++ {
			if got, want := tree.At(off), descend(tree, off); got != want {
				t.Errorf("%s %q at %d: %s %v, want %s %v", lang, src, off, got.Kind(), got.Span(), want.Kind(), want.Span())
			}
		}
	})
}
