// Package image finds the Dockerfiles of the tools container and the places that set the version of its image.
package image

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// Dockerfiles are those of a root that make the tools container: the command line or the image's version stands beside
// them.
func Dockerfiles(root *step.Root) []string {
	var out []string
	for _, file := range root.Files {
		if host.Detect(file, nil) != host.Dockerfile {
			continue
		}
		dir := path.Dir(file)
		if slices.ContainsFunc(root.Files, func(f string) bool {
			return f == path.Join(dir, "ci_vars.yml") || strings.HasPrefix(f, path.Join(dir, "grove-cli")+"/")
		}) {
			out = append(out, file)
		}
	}
	return out
}

// Holds reports whether a file is part of the image that a Dockerfile makes.
func Holds(dockerfile, file string) bool {
	dir := path.Dir(dockerfile)
	return dir == "." || strings.HasPrefix(file, dir+"/")
}

// Setting is one place that sets the version.
type Setting struct {
	File edit.File
	Line int    // 1-based
	Raw  string // as it is written, quotes included
	// Raise makes the last number of the version the next one. It is nil when the version ends in no number.
	Raise *edit.Edit
}

// Settings are the places of a root's YAML files that give the variable a value.
func Settings(root *step.Root, variable string) []Setting {
	var out []Setting
	for _, file := range root.Files {
		if host.Detect(file, nil) != host.YAML {
			continue
		}
		src, err := root.Read(file)
		if err != nil || !bytes.Contains(src, []byte(variable)) {
			continue
		}
		tree := yaml.Parse(string(src))
		for _, doc := range tree.Docs {
			for _, n := range values(tree, doc, variable, nil) {
				raw := src[n.Span.Start:n.Span.End]
				out = append(out, Setting{File: edit.File{Root: root.Key, Path: file}, Line: 1 + bytes.Count(src[:n.Span.Start], []byte("\n")), Raw: string(raw), Raise: raise(raw, n.Span.Start)})
			}
		}
	}
	return out
}

// values are the scalars that a tree gives a key.
func values(tree *yaml.Tree, n *yaml.Node, key string, out []*yaml.Node) []*yaml.Node {
	if n == nil {
		return out
	}
	for i, item := range n.Items {
		if n.Kind == yaml.Mapping && n.Keys[i] != nil && tree.Text(n.Keys[i]) == key {
			if item != nil && item.Kind == yaml.Scalar {
				out = append(out, item)
			}
			continue
		}
		out = values(tree, item, key, out)
	}
	return out
}

var lastNumber = lazyregexp.New(`(\d+)["']?\s*$`)

// raise is the edit of a version that begins at a byte of its file, or nil.
func raise(raw []byte, base int) *edit.Edit {
	m := lastNumber.FindSubmatchIndex(raw)
	if m == nil {
		return nil
	}
	n, err := strconv.Atoi(string(raw[m[2]:m[3]]))
	if err != nil {
		return nil
	}
	return &edit.Edit{Start: base + m[2], End: base + m[3], New: fmt.Sprintf("%0*d", m[3]-m[2], n+1)}
}

// Changes raise the version of every image that a file is part of, where that can be done.
func Changes(root *step.Root, file, variable string) []edit.Change {
	if !slices.ContainsFunc(Dockerfiles(root), func(d string) bool { return Holds(d, file) }) {
		return nil
	}
	var out []edit.Change
	for _, s := range Settings(root, variable) {
		if s.Raise != nil {
			out = append(out, edit.Change{File: s.File, Edits: []edit.Edit{*s.Raise}})
		}
	}
	return out
}
