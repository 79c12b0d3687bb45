// Package diff shows planned changes as unified diffs that git apply and patch -p1 take, made from the edits themselves.
package diff

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// File is one changed file. A mode of 0 says that there is no file: an
// OldMode of 0 is a creation, a NewMode of 0 a deletion (Edits are then
// ignored). Only the permission bits of the modes count, and of those a diff
// can tell no more than git does: whether the owner may execute the file.
type File struct {
	Path             string // from the workspace, with slashes; any bytes but NUL
	Before           []byte // the content as read; empty for a creation
	Edits            []edit.Edit
	OldMode, NewMode fs.FileMode
}

// Created returns the File of a creation.
func Created(path string, content []byte, mode fs.FileMode) File {
	return File{Path: path, NewMode: mode, Edits: []edit.Edit{{New: string(content)}}}
}

// context is how many unchanged lines stand around a change, as in git.
const context = 3

// Unified writes the files' changes as one unified diff with a/ and b/
// prefixes, in the given order. A file that does not change is left out. It
// fails if the edits of a file cannot be applied, or if w fails; the work is
// linear in the size of the files but for blocks of replaced lines, where it
// is n log n.
func Unified(w io.Writer, files []File) error {
	return write(w, files, plain{})
}

// A painter writes the parts of a diff: plain, or coloured for a terminal.
type painter interface {
	header(w *bufio.Writer, line string)
	position(w *bufio.Writer, line string)
	kept(w *bufio.Writer, line []byte)
	// replaced writes the old lines of a change and then the new ones.
	replaced(w *bufio.Writer, old, new [][]byte)
}

func write(w io.Writer, files []File, p painter) error {
	out := bufio.NewWriter(w)
	for _, f := range files {
		changes, err := f.changes()
		if err != nil {
			return err
		}
		head := f.header(len(changes) > 0)
		for _, line := range head {
			p.header(out, line)
		}
		old := lines(f.Before)
		for shift := 0; len(changes) > 0; {
			var hunk []change
			hunk, changes = cut(changes)
			shift = writeHunk(out, old, hunk, shift, p)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the diff: %w", err)
	}
	return nil
}

// header returns the lines in front of the first hunk, and none if nothing
// about the file changes.
func (f File) header(content bool) []string {
	old, new := gitMode(f.OldMode), gitMode(f.NewMode)
	if old == new && !content {
		return nil
	}
	head := []string{"diff --git " + names(f.Path)}
	from, to := label("a/"+f.Path), label("b/"+f.Path)
	switch {
	case old == new:
	case old == "":
		head = append(head, "new file mode "+new)
		from = "/dev/null"
	case new == "":
		head = append(head, "deleted file mode "+old)
		to = "/dev/null"
	default:
		head = append(head, "old mode "+old, "new mode "+new)
	}
	if content {
		head = append(head, "--- "+from, "+++ "+to)
	}
	return head
}

// gitMode returns the mode as git writes it, or "" for no file.
func gitMode(m fs.FileMode) string {
	switch {
	case m == 0:
		return ""
	case m&0o100 != 0:
		return "100755"
	}
	return "100644"
}

// cut splits off the changes that share a hunk: those whose contexts touch.
func cut(changes []change) (hunk, rest []change) {
	n := 1
	for n < len(changes) && changes[n].start-changes[n-1].end <= 2*context {
		n++
	}
	return changes[:n], changes[n:]
}

// writeHunk writes one hunk. shift is how many lines longer the file became
// through the hunks before it; the new shift is returned.
func writeHunk(w *bufio.Writer, old [][]byte, hunk []change, shift int, p painter) int {
	from := max(0, hunk[0].start-context)
	to := min(len(old), hunk[len(hunk)-1].end+context)
	grown := 0
	for _, c := range hunk {
		grown += len(c.new) - (c.end - c.start)
	}
	p.position(w, fmt.Sprintf("@@ -%s +%s @@", span(from, to-from), span(from+shift, to-from+grown)))
	for _, c := range hunk {
		for _, line := range old[from:c.start] {
			p.kept(w, line)
		}
		p.replaced(w, old[c.start:c.end], c.new)
		from = c.end
	}
	for _, line := range old[from:to] {
		p.kept(w, line)
	}
	return shift + grown
}

// span returns n lines after the first from lines as a hunk's header has it:
// "first,count", the count left out if it is 1, and the line before if it is 0.
func span(from, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, n)
}

// noNewline follows a line that ends with the file instead of a newline.
const noNewline = "\\ No newline at end of file\n"

type plain struct{}

func (plain) header(w *bufio.Writer, line string)   { w.WriteString(line + "\n") }
func (plain) position(w *bufio.Writer, line string) { w.WriteString(line + "\n") }
func (plain) kept(w *bufio.Writer, line []byte)     { writeLine(w, ' ', line) }

func (plain) replaced(w *bufio.Writer, old, new [][]byte) {
	for _, line := range old {
		writeLine(w, '-', line)
	}
	for _, line := range new {
		writeLine(w, '+', line)
	}
}

func writeLine(w *bufio.Writer, sign byte, line []byte) {
	w.WriteByte(sign)
	w.Write(line)
	if line[len(line)-1] != '\n' {
		w.WriteString("\n" + noNewline)
	}
}
