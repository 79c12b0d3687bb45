package scan

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestUnreadable(t *testing.T) {
	wide := func(text string, order binary.AppendByteOrder) []byte {
		var out []byte
		for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
			out = order.AppendUint16(out, u)
		}
		return out
	}
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
	for name, c := range map[string]struct {
		src  []byte
		want bool
	}{
		"a pointer":               {[]byte(pointer), true},
		"a document on pointers":  {[]byte("# LFS\n" + pointer), false},
		"more than a pointer":     {[]byte(pointer + strings.Repeat("x", maxPointer)), false},
		"little endian":           {wide("tutor local", binary.LittleEndian), true},
		"big endian":              {wide("a\ntutor\n", binary.BigEndian), true},
		"without the word":        {wide("nothing here", binary.LittleEndian), false},
		"UTF-8 with the word":     {[]byte("tutor local"), false},
		"a mark and nothing else": {[]byte{0xff, 0xfe}, false},
	} {
		if got := unreadable(c.src, "tutor"); got != "" != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
