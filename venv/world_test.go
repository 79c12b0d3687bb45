package venv

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installer"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

// TestMain lets this binary be the updater that a test kills.
func TestMain(m *testing.M) {
	if job := os.Getenv("VENV_TEST_JOB"); job != "" {
		os.Exit(child(job))
	}
	os.Exit(runAll(m))
}

// runAll gives all tests one cache for uv, into which pip is unpacked once. It
// is keyed by where wheels stand, so tests see only their own.
func runAll(m *testing.M) int {
	cache, err := os.MkdirTemp("", "venv-test-uv-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(cache)
	os.Setenv("VENV_TEST_UV_CACHE", cache)
	return m.Run()
}

// childJob is what a child process shall do.
type childJob struct {
	Root, Instance, Wheelhouse string
	Reset                      bool
	Plain                      bool // no exchange of names
	Tidy                       bool // only what comes before a build
}

// child runs one update; its output is "built" or "nothing".
func child(text string) int {
	var job childJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	k := NewKeeper(Workspace{Root: job.Root}, func() Facts { return Facts{} }, os.Environ())
	k.SetFlags(installer.Options{Wheelhouse: job.Wheelhouse})
	k.Names.Plain = job.Plain
	inst, err := k.Workspace.Instance(job.Instance)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if job.Tidy {
		return tidied(inst)
	}
	out, err := k.Update(context.Background(), inst, Wish{Reset: job.Reset})
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 3
	case out.Changed:
		fmt.Println("built")
	default:
		fmt.Println("nothing")
	}
	return 0
}

// tidied makes room for a build and begins its log; its output is what was noted.
func tidied(inst Instance) int {
	notes, err := inst.tidy()
	if err == nil {
		var log *os.File
		if log, err = openLog(inst.LogFile()); err == nil {
			err = log.Close()
		}
	}
	fmt.Println(words(notes), err)
	return 0
}

// world is a workspace with a wheelhouse, and nothing of the person's own
// configuration.
type world struct {
	t       *testing.T
	root    string
	wheels  string
	environ []string
	facts   Facts

	mu     sync.Mutex
	events []Event
}

func newWorld(t *testing.T, by string) *world {
	t.Helper()
	return newWorldAt(t, by, t.TempDir())
}

func newWorldAt(t *testing.T, by, base string) *world {
	t.Helper()
	base, err := filepath.EvalSymlinks(base)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, root: filepath.Join(base, "ws"), wheels: filepath.Join(base, "wheels")}
	w.must(os.MkdirAll(filepath.Join(w.root, "instances"), 0o777))
	w.must(os.MkdirAll(w.wheels, 0o777))
	w.must(os.MkdirAll(filepath.Join(base, "home"), 0o777))
	w.environ = []string{
		"PATH=" + realPath(), "HOME=" + filepath.Join(base, "home"), "LANG=C.UTF-8",
		"UV_CACHE_DIR=" + os.Getenv("VENV_TEST_UV_CACHE"), "PIP_CACHE_DIR=" + filepath.Join(base, "pip"), "GROVE_VENV_INSTALLER=" + by,
		"PYENV_ROOT=" + os.Getenv("PYENV_ROOT"), "PYENV_VERSION=" + os.Getenv("PYENV_VERSION"), "UV_PYTHON_DOWNLOADS=never",
	}
	if by == "uv" {
		program.Find(t, "uv")
	}
	text, err := os.ReadFile("../rules/packs/tutor/releases.yaml")
	w.must(err)
	w.facts, err = ParseFacts(text)
	w.must(err)
	// The needs of real releases are no part of these wheelhouses.
	for i := range w.facts.Releases {
		w.facts.Releases[i].Needs = nil
	}
	w.tutor("14.2.2")
	w.wheel(wheel{name: "tutor-mfe", version: "14.0.1", plugins: []string{"mfe"}})
	return w
}

// realPath is the path without shims, each of which costs a tenth of a second.
var realPath = sync.OnceValue(func() string {
	path := os.Getenv("PATH")
	f := interpreter.Finder{Path: path, Environ: os.Environ()}
	var dirs []string
	if p, _, err := f.Find(context.Background(), interpreter.Want{}); err == nil {
		dirs = append(dirs, filepath.Dir(p.Executable))
	}
	if uv := installer.FindUV(context.Background(), path, os.Environ()); uv != nil {
		dirs = append(dirs, filepath.Dir(uv.Program))
	}
	return strings.Join(append(dirs, path), string(filepath.ListSeparator))
})

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// long is more in a long run, such as CI's, and less while working.
func long(less, more int) int {
	if os.Getenv("GROVE_MIGRATE_LONG") == "1" {
		return more
	}
	return less
}

