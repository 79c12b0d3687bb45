package venv

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// start runs an update in a process of its own.
func (w *world) start(job childJob) (*exec.Cmd, *strings.Builder) {
	w.t.Helper()
	job.Root, job.Wheelhouse = w.root, w.wheels
	text, err := json.Marshal(job)
	w.must(err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append([]string{}, w.environ...), "VENV_TEST_JOB="+string(text))
	out := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = out, out
	// Children of a killed updater may hold its output open.
	cmd.WaitDelay = 10 * time.Second
	w.must(cmd.Start())
	return cmd, out
}

// serving fails unless the environment that is in place is whole.
func (w *world) serving(instance string) {
	w.t.Helper()
	v := w.status(instance, Question{Verify: true})
	for _, r := range v.Reasons {
		if severity(r.Code) > Drifted {
			w.t.Fatalf("after a kill: %s", r.Text)
		}
	}
	if got := w.run(instance, "tutor"); got != "tutor, version "+v.Tutor {
		w.t.Fatalf("after a kill tutor says %q, and the state %s", got, v.Tutor)
	}
}

// A kill at any moment leaves the old environment or the new one, whole, and
// readers never see anything else; the next update tidies.
func TestKilledAtAnyMoment(t *testing.T) {
	w := newWorld(t, "")
	w.tutor("14.3.0")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	began := time.Now()
	cmd, _ := w.start(childJob{Instance: "alpha", Reset: true})
	w.must(cmd.Wait())
	took := time.Since(began)
	stop := w.readers(4)
	killed, kills := 0, long(10, 200)
	for i := 0; killed < kills && i < 4*kills; i++ {
		// Both an update, with new requirements, and a reset are killed.
		w.require("alpha", "tutor=="+[]string{"14.2.2", "14.3.0"}[i%2])
		cmd, _ := w.start(childJob{Instance: "alpha", Reset: i%3 == 0})
		timer := time.AfterFunc(time.Duration(rand.Int64N(int64(took))), func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err != nil {
			killed++
		}
		if i%10 == 0 {
			w.serving("alpha")
		}
		if v := w.status("alpha", Question{}); v.Status > Drifted {
			t.Fatalf("kill %d: %s: %s", i, v.Status, v.Why())
		}
	}
	stop()
	if killed < kills {
		t.Errorf("%d were killed before they ended, not %d", killed, kills)
	}
	w.require("alpha", "tutor==14.3.0")
	if _, err := w.update("alpha", Wish{}); err != nil {
		t.Fatal(err)
	}
	w.synced("alpha")
	w.serving("alpha")
	if aside, _ := (Instance{"alpha", w.dir("alpha")}).aside(); len(aside) > 0 {
		t.Errorf("left behind: %v", aside)
	}
}

// readers look all the time at the files that a program would load. The
// function they return ends them and fails the test for what they missed.
func (w *world) readers(n int) (stop func()) {
	var over atomic.Bool
	var group sync.WaitGroup
	var missed, looked atomic.Int64
	minor := filepath.Base(filepath.Dir(w.site("alpha")))
	for range n {
		group.Go(func() {
			for !over.Load() {
				for _, name := range []string{"bin/tutor", stateFile, "lib/" + minor + "/site-packages/tutor/__init__.py", "bin/python"} {
					if _, err := os.Stat(filepath.Join(w.env("alpha"), name)); err != nil {
						missed.Add(1)
					}
				}
				looked.Add(1)
				time.Sleep(time.Millisecond) // The updater needs a core too.
			}
		})
	}
	return func() {
		over.Store(true)
		group.Wait()
		if missed.Load() > 0 || looked.Load() == 0 {
			w.t.Errorf("%d of %d looks missed a file", missed.Load(), looked.Load())
		}
	}
}

// Without an exchange of names there is a moment without .venv. A kill in it
// is undone by the next update without building.
func TestKilledBetweenTwoRenames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	inst := Instance{"alpha", w.dir("alpha")}
	for _, tt := range []struct{ name, moved string }{
		{"the new one is complete", ".venv.new-00000001"},
		{"only the old one is", ".venv.old-00000001"},
	} {
		w.must(os.Rename(inst.Env(), filepath.Join(inst.Dir, tt.moved)))
		w.must(os.Mkdir(filepath.Join(inst.Dir, ".venv.new-00000002"), 0o777))
		if v := w.status("alpha", Question{}); v.Status != Missing || !strings.Contains(v.Why(), "cut short") {
			t.Errorf("%s: %s", tt.name, v.Why())
		}
		out, err := w.update("alpha", Wish{})
		if err != nil || out.Changed {
			t.Errorf("%s: %+v, %v", tt.name, out, err)
		}
		w.synced("alpha")
		if aside, _ := inst.aside(); len(aside) > 0 {
			t.Errorf("%s: left %v", tt.name, aside)
		}
	}
	for i := range 8 {
		w.require("alpha", "tutor==14.2.2", "# "+strings.Repeat("x", i))
		cmd, out := w.start(childJob{Instance: "alpha", Reset: true, Plain: true})
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		w.synced("alpha")
	}
}

// Eight updates at once are one build and seven that find nothing to do.
func TestEightUpdatesAtOnce(t *testing.T) {
	w := newWorld(t, "")
	for round := range 2 {
		w.require("alpha", "tutor==14.2.2", []string{"", "tutor-mfe"}[round])
		var cmds []*exec.Cmd
		var outs []*strings.Builder
		for range 8 {
			cmd, out := w.start(childJob{Instance: "alpha"})
			cmds, outs = append(cmds, cmd), append(outs, out)
		}
		count := map[string]int{}
		for i, cmd := range cmds {
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, outs[i])
			}
			count[strings.TrimSpace(outs[i].String())]++
		}
		if count["built"] != 1 || count["nothing"] != 7 {
			t.Errorf("round %d: %v", round, count)
		}
	}
	w.synced("alpha")
}

