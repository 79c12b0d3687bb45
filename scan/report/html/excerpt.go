package html

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

const (
	around  = 3   // lines of context on each side
	maxSide = 240 // bytes of a line that are shown on each side of the word
)

// excerpt is the code of an occurrence: its line in three parts, the lines around it, and the lines of its steps.
type excerpt struct {
	Line   [3]string `json:"line"` // before the word, the word, after it
	Before []string  `json:"before"`
	After  []string  `json:"after"`
	Uses   []string  `json:"uses"`
	Trace  []string  `json:"trace"`
	Text   string    `json:"text,omitempty"` // what a decision about this line names; empty for its number
}

func (l library) excerpt(f *scan.File, occ *site.Occurrence) excerpt {
	start, end := lineAround(f.Src, occ.Start)
	last := min(occ.End, end)
	head, tail := f.Src[start:occ.Start], f.Src[last:end]
	e := excerpt{Before: []string{}, After: []string{}, Uses: l.lines(f, occ.Uses), Trace: l.lines(f, occ.Trace)}
	if occ.Action == site.Review || occ.Class == site.Unexplained {
		e.Text, _ = rules.Narrow(f.Src, occ.Start)
	}
	if len(head) > maxSide {
		from := len(head) - maxSide
		for from < len(head) && !utf8.RuneStart(head[from]) {
			from++
		}
		e.Line[0] = "…"
		head = head[from:]
	}
	e.Line[0] += valid(head)
	e.Line[1] = valid(f.Src[occ.Start:last])
	e.Line[2] = cut(tail, maxSide)
	for at := start; at > 0 && len(e.Before) < around; {
		from, to := lineAround(f.Src, at-1)
		e.Before = append([]string{cut(f.Src[from:to], maxSide)}, e.Before...)
		at = from
	}
	for at := next(f.Src, end); at < len(f.Src) && len(e.After) < around; {
		from, to := lineAround(f.Src, at)
		e.After = append(e.After, cut(f.Src[from:to], maxSide))
		at = next(f.Src, to)
	}
	return e
}

// lineAround is the line that holds the byte at off, without its end. The newline at the end belongs to the line.
func lineAround(src []byte, off int) (start, end int) {
	start = bytes.LastIndexByte(src[:off], '\n') + 1
	end = len(src)
	if i := bytes.IndexByte(src[off:], '\n'); i >= 0 {
		end = off + i
	}
	return start, end
}

// next is where the line after the one that ends at a byte begins.
func next(src []byte, end int) int {
	if end < len(src) {
		return end + 1
	}
	return end
}

// cut is a text of at most n bytes.
func cut(text []byte, n int) string {
	if len(text) <= n {
		return valid(text)
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return valid(text[:n]) + "…"
}

func valid(text []byte) string {
	return strings.TrimSuffix(strings.ToValidUTF8(string(text), "�"), "\r")
}
