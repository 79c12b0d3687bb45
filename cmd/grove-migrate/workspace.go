package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/suggest"
)

// workspaceFlags say which repositories are meant, and which program.
type workspaceFlags struct {
	roles []string
	pack  string
}

func (f *workspaceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.roles, "role", nil, "`ROLE=PATH`: what a root is (grove, template, cluster, other), whatever its markers say")
	cmd.Flags().StringVar(&f.pack, "pack", "", "rules from this `FILE` instead of those for tutor")
}

// open lists the roots; the current directory when none is given.
func (f *workspaceFlags) open(ctx context.Context, args []string) (scan.Workspace, error) {
	pack, err := f.load()
	if err != nil {
		return scan.Workspace{}, err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	if slices.Contains(args, "") {
		return scan.Workspace{}, misuse("a ROOT is empty: name a directory, or leave it out for the current one")
	}
	if err := exist(args); err != nil {
		return scan.Workspace{}, err
	}
	roles, err := f.byPath(args)
	if err != nil {
		return scan.Workspace{}, err
	}
	ws, err := scan.Open(ctx, pack, args, roles)
	var usage *scan.UsageError
	if errors.As(err, &usage) {
		return ws, &exitError{exitUsage, err}
	}
	return ws, err
}

// exist refuses roots that are not there, with the name beside them that may have been meant.
func exist(roots []string) error {
	for _, root := range roots {
		if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var near []string
		entries, _ := os.ReadDir(filepath.Dir(filepath.Clean(root))) // no suggestion where it cannot be read
		for _, e := range entries {
			if e.IsDir() {
				near = append(near, filepath.Join(filepath.Dir(filepath.Clean(root)), e.Name()))
			}
		}
		return misuse("%s: there is no such directory%s", root, suggest.Meant(filepath.Clean(root), near))
	}
	return nil
}

// load reads the pack: the built-in one for tutor, or a file.
func (f *workspaceFlags) load() (*rules.Pack, error) {
	if f.pack == "" {
		return rules.Load(rules.Default)
	}
	src, err := readGiven(f.pack, "--pack takes a file of rules")
	if err != nil {
		return nil, err
	}
	pack, err := rules.Parse(f.pack, src)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return pack, nil
}

func (f *workspaceFlags) byPath(args []string) (map[string]string, error) {
	known := scan.Roles()
	out := map[string]string{}
	for _, r := range f.roles {
		role, path, ok := strings.Cut(r, "=")
		if !ok || path == "" {
			return nil, misuse("--role %s: write it as ROLE=PATH, PATH as the root is given", r)
		}
		if !slices.Contains(known, role) {
			return nil, misuse("--role %s: %s", r, expected(role, known))
		}
		path = filepath.Clean(path)
		if !slices.ContainsFunc(args, func(a string) bool { return filepath.Clean(a) == path }) {
			return nil, misuse("--role %s: %s is none of the roots", r, path)
		}
		if have, ok := out[path]; ok && have != role {
			return nil, misuse("--role %s: %s is given the role %s too", r, path, have)
		}
		out[path] = role
	}
	return out, nil
}

// choices parses a list of words of which each must be known.
func choices[T ~string](flag string, given []string, known []T) (map[T]bool, error) {
	if len(given) == 0 {
		return nil, nil
	}
	out := map[T]bool{}
	for _, g := range given {
		if !slices.Contains(known, T(g)) {
			return nil, oneOf(flag, g, texts(known)...)
		}
		out[T(g)] = true
	}
	return out, nil
}

func oneOf(flag, given string, known ...string) error {
	if !slices.Contains(known, given) {
		return misuse("--%s %s: %s", flag, shownWord(given), expected(given, known))
	}
	return nil
}

// expected says which words could have been given, or which of them was probably meant.
func expected(given string, known []string) string {
	if word := suggest.Nearest(given, known); word != "" {
		return "did you mean " + word + "?"
	}
	return "expected one of " + strings.Join(known, ", ")
}

// shownWord is what was given, in quotes when there is nothing to see.
func shownWord(given string) string {
	if strings.TrimSpace(given) == "" {
		return strconv.Quote(given)
	}
	return given
}
