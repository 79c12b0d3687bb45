package install

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// short is a command as the tables write it.
func short(c Command) string {
	var b strings.Builder
	b.WriteString(c.Program + ":")
	for _, p := range c.Packages {
		fmt.Fprintf(&b, " %s", p.Text)
		if len(p.Vars) > 0 {
			fmt.Fprintf(&b, "?%s", strings.Join(p.Vars, ","))
		}
	}
	for _, f := range c.Files {
		b.WriteString(" -r " + f)
	}
	for _, i := range c.Indexes {
		b.WriteString(" {" + i + "}")
	}
	if c.Elsewhere != "" {
		b.WriteString(" elsewhere")
	}
	return b.String()
}

func TestCommands(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"pip install tutor==14.2.2", []string{"pip: tutor==14.2.2"}},
		{`pip3 install --no-cache-dir "tutor>=14,<15" 'tutor-mfe' # why`, []string{"pip3: tutor>=14,<15 tutor-mfe"}},
		{"sudo -H -u joe PIP_X=1 python3.9 -u -m pip --quiet install -U tutor", []string{"python3.9: tutor"}},
		{"uv pip install --system -p 3.11 tutor", []string{"uv: tutor"}},
		{"uv tool install tutor", []string{"uv: tutor"}},
		{"pipx install --python 3.9 'tutor[full]==14.2.2'", []string{"pipx: tutor[full]==14.2.2"}},
		{"pip install -r a.txt -rb.txt --requirement=c.txt tutor", []string{"pip: tutor -r a.txt -r b.txt -r c.txt"}},
		{"pip install --extra-index-url https://h/simple -i https://h2 --pre tutor-x", []string{"pip: tutor-x {--extra-index-url https://h/simple} {--index-url https://h2} {--pre}"}},
		{"pip install -e git+https://h/tutor-x.git@v1#egg=tutor-x -e ./y", []string{"pip: git+https://h/tutor-x.git@v1#egg=tutor-x ./y"}},
		{`pip install "tutor==$V" tutor-mfe==${W}`, []string{"pip: tutor==$V?V tutor-mfe==${W}?W"}},
		{"pip install \\\n  tutor \\\n  awscli", []string{"pip: tutor awscli"}},
		{"a && (b; pip install x) || { pip install y; }", []string{"pip: x", "pip: y"}},
		{"/srv/venv/bin/pip install tutor", []string{"/srv/venv/bin/pip: tutor"}},
		{"pip install --target lib tutor", []string{"pip: tutor elsewhere"}},
		{"pip install tutor==$(cat v)", []string{"pip: tutor==$(cat v)?"}},

		{"echo pip install tutor", nil},
		{"pip uninstall -y tutor", nil},
		{"pip download tutor", nil},
		{"pip list | grep install", nil},
		{"apt-get install tutor", nil},
		{"npm install tutor", nil},
		{"python3 -m venv install", nil},
		{"pip", nil},
		{"uv venv install", nil},
		{"# pip install tutor", nil},
	} {
		t.Run(tt.in, func(t *testing.T) {
			s, err := Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range s.Commands {
				got = append(got, short(c))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// cutTutor takes every package called tutor… out of a script.
func cutTutor(s *Script) Cut {
	return s.Cut(func(c, p int) bool { return strings.HasPrefix(s.Commands[c].Packages[p].Key(), "tutor") })
}

func apply(text string, edits []Edit) string {
	for i := len(edits) - 1; i >= 0; i-- {
		text = text[:edits[i].Start] + edits[i].New + text[edits[i].End:]
	}
	return text
}

func TestCut(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"one of several", "pip install tutor==14 awscli\n", "pip install awscli\n"},
		{"the last of several", "pip install awscli 'tutor>=14'\n", "pip install awscli\n"},
		{"continuations", "pip install \\\n    tutor==14 \\\n    awscli \\\n    tutor-mfe\n", "pip install \\\n    awscli\n"},
		{"with a requirements file", "pip install tutor -r x.txt\n", "pip install -r x.txt\n"},
		{"editable", "pip install x -e git+https://h/tutor-y.git y\n", "pip install x y\n"},
		{"a line of its own", "a\npip install tutor # yes\nb\n", "a\nb\n"},
		{"two lines of its own", "a\n  pip install \\\n  tutor\nb\n", "a\nb\n"},
		{"the first of a chain", "pip install tutor && b\n", "b\n"},
		{"the middle of a chain", "a && pip install tutor && b\n", "a && b\n"},
		{"the end of a chain", "a && pip install tutor\n", "a\n"},
		{"two of a chain", "pip install tutor && pip install tutor-mfe && b\n", "b\n"},
		{"all of a chain", "a\npip install tutor && pip install tutor-mfe\n", "a\n"},
		{"behind a question", "set -e\n[ -x y ] && pip install tutor\n! a && pip install tutor\n", "set -e\n[ -x y ] && true\n! a && true\n"},
		{"or", "a\npip install tutor || exit 1\nb\n", "a\nb\n"},
		{"as the last resort", "command -v tutor || pip install tutor\n", "command -v tutor || true\n"},
		{"semicolons", "a; pip install tutor; b\n", "a; b\n"},
		{"the last after a semicolon", "a; pip install tutor\n", "a\n"},
		{"two after a semicolon", "a; pip install tutor; pip install tutor-mfe\n", "a\n"},
		{"all of a branch", "if x; then\n  pip install tutor\nfi\n", "if x; then\n  true\nfi\n"},
		{"one of a branch", "if x; then\n  pip install tutor\n  b\nfi\n", "if x; then\n  b\nfi\n"},
		{"a condition", "if pip install tutor; then b; fi\n", "if true; then b; fi\n"},
		{"a function", "f() {\n  pip install tutor\n}\n", "f() {\n  true\n}\n"},
		{"a subshell", "(cd x; pip install tutor)\n", "(cd x)\n"},
		{"a loop", "for i in a; do pip install tutor; done\n", "for i in a; do true; done\n"},
		{"its output thrown away", "pip install tutor > /dev/null 2>&1\na\n", "a\n"},

		{"left: a pipe", "pip install tutor | tee log\n", "pip install tutor | tee log\n"},
		{"left: in the background", "pip install tutor &\nwait\n", "pip install tutor &\nwait\n"},
		{"left: negated", "if ! pip install tutor; then x; fi\n", "if ! pip install tutor; then x; fi\n"},
		{"left: its output is used", "x=$(pip install tutor)\n", "x=$(pip install tutor)\n"},
		{"left: or another", "pip install tutor || pip install awscli\n", "pip install tutor || pip install awscli\n"},
		{"not one", "pip install awscli && tutor --version\n", "pip install awscli && tutor --version\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			cut := cutTutor(s)
			if got := apply(tt.in, cut.Edits); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if left := len(cut.Left) > 0; left != strings.HasPrefix(tt.name, "left") {
				t.Errorf("left: %v", cut.Left)
			}
			if cut.Gone {
				t.Error("gone")
			}
		})
	}
}

func TestGone(t *testing.T) {
	for _, in := range []string{"pip install tutor", "pip install tutor && pip install tutor-mfe==1", "pip install tutor || true", "# why\npip install tutor\n"} {
		s, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if !cutTutor(s).Gone {
			t.Errorf("%q is not gone", in)
		}
	}
}

// FuzzCut holds that what is left still parses, that what was to go is gone or reported, and that other packages stay.
func FuzzCut(f *testing.F) {
	for _, s := range []string{"pip install tutor x && a || b; c", "if pip install tutor; then pip install tutor; fi", "a; pip install \\\n tutor \\\n y\n(pip install tutor)", "case x in a) pip install tutor;; esac", "time pip install tutor & b", "! pip install tutor || pip install tutor"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		cut := cutTutor(s)
		last := 0
		for _, e := range cut.Edits {
			if e.Start < last || e.End < e.Start || e.End > len(text) {
				t.Fatalf("edits %v of %q", cut.Edits, text)
			}
			last = e.End
		}
		left := apply(text, cut.Edits)
		again, err := Parse(left)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, left, err)
		}
		if want, got := others(s), others(again); len(cut.Left) == 0 && want != got {
			t.Errorf("%q became %q: others were %s, are %s", text, left, want, got)
		}
	})
}

// others are the packages that stay, one after the other.
func others(s *Script) string {
	var out []string
	for _, c := range s.Commands {
		for _, p := range c.Packages {
			if !strings.HasPrefix(p.Key(), "tutor") {
				out = append(out, p.Text)
			}
		}
	}
	return strings.Join(out, " ")
}
