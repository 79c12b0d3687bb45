package installer

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// The first of many that install the same goes ahead; the others wait for it,
// whatever becomes of it, and those that install something else do not.
func TestTurn(t *testing.T) {
	u := new(UV)
	filled, first, err := u.turn(t.Context(), "a")
	if err != nil || filled {
		t.Fatal(filled, err)
	}
	_, other, err := u.turn(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	other()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := u.turn(cancelled, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled one got its turn: %v", err)
	}
	waited := make(chan error)
	for range 3 {
		go func() {
			filled, done, err := u.turn(t.Context(), "a")
			if err == nil {
				done()
				if !filled {
					err = errors.New("it was not told that it waited for another")
				}
			}
			waited <- err
		}()
	}
	select {
	case <-waited:
		t.Error("one did not wait")
	default:
	}
	first()
	for range 3 {
		if err := <-waited; err != nil {
			t.Error(err)
		}
	}
}

// fakeUV is a uv of this version in a directory of its own.
func fakeUV(t *testing.T, dir, text string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "uv")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text), 0o777); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFindUV(t *testing.T) {
	base := t.TempDir()
	broken := filepath.Join(base, "broken")
	fakeUV(t, broken, "exit 1\n")
	shims := filepath.Join(base, "env", "shims")
	fakeUV(t, shims, "echo a shim was run; exit 1\n")
	resolved := fakeUV(t, filepath.Join(base, "env", "versions", "3.11.7", "bin"), "echo uv 0.13.9 '(x86_64)'\n")
	plain := fakeUV(t, filepath.Join(base, "plain"), "echo uv 0.9.0\n")
	for _, tt := range []struct{ path, want string }{
		{filepath.Join(base, "none"), ""},
		{broken, ""},
		{broken + ":" + filepath.Dir(plain), plain},
		{shims + ":" + filepath.Dir(plain), resolved},
	} {
		u := FindUV(t.Context(), tt.path, os.Environ())
		got := ""
		if u != nil {
			got = u.Program
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.path, got, tt.want)
		}
	}
}

func job() Job {
	j := Job{Env: "/w/.venv.new-1", Dir: "/w", Added: []string{"setuptools<82"}, Options: Options{Index: "https://u:p@i/simple"}}
	for _, text := range []string{"tutor==14.2.2", "-e git+https://u:p@h/x.git@main#egg=x", "-e './own[a]'", "--extra-index-url=https://u:p@h/simple", "--pre", "click<8.3"} {
		j.Lines = append(j.Lines, requirement.ParseEntry(text, "/w"))
	}
	j.Lines[len(j.Lines)-1].Bound = true
	return j
}

