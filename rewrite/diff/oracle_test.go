package diff

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// node is a file as the programs can see and set it: whether its owner may
// execute it, and its content.
type node struct {
	Exec    bool
	Content string
}

func node0(content []byte, mode fs.FileMode) node {
	return node{mode&0o100 != 0, string(content)}
}

// trees returns what the files are before and after.
func trees(t *testing.T, files []File) (before, after map[string]node) {
	t.Helper()
	before, after = map[string]node{}, map[string]node{}
	for _, f := range files {
		if f.OldMode != 0 {
			before[f.Path] = node0(f.Before, f.OldMode)
		}
		if f.NewMode != 0 {
			content, err := edit.Apply(f.Before, f.Edits)
			if err != nil {
				t.Fatal(err)
			}
			after[f.Path] = node0(content, f.NewMode)
		}
	}
	return before, after
}

func plant(t *testing.T, dir string, tree map[string]node) {
	t.Helper()
	for path, n := range tree {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		mode := fs.FileMode(0o644)
		if n.Exec {
			mode = 0o755
		}
		if err := os.WriteFile(full, []byte(n.Content), mode); err != nil {
			t.Fatal(err)
		}
	}
}

func harvest(t *testing.T, dir string) map[string]node {
	t.Helper()
	tree := map[string]node{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		tree[rel] = node0(content, info.Mode())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// A tool is a program that applies diffs.
type tool struct {
	name          string
	forward, back []string
}

func tools() []tool {
	return []tool{
		{"git", []string{"apply", "--whitespace=nowarn"}, []string{"apply", "--whitespace=nowarn", "-R"}},
		{"patch", []string{"-p1", "--no-backup-if-mismatch", "-s", "-f", "-F0"}, []string{"-p1", "-R", "-s", "-f", "-F0"}},
	}
}

// agree applies the diff of the files with a real program, compares the tree
// with the edits' own outcome, and takes it back.
func (tl tool) agree(t *testing.T, files []File) {
	t.Helper()
	bin := program.Find(t, tl.name)
	var text bytes.Buffer
	if err := Unified(&text, files); err != nil {
		t.Fatal(err)
	}
	before, after := trees(t, files)
	dir := t.TempDir()
	plant(t, dir, before)
	run := func(args []string) {
		t.Helper()
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		cmd.Stdin = bytes.NewReader(text.Bytes())
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%s %s: %v\n%s\n%q", tl.name, strings.Join(args, " "), err, out, text.String())
		}
	}
	if text.Len() == 0 {
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatalf("there is no diff, but a change: %s", diff)
		}
		return
	}
	run(tl.forward)
	if diff := cmp.Diff(after, harvest(t, dir)); diff != "" {
		t.Fatalf("%s makes something else of\n%s\n%s", tl.name, text.String(), diff)
	}
	run(tl.back)
	if diff := cmp.Diff(before, harvest(t, dir)); diff != "" {
		t.Fatalf("%s does not take back\n%s\n%s", tl.name, text.String(), diff)
	}
}

func modified(path, before string, edits ...edit.Edit) File {
	return File{Path: path, Before: []byte(before), Edits: edits, OldMode: 0o644, NewMode: 0o644}
}

func chmod(path, before string, old, new fs.FileMode, edits ...edit.Edit) File {
	return File{Path: path, Before: []byte(before), Edits: edits, OldMode: old, NewMode: new}
}

// kinds returns changes of all kinds.
func kinds() map[string]File {
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	return map[string]File{
		"modification":          modified("d/f", ten, edit.Edit{Start: 4, End: 5, New: "x"}),
		"two hunks":             modified("f", ten+ten, edit.Edit{Start: 0, End: 1, New: "x"}, edit.Edit{Start: 38, End: 38, New: "x\ny\n"}),
		"creation":              Created("new/dir/f", []byte("a\nb\n"), 0o644),
		"creation, executable":  Created("f", []byte("#!/bin/sh\n"), 0o755),
		"creation, no newline":  Created("f", []byte("a"), 0o644),
		"creation, empty":       Created("f", nil, 0o644),
		"creation, empty, exec": Created("f", nil, 0o755),
		"deletion":              deleted("f", []byte("a\nb\n"), 0o644),
		"deletion, executable":  deleted("f", []byte("a"), 0o755),
		"deletion, empty":       deleted("f", nil, 0o644),
		"emptied":               modified("f", "a\nb\n", edit.Edit{Start: 0, End: 4}),
		"filled":                modified("f", "", edit.Edit{New: "a\n"}),
		"mode":                  chmod("f", "a\n", 0o644, 0o755),
		"mode back":             chmod("f", "a\n", 0o755, 0o644),
		"mode and content":      chmod("f", "a\n", 0o644, 0o755, edit.Edit{Start: 0, End: 0, New: "#\n"}),
		"mode git cannot tell":  chmod("f", "a\n", 0o644, 0o640),
	}
}

