//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// engine runs podman where neither a cgroup manager nor user namespaces can be expected, with an image store of its own.
const engine = `#!/bin/sh
sub=$1; shift
[ "$sub" != run ] || set -- --network=none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 "$@"
exec podman --storage-driver=vfs --cgroup-manager=cgroupfs --runtime runc --root "$STORE/root" --runroot "$STORE/run" "$sub" "$@"
`

// rootfs is a tree with a shell, a few tools and Debian's Python, which has another name there than on this machine.
const rootfs = `set -e
mkdir -p root/usr/bin root/usr/lib root/usr/share root/opt/python root/tmp root/etc root/dev root/proc root/sys
for d in bin sbin lib lib64; do [ -L /$d ] && ln -s "$(readlink /$d)" root/$d; done
mkdir -p root/usr/lib64 root/usr/sbin
for p in dash dirname realpath readlink cat ls rm env; do cp -L /usr/bin/$p root/usr/bin/; done
ln -s dash root/usr/bin/sh
minor=$(/usr/bin/python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
cp -L /usr/bin/$minor root/opt/python/$minor
ln -s $minor root/opt/python/python3
cp -a /usr/lib/$minor root/usr/lib/
cp -a /usr/share/python-wheels root/usr/share/
{ for f in /usr/bin/dash /usr/bin/$minor /usr/bin/ls "$0" /usr/lib/$minor/lib-dynload/*.so; do ldd "$f"; done; } 2>/dev/null | grep -o '/[^ ]*' | sort -u |
while read -r f; do mkdir -p "root$(dirname "$f")"; cp -L "$f" "root$f"; done
tar -C root -cf image.tar .
`

// TestRealContainer builds, uses and removes an environment in a real container, on a terminal too.
func TestRealContainer(t *testing.T) {
	for _, name := range []string{"podman", "runc", "/usr/bin/python3", "tar"} {
		program.Find(t, name)
	}
	base := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write("podman", engine)
	write("ws/instances/alpha/grove-requirements.txt", "./plugin\n")
	write("ws/instances/alpha/plugin/pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n")
	write("ws/instances/alpha/plugin/backend.py", `import os, zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    files = {"tutor.py": "def main(): print('tutor, version 20.0.2')\n", "tutor-20.0.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: tutor\nVersion: 20.0.2\n",
        "tutor-20.0.2.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tutor-20.0.2.dist-info/entry_points.txt": "[console_scripts]\ntutor = tutor:main\n"}
    files["tutor-20.0.2.dist-info/RECORD"] = "".join(n + ",,\n" for n in files)
    with zipfile.ZipFile(os.path.join(directory, "tutor-20.0.2-py3-none-any.whl"), "w") as z:
        for n, text in files.items(): z.writestr(n, text)
    return "tutor-20.0.2-py3-none-any.whl"
`)
	write("terminal", "#!/usr/bin/python3\nimport pty, sys\nsys.exit(pty.spawn(sys.argv[1:]) >> 8)\n")
	tool := filepath.Join(base, "grove-migrate")
	run := func(dir string, argv ...string) (string, error) {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir, cmd.Env = filepath.Join(base, dir), append(os.Environ(), "STORE="+filepath.Join(base, "store"), "HOME="+base, "PIP_FIND_LINKS=", "PIP_NO_INDEX=1", "CI=", "GROVE_VENV_INSTALLER=pip")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := run(".", "sh", "-c", rootfs, tool); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := run(".", "./podman", "import", "--change", "ENV PATH=/opt/python:/usr/bin", "image.tar", "localhost/tools:1"); err != nil {
		t.Skipf("podman cannot keep images here: %s", out)
	}
	if out, err := run(".", "./podman", "run", "--rm", "localhost/tools:1", "python3", "-c", ""); err != nil {
		t.Skipf("podman cannot run containers here: %s", out)
	}
	place := []string{"--engine", filepath.Join(base, "podman"), "--image", "localhost/tools:1"}
	for _, tt := range []struct {
		argv   string
		inside bool
		want   string
	}{
		{"TOOL venv update alpha", true, "alpha: built in "},
		{"TERMINAL TOOL venv update alpha", true, "alpha: in sync (Tutor 20.0.2"},
		{"TOOL venv activate alpha", true, "tutor, version 20.0.2"},
		{"TOOL venv exec alpha -- tutor", false, "it was built in the tools container"},
		{"TOOL venv update alpha --host", false, "venv reset alpha --host"},
		{"TOOL venv status alpha", false, "alpha  in sync"},
		{"TERMINAL TOOL venv reset alpha", true, "alpha: built in "},
		{"TOOL venv remove alpha", true, "alpha: removed"},
	} {
		argv := strings.Fields(strings.NewReplacer("TOOL", tool, "TERMINAL", filepath.Join(base, "terminal")).Replace(tt.argv))
		if tt.inside {
			argv = append(argv, place...)
		}
		if strings.Contains(tt.argv, "activate") {
			argv = append(argv, "--", "tutor")
		}
		if out, err := run("ws", argv...); !strings.Contains(out, tt.want) {
			t.Fatalf("%s: %v\n%s\nwant %s", tt.argv, err, out, tt.want)
		}
	}
}
