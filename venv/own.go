package venv

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
)

// keepOwn moves what a person put into an environment, and no package owns, out of it before it is deleted. It says where.
func (inst Instance) keepOwn(env string) ([]Reason, error) {
	own, err := ownFiles(env)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	kept := filepath.Join(inst.Dir, ".venv.kept-"+randomHex(4))
	for _, name := range own {
		to := filepath.Join(kept, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return nil, err
		}
		if err := os.Rename(filepath.Join(env, name), to); err != nil {
			return nil, err
		}
	}
	return []Reason{{"kept", fmt.Sprintf("the old environment held files of no package: they are in %s now: %s", kept, strings.Join(own, ", "))}}, nil
}

// ownFiles lists, relative to an environment, what neither a tool that makes environments nor a package put there. In a
// build of ours that never ended nothing is anybody's.
func ownFiles(env string) ([]string, error) {
	state, err := ReadState(env)
	if err == nil {
		if digest, err := treeOf(env); err == nil && digest == state.Tree {
			return nil, nil
		}
	} else if config, err := os.ReadFile(filepath.Join(env, "pyvenv.cfg")); err != nil || strings.Contains(string(config), "\nrelocatable = true\n") {
		return nil, nil
	}
	own, err := strangers(env, "", func(name string) bool {
		return slices.Contains([]string{"bin", "lib", "lib64", "include", "share", "etc", "man", "pyvenv.cfg", "pip-selfcheck.json", ".gitignore", "CACHEDIR.TAG", ".lock", stateFile}, name)
	})
	if err != nil {
		return nil, err
	}
	site, err := installed.Site(env)
	if err != nil {
		return own, nil
	}
	packages, _, err := installed.Read(site)
	if err != nil {
		return nil, err
	}
	recorded := map[string]bool{}
	for _, p := range packages {
		if p.Legacy {
			return own, nil // What it put there is written nowhere.
		}
		records, err := installed.Records(site, p)
		if err != nil {
			continue // A package that was cut short; its files are strays, and kept.
		}
		for _, r := range records {
			recorded[filepath.Join(site, filepath.FromSlash(r.Path))] = true
		}
	}
	scripts, err := strangers(env, "bin", func(name string) bool {
		stem, _, _ := strings.Cut(strings.ToLower(name), ".")
		return recorded[filepath.Join(env, "bin", name)] || strings.HasPrefix(name, "python") || stem == "activate" || stem == "deactivate" || strings.HasPrefix(name, "pip")
	})
	if err != nil {
		return nil, err
	}
	modules, err := installed.Strays(site, packages)
	if err != nil {
		return nil, err
	}
	in, err := filepath.Rel(env, site)
	for _, m := range modules {
		if !strings.HasPrefix(m, "_virtualenv.") {
			scripts = append(scripts, filepath.Join(in, m))
		}
	}
	return append(own, scripts...), err
}

// strangers lists what is in a directory of an environment and is not known.
func strangers(env, dir string, known func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(env, dir))
	var out []string
	for _, e := range entries {
		if e.Name() != "__pycache__" && !known(e.Name()) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out, err
}
