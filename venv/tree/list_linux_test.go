package tree

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// record is an entry as the system lists it; length is what it says of itself.
func record(name string, kind byte, length int) string {
	b := make([]byte, 19, 64)
	binary.NativeEndian.PutUint16(b[16:], uint16(length))
	b[18] = kind
	b = append(append(b, name...), 0)
	for len(b) < length {
		b = append(b, 0)
	}
	return string(b)
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []entry
	}{
		{"nothing", "", nil},
		{"two", record("a.py", unix.DT_REG, 24) + record("b", unix.DT_DIR, 32), []entry{{name: "a.py", kind: file}, {name: "b", kind: directory}}},
		{"dots", record(".", unix.DT_DIR, 24) + record("..", unix.DT_DIR, 24) + record("...", unix.DT_LNK, 24), []entry{{name: "...", kind: link}}},
		{"kinds", record("p", unix.DT_FIFO, 24) + record("u", unix.DT_UNKNOWN, 24), []entry{{name: "p", kind: other}, {name: "u"}}},
		{"cut short", record("a", unix.DT_REG, 24)[:20], nil},
		{"of no length", record("a", unix.DT_REG, 0), nil},
	} {
		got := parse(nil, tt.text)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %+v", tt.name, got)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %+v, want %+v", tt.name, got[i], tt.want[i])
			}
		}
	}
}
