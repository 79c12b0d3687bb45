package venv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

func (w *world) lock(instance string) string {
	w.t.Helper()
	return read(w, filepath.Join(w.dir(instance), "grove-requirements.lock"))
}

func (w *world) version(instance, name string) string {
	w.t.Helper()
	s, err := ReadState(w.env(instance))
	w.must(err)
	return s.Packages[name]
}

// id is that of a state's text.
func id(state string) string {
	_, after, _ := strings.Cut(state, `"id": "`)
	return after[:32]
}

func TestLockIsReproduced(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.require("alpha", "tutor>=14,<16", "tutor-mfe")
		w.build("alpha", Wish{})
		if _, err := os.Stat(filepath.Join(w.dir("alpha"), "grove-requirements.lock")); err == nil {
			t.Fatal("a lock was written that nobody asked for")
		}
		built := read(w, filepath.Join(w.env("alpha"), "grove-venv.json"))
		if out, err := w.update("alpha", Wish{Lock: true}); err != nil || out.Changed || len(out.Notes) != 1 || out.Notes[0].Code != "locked" {
			t.Errorf("a lock of what is there: %+v, %v", out, err)
		}
		if now := read(w, filepath.Join(w.env("alpha"), "grove-venv.json")); !strings.Contains(now, id(built)) {
			t.Error("a lock of what is there was a build")
		}
		w.synced("alpha")
		lock := w.lock("alpha")
		if !strings.Contains(lock, "tutor==14.2.2 \\\n    --hash=sha256:") || !strings.Contains(lock, "tutor-mfe==14.0.1 \\\n") || strings.Contains(lock, "\npip") {
			t.Errorf("lock:\n%s", lock)
		}
		if out, err := w.update("alpha", Wish{Lock: true}); err != nil || out.Changed {
			t.Errorf("asked again: %+v, %v", out, err)
		}
		// Newer releases do not get in.
		w.tutor("14.9.0")
		w.wheel(wheel{name: "tutor-mfe", version: "14.8.0", plugins: []string{"mfe"}})
		w.build("alpha", Wish{Reset: true})
		if w.version("alpha", "tutor") != "14.2.2" || w.lock("alpha") != lock {
			t.Errorf("tutor %s, lock:\n%s", w.version("alpha", "tutor"), w.lock("alpha"))
		}
		// A new requirement does not move the others.
		w.wheel(wheel{name: "tutor-discovery", version: "14.0.1"})
		w.require("alpha", "tutor>=14,<16", "tutor-mfe", "tutor-discovery")
		w.build("alpha", Wish{})
		if w.version("alpha", "tutor") != "14.2.2" {
			t.Errorf("tutor moved to %s", w.version("alpha", "tutor"))
		}
		if w.version("alpha", "tutor-mfe") != "14.0.1" || !strings.Contains(w.lock("alpha"), "tutor-discovery==14.0.1") {
			t.Errorf("lock:\n%s", w.lock("alpha"))
		}
		// One is moved, then all.
		w.build("alpha", Wish{Moved: []string{"Tutor_MFE"}})
		if w.version("alpha", "tutor-mfe") != "14.8.0" {
			t.Errorf("tutor-mfe %s", w.version("alpha", "tutor-mfe"))
		}
		w.build("alpha", Wish{Upgrade: true})
		for _, wish := range []Wish{{Upgrade: true}, {Moved: []string{"tutor"}}, {Upgrade: true, Question: Question{}, DryRun: true}} {
			if out, err := w.update("alpha", wish); err != nil || out.Changed || len(out.Notes) != 1 || out.Notes[0].Code != "nothing-newer" {
				t.Errorf("%+v with nothing newer: %+v, %v", wish, out, err)
			}
		}
		if w.version("alpha", "tutor") != "14.9.0" || !strings.Contains(w.lock("alpha"), "tutor==14.9.0") {
			t.Errorf("tutor %s", w.version("alpha", "tutor"))
		}
		w.synced("alpha")
	})
}

func TestLockedArchivesAreChecked(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.require("alpha", "tutor==14.2.2")
		w.build("alpha", Wish{Lock: true})
		w.wheel(wheel{name: "tutor", version: "14.2.2", files: map[string]string{"tutor/__init__.py": "evil = True\n"}})
		w.set("UV_CACHE_DIR", t.TempDir())
		w.set("PIP_CACHE_DIR", t.TempDir())
		if _, err := w.update("alpha", Wish{Reset: true}); err == nil || !strings.Contains(strings.ToLower(err.Error()), "hash") {
			t.Errorf("another archive under the same name was installed: %v", err)
		}
		w.synced("alpha")
	})
}

