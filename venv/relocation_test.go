package venv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func (w *world) moveTo(root string) {
	w.t.Helper()
	w.must(os.MkdirAll(filepath.Dir(root), 0o777))
	w.must(os.Rename(w.root, root))
	w.root = root
}

func TestMovedWorkspaceWorks(t *testing.T) {
	t.Parallel()
	installers(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		w.require("alpha", "tutor==14.2.2")
		w.build("alpha", Wish{})
		for _, to := range []string{
			"else where/ws",
			strings.Repeat("a-very-long-directory-name/", 8) + "ws",
			`odd "quoted" 'names' $HOME/ws`,
		} {
			w.moveTo(filepath.Join(filepath.Dir(w.wheels), to))
			if got, want := w.run("alpha", "tutor", "where"), "tutor, version 14.2.2\n"+w.env("alpha"); got != want {
				t.Errorf("%s: tutor says %q, want %q", to, got, want)
			}
			v := w.status("alpha", Question{Verify: true})
			if v.Status != InSync || len(v.Notes) != 1 || v.Notes[0].Code != "relocated" {
				t.Errorf("%s: %+v", to, v)
			}
			if out, err := w.update("alpha", Wish{}); err != nil || out.Changed {
				t.Errorf("%s: %+v, %v", to, out, err)
			}
		}
	})
}

func TestBuiltAtOddPaths(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"uv", "pip"}[:long(1, 2)] {
		for _, dir := range []string{"with space", strings.Repeat("long-directory-name-", 10), "per%20cent", "num#ber", "num #ber", "com,ma", "ünï"} {
			w := newWorldAt(t, by, filepath.Join(mkdir(t, filepath.Join(t.TempDir(), dir))))
			w.write("instances/alpha/own/pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n")
			w.write("instances/alpha/own/backend.py", backend("tutor-own", "1.0"))
			w.write("instances/alpha/bounds.txt", "tutor<15\n")
			w.require("alpha", "tutor==14.2.2", "./own", "-c bounds.txt")
			w.build("alpha", Wish{Lock: true})
			w.build("alpha", Wish{Reset: true})
			if got := w.run("alpha", "tutor", "where"); !strings.HasSuffix(got, w.env("alpha")) {
				t.Errorf("%s: %s", dir, got)
			}
			w.synced("alpha")
		}
	}
}

// A colon ends an entry of PATH: that is said before anything is built.
func TestColonInThePath(t *testing.T) {
	t.Parallel()
	_, err := FindWorkspace(mkdir(t, filepath.Join(t.TempDir(), "a:b", "instances", "alpha")))
	if !isUsage(err) || !strings.Contains(err.Error(), "move the workspace") {
		t.Errorf("%v", err)
	}
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCopyRunsItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	w.must(exec.Command("cp", "-a", w.dir("alpha"), w.dir("beta")).Run())
	if got, want := w.run("beta", "tutor", "where"), "tutor, version 14.2.2\n"+w.env("beta"); got != want {
		t.Errorf("the copy says %q, want %q", got, want)
	}
	// Even when the first is gone.
	w.must(os.RemoveAll(w.dir("alpha")))
	w.run("beta", "tutor")
	w.build("beta", Wish{})
	w.synced("beta")
}

func TestLauncherThroughLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	dir := t.TempDir()
	near, far := filepath.Join(dir, "near"), filepath.Join(dir, "far")
	w.must(os.Symlink(filepath.Join(w.env("alpha"), "bin", "tutor"), near))
	w.must(os.Symlink("near", far))
	for _, argv := range [][]string{{far, "where"}, {"sh", "-c", "cd '" + dir + "' && ./far where"}, {"sh", "-c", "PATH='" + dir + "':$PATH far where"}} {
		out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
		if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), w.env("alpha")) {
			t.Errorf("%v: %v, %s", argv, err, out)
		}
	}
	// A link to the whole workspace is another way to the same place.
	link := filepath.Join(dir, "workspace")
	w.must(os.Symlink(w.root, link))
	found, err := FindWorkspace(filepath.Join(link, "instances", "alpha"))
	if err != nil || found.Root != w.root {
		t.Errorf("%+v, %v", found, err)
	}
}

// The workspace is seen at another place, as it is in a container.
func TestMountedElsewhere(t *testing.T) {
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	at := t.TempDir()
	if out, err := exec.Command("mount", "--bind", w.root, at).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" && os.Getuid() == 0 {
			t.Fatalf("mount: %v: %s", err, out)
		}
		t.Skipf("a directory cannot be mounted here: %s", out)
	}
	t.Cleanup(func() { exec.Command("umount", at).Run() })
	there := w.root
	w.root = at
	if got := w.run("alpha", "tutor", "where"); !strings.HasSuffix(got, w.env("alpha")) {
		t.Errorf("tutor says %q", got)
	}
	w.synced("alpha")
	w.root = there
	w.synced("alpha")
}

func TestVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.require("alpha", "tutor")
	w.set("PYTHONPATH", "/elsewhere")
	w.set("PYTHONHOME", "/elsewhere")
	w.set("VIRTUAL_ENV", "/elsewhere")
	get := func(k *Keeper, name string) (found []string) {
		for _, e := range k.Variables(Instance{"alpha", w.dir("alpha")}) {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				found = append(found, v)
			}
		}
		return found
	}
	k := w.keeper()
	for name, want := range map[string]string{"VIRTUAL_ENV": w.env("alpha"), "TUTOR_ROOT": w.dir("alpha"), "TUTOR_PLUGINS_ROOT": w.dir("alpha") + "/plugins", "PYTHONPATH": "", "PYTHONHOME": ""} {
		got := strings.Join(get(k, name), "|")
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if p := get(k, "PATH"); len(p) != 1 || !strings.HasPrefix(p[0], w.env("alpha")+"/bin:") {
		t.Errorf("PATH is %q", p)
	}
	w.set("TUTOR_PLUGINS_ROOT", "/shared")
	if got := get(w.keeper(), "TUTOR_PLUGINS_ROOT"); len(got) != 1 || got[0] != "/shared" {
		t.Errorf("TUTOR_PLUGINS_ROOT is %q", got)
	}
}
