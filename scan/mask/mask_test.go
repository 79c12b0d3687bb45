package mask_test

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
)

// show writes what was masked as the text with each expression's letters as x.
func show(src string, m mask.Masked) string {
	out := []byte(m.Text)
	for _, b := range m.Blocks {
		if b.Kind != mask.Expression {
			continue
		}
		for i := b.Start; i < b.End; i++ {
			if out[i] != ' ' && out[i] != '\n' && out[i] != '\r' && out[i] != '\t' {
				out[i] = 'x'
			}
		}
	}
	return string(out)
}

func TestRead(t *testing.T) {
	tests := map[string]struct{ src, want string }{
		"jinja expression":          {`cd instances/{{ name }}/env`, `cd instances/xxxxxxxxxx/env`},
		"trim marks":                {`a {{- name -}} b`, `a xxxxxxxxxxxx b`},
		"jinja control":             {"{% if a %}\nx\n{% endif %}\n", "          \nx\n           \n"},
		"jinja comment":             {"a {# tutor\nlocal #} b", "a         \n         b"},
		"tight comment":             {"a {#- x -#} {#y#} b", "a                 b"},
		"actions":                   {`run: echo ${{ matrix.instance }}`, `run: echo xxxxxxxxxxxxxxxxxxxxxx`},
		"gitlab input":              {`echo $[[ inputs.name ]]`, `echo xxxxxxxxxxxxxxxxxx`},
		"circle parameter":          {`echo << parameters.name >> <<pipeline.id>>`, `echo xxxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxxx`},
		"circle matrix":             {`echo <<matrix.os>>`, `echo xxxxxxxxxxxxx`},
		"erb":                       {`<% if a %>run <%= @x -%><%# no %>`, `          run xxxxxxxxxx         `},
		"go value":                  {`a {{ .Values.x }} {{- $.y -}}`, `a xxxxxxxxxxxxxxx xxxxxxxxxxx`},
		"go control":                {"{{- if .a }}x{{ else }}y{{- end -}}", "            x          y           "},
		"go comment":                {`a {{- /* {{ x }} */ -}} b`, `a                       b`},
		"go assignment":             {`{{ $x := .y }}z`, `              z`},
		"go lines":                  {"a:\n  {{- toYaml .x | nindent 2 }}\nb: c", "a:\n                              \nb: c"},
		"mustache of three":         {`a {{{ x }}} b`, `a xxxxxxxxx b`},
		"quotes hold delimiters":    {`{{ "}}" }}{% set a = "%}" %}b`, "xxxxxxxxxx                  b"},
		"dictionary in expression":  {`{{ {'a': {'b': 1}}['a'] }}c`, `xxxxxxxxxxxxxxxxxxxxxxxxxxc`},
		"dictionary at the end":     {`{{ f({'a': 1}) }}`, `xxxxxxxxxxxxxxxxx`},
		"dictionary before closing": {`{{ {'a': {}}}}b`, `xxxxxxxxxxxxxxb`},
		"apostrophe alone":          {`{{ it's }} b`, `xxxxxxxxxx b`},
		"expression over lines":     {"a {{ x\n    | y }} b", "a xxxx\n    xxxxxx b"},
		"control after a backslash": {"run \\\n  {% if a %}\n  --b \\\n  {% endif %}\n  c", "run \\\n           \\\n  --b \\\n            \\\n  c"},
		"two after a backslash":     {"run \\\r\n  {% if a %}{% b %}\r\n  c", "run \\\r\n                  \\\r\n  c"},
		"several on a line":         {`{{a}}/{{b}}{{c}}`, `xxxxx/xxxxxxxxxx`},
		"file begins with a block":  {"{%- if a -%}\nb: c", "            \nb: c"},
		"raw block":                 {"{% raw %}{{ x }}{% endraw %}", "         xxxxxxx            "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := mask.Read(tt.src)
			if got := show(tt.src, m); got != tt.want {
				t.Errorf("Read(%q)\n got %q\nwant %q", tt.src, got, tt.want)
			}
			if len(m.Open) != 0 {
				t.Errorf("open: %v", m.Open)
			}
		})
	}
}

func TestReadLeaves(t *testing.T) {
	for name, src := range map[string]string{
		"parameter":            `echo ${x} ${x%%.*} ${x##*/} "${#x}" ${#a[@]} # }`,
		"parameter length":     `[ ${#a} -gt 1 ] && echo "{#}"`,
		"arithmetic":           `echo $((1+2)) $(( (a) )) $[1+2]`,
		"test":                 `if [[ $a == b ]]; then :; fi`,
		"group":                `{ { a; }; }`,
		"brace expansion":      `echo {{a,b},{c,d}} {{a,b}}`,
		"here-document":        "cat <<EOF\nx\nEOF\ncat <<-'E' >> b\n\tx\n\tE",
		"here-document shift":  `echo $(( parameters << 2 )) >> f`,
		"composite literal":    `[]T{{1, 2}, {3, 4}}`,
		"struct literal":       `[]T{{Name: "a"}, {Name: "b"}}`,
		"tex":                  `\newcommand{\x}[1]{{\bf #1}} {#1}`,
		"heading anchors":      "# A {#a}\n\n# B {#b}\n#}",
		"format":               `printf '{%s}' "%}"`,
		"json":                 `{"a":{"b":{}}}`,
		"empty":                `{{}} {{ }} <%= %>`,
		"ruby interpolation":   `"#{x} %w{a} %{b}"`,
		"erb escape":           `<%% x %>`,
		"process substitution": `diff <(a) <(b)`,
		"python braces":        `f"{{" "}"`,
		"nothing":              ``,
		"end of text":          `a {`,
		"only delimiter":       `{{`,
	} {
		t.Run(name, func(t *testing.T) {
			m := mask.Read(src)
			if m.Text != src || len(m.Blocks) != 0 || len(m.Open) != 0 {
				t.Errorf("Read(%q) = %q, open %v", src, m.Text, m.Open)
			}
		})
	}
}

