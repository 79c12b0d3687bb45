package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// fuzz reads generated files of one kind and holds each reading to its promises. It starts from the fixtures.
func fuzz(f *testing.F, kind Kind, more func(*testing.T, string)) {
	names, _ := filepath.Glob(fixtures + "/*.txtar")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if Detect(file.Name, file.Data) == kind {
				f.Add(string(file.Data))
			}
		}
	}
	p := pack(f)
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<16 {
			return
		}
		in := reading.Input{Path: "file", Src: []byte(src), Pack: p}
		accounted(t, in, Read(kind, in))
		if more != nil {
			more(t, src)
		}
	})
}

// accounted checks the promises that hold for any bytes.
func accounted(t *testing.T, in reading.Input, got reading.Result) {
	t.Helper()
	seen := map[source.Span]bool{}
	for _, o := range got.Occurrences {
		if seen[o.Span] || o.Class == "" || o.Reason == "" {
			t.Fatalf("occurrence %+v in %q", o, in.Src)
		}
		seen[o.Span] = true
		if _, ok := in.Pack.Rule(o.Rule); !ok {
			t.Fatalf("the rule %s is not documented", o.Rule)
		}
	}
	for _, g := range got.Scripts {
		mapped(t, in, g)
		inside(t, in, g)
		if len(g.Env) < 10 {
			for _, v := range g.Env {
				mapped(t, in, v.Value)
			}
		}
	}
	held := make([]bool, len(in.Src))
	for _, g := range got.Scripts {
		for _, w := range site.Find([]byte(g.Text), in.Pack.Program.Name) {
			for _, s := range g.Map.Written(w) {
				for i := s.Start; i < s.End; i++ {
					held[i] = true
				}
			}
		}
	}
	for _, w := range site.Find(in.Src, in.Pack.Program.Name) {
		inScript := false
		for _, h := range held[w.Start:w.End] {
			inScript = inScript || h
		}
		if seen[w] == inScript {
			t.Fatalf("%v of %.200q: occurrence %v", w, in.Src, seen[w])
		}
	}
}

// inside checks that the map, the holes and the words of an embedded script lie within its text and its host.
func inside(t *testing.T, in reading.Input, g *source.Script) {
	t.Helper()
	for _, s := range g.Map.Segments {
		if s.File == "" && (s.Host < 0 || s.HostLen < 0 || s.Host+s.HostLen > len(in.Src)) {
			t.Fatalf("segment %+v of %q leaves %q", s, g.Text, in.Src)
		}
	}
	last := 0
	for _, h := range g.Holes {
		if h.Start < last || h.End <= h.Start || h.End > len(g.Text) {
			t.Fatalf("hole %+v of %q", h, g.Text)
		}
		last = h.End
	}
	for _, a := range g.Argv {
		if a.Start < 0 || a.End > len(g.Text) {
			t.Fatalf("word %+v of %q", a, g.Text)
		}
	}
}

func FuzzDockerfile(f *testing.F) {
	p := pack(f)
	fuzz(f, Dockerfile, func(t *testing.T, src string) {
		if !strings.ContainsAny(src, "{<\r") && utf8.ValidString(src) {
			compare(t, p, src)
		}
	})
}

func FuzzMakefile(f *testing.F) { fuzz(f, Makefile, nil) }
func FuzzMarkdown(f *testing.F) { fuzz(f, Markdown, nil) }
func FuzzRST(f *testing.F)      { fuzz(f, RST, nil) }
func FuzzHCL(f *testing.F)      { fuzz(f, HCL, nil) }
func FuzzTOML(f *testing.F)     { fuzz(f, TOML, nil) }
func FuzzINI(f *testing.F)      { fuzz(f, INI, nil) }
func FuzzCode(f *testing.F)     { fuzz(f, JavaScript, nil) }
func FuzzNix(f *testing.F)      { fuzz(f, "nix", nil) }
func FuzzBatch(f *testing.F)    { fuzz(f, "batch", nil) }
func FuzzPower(f *testing.F)    { fuzz(f, "powershell", nil) }
