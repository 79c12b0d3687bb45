package rehearse

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/standin"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// standIn is the argument with which stand-ins start this test again.
const standIn = "stand-in"

func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == standIn {
		os.Exit(standin.Run(os.Args[2], os.Args[3], os.Args[4:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// world is a workspace on disk with its migration.
type world struct {
	dir   string
	ws    scan.Workspace
	after map[string]string // by the path from the top
}

// unpack writes what stands below before/ in an archive, and remembers what stands below after/.
func unpack(t *testing.T, archive string, roots ...string) *world {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{dir: t.TempDir(), after: map[string]string{}}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "after/"); ok {
			w.after[name] = string(f.Data)
			continue
		}
		write(t, filepath.Join(w.dir, strings.TrimPrefix(f.Name, "before/")), string(f.Data))
	}
	w.open(t, roots...)
	return w
}

func (w *world) open(t *testing.T, roots ...string) {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, r := range roots {
		dirs = append(dirs, filepath.Join(w.dir, r))
		if out, err := exec.Command("git", "-C", filepath.Join(w.dir, r), "init", "--quiet").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if w.ws, err = scan.Open(context.Background(), pack, dirs, nil); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// ops are the migration as operations.
func (w *world) ops(t *testing.T) []transaction.Op {
	t.Helper()
	var out []transaction.Op
	for name, text := range w.after {
		for _, root := range w.ws.Roots {
			path, ok := strings.CutPrefix(name, filepath.Base(root.Dir)+"/")
			if !ok {
				continue
			}
			op := transaction.Op{Root: root.Dir, Path: path, After: transaction.State{Exists: true, Content: []byte(text), Mode: 0o755}}
			if src, err := os.ReadFile(filepath.Join(root.Dir, path)); err == nil {
				op.Before = transaction.Take(src, 0o755)
			}
			out = append(out, op)
		}
	}
	return out
}

// rehearse runs commands, each in the root that its directory begins with.
func (w *world) rehearse(t *testing.T, powers sandbox.Powers, list ...rules.Rehearsal) *Report {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Workspace: w.ws, Ops: w.ops(t), Powers: powers, Timeout: 5 * time.Minute, Start: []string{self, standIn}, Environ: os.Environ()}
	for _, r := range list {
		name, rest, _ := strings.Cut(r.Directory, "/")
		i := slices.IndexFunc(w.ws.Roots, func(root *scan.Root) bool { return filepath.Base(root.Dir) == name })
		r.Directory = rest
		o.Commands = append(o.Commands, Command{Rehearsal: r, Root: w.ws.Roots[i]})
	}
	report, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// summary is a report as a few words: each command's verdicts, exit status and faults.
func summary(r *Report) string {
	var b strings.Builder
	for i := range r.Commands {
		c := &r.Commands[i]
		fmt.Fprintf(&b, "%s:", c.Title)
		for _, p := range c.Pairs {
			fmt.Fprintf(&b, " %s,", p.Verdict)
		}
		if c.Before.Status != c.After.Status {
			fmt.Fprintf(&b, " exit status %d,", c.After.Status)
		}
		for _, f := range c.Faults {
			fmt.Fprintf(&b, " %s,", f)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// the commands of the small workspace.
func small() []rules.Rehearsal {
	return []rules.Rehearsal{
		{Name: "deploy", Run: "scripts/deploy.sh alpha", Directory: "cluster"},
		{Name: "save", Run: "../grove/save.sh alpha", Directory: "cluster"},
		{Name: "pipeline", Pipeline: ".gitlab-ci.yml", Directory: "cluster"},
	}
}

// powers are what this system allows; what it does not is tested as far as it goes.
func powers(t *testing.T) sandbox.Powers {
	t.Helper()
	return sandbox.Probe(t.Context())
}

const right = "deploy: moved, moved, moved, moved,\nsave: moved,\npipeline: moved, moved,\n"

// TestRight holds that a right migration is seen as right, with all that the system allows and with nothing of it.
func TestRight(t *testing.T) {
	t.Parallel()
	w := unpack(t, "testdata/small.txtar", "grove", "cluster")
	for name, p := range map[string]sandbox.Powers{"allowed": powers(t), "nothing": {}} {
		report := w.rehearse(t, p, small()...)
		if got := summary(report); got != right {
			t.Errorf("%s:\n%s\n%s", name, got, report.Commands[2].After.Output)
		}
	}
	if out, err := exec.Command("git", "-C", filepath.Join(w.dir, "cluster"), "status", "--short", "--untracked-files=all").Output(); err != nil || strings.Contains(string(out), ".venv") {
		t.Errorf("the workspace was written: %v\n%s", err, out)
	}
}

// mistakes are put into the right migration one at a time, and each is seen.
var mistakes = []struct {
	name, command string
	file          string
	old, new      string
	want          string // in the summary
}{
	{"a call is forgotten", "deploy", "cluster/scripts/deploy.sh", `TUTOR_ROOT=$root "$root/.venv/bin/tutor"`, `TUTOR_ROOT=$root tutor`, " left,"},
	{"another instance", "deploy", "cluster/scripts/deploy.sh", `"$root/.venv/bin/tutor" --root "$root" k8s exec`, `instances/beta/.venv/bin/tutor --root "$root" k8s exec`, " other instance,"},
	{"an argument is lost", "deploy", "cluster/scripts/deploy.sh", " --limit=lms", "", " changed,"},
	{"an argument is split", "deploy", "cluster/scripts/deploy.sh", `"echo a b"`, `echo a b`, " changed,"},
	{"another value", "deploy", "cluster/scripts/deploy.sh", "A=1", "A=2", " changed,"},
	{"another working directory", "deploy", "cluster/scripts/deploy.sh", `(cd "$root" && ./.venv/bin/tutor --root .`, `("$root/.venv/bin/tutor" --root "$root"`, " changed,"},
	{"the root directory is lost", "deploy", "cluster/scripts/deploy.sh", "TUTOR_ROOT=$root ", "", " changed,"},
	{"another root directory", "deploy", "cluster/scripts/deploy.sh", `TUTOR_ROOT=$root "$root`, `TUTOR_ROOT=$PWD/instances/beta "$root`, " changed,"},
	{"a variable is lost", "deploy", "cluster/scripts/deploy.sh", "export TUTOR_PLUGINS_ROOT=$root/plugins\n", "", " changed,"},
	{"a call is gone", "deploy", "cluster/scripts/deploy.sh", `TUTOR_ROOT=$root "$root/.venv/bin/tutor" k8s init --limit=lms` + "\n", "", " lost,"},
	{"a call is doubled", "deploy", "cluster/scripts/deploy.sh", "echo done", `"$root/.venv/bin/tutor" --root "$root" k8s stop`, " extra,"},
	{"a path that is not there", "deploy", "cluster/scripts/deploy.sh", `"$root/.venv/bin/tutor" --root "$root" config`, `"$root/venv/bin/tutor" --root "$root" config`, " lost,"},
	{"another exit status", "deploy", "cluster/scripts/deploy.sh", "echo done", "exit 3", " exit status 3,"},
	{"a path of the host in the container", "save", "grove/save.sh", "/workspace/instances/$1/.venv", "$PWD/instances/$1/.venv", " lost,"},
	{"a variable that the container is not given", "save", "grove/save.sh", "-e TUTOR_ROOT=/workspace/instances/$1 ", "", " changed,"},
	{"an environment is built twice", "pipeline", "cluster/.gitlab-ci.yml", `["$TUTOR_ROOT/.venv/bin/python3 $TUTOR_ROOT/.venv/bin/tutor config`, `[scripts/environment.sh alpha, "$TUTOR_ROOT/.venv/bin/python3 $TUTOR_ROOT/.venv/bin/tutor config`, "built more than once in a pipeline: by environment, prepare,"},
	{"an environment does not move", "pipeline", "cluster/.gitlab-ci.yml", "$TUTOR_ROOT/.venv/bin/python3 $TUTOR_ROOT/.venv/bin/tutor config", "$TUTOR_ROOT/.venv/bin/tutor config", " lost,"},
	{"an environment is built too late", "pipeline", "cluster/.gitlab-ci.yml", "stages: [build, prepare, deploy]", "stages: [prepare, build, deploy]", "prepare needs environment, which runs in a later stage"},
	{"an environment is not shared", "pipeline", "cluster/.gitlab-ci.yml", "  artifacts: {paths: [instances/alpha/.venv]}\n", "", " lost,"},
	{"a job does not get the environment", "pipeline", "cluster/.gitlab-ci.yml", "  needs: [environment]\n", "  needs: []\n", " lost,"},
	{"a job needs one that is not there", "pipeline", "cluster/.gitlab-ci.yml", "needs: [environment]", "needs: [environments]", "needs environments, which is not in the pipeline"},
	{"an environment of another instance", "pipeline", "cluster/.gitlab-ci.yml", "[scripts/environment.sh alpha]", "[scripts/environment.sh beta]", " lost,"},
	{"what an environment needs is not required", "pipeline", "cluster/scripts/environment.sh", "--requirement requirements.txt", "click", " lost,"},
}

// TestMistakes puts each mistake into the right migration.
func TestMistakes(t *testing.T) {
	t.Parallel()
	p := powers(t)
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			w := unpack(t, "testdata/small.txtar", "grove", "cluster")
			if strings.Count(w.after[m.file], m.old) != 1 {
				t.Fatalf("%q does not stand once in %s", m.old, m.file)
			}
			w.after[m.file] = strings.Replace(w.after[m.file], m.old, m.new, 1)
			list := slices.DeleteFunc(small(), func(r rules.Rehearsal) bool { return r.Name != m.command })
			report := w.rehearse(t, p, list...)
			if got := summary(report); !strings.Contains(got, m.want) || !report.Differs() {
				t.Errorf("%s; want %q\n%s", got, m.want, report.Commands[0].After.Output)
			}
		})
	}
}

// TestRealDocker holds that the real docker is given the run's directory and the recorder.
func TestRealDocker(t *testing.T) {
	t.Parallel()
	w := unpack(t, "testdata/small.txtar", "grove", "cluster")
	bin := t.TempDir()
	write(t, filepath.Join(bin, "docker"), "#!/bin/sh\necho \"real: $*\"\n")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Workspace: w.ws, Docker: true, Powers: powers(t), Start: []string{self, standIn}, Environ: append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))}
	for _, run := range []string{"docker run --rm tools-container:1 tutor k8s start", "docker ps"} {
		o.Commands = append(o.Commands, Command{Rehearsal: rules.Rehearsal{Run: run}, Root: w.ws.Roots[1]})
	}
	report, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Commands[0].After.Output; !strings.HasPrefix(got, "real: run -v ") || !strings.Contains(got, ":/usr/local/bin/tutor:ro --rm tools-container:1 tutor k8s start\n") {
		t.Errorf("run: %s", got)
	}
	if got := report.Commands[1].After.Output; got != "real: ps\n" {
		t.Errorf("ps: %s", got)
	}
}
