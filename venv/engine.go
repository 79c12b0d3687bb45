package venv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Where Grove's tools container has the workspace, and where it gets this
// program and a home directory with a cache.
const (
	mountPoint   = "/workspace"
	mountProgram = "/opt/grove-migrate/grove-migrate"
	mountHome    = "/home/grove-migrate"
)

// Tools is a tools container in which environments are built and used.
type Tools struct {
	Engine string // "docker" or "podman"
	Image  string
	path   string // of the engine's program
}

// Choice is what a person says of where to work; the zero value leaves it to
// the workspace.
type Choice struct {
	Host   bool // on this machine
	Engine string
	Image  string
}

// flags are the choice as it stands on a command line.
func (c Choice) flags() string {
	out := ""
	for _, f := range [][2]string{{"engine", c.Engine}, {"image", c.Image}} {
		if f[1] != "" {
			out += " --" + f[0] + " " + Command{Args: f[1:]}.Quoted()
		}
	}
	return out
}

// contained tells whether this process runs in a container.
func contained(environ []string) bool {
	for _, name := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(name); err == nil {
			return true
		}
	}
	return slices.ContainsFunc(environ, func(e string) bool {
		name, value, _ := strings.Cut(e, "=")
		return value != "" && (name == "container" || name == "KUBERNETES_SERVICE_HOST")
	})
}

// inJob tells whether a pipeline's job, or Grove's command line, calls.
func (k *Keeper) inJob() bool {
	return k.getenv("CI") != "" || k.getenv("CI_PROJECT_DIR") != ""
}

// Where decides where environments are built: in the tools container, or here,
// which is nil and, where a tools container could have been meant, the reason.
func (k *Keeper) Where(c Choice) (tools *Tools, why string, err error) {
	asked := c.Engine != "" || c.Image != ""
	if c.Host || !asked && (k.Contained || k.inJob()) {
		return nil, "", nil
	}
	image := c.Image
	if image == "" {
		switch image, err = k.Image(); {
		case err != nil && asked:
			return nil, "", err
		case err != nil:
			return nil, err.Error(), nil
		case image == "" && !asked:
			return nil, "", nil
		}
	}
	if image == "" {
		return nil, "", usage("the image of the tools container is not known: no private.yml, cluster.yml or ci_vars.yml of the workspace says it; name the image with --image, or work on this machine with --host")
	}
	engine, path, err := k.engine(c.Engine)
	if err != nil && asked {
		return nil, "", err
	} else if err != nil {
		return nil, err.Error(), nil
	}
	return &Tools{Engine: engine, Image: image, path: path}, "", nil
}

func (k *Keeper) engine(want string) (name, path string, err error) {
	names := []string{"docker", "podman"}
	if want != "" {
		names = []string{want}
	}
	for _, n := range names {
		if strings.ContainsRune(n, '/') {
			return filepath.Base(n), n, nil
		}
		if path, err := lookPath(n, k.getenv("PATH")); err == nil {
			return filepath.Base(n), path, nil
		}
	}
	return "", "", fmt.Errorf("no %s on the path: install it, or work on this machine with --host", strings.Join(names, " or "))
}

// Answers tells whether the engine can be used at all: docker without its
// daemon cannot.
func (k *Keeper) Answers(ctx context.Context, t *Tools) bool {
	cmd := exec.CommandContext(ctx, t.path, "version")
	cmd.Env = k.Environ
	return cmd.Run() == nil
}

// User is who owns what is written in a container, and whether a person's
// terminal is there.
type User struct {
	UID, GID int
	Terminal bool
}

// run is the beginning of a command line that runs something in the container,
// in a directory of the workspace there.
func (k *Keeper) run(t *Tools, u User, dir string) []string {
	args := []string{t.Engine, "run", "--rm", "--interactive"}
	if u.Terminal {
		args = append(args, "--tty")
	}
	args = append(args, "--user", fmt.Sprintf("%d:%d", u.UID, u.GID))
	if t.Engine == "podman" && u.UID != 0 {
		args = append(args, "--userns", "keep-id")
	}
	args = append(args, "--mount", mount(k.Workspace.Root, mountPoint, false), "--workdir", dir, "--env", "CI_PROJECT_DIR="+mountPoint)
	if k.getenv("TERM") != "" {
		args = append(args, "--env", "TERM")
	}
	return args
}

// mount writes a bind mount; the form is a line of CSV.
func mount(source, target string, readOnly bool) string {
	var fields []string
	for _, field := range []string{"type=bind", "source=" + source, "target=" + target} {
		if strings.ContainsAny(field, ",\"\n") {
			field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
		}
		fields = append(fields, field)
	}
	if readOnly {
		fields = append(fields, "readonly")
	}
	return strings.Join(fields, ",")
}

