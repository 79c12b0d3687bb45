package container

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// version reports that the image's version has to be raised, or raises it: every change of the container needs that.
func (p *planner) version(root *step.Root, dockerfile edit.File) {
	found := false
	for _, file := range root.Files {
		if host.Detect(file, nil) != host.YAML {
			continue
		}
		src, err := root.Read(file)
		if err != nil || !bytes.Contains(src, []byte(p.plugins.Image)) {
			continue
		}
		at := edit.File{Root: root.Key, Path: file}
		tree := yaml.Parse(string(src))
		for _, doc := range tree.Docs {
			for _, n := range values(tree, doc, p.plugins.Image, nil) {
				found = true
				p.raise(at, src, n)
			}
		}
	}
	if !found {
		p.note(step.Raise, dockerfile, 0, fmt.Sprintf("the container changes, and no file sets %s: raise the image's version where it is set, and have the image built", p.plugins.Image))
	}
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

var lastNumber = regexp.MustCompile(`(\d+)["']?\s*$`)

// raise handles one place that sets the version.
func (p *planner) raise(at edit.File, src []byte, n *yaml.Node) {
	line := 1 + bytes.Count(src[:n.Span.Start], []byte("\n"))
	raw := src[n.Span.Start:n.Span.End]
	digits, next, ok := following(raw, n.Span.Start)
	if !ok {
		p.note(step.Raise, at, line, fmt.Sprintf("the container changes, so %s (%s) has to be raised: it ends in no number, so do it by hand, and have the image built", p.plugins.Image, raw))
		return
	}
	if !p.in.Options.BumpImage {
		p.note(step.Raise, at, line, fmt.Sprintf("the container changes: raise %s from %s (--bump-image does it), and have the image built before anything else is merged", p.plugins.Image, raw))
		return
	}
	p.out.Fixes = append(p.out.Fixes, &edit.Fix{Rule: p.in.Pack.Program.Name + "/container", Message: "raise the image's version", Applicability: edit.Safe,
		Site:    edit.Place{File: at, Offset: digits.Start, Line: line, Column: digits.Start - bytes.LastIndexByte(src[:digits.Start], '\n')},
		Changes: []edit.Change{{File: at, Edits: []edit.Edit{{Start: digits.Start, End: digits.End, New: next}}}}})
	p.note(step.Raise, at, line, fmt.Sprintf("%s is raised: have the image built before anything else is merged", p.plugins.Image))
}

// following is the last number of a version that begins at a byte of its file, and the number after it.
func following(raw []byte, base int) (source.Span, string, bool) {
	m := lastNumber.FindSubmatchIndex(raw)
	if m == nil {
		return source.Span{}, "", false
	}
	n, err := strconv.Atoi(string(raw[m[2]:m[3]]))
	if err != nil {
		return source.Span{}, "", false
	}
	next := fmt.Sprintf("%0*d", m[3]-m[2], n+1)
	return source.Span{Start: base + m[2], End: base + m[3]}, next, true
}
