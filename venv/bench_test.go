//go:build bench

package venv

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

	"golang.org/x/sys/unix"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/venv/bare"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installer"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

// measured is the median processor time of n runs, that of their children included: what else the machine does is not in it.
func measured(t *testing.T, n int, f func() error) time.Duration {
	t.Helper()
	return inTurn(t, n, f)[0]
}

// inTurn measures several by turns, so that what slows the machine down for a while slows down all of them.
func inTurn(t *testing.T, n int, each ...func() error) []time.Duration {
	t.Helper()
	all := make([][]time.Duration, len(each))
	for range n {
		for i, f := range each {
			began := spent()
			if err := f(); err != nil {
				t.Fatal(err)
			}
			all[i] = append(all[i], spent()-began)
		}
	}
	medians := make([]time.Duration, len(each))
	for i := range all {
		slices.Sort(all[i])
		medians[i] = all[i][n/2]
	}
	return medians
}

// spent is the processor time that this process and its children have taken.
func spent() (sum time.Duration) {
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var usage unix.Rusage
		if err := unix.Getrusage(who, &usage); err == nil {
			sum += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
	}
	return sum
}

func command(env []string, argv ...string) func() error {
	return func() error {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if len(out) > 2000 {
			out = out[:2000]
		}
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
		}
		return nil
	}
}

// TestRatios reports how fast the environments are, against the tools of the
// field, in one run on one machine. It asserts nothing: times are no tests.
func TestRatios(t *testing.T) {
	program.Find(t, "uv")
	f := &interpreter.Finder{Path: realPath(), Environ: os.Environ()}
	python, _, err := f.Find(context.Background(), interpreter.Want{})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "uv")
	w.environ = append(os.Environ(), "PATH="+realPath(), "GROVE_VENV_INSTALLER=uv")
	tool := filepath.Join(t.TempDir(), "grove-migrate")
	// Static and stripped, as a release is.
	w.must(command(os.Environ(), "go", "build", "-ldflags=-s -w -linkmode external -extldflags -static", "-o", tool, "../cmd/grove-migrate")())
	const lines = "tutor==18.2.2\ntutor-mfe==18.1.0\ntutor-discovery==18.0.0\n"
	w.write("instances/alpha/grove-requirements.txt", lines)
	venv := func(args ...string) func() error {
		return command(w.environ, append([]string{tool, "venv"}, append(args, "--workspace", w.root)...)...)
	}
	if err := venv("update", "alpha")(); err != nil {
		program.NoIndex(t, fmt.Sprintf("no package index can be reached, and speed is measured with a real Tutor: %v", err))
	}
	pip := filepath.Join(w.env("alpha"), "bin", "pip")
	// pip first: it takes seconds, and what an update remembers of a tree it trusts from then on.
	pipNothing := measured(t, 3, command(w.environ, pip, "install", "-q", "-r", filepath.Join(w.dir("alpha"), "grove-requirements.txt")))
	uv := installer.FindUV(context.Background(), realPath(), os.Environ())
	both := inTurn(t, 41, venv("update", "alpha"), command(w.environ, uv.Program, "pip", "install", "-q", "--python", filepath.Join(w.env("alpha"), "bin", "python"), "-r", filepath.Join(w.dir("alpha"), "grove-requirements.txt")))
	nothing, uvNothing := both[0], both[1]
	report(t, "nothing to do, one instance", nothing, "")
	report(t, "  uv pip install -r with nothing to do", uvNothing, fmt.Sprintf("ours takes %.2f times that, at most 1.3", ratio(nothing, uvNothing)))
	report(t, "  pip install -r with nothing to do", pipNothing, fmt.Sprintf("ours is 1/%.0f, at most 1/20", ratio(pipNothing, nothing)))
	both = inTurn(t, 41, command(w.environ, tool, "venv", "exec", "--workspace", w.root, "alpha", "--", "python", "-c", "pass"), command(w.environ, filepath.Join(w.env("alpha"), "bin", "python"), "-c", "pass"))
	inside, bareStart := both[0], both[1]
	report(t, "exec of an interpreter", inside, "")
	report(t, "  the interpreter alone", bareStart, fmt.Sprintf("ours takes %.2f times that, at most 1.5", ratio(inside, bareStart)))
	both = inTurn(t, 5, venv("status", "alpha", "--verify"), command(w.environ, filepath.Join(w.env("alpha"), "bin", "python"), "-c", "import tutor.commands.cli"))
	report(t, "full verification", both[0], fmt.Sprintf("%.1f times the import of Tutor, which is part of it; the rest is digests", ratio(both[0], both[1])))

	w.creation(python)
	w.tenInstances(tool, python, lines)
	w.many(tool)
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func report(t *testing.T, what string, took time.Duration, limit string) {
	t.Logf("%-44s %9.1f ms   %s", what, float64(took.Microseconds())/1000, limit)
}

