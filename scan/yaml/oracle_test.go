package yaml

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	oracle "go.yaml.in/yaml/v4"
)

// decode is what the oracle makes of src, or its error.
func decode(src string) (docs []*oracle.Node, err error) {
	loader, err := oracle.NewLoader(strings.NewReader(src))
	if err != nil {
		return nil, err
	}
	for {
		var n oracle.Node
		if err := loader.Load(&n); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return docs, err
		}
		docs = append(docs, &n)
	}
}

// differ compares a whole file with what the oracle makes of it: structure, texts, anchors and tags. It is empty when
// they agree, or the oracle refuses the file.
func differ(src string) (difference string, accepted bool) {
	tree := Parse(src)
	docs, err := decode(src)
	if err != nil {
		return "", false
	}
	var roots []*Node
	for _, n := range tree.Docs {
		if n.Kind != Null || n.Tag != "" || n.Anchor != "" {
			roots = append(roots, n)
		}
	}
	var want []*oracle.Node
	for _, d := range docs {
		if d.Kind == oracle.DocumentNode && len(d.Content) == 1 {
			d = d.Content[0]
		}
		if d.Kind == oracle.ScalarNode && d.Value == "" && d.Tag == "!!null" && d.Anchor == "" && d.Style&oracle.TaggedStyle == 0 || d.Kind == 0 {
			continue
		}
		want = append(want, d)
	}
	if len(roots) != len(want) {
		return fmt.Sprintf("%d documents, want %d (%v)", len(roots), len(want), tree.Problems), true
	}
	for i := range roots {
		if d := compare(tree, roots[i], want[i], "$"); d != "" {
			return d, true
		}
	}
	if len(tree.Problems) > 0 {
		return fmt.Sprintf("problems in a good file: %v", tree.Problems), true
	}
	return "", true
}

