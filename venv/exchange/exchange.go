// Package exchange puts a directory in another's place so that whoever looks
// sees the one or the other, and never none or half.
package exchange

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Names is how two names are exchanged. The zero value does it as the file
// system can; Plain does without the exchange of names, for file systems that
// have none and to test that way.
type Names struct{ Plain bool }

// Swap puts the directory fresh at place and returns where the one that was
// there is now: at fresh after an exchange of names, else at old, or nowhere
// (empty) when there was none. All three are paths on one file system; nothing
// is at old. With an exchange there is no moment at which place is missing.
// Without one there is a shortest one, between two renames: a kill there leaves
// fresh and old complete and place missing, and the caller's next run must
// finish it.
func (n Names) Swap(fresh, place, old string) (replaced string, err error) {
	if _, err := os.Lstat(place); errors.Is(err, os.ErrNotExist) {
		return "", os.Rename(fresh, place)
	}
	if !n.Plain {
		err := swap(fresh, place)
		if err == nil {
			return fresh, nil
		}
		if !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.ENOTSUP) {
			return "", &os.LinkError{Op: "exchange", Old: fresh, New: place, Err: err}
		}
	}
	if err := os.Rename(place, old); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, place); err != nil {
		return "", errors.Join(err, os.Rename(old, place))
	}
	return old, nil
}
