package tree

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"
)

// list appends the names in a directory, in no order, with the kinds that the
// file system tells. buf is what one call may fill.
func list(fd int, buf []byte, out []entry) ([]entry, error) {
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return out, err
		}
		out = parse(out, string(buf[:n]))
	}
}

// parse appends the entries of a listing: of each the inode and an offset, 8
// bytes each, its length, 2 bytes, its kind, 1 byte, and its name up to a NUL.
// The names are parts of text, so that they cost no memory of their own.
func parse(out []entry, text string) []entry {
	const lengthAt, kindAt, nameAt = 16, 18, 19
	for len(text) > nameAt {
		length := int(binary.NativeEndian.Uint16([]byte(text[lengthAt:kindAt])))
		if length <= nameAt || length > len(text) {
			break // No system does that.
		}
		name, _, _ := strings.Cut(text[nameAt:length], "\x00")
		if name != "." && name != ".." {
			out = append(out, entry{name: name, kind: told(text[kindAt])})
		}
		text = text[length:]
	}
	return out
}

func told(t byte) kind {
	switch t {
	case unix.DT_REG:
		return file
	case unix.DT_LNK:
		return link
	case unix.DT_DIR:
		return directory
	case unix.DT_UNKNOWN:
		return unknown
	}
	return other
}
