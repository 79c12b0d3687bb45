package python

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
)

// oracle decodes string literals with Python itself. A literal that is none for Python is null.
const oracle = `
import json, sys, warnings
warnings.simplefilter("ignore")
out = []
for source in json.load(sys.stdin):
    try:
        value = eval(compile(source, "x", "eval"))
    except (SyntaxError, ValueError, NameError):
        out.append(None)
        continue
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    out.append(value.hex())
print(json.dumps(out))
`

func TestDecodeAsPython(t *testing.T) {
	python := program.Find(t, "python3")
	literals := randomLiterals(rand.New(rand.NewPCG(1, 2)), 6000)
	input, err := json.Marshal(literals)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", oracle)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []*string
	if err := json.Unmarshal(output, &want); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i, literal := range literals {
		if want[i] == nil {
			continue
		}
		got, known := decoded(t, literal)
		if !known {
			continue // a character by its name
		}
		if compared++; hex.EncodeToString([]byte(got)) != *want[i] {
			t.Errorf("%q is %q, but Python says %s", literal, got, *want[i])
		}
	}
	if compared < len(literals)/3 {
		t.Errorf("only %d of %d literals could be compared", compared, len(literals))
	}
}

// randomLiterals are string literals made of what is special in them.
func randomLiterals(r *rand.Rand, n int) []string {
	prefixes := []string{"", "", "", "r", "b", "rb", "Br", "u", "f", "rf", "F"}
	quotes := []string{`"`, `'`, `"""`, `'''`}
	parts := []string{
		"a", "tutor", " ", "é", "→", "\\", "\\\\", `\"`, `\'`, "\\n", "\\t", "\\x41", "\\xe9", "\\x4", "\\u00e9", "\\u20ac",
		"\\U0001f600", "\\ud800", "\\101", "\\7", "\\477", "\\8", "\\q", "\\N{BULLET}", "\\\n", "\\\r\n", "\n", "\r\n", "\r", "{{", "}}", "{", `"`, `'`, "\\a\\b\\f\\r\\v\\0", "#", "%s",
	}
	out := make([]string, n)
	for i := range out {
		var b strings.Builder
		for j := range 1 + r.IntN(2) {
			if j > 0 {
				b.WriteString(" ")
			}
			q := quotes[r.IntN(len(quotes))]
			b.WriteString(prefixes[r.IntN(len(prefixes))] + q)
			for range r.IntN(6) {
				b.WriteString(parts[r.IntN(len(parts))])
			}
			b.WriteString(q)
		}
		out[i] = b.String()
	}
	return out
}

// decoded is the text of the literals that src consists of.
func decoded(t *testing.T, src string) (text string, known bool) {
	t.Helper()
	u := Lower("x.py", parsed(t, []byte("x = "+src)))
	check(t, []byte("x = "+src), u)
	as, ok := u.Body[0].(*flow.Assign)
	if !ok || len(u.Body) != 1 {
		t.Fatalf("%q is lowered to %s", src, dump(u))
	}
	switch x := as.Value.(type) {
	case *flow.Lit:
		return x.Text, true
	case *flow.Join:
		for _, p := range x.Parts {
			lit, ok := p.(*flow.Lit)
			if !ok {
				return "", false
			}
			text += lit.Text
		}
		return text, true
	}
	t.Fatalf("%q is lowered to %s", src, dump(u))
	return "", false
}

func FuzzLower(f *testing.F) {
	for _, seed := range []string{"x = f'{a!r:>{b}}' \"\\x41\"", "class A(B):\n  def f(self, *a): return [x for x in a if x]\n", "try:\n x\nexcept* E as e: pass", "f'{", "match a:\n case [b, *c]: pass", "\"\\N{", "@a\nasync def", "x = rb'''\\\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4096 {
			return
		}
		tree := parsed(t, src)
		check(t, src, Lower("x.py", tree))
	})
}
