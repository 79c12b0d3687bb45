package host

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
)

// TestBadInput reads files that are broken or built to hurt. Each mention must still be classified; a reader whose
// time grows with the square of the input would not come back.
func TestBadInput(t *testing.T) {
	p := pack(t)
	for name, c := range badInputs() {
		t.Run(name, func(t *testing.T) {
			in := reading.Input{Path: "file", Src: []byte(c.src), Pack: p}
			accounted(t, in, Read(c.kind, in))
		})
	}
}

type badInput struct {
	kind Kind
	src  string
}

func badInputs() map[string]badInput {
	const big = 200_000
	again := strings.Repeat
	return map[string]badInput{
		"docker: five megabytes in a line":      {Dockerfile, "FROM a\nRUN tutor " + again("x", 5<<20)},
		"docker: continuations":                 {Dockerfile, "FROM a\nENV A=tutor \\\n" + again(" B=c \\\n", 5_000) + "\nRUN tutor"},
		"docker: here-documents never closed":   {Dockerfile, "FROM a\n" + again("RUN <<A <<B\ntutor\n", 2000)},
		"docker: many instructions":             {Dockerfile, again("ENV A=tutor B=c\nRUN tutor\n", 2000)},
		"docker: brackets":                      {Dockerfile, "RUN " + again("[", big) + " tutor"},
		"make: recursion":                       {Makefile, "A = $(A) $(A) tutor\nB = $(A)$(A)$(A)\na:\n\t$(A) $(B)\n"},
		"make: doubling":                        {Makefile, "A0 = tutor\n" + doubling(40) + "a:\n\t$(A40)\n"},
		"make: call of itself":                  {Makefile, "define f\ntutor $(call f,$(1) $(1))\nendef\na:\n\t$(call f,x)\n"},
		"make: brackets":                        {Makefile, "a:\n\t" + again("$(", 5000) + "tutor"},
		"make: one line":                        {Makefile, "a:\n\ttutor " + again("$@ ", 50_000)},
		"make: continuations":                   {Makefile, "a:\n" + again("\ttutor \\\n", 20_000)},
		"make: define in define":                {Makefile, again("define a\n", 5000) + "tutor"},
		"markdown: quotes":                      {Markdown, again(">", big) + " tutor"},
		"markdown: lists":                       {Markdown, again("- ", 3000) + "tutor"},
		"markdown: a long line":                 {Markdown, again("tutor `", big/4)},
		"markdown: brackets":                    {Markdown, again("[", big) + "tutor"},
		"markdown: a fence never closed":        {Markdown, "```sh\n" + again("$ tutor \\\n", 20_000)},
		"markdown: fences in boxes":             {Markdown, "=== \"x\"\n\n" + boxes(30)},
		"markdown: comments never closed":       {Markdown, again("<!-- tutor\n", 20_000)},
		"rst: nested blocks":                    {RST, again("::\n\n", 20_000) + " tutor"},
		"rst: prompts with documents":           {RST, "::\n\n" + again("  $ cat <<E tutor\n", 3000)},
		"json: nesting":                         {JSON, again("[", big) + "\"tutor\""},
		"json: objects":                         {JSON, again(`{"a":`, 3000) + `"tutor"` + again("}", 3000)},
		"toml: nesting":                         {TOML, "a = " + again("[", big) + "\"tutor\""},
		"toml: tables":                          {TOML, again("[a.b]\nc = \"tutor\"\n", 5000)},
		"powershell: texts in texts":            {"powershell", again(`"$(`, 20_000) + "tutor"},
		"powershell: brackets":                  {"powershell", again("(", big) + "tutor local start"},
		"powershell: a comment never closed":    {"powershell", again("<# tutor ", 20_000)},
		"powershell: a long line":               {"powershell", again("tutor local start; ", 20_000)},
		"powershell: here-strings":              {"powershell", again("@\"\ntutor\n", 20_000)},
		"powershell: variables":                 {"powershell", again("$a = \"tutor\"\n& $a\n", 1_000)},
		"batch: a long line":                    {"batch", again("tutor local start & ", 20_000)},
		"batch: continuations":                  {"batch", again("tutor ^\n", 20_000)},
		"batch: conditions":                     {"batch", again("if exist x ", 20_000) + "tutor"},
		"nix: texts never closed":               {"nix", again("x = '' tutor ${", 20_000)},
		"nix: texts in texts":                   {"nix", again("\"${\n", 300) + "tutor" + again("}\"", 300)},
		"nix: arguments":                        {"nix", "runCommand " + again("\"tutor\" ", 20_000)},
		"nix: attributes":                       {"nix", again("{ text = \"tutor\"; ", 5_000)},
		"hcl: nesting":                          {HCL, again("a {\n", big) + "tutor"},
		"hcl: brackets":                         {HCL, "a = " + again("[(", big) + "\"tutor\""},
		"hcl: interpolations":                   {HCL, "command = \"" + again("${", big) + "tutor"},
		"ini: one value":                        {INI, "[testenv]\ncommands =\n" + again("  tutor x\n", 20_000)},
		"ini: blank lines":                      {INI, "a = b\n" + again("\n", 20_000) + "tutor"},
		"code: strings never closed":            {JavaScript, again("`", big+1) + again("'", big+1) + "tutor"},
		"code: comments never closed":           {JavaScript, again("/* tutor ", big/8)},
		"code: calls":                           {JavaScript, again("spawn('tutor', [", 5000)},
		"code: triple quotes":                   {"c", again(`"""`, big) + "tutor"},
		"vagrant: here-documents":               {Vagrantfile, again("inline: <<-A\ntutor\n", 1000)},
		"crontab: percents":                     {Crontab, "0 0 * * * tutor " + again(`\%`, big)},
		"notebook: cells":                       {Notebook, `{"cells": [` + again(`{"cell_type": "code", "source": ["!tutor x\n"]},`, 5000) + `{}]}`},
		"jinja: blocks never closed":            {Jinja, again("{{ tutor ", 20_000)},
		"template in template":                  {ERB, again("<%= tutor %>", 20_000)},
		"just: recipes":                         {Justfile, again("a:\n  tutor x\n", 5000)},
		"other: one line":                       {Other, again("tutor/", big/4)},
		"po: one line":                          {PO, again("tutor ", big/4)},
		"empty":                                 {Makefile, ""},
		"invalid UTF-8 and NUL":                 {RST, "\xff\xfe::\n\n  \x00tutor\xff\n"},
		"docker: only a continuation":           {Dockerfile, "\\\n\\\n tutor"},
		"systemd: continuations":                {Systemd, "[Service]\nExecStart=tutor " + again("\\\n a ", 5_000)},
		"requirements: a line of many mentions": {Requirements, again("tutor ", 50_000)},
	}
}

