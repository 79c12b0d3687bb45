package venv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"
)

// lockFile stands outside the environment, and so outlives every exchange.
const lockFile = ".venv.lock"

// lockPoll is how often a lock that somebody holds is tried again.
const lockPoll = 25 * time.Millisecond

// lock takes the instance's lock and waits while another update has it.
func (k *Keeper) lock(ctx context.Context, inst Instance) (unlock func(), err error) {
	name := filepath.Join(inst.Dir, lockFile)
	for {
		l := flock.New(name, flock.SetFlag(os.O_RDONLY|os.O_CREATE|unix.O_NOFOLLOW|unix.O_CLOEXEC), flock.SetPermissions(0o666))
		held, err := l.TryLock()
		if errors.Is(err, unix.ELOOP) {
			return nil, fmt.Errorf("%s is a link, and a lock must be a file of its own: remove it", name)
		}
		if err == nil && !held {
			k.event(inst, "waiting", "another update of this instance is running")
			held, err = l.TryLockContext(ctx, lockPoll)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || !held {
			return nil, fmt.Errorf("%s: cannot be locked: %w", name, err)
		}
		if stillThere(l, name) {
			return func() { l.Close() }, nil
		}
		l.Close() // Somebody removed the file while we waited for it.
	}
}

// stillThere tells whether the locked file is the one that others would lock.
func stillThere(l *flock.Flock, name string) bool {
	info, err := l.Stat()
	if err != nil {
		return false
	}
	now, err := os.Lstat(name)
	return err == nil && os.SameFile(info, now)
}
