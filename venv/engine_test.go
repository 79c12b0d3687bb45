package venv

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func (w *world) engine(name string) {
	w.tool(filepath.Join(filepath.Dir(w.root), "engines", name), "exit 0")
}

func newPlace(t *testing.T) *world {
	base := t.TempDir()
	w := &world{t: t, root: filepath.Join(base, "ws"), environ: []string{"PATH=" + filepath.Join(base, "engines")}}
	w.write("instances/alpha/grove-requirements.txt", "tutor\n")
	return w
}

func TestWhere(t *testing.T) {
	const vars = "variables:\n  TOOLS_CONTAINER_IMAGE_VERSION: 1.2\n"
	for _, tt := range []struct {
		name      string
		engines   string
		vars      string // of ci_vars.yml
		wrapper   string
		set       string
		contained bool
		choice    Choice
		want      string // engine and image; "here"; or words of an error
	}{
		{"a tools container", "docker podman", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", false, Choice{}, "docker tools:1.2"},
		{"only podman", "podman", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", false, Choice{}, "podman tools:1.2"},
		{"chosen", "docker podman", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", false, Choice{Engine: "podman", Image: "mine:1"}, "podman mine:1"},
		{"the name from the wrapper", "docker", vars, "DEFAULT_IMAGE = 'registry.example.com/grove/tools-container'\n", "", false, Choice{}, "docker registry.example.com/grove/tools-container:1.2"},
		{"the name with its version", "docker", vars, `image = "registry.example.com:5000/tools:#{version}"`, "", false, Choice{}, "docker registry.example.com:5000/tools:1.2"},
		{"two names in the wrapper", "docker", vars, "A = 'registry.example.com/a'\nB = 'registry.example.com/b'\n", "", false, Choice{}, "here: "},
		{"an address in the wrapper", "docker", vars, "A = 'https://registry.example.com/a'\nB = 'registry.example.com/b:1'\n", "", false, Choice{}, "here: "},
		{"no tools container", "docker", "", "", "", false, Choice{}, "here"},
		{"no engine", "", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", false, Choice{}, "here: no docker or podman on the path"},
		{"--host", "docker", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", false, Choice{Host: true}, "here"},
		{"in a container", "docker", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", true, Choice{}, "here"},
		{"in a container, and asked for", "docker", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", true, Choice{Engine: "docker"}, "docker tools:1.2"},
		{"in a job", "docker", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "CI=true", false, Choice{}, "here"},
		{"called by Grove's command line", "docker", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "CI_PROJECT_DIR=/workspace", false, Choice{}, "here"},
		{"asked for, and no image", "docker", "", "", "", false, Choice{Engine: "docker"}, "error: name the image with --image"},
		{"asked for, and not there", "docker", vars + "  TOOLS_CONTAINER_IMAGE_NAME: tools", "", "", false, Choice{Engine: "podman"}, "error: no podman on the path"},
		{"a file that is no YAML", "docker", "a: [", "", "", false, Choice{}, "here: grove/tools-container/ci_vars.yml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newPlace(t)
			for _, e := range strings.Fields(tt.engines) {
				w.engine(e)
			}
			if tt.vars != "" {
				w.write("grove/tools-container/ci_vars.yml", tt.vars+"\n")
			}
			if tt.wrapper != "" {
				w.write("grove/wrapper-script.rb", tt.wrapper)
			}
			w.environ = append(w.environ, tt.set)
			k := w.keeper()
			k.Contained = tt.contained
			tools, why, err := k.Where(tt.choice)
			got := "here"
			switch {
			case err != nil:
				got = "error: " + err.Error()
			case tools != nil:
				got = tools.Engine + " " + tools.Image
			case why != "":
				got = "here: " + why
			}
			words, found := strings.CutPrefix(tt.want, "error: ")
			if got != tt.want && (found && !strings.Contains(got, words) || !found && (!strings.HasSuffix(tt.want, " ") && !strings.Contains(tt.want, ": ") || !strings.HasPrefix(got, tt.want))) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCommandLineOfTheContainer(t *testing.T) {
	w := newPlace(t)
	w.write("instances/alpha/grove-requirements.txt", "git+https://${GIT_TOKEN}@example.com/tutor-forum.git\n")
	elsewhere := t.TempDir()
	w.environ = append(w.environ, "GIT_TOKEN=hunter2", "OTHER=hunter3", "PIP_FIND_LINKS="+elsewhere+" "+w.root+"/wheels", "UV_CACHE_DIR=/cache", "HTTPS_PROXY=http://proxy", "TUTOR_PLUGINS_ROOT="+w.root+"/plugins")
	c := w.keeper().Inside(&Tools{Engine: "podman", Image: "tools:1", path: "/podman"}, User{UID: 7, GID: 8, Terminal: true}, "/a,b/gm", []string{"update", "alpha", "--find-links=" + w.root + "/wheels", "--python=3.11"})
	line := strings.Join(c.Args, "\n")
	for _, want := range []string{
		"--tty\n--user\n7:8\n--userns\nkeep-id", "--mount\ntype=bind,source=" + w.root + ",target=/workspace\n", "type=bind,\"source=/a,b/gm\",target=" + mountProgram + ",readonly",
		"--env\nGIT_TOKEN\n", "--env\nHTTPS_PROXY\n", "--env\nPIP_FIND_LINKS=" + elsewhere + " /workspace/wheels\n", "type=bind,source=" + elsewhere + ",target=" + elsewhere + ",readonly",
		"--env\nTUTOR_PLUGINS_ROOT=/workspace/plugins", "--entrypoint\n/bin/sh\ntools:1\n-c\n", "sh\nupdate\nalpha\n--find-links=/workspace/wheels\n--python=3.11",
	} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in\n%s", want, line)
		}
	}
	for _, not := range []string{"hunter", "UV_CACHE_DIR", "/cache"} {
		if strings.Contains(line, not) {
			t.Errorf("%q is in\n%s", not, line)
		}
	}
	root := w.keeper().Inside(&Tools{Engine: "podman"}, User{}, "", nil)
	if slices.Contains(root.Args, "keep-id") || slices.Contains(root.Args, "--tty") {
		t.Errorf("root gets %v", root.Args)
	}
}

// What does the work in the container: the image's own program, the one that was mounted, or the module of Grove.
func TestProgramInTheContainer(t *testing.T) {
	run := func(bin, script string, words ...string) string {
		cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, words...)...)
		cmd.Env = []string{"PATH=" + bin}
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	w := &world{t: t}
	bin, mounted := t.TempDir(), filepath.Join(t.TempDir(), "mounted")
	script := strings.ReplaceAll(within, mountProgram, mounted)
	if got := run(bin, script, "update"); !strings.Contains(got, "--host") {
		t.Errorf("with nothing: %q", got)
	}
	w.tool(filepath.Join(bin, "grove"), `echo grove "$@"`)
	if got, want := run(bin, script, "update", "alpha", "beta"), "grove venv update alpha\ngrove venv update beta\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := run(bin, script, "update"); got != "grove venv update\n" {
		t.Errorf("got %q", got)
	}
	if got := run(bin, script, "update", "alpha", "--json=true"); !strings.Contains(got, "--host") {
		t.Errorf("the module was given a flag: %q", got)
	}
	w.tool(mounted, "exit 1")
	if got := run(bin, script, "update"); got != "grove venv update\n" {
		t.Errorf("with a program that does not run there: %q", got)
	}
	w.tool(mounted, `[ "$1" = version ] || echo mounted "$@"`)
	if got := run(bin, script, "update", "--json=true"); got != "mounted venv update --json=true\n" {
		t.Errorf("got %q", got)
	}
	w.tool(filepath.Join(bin, "grove-migrate"), `[ "$1" = version ] || echo own "$@"`)
	if got := run(bin, script, "update"); got != "own venv update\n" {
		t.Errorf("got %q", got)
	}
}

// An environment whose Python is on the other side is not rebuilt in turns: what to do is said.
func TestEnvironmentOfTheOtherSide(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pip")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	state := filepath.Join(w.env("alpha"), stateFile)
	text := read(w, state)
	away := strings.ReplaceAll(text, realPython(w), "/nowhere/python3")
	relink(w, "/nowhere/python3")
	for _, tt := range []struct{ now, was, words string }{
		{"host", "tools", "venv reset alpha --host"},
		{"tools", "host", "venv reset alpha --engine x"},
	} {
		w.must(os.WriteFile(state, []byte(strings.Replace(away, `"side": "host"`, `"side": "`+tt.was+`"`, 1)), 0o666))
		w.environ = slices.DeleteFunc(w.environ, func(e string) bool { return strings.HasPrefix(e, "CI_PROJECT_DIR=") })
		if tt.now == "tools" {
			w.set("CI_PROJECT_DIR", "/workspace")
			w.set("container", "podman")
			w.set(againVariable, " --engine x")
		}
		if k := w.keeper(); k.side() != tt.now {
			t.Fatalf("the side is %s", k.side())
		}
		v := w.status("alpha", Question{})
		if strings.Contains(v.Why(), "interpreter") || !strings.Contains(v.Elsewhere(), tt.words) {
			t.Errorf("on %s: %+v", tt.now, v)
		}
		if out, err := w.update("alpha", Wish{}); err == nil || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("on %s: %+v, %v", tt.now, out, err)
		}
	}
	// Where it was built, the same is a fault to repair.
	w.must(os.WriteFile(state, []byte(strings.Replace(away, `"side": "host"`, `"side": "tools"`, 1)), 0o666))
	if v := w.status("alpha", Question{}); !v.Has("interpreter-gone") || v.Elsewhere() != "" {
		t.Errorf("%+v", v)
	}
	w.build("alpha", Wish{Reset: true})
	w.synced("alpha")
}