// doubling defines A1 to An, each twice the one before.
func doubling(n int) string {
	var b strings.Builder
	name := func(i int) string { return "A" + string(rune('0'+i/10)) + string(rune('0'+i%10)) }
	for i := 1; i <= n; i++ {
		b.WriteString(name(i) + " = $(" + name(i-1) + ") $(" + name(i-1) + ")\n")
	}
	return strings.ReplaceAll(b.String(), "A0", "A")
}

// boxes are boxes of a document inside one another, n levels deep.
func boxes(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString(strings.Repeat("    ", i) + "=== \"x\"\n\n")
	}
	b.WriteString(strings.Repeat("    ", n+1) + "```\n" + strings.Repeat("    ", n+1) + "tutor\n")
	return b.String()
}

func document() []byte {
	var b strings.Builder
	for range 400 {
		b.WriteString("# Title\n\nRunning text about tutor, with `code` and [a link](https://example.org/tutor).\n\n" +
			"- a list\n\n  ```console\n  $ tutor config save\n  saved\n  ```\n\n```bash\ntutor local start \\\n  --detach\n```\n\n" +
			"More text, which is quite a bit longer than the rest, and does not name the program at all.\n\n")
	}
	return []byte(b.String())
}

// BenchmarkJSON reads a file whose keys are compared with every setting.
func BenchmarkJSON(b *testing.B) {
	src, p := []byte("["+strings.Repeat(`{"name": "tutor", "deep": {"er": {"value": 1, "text": "some"}}},`, 5000)+"{}]"), pack(b)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Read(JSON, reading.Input{Path: "x.json", Src: src, Pack: p})
	}
}

// BenchmarkMarkdown reads a document; BenchmarkMarkdownParse only parses it, as goldmark does by default.
func BenchmarkMarkdown(b *testing.B) {
	src, p := document(), pack(b)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Read(Markdown, reading.Input{Path: "x.md", Src: src, Pack: p})
	}
}

func BenchmarkMarkdownParse(b *testing.B) {
	src := document()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...), parser.WithInlineParsers(parser.DefaultInlineParsers()...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...)).Parse(text.NewReader(src))
	}
}
