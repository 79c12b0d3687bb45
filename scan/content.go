package scan

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"

	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
)

// maxPointer bounds the size, in bytes, of a pointer file of Git LFS, as its specification does.
const maxPointer = 1024

// unreadable says why the bytes of a file cannot be read for what git tracks; empty when they can.
func unreadable(src []byte) string {
	if len(src) < maxPointer && bytes.HasPrefix(src, []byte("version https://git-lfs.github.com/spec/v1\n")) {
		return "a pointer of Git LFS: its content was not looked at, get it with git lfs pull"
	}
	return ""
}

// fromUTF16 is the text of a file that begins with a mark of UTF-16, as UTF-8; nil for any other.
func fromUTF16(src []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(src, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(src, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return nil
	}
	units := make([]uint16, 0, len(src)/2)
	for i := 2; i+1 < len(src); i += 2 {
		units = append(units, order.Uint16(src[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

func isLanguage(k host.Kind) bool { return k == host.Python || k == host.Ruby || k == host.Go }