// creation compares an environment with pip in it.
func (w *world) creation(python interpreter.Python) {
	w.t.Helper()
	wheel, err := python.PipWheel()
	w.must(err)
	n := 0
	dir := w.t.TempDir()
	ours := measured(w.t, 7, func() error {
		n++
		at := filepath.Join(dir, fmt.Sprint("ours", n))
		site, err := bare.Make(at, python)
		if err != nil {
			return err
		}
		return bare.AddPip(at, site, wheel)
	})
	stock := measured(w.t, 3, func() error {
		n++
		return command(os.Environ(), python.Executable, "-m", "venv", filepath.Join(dir, fmt.Sprint("stock", n)))()
	})
	report(w.t, "an environment with pip in it", ours, "")
	report(w.t, "  python3 -m venv", stock, fmt.Sprintf("ours is %.1f times faster, at least 10", ratio(stock, ours)))
}

// tenInstances compares a cold update of ten with what uv needs for the same requirements with the same link mode: copies.
func (w *world) tenInstances(tool string, python interpreter.Python, lines string) {
	w.t.Helper()
	wanted := filepath.Join(w.dir("alpha"), "grove-requirements.txt")
	uv := installer.FindUV(context.Background(), realPath(), os.Environ())
	dir := w.t.TempDir()
	// Each is run twice and the better time counts: the first may find the
	// index asleep.
	var ours, theirs time.Duration
	for round := range 2 {
		cold := append(append([]string{}, w.environ...), "UV_LINK_MODE=copy", "UV_CACHE_DIR="+filepath.Join(dir, fmt.Sprint("theirs", round)))
		t := measured(w.t, 1, func() error {
			for i := range 10 {
				env := filepath.Join(dir, fmt.Sprintf("uv%d-%d", round, i))
				if err := command(cold, uv.Program, "venv", "-q", "--python", python.Executable, env)(); err != nil {
					return err
				}
				if err := command(cold, uv.Program, "pip", "install", "-q", "--python", env+"/bin/python", "-r", wanted)(); err != nil {
					return err
				}
			}
			return nil
		})
		cold = append(append([]string{}, w.environ...), "UV_CACHE_DIR="+filepath.Join(dir, fmt.Sprint("ours", round)))
		var names []string
		for i := range 10 { // new ones: where much was just removed, new files are dear
			name := fmt.Sprintf("ten%d-%d", round, i)
			names = append(names, name)
			w.write("instances/"+name+"/grove-requirements.txt", lines)
		}
		o := measured(w.t, 1, command(cold, append([]string{tool, "venv", "update", "--workspace", w.root}, names...)...))
		if round == 0 || t < theirs {
			theirs = t
		}
		if round == 0 || o < ours {
			ours = o
		}
	}
	report(w.t, "cold update of ten instances", ours, "")
	report(w.t, "  uv venv && uv pip install -r for each of ten", theirs, fmt.Sprintf("ours takes %.2f times that, at most 1.1", ratio(ours, theirs)))
}

// many asks for the status of 200 and of 2,000 environments of a dozen files each: what is left of the time when the files are
// not what costs.
func (w *world) many(tool string) {
	w.t.Helper()
	few, all := w.statusOf(tool, 200), w.statusOf(tool, 2000)
	report(w.t, "status of 200 small environments", few, "")
	report(w.t, "status of 2,000 small environments", all, fmt.Sprintf("%.1f times that of 200, linear is 10", ratio(all, few)))
}

func (w *world) statusOf(tool string, n int) time.Duration {
	w.t.Helper()
	root := filepath.Join(w.t.TempDir(), "ws")
	small := &world{t: w.t, root: root, wheels: w.wheels, environ: w.environ, facts: w.facts}
	small.tutor("21.0.0")
	small.require("i0", "tutor==21.0.0")
	small.write("instances/i0/config.yml", "PLUGINS: []\n")
	small.build("i0", Wish{})
	pip, err := filepath.Glob(filepath.Join(small.site("i0"), "pip*"))
	w.must(err)
	for _, p := range append(pip, filepath.Join(small.env("i0"), "bin", "pip"), filepath.Join(small.env("i0"), "bin", "pip3")) {
		w.must(os.RemoveAll(p))
	}
	tree, err := treeOf(small.env("i0"))
	w.must(err)
	for i := range n {
		name := fmt.Sprint("i", i)
		if i > 0 {
			w.must(command(os.Environ(), "cp", "-al", small.dir("i0"), small.dir(name))())
		}
		s, err := ReadState(small.env(name))
		w.must(err)
		delete(s.Packages, "pip")
		s.Instance, s.ID, s.Tree = name, randomHex(16), tree
		w.must(s.write(small.env(name)))
	}
	return measured(w.t, 3, command(w.environ, tool, "venv", "status", "--all", "--workspace", root))
}
