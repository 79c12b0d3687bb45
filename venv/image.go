package venv

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// literal is a string that names an image by its registry, without a version
// or with one that is put in.
var literal = lazyregexp.New(`["']((?:[a-z0-9-]+\.)+[a-z]+(?::[0-9]+)?(?:/[a-z0-9._-]+)+)(?::[^"'/]*[#$%{][^"'/]*)?["']`)

// Image is the image that the workspace's wrapper uses: TOOLS_CONTAINER_IMAGE
// of private.yml or cluster.yml, else name and version of ci_vars.yml, the name
// from the wrapper itself where only that has it. It is empty when the
// workspace names no tools container.
func (k *Keeper) Image() (string, error) {
	for _, name := range []string{"private.yml", "cluster.yml"} {
		vars, err := k.variables(name)
		if err != nil {
			return "", err
		}
		if image := vars["TOOLS_CONTAINER_IMAGE"]; image != "" {
			return image, nil
		}
	}
	for _, name := range []string{"grove/tools-container/ci_vars.yml", "tools-container/ci_vars.yml", "ci_vars.yml"} {
		vars, err := k.variables(name)
		if err != nil {
			return "", err
		}
		image, tag := vars["TOOLS_CONTAINER_IMAGE_NAME"], vars["TOOLS_CONTAINER_IMAGE_VERSION"]
		if tag == "" {
			continue
		}
		if image == "" {
			image = k.wrapped()
		}
		if image == "" {
			return "", usage("%s has TOOLS_CONTAINER_IMAGE_VERSION and no TOOLS_CONTAINER_IMAGE_NAME: name the image with --image, or work on this machine with --host", name)
		}
		return image + ":" + tag, nil
	}
	return "", nil
}

// wrapped is the only name of an image that stands in the wrapper script.
func (k *Keeper) wrapped() string {
	var found []string
	for _, name := range []string{"control/tutor", "control/grove", "grove/wrapper-script.rb", "wrapper-script.rb"} {
		text, err := os.ReadFile(filepath.Join(k.Workspace.Root, name))
		if err != nil {
			continue
		}
		for _, m := range literal.FindAllSubmatch(text, -1) {
			if !slices.Contains(found, string(m[1])) {
				found = append(found, string(m[1]))
			}
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

// variables reads the scalars of a YAML file, or of its key "variables".
func (k *Keeper) variables(name string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(k.Workspace.Root, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var top map[string]any
	if err := yaml.Unmarshal(text, &top); err != nil {
		return nil, usage("%s: %s", name, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if inner, ok := top["variables"].(map[string]any); ok {
		top = inner
	}
	out := map[string]string{}
	for key, v := range top {
		if m, ok := v.(map[string]any); ok {
			v = m["value"]
		}
		switch v := v.(type) {
		case string:
			out[key] = v
		case int:
			out[key] = strconv.Itoa(v)
		case float64:
			out[key] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return out, nil
}
