package host

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var update = flag.Bool("update", false, "write what is read into the fixtures")

const fixtures = "../../fixtures/rules/host"

// pack is the common data with a program to look for.
func pack(t testing.TB) *rules.Pack {
	t.Helper()
	p, err := rules.Parse("test", []byte(`
program:
  name: tutor
  packages: [tutor, tutor-openedx]
  modules: [tutor]
  commands: [config, local, k8s, images, plugins, dev]
  wrappers: [./tutor]
instance: {dir: instances, env: .venv}
`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFixtures reads each file of each fixture and compares what it holds with the file called want.
func TestFixtures(t *testing.T) {
	names, err := filepath.Glob(fixtures + "/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	p := pack(t)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			want, kept := "", ar.Files[:0]
			for _, f := range ar.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				kept = append(kept, f)
			}
			for _, f := range kept {
				describe(&got, f.Name, read(t, p, f.Name, f.Data, kept), f.Data)
			}
			if *update {
				ar.Files = append(kept, txtar.File{Name: "want", Data: []byte(got.String())})
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// read reads one file and checks what holds for every reading.
func read(t testing.TB, p *rules.Pack, name string, data []byte, others []txtar.File) reading.Result {
	t.Helper()
	in := reading.Input{Path: name, Src: data, Pack: p, Load: func(path string) ([]byte, bool) {
		for _, f := range others {
			if f.Name == path {
				return f.Data, true
			}
		}
		return nil, false
	}}
	kind := Detect(name, data)
	got := Read(kind, in)
	check(t, kind, in, got)
	return got
}

// check holds a reading to its promises.
func check(t testing.TB, kind Kind, in reading.Input, got reading.Result) {
	t.Helper()
	seen := map[source.Span]string{}
	for _, o := range got.Occurrences {
		if seen[o.Span] != "" {
			t.Errorf("%s: two occurrences at %v", in.Path, o.Span)
		}
		seen[o.Span] = "occurrence"
		if o.Class == "" || o.Reason == "" || o.Rule == "" || o.Kind == "" {
			t.Errorf("%s: an occurrence that says nothing: %+v", in.Path, o)
		}
		if _, ok := in.Pack.Rule(o.Rule); !ok {
			t.Errorf("%s: the rule %s is not documented", in.Path, o.Rule)
		}
		if o.Class.Site() && o.Action == "" {
			t.Errorf("%s: a site without an action: %+v", in.Path, o)
		}
	}
	for _, g := range got.Scripts {
		mapped(t, in, g)
		for _, v := range g.Env {
			mapped(t, in, v.Value)
		}
		for _, w := range site.Find([]byte(g.Text), in.Pack.Program.Name) {
			if p, ok := g.Map.Host(w); ok && p.File == "" && seen[p.Span] == "occurrence" {
				t.Errorf("%s: %v is both in a script and an occurrence", in.Path, p.Span)
			}
		}
	}
	for _, w := range site.Find(in.Src, in.Pack.Program.Name) {
		if seen[w] == "" && !inScript(got.Scripts, w, in.Pack.Program.Name) {
			t.Errorf("%s: %v is accounted for nowhere", in.Path, w)
		}
	}
	replaces(t, kind, in, got)
}

// inScript reports whether a whole word of a script's text leads to w.
func inScript(scripts []*source.Script, w source.Span, program string) bool {
	for _, g := range scripts {
		for _, s := range site.Find([]byte(g.Text), program) {
			for _, seg := range g.Map.Slice(s).Segments {
				if seg.File == "" && seg.Len > 0 && seg.Host < w.End && w.Start < seg.Host+seg.HostLen {
					return true
				}
			}
		}
	}
	return false
}

// mapped checks that the map covers the script's text, and that what it calls a copy is one.
func mapped(t testing.TB, in reading.Input, g *source.Script) {
	t.Helper()
	if g.Map.Len() != len(g.Text) {
		t.Fatalf("%s: the map of %q covers %d bytes of %d", in.Path, g.Where, g.Map.Len(), len(g.Text))
	}
	for _, s := range g.Map.Segments {
		if s.Atomic || s.Len != s.HostLen || s.Len == 0 {
			continue
		}
		src := in.Src
		if s.File != "" {
			src, _ = in.Load(s.File)
		}
		for i := range s.Len {
			if _, hole := g.HoleAt(s.Script + i); g.Text[s.Script+i] != src[s.Host+i] && !hole && !blanked(g, g.Text[s.Script+i]) {
				t.Fatalf("%s: %s: script byte %d is %q, its host byte %d is %q", in.Path, g.Where, s.Script+i, g.Text[s.Script+i], s.Host+i, src[s.Host+i])
			}
		}
	}
}

// blanked reports whether the byte may stand for one of a template's control blocks, which are blank to the script.
func blanked(g *source.Script, b byte) bool {
	return (g.Host == "jinja" || g.Host == "erb" || g.Host == "dockerfile") && (b == ' ' || b == '\\')
}

// replaces checks that a replacement in an embedded script, read again, gives exactly the text that was meant.
func replaces(t testing.TB, kind Kind, in reading.Input, got reading.Result) {
	t.Helper()
	n := 0
	for i, g := range got.Scripts {
		for _, w := range site.Find([]byte(g.Text), in.Pack.Program.Name) {
			for _, text := range []string{`"$ROOT/.venv/bin/tutor"`, `a\'é' tutor`, "# tutor", "x\ntutor"} {
				if n++; n > 200 {
					return
				}
				p, rendered, err := g.Replace(w, text)
				guessed := g.Document && (strings.Contains(g.Where, "indented") || strings.Contains(g.Where, "code block") || strings.Contains(g.Where, "literal"))
				if err != nil || p.File != "" || guessed && text[0] != '"' {
					continue
				}
				again := in
				again.Src = []byte(string(in.Src[:p.Start]) + rendered + string(in.Src[p.End:]))
				if shared(got.Scripts, g, p.Span) {
					continue
				}
				second := Read(kind, again)
				meant := g.Text[:w.Start] + text + g.Text[w.End:]
				if i >= len(second.Scripts) || second.Scripts[i].Text != meant {
					now := "nothing"
					if i < len(second.Scripts) {
						now = second.Scripts[i].Text
					}
					t.Errorf("%s: %s: replacing at %v by %q:\nmeant %q\n got  %q\nhost %q", in.Path, g.Where, w, text, meant, now, rendered)
				}
			}
		}
	}
}

// shared reports whether the script's own text writes the place more than once, as the uses of a variable do.
func shared(scripts []*source.Script, g *source.Script, at source.Span) bool {
	n := 0
	for _, s := range g.Map.Segments {
		if s.File == "" && s.Len > 0 && s.Host < at.End && at.Start < s.Host+s.HostLen {
			n++
		}
	}
	return n > 1
}

func describe(b *strings.Builder, name string, got reading.Result, src []byte) {
	fmt.Fprintf(b, "%s: %s\n", name, Detect(name, src))
	for _, g := range got.Scripts {
		fmt.Fprintf(b, "  script %s", g.Language)
		if g.Dialect != "" {
			fmt.Fprintf(b, "/%s", g.Dialect)
		}
		if g.Document {
			b.WriteString(" document")
		}
		fmt.Fprintf(b, " in %s, %s", g.Host, g.Where)
		for _, v := range g.Env {
			fmt.Fprintf(b, " %s=%s", v.Name, v.Value.Text)
		}
		b.WriteString("\n")
		if len(g.Argv) > 0 {
			for _, a := range g.Argv {
				fmt.Fprintf(b, "    word %s\n", g.Text[a.Start:a.End])
			}
		} else if len(g.Text) != len(src) {
			for _, l := range strings.Split(strings.TrimSuffix(g.Text, "\n"), "\n") {
				fmt.Fprintf(b, "    | %s\n", strings.TrimRight(strings.ReplaceAll(l, "\r", "\\r"), " \t"))
			}
		}
		for _, h := range g.Holes {
			fmt.Fprintf(b, "    hole %s %s\n", h.Expr, h.Source)
		}
		for _, w := range site.Find([]byte(g.Text), "tutor") {
			p := g.Map.At(w.Start)
			if p.File == "" {
				fmt.Fprintf(b, "    at %s\n", position(src, p.Start))
			} else {
				fmt.Fprintf(b, "    at %s+%d\n", p.File, p.Start)
			}
		}
	}
	for _, o := range got.Occurrences {
		fmt.Fprintf(b, "  %s %s %s (%s)\n", position(src, o.Start), o.Class, o.Rule, o.Reason)
	}
	for _, p := range got.Problems {
		fmt.Fprintf(b, "  %s problem: %s\n", position(src, p.Start), p.Text)
	}
}

func position(src []byte, off int) string {
	before := string(src[:off])
	return fmt.Sprintf("%d:%d", strings.Count(before, "\n")+1, off-strings.LastIndex(before, "\n"))
}
