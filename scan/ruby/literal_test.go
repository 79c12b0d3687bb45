package ruby

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// literals are written so that each is one Ruby expression without interpolation: a text, or a list of texts.
var literals = []string{
	`"tutor local start"`, `'tutor local start'`, `'it\'s'`, `'a\\b\n'`, `"a\"b"`, `"\n\t\r\s\0\a\b\e\f\v"`, `"\101\1\18\377"`,
	`"\x41\x4\x4g"`, `"\u00e9\u{1F600}"`, `"\u{41 42 43}"`, `"\u{ 41	42 }"`, `"\C-a\c?\M-a\M-\C-a\C-\M-b"`, `"\q\é\'"`, "\"a\\\n  b\"", "\"a\nb\"",
	"'a\\\nb'", `"#"`, `"# {x}"`, `"\#{x}"`, `"a#b"`, `%(a(b)c)`, `%q(a\)b\(c\\d\e)`, `%Q[a\]b\tc]`, `%|a\|b|`, `%q{a{b}c}`, `%q'a\'b'`, `%<a<b>\>>`,
	`%w[a b c]`, `%w(tutor config\ save d\\e f\n)`, "%w[\n  a\n  b\n]", "%w[a\\\nb c]", `%W[a\tb c\ d \x41]`, `%w[a\] b\[]`, `%w[]`, `%w{a#{b}}`, `%i[a b]`,
	`?a`, `?\n`, `?\s`, `?é`, `:sym`, `:"a b\n"`, `:'a\'b\n'`, `"a" 'b' "c"`, "\"a\" \\\n  'b'",
	"<<A\n a\n  b\nA\n", "<<-A\n a\n  b\n  A\n", "<<~A\n    a\n      b\n\n    c\n  A\n", "<<'A'\n a\\n #{x}\nA\n", "<<~'A'\n  a\\n\n    #{x}\n  A\n",
	"<<~\"A B\"\n  a\\tb\n  A B\n", "<<~A\n\ta\n\t\tb\n        c\nA\n", "<<~A\n    a\n      \n    b\n  \n  A\n", "<<~A\nA\n", "<<~A\n  a \\\n  b\n    c\nA\n",
	"<<~A\n  \\  a\n    b\nA\n", "<<~A\n    \\ta\n  b\nA\n", "<<~A.upcase\n  a\nA\n", "[<<~A, <<-B, 'c']\n  a\nA\n  b\n  B\n",
	"<<~A\n  é\u00a0x\n    A\n", "<<~A\n   a\n\t b\nA\n", "\"\\u{1F600}x\"", "\"\\\\u{41 42}\"", "%w[a\\\\ b]", "%q(\\\\)", "<<~A\n  a\\\n    b\nA\n",
	"<<~'A'\n  a\\\n    b\n  c\nA\n", "<<~A\n  a\n  \\\n  b\nA\n",
}

// interpolated are literals whose interpolations are the constant texts that oracle defines.
var interpolated = []string{
	`"a#{x}b"`, `"#{x}"`, `"#{x}#{y}"`, "<<~A\n  a #{x}\n    b\n  #{y} c\nA\n", "%W[a#{x}b #{y} c]", "<<~A\n  #{x}\n  b\nA\n", "<<~A\n    a\n#{x}\n   b\nA\n",
	"<<~A\n  a #{x +\n   y} b\n   c\nA\n", "<<~A\n  hi #{<<~B}there\n    inner\n  B\n  last\nA\n", "<<~A\n  hi #{<<~B} #{<<-C}.\n    inner #{x}\n  B\n   c\n  C\n  last\nA\n",
	"<<~A\n  hi #{<<~B}there\n    inner #{<<~C}\n      deep\n    C\n     more\n  B\n  last\nA\n",
}

// A text that was lowered is the text that Ruby reads, with the file's lines ending either way.
func TestLiteralsAreRubys(t *testing.T) {
	ruby := program.Find(t, "ruby")
	all := append(append([]string{}, literals...), interpolated...)
	for _, crlf := range []bool{false, true} {
		var sources []string
		for _, lit := range all {
			if crlf {
				lit = strings.ReplaceAll(lit, "\n", "\r\n")
			}
			sources = append(sources, lit)
		}
		want := ask(t, ruby, sources)
		for i, src := range sources {
			texts, err := lowered(src)
			if err != nil {
				t.Errorf("%q: %v", src, err)
				continue
			}
			got := hexed(texts)
			if strings.Contains(src, ".upcase") {
				got = hexed([]string{strings.ToUpper(texts[0])})
			}
			if got != want[i] {
				t.Errorf("%q is %q here and %q for ruby", src, unhex(got), unhex(want[i]))
			}
		}
	}
}

