package edit

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApply(t *testing.T) {
	for _, tc := range []struct {
		name, src string
		edits     []Edit
		want, err string
	}{
		{"nothing", "abc", nil, "abc", ""},
		{"nothing in nothing", "", nil, "", ""},
		{"insert into nothing", "", []Edit{{0, 0, "x", false}}, "x", ""},
		{"at the end", "ab", []Edit{{2, 2, "c", false}}, "abc", ""},
		{"any order", "abc", []Edit{{2, 3, "C", false}, {0, 1, "A", false}}, "AbC", ""},
		{"touching", "abcd", []Edit{{0, 2, "X", false}, {2, 4, "Y", false}}, "XY", ""},
		{"insertion before a replacement", "abc", []Edit{{1, 2, "B", false}, {1, 1, "-", false}}, "a-Bc", ""},
		{"insertion after a replacement", "abc", []Edit{{2, 2, "-", false}, {1, 2, "B", false}}, "aB-c", ""},
		{"identical counts once", "abc", []Edit{{1, 1, "x", false}, {1, 1, "x", false}, {0, 1, "", false}, {0, 1, "", false}}, "xbc", ""},
		{"identical but not neighbours", "a", []Edit{{0, 0, "x", false}, {0, 0, "y", false}, {0, 0, "x", false}}, "xya", ""},
		{"insertions keep their order", "a", []Edit{{0, 0, "2", false}, {0, 0, "1", false}}, "21a", ""},
		{"everything goes", "abc", []Edit{{0, 3, "", false}}, "", ""},
		{"no newline and carriage return", "a\r\nb", []Edit{{3, 4, "c", false}}, "a\r\nc", ""},
		{"bytes that are no text", "\xff\x00\xfe", []Edit{{1, 2, "\xc3", false}}, "\xff\xc3\xfe", ""},

		{"overlap", "abcd", []Edit{{0, 3, "x", false}, {2, 4, "y", false}}, "", "overlaps"},
		{"same range, different text", "abcd", []Edit{{0, 3, "x", false}, {0, 3, "y", false}}, "", "overlaps"},
		{"insertion inside a replacement", "abcd", []Edit{{1, 1, "x", false}, {0, 3, "y", false}}, "", "overlaps"},
		{"two inside one", "abcd", []Edit{{0, 4, "x", false}, {1, 2, "y", false}}, "", "overlaps"},
		{"behind the end", "abc", []Edit{{3, 4, "x", false}}, "", "outside the 3 bytes"},
		{"insertion behind the end", "abc", []Edit{{4, 4, "x", false}}, "", "outside"},
		{"before the start", "abc", []Edit{{-1, 0, "x", false}}, "", "outside"},
		{"end before start", "abc", []Edit{{2, 1, "x", false}}, "", "outside"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			given := slices.Clone(tc.edits)
			got, err := Apply([]byte(tc.src), tc.edits)
			if !slices.Equal(given, tc.edits) {
				t.Errorf("the argument was changed to %v", tc.edits)
			}
			switch {
			case tc.err == "" && err != nil, tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)):
				t.Fatalf("error = %v, want %q", err, tc.err)
			case string(got) != tc.want:
				t.Errorf("got %q, want %q", got, tc.want)
			case err != nil && got != nil:
				t.Errorf("an error and the content %q", got)
			}
		})
	}
}

func TestOffset(t *testing.T) {
	// "abcdef" with b..c replaced by "XYZ" and "-" inserted at 4.
	edits := []Edit{{1, 3, "XYZ", false}, {4, 4, "-", false}}
	for _, tc := range []struct {
		in, out int
		kept    bool
	}{{0, 0, true}, {1, 1, false}, {2, 1, false}, {3, 4, true}, {4, 6, true}, {5, 7, true}, {6, 8, true}} {
		if out, kept := Offset(edits, tc.in); out != tc.out || kept != tc.kept {
			t.Errorf("Offset(%d) = %d, %v, want %d, %v", tc.in, out, kept, tc.out, tc.kept)
		}
	}
}

func TestResult(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change Change
		want   string
		exists bool
		mode   fs.FileMode
	}{
		{"edits", Change{Edits: []Edit{{1, 2, "X", false}}}, "aXc", true, 0o755 | fs.ModeSetuid},
		{"mode", Change{Mode: 0o640}, "abc", true, 0o640 | fs.ModeSetuid},
		{"deletion", Change{Delete: true}, "", false, 0},
		{"creation", Change{Create: &Creation{Content: "n"}}, "n", true, 0o644},
		{"creation with a mode", Change{Create: &Creation{Mode: 0o700}}, "", true, 0o700},
	} {
		got, exists, err := tc.change.Result([]byte("abc"))
		if mode := tc.change.NewMode(0o755 | fs.ModeSetuid); err != nil || string(got) != tc.want || exists != tc.exists || mode != tc.mode {
			t.Errorf("%s: %q, %v, %v, %v", tc.name, got, exists, mode, err)
		}
	}
	_, exists, err := Change{File: File{Path: "f"}, Edits: []Edit{{3, 4, "", false}}}.Result([]byte("abc"))
	if err == nil || exists || !strings.HasPrefix(err.Error(), "f: ") {
		t.Errorf("%v, %v", exists, err)
	}
}

