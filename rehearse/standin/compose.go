package standin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
	"mvdan.cc/sh/v3/shell"
)

// composition is the file of docker compose that a call uses.
type composition struct {
	used bool
	file string
	dir  string
}

// service is what the file says of a service, as far as a command in it depends on it, and its image, or where that is built.
func (c composition) service(name string) (_ Container, image string, _ error) {
	names := []string{c.file}
	if c.file == "" {
		names = []string{"docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"}
	}
	var out Container
	for _, file := range names {
		src, err := os.ReadFile(filepath.Join(c.dir, file))
		if err != nil {
			continue
		}
		s, err := c.read(src, name)
		if err != nil {
			return out, "", fmt.Errorf("%s: %w", file, err)
		}
		out.Dir, out.Command, out.Entrypoint = s.WorkingDir, command(s.Command), command(s.Entrypoint)
		var list []string
		var table map[string]string
		if s.Environment.Decode(&list) == nil {
			for _, v := range list {
				out.assign(v)
			}
		} else if s.Environment.Decode(&table) == nil {
			for key, v := range table {
				out.Env = append(out.Env, key+"="+v)
			}
		}
		for _, v := range s.Volumes {
			text, ok := v.(string)
			if !ok {
				continue
			}
			if text != "" && text[0] == '.' {
				source, rest, _ := strings.Cut(text, ":")
				source = filepath.Dir(filepath.Join(c.dir, file)) + "/" + source // links on the way are followed first
				if real, err := filepath.EvalSymlinks(source); err == nil {
					source = real
				}
				text = source + ":" + rest
			}
			if err := out.option("-v", text); err != nil {
				return out, "", err
			}
		}
		return out, s.Image + " " + fmt.Sprint(s.Build), nil
	}
	return out, "", nil
}

// described is what a file says of one service.
type described struct {
	Environment yaml.Node `yaml:"environment"`
	Volumes     []any     `yaml:"volumes"`
	WorkingDir  string    `yaml:"working_dir"`
	Image       string    `yaml:"image"`
	Build       any       `yaml:"build"`
	Command     yaml.Node `yaml:"command"`
	Entrypoint  yaml.Node `yaml:"entrypoint"`
}

// read reads one service of a file, and fills in the variables in it.
func (c composition) read(src []byte, name string) (s described, _ error) {
	var doc struct {
		Services map[string]yaml.Node `yaml:"services"`
	}
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return s, err
	}
	n, ok := doc.Services[name]
	if !ok {
		return s, nil
	}
	fill := filler{variable: c.variables(), done: map[*yaml.Node]bool{}}
	return s, errors.Join(fill.in(&n), n.Decode(&s))
}

// command is a command as a list, or as text that is split as a shell splits it; nil when there is none.
func command(n yaml.Node) []string {
	var list []string
	if n.IsZero() || n.Decode(&list) == nil {
		return list
	}
	words, err := shell.Fields(n.Value, func(name string) string { return "$" + name }) // the file's variables are filled in already
	if err != nil {
		return nil
	}
	return words
}

// variables are those that the file may refer to: the caller's, and before them what .env beside the file sets.
func (c composition) variables() func(string) string {
	set := map[string]string{}
	if src, err := os.ReadFile(filepath.Join(c.dir, ".env")); err == nil {
		for line := range strings.Lines(string(src)) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
				set[name] = strings.Trim(value, `"'`)
			}
		}
	}
	return func(name string) string {
		if value, ok := os.LookupEnv(name); ok {
			return value
		}
		return set[name]
	}
}

// filler puts the values of variables in the place of $NAME and ${NAME:-value} in all values, and $ in that of $$.
type filler struct {
	variable func(string) string
	done     map[*yaml.Node]bool
}

func (f filler) in(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if f.done[n] {
		return nil
	}
	f.done[n] = true
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		if err := f.in(c); err != nil {
			return err
		}
	}
	if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "$") {
		return nil
	}
	parts := strings.Split(n.Value, "$$")
	for i, part := range parts {
		text, err := shell.Expand(strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(part), f.variable)
		if err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		parts[i] = text
	}
	n.Value = strings.Join(parts, "$")
	return nil
}
