package shell_test

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/shell"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// list is an embedded script in exec form.
func list(words ...string) *source.Script {
	g := &source.Script{Language: "shell", Host: "yaml"}
	for _, w := range words {
		g.Argv = append(g.Argv, source.Span{Start: len(g.Text), End: len(g.Text) + len(w)})
		g.Text += w + " "
	}
	g.Map = source.Identity(100, len(g.Text))
	return g
}

func TestExecForm(t *testing.T) {
	pack := tutorPack(t)
	for _, tc := range []struct {
		words []string
		want  string
	}{
		{[]string{"tutor", "local", "start"}, "1:1 invocation rewrite shell-command [\"tutor\" \"local\" \"start\"]\n"},
		{[]string{"sh", "-c", "tutor a && echo tutor"}, "1:7 invocation rewrite shell-command [\"tutor\" \"a\"]\n1:23 message\n"},
		{[]string{"env", "TUTOR_ROOT=/x", "tutor"}, "1:19 invocation rewrite shell-command [\"tutor\"] root=/x\n"},
		{[]string{"tutor; rm -rf /"}, "1:1 identifier\n"},
		{[]string{"echo", "$(tutor a)"}, "1:8 message\n"},
		{[]string{"ls", "tutor"}, "1:4 data\n"},
	} {
		g := list(tc.words...)
		got := report(g.Text, shell.Read(g, shell.Options{Pack: pack}))
		if got != tc.want {
			t.Errorf("%q: got\n%swant\n%s", tc.words, got, tc.want)
		}
	}
}

// A slot of an embedded script leads to the bytes of its host.
func TestSlotOfScript(t *testing.T) {
	pack := tutorPack(t)
	g := &source.Script{Text: "set -e\nsudo tutor a\nbash -c 'tutor b'\n", Language: "shell", Host: "yaml", Where: "script"}
	g.Map = source.Identity(1000, len(g.Text))
	r := shell.Read(g, shell.Options{Pack: pack})
	for i, want := range []source.Span{{Start: 1012, End: 1017}, {Start: 1029, End: 1034}} {
		s := r.Occurrences[i].Slot
		if s == nil || s.Span != want || s.Script == nil || s.Script.Text[s.At.Start:s.At.End] != "tutor" {
			t.Fatalf("occurrence %d: %+v", i, s)
		}
		if s.Script != g {
			s.Script = s.Script.Within(g)
		}
		at, text, err := s.Script.Replace(s.At, `it's "x"`)
		if err != nil || at.Span != want {
			t.Errorf("occurrence %d is replaced at %v, %v", i, at, err)
		}
		if wants := []string{`it's "x"`, `it'\''s "x"`}[i]; text != wants {
			t.Errorf("occurrence %d is written %s, want %s", i, text, wants)
		}
	}
}

// Variables of the host are values before the text begins; one that is run is a place in the host's variable.
func TestHostVariables(t *testing.T) {
	pack := tutorPack(t)
	value := &source.Script{Text: "tutor local", Map: source.Identity(7, 11), Language: "shell", Host: "yaml"}
	root := &source.Script{Text: "/x", Map: source.Identity(50, 2), Language: "shell", Host: "yaml"}
	g := &source.Script{Text: "$CMD start; tutor x", Language: "shell", Host: "yaml", Env: []source.Var{{Name: "CMD", Value: value}, {Name: "TUTOR_ROOT", Value: root}}}
	g.Map = source.Identity(100, len(g.Text))
	r := shell.Read(g, shell.Options{Pack: pack})
	if len(r.Foreign) != 1 || r.Foreign[0].Var == nil || r.Foreign[0].Var.Name != "CMD" || r.Foreign[0].Occurrence.Span != (source.Span{End: 5}) {
		t.Errorf("foreign: %+v", r.Foreign)
	}
	if len(r.Occurrences) != 1 || r.Occurrences[0].Slot.Root == nil || r.Occurrences[0].Slot.Root.Expr != "$TUTOR_ROOT" {
		t.Errorf("occurrences: %+v", r.Occurrences)
	}
}

