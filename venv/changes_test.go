package venv

import (
	"os"
	"path/filepath"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
)

func TestChanged(t *testing.T) {
	was := State{Packages: map[string]string{"click": "8.1.7", "tutor": "18.2.2", "tutor-notes": "18.0.0", "tutor-forum": "18.0.0"}}
	was.Python.Version = "3.11.7"
	now := State{Packages: map[string]string{"click": "8.2.1", "tutor": "18.2.2", "tutor-mfe": "18.1.0", "tutor-forum": "18.0.0"}}
	now.Python.Version = "3.11.7"
	if got, want := Changed(changes(was.content(), now.content())), "click 8.1.7 → 8.2.1, + tutor-mfe 18.1.0, − tutor-notes"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := changes(now.content(), now.content()); len(got) != 0 {
		t.Errorf("nothing changed, and got %v", got)
	}
	was = now
	was.Sources = map[string]installed.Source{"tutor-forum": {Commit: "aaaaaaaaaaaa"}}
	now.Sources = map[string]installed.Source{"tutor-forum": {Commit: "bbbbbbbbbbbb"}}
	now.Python.Version = "3.12.1"
	if got, want := Changed(changes(was.content(), now.content())), "Python 3.11.7 → 3.12.1, tutor-forum 18.0.0 (aaaaaaa) → 18.0.0 (bbbbbbb)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A repair moves nothing, a further plugin nothing else, and both a dry run and a build say what changes.
func TestOnlyWhatWasAskedForMoves(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.wheel(wheel{name: "click", version: "8.1.7"})
		w.wheel(wheel{name: "tutor", version: "14.2.2", requires: []string{"click>=8"}, scripts: map[string]string{"tutor": "tutor_marker:version"}})
		w.require("alpha", "tutor>=14,<16")
		first := w.build("alpha", Wish{})
		if len(first.Changes) != 0 {
			t.Errorf("the first build changed %v", first.Changes)
		}
		w.wheel(wheel{name: "click", version: "8.2.1"})
		w.tutor("14.9.0")
		w.must(os.Remove(filepath.Join(w.site("alpha"), "tutor_marker.py")))
		said(t, "", w.build("alpha", Wish{}))
		w.require("alpha", "tutor>=14,<16", "tutor-mfe")
		out, err := w.update("alpha", Wish{DryRun: true})
		w.must(err)
		said(t, "+ tutor-mfe 14.0.1", out)
		said(t, "+ tutor-mfe 14.0.1", w.build("alpha", Wish{}))
		out, err = w.update("alpha", Wish{DryRun: true, Moved: []string{"click"}})
		w.must(err)
		said(t, "click 8.1.7 → 8.2.1", out)
		said(t, "click 8.1.7 → 8.2.1", w.build("alpha", Wish{Moved: []string{"click"}}))
		w.require("alpha", "tutor>=14,<16")
		said(t, "tutor 14.2.2 → 14.9.0, − click, − tutor-mfe", w.build("alpha", Wish{Upgrade: true}))
		w.synced("alpha")
		// What cannot be had is an error of the dry run too.
		w.require("alpha", "tutor==14.99")
		if _, err := w.update("alpha", Wish{DryRun: true}); err == nil {
			t.Error("a dry run found a version that is not there")
		}
		if left, err := filepath.Glob(filepath.Join(w.dir("alpha"), ".venv.new*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

func said(t *testing.T, want string, out Outcome) {
	t.Helper()
	if got := Changed(out.Changes); got != want {
		t.Errorf("changed %q, want %q", got, want)
	}
}

func TestUpgradeOfAnUnknownPackage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	w.require("alpha", "tutor==14.2.2")
	w.require("beta", "tutor==14.2.2", "Tutor_MFE")
	k := w.keeper()
	both := []Instance{{"alpha", w.dir("alpha")}, {"beta", w.dir("beta")}}
	if err := k.CheckUpgrade(both, []string{"tutor-mfe", "TUTOR"}); err != nil {
		t.Error(err)
	}
	if err := k.CheckUpgrade(both, []string{"tutor-mef"}); !isUsage(err) {
		t.Errorf("got %v", err)
	}
	w.build("alpha", Wish{})
	if out, err := w.update("alpha", Wish{Moved: []string{"tutor-mfe"}}); err != nil || out.Changed {
		t.Errorf("an instance without the package: %+v, %v", out, err)
	}
}
