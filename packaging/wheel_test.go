//go:build dist

package packaging

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// TestWheelContents holds each wheel to the program, its metadata and licences, and its RECORD to all of them.
func TestWheelContents(t *testing.T) {
	for arch, machine := range machines {
		name := release(t, "*_"+machine+".whl")
		z, err := zip.OpenReader(name)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		files := map[string][]byte{}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if files[f.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
			if runs := f.Mode()&0o111 != 0; runs != strings.HasSuffix(f.Name, "/scripts/grove-migrate") {
				t.Errorf("%s: %s has mode %v", name, f.Name, f.Mode())
			}
		}
		want, err := os.ReadFile(release(t, "grove-migrate-linux-"+arch))
		if err != nil {
			t.Fatal(err)
		}
		stem := strings.Join(strings.SplitN(filepath.Base(name), "-", 3)[:2], "-")
		record(t, files, stem+".dist-info/RECORD")
		for file, text := range map[string]string{
			stem + ".data/scripts/grove-migrate":         string(want),
			stem + ".dist-info/METADATA":                 "\nName: grove-migrate\nVersion: " + strings.TrimPrefix(stem, "grove_migrate-") + "\n",
			stem + ".dist-info/WHEEL":                    "\nRoot-Is-Purelib: false\nTag: py3-none-manylinux2014_" + machine + "\n",
			stem + ".dist-info/RECORD":                   "dist-info/WHEEL,sha256=",
			stem + ".dist-info/licenses/LICENSE":         "GNU AFFERO",
			stem + ".dist-info/licenses/THIRD-PARTY.txt": "==== Go: LICENSE",
		} {
			if !strings.Contains(string(files[file]), text) {
				t.Errorf("%s: %s is not there, or not as it should be", name, file)
			}
			delete(files, file)
		}
		if len(files) != 0 {
			t.Errorf("%s holds %d more files", name, len(files))
		}
	}
}

// record holds the files of a wheel to what its RECORD lists.
func record(t *testing.T, files map[string][]byte, name string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(files[name]))).ReadAll()
	if err != nil || len(rows) != len(files) {
		t.Errorf("%s has %d rows for %d files: %v", name, len(rows), len(files), err)
	}
	for _, row := range rows {
		data, ok := files[row[0]]
		sum := sha256.Sum256(data)
		want := []string{row[0], "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]), strconv.Itoa(len(data))}
		if row[0] == name {
			want = []string{name, "", ""}
		}
		if !ok || !slices.Equal(row, want) {
			t.Errorf("%s: is %q, want %q", name, row, want)
		}
	}
}

// TestInstallers installs the wheel with pip, pipx and uv where nothing can be compiled, and runs the demo with what they give.
func TestInstallers(t *testing.T) {
	wheel := release(t, "*_"+machines[native(t)]+".whl")
	env := append(withoutCompilers(t), "PIP_NO_INDEX=1", "UV_OFFLINE=1")
	dir := t.TempDir()
	must(t, dir, env, "python3", "-m", "venv", "venv")
	must(t, dir, env, "venv/bin/pip", "install", wheel)
	installed := filepath.Join(dir, "venv/bin/grove-migrate")
	if out := must(t, dir, env, "bash", demo(t), installed); !strings.Contains(out, "files, ") {
		t.Errorf("the demo prints\n%s", out)
	}
	for _, argv := range [][]string{
		{program.Find(t, "pipx"), "run", "--spec", wheel, "grove-migrate"},
		{program.Find(t, "uvx"), "--from", wheel, "grove-migrate"},
	} {
		out := must(t, workspace(t), env, append(argv, "scan", "grove", "grove-template", "my-cluster")...)
		if !strings.Contains(out, " occurrences in ") {
			t.Errorf("%q prints\n%s", argv, out)
		}
	}
	must(t, dir, env, "venv/bin/pip", "uninstall", "--yes", "grove-migrate")
	if _, err := os.Stat(installed); !os.IsNotExist(err) {
		t.Errorf("pip left the program behind: %v", err)
	}
}

func demo(t *testing.T) string {
	t.Helper()
	abs, err := filepath.Abs("../fixtures/demo.sh")
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// TestPlatforms holds pip to find a wheel for every Linux of the two architectures, whatever C library it has, and to say what
// is wrong where there is none.
func TestPlatforms(t *testing.T) {
	env := append(withoutCompilers(t), "PIP_NO_INDEX=1", "PIP_FIND_LINKS="+filepath.Dir(release(t, "SHA256SUMS")))
	dir := t.TempDir()
	must(t, dir, env, "python3", "-m", "venv", "venv")
	for platform, found := range map[string]bool{
		"manylinux2014_x86_64": true, "manylinux_2_17_x86_64": true, "musllinux_1_1_x86_64": true,
		"manylinux2014_aarch64": true, "manylinux_2_17_aarch64": true, "musllinux_1_1_aarch64": true,
		"win_amd64": false, "macosx_14_0_arm64": false, "manylinux_2_17_ppc64le": false,
	} {
		got := run(t, dir, env, "venv/bin/pip", "download", "--only-binary=:all:", "--no-deps", "--platform", platform, "--dest", platform, "grove-migrate")
		if (got.status == 0) != found {
			t.Errorf("%s: exit status %d, want a wheel: %v\n%s", platform, got.status, found, got.out)
		}
	}
	other := "x86_64"
	if native(t) == "amd64" {
		other = "aarch64"
	}
	if got := run(t, dir, env, "venv/bin/pip", "install", release(t, "*_"+other+".whl")); got.status == 0 || !strings.Contains(got.out, "is not a supported wheel on this platform") {
		t.Errorf("the wheel of %s: exit status %d\n%s", other, got.status, got.out)
	}
	// Where no wheel fits pip takes the sources, which say what they need, and build the program where it is there.
	sources := release(t, "*.tar.gz")
	got := run(t, dir, env, "venv/bin/pip", "install", sources)
	for _, want := range []string{"there is no wheel for ", "Go 1.26 and a C compiler and a C++ compiler must be installed", "wheels for Linux on x86_64 and aarch64"} {
		if got.status == 0 || !strings.Contains(got.out, want) {
			t.Errorf("sources without Go: exit status %d, want %q\n%s", got.status, want, got.out)
		}
	}
	must(t, dir, append(os.Environ(), "PIP_NO_INDEX=1"), "venv/bin/pip", "install", sources)
	if out := must(t, dir, env, "venv/bin/grove-migrate", "version"); !strings.HasPrefix(out, "grove-migrate ") {
		t.Errorf("built from the sources it prints %q", out)
	}
}
