package requirement

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// read reads instances/a/req.txt of a workspace that holds files.
func read(t *testing.T, files map[string]string, env map[string]string) (*Set, *redact.Secrets, error) {
	t.Helper()
	base := t.TempDir()
	for name, text := range files {
		name = filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	secrets := new(redact.Secrets)
	set, err := Read(Source{Root: root, Base: base, Dir: "instances/a", Name: "req.txt", Env: func(k string) string { return env[k] }, Secrets: secrets})
	return set, secrets, err
}

const top = "instances/a/req.txt"

func TestEntries(t *testing.T) {
	for _, tt := range []struct{ in, named, install string }{
		{"tutor==14.2.2", "tutor==14.2.2", "tutor==14.2.2"},
		{"tutor >= 14, < 15  # a range", "tutor>=14,<15", "tutor>=14,<15"},
		{"Tutor_MFE[x,y] ~=14.0 ; python_version < '4'", "Tutor_MFE[x,y]~=14.0 ; python_version < '4'", "Tutor_MFE[x,y]~=14.0 ; python_version < '4'"},
		{"tutor==14 --hash=sha256:aa", "tutor==14", "tutor==14 --hash=sha256:aa"},
		{"git+https://h/x/tutor-forum.git@branch/with-slash # note", "", "git+https://h/x/tutor-forum.git@branch/with-slash"},
		{"git+https://h/x/tutor#egg=tutor[full]&subdirectory=d", "tutor[full]", "git+https://h/x/tutor#egg=tutor[full]&subdirectory=d"},
		{"tutor @ git+https://h/x@v1 ; python_version>'3'", "tutor ; python_version>'3'", "tutor @ git+https://h/x@v1 ; python_version>'3'"},
		{"-e git+https://h/x#egg=y", "y", "git+https://h/x#egg=y"},
		{"-e ./own[a]", "", "<DIR/own>[a]"},
		{"-e './my own'", "", "<DIR/my own>"},
		{"own", "own", "own"},
		{"own/", "", "<DIR/own>"},
		{"./own.whl", "", "<DIR/own.whl>"},
		{"own.whl", "", "<DIR/own.whl>"},
		{"file:own", "", "<DIR/own>"},
		{"mine[a] @ file:own ; os_name == 'posix'", "mine[a] ; os_name == 'posix'", "mine[a] @ file://DIR/own ; os_name == 'posix'"},
	} {
		set, _, err := read(t, map[string]string{top: tt.in + "\n", "instances/a/own/setup.py": "", "instances/a/my own/setup.py": "", "instances/a/own.whl": ""}, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		e := set.Lines[0]
		install := e.Install(func(abs string) string { return "<" + abs + ">" })
		if e.Local != "" {
			install = strings.ReplaceAll(install, filepath.Dir(e.Local), "DIR")
		}
		if e.Named() != tt.named || install != tt.install || !e.Wanted() || e.Name != "" && e.Name != Normalise(e.Package) {
			t.Errorf("%s: %q, %q, %+v", tt.in, e.Named(), install, e)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"pip command", "tutor==14\npip install tutor\n", "req.txt:2: `pip install tutor` is a command, not a requirement"},
		{"tutor command", "tutor plugins enable mfe", "req.txt:1: `tutor plugins enable mfe` is a command, not a requirement"},
		{"missing include", "-r other.txt", "there is no such file"},
		{"include outside", "-r ../../../../etc/passwd", "outside the workspace"},
		{"include absolute", "-r /etc/passwd", "only files of the workspace"},
		{"include by URL", "-r https://joe:hunter22@h/x", "https://***@h/x"},
		{"unknown option", "--upgrade", "has no place in a requirements file"},
		{"option without a value", "--index-url", "needs a value"},
		{"one sign of equality", "tutor=14", "is no requirement"},
		{"not text", "tutor\xff==1", "UTF-8"},
		{"local path that is not there", "./plugins/x", "there is no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := read(t, map[string]string{top: tt.in}, nil)
			var mistake *Error
			if !errors.As(err, &mistake) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter22") {
				t.Errorf("the secret is in %v", err)
			}
		})
	}
	if _, _, err := read(t, map[string]string{"instances/a/x": ""}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestIncludesAndContinuations(t *testing.T) {
	set, _, err := read(t, map[string]string{
		top:                 "\ufefftutor \\\r\n  ==14 \\\n # a comment ends it\n-r ../../defaults/b.txt\n-c c.txt\n\n",
		"defaults/b.txt":    "-r ../instances/a/req.txt\nmfe#not-a-comment-without-space==1\n",
		"instances/a/c.txt": "click<8.3",
	}, nil)
	if err == nil {
		t.Fatalf("mfe#… was taken for %v", set.Lines)
	}
	set, _, err = read(t, map[string]string{
		top:                 "\ufefftutor \\\r\n  ==14 \\\n # a comment ends it\n-r ../../defaults/b.txt\n-c c.txt\n\n",
		"defaults/b.txt":    "-r ../instances/a/req.txt\nmfe==1 # comment",
		"instances/a/c.txt": "click<8.3",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range set.Lines {
		got = append(got, l.File+" "+l.digested())
	}
	want := []string{"req.txt tutor ==14", "../../defaults/b.txt mfe==1", "c.txt constraint click<8.3"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(set.Files) != 3 || set.Files[1].Path != "../../defaults/b.txt" {
		t.Errorf("files: %v", set.Files)
	}
}

func TestSecretsAreLearnedAndHidden(t *testing.T) {
	env := map[string]string{"TOKEN": "t0kent0ken", "BRANCH": "main", "INDEX": "https://joe:hunter22@h/simple", "Q": "queryqq"}
	_, _, err := read(t, map[string]string{top: `git+https://u:${TOKEN}@h/x.git@${BRANCH}
--index-url ${INDEX}
--extra-index-url https://h/simple?key=${Q}
https://plain:literal1@h/y.whl
${UNSET}tutor`}, env)
	if err == nil {
		t.Fatal("an unset variable is part of a name")
	}
	set, secrets, err := read(t, map[string]string{top: `git+https://u:${TOKEN}@h/x.git@${BRANCH}
--index-url ${INDEX}
--extra-index-url https://h/simple?key=${Q}
https://plain:literal1@h/y.whl`}, env)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, l := range set.Lines {
		all = append(all, l.Public)
	}
	want := []string{"git+https://***@h/x.git@main", "--index-url https://***@h/simple", "--extra-index-url https://h/simple?key=***", "https://***@h/y.whl"}
	if d := cmp.Diff(want, all); d != "" {
		t.Error(d)
	}
	if set.Lines[0].Text != "git+https://u:t0kent0ken@h/x.git@main" {
		t.Errorf("installed from %q", set.Lines[0].Text)
	}
	for _, s := range []string{"t0kent0ken", "hunter22", "queryqq", "literal1"} {
		if got := secrets.Text("x " + s); strings.Contains(got, s) {
			t.Errorf("%q is not known as a secret", s)
		}
	}
}

func TestDigest(t *testing.T) {
	base := map[string]string{top: "tutor==14\n-r b.txt\n", "instances/a/b.txt": "mfe==1\n"}
	digest := func(files map[string]string, env map[string]string) string {
		t.Helper()
		set, _, err := read(t, files, env)
		if err != nil {
			t.Fatal(err)
		}
		return set.Digest
	}
	first := digest(base, nil)
	for _, tt := range []struct {
		name  string
		files map[string]string
		same  bool
	}{
		{"comment and white space", map[string]string{top: "# hello\ntutor==14   # x\r\n\r\n-r b.txt\n", "instances/a/b.txt": "mfe==1"}, true},
		{"included inline", map[string]string{top: "tutor==14\nmfe==1\n"}, true},
		{"version", map[string]string{top: "tutor==15\n-r b.txt\n", "instances/a/b.txt": "mfe==1\n"}, false},
		{"included file", map[string]string{top: "tutor==14\n-r b.txt\n", "instances/a/b.txt": "mfe==2\n"}, false},
		{"order", map[string]string{top: "-r b.txt\ntutor==14\n", "instances/a/b.txt": "mfe==1\n"}, false},
		{"constraint instead", map[string]string{top: "tutor==14\n-c b.txt\n", "instances/a/b.txt": "mfe==1\n"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := digest(tt.files, nil) == first; got != tt.same {
				t.Errorf("same: %t, want %t", got, tt.same)
			}
		})
	}
	token := map[string]string{top: "git+https://${T}@h/x@${B}"}
	if digest(token, map[string]string{"T": "aaaaaa", "B": "m"}) != digest(token, map[string]string{"T": "bbbbbb", "B": "m"}) {
		t.Error("a new token changes the digest")
	}
	if digest(token, map[string]string{"B": "m"}) == digest(token, map[string]string{"B": "n"}) {
		t.Error("a new branch does not change the digest")
	}
}

func TestLocalRequirementIsFollowed(t *testing.T) {
	files := map[string]string{top: "-e ./p\n", "instances/a/p/setup.py": "x", "instances/a/p/build/y": "y"}
	one, _, err := read(t, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	files["instances/a/p/build/y"] = "longer"
	two, _, _ := read(t, files, nil)
	files["instances/a/p/setup.py"] = "longer"
	three, _, _ := read(t, files, nil)
	if one.Digest != two.Digest || two.Digest == three.Digest {
		t.Errorf("digests %s, %s, %s", one.Digest, two.Digest, three.Digest)
	}
	if !strings.HasSuffix(one.Lines[0].Local, "/instances/a/p") {
		t.Errorf("local: %q", one.Lines[0].Local)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("tutor==1\n-r x\n", "TOK")
	f.Add("git+https://a:${TOKEN}@h/x\\\n@y # z", "sec@ret/x")
	f.Fuzz(func(t *testing.T, text, token string) {
		for _, l := range Parse([]byte(text)).Lines {
			e := ParseEntry(squeeze(l.Text), "/d")
			if l.Number < 1 || strings.ContainsAny(l.Text, "\n") || e.Local != "" && !filepath.IsAbs(e.Local) {
				t.Errorf("line %+v", l)
			}
		}
		r := &reader{Source: Source{Env: func(string) string { return token }, Secrets: new(redact.Secrets)}}
		_, public := r.expand("git+https://u:${TOKEN}@h/x")
		if public != "git+https://***@h/x" {
			t.Errorf("public form %q", public)
		}
	})
}
