package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"grove-migrate": func() { os.Exit(run(os.Args[1:])) },
	})
}

// TestScripts runs the scripts of fixtures/script with the real program, real git and real Python.
func TestScripts(t *testing.T) {
	fixtures, err := filepath.Abs("../../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "../../fixtures/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("WORKSPACE", filepath.Join(fixtures, "workspace"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			env.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(env.WorkDir))
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				env.Setenv("GIT_"+who+"_NAME", "test")
				env.Setenv("GIT_"+who+"_EMAIL", "test@example.org")
			}
			return nil
		},
		RequireExplicitExec: true,
	})
}
