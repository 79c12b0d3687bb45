package host

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// bits are what generated files are made of: the marks of every host, whole commands, and characters of several bytes.
func bits(kind Kind) []string {
	common := []string{"tutor", " ", "\n", "\n", "tutor local start", "é", "名", "\"", "'", "\\", "\\\n", "\r\n", "\t", "#", "$", "$X", "$(tutor x)", "x", "  ", "&&", "<", ">", "`", "{{ a }}"}
	own := map[Kind][]string{
		Dockerfile:  {"RUN ", "\nRUN ", "\nCMD [\"tutor\", \"a\\\"b\"]\n", "ENV A=", "\n# tutor\n", "<<EOF\n", "\nEOF\n", "\nFROM x\n", "ONBUILD ", "HEALTHCHECK CMD "},
		Makefile:    {"\na:\n\t", "\n\t@", "$(A)", "$$", "A = ", "\nA := ", "$(shell tutor)", "\ndefine d\n", "\nendef\n", "$(call d,tutor)", "${A}", "$@", ":", "\n.ONESHELL:\n", "$(if x,tutor)", "export "},
		Markdown:    {"\n```\n", "\n```sh\n", "\n```console\n$ ", "\n    ", "\n- ", "\n> ", "\n\n", "$ ", "# ", "> ", "\n!!! note\n\n    ", "<!--", "-->", "](", "~~~"},
		RST:         {"\n\n", "::\n\n  ", "\n  ", "\n.. code-block:: bash\n\n   ", "\n.. ", "$ ", "``", "- ", "\n   :x: y\n", "\n.. prompt:: bash $\n\n  "},
		JSON:        {`{"scripts": {"a": "`, `"}}`, `","`, `\u0074`, `\n`, `["tutor"]`, "{", "}", "[", "]", ":", ",", "// tutor\n", `"command": "`},
		TOML:        {"\n[tool.poe.tasks]\na = \"", "\"\n", "'''", `"""`, "\na = '", "'\n", "[", "]", "\ncommand = [\"tutor\", 'x']\n", "# tutor\n", `\u0074`},
		INI:         {"\n[testenv]\ncommands =\n  ", "\n  ", "\ncommands = ", "; tutor\n", "{posargs}", "\nsetenv =\n  A = "},
		HCL:         {"\nprovisioner \"local-exec\" {\n command = \"", "\"\n}\n", "${a}", "$${a}", "<<-EOT\n", "\nEOT\n", "{", "}", "[", "]", "\n  inline = [\"tutor\"]\n", "/*", "*/", "%{ if x }"},
		JavaScript:  {"exec('a tutor b');", "execSync(`tutor ${a} \\\\ x`);", "spawn(\"tutor\", ['local', x])", "let a = 'tutor';", "// tutor\n", "/* tutor */", "(", ")", "{", "}", "sh(\"tutor\")"},
		Groovy:      {"sh 'tutor a'\n", "sh \"\"\"tutor ${a} \\\" $b\"\"\"\n", "sh(script: \"tutor $a.b\")", "sh('''\n  tutor \\\\\n''')", "// tutor\n", "(", ")", "{", "}"},
		Vagrantfile: {"\nx.inline = <<~SHELL\n  ", "\nSHELL\n", "inline: \"tutor \\\" #{a}\"\n", "#{a}", "<<-'A'\n", "\nA\n"},
		Crontab:     {"\n0 4 * * * ", "%", "\\%", "\nA=tutor\n", "@daily "},
		Justfile:    {"\na:\n  ", "\n  @", "{{b}}", "\n\n", "\nx := `tutor`\n", "#!/bin/sh\n"},
		Systemd:     {"\n[Service]\nExecStart=", "%i", "\nEnvironment=A=b\n", "\\\n"},
	}
	switch kind {
	case JavaScript, Groovy, Vagrantfile:
		// A quote that is never closed would be closed by what a fix brings.
		common = slices.DeleteFunc(common, func(s string) bool { return strings.ContainsAny(s, "\"'`\\") })
	}
	return append(common, own[kind]...)
}

// TestGeneratedFiles holds files that are put together at random to every promise: each mention is classified once,
// maps lead to the bytes that they say, and what Replace writes is read again as exactly the text that was meant.
func TestGeneratedFiles(t *testing.T) {
	p := pack(t)
	for _, kind := range []Kind{Dockerfile, Makefile, Markdown, RST, JSON, TOML, INI, HCL, JavaScript, Groovy, Vagrantfile, Crontab, Justfile, Systemd} {
		t.Run(string(kind), func(t *testing.T) {
			parts := bits(kind)
			r := rand.New(rand.NewPCG(1, uint64(len(kind))))
			path := map[Kind]string{JSON: "package.json", TOML: "pyproject.toml", INI: "tox.ini"}[kind]
			for n := 0; n < 1500 && !t.Failed(); n++ {
				var b strings.Builder
				for range 1 + r.IntN(14) {
					b.WriteString(parts[r.IntN(len(parts))])
				}
				in := reading.Input{Path: path, Src: []byte(b.String()), Pack: p}
				got := Read(kind, in)
				accounted(t, in, got)
				same(t, kind, in, got)
				if t.Failed() {
					t.Logf("%s: %q", kind, b.String())
				}
			}
		})
	}
}

// same replaces each mention in each script by text that leaves the file's structure alone, and reads the file again.
func same(t *testing.T, kind Kind, in reading.Input, got reading.Result) {
	t.Helper()
	for i, g := range got.Scripts {
		if g.Language != "shell" {
			continue
		}
		for _, w := range site.Find([]byte(g.Text), in.Pack.Program.Name) {
			const text = `"$ROOT/.venv/bin/tutor"`
			place, rendered, err := g.Replace(w, text)
			if err != nil || place.File != "" || shared(got.Scripts, g, place.Span) {
				continue
			}
			again := in
			again.Src = []byte(string(in.Src[:place.Start]) + rendered + string(in.Src[place.End:]))
			second := Read(kind, again)
			meant := g.Text[:w.Start] + text + g.Text[w.End:]
			if i >= len(second.Scripts) || second.Scripts[i].Text != meant {
				found := "nothing"
				if i < len(second.Scripts) {
					found = fmt.Sprintf("%q", second.Scripts[i].Text)
				}
				t.Errorf("%s: replaced at %v of %q: meant %q, found %s, written %q", g.Where, w, g.Text, meant, found, rendered)
			}
		}
	}
}

// TestAnotherProgram reads with a pack for another program: no name is known to the code.
func TestAnotherProgram(t *testing.T) {
	p, err := rules.Parse("test", []byte("program: {name: widget, commands: [spin]}\ninstance: {dir: instances, env: .venv}\n"))
	if err != nil {
		t.Fatal(err)
	}
	src := "Run `widget`, not tutor.\n\n    widget spin --fast\n\n```\nwidget spin\nspinning\n```\n"
	got := Read(Markdown, reading.Input{Path: "a.md", Src: []byte(src), Pack: p})
	if len(got.Scripts) != 2 || len(got.Occurrences) != 1 || got.Occurrences[0].Rule != "widget/document-inline-code" {
		t.Errorf("scripts %v, occurrences %+v", got.Scripts, got.Occurrences)
	}
}
