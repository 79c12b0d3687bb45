package flow_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestBounds holds that generated code ends with all that can be found, or says that a bound was hit.
func TestBounds(t *testing.T) {
	const head = "import os, subprocess\nfrom subprocess import run\n"
	list := strings.Repeat("'tutor x', ", 20_000)
	loops := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%sfor a%d in x:\n", strings.Repeat(" ", i), i)
		}
		return b.String() + strings.Repeat(" ", n) + "c = c + ['x']\n" + strings.Repeat(" ", n) + "run(c)\n"
	}
	for name, src := range map[string]string{
		"a long list that is run":        "run(['tutor', " + list + "])  # run\n",
		"a long list that is gone over":  "for c in [" + list + "]:  # run\n    os.system(c)\n",
		"a long list that is joined":     "os.system(' && '.join([" + list + "]))  # run\n",
		"a long dictionary":              "d = {" + strings.Repeat("'a': 'tutor x', ", 20_000) + "}  # run\nos.system(d['a'])\n",
		"a long sum":                     "os.system('tutor'" + strings.Repeat(" + ' x'", 3000) + ")  # run\n",
		"a text that doubles":            "x = 'tutor '  # run\n" + strings.Repeat("x = x + x\n", 200) + "os.system('tutor a')  # run\nos.system(x)\n",
		"a list that doubles":            "x = ['tutor']  # run\n" + strings.Repeat("x = x + x\n", 200) + "run(['tutor'])  # run\nrun(x)\n",
		"a list that holds itself twice": "x = ['tutor']\n" + strings.Repeat("x = [x, x]\n", 200) + "run(['tutor'])  # run\nprint(x)\n",
		"loops inside each other":        "c = ['tutor']  # run\n" + loops(60),
		"a chain of functions":           chain(2000) + "f0('tutor x')  # run\n",
		"functions that all call others": web(2000) + "os.system('tutor x')  # run\n",
		"classes that extend each other": classes(300) + "C299().go()\n",
		"many classes that extend one":   broad(300),
		"functions that pass themselves": "def f(g, c):\n    f(lambda x: g(x), c)\n    f(g, c)\n    g(c)\nf(os.system, 'tutor x')  # run\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := py(head + src)
			r := w.solve(t, []string{"a.py"})
			got := w.lines(r)
			for _, line := range w.wanted() {
				if !slices.Contains(got, line) && !r.Bounded {
					t.Errorf("%s is missing in %v, and no bound was hit", line, got)
				}
			}
			for _, line := range got {
				if !slices.Contains(w.wanted(), line) {
					t.Errorf("%s is run", line)
				}
			}
		})
	}
}

// chain is functions each of which calls the next with what it is given.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "def f%d(c):\n    return f%d(c)\n", i, i+1)
	}
	fmt.Fprintf(&b, "def f%d(c):\n    os.system(c)\n", n)
	return b.String()
}

// web is functions each of which calls several others.
func web(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "def f%d(c):\n    f%d(c); f%d(c + ' x'); f%d([c])\n", i, (i*7+1)%n, (i*13+5)%n, (i+1)%n)
	}
	return b.String() + "f0('tutor y')\n"
}

func classes(n int) string {
	var b strings.Builder
	b.WriteString("class C0:\n    def go(self):\n        run([self.program])\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "class C%d(C%d):\n    pass\n", i, i-1)
	}
	return b.String() + "class Last(C40):\n    program = 'tutor'  # run\n"
}

func broad(n int) string {
	var b strings.Builder
	b.WriteString("class Base:\n    def go(self):\n        run([self.program])\n")
	for i := range n {
		fmt.Fprintf(&b, "class C%d(Base):\n    program = 'p%d'\n", i, i)
	}
	return b.String() + "class Last(Base):\n    program = 'tutor'  # run\nLast().go()\n"
}

// TestOrder holds that what is found does not depend on the order of the files.
func TestOrder(t *testing.T) {
	w := world{"python", map[string]string{
		"a.py":       "from b import sh\nfrom c import NAME\nsh(NAME)\n",
		"b.py":       "from d import *\ndef sh(c):\n    really(c)\n",
		"c.py":       "from e import PROGRAM\nNAME = PROGRAM + ' config'\n",
		"d.py":       "import os\ndef really(c):\n    os.system(c)\n",
		"e.py":       "PROGRAM = 'tutor'  # run\nSHOWN = 'tutor'\n",
		"f.py":       "from g import Base\nclass Sub(Base):\n    program = 'tutor'  # run\n",
		"g.py":       "from d import really\nclass Base:\n    def go(self):\n        really(self.program)\n",
		"pkg/h.py":   "import c\nprint(c.NAME)\n",
		"pkg/dec.py": "from d import really\ndef runs(fn):\n    def inner():\n        really(fn())\n    return inner\n",
		"i.py":       "from pkg.dec import runs\n@runs\ndef status():\n    return 'tutor status'  # run\n",
	}}
	files := slices.Sorted(maps.Keys(w.files))
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		rnd.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		if got, want := w.lines(w.solve(t, files)), w.wanted(); !slices.Equal(got, want) {
			t.Fatalf("%v: run: %v, want %v", files, got, want)
		}
	}
}

