package venv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	"mvdan.cc/sh/v3/syntax"
)

// mountPoint is where Grove's tools container has the workspace.
const mountPoint = "/workspace"

// Shell says where in a container a shell shall run.
type Shell struct {
	Engine   string // "docker", "podman", or empty for the first on the path
	Image    string // empty for what the workspace says
	Terminal bool   // standard input and output are a terminal
	UID, GID int    // who owns what the shell writes
	Argv     []string
}

// Container prepares a shell in the workspace's tools container with the
// instance's environment active. With sh.Argv it runs that instead of a shell.
func (k *Keeper) Container(inst Instance, sh Shell) (Command, error) {
	image := sh.Image
	var err error
	if image == "" {
		if image, err = k.Image(); err != nil {
			return Command{}, err
		}
	}
	engine, path, err := k.engine(sh.Engine)
	if err != nil {
		return Command{}, err
	}
	dir := mountPoint + "/instances/" + inst.Name
	plugins := dir + "/plugins"
	if set := k.getenv("TUTOR_PLUGINS_ROOT"); set != "" {
		plugins = set
		if rel, err := filepath.Rel(k.Workspace.Root, set); err == nil && filepath.IsLocal(rel) {
			plugins = mountPoint + "/" + filepath.ToSlash(rel)
		}
	}
	args := []string{engine, "run", "--rm", "--interactive"}
	if sh.Terminal {
		args = append(args, "--tty")
	}
	args = append(args, "--user", fmt.Sprintf("%d:%d", sh.UID, sh.GID))
	if engine == "podman" {
		args = append(args, "--userns", "keep-id")
	}
	args = append(args,
		"--mount", mount(k.Workspace.Root, mountPoint),
		"--workdir", dir,
		"--env", "VIRTUAL_ENV="+dir+"/.venv",
		"--env", "TUTOR_ROOT="+dir,
		"--env", "TUTOR_PLUGINS_ROOT="+plugins,
		"--env", "CI_PROJECT_DIR="+mountPoint,
		"--env", "GROVE_INSTANCE="+inst.Name,
	)
	if k.getenv("TERM") != "" {
		args = append(args, "--env", "TERM")
	}
	args = append(args, "--entrypoint", "/bin/sh", image, "-c", inside, "sh")
	return Command{Path: path, Args: append(args, sh.Argv...), Env: k.Environ}, nil
}

// inside is what runs in the container. Neither name nor path stands in its
// text: a shell script that is put together from names can be injected into,
// and that is what is wrong with stock activation scripts.
const inside = `if ! "$VIRTUAL_ENV/bin/python" -c ''; then
  echo "the environment of $GROVE_INSTANCE does not run in this container (another Python or C library); build it here: grove-migrate venv update $GROVE_INSTANCE" >&2
  exit 3
fi
PATH="$VIRTUAL_ENV/bin:$PATH"; export PATH
unset PYTHONHOME PYTHONPATH
if [ $# -gt 0 ]; then exec "$@"; fi
PS1='($GROVE_INSTANCE) \w\$ '; export PS1
if command -v bash >/dev/null; then exec bash --noprofile --norc; fi
exec sh`

// mount writes a bind mount; the form is a line of CSV.
func mount(source, target string) string {
	field := "source=" + source
	if strings.ContainsAny(source, ",\"\n") {
		field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
	}
	return "type=bind," + field + ",target=" + target
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
	return "", "", fmt.Errorf("no %s on the path: install it, or use --host for a shell on this machine", strings.Join(names, " or "))
}

// Image is the tools container's image: TOOLS_CONTAINER_IMAGE of private.yml
// or cluster.yml, else name and version of ci_vars.yml.
func (k *Keeper) Image() (string, error) {
	for _, name := range []string{"private.yml", "cluster.yml"} {
		vars, err := k.variables(name)
		if err != nil {
			return "", err
		}
		if image := vars["TOOLS_CONTAINER_IMAGE"]; image != "" {
			return image, nil
		}
	}
	places := []string{"grove/tools-container/ci_vars.yml", "tools-container/ci_vars.yml", "ci_vars.yml"}
	for _, name := range places {
		vars, err := k.variables(name)
		if err != nil {
			return "", err
		}
		image, tag := vars["TOOLS_CONTAINER_IMAGE_NAME"], vars["TOOLS_CONTAINER_IMAGE_VERSION"]
		if image != "" && tag != "" {
			return image + ":" + tag, nil
		}
		if tag != "" {
			return "", usage("%s has TOOLS_CONTAINER_IMAGE_VERSION and no TOOLS_CONTAINER_IMAGE_NAME: name the image with --image", name)
		}
	}
	return "", usage("the image of the tools container is not known: none of %s has TOOLS_CONTAINER_IMAGE_VERSION; name the image with --image, or use --host", strings.Join(places, ", "))
}

// variables reads the scalars of a YAML file, or of its key "variables".
func (k *Keeper) variables(name string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(k.Workspace.Root, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var top map[string]any
	if err := yaml.Unmarshal(text, &top); err != nil {
		return nil, usage("%s: %s", name, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if inner, ok := top["variables"].(map[string]any); ok {
		top = inner
	}
	out := map[string]string{}
	for key, v := range top {
		if m, ok := v.(map[string]any); ok {
			v = m["value"]
		}
		switch v := v.(type) {
		case string:
			out[key] = v
		case int:
			out[key] = strconv.Itoa(v)
		case float64:
			out[key] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return out, nil
}

// Quoted is a command line that a person can paste.
func (c Command) Quoted() string {
	var out []string
	for _, a := range c.Args {
		q, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			q = strconv.Quote(a)
		}
		out = append(out, q)
	}
	return strings.Join(out, " ")
}
