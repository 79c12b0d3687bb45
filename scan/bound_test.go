package scan

import (
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// boundCases are programs in which the name root is read at READ, or else at HERE, and whether it is bound at HERE and is
// the same there.
var boundCases = map[host.Kind]map[bool][]string{
	host.Python: {
		true: {
			"def f(root):\n    HERE\n",
			"def f(*, root=None):\n    HERE\n",
			"def f(*root):\n    HERE\n",
			"root = 1\nHERE\n",
			"root: str = 1\nHERE\n",
			"a = root = 1\nHERE\n",
			"(a, root) = 1, 2\nHERE\n",
			"import root\nHERE\n",
			"import root.sub\nHERE\n",
			"from a import b as root\nHERE\n",
			"def root(): pass\nHERE\n",
			"for root in x:\n    HERE\n",
			"for a, root in x:\n    HERE\n",
			"with open(x) as root:\n    HERE\n",
			"with a:\n    root = 1\nHERE\n",
			"try:\n    pass\nexcept E as root:\n    HERE\n",
			"[HERE for root in x]\n",
			"[1 for root in x if HERE]\n",
			"lambda root: HERE\n",
			"if (root := f()):\n    HERE\n",
			"if x:\n    root = 1\nelse:\n    root = 2\nHERE\n",
			"if x:\n    root = 1\nelif y:\n    root = 3\nelse:\n    raise E\nHERE\n",
			"try:\n    root = 1\nexcept E:\n    raise\nHERE\n",
			"try:\n    pass\nfinally:\n    root = 1\nHERE\n",
			"root = 1\ndef f():\n    HERE\n",
			"def f():\n    HERE\nroot = 1\nf()\n",
			"def f():\n    HERE\n@app.command()\ndef g(): f()\nroot = 1\n",
			"def f():\n    root = 1\n    def g():\n        HERE\n",
			"def f():\n    global root\n    HERE\nroot = 1\n",
			"class A:\n    root = 1\n    HERE\n",
			"def f(root):\n    HERE\n    run(READ)\n",
			"def f(x):\n    root = x\n    HERE\n    for y in x:\n        READ\n",
			"for root in x:\n    HERE\n    READ\n",
			"def f(x):\n    root = x\n    READ\n    HERE\n",
			"HERE\n", // a name of the language, or of a star
		},
		false: {
			"HERE\nroot = 1\n",
			"HERE\nfor root in x:\n    READ\n",
			"for root in x:\n    pass\nHERE\n",
			"if x:\n    root = 1\nHERE\n",
			"if x:\n    root = 1\nelif y:\n    root = 2\nHERE\n",
			"if x:\n    root = 1\nelse:\n    HERE\n",
			"while x:\n    root = 1\nHERE\n",
			"try:\n    root = 1\nexcept E:\n    pass\nHERE\n",
			"try:\n    pass\nexcept E as root:\n    pass\nHERE\n",
			"root: str\nHERE\n",
			"x and (root := 1)\nHERE\n",
			"[1 for root in x]\nHERE\nroot = 1\n",
			"[root for a in HERE for root in a]\nroot = 1\n",
			"def f(a=HERE):\n    root = 1\nroot = 2\n",
			"def f():\n    HERE\n    root = 1\nroot = 2\n",
			"def f():\n    HERE\nf()\nroot = 1\n",
			"def f():\n    HERE\nclass A:\n    pass\nA()\nroot = 1\n",
			"def f():\n    HERE\ndef g(): f()\nx = g()\nroot = 1\n",
			"def f():\n    HERE\nif x:\n    root = 1\n",
			"def f():\n    root = 1\ndef g():\n    HERE\nroot: str\n",
			"class A:\n    root = 1\n    def f(self):\n        HERE\nroot: str\n",
			"class A:\n    HERE\n    def f(root):\n        READ\n",
			"HERE\ndef f(root):\n    READ\n",
			"def f(root):\n    HERE\n    root = 2\n    READ\n",
			"root = 1\nREAD\nroot = 2\nHERE\n",
			"root = 1\nHERE\nfor x in y:\n    READ\n    root = 2\n",
			"def f(root):\n    HERE\ndef g(root):\n    READ\n",
		},
	},
	host.Ruby: {
		true: {
			"root = 1\nHERE\n",
			"root ||= 1\nHERE\n",
			"a, root = 1, 2\nHERE\n",
			"root = ARGV.shift or abort\nHERE\n",
			"root = 1 rescue nil\nHERE\n",
			"x.each { |root| HERE }\n",
			"x.each do |a, (b, root)|\n  HERE\nend\n",
			"x = ->(root) { HERE }\n",
			"for root in x do\n  HERE\nend\n",
			"def f(root)\n  HERE\nend\n",
			"def f(root: 1)\n  HERE\nend\n",
			"root = 1\nx.each { HERE }\n",
			"if x\n  root = 1\nelse\n  root = 2\nend\nHERE\n",
			"if x\n  root = 1\nelse\n  abort 'x'\nend\nHERE\n",
			"case x\nwhen 1 then root = 1\nelse root = 2\nend\nHERE\n",
			"if (root = f)\n  HERE\nend\n",
			"return unless (root = f)\nHERE\n",
			"begin\n  root = 1\nend\nHERE\n",
			"def root; 1; end\ndef f\n  HERE\nend\n",
			"class A\n  attr_reader :root\n  def f\n    HERE\n  end\nend\n",
			"class A < B\n  def f\n    HERE\n    READ\n  end\nend\n",
			"root = 1\nputs <<~X\n  a #{HERE}\nX\n",
			"def root; 1; end\nHERE\ndef f\n  READ\nend\n",
			"A = Struct.new(:x) do\n  def root; 1; end\n  def f\n    HERE\n  end\n  def g\n    READ\n  end\nend\n",
		},
		false: {
			"HERE\nroot = 1\n",
			"x.each { |root| 1 }\nHERE\n",
			"HERE\nx.each { |root| READ }\n",
			"HERE\nx.each do\n  root = 1\n  READ\nend\n",
			"x.each { root = 1 }\nHERE\n",
			"root = 1\ndef f\n  HERE\nend\n",
			"root = 1\nclass A\n  HERE\nend\n",
			"if x\n  root = 1\nend\nHERE\n",
			"root = 1 if x\nHERE\n",
			"if x\n  root = 1\nelsif y\n  root = 1\nend\nHERE\n",
			"if x\n  root = 1\nelse\n  HERE\nend\n",
			"case x\nwhen 1 then root = 1\nend\nHERE\n",
			"begin\n  x\nrescue\n  root = 1\nend\nHERE\n",
			"x && (root = 1)\nHERE\n",
			"def f(root)\n  1\nend\nHERE\n",
			"root = 1\nHERE\nroot = 2\nREAD\n",
			"root = 1\nREAD\nroot = 2\nHERE\n",
			"root = 1\nHERE\nx.each do\n  READ\n  root = 2\nend\n",
			"HERE\nclass A < B\n  def f\n    READ\n  end\nend\n",
			"HERE\ndef root; 1; end\ndef f\n  READ\nend\n",
			"HERE\nA = Struct.new(:x) do\n  def root; 1; end\n  def f\n    READ\n  end\nend\n",
			"class A < B\n  HERE\n  def f\n    READ\n  end\nend\n",
			"class A < B\n  def self.f\n    HERE\n  end\n  def f\n    READ\n  end\nend\n",
		},
	},
	host.Go: {
		true: {
			"func f(root string) {\n\tHERE()\n}\n",
			"func (root T) f() {\n\tHERE()\n}\n",
			"func f() (root string) {\n\tHERE()\n}\n",
			"func f() {\n\troot := 1\n\tHERE()\n}\n",
			"func f() {\n\tvar root string\n\tHERE()\n}\n",
			"func f() {\n\tfor _, root := range x {\n\t\tHERE()\n\t}\n}\n",
			"func f() {\n\tif root := 1; x {\n\t\tHERE()\n\t}\n}\n",
			"func f() {\n\tg(func(root string) {\n\t\tHERE()\n\t})\n}\n",
			"func f() {\n\troot := 1\n\tg(func() {\n\t\tHERE()\n\t})\n}\n",
			"var root = 1\n\nfunc f() {\n\tHERE()\n}\n",
			"func f() {\n\troot := 1\n\tHERE()\n\tREAD()\n}\n",
			"func f() {\n\tHERE()\n\tREAD()\n}\n",
		},
		false: {
			"func f() {\n\tHERE()\n\troot := 1\n\t_ = root\n}\n",
			"func f() {\n\tHERE()\n\tfor _, root := range x {\n\t\tREAD()\n\t}\n}\n",
			"func f() {\n\tif root := 1; x {\n\t}\n\tHERE()\n}\n",
			"func f() {\n\troot := 1\n\tHERE()\n\troot = 2\n\tREAD()\n}\n",
			"func f() {\n\troot := 1\n\tREAD()\n\troot = 2\n\tHERE()\n}\n",
			"func f() {\n\troot := 1\n\tHERE()\n\t{\n\t\troot := 2\n\t\tREAD()\n\t}\n}\n",
			"func f(root string) {\n\tHERE()\n}\n\nfunc g(root string) {\n\tREAD()\n}\n",
			"func f() {\n\tHERE()\n}\n\nfunc g(root string) {\n\tREAD()\n}\n",
		},
	},
}

func TestMeans(t *testing.T) {
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	parser := &syntax.Parser{}
	defer parser.Close()
	for _, lang := range languages(pack) {
		for want, programs := range boundCases[lang.kind] {
			for _, src := range programs {
				if lang.kind == host.Go {
					src = "package p\n\n" + src
				}
				m, err := lang.open(parser, "x", []byte(src))
				if err != nil {
					t.Fatal(err)
				}
				here := strings.Index(src, "HERE")
				read := here
				if i := strings.Index(src, "READ"); i >= 0 {
					read = i
				}
				if got := m.means("root", source.Span{Start: read, End: read + 4}, source.Span{Start: here, End: here + 4}); got != want {
					t.Errorf("%s: %v, want %v:\n%s", lang.kind, got, want, src)
				}
			}
		}
	}
}

func TestNamesIn(t *testing.T) {
	for _, c := range []struct {
		kind host.Kind
		expr string
		want string
	}{
		{host.Python, "root", "root"},
		{host.Python, "self.root / name", "self name"},
		{host.Python, `os.path.join("instances", name)`, "os name"},
		{host.Python, `f"/srv/{name}/{x.y}"`, "name x"},
		{host.Python, `args["name"] or other`, "args other"},
		{host.Python, "f(root=x, y=z) if a == b else c[1:n]", "f x z a b c n"},
		{host.Ruby, "args[:instance]", "args"},
		{host.Ruby, `"#{root}/#{@name}"`, "root @name"},
		{host.Ruby, `'#{root}'`, ""},
		{host.Ruby, "File.join(Dir.pwd, name)", "File Dir name"},
		{host.Ruby, "f(root: x, y: :z) { A::B.c }", "f x A"},
		{host.Ruby, "empty?(x) ? @@a : $b", "empty? x @@a $b"},
		{host.Go, `filepath.Join("a", i.Name)`, "filepath i"},
	} {
		if got := namesIn(c.expr, c.kind); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s", c.expr, got, c.want)
		}
	}
}