func compare(tree *Tree, n *Node, want *oracle.Node, path string) string {
	if n.Anchor != want.Anchor {
		return fmt.Sprintf("%s: anchor %q, want %q", path, n.Anchor, want.Anchor)
	}
	if tagged := want.Style&oracle.TaggedStyle != 0; tagged && n.Tag == "" || !tagged && n.Tag != "" && n.Tag != "!" && !strings.HasPrefix(n.Tag, "!!") && n.Tag[1] != '<' {
		return fmt.Sprintf("%s: tag %q, want %q", path, n.Tag, want.Tag)
	}
	switch want.Kind {
	case oracle.ScalarNode:
		if n.Kind == Null && want.Value == "" {
			return ""
		}
		text, m := tree.Decode(n)
		if n.Kind != Scalar || text != want.Value {
			return fmt.Sprintf("%s: %v %q, want %q", path, n.Style, text, want.Value)
		}
		if tree.Text(n) != text {
			return fmt.Sprintf("%s: Text %q, want %q", path, tree.Text(n), text)
		}
		return checkMap(tree.lexer.src, n, text, m, path)
	case oracle.AliasNode:
		if n.Kind != Alias || tree.Text(n) != want.Value || n.Target == nil || n.Target.Anchor != want.Value {
			return fmt.Sprintf("%s: %v, want alias of %q", path, n, want.Value)
		}
	case oracle.SequenceNode:
		if n.Kind != Sequence || len(n.Items) != len(want.Content) {
			return fmt.Sprintf("%s: kind %v with %d items, want %d items", path, n.Kind, len(n.Items), len(want.Content))
		}
		for i, item := range n.Items {
			if d := compare(tree, item, want.Content[i], fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
	case oracle.MappingNode:
		if n.Kind != Mapping || 2*len(n.Items) != len(want.Content) || len(n.Keys) != len(n.Items) {
			return fmt.Sprintf("%s: kind %v with %d pairs, want %d", path, n.Kind, len(n.Items), len(want.Content)/2)
		}
		for i, item := range n.Items {
			if d := compare(tree, n.Keys[i], want.Content[2*i], path+"{key}"); d != "" {
				return d
			}
			if d := compare(tree, item, want.Content[2*i+1], path+"."+tree.Text(n.Keys[i])); d != "" {
				return d
			}
		}
	}
	return ""
}

// checkMap holds the map of a scalar to what a map promises.
func checkMap(src string, n *Node, text string, m interface{ Len() int }, path string) string {
	if m.Len() != len(text) {
		return fmt.Sprintf("%s: the map covers %d of %d bytes", path, m.Len(), len(text))
	}
	return ""
}

func TestAgainstOracle(t *testing.T) {
	for name, src := range map[string]string{
		"plain":              "a: b\nc: d e  f\n",
		"plain over lines":   "a: b\n  c\n\n  d\ne: f",
		"plain root":         "a\nb\n\n\nc",
		"single":             "a: 'b ''c'' d'\n'e f': ''\n",
		"single over lines":  "a: 'b  \n  c\n\n\n  d ''  \n   '\n",
		"double":             `a: "b \"c\" \\ \x41 \u00e9 \U0001F600 \N\_\L\P \0\a\b\t\n\v\f\r\e\ \/ d"`,
		"double over lines":  "a: \"b \\\n    c\\\n   \\ d\n\n  e \\\n\n  f\"\n",
		"literal":            "a: |\n  b\n   c\n\n  d\n\n\ne: f\n",
		"literal strip":      "a: |-\n  b\n\nc: |-\n  d",
		"literal keep":       "a: |+\n  b\n\n\nc: d\n",
		"literal indent":     "a: |2\n    b\n   c\nd:\n- |1+\n   e\n\n- |-2\n    f\n",
		"literal empty":      "a: |\nb: |+\n\n\nc: |-\n\nd: e",
		"literal comment":    "a: | # x\n  b # y\n# z\nc: d",
		"literal tabs":       "a: |\n  \tb\n  c\t\n",
		"folded":             "a: >\n  b\n  c\n\n  d\n   e\n   f\n  g\n\n\n  h\n",
		"folded strip":       "- >-\n b\n c\n\n- >+\n d\n\n e\n\n\n- f\n",
		"folded first blank": "a: >\n\n\n  b\n  c\n",
		"folded more first":  "a: >\n    b\n    c\n  \n",
		"block at the end":   "a: |\n  b\n  ",
		"block at the end 2": "a: |+\n  b\n   \n ",
		"block of blanks":    "a: |+\n  \n   \nb: c",
		"crlf":               "a: b\r\nc: |\r\n  d\r\n  e\r\n\r\nf: >-\r\n  g\r\n  h\r\ni: 'j\r\n  k'\r\nl: \"m\\\r\n  n\"\r\n",
		"cr":                 "a: b\rc: |\r  d\r  e\r",
		"bom":                "\ufeffa: b\nc: d\n",
		"bom and sequence":   "\ufeff- a\n- b\n",
		"sequences":          "- a\n- - b\n  - c\n-\n  - d\n- \n- e: f\n  g: h\n-   i: j\n    k: l\n",
		"indentless":         "a:\n- b\n- c\nd:\n  - e\nf:\n-\n- g: h\n  i: j\nk: l\n",
		"explicit keys":      "? a\n: b\n? - c\n  - d\n: - e\n? f\ng: h\n? |\n  i\n: j\n",
		"empty keys":         ": a\n",
		"flow":               "a: [b, c d, 'e', \"f\", [g], {h: i, j, k: }, l: m, ? n : o]\nb: {}\nc: []\n",
		"flow over lines":    "a: [b,\n  c, # x\n  d\n  e,\n]\nf: {\n g: h\n , 'i':j, \"k\" : l }\n",
		"flow colons":        "{a:b, c: d:e, http://f: g, \"h\":i, [j]: k, {l: m}:n}",
		"anchors":            "a: &x b\nc: *x\nd: &y\n  e: f\ng: &z [h]\n*x : i\n&k l: m\nn: &o\n- p\nq: *o\n",
		"anchors after":      "&a\nb: c\n",
		"anchor colon":       "a: &b:c d\ne: *b:c\n",
		"merge":              "a: &a {b: c}\nd:\n  <<: *a\n  e: f\n",
		"tags":               "a: !x b\nc: !!str 1\nd: !<tag:e> f\ng: !reference [h, script]\ni: !y\n  j: k\nl: !z &m n\no: &p !q r\ns: !\n",
		"tag on null":        "- !x\n- !y\n- z\n",
		"documents":          "a: b\n---\nc: d\n...\n---\n- e\n--- f\n--- |\n  g\n",
		"markers in scalars": "a: b ---\n---\nc: |\n  ---\n  d\n--- >\n e\n... \n",
		"directives":         "%YAML 1.2\n%TAG !e! tag:x\n---\n!e!f g: h\n",
		"comments":           "# a\nb: c # d\n\n  # e\nf: # g\n  h\n#i\nj: k#l\nm: #n\n  - o\n",
		"comment ends plain": "a:\n  b\n  # c\nd: e\n",
		"specials in plain":  "a: b: c\n",
		"plain with hash":    "a: b#c d# e\n",
		"plain begins odd":   "a: -b\nc: ?d\ne: :f\ng: - h\n",
		"plain signs":        "a: b, c [d] {e}\nf: x=\"y z\" && 'q' | r > s & t % u @ v ` w ! *\n",
		"long key":           strings.Repeat("k", 1000) + ": v\nb: c\n",
		"unicode breaks":     "a: 'b\u2028c'\nd: |\n  e\u0085  f\u2029  g\n",
		"unicode":            "é: ü\n'日本': \"\\u65e5\"\n- ",
		"tab separated":      "a:\tb\nc: \td\t# e\n- \tf\n",
		"tabs":               "a:\tb\nc: \td\t# e\nf: g\t\n",
		"only comment":       "# a\n",
		"empty":              "",
		"nothing but marker": "---\n...\n",
		"deep":               strings.Repeat("- ", 200) + "a",
		"duplicate keys":     "a: b\na: c\n",
		"reference":          "j:\n  script:\n    - !reference [.a, script]\n    - b\n",
		"quoted keys":        "\"a: b\": c\n'd #': e\n",
		"null values":        "a:\nb:\n  c:\n  d:\ne:\n",
		"script":             "s:\n  - 'if [ \"$(t x)\" = \"y\" ]; then z; fi'\n  - \"t k -- bash -c \\\"a b\\\"\"\n  - >-\n    t a\n    --b\n  - |\n    t \\\n      c\n",
		"marker in root":     "--- |\nabc\ndef\n---\nx\n",
	} {
		t.Run(name, func(t *testing.T) {
			if d, accepted := differ(src); d != "" {
				t.Errorf("%q\n%s", src, d)
			} else if !accepted {
				_, err := decode(src)
				t.Logf("the oracle refuses %q: %v", src, err)
			}
		})
	}
}

// TestFixtures compares every YAML file of the repository with the oracle.
func TestFixtures(t *testing.T) {
	seen := 0
	for _, root := range []string{"../../fixtures", "../../rules"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" && filepath.Ext(path) != ".yaml" {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if d, accepted := differ(string(src)); d != "" {
				t.Errorf("%s: %s", path, d)
			} else if accepted {
				seen++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Error("no YAML file found")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a: b\n", "- 'a''b'\n- \"c\\\n  d\"\n", "a: |2-\n    b\n", "? a\n: - b\n", "{a: [b, c: d]}", "&a b: *a\n", "!t a\n",
		"a: >+\n b\n\n  c\n\n", "--- a\n...\n", "a:\n- b\r\n- c # d\r\n", "\ufeffa: b", "a: [b\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if !utf8.ValidString(src) || len(src) > 4096 {
			Parse(src)
			return
		}
		// The oracle admits much that is no YAML; where a mistake is noted, the readings may differ.
		if d, _ := differ(src); d != "" && len(Parse(src).Problems) == 0 {
			t.Errorf("%q\n%s", src, d)
		}
	})
}
