package venv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What an environment keeps apart is never taken from elsewhere; other programs are.
func TestExecRunsItsOwnProgramsOrFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	elsewhere := filepath.Join(filepath.Dir(w.root), "elsewhere")
	for _, name := range []string{"tutor", "python", "python3", "python3.99", "pip", "pip9", "helm", "tutorial", "pipx"} {
		w.tool(filepath.Join(elsewhere, name), "")
	}
	w.tool(filepath.Join(w.env("alpha"), "bin", "helm"), "")
	w.set("PATH", elsewhere)
	k := w.keeper()
	inst := Instance{"alpha", w.dir("alpha")}
	bin := filepath.Join(w.env("alpha"), "bin")
	for name, want := range map[string]string{
		"tutor": bin, "python": bin, "python3": bin, "pip": bin, "helm": bin, "tutorial": elsewhere, "pipx": elsewhere,
		"python3.99": "", "pip9": "", "nowhere": "",
	} {
		c, err := k.Exec(inst, []string{name})
		if want == "" && err == nil || want != "" && c.Path != filepath.Join(want, name) {
			t.Errorf("%s is %q, %v", name, c.Path, err)
		}
	}
	for _, name := range []string{"tutor", "pip", "helm"} {
		w.must(os.Chmod(filepath.Join(bin, name), 0o666))
		if c, err := k.Exec(inst, []string{name}); err == nil || !strings.Contains(err.Error(), "cannot be executed") {
			t.Errorf("%s that cannot be executed is %q, %v", name, c.Path, err)
		}
		w.must(os.Remove(filepath.Join(bin, name)))
	}
	for name, there := range map[string]bool{"tutor": false, "pip": false, "helm": true} {
		if c, err := k.Exec(inst, []string{name}); (err == nil) != there {
			t.Errorf("%s that was removed is %q, %v", name, c.Path, err)
		}
	}
}

// A directory that PATH cannot name is refused before anything is built.
func TestWorkspaceThatPathCannotName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a:b")
	if err := os.MkdirAll(filepath.Join(dir, "instances", "alpha"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := FindWorkspace(dir); !isUsage(err) || !strings.Contains(err.Error(), "PATH") {
		t.Errorf("got %v", err)
	}
	w := Workspace{Root: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(w.Root, "instances", "a:b"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Instance("a:b"); !isUsage(err) {
		t.Errorf("got %v", err)
	}
}

// What Tutor would leave out with a warning is looked at before a command runs, and nothing else.
func TestQuick(t *testing.T) {
	for _, tt := range []struct {
		name, gone  string
		quick, full Status
	}{
		{"Tutor's module", "tutor/__init__.py", Broken, Broken},
		{"an enabled plugin's module", "tutor_mfe_marker.py", Broken, Broken},
		{"an enabled plugin's metadata", "tutor_mfe-14.0.1.dist-info", Broken, Drifted},
		{"another package's module", "pip/__init__.py", InSync, Broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := detectable(t)
			at := filepath.Join(w.site("alpha"), tt.gone)
			if _, err := os.Stat(at); err != nil {
				t.Fatal(err)
			}
			w.must(os.RemoveAll(at))
			if v := w.status("alpha", Question{Quick: true}); v.Status != tt.quick {
				t.Errorf("quick: %s: %s", v.Status, v.Why())
			}
			if v := w.status("alpha", Question{}); v.Status != tt.full {
				t.Errorf("full: %s: %s", v.Status, v.Why())
			}
		})
	}
}
