package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// TestExcerpt looks at lines that are hard to underline. In src the word stands between angle quotes.
func TestExcerpt(t *testing.T) {
	long := strings.Repeat("x", 150)
	for _, c := range []struct{ name, src, line, mark string }{
		{"plain", "«tutor» x", "tutor x", "^~~~~"},
		{"indented", "a\n   «tutor» x\nb", "tutor x", "^~~~~"},
		{"tabs", "\tx\t«tutor»", "x\ttutor", " \t^~~~~"},
		{"two bytes a letter", "é «tutor» é", "é tutor é", "  ^~~~~"},
		{"wide", "日本 «tutor»", "日本 tutor", "     ^~~~~"},
		{"emoji", "🚀 «tutor»", "🚀 tutor", "   ^~~~~"},
		{"fullwidth", "Ａ«tutor»", "Ａtutor", "  ^~~~~"},
		{"combining", "e\u0301 «tutor»", "e\u0301 tutor", "  ^~~~~"},
		{"windows line", "a\r\n x «tutor» y\r\nb", "x tutor y", "  ^~~~~"},
		{"old mac lines", "a\r«tutor»\rb", "a·tutor·b", "  ^~~~~"},
		{"byte order mark", "\ufeff«tutor»", "tutor", "^~~~~"},
		{"byte order mark and more", "\ufeffx «tutor»", "x tutor", "  ^~~~~"},
		{"escape", "\x1b[31m «tutor»\x1b[0m", "·[31m tutor·[0m", "      ^~~~~"},
		{"nul and delete", "\x00\x7f«tutor»", "··tutor", "  ^~~~~"},
		{"no UTF-8", "caf\xe9 «tutor»\xff", "caf· tutor·", "     ^~~~~"},
		{"C1 control", "\u009b2J«tutor»", "·2Jtutor", "   ^~~~~"},
		{"turned round", "\u202e«tutor»\u202c", "·tutor·", " ^~~~~"},
		{"invisible", "\u200b«tutor»", "·tutor", " ^~~~~"},
		{"no final newline", "x\n«tutor»", "tutor", "^~~~~"},
		{"several lines", "f(«tutor\nlocal»)", "f(tutor", "  ^~~~~"},
		{"one byte", "`«x»`", "`x`", " ^"},
		{"nothing", "a «» b", "a  b", "  ^"},
		{"at the end of the text", "a\n«»", "", "^"},
		{"long before", long + " «tutor» y", "…" + strings.Repeat("x", 99) + " tutor y", strings.Repeat(" ", 101) + "^~~~~"},
		{"long after", "«tutor» " + long, "tutor " + strings.Repeat("x", 99) + "…", "^~~~~"},
		{"just long enough", strings.Repeat("x", 100) + "«tutor»" + strings.Repeat("x", 100), strings.Repeat("x", 100) + "tutor" + strings.Repeat("x", 100), strings.Repeat(" ", 100) + "^~~~~"},
		{"cut in a letter", strings.Repeat("é", 60) + "x «tutor» " + strings.Repeat("é", 60), "…" + strings.Repeat("é", 49) + "x tutor " + strings.Repeat("é", 49) + "…", strings.Repeat(" ", 52) + "^~~~~"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := strings.Index(c.src, "«")
			src := strings.Replace(c.src, "«", "", 1)
			end := strings.Index(src, "»")
			src = strings.Replace(src, "»", "", 1)
			f := &scan.File{Src: []byte(src)}
			line, pad, columns := excerpt(f, &site.Occurrence{Span: source.Span{Start: start, End: end}}, maxLine)
			if mark := pad + "^" + strings.Repeat("~", columns-1); line != c.line || mark != c.mark {
				t.Errorf("%q:\n%q\n%q, want\n%q\n%q", src, line, mark, c.line, c.mark)
			}
		})
	}
}

// FuzzExcerpt holds that no text makes a report panic, run over a line's end, or send a terminal what it would obey.
func FuzzExcerpt(f *testing.F) {
	f.Add("\ufeff\té日\x1b tutor\r\n", 3, 9)
	f.Add(strings.Repeat("é", 200), 201, 203)
	f.Fuzz(func(t *testing.T, src string, start, end int) {
		if start < 0 || end < start || end > len(src) {
			t.Skip("no span")
		}
		line, pad, columns := excerpt(&scan.File{Src: []byte(src)}, &site.Occurrence{Span: source.Span{Start: start, End: end}}, maxLine)
		if columns < 1 || strings.Trim(pad, " \t") != "" || len(line) > 8*maxLine+2*(end-start) {
			t.Fatalf("%q %q %d", line, pad, columns)
		}
		for _, r := range line {
			if r < ' ' && r != '\t' || 0x7f <= r && r < 0xa0 || r == '\u202e' {
				t.Fatalf("%q", line)
			}
		}
		if !utf8.ValidString(line) || columnsOf(strings.ReplaceAll(pad, "\t", " ")) > columnsOf(strings.ReplaceAll(line, "\t", " ")) {
			t.Fatalf("%q %q", line, pad)
		}
	})
}