const oracle = `
STDIN.binmode
def x; "X"; end
def y; "Y Y"; end
STDIN.read.split("\x00").each do |hex|
  v = eval([hex].pack("H*").force_encoding("UTF-8"))
  puts [v].flatten.map { |s| s.to_s.b.unpack1("H*") }.join(",")
end
`

func ask(t *testing.T, ruby string, sources []string) []string {
	t.Helper()
	var in bytes.Buffer
	for i, src := range sources {
		if i > 0 {
			in.WriteByte(0)
		}
		in.WriteString(hex.EncodeToString([]byte(src)))
	}
	cmd := exec.Command(ruby, "-W0", "-Ku", "-e", oracle)
	cmd.Stdin = &in
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

func hexed(texts []string) string {
	var out []string
	for _, s := range texts {
		out = append(out, hex.EncodeToString([]byte(s)))
	}
	return strings.Join(out, ",")
}

func unhex(s string) []string {
	var out []string
	for _, h := range strings.Split(s, ",") {
		b, _ := hex.DecodeString(h)
		out = append(out, string(b))
	}
	return out
}

// lowered are the texts of the one expression that src is, after a check of their maps.
func lowered(src string) ([]string, error) {
	var p syntax.Parser
	defer p.Close()
	tree, err := Parse(&p, []byte(src))
	if err != nil {
		return nil, err
	}
	unit := Lower("x.rb", tree)
	if len(unit.Body) != 1 {
		return nil, fmt.Errorf("%d statements: %s", len(unit.Body), dump(unit.Body, ""))
	}
	do, ok := unit.Body[0].(*flow.Do)
	if !ok {
		return nil, fmt.Errorf("%s", dump(unit.Body, ""))
	}
	x := do.X
	if c, ok := x.(*flow.Call); ok {
		if at, ok := c.Fn.(*flow.Attr); ok {
			x = at.X
		}
	}
	if l, ok := x.(*flow.List); ok {
		var out []string
		for _, e := range l.Elems {
			text, err := textOf(src, e)
			if err != nil {
				return nil, err
			}
			out = append(out, text)
		}
		return out, nil
	}
	text, err := textOf(src, x)
	return []string{text}, err
}

func textOf(src string, x flow.Expr) (string, error) {
	switch x := x.(type) {
	case *flow.Lit:
		return x.Text, checkMap(src, x)
	case *flow.Join:
		var b strings.Builder
		for _, p := range x.Parts {
			text, err := textOf(src, p)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
		}
		return b.String(), nil
	case *flow.Call:
		if name, ok := x.Fn.(*flow.Name); ok {
			return map[string]string{"x": "X", "y": "Y Y"}[name.Ident], nil
		}
	case *flow.Add:
		a, _ := textOf(src, x.X)
		b, err := textOf(src, x.Y)
		return a + b, err
	}
	return "", fmt.Errorf("%s is no text", show(x))
}

// checkMap errs unless the map covers the text, copies are copies, and every place is in the file and its literal.
func checkMap(src string, x *flow.Lit) error {
	if x.Map.Len() != len(x.Text) {
		return fmt.Errorf("%q: the map has %d bytes, the text %d", x.Text, x.Map.Len(), len(x.Text))
	}
	if x.Start < 0 || x.End < x.Start || x.End > len(src) {
		return fmt.Errorf("%q stands at %v", x.Text, x.Span)
	}
	for _, s := range x.Map.Segments {
		host := source.Span{Start: s.Host, End: s.Host + s.HostLen}
		if host.Start < 0 || host.End > len(src) || !x.Literal.Covers(host) {
			return fmt.Errorf("%q: %v is outside of its literal %v", x.Text, host, x.Literal)
		}
		if !s.Atomic && src[host.Start:host.End] != x.Text[s.Script:s.Script+s.Len] {
			return fmt.Errorf("%q: %q is no copy", x.Text, src[host.Start:host.End])
		}
	}
	return nil
}