// quick is uv where it is installed, since a build by pip takes ten times as long, and pip elsewhere.
func quick() string {
	if _, err := exec.LookPath("uv"); err == nil {
		return "uv"
	}
	return "pip"
}

// installers runs a test with both installers in a long run, and else with the quick one alone.
func installers(t *testing.T, f func(t *testing.T, by string)) {
	if long(0, 1) == 0 {
		t.Run(quick(), func(t *testing.T) { f(t, quick()) })
		return
	}
	both(t, f)
}

// both runs a test with both installers.
func both(t *testing.T, f func(t *testing.T, by string)) {
	for _, by := range []string{"uv", "pip"} {
		t.Run(by, func(t *testing.T) { f(t, by) })
	}
}

func (w *world) keeper() *Keeper {
	k := NewKeeper(Workspace{Root: w.root}, func() Facts { return w.facts }, w.environ)
	k.SetFlags(installer.Options{Wheelhouse: w.wheels})
	k.Event = func(e Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, e)
	}
	return k
}

func (w *world) set(name, value string) { w.environ = append(w.environ, name+"="+value) }

func (w *world) environment(name string) string { return w.keeper().getenv(name) }

func (w *world) dir(instance string) string { return filepath.Join(w.root, "instances", instance) }

func (w *world) env(instance string) string { return filepath.Join(w.dir(instance), ".venv") }

// output runs a command in a directory, and must succeed.
func (w *world) output(dir string, argv ...string) string {
	w.t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, w.environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	return string(out)
}

// write writes a file of the workspace.
func (w *world) write(name, text string) {
	w.t.Helper()
	name = filepath.Join(w.root, name)
	w.must(os.MkdirAll(filepath.Dir(name), 0o777))
	w.must(os.WriteFile(name, []byte(text), 0o666))
}

func (w *world) require(instance string, lines ...string) {
	w.t.Helper()
	w.write("instances/"+instance+"/grove-requirements.txt", strings.Join(lines, "\n")+"\n")
}

func (w *world) update(instance string, wish Wish) (Outcome, error) {
	w.t.Helper()
	inst, err := w.keeper().Workspace.Instance(instance)
	w.must(err)
	return w.keeper().Update(context.Background(), inst, wish)
}

// build updates and must succeed in building.
func (w *world) build(instance string, wish Wish) Outcome {
	w.t.Helper()
	out, err := w.update(instance, wish)
	if err != nil {
		w.t.Fatalf("update of %s: %v", instance, err)
	}
	if !out.Changed {
		w.t.Fatalf("update of %s found nothing to do", instance)
	}
	return out
}

func (w *world) status(instance string, q Question) Verdict {
	w.t.Helper()
	k := w.keeper()
	inst, err := k.Workspace.Instance(instance)
	w.must(err)
	v, err := k.Check(context.Background(), inst, q)
	w.must(err)
	return v
}

// synced fails unless the instance is in sync.
func (w *world) synced(instance string) {
	w.t.Helper()
	if v := w.status(instance, Question{}); v.Status != InSync {
		w.t.Errorf("%s is %s: %s", instance, v.Status, v.Why())
	}
}

// run runs a program of the environment the way a person would.
func (w *world) run(instance string, argv ...string) string {
	w.t.Helper()
	k := w.keeper()
	inst, err := k.Workspace.Instance(instance)
	w.must(err)
	c, err := k.Exec(inst, argv)
	w.must(err)
	cmd := &exec.Cmd{Path: c.Path, Args: c.Args, Env: c.Env}
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w *world) site(instance string) string {
	w.t.Helper()
	site, err := installed.Site(w.env(instance))
	w.must(err)
	return site
}

// wheel is a package of the wheelhouse.
type wheel struct {
	name, version string
	requires      []string
	extras        []string
	plugins       []string
	scripts       map[string]string // name to module:function
	files         map[string]string
}

// tutor makes a stand-in that says its version, its place and its plugins.
func (w *world) tutor(version string) {
	w.wheel(wheel{name: "tutor", version: version, scripts: map[string]string{"tutor": "tutor.cli:main"}, files: map[string]string{
		"tutor/__init__.py": "__version__ = " + fmt.Sprintf("%q", version) + "\n",
		"tutor/cli.py": `import sys, os
def main():
    from tutor import __version__
    print("tutor, version", __version__)
    if "where" in sys.argv:
        print(os.path.abspath(sys.prefix))
    return 7 if "fail" in sys.argv else 0
`,
	}})
}

