package diff

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

var update = flag.Bool("update", false, "write the diffs anew; read what changed before you commit it")

// Each archive in fixtures/edit holds a file before and after, the diff, and
// how it looks in colour with every escape written as ESC.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/edit/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]*txtar.File{}
			for i := range archive.Files {
				part[archive.Files[i].Name] = &archive.Files[i]
			}
			f := File{
				Path: string(bytes.TrimSpace(archive.Comment)), Before: part["before"].Data, OldMode: 0o644, NewMode: 0o644,
				Edits: []edit.Edit{{Start: 0, End: len(part["before"].Data), New: string(part["after"].Data)}},
			}
			for name, write := range map[string]func(*bytes.Buffer) error{
				"diff":  func(b *bytes.Buffer) error { return Unified(b, []File{f}) },
				"color": func(b *bytes.Buffer) error { return Colored(b, []File{f}) },
				"stat":  func(b *bytes.Buffer) error { return Stat(b, []File{f}, 0) },
			} {
				var b bytes.Buffer
				if err := write(&b); err != nil {
					t.Fatal(err)
				}
				got := strings.ReplaceAll(b.String(), "\x1b", "ESC")
				if *update {
					part[name].Data = []byte(got)
					continue
				}
				if diff := cmp.Diff(string(part[name].Data), got); diff != "" {
					t.Errorf("%s (-want +got): %s", name, diff)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A replaced whole file shows the lines that differ, not all of them.
func TestWholeFileReplaced(t *testing.T) {
	var old, new strings.Builder
	for i := range 300 {
		fmt.Fprintf(&old, "line %d\n}\n\n", i)
		fmt.Fprintf(&new, "line %d\n}\n\n", i)
		if i%100 == 50 {
			new.WriteString("more\n")
		}
	}
	f := modified("f", old.String(), edit.Edit{Start: 0, End: old.Len(), New: new.String()})
	var b bytes.Buffer
	if err := Unified(&b, []File{f}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n+"); n != 3+1 { // and the line +++
		t.Errorf("%d added lines:\n%s", n, b.String())
	}
	if strings.Contains(strings.ReplaceAll(b.String(), "\n---", ""), "\n-") {
		t.Errorf("removed lines:\n%s", b.String())
	}
}

// As in git, changes share a hunk if at most six unchanged lines are between them.
func TestHunks(t *testing.T) {
	for between, hunks := range map[int]int{0: 1, 5: 1, 6: 1, 7: 2, 20: 2} {
		before := "a\n" + strings.Repeat("x\n", between) + "b\n"
		f := modified("f", before, edit.Edit{Start: 0, End: 1, New: "A"}, edit.Edit{Start: len(before) - 2, End: len(before) - 1, New: "B"})
		var b bytes.Buffer
		if err := Unified(&b, []File{f}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "@@ -"); n != hunks {
			t.Errorf("%d lines between: %d hunks, want %d:\n%s", between, n, hunks, b.String())
		}
	}
}

// Colour adds nothing but escapes, whatever the content.
func TestColoredSaysTheSame(t *testing.T) {
	strip := strings.NewReplacer(bold, "", red, "", green, "", cyan, "", strong, "", weak, "", reset, "")
	r := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		files := []File{fuzzed(r, "f")}
		var text, shown bytes.Buffer
		if err := errors.Join(Unified(&text, files), Colored(&shown, files)); err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for line := range strings.Lines(text.String()) {
			body, ended := strings.CutSuffix(line, "\n")
			want.WriteString(visible(body))
			if ended {
				want.WriteString("\n")
			}
		}
		// Invalid bytes may be shown one by one or together.
		same := func(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\ufffd", ""), "") }
		if diff := cmp.Diff(same(want.String()), same(strip.Replace(shown.String()))); diff != "" {
			t.Fatalf("%q: %s", text.String(), diff)
		}
	}
}

func TestColoredTamesControls(t *testing.T) {
	var b bytes.Buffer
	f := modified("f\x1b[31m", "a\x1b]0;title\a\r\n", edit.Edit{Start: 0, End: 1, New: "b\u009b"})
	if err := Colored(&b, []File{f}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "^[]0;title^G^M") {
		t.Errorf("controls are not shown: %q", b.String())
	}
	for _, bad := range []string{"\x1b]", "\a", "\r", "\u009b", "f\x1b"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%q reaches the terminal in %q", bad, b.String())
		}
	}
}

func TestErrors(t *testing.T) {
	bad := modified("dir/f", "abc", edit.Edit{Start: 2, End: 4})
	for name, write := range map[string]func() error{
		"Unified": func() error { return Unified(&bytes.Buffer{}, []File{bad}) },
		"Stat":    func() error { return Stat(&bytes.Buffer{}, []File{bad}, 0) },
	} {
		if err := write(); err == nil || !strings.HasPrefix(err.Error(), "dir/f: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Unified(full{}, []File{Created("f", []byte("x"), 0o644)}); !errors.Is(err, errFull) {
		t.Errorf("a failing writer gives %v", err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestStat(t *testing.T) {
	files := []File{
		modified("a", "1\n2\n", edit.Edit{Start: 0, End: 1, New: "x\ny"}),
		Created("dir/new", bytes.Repeat([]byte("x\n"), 200), 0o755),
		deleted("gone", []byte("x"), 0o644),
		chmod("tool", "", 0o644, 0o755),
		modified("same", "a", edit.Edit{Start: 0, End: 1, New: "a"}),
		Created("odd\nü", nil, 0o644),
	}
	var b bytes.Buffer
	if err := Stat(&b, files, 40); err != nil {
		t.Fatal(err)
	}
	want := ` a               |   3 +-
 dir/new         | 200 +++++++++++++++++ (new)
 gone            |   1 - (gone)
 tool            |   0 (mode 755, was 644)
 "odd\n\303\274" |   0 (new)
 5 files changed, 202 insertions(+), 2 deletions(-)
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := Stat(&b, files[4:5], 40); err != nil || b.Len() > 0 {
		t.Errorf("%v, %q", err, b.String())
	}
}

// FuzzUnified holds what can be checked without a program: taking the diff's
// own lines gives both contents back.
func FuzzUnified(f *testing.F) {
	f.Add([]byte("a\nb\nc\n"), 2, 3, "x\n")
	f.Add([]byte("a\r\nb"), 0, 4, "")
	f.Fuzz(func(t *testing.T, before []byte, start, end int, text string) {
		file := File{Path: "f", Before: before, Edits: []edit.Edit{{Start: start, End: end, New: text}}, OldMode: 0o644, NewMode: 0o644}
		after, err := edit.Apply(before, file.Edits)
		if err != nil {
			return
		}
		changes, err := file.changes()
		if err != nil {
			t.Fatal(err)
		}
		old, at := lines(before), 0
		var got []byte
		for _, c := range changes {
			if c.start < at || c.end < c.start || c.end > len(old) {
				t.Fatalf("change of the lines [%d,%d) of %d", c.start, c.end, len(old))
			}
			got = append(got, bytes.Join(old[at:c.start], nil)...)
			got = append(got, bytes.Join(c.new, nil)...)
			at = c.end
		}
		got = append(got, bytes.Join(old[at:], nil)...)
		if !bytes.Equal(got, after) {
			t.Fatalf("%q becomes %q, not %q", before, got, after)
		}
	})
}

// deleted is the File of a deletion.
func deleted(path string, before []byte, mode fs.FileMode) File {
	return File{Path: path, Before: before, OldMode: mode}
}
