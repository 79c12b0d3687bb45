package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestFlagsInScripts holds every flag of every command to be given in a script, so that none is untried.
func TestFlagsInScripts(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("scripts: %v, %v", files, err)
	}
	var scripts strings.Builder
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		scripts.Write(src)
	}
	calls := regexp.MustCompile(`grove-migrate [^;&|\n]*`).FindAllString(scripts.String(), -1)
	flagsGiven(t, newRootCommand(&terminal{in: strings.NewReader(""), out: io.Discard, err: io.Discard}), calls)
}

// flagsGiven looks for the flags of a command, and of those below it, among the command lines of scripts.
func flagsGiven(t *testing.T, cmd *cobra.Command, calls []string) {
	t.Helper()
	if cmd.Hidden {
		return
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := "--" + f.Name
		if f.Shorthand != "" {
			name += "|-" + f.Shorthand
		}
		given := regexp.MustCompile(`^` + cmd.CommandPath() + ` (?:.* )?(?:` + name + `)(?:[= '"]|$)`)
		for _, call := range calls {
			if given.MatchString(call) {
				return
			}
		}
		t.Errorf("no script of fixtures/script gives %s to %s", name, cmd.CommandPath())
	})
	for _, sub := range cmd.Commands() {
		flagsGiven(t, sub, calls)
	}
}
