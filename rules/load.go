package rules

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
)

//go:embed packs
var embedded embed.FS

// Default is the name of the pack that is built in.
const Default = "tutor"

// Load reads the pack that is built in under name, merged with what is common to all programs.
// It errs when there is no such pack, or a file of it is malformed.
func Load(name string) (*Pack, error) {
	own, err := fs.ReadFile(embedded, path.Join("packs", name, "pack.yaml"))
	if err != nil {
		return nil, fmt.Errorf("no pack is built in under the name %q", name)
	}
	return Parse(path.Join(name, "pack.yaml"), own)
}

// Parse reads a program's pack from src and merges it with what is common to all programs. Name is for messages.
// In the common files the text {program} stands for the program's name.
func Parse(name string, src []byte) (*Pack, error) {
	own := &Pack{}
	if err := load(name, src, own); err != nil {
		return nil, err
	}
	if err := own.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	pack := &Pack{}
	files, err := fs.Glob(embedded, "packs/common/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the common pack: %w", err)
	}
	for _, file := range files {
		part, err := common(file, own.Program.Name)
		if err != nil {
			return nil, err
		}
		pack.merge(part)
	}
	kinds := slices.Concat(own.Hosts.YAML, pack.Hosts.YAML)
	pack.merge(own)
	pack.Hosts.YAML = kinds // the first that fits a file is its kind: a program's own pack can say more than the common files
	if err := pack.checkTakes(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	slices.SortFunc(pack.Rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return pack, nil
}

func common(file, program string) (*Pack, error) {
	src, err := fs.ReadFile(embedded, file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	part := &Pack{}
	return part, load(file, bytes.ReplaceAll(src, []byte("{program}"), []byte(program)), part)
}

// check errs when a pack lacks what no command can do without.
func (p *Pack) check() error {
	switch {
	case p.Program.Name == "" || p.Program.Name != strings.ToLower(p.Program.Name):
		return fmt.Errorf("program.name must be the executable's name in lower case")
	case p.Instance.Dir == "" || p.Instance.Env == "":
		return fmt.Errorf("instance.dir and instance.env must name the directories of an instance and of its environment")
	}
	return nil
}

// merge adds what another part holds to the pack: lists are put one after the other, entries of maps are merged, and a
// single value of the other part wins when it is set.
func (p *Pack) merge(o *Pack) { merge(reflect.ValueOf(p).Elem(), reflect.ValueOf(o).Elem()) }

func merge(into, from reflect.Value) {
	switch from.Kind() {
	case reflect.Struct:
		for i := range from.NumField() {
			merge(into.Field(i), from.Field(i))
		}
	case reflect.Slice:
		into.Set(reflect.AppendSlice(into, from))
	case reflect.Map:
		if into.IsNil() && from.Len() > 0 {
			into.Set(reflect.MakeMap(into.Type()))
		}
		for _, key := range from.MapKeys() {
			joined := reflect.New(into.Type().Elem()).Elem()
			if have := into.MapIndex(key); have.IsValid() {
				joined.Set(have)
			}
			merge(joined, from.MapIndex(key))
			into.SetMapIndex(key, joined)
		}
	default:
		if !from.IsZero() {
			into.Set(from)
		}
	}
}

// Executable is where the program stands below an instance's directory, with slashes: ".venv/bin/tutor".
func (p *Pack) Executable() string { return p.Instance.Env + "/bin/" + p.Program.Name }

// Rule is the rule of that name.
func (p *Pack) Rule(name string) (Rule, bool) {
	for _, r := range p.Rules {
		if r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}

// Releases is the text of the built-in table of the program's releases, as YAML.
func Releases(name string) ([]byte, error) {
	src, err := fs.ReadFile(embedded, path.Join("packs", name, "releases.yaml"))
	if err != nil {
		return nil, fmt.Errorf("no table of releases is built in under the name %q", name)
	}
	return src, nil
}