// FuzzSolve holds that following ends, whatever calls what.
func FuzzSolve(f *testing.F) {
	f.Add(uint64(1), uint8(3))
	f.Add(uint64(7), uint8(40))
	f.Fuzz(func(t *testing.T, seed uint64, size uint8) {
		w := py(random(rand.New(rand.NewPCG(seed, 0)), int(size)%40+1))
		r := w.solve(t, []string{"a.py"})
		if !r.Bounded && len(w.lines(r)) == 0 {
			t.Errorf("the last line of\n%s\nis not found", w.files["a.py"])
		}
	})
}

// random is a program of functions and methods that call each other with what they are given, functions included.
func random(r *rand.Rand, n int) string {
	var b strings.Builder
	b.WriteString("import os\nclass C:\n    pass\n")
	value := func(depth int) string { return "" }
	value = func(depth int) string {
		options := []string{"a", "b", "self", "'tutor x'", "['tutor']", "os.system", "lambda x: a(x)", fmt.Sprintf("f%d", r.IntN(n)), "C()", "{'k': a}"}
		if depth > 0 {
			options = append(options, "a + "+value(depth-1), "["+value(depth-1)+", b]", fmt.Sprintf("f%d(%s, b)", r.IntN(n), value(depth-1)), "a.m("+value(depth-1)+")", "f'{a} {b}'", "b['k']")
		}
		return options[r.IntN(len(options))]
	}
	for i := range n {
		fmt.Fprintf(&b, "def f%d(a, b=%s, self=None):\n", i, value(1))
		for range r.IntN(4) {
			switch r.IntN(6) {
			case 0:
				fmt.Fprintf(&b, "    a = %s\n", value(2))
			case 1:
				fmt.Fprintf(&b, "    for b in %s:\n        a += %s\n", value(1), value(1))
			case 2:
				fmt.Fprintf(&b, "    if a:\n        return %s\n", value(2))
			case 3:
				fmt.Fprintf(&b, "    yield %s\n", value(1))
			case 4:
				fmt.Fprintf(&b, "    C.at = %s\n", value(1))
			default:
				fmt.Fprintf(&b, "    a(%s)\n", value(2))
			}
		}
		fmt.Fprintf(&b, "    return %s\n", value(2))
	}
	for range n {
		fmt.Fprintf(&b, "f%d(%s, %s)\n", r.IntN(n), value(1), value(1))
	}
	return b.String() + "os.system('tutor end')\n"
}

// TestShownTextIsBounded holds that text which can run nothing, handed round by functions that call each other, takes no work
// from commands: no bound of the whole is hit.
func TestShownTextIsBounded(t *testing.T) {
	w := py(`import os
def ask(params, calls):
    for c in calls:
        params["input"].append({"role": "user", "content": c.text, "id": c.id})
        params["input"].append({"role": "tool", "content": c.more, "id": c.id})
    response = send(**params)
    if params.get("stream"):
        return stream(response, params)
    if response.calls:
        return ask(dict(params, data=response), response.calls)
    return response

def stream(response, params):
    for chunk in response:
        if chunk.tool:
            params["input"].append({"role": "tool", "content": chunk.text})
        for c in chunk.calls:
            params["input"].append({"role": "user", "content": c.text})
            yield from ask(params, [])
            yield from ask(params, chunk.calls)
        yield from stream(send(**params), params)

params = {"input": [{"role": "system", "content": "You are a math tutor. Be brief."}]}
if os.getenv("MORE"):
    params["input"].append({"role": "user", "content": "x"})
ask(params, [])
os.system("tutor x")  # run
`)
	r := w.solve(t, []string{"a.py"})
	if r.Bounded {
		t.Error("a bound was hit")
	}
	if got, want := w.lines(r), w.wanted(); !slices.Equal(got, want) {
		t.Errorf("run: %v, want %v", got, want)
	}
}
