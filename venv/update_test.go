package venv

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.require("alpha", "tutor==14.2.2", "-r ../../defaults/plugins.txt")
		w.write("defaults/plugins.txt", "tutor-mfe==14.0.1 # the one\n")
		w.write("instances/alpha/config.yml", "PLUGINS:\n  - mfe\n")
		out := w.build("alpha", Wish{})
		if out.Tutor != "14.2.2" || !strings.HasPrefix(out.By, by) || out.Packages != 3 || len(out.Reasons) != 1 || out.Reasons[0].Code != "missing" {
			t.Errorf("outcome %+v", out)
		}
		w.synced("alpha")
		if got, want := w.run("alpha", "tutor", "where"), "tutor, version 14.2.2\n"+w.env("alpha"); got != want {
			t.Errorf("tutor says %q, want %q", got, want)
		}
		if got := w.run("alpha", "pip", "list", "--format", "freeze"); !strings.Contains(got, "tutor-mfe==14.0.1") {
			t.Errorf("pip lists %q", got)
		}
		if out, err := w.update("alpha", Wish{}); err != nil || out.Changed {
			t.Errorf("the second update: %+v, %v", out, err)
		}
		// What is no longer required goes; what is required anew comes.
		w.wheel(wheel{name: "tutor-discovery", version: "14.0.1", plugins: []string{"discovery"}})
		w.write("defaults/plugins.txt", "tutor-discovery\n")
		w.write("instances/alpha/config.yml", "PLUGINS: [discovery]\n")
		if out := w.build("alpha", Wish{}); !strings.Contains(out.Why(), "../../defaults/plugins.txt") {
			t.Errorf("why: %s", out.Why())
		}
		s, err := ReadState(w.env("alpha"))
		w.must(err)
		if _, there := s.Packages["tutor-mfe"]; there || s.Packages["tutor-discovery"] != "14.0.1" {
			t.Errorf("packages %v", s.Packages)
		}
		w.synced("alpha")
		if left, _ := filepath.Glob(filepath.Join(w.dir("alpha"), ".venv.new-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestResetBuildsWhatIsInSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	one, _ := ReadState(w.env("alpha"))
	w.build("alpha", Wish{Reset: true})
	two, _ := ReadState(w.env("alpha"))
	if one.ID == two.ID {
		t.Error("a reset kept the environment")
	}
	w.synced("alpha")
}

// Every interpreter of the machine that any Tutor runs on carries an
// environment, with the installer that knows it.
func TestEveryInterpreter(t *testing.T) {
	f := interpreter.Finder{Path: os.Getenv("PATH"), Environ: os.Environ()}
	found := map[string]bool{}
	for _, minor := range []string{"3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"} {
		p, _, err := f.Find(context.Background(), interpreter.Want{Pin: minor, From: "the test"})
		if err != nil || found[p.Executable] {
			continue
		}
		found[p.Executable] = true
		t.Run(minor, func(t *testing.T) {
			t.Parallel()
			for _, by := range []string{"", "pip"}[:long(1, 2)] {
				w := newWorld(t, by)
				w.require("a", "tutor==14.2.2")
				w.facts = Facts{}
				out := w.build("a", Wish{Question: Question{Python: p.Executable}})
				if got := w.run("a", "python", "-c", "import sys, tutor; print('%d.%d' % sys.version_info[:2], tutor.__version__)"); got != minor+" 14.2.2" {
					t.Errorf("by %s: %s", out.By, got)
				}
				if got := w.run("a", "pip", "--version"); !strings.Contains(got, "python "+minor) {
					t.Errorf("pip says %s", got)
				}
				w.synced("a")
				w.tutor("14.2.3")
				w.require("a", "tutor==14.2.3")
				coming, err := w.update("a", Wish{DryRun: true, Question: Question{Python: p.Executable}})
				if got := Changed(coming.Changes); err != nil || got != "tutor 14.2.2 → 14.2.3" {
					t.Errorf("by %s: what would change is %q, %v", out.By, got, err)
				}
			}
		})
	}
	if len(found) == 0 {
		t.Fatal("no interpreter was found")
	}
}

// An environment that the system's own venv module made is understood by pip
// and Python in the same way as ours.
func TestStandardTools(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	if got := w.run("alpha", "python", "-c", "import sys; print(sys.prefix != sys.base_prefix, sys.prefix)"); got != "True "+w.env("alpha") {
		t.Errorf("python says %s", got)
	}
	if got := w.run("alpha", "pip", "check"); !strings.Contains(got, "No broken requirements") {
		t.Errorf("pip check: %s", got)
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.require("alpha", "tutor==14.2.2")
	before := listing(t, w.root)
	out, err := w.update("alpha", Wish{DryRun: true})
	if err != nil || !out.Changed || out.Python == "" || out.By == "" || out.Why() != "there is no .venv" {
		t.Errorf("%+v, %v", out, err)
	}
	if after := listing(t, w.root); after != before {
		t.Errorf("was\n%s\nis\n%s", before, after)
	}
	w.build("alpha", Wish{})
	if out, err := w.update("alpha", Wish{DryRun: true}); err != nil || out.Changed {
		t.Errorf("in sync: %+v, %v", out, err)
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("find", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// What the table knows of a release is added where the requirements forget it.
func TestNeedsAreAdded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	w.facts.Releases = []Release{{From: "14.0.0", Python: ">=3.6", Needs: []string{"setuptools<82", "click<8.3"}}, {From: "15.0.0"}}
	for _, v := range []string{"80.0", "82.0"} {
		w.wheel(wheel{name: "setuptools", version: v})
	}
	for _, v := range []string{"8.1", "8.3"} {
		w.wheel(wheel{name: "click", version: v})
	}
	w.require("pinned", "tutor==14.2.2", "click==8.3")
	out := w.build("pinned", Wish{})
	s, _ := ReadState(w.env("pinned"))
	if s.Packages["setuptools"] != "80.0" || s.Packages["click"] != "8.3" || len(out.Added) != 1 {
		t.Errorf("%v, added %v", s.Packages, out.Added)
	}
	// Only resolving tells which Tutor this is: it is built twice.
	w.require("open", "tutor")
	out = w.build("open", Wish{})
	s, _ = ReadState(w.env("open"))
	if s.Packages["setuptools"] != "80.0" || s.Packages["click"] != "8.1" || len(out.Added) != 2 {
		t.Errorf("%v, added %v", s.Packages, out.Added)
	}
	w.tutor("15.0.0")
	w.require("new", "tutor==15.0.0")
	out = w.build("new", Wish{})
	if len(out.Added) != 0 || out.Packages != 2 {
		t.Errorf("Tutor 15: %+v", out)
	}
	w.synced("pinned")
	w.synced("open")
	// A table that learned more is a reason to build again.
	w.facts.Releases[1].Needs = []string{"click<8.3"}
	if v := w.status("new", Question{}); !v.Has("needs-changed") {
		t.Errorf("%+v", v)
	}
}

func TestFailuresKeepTheOldOne(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.require("alpha", "tutor==14.2.2")
		w.build("alpha", Wish{})
		for _, tt := range []struct {
			name  string
			setup func()
			usage bool
			want  string
		}{
			{"no such version", func() { w.require("alpha", "tutor==99") }, false, "the last lines of"},
			{"no requirement", func() { w.require("alpha", "pip install tutor") }, true, "is a command, not a requirement"},
			{"plugin that nobody provides", func() {
				w.require("alpha", "tutor")
				w.write("instances/alpha/config.yml", "PLUGINS: [mfe]\n")
			}, false, "config.yml enables the plugin mfe"},
			{"plugin of another major", func() {
				w.wheel(wheel{name: "tutor-mfe", version: "16.0.0", plugins: []string{"mfe"}})
				w.require("alpha", "tutor", "tutor-mfe==16.0.0")
			}, false, "made for Tutor 16"},
			{"configuration that is no YAML", func() {
				w.require("alpha", "tutor", "tutor-mfe==14.0.1")
				w.write("instances/alpha/config.yml", "PLUGINS: [mfe\n")
			}, true, "config.yml"},
		} {
			tt.setup()
			_, err := w.update("alpha", Wish{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || isUsage(err) != tt.usage {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if got := w.run("alpha", "tutor"); got != "tutor, version 14.2.2" {
				t.Errorf("%s: the old one says %q", tt.name, got)
			}
			if aside, _ := (Instance{"alpha", w.dir("alpha")}).aside(); len(aside) > 0 {
				t.Errorf("%s: left %v", tt.name, aside)
			}
		}
	})
}

// A file of uv's cache that somebody edited in place, as in an environment that
// another program linked to it, must not come into one of ours.
func TestPoisonedCacheIsRepaired(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	cache := t.TempDir()
	w.set("UV_CACHE_DIR", cache)
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	found, err := filepath.Glob(filepath.Join(cache, "archive-*", "*", "tutor", "cli.py"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%q, %v", found, err)
	}
	text := read(w, found[0])
	w.must(os.WriteFile(found[0], []byte(strings.Replace(text, "tutor, version", "TUTOR, edited!", 1)), 0o666))
	w.build("alpha", Wish{Reset: true})
	if got := w.run("alpha", "tutor"); got != "tutor, version 14.2.2" {
		t.Errorf("after a reset it says %q", got)
	}
}

// What is edited in one instance stays there, whatever link mode is set; modes
// are those of the umask, whatever they were when the cache was filled.
func TestNothingIsShared(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"", "hardlink", "symlink"} {
		w := newWorld(t, "uv")
		w.set("UV_CACHE_DIR", t.TempDir())
		w.set("UV_LINK_MODE", mode)
		for _, name := range []string{"alpha", "beta"} {
			w.require(name, "tutor==14.2.2")
			w.build(name, Wish{})
		}
		w.must(filepath.WalkDir(w.env("alpha"), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			var s unix.Stat_t
			if err := unix.Stat(name, &s); err != nil || s.Nlink != 1 {
				t.Errorf("link mode %q: %s has %d names, %v", mode, name, s.Nlink, err)
			}
			return nil
		}))
		w.must(os.RemoveAll(w.environment("UV_CACHE_DIR")))
		if got := w.run("beta", "tutor"); got != "tutor, version 14.2.2" {
			t.Errorf("link mode %q: without the cache it says %q", mode, got)
		}
	}
}

func TestSettleModes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"private": 0o600, "script": 0o700, "shared": 0o666, "odd": 0o755} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chmod(file, mode)); err != nil {
			t.Fatal(err)
		}
	}
	for _, top := range []os.FileMode{0o755, 0o750, 0o700, 0o775} {
		if err := errors.Join(os.Chmod(dir, top), settleModes(dir)); err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string]bool{"private": false, "script": true, "shared": false, "odd": true} {
			want := top
			if !x {
				want &= 0o666
			}
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != want {
				t.Errorf("below %o: %s is %o, want %o", top, name, info.Mode(), want)
			}
		}
	}
}

func TestOldEnvironmentOfAnotherProgramIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.require("alpha", "tutor==14.2.2")
	w.must(os.MkdirAll(filepath.Join(w.env("alpha"), "bin"), 0o777))
	w.must(os.WriteFile(filepath.Join(w.env("alpha"), "pyvenv.cfg"), nil, 0o666))
	if v := w.status("alpha", Question{}); v.Status != Broken || !v.Has("half-built") {
		t.Errorf("%+v", v)
	}
	w.build("alpha", Wish{})
	w.synced("alpha")
}

// An interrupted update undoes what it began, and the old one serves.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.require("alpha", "tutor==14.2.2")
		w.build("alpha", Wish{})
		for _, phase := range []string{"starting", "python", "resolving", "checking"} {
			k := w.keeper()
			ctx, cancel := context.WithCancel(t.Context())
			k.Event = func(e Event) {
				if e.Phase == phase {
					cancel()
				}
			}
			_, err := k.Update(ctx, Instance{"alpha", w.dir("alpha")}, Wish{Reset: true})
			cancel()
			// A build that is checked already may end before it hears.
			if err == nil && phase != "checking" {
				t.Errorf("%s: it went on", phase)
			}
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", phase, err)
			}
			w.synced("alpha")
			if aside, _ := (Instance{"alpha", w.dir("alpha")}).aside(); len(aside) > 0 {
				t.Errorf("%s: left %v", phase, aside)
			}
		}
	})
}
