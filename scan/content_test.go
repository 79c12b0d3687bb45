package scan

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// wide is a text in UTF-16, with its mark.
func wide(text string, order binary.AppendByteOrder) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func TestUnreadable(t *testing.T) {
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
	for name, c := range map[string]struct {
		src  []byte
		want bool
	}{
		"a pointer":              {[]byte(pointer), true},
		"a document on pointers": {[]byte("# LFS\n" + pointer), false},
		"more than a pointer":    {[]byte(pointer + strings.Repeat("x", maxPointer)), false},
		"UTF-8 with the word":    {[]byte("tutor local"), false},
	} {
		if got := unreadable(c.src); got != "" != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A file in UTF-16 is read as any other, but no fix is made in it.
func TestUTF16(t *testing.T) {
	const script = "#!/bin/sh\necho tutor\ntutor --root=instances/a local start\n"
	files := map[string][]byte{
		"big.sh": wide(script, binary.BigEndian), "little.sh": wide(script, binary.LittleEndian), "narrow.sh": []byte(script),
		"mark.sh": {0xff, 0xfe}, "none.sh": wide("nothing here", binary.LittleEndian),
	}
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	root := &Root{Key: ".", Role: RoleOther, Config: &rules.Config{}}
	root.Tree = Tree{
		Listing: walk.Listing{Files: slices.Sorted(maps.Keys(files))},
		Read:    func(p string) ([]byte, error) { return files[p], nil },
	}
	found, err := Scan(context.Background(), Workspace{Pack: pack, Roots: []*Root{root}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found.Files {
		for _, occ := range f.Occurrences {
			line, column := f.Lines.Position(occ.Start)
			got = append(got, fmt.Sprint(f.Path, ":", line, ":", column, " ", occ.Class, " ", occ.Action, " ", occ.Slot != nil))
		}
	}
	want := []string{
		"big.sh:2:6 message  false", "big.sh:3:1 invocation review false", "little.sh:2:6 message  false", "little.sh:3:1 invocation review false",
		"narrow.sh:2:6 message  false", "narrow.sh:3:1 invocation rewrite true",
	}
	if d := cmp.Diff(want, got); d != "" || len(found.Skipped) > 0 {
		t.Errorf("skipped %v (-want +got):\n%s", found.Skipped, d)
	}
}
