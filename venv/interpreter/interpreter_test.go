package interpreter

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fake makes an executable that answers as a Python of this version would.
func fake(t *testing.T, file, version string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("#!/bin/sh\necho a banner\necho \"$5{\\\"executable\\\": \\\"%s\\\", \\\"version\\\": \\\"%s\\\", \\\"abi\\\": \\\"a\\\", \\\"libc\\\": \\\"glibc 2.36\\\", \\\"wheels\\\": []}$5\"\necho bye\n", file, version)
	if version == "" {
		text = "#!/bin/sh\necho 'pyenv: python3.9: command not found' >&2\nexit 127\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	base := t.TempDir()
	one, two := filepath.Join(base, "one"), filepath.Join(base, "two")
	fake(t, filepath.Join(one, "python3"), "3.8.1")
	fake(t, filepath.Join(one, "python3.10"), "3.10.4")
	fake(t, filepath.Join(one, "python3.10-config"), "3.99.0")
	fake(t, filepath.Join(one, "python3.12"), "3.12.1")
	fake(t, filepath.Join(two, "python3"), "3.9.9")
	fake(t, filepath.Join(two, "python"), "2.7.18")
	// A shim that picks nothing stands for the versions beside it.
	shims := filepath.Join(base, "env", "shims")
	fake(t, filepath.Join(shims, "python3.9"), "")
	fake(t, filepath.Join(shims, "python3"), "")
	fake(t, filepath.Join(base, "env", "versions", "3.9.18", "bin", "python3.9"), "3.9.18")
	fake(t, filepath.Join(base, "env", "versions", "3.9.2", "bin", "python3.9"), "3.9.2")
	fake(t, filepath.Join(base, "env", "versions", "3.9.18", "bin", "python3"), "3.9.18")
	silent := filepath.Join(base, "silent")
	if err := os.MkdirAll(silent, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(silent, "python3"), []byte("#!/bin/sh\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	path := func(dirs ...string) string { return strings.Join(dirs, ":") }
	for _, tt := range []struct {
		name, path string
		want       Want
		version    string // empty when none will do
		words      string
	}{
		{"first on the path", path(one, two), Want{}, "3.8.1", "python3 on the path"},
		{"first that the range admits", path(one, two), Want{Range: ">=3.9", Why: "Tutor 19"}, "3.9.9", "Tutor 19 needs >=3.9"},
		{"first that answers", path(silent, one), Want{}, "3.8.1", "python3 on the path, passing over " + silent + "/python3"},
		{"newest minor", path(one), Want{Range: ">=3.9"}, "3.12.1", "python3.12 on the path"},
		{"pinned minor", path(one), Want{Pin: "3.10", From: "--python"}, "3.10.4", "named by --python"},
		{"pinned patch", path(one), Want{Pin: "3.10.4", From: "--python"}, "3.10.4", ""},
		{"pinned patch that is not there", path(one), Want{Pin: "3.10.5", From: "--python"}, "", "no Python 3.10.5 (--python)"},
		{"pinned command", path(one), Want{Pin: "python3.12", From: "--python"}, "3.12.1", ""},
		{"pinned path", "", Want{Pin: filepath.Join(two, "python3"), From: "--python"}, "3.9.9", ""},
		{"pin that does not fit", path(one), Want{Pin: "3.8", From: ".python-version", Range: ">=3.9", Why: "Tutor 19"}, "", "Tutor 19 needs >=3.9"},
		{"Python 2", path(filepath.Join(base, "none")), Want{}, "", "none was found on the path"},
		{"shim that picks nothing", path(shims), Want{Pin: "3.9", From: "--python"}, "3.9.18", ""},
		{"shim without a pin", path(shims), Want{}, "3.9.18", ""},
		{"shim, older patch", path(shims), Want{Pin: "3.9.2", From: "--python"}, "3.9.2", ""},
		{"nothing fits", path(one, two), Want{Range: ">=3.13", Why: "Tutor 30"}, "", "is 3.8.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Finder{Path: tt.path, Environ: os.Environ()}
			p, why, err := f.Find(context.Background(), tt.want)
			if p.Version != tt.version || (err != nil) != (tt.version == "") {
				t.Fatalf("got %q, %v", p.Version, err)
			}
			if err != nil {
				why = err.Error()
			}
			if !strings.Contains(why, tt.words) {
				t.Errorf("says %q, want %q", why, tt.words)
			}
		})
	}
}

func TestDiffers(t *testing.T) {
	was := Python{Executable: "/p", Version: "3.11.2", ABI: "cpython-311", Libc: "glibc 2.31"}
	for _, tt := range []struct {
		name  string
		now   Python
		words string // empty when it does not differ
	}{
		{"the same", was, ""},
		{"newer libc", Python{Version: "3.11.2", ABI: "cpython-311", Libc: "glibc 2.36"}, ""},
		{"older libc", Python{Version: "3.11.2", ABI: "cpython-311", Libc: "glibc 2.28"}, "older glibc 2.28"},
		{"musl", Python{Version: "3.11.2", ABI: "cpython-311", Libc: "musl"}, "this system has musl"},
		{"no libc", Python{Version: "3.11.2", ABI: "cpython-311"}, "no libc that is known"},
		{"minor", Python{Version: "3.12.0", ABI: "cpython-312", Libc: "glibc 2.31"}, "was built with Python 3.11.2"},
		{"patch", Python{Version: "3.11.9", ABI: "cpython-311", Libc: "glibc 2.31"}, "was built with Python 3.11.2"},
		{"ABI", Python{Version: "3.11.2", ABI: "cpython-311d", Libc: "glibc 2.31"}, "ABI"},
	} {
		if got := was.Differs(tt.now); (got == "") != (tt.words == "") || !strings.Contains(got, tt.words) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func TestPipWheel(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	p := Python{Executable: "/usr/bin/python3", Wheels: []string{filepath.Join(a, "none"), a, b}}
	if _, err := p.PipWheel(); err == nil || !strings.Contains(err.Error(), "python3-pip-whl") {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"pip-9.0.1-py2.py3-none-any.whl", "pip-23.0.1-py3-none-any.whl", "setuptools-65.5.0-py3-none-any.whl"} {
		if err := os.WriteFile(filepath.Join(a, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := p.PipWheel(); err != nil || filepath.Base(got) != "pip-23.0.1-py3-none-any.whl" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestAskIsHonest(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"says-nothing": "#!/bin/sh\n", "fails": "#!/bin/sh\necho boom >&2; exit 1\n"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
		if _, err := Ask(context.Background(), file, nil); err == nil || !strings.HasPrefix(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
	}
	got := Clean([]string{"PYTHONPATH=x", "PATH=y", "PYTHONHOME=z", "VIRTUAL_ENV=v", "PYTHONUTF8=1"})
	if strings.Join(got, " ") != "PATH=y PYTHONUTF8=1" {
		t.Errorf("%v", got)
	}
}
