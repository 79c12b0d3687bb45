package venv

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// An installer is not believed: what it says that it installed is compared
// with what was asked for.
func TestInstallerIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	w.tutor("15.0.0")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	dir := t.TempDir()
	w.must(os.WriteFile(filepath.Join(dir, "uv"), []byte(`#!/bin/sh
case "$*" in *" install "*) sed s/==14.2.2/==15.0.0/ | `+program.Find(t, "uv")+` "$@" ;; *) exec `+program.Find(t, "uv")+` "$@" ;; esac
`), 0o777))
	w.set("PATH", dir+":"+w.environment("PATH"))
	_, err := w.update("alpha", Wish{Reset: true})
	if want := "grove-requirements.txt:1 asks for tutor==14.2.2, and 15.0.0 is installed"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if got := w.run("alpha", "tutor"); got != "tutor, version 14.2.2" {
		t.Errorf("the old one says %q", got)
	}
}

// Metadata decide, in both directions: markers, extras, names in any spelling,
// pre-releases and local versions are as packages mean them.
func TestUnmet(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.wheel(wheel{name: "base", version: "1.0+local"})
		w.wheel(wheel{name: "early", version: "2.0rc1"})
		w.wheel(wheel{name: "more", version: "3.0"})
		w.wheel(wheel{name: "Top.Level", version: "1.0", extras: []string{"full", "other"}, requires: []string{
			"base (>=1.0)", "early>=1.5", "nowhere ; python_version < '3'",
			"more ; extra == 'full'", "nowhere ; extra == 'other'", "nowhere ; extra == 'full' and sys_platform == 'none'",
		}})
		w.require("alpha", "tutor==14.2.2", "early==2.0rc1", "top_level[Full,gone]==1.0", "nowhere==1 ; python_version < '3'")
		w.build("alpha", Wish{})
		if v := w.status("alpha", Question{Verify: true}); v.Status != InSync {
			t.Fatalf("%+v", v)
		}
		w.run("alpha", "pip", "uninstall", "-q", "-y", "more", "base")
		v := w.status("alpha", Question{Verify: true})
		for _, want := range []string{"Top.Level asks for base (>=1.0), and it is not installed", "Top.Level asks for more, and it is not installed"} {
			if !v.Has("requirement-unmet") || !strings.Contains(v.Why(), want) {
				t.Errorf("%q is not in %s", want, v.Why())
			}
		}
		if strings.Contains(v.Why(), "nowhere") || strings.Contains(v.Why(), "early") {
			t.Errorf("too much: %s", v.Why())
		}
		w.build("alpha", Wish{})
	})
}

// A lock that lacks what its packages need builds nothing.
func TestLockWithoutADependency(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.wheel(wheel{name: "click", version: "8.1"})
		w.wheel(wheel{name: "tutor", version: "15.0.0", requires: []string{"click<9"}})
		w.require("alpha", "tutor==15.0.0")
		w.build("alpha", Wish{Lock: true})
		name := filepath.Join(w.dir("alpha"), "grove-requirements.lock")
		text := strings.Split(read(w, name), "\n")
		at := slices.IndexFunc(text, func(l string) bool { return strings.HasPrefix(l, "click==") })
		w.must(os.WriteFile(name, []byte(strings.Join(slices.Delete(text, at, at+2), "\n")), 0o666))
		if _, err := w.update("alpha", Wish{}); err == nil || !strings.Contains(err.Error(), "tutor asks for click<9, and it is not installed") {
			t.Errorf("%v", err)
		}
	})
}

func TestImports(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	plugin := func(name, text string) {
		w.wheel(wheel{name: "tutor-" + name, version: "14.0.0", plugins: []string{name}, files: map[string]string{"tutor_" + name + "_marker.py": text}})
	}
	plugin("loud", "import sys\nprint('a banner')\nprint('another', file=sys.stderr)\n")
	plugin("broken", "import nothing_called_so\n")
	plugin("exits", "raise SystemExit('not now\\nlater')\n")
	plugin("waits", "import threading\nthreading.Event().wait()\n")
	w.require("alpha", "tutor==14.2.2", "tutor-loud", "tutor-broken", "tutor-exits", "tutor-waits")
	w.write("instances/alpha/config.yml", "PLUGINS: [loud, own]\n")
	w.write("instances/alpha/plugins/own.py", "import tutor\n")
	w.write("instances/alpha/plugins/other.py", "this is no Python\n")
	w.build("alpha", Wish{})
	for _, tt := range []struct{ plugins, own, want string }{
		{"loud, own", "import nothing_called_so\n", "plugins/own.py cannot be imported: ModuleNotFoundError"},
		{"loud, broken", "", "the plugin broken cannot be imported: ModuleNotFoundError: No module named 'nothing_called_so'"},
		{"exits", "", "the plugin exits cannot be imported: SystemExit: not now"},
		{"other", "", "plugins/other.py cannot be imported: SyntaxError"},
	} {
		w.write("instances/alpha/config.yml", "PLUGINS: ["+tt.plugins+"]\n")
		w.write("instances/alpha/plugins/own.py", tt.own)
		if v := w.status("alpha", Question{Verify: true}); !v.Has("import-fails") || !strings.Contains(v.Why(), tt.want) {
			t.Errorf("%s: %+v", tt.plugins, v)
		}
		if _, err := w.update("alpha", Wish{Reset: true}); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "still serves") {
			t.Errorf("%s: %v", tt.plugins, err)
		}
	}
	w.write("instances/alpha/config.yml", "PLUGINS: [waits]\n")
	k := w.keeper()
	k.ImportLimit = 10 * time.Second // enough for a busy machine to get there
	_, err := k.Update(t.Context(), Instance{"alpha", w.dir("alpha")}, Wish{Reset: true})
	if want := fmt.Sprintf("ended after %s", k.ImportLimit); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "importing the plugin waits") {
		t.Errorf("%v", err)
	}
}

// Tutor itself has to be importable too: its version alone says nothing.
func TestTutorThatCannotBeImported(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.wheel(wheel{name: "tutor", version: "15.0.0", scripts: map[string]string{"tutor": "tutor.cli:main"}, files: map[string]string{"tutor/__init__.py": "", "tutor/cli.py": "import pkg_resources\n"}})
	w.require("alpha", "tutor==15.0.0")
	if _, err := w.update("alpha", Wish{}); err == nil || !strings.Contains(err.Error(), "tutor cannot be imported: ModuleNotFoundError: No module named 'pkg_resources'") {
		t.Errorf("%v", err)
	}
}
