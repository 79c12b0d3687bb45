// Package git runs git in the copies of a rehearsal, whatever the person's own configuration says.
package git

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Run runs git in a directory, as somebody who may commit. Env are further variables.
func Run(ctx context.Context, dir string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
