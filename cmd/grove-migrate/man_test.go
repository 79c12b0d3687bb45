package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manDir is where a release has its man pages made. That needs packages which the program itself is better without.
var manDir = flag.String("man", "", "write the man pages into this `DIRECTORY`")

// TestManPages makes a page for each command that a user sees, with its synopsis.
func TestManPages(t *testing.T) {
	dir := *manDir
	if dir == "" {
		dir = t.TempDir()
	}
	root := newRootCommand(&terminal{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Section: "1", Source: "grove-migrate " + version, Manual: "User commands"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		t.Fatal(err)
	}
	pages(t, root, dir)
}

// pages holds a command, and those below it, to a page each.
func pages(t *testing.T, cmd *cobra.Command, dir string) {
	t.Helper()
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	page, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{".SH SYNOPSIS", `\fB` + cmd.CommandPath()} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%s has no %q", name, want)
		}
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			pages(t, sub, dir)
		}
	}
}
