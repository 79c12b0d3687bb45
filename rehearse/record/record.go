// Package record writes the stand-in for the program that writes down how it is called, and reads what it wrote.
package record

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed recorder.sh
var script string

// Global is who a recorder is that stands in for the program which all instances share.
const Global = "global"

// Recorder is what a stand-in for the program is to do. It needs a POSIX shell and nothing else.
type Recorder struct {
	Program     string   // the name of the program
	Who         string   // Global, or the instance whose program it is; empty: the variable ProgramPath says which
	State       string   // the directory of the run
	RootEnv     []string // the variables that name the root directory, the first that is set
	RootOptions []string // and the options that do
	Trip        bool     // it fails, as a program does that is not there, unless Allow says otherwise
}

// ProgramPath is the variable by which an environment that was built in a rehearsal says where its program stands.
const ProgramPath = "GROVE_REHEARSAL_PROGRAM"

// Script is the recorder as a program.
func (r Recorder) Script() string {
	root := ""
	for _, name := range slices.Backward(r.RootEnv) {
		root = "${" + name + "-" + root + "}"
	}
	options := ""
	for _, o := range r.RootOptions {
		options += o + ") root=${2-}; [ $# -lt 2 ] || shift; shift ;;\n    "
		if strings.HasPrefix(o, "--") {
			options += o + "=*) root=${1#*=}; shift ;;\n    "
		}
	}
	trip := ""
	if r.Trip {
		trip = `if [ ! -e "$state/allowed" ] || ! . "$state/allowed"; then : >"$call/tripped"; echo '` + r.Program + `: not found' >&2; exit 127; fi`
	}
	return strings.NewReplacer(
		"%PROGRAM%", r.Program, "%WHO%", Quote(r.Who), "%STATE%", Quote(r.State), "%ROOT%", root, "%OPTIONS%", options, "%TRIP%", trip,
	).Replace(script)
}

// Prepare makes the directory of a run: recorders give these answers, by the arguments after the root directory, and those
// that trip do not with the allowed arguments.
func Prepare(state string, answers map[string]string, allowed [][]string) error {
	if err := os.Mkdir(filepath.Join(state, "calls"), 0o755); err != nil {
		return fmt.Errorf("prepare the record: %w", err)
	}
	var known, allow strings.Builder
	known.WriteString("case $* in\n")
	for words, answer := range answers {
		fmt.Fprintf(&known, "%s) printf '%%s\\n' %s; exit 0 ;;\n", Quote(words), Quote(answer))
	}
	known.WriteString("esac\n")
	allow.WriteString("case $* in\n")
	for _, words := range allowed {
		fmt.Fprintf(&allow, "%s) true ;;\n", Quote(strings.Join(words, " ")))
	}
	allow.WriteString("*) false ;;\nesac\n")
	for name, text := range map[string]string{"answers": known.String(), "allowed": allow.String(), "separator": separator + "\x00"} {
		if err := os.WriteFile(filepath.Join(state, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("prepare the record: %w", err)
		}
	}
	return nil
}

// Quote is text as one word of a POSIX shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Call is one call of the program, as a recorder saw it.
type Call struct {
	Program     string            // Global, or the instance whose program was started
	Launched    bool              // the launcher of the container started it
	Tripped     bool              // it failed, as a program does that is not there
	Arguments   []string          // as they were given
	Words       []string          // without those that name the root directory
	Root        string            // the root directory; empty when none was named
	Directory   string            // where it was started
	Environment map[string]string // of the call
	Parents     []Process         // what started it, nearest first
	Traced      bool              // the system tells what started it
}

// Process is a process that led to a call.
type Process struct {
	Arguments []string
	Directory string
}

// Read returns the calls that were recorded below the state directory, in their order.
func Read(state string) ([]Call, error) {
	entries, err := os.ReadDir(filepath.Join(state, "calls"))
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	var numbers []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	var calls []Call
	for _, n := range numbers {
		c, err := read(filepath.Join(state, "calls", strconv.Itoa(n)))
		if err != nil {
			return nil, fmt.Errorf("read the record: %w", err)
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// Launcher is the variable that the launcher of the container sets in a rehearsal.
const Launcher = "GROVE_REHEARSAL_LAUNCHER"

func read(dir string) (Call, error) {
	c := Call{Environment: map[string]string{}}
	var failed error
	text := func(name string) string {
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
		return string(src)
	}
	words := func(name string) []string {
		src := text(name)
		if src == "" {
			return nil
		}
		return strings.Split(strings.TrimSuffix(src, "\x00"), "\x00")
	}
	line := func(name string) string { return strings.TrimSuffix(text(name), "\n") }
	c.Program, c.Directory, c.Root = owner(text("program")), line("directory"), line("root")
	c.Arguments, c.Words = words("arguments"), words("words")
	for l := range bytes.Lines([]byte(text("environment"))) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(string(l), "\n"), "="); ok {
			c.Environment[name] = value
		}
	}
	has := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	c.Tripped, c.Traced, c.Launched = has("tripped"), has("traced"), c.Environment[Launcher] != ""
	directories := strings.Split(line("directories"), "\n")
	p := Process{}
	for _, word := range words("parents") {
		if word != separator {
			p.Arguments = append(p.Arguments, word)
			continue
		}
		if len(c.Parents) < len(directories) {
			p.Directory = directories[len(c.Parents)]
		}
		c.Parents, p = append(c.Parents, p), Process{}
	}
	return c, failed
}

// separator is a word that stands between the processes which led to a call.
const separator = "\x01"

// owner is the instance to which a path of the program belongs; what is no path stays.
func owner(program string) string {
	if !strings.Contains(program, "/") {
		return program
	}
	return Instance(program)
}

// Instance is the name behind the last directory called instances on a path; empty when there is none.
func Instance(path string) string {
	parts := strings.Split(path, "/")
	for i := len(parts) - 2; i >= 0; i-- {
		if parts[i] == "instances" {
			return parts[i+1]
		}
	}
	return ""
}