func TestExports(t *testing.T) {
	pack := tutorPack(t)
	src := "export A=tutor\nB=tutor\n$B x\nf() { tutor y; }\ng() { docker run tutor tutor y; }\nh() { echo tutor; }\ni() { T=tutor; }\nj() { cd /opt/tutor; grep tutor x; }\n$C z\n$TUTOR w\n"
	r := shell.Read(embedded("x", src), shell.Options{Pack: pack})
	var names []string
	for _, e := range r.Exports {
		n := e.Kind + " " + e.Name
		if e.Exported {
			n += " exported"
		}
		if e.Run {
			n += " run"
		}
		names = append(names, n)
	}
	if got := strings.Join(names, ", "); got != "variable A exported, variable B run, function f run, function g run, variable T, function i" {
		t.Errorf("exports: %s", got)
	}
}

// Another program needs another pack and nothing else.
func TestOtherProgram(t *testing.T) {
	pack := *tutorPack(t)
	pack.Program.Name, pack.Program.Commands, pack.Program.Wrappers = "salt", []string{"run"}, nil
	src := "salt run; echo salt; tutor a\n"
	want := "1:1 invocation rewrite shell-command [\"salt\" \"run\"]\n1:16 message\n"
	if got := report(src, shell.Read(embedded("x", src), shell.Options{Pack: &pack})); got != want {
		t.Errorf("got\n%s", got)
	}
}

// What a lookup answers is run where its name is; a lookup of nothing answers nothing.
func TestLookupIsRun(t *testing.T) {
	for src, want := range map[string]bool{
		"C=$(which tutor)\n$C x\n":           true,
		"C=$(command -v tutor)\n\"$C\" x\n":  true,
		"C=$(type -P tutor)\n$C x\n":         true,
		"C=$(which tutor)\necho \"$C\"\n":    false,
		"$(which) tutor\n":                   false,
		"C=$(which tutor-mfe)\n$C x\n":       false,
		"C=$(which docker tutor)\n$C x\n":    true,
		"C=$(which tutor || echo y)\n$C x\n": true,
	} {
		run := false
		for _, o := range shell.Read(embedded("x", src), shell.Options{Pack: tutorPack(t)}).Occurrences {
			run = run || len(o.Uses) > 0
		}
		if run != want {
			t.Errorf("%q: run %t", src, run)
		}
	}
}

func TestWords(t *testing.T) {
	pack := tutorPack(t)
	for _, tc := range []struct{ words, want string }{
		{"tutor local", "0 invocation rewrite"},
		{"sudo -u x env TUTOR_ROOT=/r tutor local", "5 invocation rewrite root 4:/r"},
		{"tutor --root=/r local", "0 invocation rewrite root 1:/r"},
		{"which tutor", "1 lookup rewrite"},
		{"pip install tutor", "2 install "},
		{"echo tutor", "1 message "},
		{"docker exec c tutor x", "3 invocation rewrite in container"},
		{"bash -c tutor", "text tutor"},
		{"? tutor local", "1 invocation review"},
		{"?? tutor local", "1 invocation review"},
		{"sudo ?? tutor local", "2 invocation rewrite"},
		{"instances/a/.venv/bin/tutor x", "0 invocation done"},
		{"./tutor a b", "0 wrapper "},
		{"ls tutor", "1 data "},
		{"", ""},
	} {
		var words []shell.Word
		for _, f := range strings.Fields(tc.words) {
			w := shell.Word{Text: f, Map: source.Identity(0, len(f)), Many: f == "??"}
			if strings.HasPrefix(f, "?") {
				w.Text = "____"
				w.Holes = []source.Hole{{Span: source.Span{End: 4}, Expr: "x", Source: "x"}}
			}
			words = append(words, w)
		}
		var got []string
		for _, u := range shell.Words(words, shell.Options{Pack: pack}) {
			got = append(got, show(u, words))
		}
		if s := strings.Join(got, ", "); s != tc.want {
			t.Errorf("%s: got %q, want %q", tc.words, s, tc.want)
		}
	}
}

func show(u shell.Use, words []shell.Word) string {
	if u.Text != nil {
		return "text " + u.Text.Text
	}
	s := string(rune('0'+u.Word)) + " " + string(u.Class) + " " + string(u.Action)
	if u.Root != nil {
		s += " root " + string(rune('0'+u.Root.Word)) + ":" + words[u.Root.Word].Text[u.Root.At.Start:u.Root.At.End]
	}
	if u.Place != "" {
		s += " in " + u.Place
	}
	return s
}