// Who asks while an environment is replaced gets an answer about one of the two.
func TestStatusWhileReplaced(t *testing.T) {
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	var over atomic.Bool
	var group sync.WaitGroup
	var asked atomic.Int64
	for range 2 {
		group.Go(func() {
			for !over.Load() {
				v, err := w.keeper().Check(t.Context(), Instance{"alpha", w.dir("alpha")}, Question{})
				if err != nil || v.Status != InSync {
					t.Errorf("%s: %s, %v", v.Status, v.Why(), err)
				}
				asked.Add(1)
			}
		})
	}
	for range long(4, 20) {
		w.build("alpha", Wish{Reset: true})
	}
	over.Store(true)
	group.Wait()
	t.Logf("asked %d times", asked.Load())
}

// A full disk leaves the old environment.
func TestFullDisk(t *testing.T) {
	base := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", base).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" && os.Getuid() == 0 {
			t.Fatalf("mount: %v: %s", err, out)
		}
		t.Skipf("a small file system cannot be mounted here: %s", out)
	}
	t.Cleanup(func() { exec.Command("umount", base).Run() })
	installers(t, func(t *testing.T, by string) {
		dir := filepath.Join(base, by)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		w := newWorldAt(t, by, dir)
		w.set("UV_CACHE_DIR", filepath.Join(t.TempDir(), "uv"))
		w.set("UV_LINK_MODE", "copy")
		w.set("TMPDIR", t.TempDir())
		w.require("alpha", "tutor==14.2.2")
		w.build("alpha", Wish{})
		w.synced("alpha")
		fill := filepath.Join(base, "fill")
		f, err := os.Create(fill)
		w.must(err)
		block := make([]byte, 64<<10)
		for err == nil {
			_, err = f.Write(block)
		}
		f.Close()
		if _, err := w.update("alpha", Wish{Reset: true}); err == nil {
			t.Error("the disk was not full")
		}
		w.must(os.Remove(fill))
		if got := w.run("alpha", "tutor"); got != "tutor, version 14.2.2" {
			t.Errorf("the old one says %q", got)
		}
		w.synced("alpha")
		w.build("alpha", Wish{Reset: true})
		w.must(os.RemoveAll(dir))
	})
}

// A lock or a log that is a link is refused, and what it points to stays.
func TestLockCannotBeTricked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	victim := filepath.Join(t.TempDir(), "victim")
	w.must(os.WriteFile(victim, []byte("precious"), 0o600))
	for _, name := range []string{".venv.lock", ".venv.log"} {
		w.must(os.Symlink(victim, filepath.Join(w.dir("alpha"), name)))
		if _, err := w.update("alpha", Wish{}); err == nil {
			t.Errorf("%s: a link was followed", name)
		}
		w.must(os.Remove(filepath.Join(w.dir("alpha"), name)))
	}
	if got := read(w, victim); got != "precious" {
		t.Errorf("the victim holds %q", got)
	}
	// A link that looks like something left behind loses only itself.
	dir := t.TempDir()
	w.must(os.WriteFile(filepath.Join(dir, "file"), nil, 0o666))
	w.must(os.Symlink(dir, filepath.Join(w.dir("alpha"), ".venv.new-0000000a")))
	w.build("alpha", Wish{})
	if _, err := os.Stat(filepath.Join(dir, "file")); err != nil {
		t.Errorf("tidying followed a link: %v", err)
	}
}

func TestForeignDirectoriesAreNotTouched(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		make func(w *world)
	}{
		{"somebody's directory", func(w *world) { w.write("instances/alpha/.venv/thesis.txt", "x") }},
		{"a link to an environment", func(w *world) {
			w.write("elsewhere/pyvenv.cfg", "")
			w.must(os.Symlink("../../elsewhere", w.env("alpha")))
		}},
		{"a file", func(w *world) { w.write("instances/alpha/.venv", "x") }},
		{"pyvenv.cfg that is a directory", func(w *world) { w.write("instances/alpha/.venv/pyvenv.cfg/x", "x") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "")
			w.require("alpha", "tutor==14.2.2")
			tt.make(w)
			before := listing(t, w.env("alpha"))
			for _, reset := range []bool{false, true} {
				_, err := w.update("alpha", Wish{Reset: reset})
				if err == nil || isUsage(err) {
					t.Errorf("reset %t: %v", reset, err)
				}
			}
			if after := listing(t, w.env("alpha")); after != before {
				t.Errorf("was\n%s\nis\n%s", before, after)
			}
		})
	}
}

func TestNamesAreConfined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.require("alpha", "tutor")
	w.write("outside/grove-requirements.txt", "tutor\n")
	w.must(os.Symlink("../outside", filepath.Join(w.root, "instances", "link")))
	w.write("instances/file", "")
	k := w.keeper()
	for _, name := range []string{"../outside", "..", ".", "", "/etc", "alpha/..", "a/b", "link", "file", "none", "-rf", ".hidden", "a\x00b", "a\nb"} {
		_, err := k.Workspace.Instance(name)
		if !isUsage(err) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := k.Workspace.Instance("alpha"); err != nil {
		t.Error(err)
	}
	all, err := k.Workspace.Instances()
	if err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	// Requirements that lead out of the workspace are refused too.
	w.must(os.Symlink("/etc/passwd", filepath.Join(w.dir("alpha"), "p.txt")))
	w.require("alpha", "-r p.txt")
	if _, err := w.update("alpha", Wish{}); !isUsage(err) || errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
}
