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

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
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
		program.NoIndex(t, fmt.Sprintf("no package index can be reached, so real Tutor releases are not tested: %s", out))
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
	both(t, func(t *testing.T, by string) {
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
	k := w.keeper()
	k.Flags.Wheelhouse = ""
	inst, err := k.Workspace.Instance("bare")
	w.must(err)
	if _, err := k.Update(t.Context(), inst, Wish{}); err == nil || !strings.Contains(err.Error(), "pkg_resources") {
		t.Errorf("it starts: %v", err)
	}
}

// The migrated workspace gives each instance its own Tutor: real releases and
// plugins from the index; what only git has is stood in for by repositories
// of the same names, branches and tags.
func TestMigratedWorkspace(t *testing.T) {
	reachable(t)
	program.Find(t, "git")
	w := real(t, "")
	base := filepath.Dir(w.root)
	tool := filepath.Join(base, "grove-migrate")
	w.output(".", "go", "build", "-o", tool, "../cmd/grove-migrate")
	repositories := filepath.Join(base, "repositories")
	w.output(".", "cp", "-a", "../fixtures/workspace", repositories)
	w.output(repositories, tool, "apply", "grove", "grove-template", "my-cluster")
	w.root = filepath.Join(repositories, "my-cluster")
	// The tag of this plugin for Tutor 18 is what the migration leaves for a person: here it is done without.
	config := filepath.Join(w.root, "instances/gamma/config.yml")
	with := read(w, config)
	without := strings.Replace(with, "  - grove\n", "", 1)
	if without == with {
		t.Fatalf("gamma enables no plugin grove: %s", with)
	}
	w.must(os.WriteFile(config, []byte(without), 0o644))
	w.standIn()
	t.Log(w.output(w.root, tool, "venv", "update", "--all", "--host"))
	for name, major := range map[string]string{"alpha": "14.", "beta": "16.", "gamma": "18."} {
		out := w.output(w.root, tool, "venv", "exec", name, "--", "tutor", "--version")
		if !strings.Contains(out, "tutor, version "+major) {
			t.Errorf("%s: %s", name, out)
		}
	}
	t.Log(w.output(w.root, tool, "venv", "status"))
	if out := w.output(w.root, tool, "venv", "exec", "alpha", "--", "tutor", "plugins", "list"); !strings.Contains(out, "s3") || !strings.Contains(out, "discovery") {
		t.Errorf("plugins of alpha: %s", out)
	}
}

// standIn makes a repository for each git URL in the requirements of the
// workspace, and lets git find it at that URL.
func (w *world) standIn() {
	w.t.Helper()
	all, err := Workspace{Root: w.root}.Instances()
	w.must(err)
	var config strings.Builder
	stood := map[string]bool{}
	for _, inst := range all {
		for _, l := range strings.Split(read(w, filepath.Join(inst.Dir, "grove-requirements.txt")), "\n") {
			address, ok := strings.CutPrefix(strings.TrimSpace(l), "git+")
			if !ok {
				continue
			}
			address, _, _ = strings.Cut(address, " ")
			url, ref := requirement.Ref(address)
			name := strings.TrimSuffix(filepath.Base(url), ".git")
			if !stood[name] {
				stood[name] = true
				fmt.Fprintf(&config, "[url \"file://%s\"]\n\tinsteadOf = %s\n", w.repository(name, ref), url)
			}
		}
	}
	gitconfig := filepath.Join(filepath.Dir(w.wheels), "gitconfig")
	w.must(os.WriteFile(gitconfig, []byte(config.String()), 0o666))
	w.set("GIT_CONFIG_GLOBAL", gitconfig)
}

// repository makes one that has the branch or tag, and as the version of its
// package what that says.
func (w *world) repository(name, ref string) string {
	w.t.Helper()
	repo, commit := w.gitPackage(name, "")
	release := strings.TrimPrefix(ref, "v")
	if len(requirement.Numbers(release)) == 0 {
		release = "14.0.1"
	}
	commit(release)
	if ref != "" && ref != "main" {
		w.output(repo, "git", "branch", ref)
	}
	return repo
}
