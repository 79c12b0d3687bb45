// Package standin stands in for programs that a rehearsal must not reach: it writes down that they were called, and does of their work what leads to calls of the program.
package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/image"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
)

// Context is what stand-ins know of the run that they belong to.
type Context struct {
	State   string            // the directory of the run
	Bin     string            // the directory of the stand-ins
	Program string            // that is recorded
	Powers  sandbox.Powers    // what the system allows
	Image   *image.Image      // the tools container; nil when the workspace has none
	Word    string            // the word by which names of its image and of its containers are known
	Hidden  []string          // directories that containers do not see
	Shown   []sandbox.Mount   // what containers see besides
	Cluster string            // the directory that a container sees where it was started by somebody else
	Answers map[string]string // what further stand-ins print
	Real    map[string]string // programs that are called after all, by name
	Setting []string          // variables that reach containers too
}

// Names are the programs that are stood in for.
func Names() []string {
	return strings.Fields("docker podman docker-compose kubectl helm terraform tofu ssh scp sudo su aws s3cmd doctl git curl wget mail apk apt-get")
}

// contextName is the file below the state directory that holds the Context.
const contextName = "context.json"

// Install writes the stand-ins into a directory: the known ones, and those that have further names. Start are the words of a
// command that calls Run with what follows, state is the directory of the run that they will belong to.
func Install(dir, state string, start, further []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the stand-ins: %w", err)
	}
	line := ""
	for _, word := range start {
		line += record.Quote(word) + " "
	}
	for _, name := range append(Names(), further...) {
		text := fmt.Sprintf("#!/bin/sh\nexec %s%s %s \"$@\"\n", line, record.Quote(state), name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			return fmt.Errorf("make the stand-ins: %w", err)
		}
	}
	return nil
}

// Save writes what stand-ins know into the directory of a run.
func (c Context) Save(dir string) error {
	src, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, contextName), src, 0o644)
	}
	if err != nil {
		return fmt.Errorf("describe the run: %w", err)
	}
	return nil
}

// Event is a call of something that is stood in for.
type Event struct {
	Program   string   `json:"program"`
	Arguments []string `json:"arguments"`
}

// Events are the calls that were written down below the state directory.
func Events(state string) ([]Event, error) {
	src, err := os.ReadFile(filepath.Join(state, "events"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was stood in for: %w", err)
	}
	var events []Event
	for line := range strings.Lines(string(src)) {
		var e Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return nil, fmt.Errorf("read what was stood in for: %w", err)
		}
		events = append(events, e)
	}
	return events, nil
}

// process is one call of a stand-in.
type process struct {
	Context
	in       io.Reader
	out, err io.Writer
}

// Run is the stand-in for the program name of the run in state. It returns the exit status, or does not return when it becomes
// another program.
func Run(state, name string, args []string, in io.Reader, out, errs io.Writer) int {
	p := process{in: in, out: out, err: errs}
	if name == "yaml" {
		if err := Convert(in, out); err != nil {
			fmt.Fprintln(errs, err)
			return 1
		}
		return 0
	}
	src, err := os.ReadFile(filepath.Join(state, contextName))
	if err == nil {
		err = json.Unmarshal(src, &p.Context)
	}
	if err == nil {
		err = p.write(Event{name, args})
	}
	if err != nil {
		fmt.Fprintf(errs, "%s: rehearsal: %v\n", name, err)
		return 125
	}
	if real := p.Real[name]; real != "" {
		return p.become(real, append([]string{name}, p.withRecorder(args)...), os.Environ())
	}
	switch name {
	case "docker", "podman", "docker-compose":
		if name == "docker-compose" {
			args = append([]string{"compose"}, args...)
		}
		return p.docker(args)
	case "kubectl":
		return p.kubectl(args)
	case "terraform", "tofu":
		return p.terraform(args)
	case "sudo":
		return p.sudo(args)
	case "su":
		return p.su(args)
	case "git":
		return p.git(args)
	case "ssh", "mail":
		if _, err := io.Copy(io.Discard, in); err != nil {
			return 1
		}
	}
	if answer := p.Answers[name]; answer != "" {
		fmt.Fprintln(out, answer)
	}
	return 0
}

// withRecorder adds to a real `run` the directory of the run, and the recorder in the place of the program that all share.
func (p process) withRecorder(args []string) []string {
	at := slices.Index(args, "run")
	if at < 0 || at > 1 && args[0] != "compose" {
		return args
	}
	shared := filepath.Join(p.Bin, p.Program)
	return slices.Concat(args[:at+1], []string{"-v", p.State + ":" + p.State, "-v", shared + ":/usr/local/bin/" + p.Program + ":ro"}, args[at+1:])
}

