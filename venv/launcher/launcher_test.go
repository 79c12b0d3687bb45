package launcher

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

func TestRewritten(t *testing.T) {
	const body = "import sys\r\nprint(1)\n"
	for _, tt := range []struct {
		name, in string
		ours     bool
	}{
		{"shebang", "#!/e n/v/bin/python\n", true},
		{"shebang with a version", "#!/e n/v/bin/python3.11\n", true},
		{"shebang with CR", "#!/e n/v/bin/python\r\n", true},
		{"quoted shebang", "#!\"/e n/v/bin/python\"\n", true},
		{"long form of installers", "#!/bin/sh\n'''exec' \"/e n/v/bin/python\" \"$0\" \"$@\"\n' '''\n", true},
		{"relocatable form of uv", "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n", true},
		{"another environment", "#!/other/bin/python\n", false},
		{"an environment with this one's name as its beginning", "#!/e n/v2/bin/python\n", false},
		{"the system's", "#!/usr/bin/env python3\n", false},
		{"a shell script", "#!/bin/sh\nexec true\n", false},
		{"no script", "\x7fELF", false},
		{"empty", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := rewritten([]byte(tt.in+body), "/e n/v")
			if ok != tt.ours {
				t.Fatalf("rewritten: %t", ok)
			}
			if !ok {
				return
			}
			if string(got) != Head+body {
				t.Errorf("got %q", got)
			}
			if again, ok := rewritten(got, "/e n/v"); ok {
				t.Errorf("a second time: %q", again)
			}
		})
	}
}

func TestRewriteKeepsModesAndOthers(t *testing.T) {
	env := t.TempDir()
	bin := filepath.Join(env, "bin")
	if err := os.Mkdir(bin, 0o777); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"a": "#!" + bin + "/python\nx\n", "b": "#!/bin/sh\n", "c": "binary"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(bin, name), 0o777); err != nil { // more than umask leaves
			t.Fatal(err)
		}
	}
	// A second name in a cache must keep its content.
	cache := filepath.Join(env, "cache")
	if err := os.Link(filepath.Join(bin, "a"), cache); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(bin, "python")); err != nil {
		t.Fatal(err)
	}
	changed, err := Rewrite(env)
	if err != nil || len(changed) != 1 || changed[0] != "a" {
		t.Fatalf("%v, %v", changed, err)
	}
	info, _ := os.Stat(filepath.Join(bin, "a"))
	if info.Mode().Perm() != 0o777 {
		t.Errorf("mode %s", info.Mode())
	}
	if text, _ := os.ReadFile(cache); string(text) != files["a"] {
		t.Errorf("the cache holds %q", text)
	}
}

// The head is one exec for a shell, and nothing for Python.
func TestHeadRuns(t *testing.T) {
	python := program.Find(t, "python3")
	bin := filepath.Join(t.TempDir(), `odd 'place' "$HOME" \ é`)
	if err := os.Mkdir(bin, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(python, filepath.Join(bin, "python")); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(bin, "run me")
	if err := os.WriteFile(script, []byte(Head+"# -*- coding: utf-8 -*-\nimport sys\nprint(sys.argv[1:])\nsys.exit(9)\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(script, "a b", "$x", `"`).Output()
	var exit *exec.ExitError
	if e, ok := err.(*exec.ExitError); ok {
		exit = e
	}
	if exit == nil || exit.ExitCode() != 9 || strings.TrimSpace(string(out)) != `['a b', '$x', '"']` {
		t.Errorf("%s, %v", out, err)
	}
}

func TestForeign(t *testing.T) {
	base := t.TempDir()
	env, other, plain := filepath.Join(base, "env"), filepath.Join(base, "other"), filepath.Join(base, "usr")
	for _, d := range []string{env, other, plain} {
		if err := os.MkdirAll(filepath.Join(d, "bin"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d, "bin", "python3"), nil, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(other, "pyvenv.cfg"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"mine":     "#!" + env + "/bin/python3\n",
		"copied":   "#!" + other + "/bin/python3\n",
		"gone":     "#!/nonexistent/bin/python\n",
		"longform": "#!/bin/sh\n'''exec' \"" + other + "/bin/python3\" \"$0\" \"$@\"\n' '''\n",
		"system":   "#!" + plain + "/bin/python3\n",
		"envform":  "#!/usr/bin/env python3\n",
		"ours":     Head,
	} {
		if err := os.WriteFile(filepath.Join(env, "bin", name), []byte(text+"pass\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Foreign(env, filepath.Join(plain, "bin", "python3"))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got["copied"] == "" || got["gone"] == "" || got["longform"] == "" {
		t.Errorf("%v", got)
	}
}

func FuzzRewritten(f *testing.F) {
	f.Add("#!/v/bin/python\nx")
	f.Add("#!/bin/sh\n'''exec' x\n' '''\ny")
	f.Fuzz(func(t *testing.T, text string) {
		out, ok := rewritten([]byte(text), "/v")
		if !ok {
			return
		}
		if !strings.HasPrefix(string(out), Head) {
			t.Errorf("%q became %q", text, out)
		}
		if _, again := rewritten(out, "/v"); again {
			t.Errorf("%q is rewritten twice", text)
		}
	})
}
