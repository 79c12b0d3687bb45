//go:build dist

package packaging

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// engine runs podman and buildah with a store of its own, as root of a machine that may itself be a container: no network, no
// overlay file system, no systemd.
type engine struct {
	store []string
	base  string // the image that the tests stand on
}

// newEngine makes a base of Debian's packages: Python with pip, and git. There is nothing else on it.
func newEngine(t *testing.T) engine {
	t.Helper()
	if os.Getenv("GROVE_MIGRATE_NO_CONTAINERS") != "" {
		t.Skip("GROVE_MIGRATE_NO_CONTAINERS says that no images can be made here")
	}
	if os.Geteuid() != 0 {
		program.Missing(t, "only root can make images here (mmdebstrap, buildah --isolation chroot)")
	}
	for _, name := range []string{"mmdebstrap", "buildah", "podman", "runc"} {
		program.Find(t, name)
	}
	dir, err := os.MkdirTemp("/var/tmp", "grove-migrate-images-")
	if err != nil {
		t.Fatal(err)
	}
	e := engine{store: []string{"--root", dir + "/root", "--runroot", dir + "/run", "--storage-driver", "vfs"}, base: "localhost/base"}
	t.Cleanup(func() {
		e.podman(t, "system", "reset", "--force") // unmounts what the store has mounted
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	tree := filepath.Join(dir, "base.tar")
	must(t, dir, nil, "mmdebstrap", "--quiet", "--variant=minbase", "--include=git,python3,python3-pip,python3-venv", "bookworm", tree)
	e.podman(t, "import", tree, e.base)
	return e
}

func (e engine) podman(t *testing.T, argv ...string) string {
	t.Helper()
	return must(t, "", nil, append(append([]string{"podman", "--cgroup-manager=cgroupfs", "--runtime=runc"}, e.store...), argv...)...)
}

// run runs a command in a container that has no network. More are podman's flags.
func (e engine) run(t *testing.T, image string, more []string, argv ...string) string {
	t.Helper()
	flags := append([]string{"run", "--rm", "--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000"}, more...)
	return e.podman(t, append(append(flags, image), argv...)...)
}

// threeWays is what people do with the program: a report, the migration, an environment.
const threeWays = `set -eu
grove-migrate scan grove grove-template my-cluster | grep ' occurrences in '
grove-migrate apply --dry-run grove grove-template my-cluster | git apply --stat | tail -n 1
grove-migrate apply grove grove-template my-cluster
grove-migrate scan grove grove-template my-cluster | grep '(rewrite 0\|^[0-9]* sites: rewrite 0'
python3 /packaging/testdata/wheel.py 20.0.3
mkdir -p small/instances/alpha && echo tutor==20.0.3 >small/instances/alpha/grove-requirements.txt
grove-migrate venv --workspace small update alpha --wheelhouse "$PWD/wheels"
grove-migrate venv --workspace small exec alpha -- tutor --version
`

// TestContainers tries the release where there is nothing but Python and git: the wheel as pip installs it, and the image of the
// Dockerfile, which a user runs who owns the mounted workspace.
func TestContainers(t *testing.T) {
	e := newEngine(t)
	dist := filepath.Dir(release(t, "SHA256SUMS"))
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	mounts := []string{"--volume=" + dist + ":/dist:ro", "--volume=" + here + ":/packaging:ro", "--workdir=/workspace"}
	wheel := "/dist/" + filepath.Base(release(t, "*_"+machines[native(t)]+".whl"))
	nothing := "for p in go cc gcc g++ make; do if command -v $p; then exit 1; fi; done\n"
	install := "python3 -m venv /opt/v && /opt/v/bin/pip install --no-index " + wheel + " && PATH=/opt/v/bin:$PATH\n"
	out := e.run(t, e.base, append(mounts, "--volume="+owned(t, 0)+":/workspace"), "sh", "-c", nothing+install+threeWays)
	expect(t, out, "tutor, version 20.0.3")

	must(t, "..", nil, append(append([]string{"buildah"}, e.store...), "bud", "--isolation=chroot", "--build-arg=BASE="+e.base, "--tag=grove-migrate", ".")...)
	const image = "localhost/grove-migrate"
	ws := "--volume=" + owned(t, 4321) + ":/workspace"
	expect(t, e.run(t, image, []string{"--user=4321:4321", ws}, "scan", "grove", "grove-template", "my-cluster"), " occurrences in ", "\n0 paths skipped")
	// Somebody else, as the image's own user is: git lists nothing for him, which is said.
	out = e.run(t, image, []string{"--entrypoint=sh", ws}, "-c", `id -u; grove-migrate scan my-cluster; echo "status $?"`)
	expect(t, out, "1000\n", "safe.directory", "status 3")
}

func expect(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("there is no %q in\n%s", text, out)
		}
	}
}

// owned is a workspace that belongs to a user, where that user can reach it.
func owned(t *testing.T, uid int) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "grove-migrate-workspace-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, "..", nil, "cp", "-a", "fixtures/workspace/.", dir)
	commit(t, dir)
	must(t, dir, nil, "chown", "-R", fmt.Sprintf("%d:%d", uid, uid), dir)
	return dir
}