// endings returns changes around line ends and odd bytes.
func endings() map[string]File {
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	return map[string]File{
		"no newline stays":       modified("f", "a\nb", edit.Edit{Start: 0, End: 1, New: "x"}),
		"no newline far away":    modified("f", ten+"b", edit.Edit{Start: 0, End: 1, New: "x"}),
		"no newline, last line":  modified("f", "a\nb", edit.Edit{Start: 3, End: 3, New: "x"}),
		"newline added":          modified("f", "a\nb", edit.Edit{Start: 3, End: 3, New: "\n"}),
		"newline taken":          modified("f", "a\nb\n", edit.Edit{Start: 3, End: 4}),
		"line added to no line":  modified("f", "a\nb", edit.Edit{Start: 3, End: 3, New: "\nc"}),
		"line added at the end":  modified("f", "a\nb\n", edit.Edit{Start: 4, End: 4, New: "c\n"}),
		"only a newline":         modified("f", "", edit.Edit{New: "\n"}),
		"crlf":                   modified("f", "a\r\nb\r\nc\r\n", edit.Edit{Start: 3, End: 4, New: "x"}),
		"crlf in the first line": modified("f", "a\r\n", edit.Edit{Start: 0, End: 1, New: "x"}),
		"crlf to lf":             modified("f", "a\r\nb\r\n", edit.Edit{Start: 1, End: 2}, edit.Edit{Start: 4, End: 5}),
		"crlf added":             modified("f", "a\nb\n", edit.Edit{Start: 1, End: 1, New: "\r"}),
		"carriage returns alone": modified("f", "a\rb\rc", edit.Edit{Start: 2, End: 3, New: "x"}),
		"creation, crlf":         Created("f", []byte("a\r\nb\r\n"), 0o644),
		"deletion, crlf":         deleted("f", []byte("a\r\nb\r"), 0o644),
		"bom":                    modified("f", "\ufeffa\nb\n", edit.Edit{Start: 5, End: 6, New: "x"}),
		"not utf-8":              modified("f", "\xff\xfe\n\x80b\n", edit.Edit{Start: 4, End: 5, New: "\xc3"}),
		"nul":                    modified("f", "a\x00b\nc\n", edit.Edit{Start: 4, End: 5, New: "\x00"}),
		"lines like a diff":      modified("f", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n\\ No newline\ndiff --git a/f b/f\n", edit.Edit{Start: 8, End: 15, New: "-- x"}),
		"form feed, tabs":        modified("f", "\f\n\t\n \n", edit.Edit{Start: 2, End: 3, New: "  \t"}),
		"joined lines":           modified("f", "a\nb\nc\n", edit.Edit{Start: 1, End: 2}),
		"split line":             modified("f", "abc\n", edit.Edit{Start: 1, End: 2, New: "\n"}),
		"nothing":                modified("f", "a\n", edit.Edit{Start: 0, End: 1, New: "a"}),
	}
}

// paths returns changes of files with odd names.
func paths() map[string]File {
	return map[string]File{
		"path with a space":       modified("a dir/a file", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path ends with a space":  modified("f ", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with a tab":         modified("a\tb", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with tab and space": modified("a\tb c", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with quotes":        modified(`a"b'c`, "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with a backslash":   modified(`a\b\101`, "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with a newline":     modified("a\nb", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path not ascii":          modified("ä/日本", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path not utf-8":          modified("\xff\x80", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with controls":      modified("\x01\a\x7f\x1b[31m", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path like a prefix":      modified("b/a/dev/null", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with b inside":      modified("x b/x", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"path with a time":        modified("f\t1970-01-01 00:00:00 +0000", "a\n", edit.Edit{Start: 0, End: 1, New: "b"}),
		"creation, odd path":      Created("n\t\"w\" x\\ü", []byte("a\n"), 0o755),
		"creation, empty, odd":    Created("n w \"x", nil, 0o644),
		"deletion, odd path":      deleted("n\tw \xfe", []byte("a\n"), 0o644),
		"deletion, empty, odd":    deleted("n w \xfe", nil, 0o644),
		"mode, odd path":          chmod("a b/x\ty", "a\n", 0o644, 0o755),
		"mode, path with space":   chmod("a b", "a\n", 0o644, 0o755),
	}
}

func TestAccepted(t *testing.T) {
	for _, tl := range tools() {
		for _, cases := range []map[string]File{kinds(), endings(), paths()} {
			for name, f := range cases {
				t.Run(tl.name+"/"+name, func(t *testing.T) {
					t.Parallel()
					tl.agree(t, []File{f})
				})
			}
		}
	}
}

// fuzzed returns a random file and edits: short lines from few letters, so
// that lines repeat, with all kinds of line ends.
func fuzzed(r *rand.Rand, path string) File {
	ends := [][]string{{"\n"}, {"\r\n"}, {"\n", "\n", "\r\n", "\r", "\n\n"}}[r.IntN(3)]
	some := func(n int) string {
		var b strings.Builder
		for range r.IntN(n) {
			b.WriteString([]string{"a", "b", "\t", " ", "\xff", "é", "-", "+"}[r.IntN(8)])
			if r.IntN(2) == 0 {
				b.WriteString(ends[r.IntN(len(ends))])
			}
		}
		return b.String()
	}
	modes := []fs.FileMode{0o644, 0o644, 0o755}
	content := some(60)
	switch r.IntN(8) {
	case 0:
		return Created(path, []byte(content), modes[r.IntN(3)])
	case 1:
		return deleted(path, []byte(content), modes[r.IntN(3)])
	}
	f := File{Path: path, Before: []byte(content), OldMode: modes[r.IntN(3)], NewMode: modes[r.IntN(3)]}
	for at := 0; at <= len(content) && len(f.Edits) < 6; {
		start := at + r.IntN(10)
		end := start + r.IntN(6)
		if end > len(content) {
			break
		}
		f.Edits = append(f.Edits, edit.Edit{Start: start, End: end, New: some(4)})
		at = end + r.IntN(20)
	}
	return f
}

func TestFuzzedEditsAreAccepted(t *testing.T) {
	names := []string{"f%d", "a dir/f %d", "t\t%d", "q\"%d", "n\n%d", "end%d ", "ü%d", "\xff%d", "n/e/w/%d"}
	for _, tl := range tools() {
		t.Run(tl.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, 8))
			for range 25 {
				var files []File
				for i := range 40 {
					f := fuzzed(r, fmt.Sprintf(names[r.IntN(len(names))], i))
					files = append(files, f)
				}
				tl.agree(t, files)
			}
		})
	}
}
