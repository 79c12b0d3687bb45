package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is what the tool calls itself. A release is tagged with it, and the changelog has a section of this name.
const version = "0.1.0"

func newVersionCommand(term *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the tool's version, and the commit that it was built from", Args: cobra.NoArgs,
		Example: "  grove-migrate version",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(term.out, "grove-migrate %s\n", versionLine(settings()))
			return err
		},
	}
}

// settings are what Go noted of the build, by name; none when it was told not to.
func settings() []debug.BuildSetting {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	return info.Settings
}

// versionLine is the version and, where Go could ask git, the commit.
func versionLine(built []debug.BuildSetting) string {
	noted := map[string]string{}
	for _, s := range built {
		noted[s.Key] = s.Value
	}
	commit := noted["vcs.revision"]
	switch {
	case commit == "":
		return version
	case noted["vcs.modified"] == "true":
		return fmt.Sprintf("%s (commit %.12s, with changes)", version, commit)
	}
	return fmt.Sprintf("%s (commit %.12s)", version, commit)
}
