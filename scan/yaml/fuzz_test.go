package yaml

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// FuzzRead holds a reading of any text to what it promises.
func FuzzRead(f *testing.F) {
	pack := testPack(f)
	for _, one := range fixtures(f) {
		f.Add(one.ar.Files[0].Name, string(one.ar.Files[0].Data))
	}
	f.Fuzz(func(t *testing.T, path, src string) {
		if len(src) > 1<<14 {
			return
		}
		in := reading.Input{Path: path, Src: []byte(src), Pack: pack}
		checkReading(t, in, Read(in))
	})
}

// FuzzRender replaces a part of each scalar of a text: what is answered, put in its place, gives exactly the text that
// is meant, and every other scalar is what it was.
func FuzzRender(f *testing.F) {
	for _, one := range fixtures(f) {
		f.Add(string(one.ar.Files[0].Data), `"$ROOT/x" y`, uint64(1))
	}
	for i, replacement := range []string{"a: b", "a #b", "'", `"`, "a\nb", " a", "a ", "", "\t", "- a", "é\u2028\x00", "{{ x }}'", "*a", "a,b", "]", `\`, "---", "\r\n"} {
		f.Add("- tutor local\n- 'a b'\n- \"a\\\n  b c\"\n- |\n  a b\n  c\n- >\n  a b\n  c\n- [a b, c]\n- a\n  b # c\nd: e f\n", replacement, uint64(i))
	}
	f.Fuzz(func(t *testing.T, src, replacement string, seed uint64) {
		if len(src) > 1<<12 || len(replacement) > 64 {
			return
		}
		random := rand.New(rand.NewPCG(seed, 1))
		file := newFile("x", src)
		if len(file.tree.Problems) > 0 {
			return // where a mistake is noted, what follows may be read otherwise
		}
		before := scalars(file)
		for i, n := range before {
			p := file.part(n)
			at := source.Span{Start: random.IntN(len(p.text) + 1)}
			at.End = at.Start + random.IntN(len(p.text)-at.Start+1)
			if i%3 == 0 {
				at.Start = 0
			}
			g := &source.Script{Host: "yaml"}
			file.join(g, []*Node{n}, "\n")
			place, text, err := g.Replace(at, replacement)
			if err != nil || isKey(file, n) {
				continue
			}
			want := p.text[:at.Start] + mask.Read(replacement).Text + p.text[at.End:]
			after := src[:place.Start] + text + src[place.End:]
			again := newFile("x", after)
			now := scalars(again)
			if len(now) != len(before) {
				t.Fatalf("%q -> %q: %d scalars, were %d", src, after, len(now), len(before))
			}
			for j := range now {
				got, _ := again.tree.Decode(now[j])
				was, _ := file.tree.Decode(before[j])
				if j == i {
					was = want
				}
				if got != was {
					t.Fatalf("%q -> %q: scalar %d is %q, want %q", src, after, j, got, was)
				}
			}
		}
	})
}

// scalars are the scalars of a file in order.
func scalars(f *file) []*Node {
	var out []*Node
	var walk func(*Node)
	walk = func(n *Node) {
		if n == nil {
			return
		}
		if n.Kind == Scalar {
			out = append(out, n)
		}
		for i, item := range n.Items {
			if n.Kind == Mapping {
				walk(n.Keys[i])
			}
			walk(item)
		}
	}
	for _, d := range f.tree.Docs {
		walk(d)
	}
	return out
}

func isKey(f *file, n *Node) bool {
	rest := strings.TrimLeft(f.tree.lexer.src[n.Span.End:], " \t\r\n")
	return strings.HasPrefix(rest, ":") // a key is never rewritten
}

func BenchmarkRead(b *testing.B) {
	pack := testPack(b)
	src := benchSource()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Read(reading.Input{Path: ".gitlab-ci.yml", Src: []byte(src), Pack: pack})
	}
}

func BenchmarkParse(b *testing.B) {
	src := benchSource()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Parse(src)
	}
}

// BenchmarkMap reads a text and maps every scalar of it: what BenchmarkOracle is the measure for.
func BenchmarkMap(b *testing.B) {
	src := benchSource()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		f := newFile("x", src)
		for _, n := range scalars(f) {
			f.tree.Decode(n)
		}
	}
	mapping := b.Elapsed()
	start := time.Now()
	for range b.N {
		if _, err := decode(src); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(mapping)/float64(time.Since(start)), "times-parsing")
}

// BenchmarkOracle is the measure: a library that reads the same text without places.
func BenchmarkOracle(b *testing.B) {
	src := benchSource()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := decode(src); err != nil {
			b.Fatal(err)
		}
	}
}

// benchSource is a pipeline of 500 jobs.
func benchSource() string {
	const job = `  extends: .base
  stage: deploy # of the instance
  variables:
    INSTANCE_NAME: "alpha"
    TUTOR_ROOT: "$CI_PROJECT_DIR/instances/alpha"
  script:
    - grove prepare "$INSTANCE_NAME"
    - tutor config save --set "DEPLOYED_BY=$GITLAB_USER_LOGIN"
    - |
      tutor images build all \
        --build-arg A=b
      tutor images push all
    - >-
      docker build
      --tag x
    - 'if [ "$(tutor config printvalue X)" = "True" ]; then tutor k8s init; fi'
    - "tutor k8s exec lms -- bash -c \"./manage.py check\""
  needs: ["prepare", 'build']

`
	var b strings.Builder
	b.WriteString(".base:\n  image: bash\n\n")
	for i := range 500 {
		b.WriteString("job" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + ":\n" + job)
	}
	return b.String()
}

func spanOf(start, end int) source.Span { return source.Span{Start: start, End: end} }
