package bare

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pip-1.0-py3-none-any.whl")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for n, text := range files {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func python() interpreter.Python {
	return interpreter.Python{Executable: "/opt/py thon/bin/python3.11", Version: "3.11.7"}
}

func TestMake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "env")
	site, err := Make(dir, python())
	if err != nil {
		t.Fatal(err)
	}
	if site != filepath.Join(dir, "lib", "python3.11", "site-packages") {
		t.Errorf("site %s", site)
	}
	for name, want := range map[string]string{"bin/python": "/opt/py thon/bin/python3.11", "bin/python3": "python", "bin/python3.11": "python"} {
		if got, _ := os.Readlink(filepath.Join(dir, name)); got != want {
			t.Errorf("%s points to %q", name, got)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "pyvenv.cfg"))
	if err != nil || !strings.Contains(string(text), "home = /opt/py thon/bin\n") || strings.Contains(string(text), dir) {
		t.Errorf("pyvenv.cfg: %s, %v", text, err)
	}
	if _, err := Make(dir, python()); err == nil {
		t.Error("an environment was made over another")
	}
}

func TestAddPip(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		old   bool
		words string // of the error; empty when it is a wheel
	}{
		{"today's", map[string]string{"pip/__init__.py": "", "pip/_internal/cli/main.py": "x", "pip-1.0.dist-info/RECORD": "pip/__init__.py,,0\npip-1.0.dist-info/RECORD,,\n"}, false, ""},
		{"an old one", map[string]string{"pip/__init__.py": "", "pip-1.0.dist-info/RECORD": "pip/__init__.py,,0\n"}, true, ""},
		{"no wheel", map[string]string{"x": ""}, false, "is no wheel"},
		{"a path that leads out", map[string]string{"../../../../evil": "", "pip-1.0.dist-info/RECORD": ""}, false, "odd path"},
		{"an absolute path", map[string]string{"/evil": "", "pip-1.0.dist-info/RECORD": ""}, false, "odd path"},
		{"the same name twice for a file and a directory", map[string]string{"a": "", "a/b": "", "pip-1.0.dist-info/RECORD": ""}, false, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "env")
			site, err := Make(dir, python())
			if err != nil {
				t.Fatal(err)
			}
			err = AddPip(dir, site, archive(t, tt.files))
			if tt.words != "" {
				if err == nil || !strings.Contains(err.Error(), tt.words) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			packages, faults, err := installed.Read(site)
			if err != nil || len(faults) != 0 || len(packages) != 1 || packages[0].Name != "pip" {
				t.Fatalf("%v, %v, %v", packages, faults, err)
			}
			if faults, err := installed.Verify(site, packages, true); err != nil || len(faults) != 0 {
				t.Errorf("%v, %v", faults, err)
			}
			text, err := os.ReadFile(filepath.Join(dir, "bin", "pip"))
			if err != nil || strings.Contains(string(text), "_internal.cli") == tt.old {
				t.Errorf("%s, %v", text, err)
			}
		})
	}
	if err := AddPip(t.TempDir(), t.TempDir(), "/nonexistent.whl"); err == nil {
		t.Error("a wheel that is not there was unpacked")
	}
}