func (p process) write(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(p.State, "events"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// become ends the stand-in and goes on as another program; it returns only when that cannot be started.
func (p process) become(program string, argv, env []string) int {
	path := sandbox.Find(program, env, "")
	if path == "" {
		fmt.Fprintf(p.err, "%s: not found\n", program)
		return 127
	}
	err := syscall.Exec(path, argv, env)
	fmt.Fprintf(p.err, "%s: %v\n", program, err)
	if errors.Is(err, os.ErrNotExist) {
		return 127
	}
	return 126
}

// run runs a command in place of the stand-in's own work and returns its status.
func (p process) run(argv, env []string, dir string) int {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, dir, p.in, p.out, p.err
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1)
	case err != nil:
		fmt.Fprintf(p.err, "%s: %v\n", argv[0], err)
		return 127
	}
	return 0
}

// sudo runs the command with the environment that sudo leaves.
func (p process) sudo(args []string) int {
	keep, env := false, []string{}
	for len(args) > 0 {
		name, _, assigned := strings.Cut(args[0], "=")
		switch {
		case slices.Contains(strings.Fields("-u -g -h -p -C -T -r -t --user --group"), args[0]):
			args = args[min(2, len(args)):]
			continue
		case args[0] == "-E" || args[0] == "--preserve-env":
			keep = true
		case strings.HasPrefix(args[0], "--preserve-env="):
			for _, v := range strings.Split(strings.TrimPrefix(args[0], "--preserve-env="), ",") {
				env = append(env, v+"="+os.Getenv(v))
			}
		case strings.HasPrefix(args[0], "-"):
		case assigned && !strings.Contains(name, "/"):
			env = append(env, args[0])
		default:
			base := os.Environ()
			if !keep {
				base = p.cleared()
			}
			return p.become(args[0], args, append(base, env...))
		}
		args = args[1:]
	}
	return 0
}

// cleared is the environment that a program gets which clears it: what a login sets, and what the rehearsal itself needs.
func (p process) cleared() []string {
	var out []string
	for _, name := range append([]string{"PATH", "HOME", "LANG", "USER"}, p.Setting...) {
		if value, ok := os.LookupEnv(name); ok {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// su runs the shell that it is given, as the same user; with a login, in a cleared environment.
func (p process) su(args []string) int {
	env, shell := os.Environ(), "sh"
	var command, operands []string
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		name, value, joined := strings.Cut(word, "=")
		switch {
		case slices.Contains(strings.Fields("-c --command -s --shell -g --group -G --supp-group -w --whitelist-environment"), name):
			if !joined && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			switch name {
			case "-c", "--command":
				command = []string{"-c", value}
			case "-s", "--shell":
				shell = value
			}
		case word == "-" || word == "-l" || word == "--login":
			env = p.cleared()
		case len(operands) > 0 || !strings.HasPrefix(word, "-"):
			operands = append(operands, word)
		}
	}
	argv := append([]string{shell}, command...)
	if len(operands) > 1 { // the first is the user
		argv = append(argv, operands[1:]...)
	}
	return p.become(shell, argv, env)
}

// git keeps away from other machines; all else is the real git's.
func (p process) git(args []string) int {
	verb := ""
	for i := 0; i < len(args) && verb == ""; i++ {
		switch {
		case args[i] == "-C" || args[i] == "-c" || args[i] == "--git-dir" || args[i] == "--work-tree":
			i++
		case !strings.HasPrefix(args[i], "-"):
			verb = args[i]
		}
	}
	here, err := os.Getwd()
	inside := err == nil && strings.HasPrefix(here, os.Getenv("TMPDIR")+"/") // as installers do, of repositories that are made for the rehearsal
	if !inside && slices.Contains(strings.Fields("push fetch pull submodule"), verb) && !slices.Contains(args, "foreach") {
		return 0
	}
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir != p.Bin {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range append(dirs, "/usr/bin", "/bin") {
		name := filepath.Join(dir, "git")
		src, err := os.ReadFile(name)
		if err == nil && sandbox.Executable(name) && !strings.Contains(string(src[:min(len(src), 500)]), p.State) {
			return p.become(name, append([]string{"git"}, args...), os.Environ())
		}
	}
	fmt.Fprintln(p.err, "git: not found")
	return 127
}
