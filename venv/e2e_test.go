//go:build e2e

package venv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

// reachable skips when no package index answers, and says so.
func reachable(t *testing.T) {
	t.Helper()
	f := interpreter.Finder{Path: os.Getenv("PATH"), Environ: os.Environ()}
	p, _, err := f.Find(context.Background(), interpreter.Want{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(p.Executable, "-m", "pip", "download", "-q", "--no-deps", "--retries", "1", "--timeout", "20", "-d", t.TempDir(), "appdirs").CombinedOutput()
	if err != nil {
		t.Skipf("no package index can be reached, so real Tutor releases are not tested: %s", out)
	}
}

// real is a workspace that installs from the index, with the person's own
// configuration and caches.
func real(t *testing.T, by string) *world {
	t.Helper()
	w := newWorld(t, by)
	home := w.environ
	w.environ = os.Environ()
	for _, e := range home {
		if strings.HasPrefix(e, "PATH=") || strings.HasPrefix(e, "GROVE_VENV_INSTALLER=") {
			w.environ = append(w.environ, e)
		}
	}
	text, err := os.ReadFile("../rules/packs/tutor/releases.yaml")
	w.must(err)
	w.facts, err = ParseFacts(text)
	w.must(err)
	return w
}

func (w *world) updateReal(instance string, wish Wish) Outcome {
	w.t.Helper()
	k := w.keeper()
	k.Flags.Wheelhouse = ""
	inst, err := k.Workspace.Instance(instance)
	w.must(err)
	out, err := k.Update(w.t.Context(), inst, wish)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// Real Tutor releases with real plugins work in environments of their own,
// side by side: those that need what they do not declare, and the newest.
func TestRealTutor(t *testing.T) {
	reachable(t)
	installers(t, func(t *testing.T, by string) {
		w := real(t, by)
		for _, tt := range []struct {
			instance string
			lines    []string
			version  string
		}{
			{"nutmeg", []string{"tutor==14.2.5", "tutor-mfe==14.0.2", "tutor-discovery==14.0.2"}, "14.2.5"},
			{"palm", []string{"tutor==16.1.8", "tutor-mfe==16.1.3", "tutor-discovery==16.0.2"}, "16.1.8"},
			{"newest", []string{"tutor", "tutor-mfe", "tutor-discovery"}, ""},
		} {
			if by == "pip" && tt.instance != "palm" {
				continue // pip takes minutes for what uv does in seconds; one shows that it works
			}
			t.Run(tt.instance, func(t *testing.T) {
				w.t = t
				w.require(tt.instance, tt.lines...)
				w.write("instances/"+tt.instance+"/config.yml", "PLUGINS:\n- mfe\n- discovery\nLMS_HOST: "+tt.instance+".example.org\n")
				out := w.updateReal(tt.instance, Wish{Lock: true})
				t.Logf("%s by %s, %d packages, %.1f s, added %v", out.Tutor, out.By, out.Packages, out.Seconds, out.Added)
				if tt.version != "" && out.Tutor != tt.version {
					t.Errorf("Tutor %s", out.Tutor)
				}
				w.realTutorWorks(tt.instance, out.Tutor)
				if v := w.status(tt.instance, Question{Verify: true}); v.Status != InSync {
					t.Errorf("%s: %s", v.Status, v.Why())
				}
				// What was locked is what is built again.
				s, _ := ReadState(w.env(tt.instance))
				w.updateReal(tt.instance, Wish{Reset: true})
				again, _ := ReadState(w.env(tt.instance))
				if fmt.Sprint(s.Packages) != fmt.Sprint(again.Packages) || s.Lock != again.Lock {
					t.Errorf("was %v, is %v", s.Packages, again.Packages)
				}
				w.realTutorWorks(tt.instance, out.Tutor)
			})
		}
		w.t = t
		w.moveTo(filepath.Join(filepath.Dir(w.wheels), "moved workspace"))
		w.realTutorWorks("palm", "16.1.8")
	})
}

func (w *world) realTutorWorks(instance, version string) {
	w.t.Helper()
	if got := w.run(instance, "tutor", "--version"); !strings.Contains(got, "tutor, version "+version) {
		w.t.Errorf("tutor --version: %s", got)
	}
	w.run(instance, "tutor", "config", "save")
	if _, err := os.Stat(filepath.Join(w.dir(instance), "env")); err != nil {
		w.t.Errorf("config save wrote nothing: %v", err)
	}
	if got := w.run(instance, "tutor", "config", "printvalue", "LMS_HOST"); !strings.Contains(got, instance+".example.org") {
		w.t.Errorf("LMS_HOST: %s", got)
	}
	list := w.run(instance, "tutor", "plugins", "list")
	for _, plugin := range []string{"mfe", "discovery"} {
		if !strings.Contains(list, plugin) || strings.Contains(list, "not installed") {
			w.t.Errorf("plugins list: %s", list)
		}
	}
}

// An old Tutor without what it forgot to declare does not start: the table
// is not out of date.
func TestNeedsAreReal(t *testing.T) {
	reachable(t)
	w := real(t, "")
	w.facts = Facts{}
	w.require("bare", "tutor==16.1.8", "setuptools>=82")
	w.updateReal("bare", Wish{})
	k := w.keeper()
	c, err := k.Exec(Instance{"bare", w.dir("bare")}, []string{"tutor", "--version"})
	w.must(err)
	out, err := (&exec.Cmd{Path: c.Path, Args: c.Args, Env: c.Env}).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "pkg_resources") {
		t.Errorf("it starts: %s", out)
	}
}
