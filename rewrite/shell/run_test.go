package shell

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// snippets are scripts that run the program once, with the arguments a and b, in every form that a fix writes.
var snippets = []string{
	`tutor a b`,
	`"tutor" a b`,
	`'tutor' a b`,
	`\tutor a b`,
	`T=tutor; $T a b`,
	`T=tutor; "$T" a b`,
	`T="tutor a"; $T b`,
	`T='tutor a'; $T b`,
	`T="${T:-tutor}"; "$T" a b`,
	`T=${T:-tutor}; "$T" a b`,
	`: "${T:=tutor}"; $T a b`,
	`${T:-tutor} a b`,
	`"${T:-tutor}" a b`,
	`echo "$(tutor a b)"`,
	"echo `tutor a b`",
	"echo \"`tutor a b`\"",
	"echo \"x `tutor a b` y\"",
	`x=$(tutor a b); echo "$x"`,
	`sh -c 'tutor a b'`,
	`sh -c "tutor a b"`,
	`sh -c "tutor a $b"`,
	`sh -c "'tutor' a b"`,
	`sh -c '"tutor" a b'`,
	`sh -c "sh -c 'tutor a b'"`,
	`sh -c 'sh -c "tutor a b"'`,
	`sh -c 'exec "$@"' _ tutor a b`,
	`eval "tutor a b"`,
	`eval 'tutor a b'`,
	`eval tutor a b`,
	`trap 'tutor a b' EXIT`,
	`trap "tutor a b" EXIT`,
	`echo "tutor a b" | sh`,
	`echo 'tutor a b' | sh`,
	"sh <<EOF\ntutor a b\nEOF",
	"sh <<'EOF'\ntutor a b\nEOF",
	"sh <<-EOF\n\ttutor a b\n\tEOF",
	"cat <<EOF\n$(tutor a b)\nEOF",
	"cat <<EOF\n`tutor a b`\nEOF",
	`echo b | xargs tutor a`,
	`env X=y tutor a b`,
	`env TUTOR_ROOT="$CI_PROJECT_DIR/instances/one" tutor a b`,
	`TUTOR_ROOT="$CI_PROJECT_DIR/instances/$instance" tutor a b`,
	`TUTOR_ROOT=$CI_PROJECT_DIR/instances/'one' tutor a b`,
	`timeout 9 tutor a b`,
	`nice -n 1 nohup tutor a b`,
	`exec tutor a b`,
	`command tutor a b`,
	`find . -maxdepth 0 -exec tutor a b \;`,
	`if tutor a b; then :; fi`,
	`case x in x) tutor a b;; esac`,
	`tutor \` + "\n  a \\\n  b",
	`f() { tutor "$@"; }; f a b`,
	`f() { "$@"; }; f tutor a b`,
	`f() { echo tutor; }; $(f) a b`,
	`set -- tutor a; "$@" b`,
	`command -v tutor >/dev/null && tutor a b`,
	`T=$(command -v tutor); "$T" a b`,
	`(cd / && tutor a b)`,
	`tutor a b && :`,
	`! tutor a b`,
	"while read -r l; do $l; done <<EOF\ntutor a b\nEOF",
	"sh -c \"$(cat <<'EOF'\ntutor a b\nEOF\n)\"",
	"cat <<'EOF' | sh\necho \"it's\"; tutor a b\nEOF",
	`l="tutor a b"; sh -c "$l"`,
	`l='tutor a b'; eval "$l"`,
	`for c in "tutor a b"; do $c; done`,
	`f() { sh -c "$1"; }; f "tutor a b"`,
	`f() { sh -c "$1 b"; }; f 'tutor a'`,
}

// The scripts are run twice, before the fix with the program in PATH, and after it with one in the environment of an
// instance only: the program gets the same arguments.
func TestRuns(t *testing.T) {
	for _, shell := range []string{"sh", "bash", "dash"} {
		t.Run(shell, func(t *testing.T) {
			binary := program.Find(t, shell)
			dir := stage(t)
			for _, snippet := range snippets {
				runs(t, dir, binary, snippet)
			}
		})
	}
}

// stage is a directory with a global program and that of the instance "one"; both write their name and arguments to a log.
func stage(t *testing.T) string {
	dir := t.TempDir()
	for name, kind := range map[string]string{"bin": "global", "instances/one/.venv/bin": "one"} {
		bin := filepath.Join(dir, name)
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\necho \"" + kind + " $*\" >> \"$LOG\"\necho out\n"
		if err := os.WriteFile(filepath.Join(bin, "tutor"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func runs(t *testing.T, dir, binary, snippet string) {
	t.Helper()
	src := "instance=one\nb=b\nexport instance\n" + snippet + "\n"
	w := newWorld(t, map[string][]byte{"x": []byte(src)})
	fixes, refused := Fixes(w.input())
	if len(refused) > 0 || len(fixes) == 0 {
		t.Errorf("%s: %d fixes, refused: %v", snippet, len(fixes), refused)
		return
	}
	after := string(w.apply(t, fixes)["x"])
	before, was := run(t, dir, binary, src, true)
	now, is := run(t, dir, binary, after, false)
	if strings.ReplaceAll(before, "global", "one") != now || before == "" || was != is {
		t.Errorf("%s: was\n%s%snow\n%s%s\n%s", snippet, before, was, now, is, after)
	}
}

// run is the log of a script, and what it prints.
func run(t *testing.T, dir, binary, script string, global bool) (log, out string) {
	t.Helper()
	file := filepath.Join(dir, "log")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-c", script)
	cmd.Dir = dir
	path := "/usr/bin:/bin"
	if global {
		path = filepath.Join(dir, "bin") + ":" + path
	}
	cmd.Env = []string{"PATH=" + path, "LOG=" + file, "CI_PROJECT_DIR=" + dir, "HOME=" + dir}
	printed, _ := cmd.Output()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), string(printed)
}

// Embedded scripts are written with the path in place, through their own map and form.
func TestScripts(t *testing.T) {
	w := newWorld(t, nil)
	slot := func(g *source.Script, text string, at int, quote byte) *site.Slot {
		s := source.Span{Start: at, End: at + len(text)}
		return &site.Slot{Form: site.ShellWord, Language: "shell", Script: g, At: s, Span: s, Quote: quote}
	}
	escape := func(_ source.Span, text string) (string, error) { return strings.ReplaceAll(text, `"`, `\"`), nil }
	dollars := func(_ source.Span, text string) (string, error) { return strings.ReplaceAll(text, "$", "$$"), nil }
	for _, tc := range []struct {
		name     string
		embedded source.Script
		quote    byte
		root     bool
		expr     string
		file     string
		form     site.Form
		want     string // the replacement in the host; empty when it is refused
	}{
		{name: "yaml", embedded: source.Script{Host: "yaml"}, expr: "$INSTANCE_NAME", want: `"$CI_PROJECT_DIR/instances/$INSTANCE_NAME/.venv/bin/tutor"`},
		{name: "double-quoted scalar", embedded: source.Script{Host: "yaml", Render: escape}, expr: "$X", want: `\"$CI_PROJECT_DIR/instances/$X/.venv/bin/tutor\"`},
		{name: "template", embedded: source.Script{Host: "yaml"}, expr: "{{ name }}", want: `"$CI_PROJECT_DIR/instances/{{ name }}/.venv/bin/tutor"`},
		{name: "makefile", embedded: source.Script{Host: "makefile", Render: dollars}, expr: "$i", want: `"$${CI_PROJECT_DIR:-/workspace}/instances/$$i/.venv/bin/tutor"`},
		{name: "document", embedded: source.Script{Host: "markdown", Document: true}, expr: "mysite", want: `instances/mysite/.venv/bin/tutor`},
		{name: "root", embedded: source.Script{Host: "dockerfile"}, root: true, expr: "$TUTOR_ROOT", want: `"$TUTOR_ROOT/.venv/bin/tutor"`},
		{name: "quoted already", embedded: source.Script{Host: "dockerfile"}, quote: '"', root: true, expr: "$R", want: `$R/.venv/bin/tutor`},
		{name: "workflow", embedded: source.Script{Host: "yaml"}, file: ".github/workflows/x.yml", expr: "$I", want: `"$GITHUB_WORKSPACE/instances/$I/.venv/bin/tutor"`},
		{name: "list of words", embedded: source.Script{Host: "dockerfile"}, form: site.Element, root: true, expr: "/opt/x", want: "/opt/x/.venv/bin/tutor"},
		{name: "list of words with a variable", embedded: source.Script{Host: "dockerfile"}, form: site.Element, root: true, expr: "$R"},
		{name: "list of words by name", embedded: source.Script{Host: "dockerfile"}, form: site.Element, expr: "one"},
		{name: "several lines", embedded: source.Script{Host: "yaml"}, expr: "$(x\ny)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := tc.embedded
			g.Text, g.Map, g.Language = "tutor a", source.Identity(0, 7), "shell"
			if tc.quote != 0 {
				g.Text, g.Map = `"tutor" a`, source.Identity(0, 9)
			}
			s := slot(&g, "tutor", strings.Index(g.Text, "tutor"), tc.quote)
			if tc.form != "" {
				s.Form = tc.form
			}
			file := tc.file
			if file == "" {
				file = "x.yml"
			}
			w.files = map[string][]byte{file: []byte(g.Text)}
			in := render.Input{Pack: w.pack, Read: w.read, Sites: []render.Site{{
				File: file, ByRoot: tc.root, Instance: site.Name{Expr: tc.expr},
				Occurrence: &site.Occurrence{Class: site.Invocation, Slot: s},
			}}}
			fixes, refused := Fixes(in)
			if tc.want == "" {
				if len(fixes) != 0 || len(refused) != 1 || refused[0].Reason == "" {
					t.Fatalf("not refused: %v", fixes)
				}
				return
			}
			if len(fixes) != 1 {
				t.Fatalf("refused: %v", refused)
			}
			if got := fixes[0].Changes[0].Edits[0].New; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
