package installer

import (
	"context"
	"fmt"
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
	files []string  // what the child can read, see [command.give]
	out   io.Writer // standard output and error; or only error, when capture is set
	// capture receives standard output.
	capture io.Writer
}

// give lets the child read a text from the path that is returned. It stands in no file, because it may hold a secret.
func (c *command) give(text string) (path string) {
	c.files = append(c.files, text)
	return fmt.Sprintf("/dev/fd/%d", 2+len(c.files))
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
	for _, text := range c.files {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer r.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, r)
		go func() {
			defer w.Close()
			io.WriteString(w, text)
		}()
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
