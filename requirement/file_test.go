package requirement

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// short is a line as the tables write it.
func short(l Line) string {
	s := string(l.Kind)
	if l.Wanted() {
		s += " " + l.Key() + "|" + l.Requirement.String()
	}
	if l.Flag != "" {
		s += " " + l.Flag + " " + l.Value
	}
	if l.Note != "" {
		s += " " + l.Note
	}
	return s
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"tutor==14.2.2", "named tutor|tutor==14.2.2"},
		{"tutor >= 14, < 15  # a range", "named tutor|tutor>=14,<15 # a range"},
		{"Tutor_MFE[x, y] ~=14.0 ; python_version < '4'", "named tutor-mfe|Tutor_MFE[x,y]~=14.0 ; python_version < '4'"},
		{"tutor(>=14)", "named tutor|tutor>=14"},
		{`tutor==14 --hash=sha256:aa \` + "\n  --hash=sha256:bb", "named tutor|tutor==14 --hash=sha256:aa --hash=sha256:bb"},
		{"tutor==14 ; python_version<'4' --hash=sha256:aa # why", "named tutor|tutor==14 ; python_version<'4' --hash=sha256:aa # why"},
		{"git+https://h/x/tutor-forum.git@branch/with-slash # note", "direct tutor-forum|git+https://h/x/tutor-forum.git@branch/with-slash # note"},
		{"git+https://h/x/tutor-contrib-s3@0123456789abcdef0123456789abcdef01234567", "direct tutor-contrib-s3|git+https://h/x/tutor-contrib-s3@0123456789abcdef0123456789abcdef01234567"},
		{"git+https://h/x/tutor.git@nightly", "direct tutor|git+https://h/x/tutor.git@nightly"},
		{"git+https://h/mono#egg=tutor-x&subdirectory=plugins/x", "direct tutor-x|git+https://h/mono#egg=tutor-x&subdirectory=plugins/x"},
		{"git+https://h/mono@main#subdirectory=plugins/tutor-x", "direct tutor-x|git+https://h/mono@main#subdirectory=plugins/tutor-x"},
		{"git+https://h/mono#subdirectory=plugins/x#not", "direct mono|git+https://h/mono#subdirectory=plugins/x#not"},
		{"git+ssh://git@h/x/tutor-y.git@v1", "direct tutor-y|git+ssh://git@h/x/tutor-y.git@v1"},
		{"git+https://u:${TOKEN}@h/x/tutor-y.git", "direct tutor-y|git+https://u:${TOKEN}@h/x/tutor-y.git"},
		{"tutor @ git+https://h/x@v1 ; python_version>'3'", "named tutor|tutor @ git+https://h/x@v1 ; python_version>'3'"},
		{"https://h/tutor_mfe-1.0-py3-none-any.whl", "direct tutor-mfe|https://h/tutor_mfe-1.0-py3-none-any.whl"},
		{"-e git+https://h/x#egg=y", "direct y|-e git+https://h/x#egg=y"},
		{"-e './plugins src/x'", "local |-e './plugins src/x'"},
		{"--editable=./plugins/x[a]", "local |-e ./plugins/x[a]"},
		{"./tutor-mfe-1.tar.gz", "local |./tutor-mfe-1.tar.gz"},
		{"-r base.txt", "include -r base.txt"},
		{"-rbase.txt", "include -r base.txt"},
		{"--requirement=base.txt # x", "include --requirement base.txt # x"},
		{"-c ../c.txt", "constraint -c ../c.txt"},
		{"--extra-index-url https://${T}@h/simple", "option --extra-index-url https://${T}@h/simple"},
		{"--pre", "option --pre "},
		{"", "blank"},
		{"   ", "blank"},
		{"  # only", "comment # only"},

		{"pip install tutor", "foreign"},
		{"RUN pip install tutor==14", "foreign"},
		{"tutor plugins enable mfe", "foreign"},
		{"tutor=14", "foreign"},
		{"tutor==", "foreign"},
		{"tutor ==14 15", "foreign"},
		{"tutor[x==14", "foreign"},
		{"tutor; nonsense", "foreign"},
		{"tutor; python_version", "foreign"},
		{"tutor @ nowhere", "foreign"},
		{"- tutor==14", "foreign - tutor==14 "},
		{"--upgrade", "foreign --upgrade "},
		{"--index-url", "foreign --index-url "},
		{"-e", "foreign"},
		{"-e tutor", "foreign"},
		{"{{ cookiecutter.x }}", "foreign"},
		{"tutor = \"14\"", "foreign"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			f := Parse([]byte(tt.in + "\n"))
			if len(f.Lines) != 1 {
				t.Fatalf("%d lines", len(f.Lines))
			}
			l := f.Lines[0]
			if got := short(l); strings.TrimSpace(got) != strings.TrimSpace(tt.want) {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if (l.Problem != "") != (l.Kind == Foreign) {
				t.Errorf("%s with the problem %q", l.Kind, l.Problem)
			}
		})
	}
}

func TestLinesAreTheFile(t *testing.T) {
	src := "\ufeff# head\r\ntutor==14 \\\r\n  --hash=sha256:aa\r\n\r\nmfe \\\n# ends it\nx==1"
	f := Parse([]byte(src))
	var got []string
	for _, l := range f.Lines {
		got = append(got, fmt.Sprintf("%d %s", l.Number, short(l)))
	}
	want := []string{"1 comment # head", "2 named tutor|tutor==14 --hash=sha256:aa", "4 blank", "5 named mfe|mfe # ends it", "7 named x|x==1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if f.Newline() != "\r\n" {
		t.Error("the line break")
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		keys     []string
		want     string
	}{
		{"the line and its comments", "# head\na==1\n# about b,\n# really\nb==1 # end\n    # via x\nc==1\n", []string{"b"}, "# head\na==1\nc==1\n"},
		{"a comment that begins the file stays", "# head\na==1\nb==1\n", []string{"a"}, "# head\nb==1\n"},
		{"a comment behind a blank line stays", "x==1\n# section\n\na==1\nb==1\n", []string{"a"}, "x==1\n# section\n\nb==1\n"},
		{"continuations", "a==1 \\\n  --hash=sha256:a \\\n  --hash=sha256:b\nb==1\n", []string{"a"}, "b==1\n"},
		{"no double blank line", "x==1\n\na==1\n\nb==1\n", []string{"a"}, "x==1\n\nb==1\n"},
		{"no blank line at the end", "x==1\n\na==1\n", []string{"a"}, "x==1\n"},
		{"other blank lines stay", "x==1\n\n\ny==1\na==1\n", []string{"a"}, "x==1\n\n\ny==1\n"},
		{"CRLF", "x==1\r\na==1\r\ny==1\r\n", []string{"a"}, "x==1\r\ny==1\r\n"},
		{"no final newline", "x==1\na==1", []string{"a"}, "x==1\n"},
		{"the mark at the start stays", "\ufeffa==1\nb==1\n", []string{"a"}, "\ufeffb==1\n"},
		{"everything", "a==1\nb==1\n", []string{"a", "b"}, ""},
		{"nothing", "a==1\n\n\n\n", nil, "a==1\n\n\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Parse([]byte(tt.in))
			var cut []int
			for i, l := range f.Lines {
				for _, k := range tt.keys {
					if l.Wanted() && l.Key() == k {
						cut = append(cut, i)
					}
				}
			}
			if got := without(f.Src, f.Cut(cut)); string(got) != tt.want {
				t.Errorf("got %q\nwant %q", got, tt.want)
			}
		})
	}
}

// without is a text less some of its bytes.
func without(src []byte, spans []Span) []byte {
	var out []byte
	at := 0
	for _, s := range spans {
		out = append(out, src[at:s.Start]...)
		at = s.End
	}
	return append(out, src[at:]...)
}

func TestAppended(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "x\ny\n"},
		{"a\n", "a\nx\ny\n"},
		{"a", "a\nx\ny\n"},
		{"a\r\n", "a\r\nx\r\ny\r\n"},
		{"a\r\nb", "a\r\nb\r\nx\r\ny\r\n"},
	} {
		f := Parse([]byte(tt.in))
		if got := tt.in + f.Appended("x", "y"); got != tt.want {
			t.Errorf("%q: %q; want %q", tt.in, got, tt.want)
		}
	}
}

func TestRef(t *testing.T) {
	for _, tt := range []struct{ in, base, ref string }{
		{"git+https://h/x.git@branch/with-slash#egg=y", "git+https://h/x.git", "branch/with-slash"},
		{"git+https://u:p@h/x.git", "git+https://u:p@h/x.git", ""},
		{"git+ssh://git@h/x.git@v1", "git+ssh://git@h/x.git", "v1"},
		{"nothing", "nothing", ""},
	} {
		if base, ref := Ref(tt.in); base != tt.base || ref != tt.ref {
			t.Errorf("Ref(%q) = %q, %q", tt.in, base, ref)
		}
	}
}

// FuzzParse holds the promises: the lines are the file, a requirement's plain form reads as the same requirement, and a
// cut takes nothing but the lines that it names and what belongs to them.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"tutor==1\n-r x\n", "\ufeffa \\\r\n==1 # c\r\n", "# x\n\na==1 --hash=sha256:x\nb @ https://h/x.whl ; os_name=='x'\n", "-e ./x[a]\n\n\n--pre", "git+https://a:${T}@h/x\\\n@y # z\n"} {
		f.Add([]byte(s), uint8(0))
	}
	f.Fuzz(func(t *testing.T, src []byte, pick uint8) {
		file := Parse(src)
		at, wanted := 0, []int{}
		for i, l := range file.Lines {
			if l.Start != at || l.End <= l.Start {
				t.Fatalf("line %d is [%d,%d) after %d", i, l.Start, l.End, at)
			}
			at = l.End
			if l.Wanted() {
				wanted = append(wanted, i)
				again := Parse([]byte(l.Requirement.String())).Lines[0]
				if again.Kind != l.Kind || again.Key() != l.Key() || again.Requirement.String() != l.Requirement.String() {
					t.Errorf("%q reads as %s %q, then as %s %q", l.Text, l.Kind, l.Requirement, again.Kind, again.Requirement)
				}
			}
		}
		if at != len(src) {
			t.Fatalf("the lines end at %d of %d", at, len(src))
		}
		if len(wanted) == 0 {
			return
		}
		cut := wanted[int(pick)%len(wanted)]
		left := without(src, file.Cut([]int{cut}))
		var want []string
		for i, l := range file.Lines {
			if i != cut && l.Kind != Blank && l.Kind != Comment {
				want = append(want, l.Text)
			}
		}
		var got []string
		for _, l := range Parse(left).Lines {
			if l.Kind != Blank && l.Kind != Comment {
				got = append(got, l.Text)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("cutting line %d of %q: %s", cut, src, d)
		}
	})
}
