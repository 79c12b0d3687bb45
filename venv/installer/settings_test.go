package installer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestPipSettings(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".config", "pip", "pip.conf")
	write(t, filepath.Join(home, ".pip", "pip.conf"), "[global]\nindex-url = https://old/simple\ntimeout = 5\n")
	write(t, file, `# comment
[global]
index_url = https://u:p@i/simple
extra-index-url =
    https://one/simple
    https://two/simple
; another
trusted-host: i
quiet = 1
[list]
index-url = https://not/this
[install]
user = yes
target=/else/where
constraint = /c.txt
require-hashes = true
`)
	s := PipSettings([]string{"HOME=" + home, "XDG_CONFIG_DIRS=/nowhere", "PIP_PREFIX=/x", "PIP_ROOT=", "PIP_TIMEOUT=9", "PIP_NO_INPUT=1", "LANG=C"})
	want := map[string]string{"index-url": "https://u:p@i/simple", "extra-index-url": "https://one/simple https://two/simple", "trusted-host": "i", "constraint": "/c.txt", "timeout": "9"}
	for name, value := range want {
		if s.values[name] != value {
			t.Errorf("%s is %q, want %q", name, s.values[name], value)
		}
	}
	// The machine may have a /etc/pip.conf too.
	foreign := func(place string) bool { return strings.HasSuffix(place, "/etc/pip.conf") }
	if d := cmp.Diff([]string{"PIP_PREFIX", "target in " + file, "user in " + file}, slices.DeleteFunc(s.Ignored, foreign)); d != "" {
		t.Error(d)
	}
	if !s.RequireHashes || slices.Contains(s.variables, "PIP_PREFIX=/x") || !slices.Contains(s.variables, "LANG=C") {
		t.Errorf("%+v", s)
	}
	c := Pip{Version: "23.0"}.command(Job{Env: "/e", Dir: "/", Settings: s, Hashed: true}, "install")
	env := strings.Join(c.env, "\n")
	for _, want := range []string{"PIP_CONFIG_FILE=/dev/null", "PIP_INDEX_URL=https://u:p@i/simple", "PIP_EXTRA_INDEX_URL=https://one/simple https://two/simple", "PIP_CONSTRAINT=/c.txt"} {
		if !strings.Contains(env, want) {
			t.Errorf("%s is not in\n%s", want, env)
		}
	}
	if !slices.Contains(c.argv, "--require-hashes") {
		t.Errorf("%q", c.argv)
	}
	if s := PipSettings([]string{"HOME=" + home, "PIP_CONFIG_FILE=/dev/null"}); len(s.values) > 0 || len(s.Ignored) > 0 {
		t.Errorf("a file was read: %+v", s)
	}
	own := filepath.Join(home, "own.conf")
	write(t, own, "[global]\nproxy = http://p\n")
	if s := PipSettings([]string{"HOME=" + home, "PIP_CONFIG_FILE=" + own, "XDG_CONFIG_DIRS=/nowhere"}); s.values["proxy"] != "http://p" || s.values["index-url"] != "" {
		t.Errorf("the file that was named is the person's only one: %+v", s)
	}
}

func TestUVSettings(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".config", "uv", "uv.toml")
	write(t, filepath.Join(home, ".config", "uv", "wheels", "x"), "")
	write(t, file, `# comment
native-tls = true # of the company
override-dependencies = [
  "click==8.1.7", # why
  "x[y]>1",
]
find-links = ["wheels", "https://h/links"]
dependency-metadata = [{ name = "a", requires-dist = ["b"] }]

[[index]]
name = "own"
url = "https://u:p@i/simple"
[[dependency-metadata]]
name = "c"
[pip]
target = "/else/where"
require-hashes = true
'index-strategy' = "unsafe-best-match"
[sources]
tutor = { path = "/x" }
`)
	s := UVSettings([]string{"HOME=" + home, "UV_LINK_MODE=symlink", "UV_HTTP_TIMEOUT=9", "UV_INDEX_OWN_PASSWORD=x", "UV_RESOLUTION=lowest"})
	want := `native-tls = true
find-links = ["` + filepath.Join(home, ".config", "uv", "wheels") + `", "https://h/links"]
[[index]]
name = "own"
url = "https://u:p@i/simple"
[pip]
'index-strategy' = "unsafe-best-match"
`
	if d := cmp.Diff(want, s.config); d != "" {
		t.Error(d)
	}
	ignored := []string{"UV_LINK_MODE", "UV_RESOLUTION", "dependency-metadata in " + file, "override-dependencies in " + file, "sources in " + file, "target in " + file}
	if d := cmp.Diff(ignored, s.Ignored); d != "" {
		t.Error(d)
	}
	if !s.RequireHashes || !slices.Contains(s.variables, "UV_HTTP_TIMEOUT=9") || !slices.Contains(s.variables, "UV_INDEX_OWN_PASSWORD=x") {
		t.Errorf("%+v", s)
	}
	c := (&UV{Program: "/uv"}).pip(Job{Env: "/e", Dir: "/", Settings: s}, "install")
	if got := strings.Join(c.argv[:3], " "); got != "/uv --config-file /dev/fd/3" || c.files[0] != want || !slices.Contains(c.env, "UV_LINK_MODE=copy") {
		t.Errorf("%s, %q, %v", got, c.files, c.env)
	}
	none := UVSettings([]string{"HOME=" + home, "UV_NO_CONFIG=1"})
	c = (&UV{Program: "/uv"}).pip(Job{Env: "/e", Dir: "/", Settings: none}, "install")
	if c.argv[1] != "--no-config" || len(none.Ignored) > 0 {
		t.Errorf("%q, %v", c.argv, none.Ignored)
	}
}

// The person's file and the first of the system's hold together, as uv joins them.
func TestUVFilesJoin(t *testing.T) {
	home := t.TempDir()
	write(t, filepath.Join(home, ".config", "uv", "uv.toml"), `extra-index-url = ["https://own/simple"] # ]
'native-tls' = false
[[index]]
name = "own"
url = "https://own/x"
[pip]
no-binary=[
  "a", # a "#"
]
`)
	write(t, filepath.Join(home, "one", "uv", "uv.toml"), `native-tls=true
resolution = "lowest"
offline = false
extra-index-url = [
  "https://company/simple",
]
cache-keys = [{ file = "x" }]
[[index]]
name = "company"
url = "https://company/x"
[pip]
no-binary = ["b"]
index-strategy = "first-index"
`)
	write(t, filepath.Join(home, "two", "uv", "uv.toml"), "offline = true\nindex-url = \"https://two/simple\"\n")
	s := UVSettings([]string{"HOME=" + home, "XDG_CONFIG_DIRS=" + filepath.Join(home, "none") + ":" + filepath.Join(home, "one") + ":" + filepath.Join(home, "two")})
	want := `extra-index-url = ["https://own/simple", "https://company/simple"]
'native-tls' = false
offline = false
cache-keys = [{ file = "x" }]
[[index]]
name = "own"
url = "https://own/x"
[pip]
no-binary = ["a", "b"]
index-strategy = "first-index"
[[index]]
name = "company"
url = "https://company/x"
`
	if d := cmp.Diff(want, s.config); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"resolution in " + filepath.Join(home, "one", "uv", "uv.toml")}, s.Ignored); d != "" {
		t.Error(d)
	}
}
