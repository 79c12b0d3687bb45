package shell

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/rewriting"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	reader "gitlab.com/opencraft/dev/grove-migrate/scan/shell"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var update = flag.Bool("update", false, "rewrite the goldens of the fixtures")

// world is a repository in memory.
type world struct {
	pack  *rules.Pack
	files map[string][]byte
}

func newWorld(t testing.TB, files map[string][]byte) *world {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	return &world{pack, files}
}

// input is what a scan would hand over: each site of each script, with the instance that its slot names first.
func (w *world) input() render.Input {
	in := render.Input{Pack: w.pack, Files: slices.Sorted(maps.Keys(w.files)), Read: w.read}
	for _, file := range in.Files {
		src := string(w.files[file])
		g := &source.Script{Text: src, Map: source.Identity(0, len(src)), Language: "shell", Dialect: strings.TrimPrefix(path.Ext(file), ".")}
		load := func(p string) (string, []byte, bool) {
			key := path.Join(path.Dir(file), p)
			b, ok := w.files[key]
			return key, b, ok
		}
		for _, o := range reader.Read(g, reader.Options{Pack: w.pack, Load: load}).Occurrences {
			if o.Action == site.Rewrite && o.Slot != nil {
				in.Sites = append(in.Sites, sited(file, lifted(o, g)))
			}
		}
	}
	return in
}

// lifted gives the slot the script that a scan gives it: the script, or text inside it seen from the file.
func lifted(o site.Occurrence, g *source.Script) site.Occurrence {
	slot := *o.Slot
	if slot.Script == nil {
		slot.Script = g
	} else {
		slot.Script = slot.Script.Within(g)
	}
	o.Slot = &slot
	return o
}

func sited(file string, o site.Occurrence) render.Site {
	s := render.Site{File: file, Occurrence: &o}
	switch {
	case o.Slot.Root != nil:
		s.Instance, s.ByRoot = *o.Slot.Root, true
	case len(o.Slot.Names) > 0:
		s.Instance = o.Slot.Names[0]
	}
	return s
}

func (w *world) read(file string) ([]byte, error) {
	b, ok := w.files[file]
	if !ok {
		return nil, os.ErrNotExist
	}
	return b, nil
}

// apply is the files after the fixes.
func (w *world) apply(t testing.TB, fixes []edit.Fix) map[string][]byte {
	t.Helper()
	_, after := (&rewriting.Repository{Files: w.files}).Apply(t, fixes)
	return after.Files
}

// The fixtures are archives of scripts. Each changed or new file stands again under want/, and the refusals in "refused".
func TestFixtures(t *testing.T) {
	rewriting.Each(t, "../../fixtures/rules/shell/rewrite", func(t *testing.T, _, name string) {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		golden, files := map[string]string{}, map[string][]byte{}
		for _, f := range archive.Files {
			if strings.HasPrefix(f.Name, "want/") || f.Name == "refused" {
				golden[f.Name] = string(f.Data)
			} else {
				files[f.Name] = f.Data
			}
		}
		w := newWorld(t, files)
		got := w.outcome(t)
		if *update {
			w.save(t, name, archive, got)
			return
		}
		if diff := cmp.Diff(golden, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// outcome is what becomes of the world, with the checks that hold for any: nothing is left to do, and what was refused
// stays as it is.
func (w *world) outcome(t *testing.T) map[string]string {
	fixes, refused := Fixes(w.input())
	after := w.apply(t, fixes)
	got := map[string]string{}
	for file, b := range after {
		if !bytes.Equal(b, w.files[file]) {
			got["want/"+file] = string(b)
		}
		if parse(string(w.files[file]), "") == nil && parse(string(b), "") != nil {
			t.Errorf("%s does not parse", file)
		}
	}
	var b strings.Builder
	for _, r := range refused {
		line := 1 + bytes.Count(w.files[r.Site.File][:r.Site.Occurrence.Start], []byte("\n"))
		fmt.Fprintf(&b, "%s:%d: %s: %s\n", r.Site.File, line, r.Reason, r.Suggestion)
	}
	if b.Len() > 0 {
		got["refused"] = b.String()
	}
	second := &world{w.pack, after}
	again, refusedAgain := Fixes(second.input())
	if len(again) > 0 {
		t.Errorf("a second run would change %v", again[0].Changes)
	}
	if len(refusedAgain) != len(refused) {
		t.Errorf("%d refusals, but %d in a second run", len(refused), len(refusedAgain))
	}
	return got
}

func (w *world) save(t *testing.T, name string, archive *txtar.Archive, got map[string]string) {
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if !strings.HasPrefix(f.Name, "want/") && f.Name != "refused" {
			out.Files = append(out.Files, f)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		out.Files = append(out.Files, txtar.File{Name: k, Data: []byte(got[k])})
	}
	if err := os.WriteFile(name, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}
