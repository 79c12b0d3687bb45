package installer

import (
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// command is one run of an installer.
type command struct {
	argv  []string
	env   []string
	dir   string
	stdin string
	// fd3, when not empty, can be read by the child as /dev/fd/3.
	fd3 string
	out io.Writer // standard output and error; or only error, when capture is set
	// capture receives standard output.
	capture io.Writer
}

// grace is how long a child may take to end after it was told to.
const grace = 5 * time.Second

// run starts the command in a group of its own, so that the group can be ended
// with it, and, where the system can, lets it die with us: a build that nobody
// waits for is no use.
func (c command) run(ctx context.Context) error {
	// The death signal comes when the thread that started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Env, cmd.Dir = c.env, c.dir
	cmd.Stdin = strings.NewReader(c.stdin)
	cmd.Stdout, cmd.Stderr = c.out, c.out
	if c.capture != nil {
		cmd.Stdout = c.capture
	}
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	if c.fd3 != "" {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer r.Close()
		cmd.ExtraFiles = []*os.File{r}
		go func() {
			defer w.Close()
			io.WriteString(w, c.fd3)
		}()
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
