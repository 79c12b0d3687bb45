package venv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// Whatever a person's start files do, the shell runs the environment's tutor on the instance's directory.
func TestShellsKeepTheEnvironmentFirst(t *testing.T) {
	t.Parallel()
	const posix = "export PATH=$HOME/global:$PATH TUTOR_ROOT=$HOME TUTOR_PLUGINS_ROOT=$HOME VIRTUAL_ENV=$HOME SEEN=yes\nalias tutor=$HOME/global/tutor\n"
	const asked = "tutor\necho \"$SEEN,$VIRTUAL_ENV,$TUTOR_ROOT,$TUTOR_PLUGINS_ROOT,$PWD,$ZDOTDIR,$ENV\"\n"
	for _, tt := range []struct {
		shell, file, text string
		set               []string
		last              string // values of ZDOTDIR and ENV; @ is the home directory
	}{
		{"bash", ".bashrc", posix, nil, ","},
		{"zsh", ".zshrc", posix + "tutor() { echo function; }\n", nil, ","},
		{"zsh", ".zshenv", posix, nil, ","},
		{"zsh", "z/.zshrc", posix, []string{"ZDOTDIR=@/z"}, "@/z,"},
		{"dash", ".shinit", posix, []string{"ENV=$HOME/.shinit"}, ",$HOME/.shinit"},
		{"sh", "init", posix, []string{"ENV=@/init"}, ",@/init"},
		{"fish", ".config/fish/config.fish", "set -gx PATH $HOME/global $PATH\nset -gx TUTOR_ROOT $HOME\nset -gx VIRTUAL_ENV $HOME\nset -gx TUTOR_PLUGINS_ROOT $HOME\nset -gx SEEN yes\nfunction tutor; echo function; end\n", nil, ","},
	} {
		t.Run(tt.shell+"/"+tt.file, func(t *testing.T) {
			t.Parallel()
			shell := program.Find(t, tt.shell)
			w := &world{t: t, root: filepath.Join(t.TempDir(), "w s'$x")}
			home := filepath.Join(t.TempDir(), "home")
			w.tool(filepath.Join(home, "global", "tutor"), "echo global")
			w.tool(filepath.Join(w.env("al pha"), "bin", "tutor"), "echo own")
			w.must(os.MkdirAll(filepath.Dir(filepath.Join(home, tt.file)), 0o777))
			w.must(os.WriteFile(filepath.Join(home, tt.file), []byte(tt.text), 0o666))
			w.environ = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "SHELL=" + shell, "TERM=dumb"}
			for _, s := range tt.set {
				w.environ = append(w.environ, strings.ReplaceAll(s, "@", home))
			}
			k := w.keeper()
			start := filepath.Join(t.TempDir(), "grove-migrate-start")
			w.must(os.Mkdir(start, 0o777))
			c, err := k.Host(Instance{"al pha", w.dir("al pha")}, func(name, text string) (string, error) {
				path := filepath.Join(start, name+"file")
				if name != "" {
					path = filepath.Join(start, name)
				}
				return path, os.WriteFile(path, []byte(text), 0o666)
			})
			w.must(err)
			cmd := &exec.Cmd{Path: c.Path, Args: c.Args, Env: c.Env, Dir: c.Dir, Stdin: strings.NewReader(asked)}
			out, err := cmd.Output()
			dir := w.dir("al pha")
			last := strings.ReplaceAll(tt.last, "@", home)
			want := "own\nyes," + w.env("al pha") + "," + dir + "," + dir + "/plugins," + dir + "," + last + "\n"
			if got := string(out); !strings.Contains(got, want) || strings.Contains(got, "global") || strings.Contains(got, "function") {
				t.Errorf("%v\n%s\nwant %s", err, out, want)
			}
			if _, err := os.Stat(start); tt.shell == "zsh" && err == nil {
				t.Errorf("the start files of zsh are left behind")
			}
		})
	}
}

// A shell after whose start files nothing can be run is refused.
func TestUnknownShellIsRefused(t *testing.T) {
	w := &world{t: t, root: t.TempDir(), environ: []string{"SHELL=/usr/bin/tcsh"}}
	_, err := w.keeper().Host(Instance{"alpha", w.dir("alpha")}, nil)
	if !isUsage(err) || !strings.Contains(err.Error(), "/usr/bin/tcsh") {
		t.Errorf("got %v", err)
	}
}

// tool writes a shell script that can be run.
func (w *world) tool(name, text string) {
	w.t.Helper()
	w.must(os.MkdirAll(filepath.Dir(name), 0o777))
	w.must(os.WriteFile(name, []byte("#!/bin/sh\n"+text+"\n"), 0o777))
}