// naive makes edits one byte at a time: slow, and plain to see right.
func naive(src []byte, edits []Edit) []byte {
	var out []byte
	for at := 0; at <= len(src); at++ {
		kept := at < len(src)
		for _, e := range edits {
			if e.Start == at && e.End == at {
				out = append(out, e.New...)
			}
		}
		for _, e := range edits {
			if e.Start == at && e.End > at {
				out = append(out, e.New...)
			}
			if e.Start <= at && at < e.End {
				kept = false
			}
		}
		if kept {
			out = append(out, src[at])
		}
	}
	return out
}

// random returns edits that do not overlap and are all different.
func random(r *rand.Rand, size int) []Edit {
	var out []Edit
	for at := 0; at <= size; {
		start := at + r.IntN(4)
		end := start + r.IntN(3)
		if end > size {
			break
		}
		e := Edit{Start: start, End: end, New: strings.Repeat(string(rune('A'+r.IntN(26))), r.IntN(3))}
		if start < end || e.New != "" {
			out = append(out, e)
		}
		at = end + 1
	}
	return out
}

func TestApplyIsTheNaiveOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		src := make([]byte, r.IntN(30))
		for i := range src {
			src[i] = byte('a' + r.IntN(26))
		}
		edits := random(r, len(src))
		want := naive(src, edits)
		r.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
		got, err := Apply(src, edits)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("Apply(%q, %v) = %q, %v, want %q", src, edits, got, err, want)
		}
	}
}

// Edits made at once are the same as made one after the other, each moved to
// where the ones before it have left its place.
func TestApplyComposes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		src := []byte(strings.Repeat("abcdefgh", 1+r.IntN(4)))
		all := random(r, len(src))
		var first, second []Edit
		for _, e := range all {
			if r.IntN(2) == 0 {
				first = append(first, e)
			} else {
				second = append(second, e)
			}
		}
		whole, err := Apply(src, all)
		if err != nil {
			t.Fatal(err)
		}
		middle, err := Apply(src, first)
		if err != nil {
			t.Fatal(err)
		}
		var moved []Edit
		for _, e := range second {
			start, _ := Offset(first, e.Start)
			moved = append(moved, Edit{Start: start, End: start + e.End - e.Start, New: e.New})
		}
		got, err := Apply(middle, moved)
		if err != nil || !bytes.Equal(got, whole) {
			t.Fatalf("src %q, first %v, second %v: %q, %v, want %q", src, first, second, got, err, whole)
		}
	}
}

func FuzzApply(f *testing.F) {
	f.Add([]byte("tutor local start\n"), 0, 5, "x", 6, 6, "y")
	f.Add([]byte("\r\n\xff"), 1, 1, "", 0, 3, "\n")
	f.Fuzz(func(t *testing.T, src []byte, s1, e1 int, n1 string, s2, e2 int, n2 string) {
		edits := []Edit{{s1, e1, n1, false}, {s2, e2, n2, true}}
		got, err := Apply(src, edits)
		normal, nerr := Normal(edits, len(src))
		if (err == nil) != (nerr == nil) {
			t.Fatalf("Apply: %v, Normal: %v", err, nerr)
		}
		if err != nil {
			return
		}
		if want := naive(src, normal); !bytes.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		// No byte outside an edit changes, and each is where Offset says.
		for i := range src {
			if at, kept := Offset(normal, i); kept && got[at] != src[i] {
				t.Fatalf("byte %d is not at %d", i, at)
			}
		}
		again, err := Normal(normal, len(src))
		if err != nil || !slices.Equal(again, normal) {
			t.Fatalf("Normal is not idempotent: %v, %v", again, err)
		}
		for _, e := range edits {
			roundTrip(t, e)
		}
	})
}

func roundTrip[T any](t *testing.T, v T) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back T
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	if diff := cmp.Diff(v, back); diff != "" {
		t.Fatalf("%s: %s", data, diff)
	}
}

func TestJSON(t *testing.T) {
	fix := Fix{
		Rule: "tutor/x", Message: "run it", Applicability: Unsafe,
		Site: Place{File{"grove", "a b"}, 3, 1, 4},
		Changes: []Change{
			{File: File{"grove", "a"}, Edits: []Edit{{1, 2, "<&>\u2028", true}, {3, 3, "\xff\n", false}}, Mode: 0o755},
			{File: File{"grove", "b"}, Create: &Creation{Content: "\x80", Mode: 0o600}},
			{File: File{"grove", "c"}, Create: &Creation{Content: ""}},
			{File: File{"gr\xffve", "d\xfe"}, Delete: true},
		},
	}
	roundTrip(t, fix)
	for _, a := range []Applicability{Display, Unsafe, Safe} {
		roundTrip(t, a)
	}
	for _, bad := range []string{
		`{"changes":[{"edits":[{"start":1,"end":2,"text":"x"}]}]}`,
		`{"changes":[{"edits":[{"start":1,"end":2,"new":{"base32":"eA=="}}]}]}`,
		`{"changes":[{"create":{"contents":"x"}}]}`,
		`{"changes":[{"create":{"content":{"base64":"!"}}}]}`,
		`{"changes":[{"edits":[{"start":1.5,"end":2}]}]}`,
		`{"changes":[{"file":{"root":".","name":"x"}}]}`,
		`{"applicability":"Safe"}`,
		`{"applicability":"always"}`,
	} {
		var f Fix
		if err := json.Unmarshal([]byte(bad), &f); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	if _, err := json.Marshal(Applicability(7)); err == nil {
		t.Error("an applicability of 7 was written")
	}
}
