// Package pipeline runs the jobs of a GitLab pipeline one after the other: which run, in which order, and with which files of which others.
package pipeline

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// table is a mapping of a pipeline's file.
type table = map[string]any

// reference is a !reference: the keys that lead to what stands in its place.
type reference []string

// document is a pipeline's file with all that it includes.
type document struct {
	keys []string // of the jobs and sections, in their order
	all  table
	not  []string // what is not rehearsed
}

// Project finds the directory of another project that files are included from; it is empty when there is none.
type Project func(name string) string

// load reads a file and its includes. Root is the directory of the checkout.
func load(file, root string, project Project) (*document, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the pipeline: %w", err)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(src, &node); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d := &document{all: table{}}
	if len(node.Content) == 0 {
		return d, nil
	}
	own, ok := value(node.Content[0]).(table)
	if !ok {
		return nil, fmt.Errorf("%s: expected a mapping of jobs", file)
	}
	for _, item := range list(own["include"]) {
		if err := d.include(item, root, project); err != nil {
			return nil, err
		}
	}
	for i := 0; i+1 < len(node.Content[0].Content); i += 2 {
		if key := node.Content[0].Content[i].Value; key != "include" && !slices.Contains(d.keys, key) {
			d.keys = append(d.keys, key)
		}
	}
	delete(own, "include")
	d.all = merge(d.all, own)
	return d, nil
}

// include adds what one entry of an include names.
func (d *document) include(item any, root string, project Project) error {
	var files []string
	switch item := item.(type) {
	case string:
		files = matching(root, item)
	case table:
		switch {
		case item["local"] != nil:
			files = matching(root, text(item["local"]))
		case item["project"] != nil:
			dir := project(text(item["project"]))
			if dir == "" {
				d.not = append(d.not, "include: project: "+text(item["project"]))
				return nil
			}
			root = dir
			for _, f := range list(item["file"]) {
				files = append(files, matching(root, text(f))...)
			}
		default:
			d.not = append(d.not, "include: "+strings.Join(slices.Sorted(maps.Keys(item)), ", "))
			return nil
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("include: %v is not there", item)
	}
	for _, file := range files {
		inner, err := load(file, root, project)
		if err != nil {
			return err
		}
		d.all = merge(d.all, inner.all)
		d.not = append(d.not, inner.not...)
		for _, key := range inner.keys {
			if !slices.Contains(d.keys, key) {
				d.keys = append(d.keys, key)
			}
		}
	}
	return nil
}

func matching(root, name string) []string {
	pattern := filepath.Join(root, strings.ReplaceAll(strings.TrimPrefix(name, "/"), "**", "*"))
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	return files
}

// value is a node as tables, lists, text and references.
func value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.AliasNode:
		return value(n.Alias)
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, value(c))
		}
		if n.Tag == "!reference" {
			return reference(texts(out))
		}
		return out
	case yaml.MappingNode:
		out := table{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Tag != "!!merge" && n.Content[i].Value != "<<" {
				continue
			}
			merged := value(n.Content[i+1])
			for _, m := range list(merged) {
				if m, ok := m.(table); ok {
					for k, v := range m {
						if _, set := out[k]; !set {
							out[k] = v
						}
					}
				}
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value != "<<" {
				out[n.Content[i].Value] = value(n.Content[i+1])
			}
		}
		return out
	}
	var plain any
	if err := n.Decode(&plain); err != nil {
		return n.Value
	}
	if _, ok := plain.(bool); ok || plain == nil {
		return plain
	}
	return n.Value
}

// list is a value as a list: a single one is its only element.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case table: // a variable with a description
		return text(v["value"])
	}
	return fmt.Sprint(v)
}

func texts(v any) []string {
	var out []string
	for _, item := range list(v) {
		if inner, ok := item.([]any); ok {
			out = append(out, texts(inner)...)
			continue
		}
		out = append(out, text(item))
	}
	return out
}

// merge is base with what stands over it; only tables are joined.
func merge(base, over table) table {
	out := maps.Clone(base)
	if out == nil {
		out = table{}
	}
	for k, v := range over {
		was, both := out[k].(table)
		is, ok := v.(table)
		if both && ok {
			out[k] = merge(was, is)
			continue
		}
		out[k] = v
	}
	return out
}

// resolve is a job with what it extends.
func (d *document) resolve(name string, seen []string) (table, error) {
	if slices.Contains(seen, name) {
		return nil, fmt.Errorf("%s extends itself", name)
	}
	job, ok := d.all[name].(table)
	if !ok {
		return nil, fmt.Errorf("%s is extended and is not there", name)
	}
	out := table{}
	for _, base := range texts(job["extends"]) {
		inner, err := d.resolve(base, append(seen, name))
		if err != nil {
			return nil, err
		}
		out = merge(out, inner)
	}
	out = merge(out, job)
	delete(out, "extends")
	return out, nil
}

var errDeep = errors.New("references lead nowhere or round in a circle")

// settle puts what references lead to in their places.
func (d *document) settle(v any, depth int) (any, error) {
	if depth > 12 {
		return nil, errDeep
	}
	switch v := v.(type) {
	case reference:
		var at any = d.all
		if len(v) > 0 {
			if job, err := d.resolve(v[0], nil); err == nil {
				at, v = job, v[1:]
			}
		}
		for _, key := range v {
			inner, ok := at.(table)
			if !ok {
				return nil, errDeep
			}
			at = inner[key]
		}
		return d.settle(at, depth+1)
	case table:
		out := table{}
		for k, item := range v {
			inner, err := d.settle(item, depth)
			if err != nil {
				return nil, err
			}
			out[k] = inner
		}
		return out, nil
	case []any:
		out := []any{}
		for _, item := range v {
			inner, err := d.settle(item, depth)
			if err != nil {
				return nil, err
			}
			if _, was := item.(reference); was {
				out = append(out, list(inner)...)
				continue
			}
			out = append(out, inner)
		}
		return out, nil
	}
	return v, nil
}
