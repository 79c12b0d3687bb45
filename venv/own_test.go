package venv

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a person put into an environment outlives it; what packages and tools
// put there does not.
func TestOwnFilesAreKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		make func(w *world)
		want []string
	}{
		{"ours, used", func(w *world) {
			w.build("alpha", Wish{})
			w.run("alpha", "python", "-m", "compileall", "-q", w.site("alpha"))
			w.run("alpha", "pip", "install", "-q", "--no-index", "--find-links", w.wheels, "tutor-mfe")
		}, nil},
		{"ours, with files", func(w *world) {
			w.build("alpha", Wish{})
			w.write("instances/alpha/.venv/notes/todo.txt", "x")
			w.write("instances/alpha/.venv/src/fork/setup.py", "x")
			w.write("instances/alpha/.venv/bin/helper", "x")
			w.must(os.WriteFile(filepath.Join(w.site("alpha"), "patch.py"), nil, 0o666))
		}, []string{"bin/helper", "notes/todo.txt", "patch.py", "src/fork/setup.py"}},
		{"stock", func(w *world) {
			w.must(exec.Command(filepath.Join(filepath.Dir(strings.Split(realPath(), ":")[0]), "bin", "python3"), "-m", "venv", w.env("alpha")).Run())
		}, nil},
		{"stock, with files", func(w *world) {
			w.must(exec.Command(filepath.Join(filepath.Dir(strings.Split(realPath(), ":")[0]), "bin", "python3"), "-m", "venv", "--without-pip", w.env("alpha")).Run())
			w.write("instances/alpha/.venv/notes.txt", "x")
		}, []string{"notes.txt"}},
		{"of a build that never ended", func(w *world) {
			w.write("instances/alpha/.venv/pyvenv.cfg", "home = /x\nrelocatable = true\n")
			w.write("instances/alpha/.venv/report.json", "x")
		}, nil},
	} {
		w := newWorld(t, quick())
		w.require("alpha", "tutor==14.2.2")
		tt.make(w)
		var notes []Reason
		// The one that was there before is kept whole until the next success.
		for range 2 {
			notes = append(notes, w.build("alpha", Wish{Reset: true}).Notes...)
		}
		var found []string
		kept, err := filepath.Glob(filepath.Join(w.dir("alpha"), ".venv.kept-*"))
		w.must(err)
		for _, dir := range kept {
			w.must(filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					rel, _ := filepath.Rel(dir, name)
					if filepath.Base(filepath.Dir(rel)) == "site-packages" {
						rel = filepath.Base(rel)
					}
					found = append(found, rel)
				}
				return err
			}))
		}
		slices.Sort(found)
		if d := cmp.Diff(tt.want, found); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
		if said := strings.Contains(words(notes), "held files of no package"); said != (len(tt.want) > 0) {
			t.Errorf("%s: %+v", tt.name, notes)
		}
	}
}

// Requirements that were cut short do not cost an environment that works.
func TestRequirementsCutShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quick())
	w.wheel(wheel{name: "click", version: "8.1"})
	for _, lines := range [][]string{{""}, {"# all gone"}, {"--pre"}, {"tutor-mfe==14.0.1"}} {
		w.require("alpha", "tutor==14.2.2", "tutor-mfe==14.0.1")
		if _, err := w.update("alpha", Wish{}); err != nil {
			t.Fatal(err)
		}
		w.require("alpha", lines...)
		for _, reset := range []bool{false, true} {
			_, err := w.update("alpha", Wish{Reset: reset})
			if err == nil || !strings.Contains(err.Error(), "add --allow-empty") {
				t.Errorf("%q: %v", lines, err)
			}
		}
		if got := w.run("alpha", "tutor"); got != "tutor, version 14.2.2" {
			t.Errorf("%q: the old one says %q", lines, got)
		}
		w.build("alpha", Wish{AllowEmpty: true})
		if s, err := ReadState(w.env("alpha")); err != nil || s.Packages["tutor"] != "" {
			t.Errorf("%q: %v, %v", lines, s.Packages, err)
		}
	}
	// What does not work may go.
	w.require("beta", "tutor==14.2.2")
	w.build("beta", Wish{})
	w.must(os.RemoveAll(w.site("beta")))
	w.require("beta", "click==8.1")
	w.build("beta", Wish{})
}
