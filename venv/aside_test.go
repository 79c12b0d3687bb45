package venv

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What root left in an instance does not stop its owner: the log is replaced, and an old environment that cannot be
// deleted is set aside, once, with a note that names whose files are in it.
func TestWhatRootLeft(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can leave something of root's")
	}
	const owner = 65534
	root, err := os.MkdirTemp("", "workspace-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	w := &world{t: t, root: root}
	w.write("instances/alpha/.venv/"+stateFile, "{}")
	w.write("instances/alpha/.venv.old-00000000/lib/__pycache__/a.pyc", "")
	w.write("instances/alpha/.venv.log", "")
	for _, dir := range []string{root, filepath.Join(root, "instances"), w.dir("alpha"), filepath.Join(w.dir("alpha"), ".venv.old-00000000"), filepath.Join(w.dir("alpha"), ".venv.old-00000000/lib")} {
		w.must(os.Chown(dir, owner, owner))
		w.must(os.Chmod(dir, 0o755))
	}
	w.must(os.Chmod(w.dir("alpha")+"/.venv.log", 0o600))
	program := filepath.Join(root, "program")
	w.must(exec.Command("cp", os.Args[0], program).Run())
	job, err := json.Marshal(childJob{Root: root, Instance: "alpha", Tidy: true})
	w.must(err)
	for i, want := range []string{"an old environment holds files of root and cannot be deleted: run `sudo rm -r '" + w.dir("alpha") + "/.venv.left-", " <nil>"} {
		cmd := exec.Command(program)
		cmd.Env, cmd.Dir = []string{"VENV_TEST_JOB=" + string(job)}, root
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner, Gid: owner}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), want) || !strings.HasSuffix(string(out), "<nil>\n") {
			t.Errorf("run %d: %v, %s, want %s", i, err, out, want)
		}
	}
	info, err := os.Stat(filepath.Join(w.dir("alpha"), ".venv.log"))
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != owner {
		t.Errorf("the log is root's still: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(w.dir("alpha"), ".venv.left-*", "lib", "__pycache__", "a.pyc"))
	if err != nil || len(left) != 1 {
		t.Errorf("set aside: %v, %v", left, err)
	}
}
