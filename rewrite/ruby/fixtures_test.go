package ruby_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/diff"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/spell"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

var update = flag.Bool("update", false, "rewrite the goldens of the fixtures")

// fixtures are small repositories. Each is scanned, fixed and scanned again: "found" lists every occurrence with its
// class, "diff" is what the fixes make of the files, "refused" the sites that have none. A file whose name ends in .crlf
// is given CRLF line ends, and loses that ending.
const fixtures = "../../fixtures/rules/ruby"

func TestFixtures(t *testing.T) {
	paths, err := filepath.Glob(fixtures + "/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	checked := map[string]string{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			for file, text := range checkFixture(t, path) {
				checked[name+"/"+file] = text
			}
		})
	}
	compiles(t, checked)
}

// checkFixture holds a fixture to its goldens and returns the changed files.
func checkFixture(t *testing.T, path string) map[string]string {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := readWorld(archive)
	report := w.scan(t)
	in := w.input(report)
	fixes, refused := ruby.Fixes(in)
	if len(fixes)+len(refused) < len(in.Sites) { // a constant gives both, when only some of its uses have an instance
		t.Errorf("%d sites, but %d fixes and %d refusals", len(in.Sites), len(fixes), len(refused))
	}
	patch, after := w.apply(t, fixes)
	got := map[string]string{"found": w.found(report), "diff": patch, "refused": w.refusals(refused)}
	if *update {
		save(t, path, archive, got)
		return after.text(w)
	}
	for _, part := range []string{"found", "diff", "refused"} {
		if d := cmp.Diff(w.golden[part], got[part]); d != "" {
			t.Errorf("%s (- want, + got):\n%s", part, d)
		}
	}
	again := after.scan(t)
	for _, s := range after.input(again).Sites {
		if !refusedAt(refused, s) {
			t.Errorf("%s: %q is still to be rewritten", s.File, s.Occurrence.Argv)
		}
	}
	if was, is := unexplained(report), unexplained(again); is > was {
		t.Errorf("%d unexplained occurrences, %d before:\n%s", is, was, after.found(again))
	}
	return after.text(w)
}

func unexplained(r *scan.Report) int {
	n := 0
	for _, f := range r.Files {
		for _, occ := range f.Occurrences {
			if occ.Class == site.Unexplained {
				n++
			}
		}
	}
	return n
}

// refusedAt reports whether a site was there and refused before; its place may have moved.
func refusedAt(refused []spell.Refusal, s spell.Site) bool {
	for _, r := range refused {
		if r.Site.File == s.File && cmp.Equal(r.Site.Occurrence.Argv, s.Occurrence.Argv) {
			return true
		}
	}
	return false
}

// world is the files of one repository.
type world struct {
	files  map[string][]byte
	names  []string
	golden map[string]string
}

func readWorld(archive *txtar.Archive) *world {
	w := &world{files: map[string][]byte{}, golden: map[string]string{}}
	for _, f := range archive.Files {
		switch f.Name {
		case "found", "diff", "refused":
			w.golden[f.Name] = string(f.Data)
			continue
		}
		name, crlf := strings.CutSuffix(f.Name, ".crlf")
		data := f.Data
		if crlf {
			data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
		}
		w.files[name] = data
		w.names = append(w.names, name)
	}
	sort.Strings(w.names)
	return w
}

