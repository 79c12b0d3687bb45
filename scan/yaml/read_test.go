package yaml

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	oracle "go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var update = flag.Bool("update", false, "write what the fixtures give as what they want")

// testPack is the common pack's knowledge of YAML with a program of its own.
func testPack(t testing.TB) *rules.Pack {
	t.Helper()
	src, err := os.ReadFile("../../rules/packs/common/yaml.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var p rules.Pack
	if err := oracle.Load(src, &p, oracle.WithKnownFields()); err != nil {
		t.Fatal(err)
	}
	p.Program = rules.Program{Name: "tutor", Commands: []string{"config", "local", "k8s", "images", "plugins"}}
	return &p
}

// fixture is one txtar file: the file to read is the first one, others can be included by it. "want" is what is found,
// "rewritten" the file with every mention that an embedded script holds replaced.
type fixture struct {
	path string
	ar   *txtar.Archive
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	paths, err := filepath.Glob("../../fixtures/rules/yaml/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	var out []fixture
	for _, p := range paths {
		ar, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fixture{p, ar})
	}
	return out
}

func (f fixture) file(name string) ([]byte, bool) {
	for _, one := range f.ar.Files {
		if one.Name == name {
			return one.Data, true
		}
	}
	return nil, false
}

func (f fixture) set(name, data string) {
	for i := range f.ar.Files {
		if f.ar.Files[i].Name == name {
			f.ar.Files[i].Data = []byte(data)
			return
		}
	}
	f.ar.Files = append(f.ar.Files, txtar.File{Name: name, Data: []byte(data)})
}

func TestRead(t *testing.T) {
	pack := testPack(t)
	for _, f := range fixtures(t) {
		t.Run(strings.TrimSuffix(filepath.Base(f.path), ".txtar"), func(t *testing.T) {
			in := reading.Input{Path: f.ar.Files[0].Name, Src: f.ar.Files[0].Data, Pack: pack, Load: f.file}
			got := Read(in)
			checkReading(t, in, got)
			shown, rewritten := show(in, got), rewrite(t, in, got)
			if *update {
				f.set("want", shown)
				f.set("rewritten", rewritten)
				if err := os.WriteFile(f.path, txtar.Format(f.ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, _ := f.file("want")
			if d := cmp.Diff(string(want), shown); d != "" {
				t.Errorf("what is found (-want +got):\n%s", d)
			}
			want, _ = f.file("rewritten")
			if d := cmp.Diff(string(want), rewritten); d != "" {
				t.Errorf("rewritten (-want +got):\n%s", d)
			}
		})
	}
}

// show writes a reading as the fixtures do.
func show(in reading.Input, r reading.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kind %s\n", detect(newFile(in.Path, string(in.Src)), in.Pack).Name)
	for _, g := range r.Scripts {
		if len(site.Find([]byte(g.Text), "tutor")) == 0 && !strings.Contains(g.Text, "$") {
			continue
		}
		fmt.Fprintf(&b, "script %s", g.Where)
		if g.Dialect != "" || g.Language != "shell" {
			fmt.Fprintf(&b, " (%s %s)", g.Language, g.Dialect)
		}
		b.WriteByte('\n')
		for _, v := range g.Env {
			fmt.Fprintf(&b, "  %s=%q\n", v.Name, v.Value.Reveal(source.Span{End: len(v.Value.Text)}))
		}
		if len(g.Argv) > 0 {
			for _, a := range g.Argv {
				fmt.Fprintf(&b, "  - %q\n", g.Reveal(a))
			}
			continue
		}
		for _, line := range strings.Split(strings.TrimSuffix(g.Reveal(source.Span{End: len(g.Text)}), "\n"), "\n") {
			fmt.Fprintf(&b, "  | %s\n", line)
		}
	}
	for _, o := range r.Occurrences {
		line := 1 + strings.Count(string(in.Src[:o.Start]), "\n")
		column := o.Start - strings.LastIndexByte(string(in.Src[:o.Start]), '\n')
		fmt.Fprintf(&b, "%d:%d %s %s: %s\n", line, column, o.Class, o.Kind, o.Reason)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%d: problem: %s\n", 1+strings.Count(string(in.Src[:p.Start]), "\n"), p.Text)
	}
	return b.String()
}

// checkReading holds a reading to what it promises: maps that lead to the bytes they say, and every mention once.
func checkReading(t testing.TB, in reading.Input, r reading.Result) {
	t.Helper()
	masked := mask.Read(string(in.Src)).Text
	count := make(map[source.Span]int)
	for _, o := range r.Occurrences {
		count[o.Span]++
	}
	for _, g := range r.Scripts {
		if g.Map.Len() != len(g.Text) {
			t.Errorf("%s: the map covers %d of %d bytes", g.Where, g.Map.Len(), len(g.Text))
		}
		for _, s := range g.Map.Segments {
			if !s.Atomic && s.Len == s.HostLen && g.Text[s.Script:s.Script+s.Len] != masked[s.Host:s.Host+s.HostLen] {
				t.Errorf("%s: %q maps to %q", g.Where, g.Text[s.Script:s.Script+s.Len], masked[s.Host:s.Host+s.HostLen])
			}
		}
		for _, h := range g.Holes {
			if p, ok := g.Map.Host(h.Span); !ok || string(in.Src[p.Start:p.End]) != h.Source {
				t.Errorf("%s: hole %q is at %v", g.Where, h.Source, p)
			}
		}
		for _, at := range site.Find([]byte(g.Text), in.Pack.Program.Name) {
			if p, ok := g.Map.Host(at); ok {
				count[p.Span]++
			}
		}
	}
	for _, at := range site.Find(in.Src, in.Pack.Program.Name) {
		if count[at] != 1 {
			t.Errorf("the mention at %d, %q, is accounted for %d times", at.Start, around20(in.Src, at), count[at])
		}
		delete(count, at)
	}
	for at, n := range count {
		escaped := at.Start > 1 && in.Src[at.Start-2] == '\\' // "\ntutor": a word only once the scalar is read
		if string(in.Src[at.Start:at.End]) == in.Pack.Program.Name && !escaped {
			t.Errorf("%d accounts for %v, which is no mention", n, at)
		}
	}
}

func around20(src []byte, at source.Span) []byte {
	return src[max(0, at.Start-20):min(len(src), at.End+20)]
}

// replacement is what fixtures put in place of the program's name: it begins with a quote, as a path that holds a
// variable has to.
const replacement = `"$ROOT/instances/$NAME/.venv/bin/tutor"`

// rewrite replaces every mention that an embedded script holds, and checks that reading the result gives the same embedded scripts with
// just these texts replaced. A mention that cannot be replaced is left.
func rewrite(t testing.TB, in reading.Input, r reading.Result) string {
	t.Helper()
	type change struct {
		source.Span
		text string
	}
	var changes []change
	want := make([]string, len(r.Scripts))
	for i, g := range r.Scripts {
		last := 0
		for _, at := range site.Find([]byte(g.Text), in.Pack.Program.Name) {
			p, text, err := g.Replace(at, replacement)
			if err != nil {
				continue
			}
			changes = append(changes, change{p.Span, text})
			want[i] += g.Text[last:at.Start] + replacement
			last = at.End
		}
		want[i] += g.Text[last:]
	}
	sort.Slice(changes, func(i, j int) bool { return changes[i].Start < changes[j].Start })
	var out strings.Builder
	last := 0
	for _, c := range changes {
		if c.Start < last {
			t.Fatalf("changes overlap at %d", c.Start)
		}
		out.Write(in.Src[last:c.Start])
		out.WriteString(c.text)
		last = c.End
	}
	out.Write(in.Src[last:])
	in.Src = []byte(out.String())
	again := Read(in)
	if len(again.Scripts) != len(r.Scripts) || len(again.Problems) > len(r.Problems) {
		t.Errorf("rewriting leaves %d scripts of %d, problems %v\n%s", len(again.Scripts), len(r.Scripts), again.Problems, out.String())
		return out.String()
	}
	for i, g := range again.Scripts {
		if g.Text != want[i] {
			t.Errorf("%s: rewritten to\n%q\nwant\n%q", g.Where, g.Text, want[i])
		}
	}
	return out.String()
}

// TestReadFixtures holds every YAML file of the repository to the same promises.
func TestReadFixtures(t *testing.T) {
	pack := testPack(t)
	err := filepath.WalkDir("../../fixtures", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" && filepath.Ext(path) != ".yaml" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		in := reading.Input{Path: filepath.ToSlash(strings.TrimPrefix(path, "../../fixtures/")), Src: src, Pack: pack}
		r := Read(in)
		checkReading(t, in, r)
		rewrite(t, in, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
