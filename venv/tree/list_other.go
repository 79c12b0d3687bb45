//go:build !linux

package tree

import "golang.org/x/sys/unix"

// list appends the names in a directory, in no order, of no known kind. buf is
// what one call may fill.
func list(fd int, buf []byte, out []entry) ([]entry, error) {
	var names []string
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return out, err
		}
		if n <= 0 {
			break
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
	for _, name := range names {
		out = append(out, entry{name: name})
	}
	return out, nil
}