func (w *world) read(file string) ([]byte, error) {
	if data, ok := w.files[file]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (w *world) scan(t *testing.T) *scan.Report {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	config, err := rules.ParseConfig(rules.ConfigName, w.files[rules.ConfigName])
	if err != nil {
		t.Fatal(err)
	}
	root := &scan.Root{Key: ".", Role: "other", Config: config, Tree: scan.Tree{Listing: walk.Listing{Files: w.names}, Read: w.read}}
	report, err := scan.Scan(context.Background(), scan.Workspace{Pack: pack, Roots: []*scan.Root{root}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// input are the sites that the scan wants rewritten.
func (w *world) input(report *scan.Report) spell.Input {
	pack, _ := rules.Load(rules.Default)
	in := spell.Input{Pack: pack, Files: w.names, Read: w.read}
	for _, f := range report.Files {
		for i := range f.Occurrences {
			if occ := &f.Occurrences[i]; occ.Action == site.Rewrite && occ.Slot != nil && occ.Slot.Language == "ruby" {
				one := spell.Site{File: f.Path, Occurrence: occ, ByRoot: occ.InstanceFrom == scan.FromRoot}
				if occ.InstanceFrom != scan.FromUses && occ.InstanceFrom != scan.FromCaller {
					one.Instance = site.Name{Expr: occ.Instance, How: occ.InstanceFrom}
				}
				in.Sites = append(in.Sites, one)
			}
		}
	}
	return in
}

// found lists every occurrence of the program.
func (w *world) found(report *scan.Report) string {
	var out strings.Builder
	for _, f := range report.Files {
		for _, occ := range f.Occurrences {
			before := f.Src[:occ.Start]
			fmt.Fprintf(&out, "%s:%d:%d: %s", f.Path, 1+bytes.Count(before, []byte("\n")), occ.Start-bytes.LastIndexByte(before, '\n'), occ.Class)
			if occ.Class.Site() {
				fmt.Fprintf(&out, " %s %q", occ.Action, strings.Join(occ.Argv, " "))
				if occ.Instance != "" {
					fmt.Fprintf(&out, " for %s (%s)", occ.Instance, occ.InstanceFrom)
				}
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// apply merges the fixes, none of which may be dropped, and returns the diff and the repository after them.
func (w *world) apply(t *testing.T, fixes []edit.Fix) (string, *world) {
	t.Helper()
	var all []*edit.Fix
	for i := range fixes {
		all = append(all, &fixes[i])
	}
	merged := edit.Merge(all, func(f edit.File) (int, bool) { data, ok := w.files[f.Path]; return len(data), ok })
	for _, d := range merged.Dropped {
		t.Errorf("dropped: %v: %s", d.Fix, d.Detail)
	}
	after := &world{files: map[string][]byte{}, golden: w.golden}
	for name, data := range w.files {
		after.files[name] = data
	}
	var files []diff.File
	for _, c := range merged.Changes {
		if c.Create != nil {
			files = append(files, diff.Created(c.File.Path, []byte(c.Create.Content), c.Create.Perm()))
			after.files[c.File.Path] = []byte(c.Create.Content)
			continue
		}
		before := w.files[c.File.Path]
		files = append(files, diff.File{Path: c.File.Path, Before: before, Edits: c.Edits, OldMode: 0o644, NewMode: 0o644})
		got, err := edit.Apply(before, c.Edits)
		if err != nil {
			t.Fatal(err)
		}
		after.files[c.File.Path] = got
	}
	for name := range after.files {
		after.names = append(after.names, name)
	}
	sort.Strings(after.names)
	var out bytes.Buffer
	if err := diff.Unified(&out, files); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), "\r", "␍"), after
}

// text are the files that are not as in the other world.
func (w *world) text(o *world) map[string]string {
	out := map[string]string{}
	for name, data := range w.files {
		if !bytes.Equal(data, o.files[name]) {
			out[name] = string(data)
		}
	}
	return out
}

func (w *world) refusals(refused []spell.Refusal) string {
	var out strings.Builder
	for _, r := range refused {
		line := bytes.Count(w.files[r.Site.File][:r.Site.Occurrence.Start], []byte("\n")) + 1
		fmt.Fprintf(&out, "%s:%d: %s\n", r.Site.File, line, r.Reason)
		if r.Suggestion != "" {
			fmt.Fprintf(&out, "  try %s\n", r.Suggestion)
		}
	}
	return out.String()
}

func save(t *testing.T, path string, archive *txtar.Archive, got map[string]string) {
	t.Helper()
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if _, golden := got[f.Name]; !golden {
			out.Files = append(out.Files, f)
		}
	}
	for _, part := range []string{"found", "diff", "refused"} {
		if got[part] != "" {
			out.Files = append(out.Files, txtar.File{Name: part, Data: []byte(got[part])})
		}
	}
	if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compiles lets ruby check the syntax of every changed file.
func compiles(t *testing.T, files map[string]string) {
	t.Helper()
	path, err := exec.LookPath("ruby")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("ruby is not installed, and the changed files have to be checked")
		}
		t.Skip("ruby is not installed: the changed files are not checked")
	}
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			continue
		}
		cmd := exec.Command(path, "-c", "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %s\n%s", name, out, text)
		}
	}
}