func TestLockPinsCommits(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		repo, commit := w.gitPackage("tutor-contrib-s3", "")
		first := commit("14.0.0")
		w.require("alpha", "tutor==14.2.2", "git+file://"+repo+"@main#egg=tutor-contrib-s3")
		w.write("instances/alpha/config.yml", "PLUGINS: [s3]\n")
		w.build("alpha", Wish{Lock: true})
		if !strings.Contains(w.lock("alpha"), "git+file://"+repo+"@"+first) {
			t.Errorf("lock:\n%s", w.lock("alpha"))
		}
		w.synced("alpha")
		second := commit("14.1.0")
		w.build("alpha", Wish{Reset: true})
		if got := w.version("alpha", "tutor-contrib-s3"); got != "14.0.0" {
			t.Errorf("the lock has %.8s, and %s was installed", first, got)
		}
		w.synced("alpha")
		v := w.status("alpha", Question{Refresh: true})
		if !v.Has("source-moved") || !strings.Contains(v.Why(), second[:12]) {
			t.Errorf("%+v", v)
		}
		w.build("alpha", Wish{Question: Question{Refresh: true}})
		if got := w.version("alpha", "tutor-contrib-s3"); got != "14.1.0" || !strings.Contains(w.lock("alpha"), second) {
			t.Errorf("%s was installed, lock:\n%s", got, w.lock("alpha"))
		}
		if v := w.status("alpha", Question{Refresh: true}); v.Status != InSync {
			t.Errorf("%s: %s", v.Status, v.Why())
		}
	})
}

// A repository of many packages is asked for by a subdirectory too.
func TestSubdirectoryOfARepository(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		repo, commit := w.gitPackage("tutor-contrib-s3", "plugins/s3")
		first := commit("14.0.0")
		w.require("alpha", "tutor==14.2.2", "git+file://"+repo+"@main#egg=tutor-contrib-s3&subdirectory=plugins/s3")
		w.build("alpha", Wish{Lock: true})
		if !strings.Contains(w.lock("alpha"), "@"+first+"#") || !strings.Contains(w.lock("alpha"), "subdirectory=plugins/s3") {
			t.Errorf("lock:\n%s", w.lock("alpha"))
		}
		if v := w.status("alpha", Question{Verify: true, Refresh: true}); v.Status != InSync {
			t.Errorf("%s: %s", v.Status, v.Why())
		}
		second := commit("14.1.0")
		w.build("alpha", Wish{Question: Question{Refresh: true}})
		if got := w.version("alpha", "tutor-contrib-s3"); got != "14.1.0" || !strings.Contains(w.lock("alpha"), second) {
			t.Errorf("%s was installed, lock:\n%s", got, w.lock("alpha"))
		}
	})
}

func TestBranchMovedWithoutALock(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		repo, commit := w.gitPackage("tutor-contrib-s3", "")
		commit("14.0.0")
		w.require("alpha", "tutor==14.2.2", "-e git+file://"+repo+"@main#egg=tutor-contrib-s3")
		w.build("alpha", Wish{})
		commit("14.1.0")
		if out, err := w.update("alpha", Wish{}); err != nil || out.Changed {
			t.Errorf("nobody asked to look: %+v, %v", out, err)
		}
		out := w.build("alpha", Wish{Question: Question{Refresh: true}})
		if !strings.Contains(out.Why(), "main of") || w.version("alpha", "tutor-contrib-s3") != "14.1.0" {
			t.Errorf("%s: %s", out.Why(), w.version("alpha", "tutor-contrib-s3"))
		}
	})
}

func TestLocalPackages(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.write("instances/alpha/plugins src/s3/pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n")
		w.write("instances/alpha/plugins src/s3/backend.py", backend("tutor-contrib-s3", "14.0.0"))
		w.require("alpha", "tutor==14.2.2", "-e './plugins src/s3'")
		w.build("alpha", Wish{Lock: true})
		if !strings.Contains(w.lock("alpha"), "./plugins") {
			t.Errorf("lock:\n%s", w.lock("alpha"))
		}
		w.synced("alpha")
		w.write("instances/alpha/plugins src/s3/backend.py", backend("tutor-contrib-s3", "14.10.0"))
		if v := w.status("alpha", Question{}); !v.Has("requirements-changed") {
			t.Errorf("%+v", v)
		}
		w.build("alpha", Wish{})
		if got := w.version("alpha", "tutor-contrib-s3"); got != "14.10.0" {
			t.Errorf("%s was installed", got)
		}
	})
}

func TestLockThatIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	w.write("instances/alpha/grove-requirements.lock", "tutor>=14\n")
	if _, err := w.update("alpha", Wish{}); !isUsage(err) || !strings.Contains(err.Error(), "pins nothing") {
		t.Errorf("%v", err)
	}
}

// Hashes that people write down are checked without a lock too.
func TestHashesOfTheRequirements(t *testing.T) {
	both(t, func(t *testing.T, by string) {
		t.Parallel()
		w := newWorld(t, by)
		zeros := strings.Repeat("0", 64)
		w.require("alpha", "tutor==14.2.2 --hash=sha256:"+zeros)
		if _, err := w.update("alpha", Wish{}); err == nil || !strings.Contains(strings.ToLower(err.Error()), "hash") {
			t.Errorf("an archive with another hash was installed: %v", err)
		}
		file := w.wheel(wheel{name: "six", version: "1.0"})
		sum, err := requirement.FileDigest(file)
		w.must(err)
		w.require("alpha", "tutor==14.2.2", "six @ file://"+file+"#sha256="+zeros)
		if _, err := w.update("alpha", Wish{}); err == nil || !strings.Contains(strings.ToLower(err.Error()), "hash") {
			t.Errorf("a file with another hash was installed: %v", err)
		}
		w.require("alpha", "tutor==14.2.2", "six @ file://"+file+"#"+strings.Replace(sum, ":", "=", 1))
		w.build("alpha", Wish{})
	})
}
