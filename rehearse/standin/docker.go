package standin

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
)

// Container is a command that is run in the tools container.
type Container struct {
	Env        []string // what the container is given
	Dir        string   // where it is started; empty for the image's own directory
	Entrypoint []string
	Command    []string
	Mounts     []sandbox.Mount
}

// valued are options of docker that take a value of their own.
const valued = "-v --volume -w --workdir -e --env --env-file -u --user --name --network --entrypoint -h --hostname -p --publish -l --label --platform " +
	"--mount --pull --add-host -m --memory --cpus --shm-size --ulimit --cap-add --device --dns --group-add --ipc --pid --restart --runtime " +
	"--security-opt --tmpfs -f --file --project-directory --profile --index -n --namespace -c --container --context --kubeconfig -l --selector --log-level -H --host --config"

// options reads options up to the first word that is none, and calls set for each.
func options(args []string, set func(name, value string)) []string {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if args[0] == "--" {
			return args[1:]
		}
		name, value, equals := strings.Cut(args[0], "=")
		short := len(args[0]) > 2 && args[0][1] != '-' && strings.Contains("vweun", args[0][1:2])
		args = args[1:]
		switch {
		case short:
			name, value = name[:2], strings.TrimPrefix(name[2:]+suffix(equals, value), "=")
		case equals || !slices.Contains(strings.Fields(valued), name):
		case len(args) > 0:
			value, args = args[0], args[1:]
		}
		set(name, value)
	}
	return args
}

func suffix(equals bool, value string) string {
	if equals {
		return "=" + value
	}
	return ""
}

// docker carries out what runs a command in the tools container. Of all else it is only written down that it was asked for.
func (p process) docker(args []string) int {
	compose := composition{dir: "."}
	args = options(args, func(string, string) {})
	if len(args) > 0 && args[0] == "compose" {
		args = options(args[1:], func(name, value string) {
			if name == "-f" || name == "--file" {
				compose.file = value
			}
		})
		compose.used = true
	}
	switch {
	case len(args) == 0:
		return 0
	case args[0] == "login":
		_, _ = io.Copy(io.Discard, p.in) // a password that nobody needs
		return 0
	case args[0] == "container" || args[0] == "image":
		return p.docker(args[1:])
	case args[0] != "run" && args[0] != "exec":
		return 0
	}
	var c Container
	failed := error(nil)
	name := options(args[1:], func(name, value string) {
		if err := c.option(name, value); err != nil {
			failed = err
		}
	})
	switch {
	case failed != nil:
		fmt.Fprintf(p.err, "docker: %v\n", failed)
		return 125
	case len(name) == 0:
		return 125
	case p.Image == nil:
		return 0
	}
	c.Command = name[1:]
	image := name[0]
	if compose.used {
		service, of, err := compose.service(name[0])
		if err != nil {
			fmt.Fprintf(p.err, "docker: %v\n", err)
			return 1
		}
		c, image = c.over(service), image+" "+of
	}
	if !p.named(image) {
		return 0
	}
	if args[0] == "exec" {
		c.Entrypoint = []string{}
		if len(c.Mounts) == 0 {
			c.Mounts = []sandbox.Mount{{Source: p.Cluster, Target: p.Image.Workdir}}
		}
	}
	return p.contain(c)
}

// over is the container with what a service gives it besides.
func (c Container) over(service Container) Container {
	c.Env, c.Mounts, c.Dir = append(service.Env, c.Env...), append(service.Mounts, c.Mounts...), cmp.Or(c.Dir, service.Dir)
	if len(c.Command) == 0 {
		c.Command = service.Command
	}
	if c.Entrypoint == nil {
		c.Entrypoint = service.Entrypoint
	}
	return c
}

// named reports whether a name of an image, a container or a service is the tools container's.
func (c Context) named(name string) bool {
	return slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_/:.@ ", r) }), c.Word)
}

// option takes one option of docker run or docker exec.
func (c *Container) option(name, value string) error {
	switch name {
	case "-v", "--volume":
		if source, rest, ok := strings.Cut(value, ":"); ok {
			target, _, _ := strings.Cut(rest, ":")
			c.mount(source, target)
		}
	case "--mount":
		parts := map[string]string{}
		for _, part := range strings.Split(value, ",") {
			key, v, _ := strings.Cut(part, "=")
			parts[key] = v
		}
		c.mount(parts["source"]+parts["src"], parts["target"]+parts["dst"]+parts["destination"])
	case "-w", "--workdir":
		c.Dir = value
	case "-e", "--env":
		c.assign(value)
	case "--entrypoint":
		c.Entrypoint = []string{}
		if value != "" {
			c.Entrypoint = []string{value}
		}
	case "--env-file":
		src, err := os.ReadFile(value)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(src)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				c.assign(line)
			}
		}
	}
	return nil
}

