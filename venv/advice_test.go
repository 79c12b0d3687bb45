package venv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// readOnly makes a directory one that nothing can be written to.
func readOnly(t *testing.T, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o777) })
		return
	}
	for _, options := range [][]string{{"--bind", dir, dir}, {"-o", "remount,ro,bind", dir}} {
		if out, err := exec.Command("mount", options...).CombinedOutput(); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("mount: %v: %s", err, out)
			}
			t.Skipf("a directory cannot be mounted read-only here: %s", out)
		}
	}
	t.Cleanup(func() { exec.Command("umount", dir).Run() })
}

// What cannot be written to is said, with what to do, and what is there is used.
func TestReadOnlyInstance(t *testing.T) {
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2")
	w.require("beta", "tutor==14.2.2")
	w.build("alpha", Wish{})
	for _, name := range []string{"alpha", "beta"} {
		readOnly(t, w.dir(name))
		_, err := w.update(name, Wish{Reset: true})
		if err == nil || isUsage(err) || !strings.HasPrefix(err.Error(), "instances/"+name+": ") || !strings.Contains(err.Error(), "make that writable") {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.synced("alpha")
	if out, err := w.update("alpha", Wish{}); err != nil || out.Changed {
		t.Errorf("nothing to do: %+v, %v", out, err)
	}
	if got := w.run("alpha", "tutor"); got != "tutor, version 14.2.2" {
		t.Error(got)
	}
}

// A failure says whether there is still something to work with.
func TestFailureSaysWhatServes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2", "tutor==14.3.0")
	if _, err := w.update("alpha", Wish{}); err == nil || !strings.Contains(err.Error(), "; nothing was built") {
		t.Errorf("%v", err)
	}
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	w.require("alpha", "tutor==99")
	if _, err := w.update("alpha", Wish{}); err == nil || !strings.Contains(err.Error(), "; the environment that was there still serves\nthe last lines of "+w.dir("alpha")) {
		t.Errorf("%v", err)
	}
	w.must(os.Remove(filepath.Join(w.env("alpha"), "bin", "tutor")))
	if _, err := w.update("alpha", Wish{}); err == nil || strings.Contains(err.Error(), "still serves") {
		t.Errorf("a broken one serves: %v", err)
	}
}

func TestEnvironmentWithoutTutor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.require("alpha", "# nothing yet")
	if out := w.build("alpha", Wish{}); len(out.Notes) != 1 || !strings.Contains(out.Notes[0].Text, "grove-requirements.txt does not name it") {
		t.Errorf("%+v", out)
	}
}

func TestRemedies(t *testing.T) {
	for code, want := range map[string]string{
		"missing":            "run `grove-migrate venv update alpha`",
		"half-built":         "run `grove-migrate venv update alpha`",
		"no-requirements":    "write it, ",
		"not-an-environment": "then run `grove-migrate venv update alpha`",
		"plugin-missing":     "take it out of PLUGINS",
		"plugin-major":       "pin a version of it",
		"python-unsupported": "--python VERSION",
	} {
		if got := (Reason{Code: code}).Remedy("alpha"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", code, got)
		}
	}
}

// A Python that has no pip of its own, as Debian's, gets the one that the
// distribution ships; where there is none either, the package is named.
func TestPipOfTheDistribution(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.require("alpha", "tutor==14.2.2")
	real := realPython(w)
	wheel := w.output(t.TempDir(), real, "-c", "import ensurepip, glob, os; print([f for d in (os.path.dirname(ensurepip.__file__) + '/_bundled', '/usr/share/python-wheels') for f in glob.glob(d + '/pip-*.whl')][0])")
	ships := t.TempDir()
	asked := filepath.Join(t.TempDir(), "python3")
	w.must(os.WriteFile(asked, []byte("#!/bin/sh\n\""+real+"\" \"$@\" | sed 's|\\\"wheels\\\": [[][^]]*[]]|\"wheels\": [\"/nonexistent\", \"'"+ships+"'\"]|'\n"), 0o777))
	wish := Wish{Question: Question{Python: asked}}
	if _, err := os.Stat("/usr/share/python-wheels"); err != nil {
		_, err := w.update("alpha", wish)
		if err == nil || !strings.Contains(err.Error(), "install the package python3-pip-whl (Debian, Ubuntu) or python3-pip-wheel (Fedora), or install uv") {
			t.Errorf("%v", err)
		}
	}
	w.must(exec.Command("cp", strings.TrimSpace(wheel), ships).Run())
	out := w.build("alpha", wish)
	if !strings.HasPrefix(out.By, "pip ") {
		t.Errorf("installed by %s", out.By)
	}
	w.run("alpha", "pip", "--version")
	w.synced("alpha")
}
