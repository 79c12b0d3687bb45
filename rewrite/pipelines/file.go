package pipelines

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// file is a YAML file of a pipeline, templates in it masked.
type file struct {
	root   *step.Root
	path   string
	src    []byte
	tree   *yaml.Tree
	blocks []mask.Block // of the template that the file is
	top    *yaml.Node   // the mapping of jobs; nil when there is none
	jobs   []*job
	edits  []edit.Edit
}

// read reads a file; nil when it cannot be read or holds no mapping.
func read(root *step.Root, path string) *file {
	src, err := root.Read(path)
	if err != nil {
		return nil
	}
	masked := mask.Read(string(src), mask.Jinja, mask.ERB)
	f := &file{root: root, path: path, src: src, tree: yaml.Parse(masked.Text), blocks: masked.Blocks}
	for _, doc := range f.tree.Docs {
		if doc != nil && doc.Kind == yaml.Mapping {
			f.top = doc
		}
	}
	if f.top == nil {
		return nil
	}
	for i, key := range f.top.Keys {
		node := f.top.Items[i]
		if key == nil || node == nil || node.Kind != yaml.Mapping || reserved(f.tree.Text(key)) {
			continue
		}
		f.jobs = append(f.jobs, &job{file: f, name: f.raw(key), key: key, node: node})
	}
	return f
}

func reserved(key string) bool {
	switch key {
	case "stages", "variables", "workflow", "include", "spec", "image", "services", "cache", "default":
		return true
	}
	return false
}

func (f *file) key() edit.File { return edit.File{Root: f.root.Key, Path: f.path} }

func (f *file) line(offset int) int { return 1 + bytes.Count(f.src[:offset], []byte("\n")) }

// lineStart and lineEnd are the borders of the line that an offset is on; the end is behind its line break.
func (f *file) lineStart(offset int) int { return bytes.LastIndexByte(f.src[:offset], '\n') + 1 }

func (f *file) lineEnd(offset int) int {
	if n := bytes.IndexByte(f.src[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(f.src)
}

// source is a node as the file has it.
func (f *file) source(n *yaml.Node) string { return string(f.src[n.Span.Start:n.Span.End]) }

// raw is a scalar as the file writes it, without quotes.
func (f *file) raw(n *yaml.Node) string {
	return strings.Trim(string(f.src[n.Span.Start:n.Span.End]), `"' `)
}

// indent is by how many spaces the file indents jobs.
func (f *file) indent() int {
	for _, j := range f.jobs {
		if j.node != nil && len(j.node.Keys) > 0 && j.node.Keys[0] != nil {
			if at := j.node.Keys[0].Span.Start; at > j.key.Span.End && f.line(at) > f.line(j.key.Span.Start) {
				return at - f.lineStart(at)
			}
		}
	}
	return 2
}

// within are the sites in a node that run the program, whether a rule can rewrite them or a person has to.
func (f *file) within(n *yaml.Node) []site.Occurrence {
	var out []site.Occurrence
	for _, o := range f.root.Occurrences[f.path] {
		if n.Span.Start <= o.Start && o.Start < n.Span.End && o.Class == site.Invocation && o.Action != site.Keep {
			out = append(out, o)
		}
	}
	return out
}

// sites reports whether the bytes [start, end) of a file run the program.
func (f *file) sites(start, end int) bool {
	return slices.ContainsFunc(f.root.Occurrences[f.path], func(o site.Occurrence) bool { return start <= o.Start && o.Start < end && o.Class.Site() })
}

// get is a key of a job and its value; nil when the job has none of its own.
func (j *job) get(name string) (key, value *yaml.Node) {
	for i, k := range j.node.Keys {
		if k != nil && j.file.tree.Text(k) == name {
			key, value = k, j.node.Items[i]
		}
	}
	return key, value
}

// source is the whole job as the file has it.
func (j *job) source() string { return string(j.file.src[j.key.Span.Start:j.node.Span.End]) }

// insert adds text before the byte at.
func (f *file) insert(at int, text string) {
	f.edits = append(f.edits, edit.Edit{Start: at, End: at, New: text, Additive: true})
}

// prepend adds an item, as YAML writes it, at the front of a list that stands at key. It reports whether it could.
func (f *file) prepend(key, list *yaml.Node, item string) bool {
	if list == nil || list.Kind != yaml.Sequence {
		return false
	}
	start := list.Span.Start
	if f.src[start] == '[' {
		if rest := string(f.src[start+1 : list.Span.End]); len(list.Items) > 0 {
			item += ","
			if !strings.HasPrefix(rest, "\n") && !strings.HasPrefix(rest, "\r") {
				item += " "
			}
		}
		f.insert(start+1, item)
		return true
	}
	indent := string(f.src[f.lineStart(start):start])
	if strings.TrimSpace(indent) != "" {
		return false
	}
	f.insert(f.lineEnd(key.Span.End), indent+"- "+item+source.Newline(f.src))
	return true
}

// precede adds an item before the one at index of a list.
func (f *file) precede(list *yaml.Node, index int, item string) {
	at := list.Items[index].Span.Start
	if f.src[list.Span.Start] == '[' {
		f.insert(at, item+", ")
		return
	}
	start := f.lineStart(at)
	dash := start + bytes.IndexByte(f.src[start:], '-')
	indent := string(f.src[start:dash])
	// Comments above an item belong to it.
	for start > 0 {
		above := f.lineStart(start - 1)
		text := bytes.TrimLeft(f.src[above:start], " ")
		if !bytes.HasPrefix(text, []byte("#")) || start-above-len(text) < len(indent) {
			break
		}
		start = above
	}
	f.insert(start, indent+"- "+item+source.Newline(f.src))
}

// names are the texts of a list's items, or of a single scalar.
func (f *file) names(list *yaml.Node) []string {
	list = f.tree.Follow(list)
	if list == nil {
		return nil
	}
	if list.Kind == yaml.Scalar {
		return []string{f.raw(list)}
	}
	var out []string
	for _, item := range list.Items {
		if item != nil && item.Kind == yaml.Scalar {
			out = append(out, f.raw(item))
		} else {
			out = append(out, "")
		}
	}
	return out
}
