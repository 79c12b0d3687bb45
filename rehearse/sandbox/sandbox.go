// Package sandbox runs commands of people in copies, ends all that they start, and keeps them to what they are given as far as the system allows it.
package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
)

// Powers are what the system allows. The zero Powers are those of a process without any rights.
type Powers struct {
	Mounts    bool // directories can be shown at other places to one process
	Processes bool // processes can be shut in, so that none outlives the command
	Network   bool // the network can be taken away
}

// Mount shows a directory or file at another place.
type Mount struct {
	Source, Target string
	Copy           bool // what is written there is gone in the end, and the source stays as it is
}

// Command is what is run.
type Command struct {
	Argv      []string
	Directory string
	Env       []string
	Stdin     string
	Mounts    []Mount
	Over      string // an empty directory, for mounts that are copies
	Timeout   time.Duration
	Networked bool // it may use the network
}

// Outcome is how a command ended.
type Outcome struct {
	Status   int    // as a shell gives it
	Output   []byte // what it printed on both streams
	TimedOut bool
}

// Probe finds out what the system allows.
func Probe(ctx context.Context) Powers {
	can := func(flags ...string) bool {
		argv := append(slices.Clone(flags), "sh", "-c", "mount -t tmpfs none /tmp && mkdir /tmp/u /tmp/w /tmp/r && mount -t overlay o -o lowerdir=/,upperdir=/tmp/u,workdir=/tmp/w /tmp/r")
		return exec.CommandContext(ctx, "unshare", append(user(), argv...)...).Run() == nil
	}
	p := Powers{Mounts: can("-m")}
	p.Processes = p.Mounts && can("-m", "-p", "-f", "--kill-child", "--mount-proc")
	p.Network = p.Mounts && can("-m", "-n")
	return p
}

// user are the options with which a person who is not root may unshare.
func user() []string {
	if os.Geteuid() == 0 {
		return nil
	}
	return []string{"-r"}
}

// wrap is the command with what the powers shut it in.
func (p Powers) wrap(c Command) []string {
	if !p.Mounts {
		return c.Argv
	}
	argv := append([]string{"unshare"}, append(user(), "-m")...)
	if p.Processes {
		argv = append(argv, "-p", "-f", "--kill-child", "--mount-proc")
	}
	var script strings.Builder
	if p.Network && !c.Networked {
		argv = append(argv, "-n")
		script.WriteString("ip link set lo up 2>/dev/null || :\n")
	}
	script.WriteString("mount --rbind /dev /dev && mount -o remount,bind,ro /dev || :\n") // root could replace a device by a file
	if c.Over != "" {
		fmt.Fprintf(&script, "mount -t tmpfs none %s || exit 125\n", record.Quote(c.Over))
	}
	for i, m := range c.Mounts {
		source, target, own := record.Quote(m.Source), record.Quote(m.Target), record.Quote(fmt.Sprintf("%s/%d", c.Over, i))
		if m.Copy {
			// With redirect_dir directories of the copy can be renamed; not every kernel lets everybody ask for it.
			fmt.Fprintf(&script, "mkdir %[1]s %[1]s/u %[1]s/w || exit 125\n", own)
			options := fmt.Sprintf("lowerdir=%[2]s,upperdir=%[1]s/u,workdir=%[1]s/w %[3]s", own, source, target)
			fmt.Fprintf(&script, "mount -t overlay overlay -o redirect_dir=on,%[1]s 2>/dev/null || mount -t overlay overlay -o %[1]s || exit 125\n", options)
			continue
		}
		fmt.Fprintf(&script, "mount --rbind %s %s || exit 125\n", source, target)
	}
	fmt.Fprintf(&script, "cd %s || exit 125\nexec \"$@\"\n", record.Quote(c.Directory))
	return append(append(argv, "--", "sh", "-c", script.String(), "sh"), c.Argv...)
}

// Run runs a command and waits for it, or ends it when its time is over. What it left in the background is ended too.
func (p Powers) Run(ctx context.Context, c Command) (Outcome, error) {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if c.Timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, c.Timeout)
	}
	defer cancel()
	argv := p.wrap(c)
	cmd := exec.CommandContext(limited, argv[0], argv[1:]...)
	if !filepath.IsAbs(argv[0]) {
		cmd.Err = nil // of a look-up on this process's own path
		if cmd.Path = Find(argv[0], c.Env, c.Directory); cmd.Path == "" {
			return Outcome{Status: 127, Output: []byte(argv[0] + ": not found\n")}, nil
		}
	}
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Directory, c.Env, strings.NewReader(c.Stdin), &out, &out
	if c.Stdin == "" {
		cmd.Stdin = nil
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // there may be none left
		if !p.Processes {
			endMarked(c.Env)
		}
	}
	if ctx.Err() != nil {
		return Outcome{}, ctx.Err()
	}
	o := Outcome{Output: out.Bytes(), TimedOut: limited.Err() != nil}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		o.Status = exit.ExitCode()
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			o.Status = 128 + int(ws.Signal())
		}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return o, fmt.Errorf("run %s: %w", argv[0], err)
	}
	return o, nil
}

// Find is where a program stands for a shell that has this environment and directory; empty when it is not there.
func Find(name string, env []string, dir string) string {
	if strings.Contains(name, "/") {
		return filepath.Join(dir, name)
	}
	for _, place := range filepath.SplitList(Get(env, "PATH")) {
		if file := filepath.Join(place, name); Executable(file) {
			return file
		}
	}
	return ""
}

// Executable reports whether a file is a program.
func Executable(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// Get is the value of a variable; the last one counts.
func Get(env []string, name string) string {
	for _, v := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// Marker is the variable by which the processes of a run are known, whatever session they are in.
const Marker = "GROVE_REHEARSAL"

// endMarked ends the processes that bear the marker of this environment and left their session.
func endMarked(env []string) {
	mark := Get(env, Marker)
	if mark == "" {
		return
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		src, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err == nil && slices.Contains(strings.Split(string(src), "\x00"), Marker+"="+mark) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended meanwhile
		}
	}
}