func TestReadOpen(t *testing.T) {
	for src, want := range map[string]string{
		"a {{ name":                       "{{",
		"a {% if x\nb":                    "{%",
		"a {# b":                          "{#",
		"{% if '%}' b":                    "", // the end stands in quotes
		"a ${{ b }":                       "${{",
		"a <%= b":                         "", // no white space: not surely meant
		"a <% b":                          "<%",
		"{% if a {% if b %} c":            "{%",
		"{{ " + strings.Repeat("a ", 4e3): "{{",
	} {
		m := mask.Read(src)
		got := ""
		for _, s := range m.Open {
			got += src[s.Start:s.End]
		}
		if got != want {
			t.Errorf("Read(%.40q): open %q, want %q", src, got, want)
		}
	}
	// What follows an open block is still read.
	if got := show("{{ a {% if b %}", mask.Read("{{ a {% if b %}")); got != "{{ a           " {
		t.Errorf("after an open block: %q", got)
	}
}

func TestDialects(t *testing.T) {
	const src = `{{ end }} ${{ a }} <%= b %> $[[ c ]] << matrix.d >>`
	for _, tt := range []struct {
		dialects []mask.Dialect
		want     string
	}{
		{[]mask.Dialect{mask.Jinja}, `xxxxxxxxx $xxxxxxx <%= b %> $[[ c ]] << matrix.d >>`},
		{[]mask.Dialect{mask.Go}, `          $xxxxxxx <%= b %> $[[ c ]] << matrix.d >>`},
		{[]mask.Dialect{mask.Actions}, `{{ end }} xxxxxxxx <%= b %> $[[ c ]] << matrix.d >>`},
		{[]mask.Dialect{mask.ERB, mask.GitLab}, `{{ end }} ${{ a }} xxxxxxxx xxxxxxxx << matrix.d >>`},
		{[]mask.Dialect{mask.Circle}, `{{ end }} ${{ a }} <%= b %> $[[ c ]] xxxxxxxxxxxxxx`},
	} {
		if got := show(src, mask.Read(src, tt.dialects...)); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.dialects, got, tt.want)
		}
	}
}

func TestHoles(t *testing.T) {
	const src = "x/{{- name | d('}}') -}}/{% if a %}{{ name }}"
	masked, holes := mask.Text(src)
	if len(holes) != 2 || holes[0].Expr != "name | d('}}')" || holes[0].Source != "{{- name | d('}}') -}}" || holes[1].Expr != "name" {
		t.Fatalf("%+v", holes)
	}
	if got := masked[holes[1].Start:holes[1].End]; strings.Trim(got, "_bcdfghjkmnpqrvwz") != "" || got[0] != '_' {
		t.Errorf("placeholder %q", got)
	}
	again, _ := mask.Text("{{ name }} {{ name }} {{ nape }}")
	if again[:10] != again[11:21] || again[:10] == again[22:] {
		t.Errorf("placeholders do not tell expressions apart: %q", again)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"{{ a }}\r\n", "${{ b }} $[[ c ]]", "{% if x %}\\\n{# y #}", "<%= z %><%# %>", "{{{ a }}}", "<< parameters.x >>",
		"{{/* a */}}{{ 'b }}", "{{{{{{", "a \\\n {% x %}\n b", "{{ é }}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		m := mask.Read(src)
		if len(m.Text) != len(src) {
			t.Fatalf("length %d, was %d", len(m.Text), len(src))
		}
		last := 0
		for _, b := range m.Blocks {
			if b.Start < last || b.End <= b.Start || b.End > len(src) {
				t.Fatalf("block %v after %d", b, last)
			}
			if m.Text[last:b.Start] != src[last:b.Start] {
				t.Fatalf("bytes outside of blocks changed: %q", m.Text[last:b.Start])
			}
			for i := b.Start; i < b.End; i++ {
				c := m.Text[i]
				newline := src[i] == '\n' || src[i] == '\r'
				if newline != (c == '\n' || c == '\r') {
					t.Fatalf("newline at %d: %q became %q", i, src[i], c)
				}
				if c >= 0x80 {
					t.Fatalf("placeholder byte %q", c)
				}
			}
			last = b.End
		}
		if m.Text[last:] != src[last:] {
			t.Fatal("bytes after the last block changed")
		}
		text, holes := mask.Text(src)
		if text != m.Text {
			t.Fatal("two answers")
		}
		for _, h := range holes {
			if src[h.Start:h.End] != h.Source || h.Expr == "" {
				t.Fatalf("hole %+v", h)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	src := strings.Repeat("  - TUTOR_ROOT=\"$CI_PROJECT_DIR/instances/{{ name }}\" tutor config save ${x%%.*}\n", 2000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		mask.Text(src)
	}
}

func TestPlaceholder(t *testing.T) {
	src := "tutor --root=/w/{{ name }}/{{x}} _bdfgh"
	masked, _ := mask.Text(src)
	for text, want := range map[string]bool{
		masked:                   true,
		masked[len("tutor "):23]: true,
		src:                      false, // _bdfgh stands in the file itself
		"_name/$_tmp/__main__":   false,
		"":                       false,
	} {
		if got := mask.Placeholder(text, []byte(src)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