func TestWhatIsAsked(t *testing.T) {
	j := job()
	if d := cmp.Diff("tutor==14.2.2\ngit+https://u:p@h/x.git@main#egg=x\n/w/own[a]\nsetuptools<82\n", j.requirements()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("click<8.3\n", j.constraints()); d != "" {
		t.Error(d)
	}
	environ := []string{"PATH=/bin", "PYTHONPATH=x", "PIP_INDEX_URL=https://a", "UV_FIND_LINKS=b", "PIP_USER=1", "UV_TARGET=/t", "UV_CACHE_DIR=/cache", "HOME=/h"}
	for name, command := range map[string]func() command{
		"uv": func() command {
			u := &UV{Program: "/uv"}
			j.Settings = u.Settings(environ)
			return u.pip(j, "install")
		},
		"pip": func() command {
			p := Pip{Version: "23.0"}
			j.Settings = p.Settings(environ)
			return p.command(j, "install")
		},
	} {
		c := command()
		args, env := strings.Join(c.argv, " "), strings.Join(c.env, "\n")
		if strings.Contains(args, "u:p@") {
			t.Errorf("%s: a secret is an argument: %s", name, args)
		}
		for _, want := range []string{"https://u:p@i/simple", "https://u:p@h/simple", "VIRTUAL_ENV=/w/.venv.new-1", "PATH=/w/.venv.new-1/bin:/bin", "UV_CACHE_DIR=/cache", "HOME=/h"} {
			if !strings.Contains(env, want) {
				t.Errorf("%s: %s is not in the environment:\n%s", name, want, env)
			}
		}
		for _, bad := range []string{"PYTHONPATH", "https://a", "UV_FIND_LINKS=b", map[string]string{"uv": "UV_TARGET", "pip": "PIP_USER=1"}[name]} {
			if strings.Contains(env, bad) {
				t.Errorf("%s: %s is in the environment", name, bad)
			}
		}
		if name == "uv" && !strings.Contains(args, "--prerelease allow") || name == "pip" && !strings.Contains(args, "--pre ") && !strings.HasSuffix(args, "--pre") {
			t.Errorf("%s: pre-releases are not allowed: %s", name, args)
		}
	}
}

func TestLockedSourcesGetTheirCredentials(t *testing.T) {
	const commit = "0123456789012345678901234567890123456789"
	indexed, direct := job().exact([]requirement.Pin{
		{Name: "tutor", Version: "14.2.2", Hashes: []string{"sha256:aa"}},
		{Name: "x", URL: "git+https://h/x.git@" + commit},
		{Name: "y", URL: "git+https://h/y.git@" + commit},
	})
	if got := lines(indexed, requirement.Pin.Line); got != "tutor==14.2.2 \\\n    --hash=sha256:aa\n" {
		t.Errorf("%q", got)
	}
	want := []requirement.Pin{{Name: "x", URL: "git+https://u:p@h/x.git@" + commit}, {Name: "y", URL: "git+https://h/y.git@" + commit}}
	if d := cmp.Diff(want, direct); d != "" {
		t.Error(d)
	}
	if got := named(want[0]); got != want[0].URL+"#egg=x" {
		t.Error(got)
	}
}

func TestHashesOfTheRequirementsWin(t *testing.T) {
	j := Job{Lines: []requirement.Entry{requirement.ParseEntry("tutor==14.2.2 --hash=sha256:aa --hash=sha256:bb", "/w")}}
	indexed, _ := j.exact([]requirement.Pin{{Name: "tutor", Version: "14.2.2", Hashes: []string{"sha256:cc"}}, {Name: "click", Version: "8.1"}})
	if want := "tutor==14.2.2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nclick==8.1\n"; lines(indexed, requirement.Pin.Line) != want {
		t.Errorf("got %q, want %q", lines(indexed, requirement.Pin.Line), want)
	}
}

func TestListener(t *testing.T) {
	var heard []string
	l := &listener{phase: func(verb, detail string) { heard = append(heard, verb+" "+detail) }}
	for _, part := range []string{"Collecting tut", "or==14\n  Downloading https://u:p@h/x.whl\n + tutor==14.2.2\nnoise\nInstalling collected packages: a\n"} {
		if _, err := l.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"collecting tutor==14", "installed tutor==14.2.2", "installing "}, heard); d != "" {
		t.Error(d)
	}
}

// The first of a run asks the index; those after it use what it brought, and
// ask too when that does not do.
func TestFilledCacheIsEnough(t *testing.T) {
	dir := t.TempDir()
	file := fakeUV(t, dir, `echo "$@" >> "${0%uv}asked"; cat > /dev/null
case "$*" in *--offline*) test ! -e "${0%uv}stale";; esac
`)
	u := &UV{Program: file}
	asked := func(o Options) (offline []bool, err error) {
		os.Remove(filepath.Join(dir, "asked"))
		_, err = u.Install(t.Context(), Job{Env: dir, Dir: dir, Settings: u.Settings(os.Environ()), Locked: []requirement.Pin{{Name: "tutor", Version: "14.2.2"}}, Log: io.Discard, Options: o})
		text, readErr := os.ReadFile(filepath.Join(dir, "asked"))
		if readErr != nil {
			t.Fatal(readErr)
		}
		for _, l := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			offline = append(offline, strings.Contains(l, "--offline"))
		}
		return offline, err
	}
	for _, tt := range []struct {
		name  string
		want  []bool
		stale bool
		o     Options
	}{
		{"first", []bool{false}, false, Options{}},
		{"second", []bool{true}, false, Options{}},
		{"with a cache that does not do", []bool{true, false}, true, Options{}},
		{"without a network", []bool{true}, false, Options{Offline: true}},
	} {
		os.Remove(filepath.Join(dir, "stale"))
		if tt.stale {
			if err := os.WriteFile(filepath.Join(dir, "stale"), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := asked(tt.o)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
	}
	// What was asked for by name is not tried again with the network.
	if err := os.WriteFile(filepath.Join(dir, "stale"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if got, err := asked(Options{Offline: true}); err == nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}
