package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// TestMarkdownText holds that what stands in a cell is shown as it is: no character of it is markup.
func TestMarkdownText(t *testing.T) {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	for _, text := range []string{"a | b", "<b>x</b>", "`a`", "a*b*c", "_x_y_", "[a](b)", `back\slash \| pipe`, "~~no~~", "two\nlines", "![i](j)", "a && b"} {
		table := "| A | B |\n| --- | --- |\n| " + code(text) + " | " + prose(text) + " |\n"
		var b bytes.Buffer
		if err := md.Convert([]byte(table), &b); err != nil {
			t.Fatal(err)
		}
		html := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(b.String())
		span, plain := strings.ReplaceAll(text, "\n", `\n`), strings.ReplaceAll(text, "\n", " ")
		if !strings.Contains(html, "<td><code>"+span+"</code></td>") || !strings.Contains(html, "<td>"+plain+"</td>") {
			t.Errorf("%q is shown as\n%s", text, html)
		}
	}
}
