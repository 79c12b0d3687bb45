package transaction

import (
	"errors"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// exchange gives two files of one directory each other's name, in one step. It
// returns errors.ErrUnsupported where the file system or the kernel cannot.
func exchange(r *os.Root, a, b string) error {
	dir, err := r.Open(path.Dir(a))
	if err != nil {
		return err
	}
	defer dir.Close()
	fd := int(dir.Fd())
	err = unix.Renameat2(fd, path.Base(a), fd, path.Base(b), unix.RENAME_EXCHANGE)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, errors.ErrUnsupported):
		err = errors.ErrUnsupported
	}
	return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
}
