package diff

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// The colours of git's own diffs (ANSI escape sequences); strong marks the
// characters inside a line that changed.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	cyan   = "\x1b[36m"
	strong = "\x1b[7m"
	weak   = "\x1b[27m"
	reset  = "\x1b[m"
)

// Colored writes what Unified writes for a person at a terminal: coloured, with
// the changed characters marked in lines that changed a little. Control
// characters of the content are shown as ^X, so that a file cannot steer the
// terminal, and the text is for reading only.
func Colored(w io.Writer, files []File) error {
	return write(w, files, colored{})
}

type colored struct{}

func (colored) header(w *bufio.Writer, line string)   { w.WriteString(bold + line + reset + "\n") }
func (colored) position(w *bufio.Writer, line string) { w.WriteString(cyan + line + reset + "\n") }
func (colored) kept(w *bufio.Writer, line []byte)     { paint(w, "", ' ', []part{{string(line), false}}) }

func (colored) replaced(w *bufio.Writer, old, new [][]byte) {
	n := min(len(old), len(new))
	marked := make([][]part, n)
	for i, line := range old {
		parts := []part{{string(line), false}}
		if i < n {
			parts, marked[i] = marks(string(line), string(new[i]))
		}
		paint(w, red, '-', parts)
	}
	for i, line := range new {
		parts := []part{{string(line), false}}
		if i < n {
			parts = marked[i]
		}
		paint(w, green, '+', parts)
	}
}

// part is a piece of a line.
type part struct {
	text    string
	changed bool
}

// markable is the length in bytes above which a line is not looked into: the
// search for what changed is quadratic.
const markable = 1000

// marks splits an old and a new line into the parts they share and the parts
// that changed. Nothing is marked where it would not help: in lines that are no
// text, very long, or have less than a third in common.
func marks(old, new string) (before, after []part) {
	whole := func() ([]part, []part) { return []part{{old, false}}, []part{{new, false}} }
	if max(len(old), len(new)) > markable || !utf8.ValidString(old) || !utf8.ValidString(new) {
		return whole()
	}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // bounded by the length instead, so that the outcome never varies
	shared := 0
	for _, piece := range d.DiffCleanupSemantic(d.DiffMain(old, new, false)) {
		switch piece.Type {
		case diffmatchpatch.DiffDelete:
			before = append(before, part{piece.Text, true})
		case diffmatchpatch.DiffInsert:
			after = append(after, part{piece.Text, true})
		default:
			before = append(before, part{piece.Text, false})
			after = append(after, part{piece.Text, false})
			shared += len(strings.TrimSpace(piece.Text))
		}
	}
	if 3*shared < max(len(old), len(new)) {
		return whole()
	}
	return before, after
}

// paint writes one line, whose last part holds its newline if it has one.
func paint(w *bufio.Writer, color string, sign byte, parts []part) {
	w.WriteString(color)
	w.WriteByte(sign)
	newline := false
	for _, p := range parts {
		text, ended := strings.CutSuffix(p.text, "\n")
		newline = ended
		if p.changed && text != "" {
			w.WriteString(strong + visible(text) + weak)
			continue
		}
		w.WriteString(visible(text))
	}
	if color != "" {
		w.WriteString(reset)
	}
	w.WriteByte('\n')
	if !newline {
		w.WriteString(noNewline)
	}
}

// visible returns the text with control characters but tabs as ^X, and those
// of the second range and invalid bytes as U+FFFD.
func visible(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 0x80 && c < 0xa0 {
			return utf8.RuneError
		}
		return c
	}, carets(text))
}

func carets(text string) string {
	control := func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }
	if !strings.ContainsFunc(text, control) {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; control(rune(c)) {
			b.WriteByte('^')
			b.WriteByte(c ^ 0x40)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
