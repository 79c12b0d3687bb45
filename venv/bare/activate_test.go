package bare

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

// Every shell that has a script activates the environment where it is now, by whatever path, and leaves it again.
func TestActivationScripts(t *testing.T) {
	python := program.Find(t, "python3")
	const posix = `PS1='> '; before=$PATH; PYTHONHOME=/elsewhere; export PYTHONHOME
. "$SCRIPT"; command -v tutor; echo "$VIRTUAL_ENV,$PS1,${PYTHONHOME-none}"
. "$SCRIPT"; deactivate; test "$PATH" = "$before" && echo "${VIRTUAL_ENV-none},$PS1,$PYTHONHOME"
`
	for _, tt := range []struct{ shell, script, text, want string }{
		{"bash", "activate", posix, "ENV/bin/tutor\nENV,(alpha) > ,none\nnone,> ,/elsewhere\n"},
		{"zsh", "activate", posix, "ENV/bin/tutor\nENV,(alpha) > ,none\nnone,> ,/elsewhere\n"},
		{"dash", "activate", "set -eu\n" + posix, "ENV/bin/tutor\nENV,(alpha) > ,none\nnone,> ,/elsewhere\n"},
		{"fish", "activate.fish", `set before "$PATH"; source "$SCRIPT"; command -v tutor; echo "$VIRTUAL_ENV"
source "$SCRIPT"; deactivate; test "$PATH" = "$before"; and echo "none$VIRTUAL_ENV"
`, "ENV/bin/tutor\nENV\nnone\n"},
		{"tcsh", "activate.csh", `set before = $PATH:q
source $SCRIPT:q
which tutor
echo $VIRTUAL_ENV:q
source $SCRIPT:q
deactivate
if ($PATH:q == $before:q) echo none$?VIRTUAL_ENV
`, "ENV/bin/tutor\nENV\nnone0\n"},
	} {
		t.Run(tt.shell, func(t *testing.T) {
			shell := program.Find(t, tt.shell)
			base, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			built := filepath.Join(base, "built")
			if _, err := Make(built, interpreter.Python{Executable: python, Version: "3.11.7"}); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(built, "bin", "tutor"), []byte("#!/bin/sh\n"), 0o777); err != nil {
				t.Fatal(err)
			}
			env := filepath.Join(base, "it's $HOME", "alpha", ".venv")
			if err := os.MkdirAll(filepath.Dir(env), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(built, env); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(env, filepath.Join(base, "link")); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(base, "try"), []byte(tt.text), 0o666); err != nil {
				t.Fatal(err)
			}
			for _, script := range []string{filepath.Join(env, "bin", tt.script), "./link/bin/" + tt.script} {
				cmd := exec.Command(shell, "try")
				cmd.Dir, cmd.Env = base, append(os.Environ(), "SCRIPT="+script, "HOME="+base)
				out, err := cmd.CombinedOutput()
				if got := strings.ReplaceAll(string(out), env, "ENV"); err != nil || got != tt.want {
					t.Errorf("%s: %v\n%s\nwant\n%s", script, err, got, tt.want)
				}
			}
		})
	}
}