func (w *world) wheel(p wheel) string {
	w.t.Helper()
	escaped := strings.ReplaceAll(p.name, "-", "_")
	meta := escaped + "-" + p.version + ".dist-info/"
	files := map[string]string{
		escaped + "_marker.py": "version = " + fmt.Sprintf("%q", p.version) + "\n",
		meta + "WHEEL":         "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
	}
	for name, text := range p.files {
		files[name] = text
	}
	metadata := "Metadata-Version: 2.1\nName: " + p.name + "\nVersion: " + p.version + "\n"
	for _, r := range p.requires {
		metadata += "Requires-Dist: " + r + "\n"
	}
	for _, e := range p.extras {
		metadata += "Provides-Extra: " + e + "\n"
	}
	files[meta+"METADATA"] = metadata
	entry := "[tutor.plugin.v1]\n"
	for _, n := range p.plugins {
		entry += n + " = " + escaped + "_marker\n"
	}
	entry += "[console_scripts]\n"
	for n, target := range p.scripts {
		entry += n + " = " + target + "\n"
	}
	files[meta+"entry_points.txt"] = entry
	var names []string
	for n := range files {
		names = append(names, n)
	}
	sort.Strings(names)
	var record strings.Builder
	for _, n := range names {
		sum := sha256.Sum256([]byte(files[n]))
		fmt.Fprintf(&record, "%s,%s,%d\n", n, installed.HashOf(sum[:]), len(files[n]))
	}
	files[meta+"RECORD"] = record.String() + meta + "RECORD,,\n"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range append(names, meta+"RECORD") {
		f, err := z.Create(n)
		w.must(err)
		_, err = f.Write([]byte(files[n]))
		w.must(err)
	}
	w.must(z.Close())
	file := filepath.Join(w.wheels, escaped+"-"+p.version+"-py3-none-any.whl")
	w.must(os.WriteFile(file, b.Bytes(), 0o666))
	return file
}

// gitPackage makes a git repository whose package needs nothing to be built,
// and returns its path; the package stands in a directory of it. Call commit to move its branch main.
func (w *world) gitPackage(name, in string) (repo string, commit func(version string) string) {
	w.t.Helper()
	program.Find(w.t, "git")
	repo = filepath.Join(filepath.Dir(w.root), name+".git.d")
	w.must(os.MkdirAll(repo, 0o777))
	git := func(args ...string) string {
		w.t.Helper()
		cmd := exec.Command("git", append([]string{"-C", repo, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
		out, err := cmd.CombinedOutput()
		if err != nil {
			w.t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q", "-b", "main")
	w.must(os.MkdirAll(filepath.Join(repo, in), 0o777))
	w.must(os.WriteFile(filepath.Join(repo, in, "pyproject.toml"), []byte("[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n"), 0o666))
	return repo, func(version string) string {
		w.t.Helper()
		w.must(os.WriteFile(filepath.Join(repo, in, "backend.py"), []byte(backend(name, version)), 0o666))
		git("add", "-A")
		git("commit", "-q", "-m", version)
		return git("rev-parse", "HEAD")
	}
}

// backend is a whole build backend for one plugin.
func backend(name, version string) string {
	return strings.NewReplacer("NAME", name, "VERSION", version, "MODULE", strings.ReplaceAll(name, "-", "_"), "PLUGIN", strings.TrimPrefix(strings.TrimPrefix(name, "tutor-contrib-"), "tutor-")).Replace(`
import base64, hashlib, os, zipfile
def files():
    meta = "MODULE-VERSION.dist-info/"
    return {"MODULE.py": "version = 'VERSION'\n", meta + "METADATA": "Metadata-Version: 2.1\nName: NAME\nVersion: VERSION\n",
        meta + "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        meta + "entry_points.txt": "[tutor.plugin.v1]\nPLUGIN = MODULE\n"}
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "MODULE-VERSION-py3-none-any.whl"
    record = ""
    with zipfile.ZipFile(os.path.join(directory, name), "w") as z:
        for n, text in sorted(files().items()):
            z.writestr(n, text)
            h = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += "%s,sha256=%s,%d\n" % (n, h, len(text))
        z.writestr("MODULE-VERSION.dist-info/RECORD", record + "MODULE-VERSION.dist-info/RECORD,,\n")
    return name
def build_sdist(directory, config_settings=None):
    raise NotImplementedError
`)
}

func isUsage(err error) bool {
	var mistake *UsageError
	return errors.As(err, &mistake)
}