// mount notes a directory of this machine; a volume with a name is none.
func (c *Container) mount(source, target string) {
	if strings.HasPrefix(source, ".") || strings.HasPrefix(source, "/") {
		if full, err := filepath.Abs(source); err == nil && target != "" {
			c.Mounts = append(c.Mounts, sandbox.Mount{Source: full, Target: filepath.Clean(target)})
		}
	}
}

// assign sets a variable, or passes the one of that name on.
func (c *Container) assign(text string) {
	if strings.Contains(text, "=") {
		c.Env = append(c.Env, text)
	} else if value, ok := os.LookupEnv(text); ok {
		c.Env = append(c.Env, text+"="+value)
	}
}

// contain runs a command in the tools container.
func (p process) contain(c Container) int {
	argv, env, dir := p.Enter(c, os.Environ())
	return p.run(argv, env, dir)
}

// Enter is the command, environment and directory by which a container's command runs here: in a file system of its own where
// the system allows it, otherwise with the container's paths replaced in its words and its environment. Outside is the
// environment of who starts it.
func (c Context) Enter(container Container, outside []string) (argv, env []string, dir string) {
	img := c.Image
	entry, command := container.Entrypoint, container.Command
	if entry == nil {
		entry = img.Entrypoint
	}
	if len(command) == 0 {
		command = img.Cmd
	}
	argv = append(slices.Clone(entry), command...)
	if dir = container.Dir; dir == "" {
		dir = img.Workdir
	}
	for name, value := range img.Env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	env = append(env, "HOME="+filepath.Join(c.State, "home"), "LANG=C.UTF-8")
	for _, name := range c.Setting {
		if value := sandbox.Get(outside, name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	env = append(env, container.Env...)
	mounts := append(withLinks(container.Mounts), c.Shown...)
	if c.Powers.Mounts {
		root := sandbox.Root{Image: img.Dir, Within: c.State, Shared: []string{c.State}, Hidden: c.Hidden, Mounts: mounts}
		return root.Argv(env, dir, argv), outside, "/"
	}
	argv, dir = c.mapped(mounts, argv, env, dir)
	return argv, outside, dir
}

// mapped puts this machine's paths in the place of the container's.
func (c Context) mapped(mounts []sandbox.Mount, argv, env []string, dir string) ([]string, string) {
	here := func(text string) string {
		for _, m := range mounts {
			text = replacePath(text, m.Target, m.Source)
		}
		return text
	}
	for i := range argv {
		argv[i] = here(argv[i])
	}
	for i, v := range env {
		name, value, _ := strings.Cut(v, "=")
		if name == "PATH" {
			value = c.path(value)
		}
		env[i] = name + "=" + here(value)
	}
	if strings.HasPrefix(argv[0], "/") {
		if inside := filepath.Join(c.Image.Dir, argv[0]); sandbox.Executable(inside) {
			argv[0] = inside
		}
	}
	return append([]string{"/usr/bin/env", "-i"}, append(env, append([]string{"/bin/sh", "-c", `exec "$@"`, "sh"}, argv...)...)...), here(dir)
}

// path is the search path of the container on this machine: its own directories first.
func (c Context) path(value string) string {
	var own, all []string
	for _, dir := range strings.Split(value, ":") {
		if inside := filepath.Join(c.Image.Dir, dir); exists(inside) {
			own = append(own, inside)
		}
		all = append(all, dir)
	}
	return strings.Join(append(own, all...), ":")
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

// replacePath puts one path in the place of another wherever that stands as a whole, or begins a longer one.
func replacePath(text, old, path string) string {
	pattern := regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(old) + `($|[^\w-])`)
	return pattern.ReplaceAllString(text, "${1}"+strings.ReplaceAll(path, "$", "$$")+"${2}")
}

// withLinks adds what links at the top of a mounted directory lead to, when that lies beside it, as the checkout of a submodule does.
func withLinks(mounts []sandbox.Mount) []sandbox.Mount {
	out := slices.Clone(mounts)
	for _, m := range mounts {
		for _, link := range sandbox.Beside(m.Source) {
			from, to := filepath.Join(m.Source, link), filepath.Join(m.Target, link)
			if exists(from) && !exists(to) {
				out = append(out, sandbox.Mount{Source: from, Target: to})
			}
		}
	}
	return out
}