// Inside prepares a command of `venv` in the tools container: args are its
// name, its instances and its flags. Program is the path of this program, for
// an image that has none; empty when it cannot run there.
func (k *Keeper) Inside(t *Tools, u User, program string, args []string) Command {
	c := Command{Path: t.path, Args: k.run(t, u, mountPoint), Env: k.Environ}
	add := func(words ...string) { c.Args = append(c.Args, words...) }
	add("--env", "container="+t.Engine, "--env", againVariable+"="+k.Choice.flags(), "--env", "HOME="+mountHome)
	for _, m := range k.home() {
		add("--mount", m)
	}
	if program != "" {
		add("--mount", mount(program, mountProgram, true))
	}
	for _, word := range k.settings() {
		add(word...)
	}
	add("--entrypoint", "/bin/sh", t.Image, "-c", within, "sh")
	for _, a := range args {
		add(k.there(a))
	}
	return c
}

// againVariable tells the program in the container with which flags a printed
// command reaches the container again.
const againVariable = "GROVE_VENV_FLAGS"

// within finds the program that does the work in the container; the module of
// Grove's command line knows no flags.
const within = `for program in grove-migrate ` + mountProgram + `; do
  if "$program" version >/dev/null 2>&1; then exec "$program" venv "$@"; fi
done
for word; do
  case $word in -*) flags=1 ;; esac
done
if [ -z "$flags" ] && command -v grove >/dev/null; then
  command=$1; shift
  if [ $# = 0 ]; then exec grove venv "$command"; fi
  worst=0
  for name; do grove venv "$command" "$name" || worst=$?; done
  exit $worst
fi
echo "grove-migrate: this program does not run in the tools container, and the image has none: install it in the image, or work on this machine with --host" >&2
exit 3`

// there is how a path of this machine, or a flag with one, is called in the
// container: what is in the workspace stands at another place.
func (k *Keeper) there(word string) string {
	flag, path := "", word
	if name, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(word, "--") {
		flag, path = name+"=", value
	}
	if rel, err := filepath.Rel(k.Workspace.Root, path); err == nil && filepath.IsAbs(path) && filepath.IsLocal(rel) {
		path = filepath.Join(mountPoint, rel)
	}
	return flag + path
}

// home are the mounts that make a home directory: a cache that stays from run
// to run, and the person's settings of installers and git.
func (k *Keeper) home() []string {
	own := k.getenv("HOME")
	if own == "" {
		return nil
	}
	cache := k.getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(own, ".cache")
	}
	dir := filepath.Join(cache, "grove-migrate", "home")
	if os.MkdirAll(dir, 0o777) != nil {
		return nil
	}
	out := []string{mount(dir, mountHome, false)}
	for _, name := range []string{".config/pip/pip.conf", ".pip/pip.conf", ".config/uv/uv.toml", ".netrc", ".gitconfig", ".git-credentials"} {
		if info, err := os.Stat(filepath.Join(own, name)); err == nil && info.Mode().IsRegular() {
			out = append(out, mount(filepath.Join(own, name), mountHome+"/"+name, true))
		}
	}
	return out
}

var reference = lazyregexp.New(`\$\{([A-Z0-9_]+)\}`)

// settings hand over the variables that decide what is installed, by name where
// their value can stay, so that no secret stands on a command line. Paths
// outside of the workspace are mounted where they are.
func (k *Keeper) settings() [][]string {
	wanted := map[string]bool{}
	for _, inst := range k.all() {
		set, err := k.read(inst)
		if err != nil {
			continue // The program in the container says it.
		}
		for _, l := range set.Lines {
			for _, m := range reference.FindAllStringSubmatch(l.Raw, -1) {
				wanted[m[1]] = true
			}
		}
	}
	var out [][]string
	mounted := map[string]bool{}
	for _, e := range k.Environ {
		name, value, _ := strings.Cut(e, "=")
		if !wanted[name] && !handedOver(name) || value == "" {
			continue
		}
		if there := k.thereAll(value); there != value {
			out = append(out, []string{"--env", name + "=" + there})
		} else {
			out = append(out, []string{"--env", name})
		}
		for _, path := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' }) {
			if _, err := os.Stat(path); filepath.IsAbs(path) && err == nil && k.there(path) == path && !mounted[path] {
				mounted[path] = true
				out = append(out, []string{"--mount", mount(path, path, true)})
			}
		}
	}
	for _, path := range append(slices.Clone(k.Flags.FindLinks), k.Flags.Wheelhouse) {
		if filepath.IsAbs(path) && k.there(path) == path && !mounted[path] {
			mounted[path] = true
			out = append(out, []string{"--mount", mount(path, path, true)})
		}
	}
	return out
}

func (k *Keeper) all() []Instance {
	all, _ := k.Workspace.Instances()
	return all
}

// thereAll is there for a list of paths.
func (k *Keeper) thereAll(value string) string {
	return regexp.MustCompile(`[^ ,]+`).ReplaceAllStringFunc(value, k.there)
}

// handedOver tells whether a variable holds in the container too. Caches and
// interpreters of this machine do not.
func handedOver(name string) bool {
	switch strings.ToUpper(name) {
	case "UV_CACHE_DIR", "PIP_CACHE_DIR", "UV_PYTHON", "UV_PYTHON_INSTALL_DIR", "UV_PROJECT_ENVIRONMENT":
		return false
	case "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "TUTOR_PLUGINS_ROOT":
		return true
	}
	return strings.HasPrefix(name, "PIP_") || strings.HasPrefix(name, "UV_") || strings.HasPrefix(name, "GROVE_VENV_")
}
