// Package requirement reads what Python's installers read: requirement files, names, versions and what these were
// resolved to.
package requirement

import (
	"bytes"
	"strings"
)

// Kind says what a line of a requirement file is.
type Kind string

// The kinds of lines.
const (
	Blank      Kind = "blank"
	Comment    Kind = "comment"
	Named      Kind = "named"      // a package by its name: tutor==14.2.2, or name @ URL
	Direct     Kind = "direct"     // a URL, with or without -e
	Local      Kind = "local"      // a path, with or without -e
	Include    Kind = "include"    // -r
	Constraint Kind = "constraint" // -c
	Option     Kind = "option"     // any other option of pip
	Foreign    Kind = "foreign"    // not of this format; Problem says what is wrong
)

// Line is one logical line: continuations are joined.
type Line struct {
	Start, End  int    // bytes of the line in the file, its line break and its continuations included
	Number      int    // 1-based, of the first physical line
	Kind        Kind   //
	Text        string // what pip sees: continuations joined, comment and outer white space cut
	Note        string // the comment that ends the line, from its #; for a Comment the whole comment
	Requirement        // for Named, Direct and Local
	Flag        string // for Include, Constraint and Option: as it is written, "-r"
	Value       string // for Include and Constraint the file, for Option its value
	Problem     string // for Foreign: what is wrong and what to do
}

// Wanted reports whether the line asks for a package.
func (l Line) Wanted() bool { return l.Kind == Named || l.Kind == Direct || l.Kind == Local }

// File is a requirement file as it was read. The lines' bytes, one after the other, are the file.
type File struct {
	Src   []byte
	Lines []Line
}

const bom = "\ufeff"

// Parse reads a requirement file. It cannot fail: a line that is not understood is Foreign.
func Parse(src []byte) *File {
	f := &File{Src: src}
	for at, number := 0, 1; at < len(src); {
		l := Line{Start: at, Number: number}
		var joined strings.Builder
		at, number = join(src, at, number, &joined)
		l.End = at
		text := joined.String()
		if l.Start == 0 {
			text = strings.TrimPrefix(text, bom)
		}
		l.read(text)
		f.Lines = append(f.Lines, l)
	}
	return f
}

// join reads one logical line from at on, as pip does it: a backslash at the end continues a line unless the line is a
// comment, and a comment ends a continuation.
func join(src []byte, at, number int, out *strings.Builder) (next, line int) {
	for first := true; at < len(src); first = false {
		end := len(src)
		if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(src[at:end]), "\n"), "\r")
		at, number = end, number+1
		trimmed := strings.TrimPrefix(text, bom)
		if strings.HasPrefix(strings.TrimLeft(trimmed, blanks), "#") {
			if !first {
				out.WriteByte(' ')
			}
			out.WriteString(text)
			break
		}
		if !strings.HasSuffix(text, `\`) {
			out.WriteString(text)
			break
		}
		out.WriteString(strings.TrimRight(text, `\`))
	}
	return at, number
}

const blanks = " \t\f\v"

// read says what a joined line is.
func (l *Line) read(text string) {
	body := text
	if i := commentAt(text); i >= 0 {
		body, l.Note = text[:i], strings.TrimRight(text[i:], blanks)
	}
	l.Text = strings.Trim(body, blanks)
	switch {
	case l.Text == "" && l.Note != "":
		l.Kind = Comment
	case l.Text == "":
		l.Kind = Blank
	case strings.HasPrefix(l.Text, "-"):
		l.readOption()
	default:
		l.readRequirement(l.Text)
	}
}

// commentAt is where the comment of a line begins: at a # at its start or after white space, so that the fragment of a
// URL is none. It is -1 when there is none.
func commentAt(text string) int {
	for i := range len(text) {
		if text[i] == '#' && (i == 0 || strings.IndexByte(blanks, text[i-1]) >= 0) {
			return i
		}
	}
	return -1
}

// Newline is the line break that the file uses: CRLF when its first line ends so.
func (f *File) Newline() string {
	if i := bytes.IndexByte(f.Src, '\n'); i > 0 && f.Src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// Appended is the text that puts lines at the end of the file, in its style. A last line without a line break gets one.
func (f *File) Appended(lines ...string) string {
	nl := f.Newline()
	text := strings.Join(lines, nl) + nl
	if n := len(f.Src); n > 0 && f.Src[n-1] != '\n' {
		text = nl + text
	}
	return text
}

// Span is a range of bytes of a file, the end exclusive.
type Span struct{ Start, End int }

// Cut is what to delete to take lines, by index, out of the file, each with the comments that belong to it. A blank
// line that would then stand beside another one, or at an end of the file, goes too.
func (f *File) Cut(indexes []int) []Span {
	gone := make([]bool, len(f.Lines))
	for _, i := range indexes {
		from, to := f.Block(i)
		for j := from; j < to; j++ {
			gone[j] = true
		}
	}
	f.closeGaps(gone)
	var out []Span
	for i, l := range f.Lines {
		if !gone[i] {
			continue
		}
		start := l.Start
		if i == 0 {
			start += len(f.Src) - len(bytes.TrimPrefix(f.Src, []byte(bom)))
		}
		if n := len(out); n > 0 && out[n-1].End == start {
			out[n-1].End = l.End
			continue
		}
		out = append(out, Span{start, l.End})
	}
	return out
}

// closeGaps marks blank lines that a cut leaves without anything to part.
func (f *File) closeGaps(gone []bool) {
	parted := false // the last line that stays is blank, or there is none yet
	cut := false    // something was cut since then
	last := -1
	for i, l := range f.Lines {
		switch {
		case gone[i]:
			cut = true
		case l.Kind == Blank && cut && (parted || last < 0):
			gone[i] = true
		default:
			parted, cut, last = l.Kind == Blank, false, i
		}
	}
	if cut && last >= 0 && parted {
		gone[last] = true
	}
}

// Block are the lines [from, to) that belong to the one at an index: the comments directly above it, unless they begin
// the file, and the indented comments below it, as pip-compile writes them.
func (f *File) Block(i int) (from, to int) {
	from, to = i, i+1
	for from > 0 && f.Lines[from-1].Kind == Comment && !f.indented(from-1) {
		from--
	}
	if from == 0 {
		from = i
	}
	for to < len(f.Lines) && f.Lines[to].Kind == Comment && f.indented(to) {
		to++
	}
	return from, to
}

func (f *File) indented(i int) bool {
	c := f.Src[f.Lines[i].Start]
	return c == ' ' || c == '\t'
}

// Raw are the bytes of lines [from, to) with the line breaks of the file as \n, and one at the end.
func (f *File) Raw(from, to int) string {
	text := strings.ReplaceAll(string(f.Src[f.Lines[from].Start:f.Lines[to-1].End]), "\r\n", "\n")
	return strings.TrimSuffix(strings.TrimPrefix(text, bom), "\n") + "\n"
}
