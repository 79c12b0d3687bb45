package report

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// maxLine is how many bytes of a source line are shown at most on each side of the word.
const maxLine = 100

// excerpt is the source line of an occurrence, and the padding that puts a mark of the given columns under its word. The
// indentation is left out; tabs are kept in the padding, so that the mark stands right whatever their width.
func excerpt(f *scan.File, occ *site.Occurrence, around int) (line, pad string, columns int) {
	start, end := lineAround(f.Src, occ.Start)
	if start == 0 && bytes.HasPrefix(f.Src, []byte("\ufeff")) && occ.Start >= 3 {
		start = 3
	}
	last := min(occ.End, end)
	head, tail := "", ""
	if from := occ.Start - around; from > start {
		start, head = runeStart(f.Src, from), "…"
	} else {
		start += len(f.Src[start:occ.Start]) - len(bytes.TrimLeft(f.Src[start:occ.Start], " \t"))
	}
	if to := last + around; to < end {
		end, tail = runeStart(f.Src, to), "…"
	}
	before := head + printable(f.Src[start:occ.Start])
	word := printable(f.Src[occ.Start:last])
	return before + word + printable(f.Src[last:end]) + tail, padding(before), max(1, columnsOf(word))
}

// lineAround is the line that holds the byte at off, without its end.
func lineAround(src []byte, off int) (start, end int) {
	start = bytes.LastIndexByte(src[:off], '\n') + 1
	end = len(src)
	if i := bytes.IndexByte(src[off:], '\n'); i >= 0 {
		end = off + i
	}
	for end > off && src[end-1] == '\r' {
		end--
	}
	return start, end
}

// runeStart is off, or the beginning of the character that it cuts.
func runeStart(src []byte, off int) int {
	for i := off; i > off-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(src[i]) {
			return i
		}
	}
	return off
}

// padding is as wide as the text, and has its tabs.
func padding(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
			continue
		}
		b.WriteString(strings.Repeat(" ", columnsOfRune(r)))
	}
	return b.String()
}

func columnsOf(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOfRune(r)
	}
	return n
}

// columnsOfRune is how many columns of a terminal a character takes, as Unicode's East Asian Width says.
func columnsOfRune(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// printable is text with nothing in it that a terminal would obey, or that would show it in another order.
func printable(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == '\t' || n > 1 && unicode.IsPrint(r) || r == ' ' || n == 1 && ' ' < r && r < 0x7f {
			out.Write(b[:n])
		} else {
			out.WriteRune('·')
		}
		b = b[n:]
	}
	return out.String()
}

// oneLine is text for one line of a terminal.
func oneLine(s string) string {
	return printable([]byte(strings.NewReplacer("\r\n", `\n`, "\n", `\n`).Replace(s)))
}