// Texts that are made to exhaust a reader end with a problem or a reading, and soon.
func TestBounds(t *testing.T) {
	pack := tutorPack(t)
	calls := &strings.Builder{}
	for i := range 2000 {
		calls.WriteString("f" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + "() { tutor a; fa \"$@\"; fxb \"$@\"; fxxc \"$@\" 1; fxxxd; }\n")
	}
	for name, src := range map[string]string{
		"parentheses":   strings.Repeat("(", 10_000) + "tutor" + strings.Repeat(")", 10_000),
		"substitutions": strings.Repeat("$(", 10_000) + "tutor" + strings.Repeat(")", 10_000),
		"open":          strings.Repeat("$(", 30_000),
		"braces":        strings.Repeat("{ ", 10_000) + "tutor",
		"ifs":           strings.Repeat("if ", 30_000) + "tutor",
		"backquotes":    strings.Repeat("`", 10_001) + "tutor",
		"negations":     strings.Repeat("! ", 30_000) + "tutor",
		"chain":         "tutor a" + strings.Repeat(" && tutor a", 4_000),
		"pipes":         "tutor a" + strings.Repeat(" | tutor a", 1_000),
		"quotes":        strings.Repeat(`bash -c "`, 100) + "tutor",
		"long line":     "tutor " + strings.Repeat("a", 5<<20),
		"functions":     calls.String(),
		"alternatives":  strings.Repeat("A=$A\nif x; then A=tutor$A; else A=b$A; fi\n", 60) + "$A $A $A\n",
		"here":          strings.Repeat("cat <<A\n", 3_000) + "tutor\n",
		"doubling":      "A=tutor\n" + strings.Repeat("A=\"$A $A\"\n", 60) + "$A\n",
		"recursion":     "f() { f \"$@\" tutor; }\nf tutor\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := shell.Read(embedded("x", src), shell.Options{Pack: pack})
			once(t, src, pack.Program.Name, r)
		})
	}
}

// once checks that each place where the word stands has exactly one entry, and that entries are in order and complete.
func once(t testing.TB, src, program string, r reading.Result) {
	t.Helper()
	count := map[source.Span]int{}
	last := -1
	for _, o := range r.Occurrences {
		count[o.Span]++
		if o.Start < last || o.End > len(src) || o.Start >= o.End {
			t.Fatalf("occurrence at %v of %d bytes after one at %d", o.Span, len(src), last)
		}
		last = o.Start
		if o.Class.Site() != (o.Action != "") {
			t.Fatalf("%v: class %s, action %q", o.Span, o.Class, o.Action)
		}
		if o.Class != site.Unexplained && (o.Rule == "" || o.Reason == "") {
			t.Fatalf("%v: %s without a rule or a reason", o.Span, o.Class)
		}
	}
	for _, s := range site.Find([]byte(src), program) {
		if count[s] != 1 {
			t.Fatalf("%d entries for the word at %v", count[s], s)
		}
	}
}

func FuzzRead(f *testing.F) {
	pack := tutorPack(f)
	for _, s := range []string{
		"tutor a", "A=tutor; $A b", "bash -c 'tutor \"$1\"' x", "cat <<EOF\n$(tutor)\nEOF\n", "f() { \"$@\"; }; f tutor", "`tutor`", "a=(tutor b); \"${a[@]:1}\"",
		"${TUTOR:-tutor}", "echo \"${x#$(tutor)}\"", "{{ tutor }}\ntutor {% x", "alias t='tutor'; t", "tutor \\\n x", "$'tutor\\n'", "case tutor in tutor) tutor;; esac",
		"[[ -x tutor ]]", "((tutor))", "coproc tutor local", "time tutor", "sudo tutor | ssh x tutor", "set -- tutor; shift; \"$1\"", "<<<tutor bash", "0&0\xce",
	} {
		f.Add(s, "")
		f.Add(s, "fish")
	}
	f.Fuzz(func(t *testing.T, src, dialect string) {
		if len(src) > 4096 {
			return
		}
		g := &source.Script{Text: src, Map: source.Identity(0, len(src)), Language: "shell", Dialect: dialect}
		r := shell.Read(g, shell.Options{Pack: pack, Links: []string{"tutor"}})
		once(t, src, pack.Program.Name, r)
		for _, o := range r.Occurrences {
			if o.Class == site.Unexplained && len(r.Problems) == 0 && dialect == "" {
				t.Fatalf("%v is unexplained in a text without mistakes", o.Span)
			}
		}
	})
}
